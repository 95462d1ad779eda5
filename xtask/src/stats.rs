//! Collects the reports of the programs that xtask runs, judges whether they are enough, and prints the table.

use std::collections::BTreeMap;
use std::iter;
use std::process::{Command, ExitStatus};
use std::slice::from_ref;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use comfy_table::Table;
use report::{Report, Stats};

use crate::display::{align_right, grouped, seconds, table};
use crate::job::{self, Evidence, Job};

/// The stats of each subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reported(BTreeMap<String, Stats>);

impl Evidence for Reported {
    /// Later stats of a subject replace earlier ones.
    fn read(&mut self, line: &str) {
        if let Some(Report::Stats(stats)) = Report::parse(line) {
            self.0.insert(stats.subject.clone(), stats);
        }
    }
}

/// Runs one program. Prints its output and its reports, and fails unless these show that its subjects are right:
/// see [`Reported::judge`].
pub(crate) fn run(
    name: &str,
    command: Command,
    limit: Duration,
    subjects: &[&str],
    has_outcomes: bool,
) -> Result<Reported> {
    let judge = |status, reported: &Reported| {
        reported.judge(status, subjects.iter().copied(), has_outcomes)
    };
    let run = Job::new(name, command, limit, judge).run()?;
    job::print_failures(from_ref(&run));
    if run.verdict.is_ok() {
        run.output.stdout.print();
    }
    println!("{}\n{}", run.evidence.table(subjects.iter().copied()), seconds(run.time));
    run.verdict.with_context(|| format!("{name} failed"))?;
    Ok(run.evidence)
}

impl FromIterator<Stats> for Reported {
    fn from_iter<I: IntoIterator<Item = Stats>>(all: I) -> Self {
        Self(all.into_iter().map(|stats| (stats.subject.clone(), stats)).collect())
    }
}

impl Reported {
    /// Adds what another run of the same program reported.
    pub(crate) fn add(&mut self, other: &Self) {
        for (subject, stats) in &other.0 {
            let Some(sum) = self.0.get_mut(subject) else {
                self.0.insert(subject.clone(), stats.clone());
                continue;
            };
            let sums = sum.counts.iter_mut().chain(&mut sum.faults);
            sums.zip(numbers(stats)).for_each(|((_, sum), (_, number))| *sum += number);
            for (outcome, count) in &stats.outcomes {
                *sum.outcomes.entry(outcome.clone()).or_default() += count;
            }
        }
    }

    /// The sum of the first counts.
    pub(crate) fn done(&self) -> u64 {
        self.0.values().filter_map(|stats| stats.counts.first()).map(|(_, count)| count).sum()
    }

    /// Says why a program that ended with `status` has not shown that its subjects are right. Success alone
    /// does not: a program that did nothing finds nothing wrong. `has_outcomes` demands that each outcome came
    /// up as well.
    pub(crate) fn judge<'a>(
        &self,
        status: Option<ExitStatus>,
        subjects: impl IntoIterator<Item = &'a str>,
        has_outcomes: bool,
    ) -> Result<()> {
        ensure!(status.is_some(), "ran out of time");
        let faults: Vec<String> = self.0.values().flat_map(faults).collect();
        ensure!(faults.is_empty(), "{}", faults.join(", "));
        job::succeeded(status)?;
        for subject in subjects {
            let stats = self.0.get(subject).with_context(|| format!("no report of {subject}"))?;
            let (name, count) = stats.counts.first().context("a report without counts")?;
            ensure!(*count > 0, "{subject}: no {name}");
            if has_outcomes {
                ensure!(!stats.outcomes.is_empty(), "{subject}: no outcomes are known");
                let never = stats.outcomes.iter().filter(|&(_, &count)| count == 0);
                let never: Vec<&str> = never.map(|(outcome, _)| outcome.as_str()).collect();
                ensure!(never.is_empty(), "{subject}: never came up: {}", never.join(", "));
            }
        }
        Ok(())
    }

    /// A row for each subject, and one of the sums.
    pub(crate) fn table<'a>(&self, subjects: impl IntoIterator<Item = &'a str>) -> Table {
        let rows = subjects.into_iter().filter_map(|subject| self.0.get(subject));
        let rows: Vec<&Stats> = rows.collect();
        let first = rows.iter().take(1).flat_map(|stats| numbers(stats));
        let names: Vec<&str> = first.map(|(name, _)| name.as_str()).collect();
        let has_outcomes = rows.iter().any(|stats| !stats.outcomes.is_empty());
        let outcomes = ["outcomes", "rarest outcome"].into_iter().filter(|_| has_outcomes);
        let mut table = table(iter::once("").chain(names.iter().copied()).chain(outcomes));
        align_right(&mut table, 1..=names.len() + 1);
        table.add_rows(rows.iter().map(|stats| row(stats)));
        let sum = |column| {
            rows.iter().filter_map(|stats| numbers(stats).nth(column)).map(|(_, n)| n).sum()
        };
        let sums = (0..names.len()).map(|column| grouped(sum(column)));
        if rows.len() > 1 {
            table.add_row(iter::once("all".to_owned()).chain(sums));
        }
        table
    }
}

