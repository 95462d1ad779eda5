//! What rounds measured. A round is one run of the rows of a scenario.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use report::Report;
use report::bench::{Measured, OURS, Row, median};

/// What one round measured.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// In the unit of the row, by scenario/row/contender.
    pub(super) values: BTreeMap<String, f64>,
    /// Processor time in ns per iteration, by the same.
    pub(super) cpu: BTreeMap<String, f64>,
    /// Why rows could not be measured, by scenario/row.
    pub(super) skipped: BTreeMap<String, String>,
}

impl Round {
    /// What the program reported of one round. Each of `rows` has to be there, or skipped. Others
    /// are ignored.
    pub(super) fn new(reports: Vec<Report>, rows: &[&Row]) -> Result<Self> {
        let mut round = Self::default();
        let is_wanted = |id: &str| rows.iter().any(|row| row.id == id);
        for report in reports {
            match report {
                Report::Measured(Measured { row, contender, value, cpu }) if is_wanted(&row) => {
                    let id = format!("{row}/{contender}");
                    round.cpu.extend(cpu.map(|cpu| (id.clone(), cpu)));
                    round.values.insert(id, value);
                }
                Report::Skipped { row, reason } if is_wanted(&row) => {
                    round.skipped.insert(row, reason);
                }
                _ => {}
            }
        }
        round.check(rows)?;
        Ok(round)
    }

    fn check(&self, rows: &[&Row]) -> Result<()> {
        for (id, value) in self.values.iter().chain(&self.cpu) {
            ensure!(value.is_finite() && *value >= 0.0, "{id} cannot be {value}");
        }
        for row in rows.iter().filter(|row| !self.skipped.contains_key(&row.id)) {
            for contender in &row.contenders {
                let id = format!("{}/{}", row.id, contender.id);
                ensure!(self.values.contains_key(&id), "{id} was neither measured nor skipped");
            }
        }
        Ok(())
    }
}

/// All rounds of all scenarios.
#[derive(Debug, Default)]
pub(super) struct Rounds(pub(super) Vec<Round>);

impl Rounds {
    /// The median of what rounds measured of `id`.
    pub(super) fn value(&self, id: &str) -> Option<f64> {
        median(self.0.iter().filter_map(|round| round.values.get(id).copied()))
    }

    /// The median of the processor time that `id` took.
    pub(super) fn cpu(&self, id: &str) -> Option<f64> {
        median(self.0.iter().filter_map(|round| round.cpu.get(id).copied()))
    }

    /// What ours takes in `row`, divided by what `id` takes: the median of the ratios within a round. They
    /// are measured one after the other there: what slows the machine for longer slows both.
    pub(super) fn ratio(&self, row: &str, id: &str) -> Option<f64> {
        let ours = format!("{row}/{OURS}");
        let ratio = |round: &Round| Some(round.values.get(&ours)? / round.values.get(id)?);
        median(self.0.iter().filter_map(ratio))
    }

    /// How many rounds measured ours in `row`.
    pub(super) fn number(&self, row: &str) -> usize {
        let ours = format!("{row}/{OURS}");
        self.0.iter().filter(|round| round.values.contains_key(&ours)).count()
    }

    /// The contenders of `row` that have a value, the least first.
    pub(super) fn ranking<'a>(&self, row: &'a Row) -> Vec<(&'a str, f64)> {
        let value = |id: &str| self.value(&format!("{}/{id}", row.id));
        let contenders = row.contenders.iter().map(|entry| entry.id.as_str());
        let mut ranking: Vec<_> = contenders.filter_map(|id| Some((id, value(id)?))).collect();
        ranking.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        ranking
    }

    /// Why `row` was skipped, if no round could measure it.
    pub(super) fn skipped(&self, row: &Row) -> Option<&str> {
        let reason = self.0.iter().find_map(|round| round.skipped.get(&row.id))?;
        self.ranking(row).is_empty().then_some(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::tests::sample;

    impl Round {
        /// A round that measured this.
        pub(in crate::bench) fn of(values: &[(&str, f64)]) -> Self {
            let values = values.iter().map(|(id, value)| (id.to_string(), *value)).collect();
            Self { values, ..Self::default() }
        }
    }

    const ALL: [(&str, f64); 5] = [
        ("handoff/one_core/rsevents", 1.0),
        ("handoff/one_core/futex", 2.0),
        ("handoff/two_cores/rsevents", 3.0),
        ("handoff/two_cores/rsevents-0.3.1", 4.0),
        ("handoff/two_cores/futex", 5.0),
    ];

    /// A round of the first scenario in which this was measured, and `skipped` was not.
    fn round(measured: &[(&str, f64)], skipped: &[&str]) -> Result<Round> {
        let plan = sample();
        let rows: Vec<&Row> = plan.catalog.scenarios[0].rows.iter().collect();
        let measured = measured.iter().map(|&(id, value)| {
            let (row, contender) = id.rsplit_once('/').unwrap();
            let (row, contender) = (row.to_owned(), contender.to_owned());
            Report::Measured(Measured { row, contender, value, cpu: None })
        });
        let skipped = skipped.iter().map(|row| {
            let reason = "refused".to_owned();
            Report::Skipped { row: row.to_string(), reason }
        });
        Round::new(measured.chain(skipped).collect(), &rows)
    }

    #[test]
    fn every_contender_is_measured_or_the_row_skipped() {
        let others = [&ALL[..], &[("scale/size/rsevents", 1.0)]].concat();
        assert_eq!(round(&others, &["scale/million"]).unwrap().values.len(), ALL.len());
        assert!(round(&ALL[..2], &["handoff/two_cores"]).is_ok());
        let error = round(&ALL[..4], &["handoff/one_core"]).unwrap_err().to_string();
        assert_eq!(error, "handoff/two_cores/futex was neither measured nor skipped");
        for impossible in [-1.0, f64::NAN] {
            assert!(round(&[&ALL[..4], &[(ALL[4].0, impossible)]].concat(), &[]).is_err());
        }
    }

    #[test]
    fn ratio_is_taken_within_rounds() {
        // A machine that is ten times slower in the second round.
        let round = |ours, other| Round::of(&[("a/b/rsevents", ours), ("a/b/other", other)]);
        let rounds = Rounds(vec![round(1.0, 2.0), round(10.0, 20.0), round(3.0, 4.0)]);
        assert_eq!(rounds.ratio("a/b", "a/b/other"), Some(0.5));
        assert_eq!(rounds.value("a/b/rsevents"), Some(3.0));
        assert_eq!(rounds.ratio("a/b", "a/b/third"), None);
        assert_eq!(rounds.number("a/b"), 3);
    }

    #[test]
    fn row_that_some_round_measured_is_not_skipped() {
        let plan = sample();
        let row = &plan.catalog.scenarios[0].rows[0];
        let mut rounds = Rounds(vec![round(&ALL[2..], &["handoff/one_core"]).unwrap()]);
        assert_eq!(rounds.skipped(row), Some("refused"));
        rounds.0.push(round(&ALL, &[]).unwrap());
        assert_eq!(rounds.skipped(row), None);
        assert_eq!(rounds.ranking(row), [("rsevents", 1.0), ("futex", 2.0)]);
    }
}
