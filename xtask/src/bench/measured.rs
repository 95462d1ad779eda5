//! What was measured of a scenario, all rounds together.

use super::plan::{OURS, Row, Scenario};
use super::rounds::Rounds;
use super::select::Selected;

/// A scenario's rows, and the rounds that measured them.
pub(super) struct Measured<'a> {
    pub(super) selected: Selected<'a>,
    pub(super) rounds: Rounds,
}

impl<'a> Measured<'a> {
    /// The scenario itself.
    pub(super) fn scenario(&self) -> &'a Scenario {
        self.selected.scenario
    }

    /// What `contender` took in `row`.
    pub(super) fn value(&self, row: &str, contender: &str) -> Option<f64> {
        self.rounds.value(&self.id(row, contender))
    }

    /// The processor time that `contender` took in `row`.
    pub(super) fn cpu(&self, row: &str, contender: &str) -> Option<f64> {
        self.rounds.cpu(&self.id(row, contender))
    }

    /// What we took in `row`, in terms of what `contender` took in `of`.
    pub(super) fn ratio(&self, row: &str, (of, contender): (&str, &str)) -> Option<f64> {
        self.rounds.ratio(&self.id(row, OURS), &self.id(of, contender))
    }

    /// How many rounds measured us in `row`.
    pub(super) fn rounds(&self, row: &str) -> usize {
        let id = self.id(row, OURS);
        self.rounds.0.iter().filter(|round| round.value(&id).is_some()).count()
    }

    /// The contenders of `row` that have a value, the least first.
    pub(super) fn ranking(&self, row: &'a Row) -> Vec<(&'a str, f64)> {
        let contenders = row.contenders.iter().map(String::as_str);
        let mut ranking: Vec<_> = contenders
            .filter_map(|contender| Some((contender, self.value(&row.name, contender)?)))
            .collect();
        ranking.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        ranking
    }

    /// Why `row` was skipped, if no round could measure it.
    pub(super) fn skipped(&self, row: &'a Row) -> Option<&str> {
        let reason = self.rounds.skipped(&self.scenario().path(row));
        reason.filter(|_| self.ranking(row).is_empty())
    }

    fn id(&self, row: &str, contender: &str) -> String {
        format!("{}/{row}/{contender}", self.scenario().name)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bench::plan::Plan;
    use crate::bench::rounds::Round;
    use crate::bench::select::select;

    impl Measured<'_> {
        /// The first scenario of `plan`, as these rounds measured it.
        pub(in crate::bench) fn of(plan: &Plan, rounds: Vec<Round>) -> Measured<'_> {
            let selected = select(plan, None).unwrap().swap_remove(0);
            Measured { selected, rounds: Rounds(rounds) }
        }
    }

    #[test]
    fn row_that_some_round_measured_is_not_skipped() {
        let plan = crate::bench::plan::tests::sample();
        let row = &plan.scenarios[0].rows[0];
        let skipped = || Round::of(&[], &[("handoff/one_core", "refused")]);
        let measured = || {
            Round::of(&[("handoff/one_core/rsevents", 2.0), ("handoff/one_core/futex", 1.0)], &[])
        };
        assert_eq!(Measured::of(&plan, vec![skipped()]).skipped(row), Some("refused"));

        let both = Measured::of(&plan, vec![skipped(), measured()]);
        assert_eq!(both.skipped(row), None);
        assert_eq!(both.rounds("one_core"), 1);
        assert_eq!(both.ranking(row), [("futex", 1.0), ("rsevents", 2.0)]);
    }
}