fn numbers(stats: &Stats) -> impl Iterator<Item = &(String, u64)> {
    stats.counts.iter().chain(&stats.faults)
}

/// `auto: 2 lost`
fn faults(stats: &Stats) -> impl Iterator<Item = String> {
    let faults = stats.faults.iter().filter(|(_, number)| *number > 0);
    faults.map(|(name, number)| format!("{}: {number} {name}", stats.subject))
}

fn row(stats: &Stats) -> Vec<String> {
    let numbers = numbers(stats).map(|&(_, number)| grouped(number));
    let mut row: Vec<String> = iter::once(stats.subject.clone()).chain(numbers).collect();
    if let Some((rarest, &count)) = stats.outcomes.iter().min_by_key(|&(_, count)| count) {
        let came_up = stats.outcomes.values().filter(|&&count| count > 0).count();
        row.push(format!("{came_up}/{}", stats.outcomes.len()));
        row.push(format!("{rarest} {}", grouped(count)));
    }
    row
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn stats(subject: &str, operations: u64, faults: u64, outcome: Option<u64>) -> Stats {
        let outcome = outcome.map(|count| ("wait0:no".to_owned(), count));
        Stats::new(subject, &[("operations", operations)], &[("violations", faults)], outcome)
    }

    fn reported(all: &[Stats]) -> Reported {
        let mut reported = Reported::default();
        for stats in all {
            let json = serde_json::to_string(&Report::Stats(stats.clone())).unwrap();
            reported.read(&format!("report: {json}"));
        }
        reported
    }

    #[test]
    fn success_needs_reports_of_all_subjects_without_faults() {
        let good = stats("auto", 10, 0, Some(1));
        for (last, has_outcomes, expected) in [
            (Some(stats("manual", 1, 0, Some(1))), true, None),
            (Some(stats("manual", 1, 0, Some(0))), false, None),
            (Some(stats("manual", 1, 0, Some(0))), true, Some("manual: never came up: wait0:no")),
            (Some(stats("manual", 1, 0, None)), true, Some("manual: no outcomes are known")),
            (Some(stats("manual", 0, 0, Some(1))), false, Some("manual: no operations")),
            (Some(stats("manual", 1, 2, Some(1))), false, Some("manual: 2 violations")),
            (Some(stats("other", 1, 2, Some(1))), false, Some("other: 2 violations")),
            (Some(Stats::new("manual", &[], &[], [])), false, Some("a report without counts")),
            (None, false, Some("no report of manual")),
        ] {
            let all: Vec<Stats> = iter::once(good.clone()).chain(last).collect();
            let judge = |status| reported(&all).judge(status, ["auto", "manual"], has_outcomes);
            let reason = |status| judge(status).err().map(|error| error.to_string());
            assert_eq!(reason(Some(ExitStatus::default())).as_deref(), expected);
            assert_eq!(reason(None).unwrap(), "ran out of time");
            // Faults are the better reason for a failure.
            let is_fault = expected.filter(|reason| reason.contains("violations"));
            let failed = is_fault.unwrap_or("failed: exit status: 1");
            assert_eq!(reason(Some(ExitStatus::from_raw(1 << 8))).as_deref(), Some(failed));
        }
    }
}
