//! Which lines are crossed.

use super::measured::Measured;
use super::plan::{Line, OURS, Row, Scenario};

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    Crossed,
    Missed,
    /// Something that it takes to tell was not measured. Proves nothing.
    Skipped,
}

impl Verdict {
    /// The verdict on whether something `is_crossed`.
    pub(super) fn of(is_crossed: bool) -> Self {
        if is_crossed { Self::Crossed } else { Self::Missed }
    }

    /// In a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Crossed => "crossed",
            Self::Missed => "missed",
            Self::Skipped => "skipped",
        }
    }
}

/// A line, and what is farthest from crossing it.
pub(super) struct Judged<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) row: &'a Row,
    pub(super) line: &'a Line,
    pub(super) verdict: Verdict,
    pub(super) worst: Option<Worst<'a>>,
    /// From how many rounds that is.
    pub(super) rounds: usize,
}

/// A value, or the largest of several ratios.
#[derive(Debug, PartialEq)]
pub(super) struct Worst<'a> {
    pub(super) value: f64,
    /// The row and the contender that a ratio is of.
    pub(super) of: Option<(&'a str, &'a str)>,
}

/// Judges all lines of the rows that were selected.
pub(super) fn lines<'a>(measured: &Measured<'a>) -> Vec<Judged<'a>> {
    let mut judged = Vec::new();
    for &row in &measured.selected.rows {
        for line in &row.lines {
            let (verdict, worst) = judge(measured, row, line);
            let rounds = measured.rounds(&row.name);
            let scenario = measured.scenario();
            judged.push(Judged { scenario, row, line, verdict, worst, rounds });
        }
    }
    judged
}

/// The names of the rows that miss a line.
pub(super) fn missed_rows(measured: &Measured<'_>) -> Vec<String> {
    let mut judged = lines(measured);
    judged.retain(|judged| judged.verdict == Verdict::Missed);
    judged.into_iter().map(|judged| judged.row.name.clone()).collect()
}

fn judge<'a>(
    measured: &Measured<'a>,
    row: &'a Row,
    line: &'a Line,
) -> (Verdict, Option<Worst<'a>>) {
    let (limit, values): (f64, Vec<Option<Worst<'a>>>) = match *line {
        Line::Value { at_most_value } => {
            let value = measured.value(&row.name, OURS);
            (at_most_value, vec![value.map(|value| Worst { value, of: None })])
        }
        Line::Ratio { at_most, .. } => {
            let ratio = |of| Some(Worst { value: measured.ratio(&row.name, of)?, of: Some(of) });
            (at_most, row.compared(line).into_iter().map(ratio).collect())
        }
    };
    let is_whole = values.iter().all(Option::is_some);
    // Nothing in terms of nothing is no number, and crosses nothing.
    let misses = |worst: &Worst<'_>| worst.value.is_nan() || worst.value > limit;
    let is_missed = values.iter().flatten().any(misses);
    let worst = values.into_iter().flatten().max_by(|a, b| a.value.total_cmp(&b.value));
    // What one of them misses is missed, whatever the rest would show.
    let verdict = match worst {
        Some(_) if is_missed => Verdict::Missed,
        Some(_) if is_whole => Verdict::Crossed,
        _ => Verdict::Skipped,
    };
    (verdict, worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::Plan;
    use crate::bench::plan::tests::{SAMPLE, sample};
    use crate::bench::rounds::Round;

    /// One core with a line of 1.5 times a futex; two cores with one of half of 0.3.1, and half of
    /// a futex on one core.
    fn round(one_core: [f64; 2], two_cores: [f64; 2]) -> Round {
        let values = [
            ("handoff/one_core/rsevents", one_core[0]),
            ("handoff/one_core/futex", one_core[1]),
            ("handoff/two_cores/rsevents", two_cores[0]),
            ("handoff/two_cores/rsevents-0.3.1", two_cores[1]),
        ];
        Round::of(&values, &[])
    }

    fn verdicts(rounds: Vec<Round>) -> Vec<Verdict> {
        let plan = sample();
        let judged = lines(&Measured::of(&plan, rounds));
        judged.into_iter().map(|judged| judged.verdict).collect()
    }

    use Verdict::{Crossed, Missed, Skipped};

    #[test]
    fn line_itself_is_crossed() {
        assert_eq!(verdicts(vec![round([3.0, 2.0], [1.0, 2.0])]), [Crossed, Crossed]);
        assert_eq!(verdicts(vec![round([3.1, 2.0], [1.0, 2.0])]), [Missed, Crossed]);
    }

    #[test]
    fn every_contender_counts_and_the_worst_is_shown() {
        let plan = sample();
        let measured = Measured::of(&plan, vec![round([3.0, 2.0], [1.1, 4.0])]);
        let judged = lines(&measured);
        assert_eq!(judged[1].verdict, Missed);
        let worst = judged[1].worst.as_ref().unwrap();
        assert_eq!((worst.value, worst.of), (1.1 / 2.0, Some(("one_core", "futex"))));
        assert_eq!(missed_rows(&measured), ["two_cores"]);
    }

    #[test]
    fn median_of_rounds_decides() {
        let (good, bad) = (|| round([3.0, 2.0], [1.0, 2.0]), || round([9.0, 2.0], [1.0, 2.0]));
        assert_eq!(verdicts(vec![bad(), good(), good()])[0], Crossed);
        assert_eq!(verdicts(vec![bad(), good(), bad()])[0], Missed);
    }

    #[test]
    fn what_was_not_measured_is_not_crossed() {
        let ours = |value| ("handoff/two_cores/rsevents", value);
        let theirs = ("handoff/two_cores/rsevents-0.3.1", 2.0);
        let skipped = [("handoff/one_core", "refused")];
        let verdicts = |value| verdicts(vec![Round::of(&[ours(value), theirs], &skipped)]);
        assert_eq!(verdicts(1.0), [Skipped, Skipped]);
        assert_eq!(verdicts(1.1), [Skipped, Missed]);
    }

    #[test]
    fn ratio_of_nothing_is_missed() {
        assert_eq!(verdicts(vec![round([0.0, 0.0], [1.0, 2.0])])[0], Missed);
    }

    #[test]
    fn values_have_lines_too() {
        let text = SAMPLE.replacen("at_most = 1.5, of = \"all\"", "at_most_value = 50.0", 1);
        let plan = Plan::parse(&text).unwrap();
        let verdict = |value| {
            let rounds = vec![round([value, 1.0], [1.0, 2.0])];
            lines(&Measured::of(&plan, rounds))[0].verdict
        };
        assert_eq!(verdict(50.0), Crossed);
        assert_eq!(verdict(50.1), Missed);
    }
}
