//! The tables of a report, in Markdown.

use comfy_table::presets::ASCII_MARKDOWN;
use report::bench::{OURS, Row};

use super::instructions::{BEFORE, Counted};
use super::judge::{Judged, Verdict};
use super::summary::{Line, Outcome};
use super::{Findings, format};
use crate::display;

/// Stands where there is nothing to show.
const NOTHING: &str = "–";

/// A table in Markdown.
fn markdown(titles: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = display::table(titles.iter().copied());
    for row in rows {
        table.add_row(row.into_iter().map(|cell| cell.replace('|', "\\|")));
    }
    table.load_style(ASCII_MARKDOWN).to_string()
}

/// Footnotes: what contenders lack.
#[derive(Default)]
pub(super) struct Notes(pub(super) Vec<String>);

impl Notes {
    /// Their numbers, from 1. A text that is known keeps its number.
    fn mark(&mut self, texts: &[String]) -> String {
        let mut number = |text: &String| {
            if !self.0.contains(text) {
                self.0.push(text.clone());
            }
            self.0.iter().take_while(|known| *known != text).count() + 1
        };
        texts.iter().map(|text| number(text).to_string()).collect::<Vec<_>>().join(", ")
    }
}

/// All contenders.
pub(super) fn contenders(findings: &Findings<'_>) -> String {
    let mut table = Vec::new();
    for contender in &findings.plan.catalog.contenders {
        let name = contender.dependency.as_ref();
        let found = name.and_then(|name| findings.setting.versions.get(name));
        let (package, version) = found.cloned().unwrap_or((NOTHING.to_owned(), NOTHING.to_owned()));
        table.push(vec![contender.id.clone(), contender.label.clone(), package, version]);
    }
    markdown(&["id", "contender", "crate", "version"], table)
}

/// All targets, and what became of them. Contenders have their ids here.
pub(super) fn targets(findings: &Findings<'_>) -> String {
    let mut table = Vec::new();
    for Judged { target, verdict, worst, rounds } in &findings.judged {
        let row = findings.plan.catalog.row(&target.row).expect("a target has a row");
        let limit = match &*target.of.join(", ") {
            "" => format!("≤ {}", format::value(row.unit, target.at_most)),
            "*" => format!("≤ {} × every other", target.at_most),
            of => format!("≤ {} × {of}", target.at_most),
        };
        let measured = worst.map_or(NOTHING.to_owned(), |(value, of)| match of {
            None => format::value(row.unit, value),
            Some(id) => format!("{} × {id}", format::significant(value)),
        });
        table.push(vec![row.id.clone(), limit, measured, rounds.to_string(), result(*verdict)]);
    }
    markdown(&["row", "target", "measured", "rounds", "result"], table)
}

/// Every contender of a row, the least first.
pub(super) fn row(findings: &Findings<'_>, row: &Row, notes: &mut Notes) -> String {
    let mut table = Vec::new();
    for (contender, value) in findings.rounds.ranking(row) {
        let id = format!("{}/{contender}", row.id);
        let label = &findings.plan.contender(contender).label;
        // There is no ratio to nothing.
        let is_shown = |ratio: &f64| contender != OURS && ratio.is_finite();
        let ratio = findings.rounds.ratio(&row.id, &id).filter(is_shown);
        let entry = row.contenders.iter().find(|entry| entry.id == contender);
        table.push(vec![
            if contender == OURS { format!("**{label}**") } else { label.clone() },
            format::value(row.unit, value),
            findings.rounds.cpu(&id).map_or(NOTHING.to_owned(), format::time),
            ratio.map_or(NOTHING.to_owned(), format::significant),
            notes.mark(entry.map_or(&[], |entry| &entry.notes)),
        ]);
    }
    markdown(&["contender", "median", "CPU", "rsevents / contender", "note"], table)
}

/// Which of the others a row shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Others {
    All,
    Fastest,
}

/// Rows of the summary. `shown`: which of the others.
pub(super) fn summary(findings: &Findings<'_>, lines: &[Line<'_>], shown: Others) -> String {
    let (title, most) = match shown {
        Others::All => ("others", usize::MAX),
        Others::Fastest => ("fastest other", 1),
    };
    let mut table = Vec::new();
    for Line { row, others, ratio, outcome, .. } in lines {
        let ours = findings.rounds.value(&format!("{}/{OURS}", row.id));
        let other = |(contender, value): &(&str, f64)| {
            let label = &findings.plan.contender(contender).label;
            format!("{label} {}", format::value(row.unit, *value))
        };
        let outcome = match outcome {
            None => NOTHING,
            Some(Outcome::Won) => "won",
            Some(Outcome::Equal) => "equal",
            Some(Outcome::Lost) => "**lost**",
        };
        table.push(vec![
            format!("{} (`{}`)", row.title, row.id),
            ours.map_or(NOTHING.to_owned(), |value| format::value(row.unit, value)),
            others.iter().take(most).map(other).collect::<Vec<_>>().join(", "),
            ratio.map_or(NOTHING.to_owned(), format::significant),
            outcome.to_owned(),
        ]);
    }
    markdown(&["row", "rsevents", title, "ratio", "result"], table)
}

/// Instructions of an iteration.
pub(super) fn instructions(findings: &Findings<'_>, counted: &[Counted<'_>]) -> String {
    let label = &findings.plan.contender(BEFORE).label;
    let mut table = Vec::new();
    for one @ Counted { row, ours, before } in counted {
        let before = before.map_or(NOTHING.to_owned(), |before| before.to_string());
        let verdict = one.verdict().map_or(NOTHING.to_owned(), result);
        table.push(vec![row.id.clone(), ours.to_string(), before, verdict]);
    }
    markdown(&["row", "rsevents", label, "result"], table)
}

/// What is not as it should be stands out.
fn result(verdict: Verdict) -> String {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "**missed**",
        Verdict::Skipped => "**skipped**",
    }
    .to_owned()
}
