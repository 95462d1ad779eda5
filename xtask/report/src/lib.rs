//! What the programs that `cargo xtask` runs report to it: lines of JSON on stdout, among lines for people.

pub mod bench;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Begins a report. Text of a test harness may precede it on the same line.
const PREFIX: &str = "report: ";

/// One report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// How far a program has come.
    Progress {
        /// Since it began.
        seconds: u64,
        /// Done so far.
        operations: u64,
    },
    /// What was counted of one subject. Replaces earlier reports of the same subject.
    Stats(Stats),
    /// What the benchmarks can measure.
    Benchmarks(bench::Catalog),
    /// What was measured of one contender in one row of the benchmarks.
    Measured(bench::Measured),
    /// A row of the benchmarks cannot be measured on this machine.
    Skipped {
        /// Its id.
        row: String,
        /// Why.
        reason: String,
    },
}

/// What was counted of one subject: an object, a scenario, a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Its name.
    pub subject: String,
    /// What was done, in the order of a table's columns. Where the first is zero, nothing was checked.
    pub counts: Vec<(String, u64)>,
    /// What must not happen, likewise. Each has to be zero.
    pub faults: Vec<(String, u64)>,
    /// How often each possible outcome came up, `wait0:no` for example. A long run has to reach them all.
    pub outcomes: BTreeMap<String, u64>,
}

impl Stats {
    /// Stats of these numbers, each with its name.
    #[must_use]
    pub fn new(
        subject: &str,
        counts: &[(&str, u64)],
        faults: &[(&str, u64)],
        outcomes: impl IntoIterator<Item = (String, u64)>,
    ) -> Self {
        let named = |numbers: &[(&str, u64)]| {
            numbers.iter().map(|&(name, number)| (name.to_owned(), number)).collect()
        };
        Self {
            subject: subject.to_owned(),
            counts: named(counts),
            faults: named(faults),
            outcomes: outcomes.into_iter().collect(),
        }
    }
}

impl Report {
    /// Prints it.
    pub fn print(&self) {
        println!("{PREFIX}{}", serde_json::json!(self));
    }

    /// The report in a line, if there is one.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (_, json) = line.split_once(PREFIX)?;
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, Stats};

    #[test]
    fn text_before_a_report_is_ignored() {
        let outcome = ("wait0:no".to_owned(), 1);
        let stats = Stats::new("auto", &[("rounds", 3)], &[("lost", 0)], [outcome]);
        for report in [Report::Progress { seconds: 1, operations: 2 }, Report::Stats(stats)] {
            let json = serde_json::to_string(&report).unwrap();
            assert_eq!(Report::parse(&format!("test name ... report: {json}")), Some(report));
        }
        assert_eq!(Report::parse("no report: here"), None);
    }
}
