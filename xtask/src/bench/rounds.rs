//! What rounds measured. A round is one run of the rows of a scenario.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use cargo_metadata::camino::Utf8Path;
use report::Report;
use report::bench::{Measured, Row};
use serde_json::Value;
use walkdir::WalkDir;

use super::plan::OURS;

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
    /// Reads criterion's estimates below `dir`, and what the program reported beside them. Each of `rows`
    /// has to be there, or skipped. Others are ignored.
    pub(super) fn read(dir: &Utf8Path, reports: Vec<Report>, rows: &[&Row]) -> Result<Self> {
        let mut round = Self::default();
        for (id, value) in estimates(dir)? {
            round.values.insert(id, value);
        }
        for report in reports {
            match report {
                Report::Measured(Measured { id, value, cpu }) => {
                    round.values.extend(value.map(|value| (id.clone(), value)));
                    round.cpu.extend(cpu.map(|cpu| (id, cpu)));
                }
                Report::Skipped { row, reason } => {
                    round.skipped.insert(row, reason);
                }
                _ => {}
            }
        }
        round.check(rows)?;
        let is_wanted = |id: &str| rows.iter().any(|row| row.id == id);
        round.skipped.retain(|row, _| is_wanted(row));
        for measured in [&mut round.values, &mut round.cpu] {
            measured.retain(|id, _| id.rsplit_once('/').is_some_and(|(row, _)| is_wanted(row)));
        }
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

/// The id and median of each benchmark that criterion left below `dir`, in ns per iteration.
fn estimates(dir: &Utf8Path) -> Result<Vec<(String, f64)>> {
    let mut found = Vec::new();
    for entry in WalkDir::new(dir) {
        let entry = entry?;
        let path: &Utf8Path = entry.path().try_into()?;
        // Beside `new` is `base`, a copy for the next comparison.
        if path.ends_with("new/benchmark.json") {
            let id = json(path, "/full_id")?.as_str().context("full_id")?.to_owned();
            let median = json(&path.with_file_name("estimates.json"), "/median/point_estimate")?;
            found.push((id, median.as_f64().context("point_estimate")?));
        }
    }
    Ok(found)
}

/// A value of the file at `path`.
fn json(path: &Utf8Path, pointer: &str) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.to_string())?;
    let json: Value = serde_json::from_str(&text).with_context(|| path.to_string())?;
    json.pointer(pointer).cloned().with_context(|| format!("no {pointer} in {path}"))
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

/// The one in the middle, or between the two that are.
fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::tests::sample;

    impl Round {
        /// A round that measured and skipped this.
        pub(in crate::bench) fn of(values: &[(&str, f64)], skipped: &[(&str, &str)]) -> Self {
            let values = values.iter().map(|(id, value)| (id.to_string(), *value));
            let skipped = skipped.iter().map(|(row, why)| (row.to_string(), why.to_string()));
            Self { values: values.collect(), cpu: BTreeMap::new(), skipped: skipped.collect() }
        }
    }

    /// Reads a round of the first scenario that criterion measured so, in two cores at least.
    fn read(estimates: &[(&str, f64)], reports: Vec<Report>) -> Result<Round> {
        let root = tempfile::tempdir().unwrap();
        for (id, value) in estimates {
            // Criterion keeps the previous run, too.
            for (version, value) in [("new", *value), ("base", 1e9)] {
                let dir = root.path().join(id.replace('/', "_")).join(version);
                fs::create_dir_all(&dir).unwrap();
                fs::write(dir.join("benchmark.json"), format!(r#"{{"full_id":"{id}"}}"#)).unwrap();
                let estimates =
                    format!(r#"{{"median":{{"point_estimate":{value}}},"slope":null}}"#);
                fs::write(dir.join("estimates.json"), estimates).unwrap();
            }
        }
        let plan = sample();
        let rows: Vec<&Row> = plan.catalog.scenarios[0].rows.iter().collect();
        Round::read(root.path().try_into().unwrap(), reports, &rows)
    }

    fn measured(id: &str, value: Option<f64>, cpu: Option<f64>) -> Report {
        Report::Measured(Measured { id: id.to_owned(), value, cpu })
    }

    const ALL: [(&str, f64); 5] = [
        ("handoff/one_core/rsevents", 1.0),
        ("handoff/one_core/futex", 2.0),
        ("handoff/two_cores/rsevents", 3.0),
        ("handoff/two_cores/rsevents-0.3.1", 4.0),
        ("handoff/two_cores/futex", 5.0),
    ];

    #[test]
    fn estimates_are_those_of_this_run() {
        let reports = vec![
            measured("handoff/two_cores/futex", Some(5.5), Some(6.0)),
            measured("scale/size/rsevents", Some(1.0), None),
        ];
        let round = read(&ALL[..4], reports).unwrap();
        assert_eq!(round.values.len(), 5);
        assert_eq!(round.values["handoff/two_cores/rsevents-0.3.1"], 4.0);
        assert_eq!(round.values["handoff/two_cores/futex"], 5.5);
        assert_eq!(round.cpu["handoff/two_cores/futex"], 6.0);
    }

    #[test]
    fn every_contender_is_measured_or_the_row_skipped() {
        let skipped = |row: &str| Report::Skipped { row: row.to_owned(), reason: "x".to_owned() };
        assert!(read(&ALL, vec![]).is_ok());
        assert!(read(&ALL[..2], vec![skipped("handoff/two_cores")]).is_ok());
        let error = read(&ALL[..4], vec![skipped("handoff/one_core")]).unwrap_err().to_string();
        assert_eq!(error, "handoff/two_cores/futex was neither measured nor skipped");
        let impossible = measured("handoff/one_core/futex", None, Some(-1.0));
        assert!(read(&ALL, vec![impossible]).is_err());
    }

    #[test]
    fn middle_of_values() {
        assert_eq!(median([]), None);
        assert_eq!(median([3.0]), Some(3.0));
        assert_eq!(median([9.0, 1.0]), Some(5.0));
        assert_eq!(median([9.0, 1.0, 2.0]), Some(2.0));
    }

    #[test]
    fn ratio_is_taken_within_rounds() {
        // A machine that is ten times slower in the second round.
        let round = |ours, other| Round::of(&[("a/b/rsevents", ours), ("a/b/other", other)], &[]);
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
        let skipped = Round::of(&[], &[("handoff/one_core", "refused")]);
        let mut rounds = Rounds(vec![skipped]);
        assert_eq!(rounds.skipped(row), Some("refused"));
        rounds.0.push(Round::of(&ALL, &[]));
        assert_eq!(rounds.skipped(row), None);
        assert_eq!(rounds.ranking(row), [("rsevents", 1.0), ("futex", 2.0)]);
    }
}
