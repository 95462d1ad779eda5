//! The tables that are made of measurements.

use std::collections::BTreeMap;

use super::Findings;
use super::instructions::{BEFORE, Counted};
use super::judge::{Judged, Verdict, Worst};
use super::measured::Measured;
use super::notes::Notes;
use super::plan::{Line, OURS, Of, Plan, Row};
use super::sheet::Sheet;
use super::units::{significant, time};

/// Stands where there is nothing to show.
const NOTHING: &str = "–";

/// Who was measured.
pub(super) fn contenders(plan: &Plan, versions: &BTreeMap<&str, String>) -> Sheet {
    let mut sheet = Sheet::new(["id", "contender", "crate", "version"]);
    for (id, contender) in &plan.contenders {
        let from = contender.from.as_deref().map(|spec| spec.split('@').next().unwrap_or(spec));
        let version = versions.get(id.as_str()).map(String::as_str);
        let cells = [id, &contender.label, from.unwrap_or(NOTHING), version.unwrap_or(NOTHING)];
        sheet.push(cells.map(str::to_owned));
    }
    sheet
}

/// All lines, and what became of them.
pub(super) fn lines(plan: &Plan, judged: &[Judged<'_>]) -> Sheet {
    let titles = ["scenario", "row", "line", ">measured", ">rounds", "result"];
    let mut sheet = Sheet::new(titles);
    for judged in judged {
        let Judged { scenario, row, line, verdict, worst, rounds } = judged;
        sheet.push([
            scenario.name.clone(),
            row.name.clone(),
            limit(plan, row, line),
            worst.as_ref().map_or(NOTHING.to_owned(), |worst| measure(plan, row, worst)),
            rounds.to_string(),
            result(*verdict),
        ]);
    }
    sheet
}

/// Every contender of a row, the least first.
pub(super) fn row<'a>(
    plan: &Plan,
    measured: &Measured<'a>,
    row: &'a Row,
    notes: &mut Notes,
) -> Sheet {
    let ranking = measured.ranking(row);
    let has_cpu = ranking.iter().any(|(name, _)| measured.cpu(&row.name, name).is_some());
    let has_notes = ranking.iter().any(|(name, _)| !notes.mark(plan, row, name).is_empty());
    let titles = [
        Some("contender"),
        Some(">median"),
        has_cpu.then_some(">CPU"),
        Some(">rsevents / contender"),
    ];
    let mut sheet = Sheet::new(titles.into_iter().flatten().chain(has_notes.then_some("note")));
    for (name, value) in ranking {
        let label = plan.label(name);
        let cpu = measured.cpu(&row.name, name).map_or(NOTHING.to_owned(), time);
        let ratio = measured.ratio(&row.name, (&row.name, name)).filter(|_| name != OURS);
        let cells = [
            Some(if name == OURS { format!("**{label}**") } else { label.to_owned() }),
            Some(row.unit.show(value)),
            has_cpu.then_some(cpu),
            Some(ratio.map_or(NOTHING.to_owned(), significant)),
            has_notes.then(|| notes.mark(plan, row, name)),
        ];
        sheet.push(cells.into_iter().flatten());
    }
    sheet
}

