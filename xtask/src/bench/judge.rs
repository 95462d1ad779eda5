//! Which targets are met.

use report::bench::{OURS, Target};

use super::plan::{Plan, Selected};
use super::rounds::Rounds;

/// What became of a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    Met,
    Missed,
    /// Something that it takes to tell was not measured. Proves nothing.
    Skipped,
}

impl Verdict {
    /// The verdict on what `is_met` or not.
    pub(super) fn of(is_met: bool) -> Self {
        if is_met { Self::Met } else { Self::Missed }
    }
}

/// A target, and what is farthest from it.
pub(super) struct Judged<'a> {
    pub(super) target: &'a Target,
    pub(super) verdict: Verdict,
    /// The largest of several ratios, and what it is of; or a value.
    pub(super) worst: Option<(f64, Option<&'a str>)>,
    /// From how many rounds that is.
    pub(super) rounds: usize,
}

/// Judges the targets of the rows that were selected.
pub(super) fn targets<'a>(
    plan: &'a Plan,
    selection: &[Selected<'_>],
    rounds: &Rounds,
) -> Vec<Judged<'a>> {
    let rows = selection.iter().flat_map(|(_, rows)| rows);
    let targets =
        rows.flat_map(|row| plan.catalog.targets.iter().filter(|target| target.row == row.id));
    targets.map(|target| judge(target, rounds)).collect()
}

/// The rows that miss a target.
pub(super) fn missed<'a>(plan: &'a Plan, judged: &[Judged<'_>]) -> Vec<Selected<'a>> {
    let missed: Vec<_> = judged.iter().filter(|one| one.verdict == Verdict::Missed).collect();
    plan.rows(|row| missed.iter().any(|one| one.target.row == row.id))
}

fn judge<'a>(target: &'a Target, rounds: &Rounds) -> Judged<'a> {
    let Target { row, at_most, compared, .. } = target;
    let values: Vec<Option<(f64, Option<&str>)>> = if compared.is_empty() {
        let value = rounds.value(&format!("{row}/{OURS}"));
        vec![value.map(|value| (value, None))]
    } else {
        let ratio = |id: &'a String| Some((rounds.ratio(row, id)?, Some(id.as_str())));
        compared.iter().map(ratio).collect()
    };
    let is_whole = values.iter().all(Option::is_some);
    // Nothing divided by nothing is no number, and meets nothing.
    let misses = |value: f64| value.is_nan() || value > *at_most;
    let is_missed = values.iter().flatten().any(|(value, _)| misses(*value));
    let worst = values.into_iter().flatten().max_by(|(a, _), (b, _)| a.total_cmp(b));
    let verdict = match worst {
        // Whatever the rest would show.
        Some(_) if is_missed => Verdict::Missed,
        Some(_) if is_whole => Verdict::Met,
        _ => Verdict::Skipped,
    };
    Judged { target, verdict, worst, rounds: rounds.number(row) }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Met, Missed, Skipped};
    use super::*;
    use crate::bench::plan::tests::sample;
    use crate::bench::rounds::Round;

    /// What the targets of the sample are judged by.
    fn round(one_core: [f64; 2], two_cores: [f64; 2], size: f64) -> Round {
        let values = [
            ("handoff/one_core/rsevents", one_core[0]),
            ("handoff/one_core/futex", one_core[1]),
            ("handoff/two_cores/rsevents", two_cores[0]),
            ("handoff/two_cores/rsevents-0.3.1", two_cores[1]),
            ("uncontended/size/rsevents", size),
        ];
        Round::of(&values)
    }

    fn verdicts(rounds: Vec<Round>) -> Vec<Verdict> {
        let plan = sample();
        let judged = targets(&plan, &plan.select(None).unwrap(), &Rounds(rounds));
        judged.into_iter().map(|judged| judged.verdict).collect()
    }

    #[test]
    fn limit_itself_is_met() {
        for (one_core, two_cores, size, expected) in [
            ([3.0, 2.0], [1.0, 2.0], 1.0, [Met, Met, Met]),
            ([3.1, 2.0], [1.0, 2.0], 1.0, [Missed, Met, Met]),
            ([3.0, 2.0], [1.1, 2.0], 1.0, [Met, Missed, Met]),
            ([3.0, 2.0], [1.1, 4.0], 1.0, [Met, Missed, Met]),
            ([3.0, 2.0], [1.0, 2.0], 1.1, [Met, Met, Missed]),
            // A ratio of nothing is missed.
            ([0.0, 0.0], [0.0, 2.0], 0.0, [Missed, Missed, Met]),
        ] {
            assert_eq!(verdicts(vec![round(one_core, two_cores, size)]), expected, "{one_core:?}");
        }
    }

    #[test]
    fn every_contender_counts_and_the_worst_is_shown() {
        let plan = sample();
        let rounds = Rounds(vec![round([3.0, 2.0], [1.1, 4.0], 1.0)]);
        let judged = targets(&plan, &plan.select(None).unwrap(), &rounds);
        assert_eq!(judged[1].worst, Some((1.1 / 2.0, Some("handoff/one_core/futex"))));
        let missed = missed(&plan, &judged);
        assert_eq!(missed.len(), 1);
        assert_eq!(missed[0].1[0].id, "handoff/two_cores");
    }

    #[test]
    fn median_of_rounds_decides() {
        let good = || round([3.0, 2.0], [1.0, 2.0], 1.0);
        let bad = || round([9.0, 2.0], [1.0, 2.0], 1.0);
        assert_eq!(verdicts(vec![bad(), good(), good()])[0], Met);
        assert_eq!(verdicts(vec![bad(), good(), bad()])[0], Missed);
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        let verdicts = |ours| {
            let values =
                [("handoff/two_cores/rsevents", ours), ("handoff/two_cores/rsevents-0.3.1", 2.0)];
            verdicts(vec![Round::of(&values)])
        };
        assert_eq!(verdicts(1.0), [Skipped, Skipped, Skipped]);
        assert_eq!(verdicts(1.1), [Skipped, Missed, Skipped]);
    }
}