/// Instructions per round.
pub(super) fn instructions(plan: &Plan, counted: &[Counted<'_>]) -> Sheet {
    let before = format!(">{}", plan.label(BEFORE));
    let mut sheet = Sheet::new(["row", ">rsevents", &before, ">line", "result"]);
    let number = |number: Option<u64>| number.map_or(NOTHING.to_owned(), |one| one.to_string());
    for one in counted {
        sheet.push([
            one.row.name.clone(),
            one.ours.to_string(),
            number(one.before),
            one.line().map_or(NOTHING.to_owned(), |line| format!("≤ {line}")),
            one.verdict().map_or(NOTHING.to_owned(), result),
        ]);
    }
    sheet
}

/// A row per line, and per row without one.
pub(super) fn summary(findings: &Findings<'_>) -> Sheet {
    let plan = findings.plan;
    let mut sheet = Sheet::new(["row", ">rsevents", ">worst ratio", "line", "result"]);
    for measured in &findings.measured {
        for &row in &measured.selected.rows {
            let path = measured.scenario().path(row);
            let value = measured.value(&row.name, OURS);
            let value = value.map_or(NOTHING.to_owned(), |value| row.unit.show(value));
            let of_row = || findings.judged.iter().filter(|judged| std::ptr::eq(judged.row, row));
            for judged in of_row() {
                let ratio = judged.worst.as_ref().filter(|worst| worst.of.is_some());
                let ratio = ratio.map(|worst| measure(plan, row, worst));
                let ratio = ratio.or_else(|| worst_of_row(plan, measured, row));
                let ratio = ratio.unwrap_or(NOTHING.to_owned());
                let verdict = judged.verdict.word().to_owned();
                sheet.push([
                    path.clone(),
                    value.clone(),
                    ratio,
                    limit(plan, row, judged.line),
                    verdict,
                ]);
            }
            if of_row().next().is_none() {
                let ratio = worst_of_row(plan, measured, row).unwrap_or(NOTHING.to_owned());
                let result = if measured.skipped(row).is_some() { "skipped" } else { NOTHING };
                sheet.push([path, value, ratio, NOTHING.to_owned(), result.to_owned()]);
            }
        }
    }
    sheet
}

/// The largest ratio to another contender of the row.
fn worst_of_row(plan: &Plan, measured: &Measured<'_>, row: &Row) -> Option<String> {
    let others = row.contenders.iter().filter(|name| *name != OURS);
    let worst = others
        .filter_map(|name| Some((name, measured.ratio(&row.name, (&row.name, name))?)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    worst.map(|(name, value)| measure(plan, row, &Worst { value, of: Some((&row.name, name)) }))
}

/// `≤ 0.05 × rsevents 0.3.1, bare futex`
fn limit(plan: &Plan, row: &Row, line: &Line) -> String {
    match line {
        Line::Value { at_most_value } => format!("≤ {}", row.unit.show(*at_most_value)),
        Line::Ratio { at_most, of: Of::Everyone(_) } => {
            format!("≤ {at_most} × every other")
        }
        Line::Ratio { at_most, of: Of::These(_) } => {
            let compared = row.compared(line).into_iter();
            let others: Vec<String> = compared.map(|of| other(plan, row, of)).collect();
            format!("≤ {at_most} × {}", others.join(", "))
        }
    }
}

/// `0.0312 × bare futex`
fn measure(plan: &Plan, row: &Row, worst: &Worst<'_>) -> String {
    match worst.of {
        None => row.unit.show(worst.value),
        Some(of) => format!("{} × {}", significant(worst.value), other(plan, row, of)),
    }
}

/// A contender, and where it stands if that is elsewhere.
fn other(plan: &Plan, row: &Row, (of, contender): (&str, &str)) -> String {
    let label = plan.label(contender);
    if of == row.name { label.to_owned() } else { format!("{label} in {of}") }
}

/// What is not as it should be stands out.
fn result(verdict: Verdict) -> String {
    match verdict {
        Verdict::Crossed => verdict.word().to_owned(),
        Verdict::Missed | Verdict::Skipped => format!("**{}**", verdict.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::judge;
    use crate::bench::plan::tests::sample;
    use crate::bench::rounds::Round;

    fn round() -> Round {
        let mut round = Round::of(
            &[
                ("handoff/one_core/rsevents", 30.0),
                ("handoff/one_core/futex", 20.0),
                ("handoff/two_cores/rsevents", 1000.0),
                ("handoff/two_cores/rsevents-0.3.1", 4000.0),
                ("handoff/two_cores/futex", 800.0),
            ],
            &[],
        );
        round.cpu.insert("handoff/two_cores/futex".to_owned(), 950.0);
        round
    }

    #[test]
    fn row_has_the_columns_that_it_needs() {
        let plan = sample();
        let measured = Measured::of(&plan, vec![round()]);
        let rows = &plan.scenarios[0].rows;
        let table =
            |index: usize| row(&plan, &measured, &rows[index], &mut Notes::default()).markdown();
        let expected = "\
| contender    |  median | rsevents / contender |
|--------------|--------:|---------------------:|
| bare futex   | 20.0 ns |                 1.50 |
| **rsevents** | 30.0 ns |                    – |
";
        assert_eq!(table(0), expected);
        let expected = "\
| contender      |  median |    CPU | rsevents / contender | note |
|----------------|--------:|-------:|---------------------:|------|
| bare futex     |  800 ns | 950 ns |                 1.25 | 1    |
| **rsevents**   | 1.00 µs |      – |                    – |      |
| rsevents 0.3.1 | 4.00 µs |      – |                0.250 | 2    |
";
        assert_eq!(table(1), expected);
    }

    #[test]
    fn lines_tell_what_is_farthest() {
        let plan = sample();
        let judged = judge::lines(&Measured::of(&plan, vec![round()]));
        let expected = "\
| scenario | row       | line                                             |                    measured | rounds | result     |
|----------|-----------|--------------------------------------------------|----------------------------:|-------:|------------|
| handoff  | one_core  | ≤ 1.5 × every other                             |           1.50 × bare futex |      1 | crossed    |
| handoff  | two_cores | ≤ 0.5 × rsevents 0.3.1, bare futex in one_core | 50.0 × bare futex in one_core |      1 | **missed** |
";
        let table = lines(&plan, &judged).markdown();
        let squeeze = |text: &str| text.split_whitespace().collect::<String>().replace('-', "");
        assert_eq!(squeeze(&table), squeeze(expected));
    }

    #[test]
    fn instructions_have_lines() {
        let plan = sample();
        let row = plan.scenarios[1].row("set").unwrap();
        let table = |ours, before| instructions(&plan, &[Counted { row, ours, before }]).markdown();
        let missed = table(12, Some(10));
        assert!(
            missed.contains("| set |       12 |             10 | ≤ 11 | **missed** |"),
            "{missed}"
        );
        let new = table(12, None);
        assert!(new.contains("| set |       12 |              – |    – | –      |"), "{new}");
    }
}
