//! `cargo xtask linearizability`: real threads use the objects at random, and an order of their calls must
//! explain every answer.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use cargo_metadata::camino::Utf8Path;
use serde::Deserialize;
use xshell::cmd;

use crate::display::{align_right, grouped, seconds, table};
use crate::output::{self, Output};
use crate::progress::Progress;
use crate::workspace::Workspace;
use crate::{cargo, cli};

/// The program that does it.
const PROGRAM: &str = "linearizability";

/// What it may take longer than asked for: its check of itself, and its patience with a history that has
/// stalled.
const GRACE: Duration = Duration::from_secs(300);

/// Builds the program, runs it, and tells what it found.
pub(crate) fn run(workspace: &Workspace, options: &cli::Linearizability) -> Result<()> {
    let build = cmd!(workspace.shell, "cargo build --release --package checks --bin {PROGRAM}");
    let program = cargo::build_one(build)?;

    let time = options.span.time();
    let start = Instant::now();
    let progress = Progress::new(time.as_secs().try_into()?);
    let mut found = Found::default();
    let command = command(&program.path, time, options);
    let output = output::supervise(command, time + GRACE, |line| found.read(line, &progress))?;
    progress.finish();
    found.print(start.elapsed());
    judge(&output, &found)
}

fn command(program: &Utf8Path, time: Duration, options: &cli::Linearizability) -> Command {
    let mut command = Command::new(program);
    command.args(["--seconds", &time.as_secs().to_string()]);
    command.args(options.object.iter().flat_map(|object| ["--object", object]));
    command.args(options.seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
    command
}

fn judge(output: &Output, found: &Found) -> Result<()> {
    let Some(status) = output.status else {
        output.stderr.print("stderr");
        anyhow::bail!("`{PROGRAM}` did not come to its end");
    };
    if !status.success() {
        output.stderr.print("stderr");
    }
    ensure!(status.success(), "`{PROGRAM}` failed: {status}");
    found.ensure_all_checked()
}

/// A line of the program's that is not for people.
#[derive(Deserialize)]
#[serde(untagged)]
enum Statement {
    Progress { seconds: u64, operations: u64 },
    Result { object: String, tally: Tally },
}

/// What was checked of an object.
#[derive(Default, Deserialize)]
struct Tally {
    histories: u64,
    operations: u64,
    blocked: u64,
    timeouts: u64,
    largest: u64,
    violations: u64,
}

impl Tally {
    fn cells(&self, name: &str) -> Vec<String> {
        let Self { histories, operations, blocked, timeouts, largest, violations } = *self;
        let numbers = [histories, operations, blocked, timeouts, largest, violations];
        [name.to_owned()].into_iter().chain(numbers.map(grouped)).collect()
    }

    fn and(self, other: &Self) -> Self {
        Self {
            histories: self.histories + other.histories,
            operations: self.operations + other.operations,
            blocked: self.blocked + other.blocked,
            timeouts: self.timeouts + other.timeouts,
            largest: self.largest.max(other.largest),
            violations: self.violations + other.violations,
        }
    }
}

/// What the program said.
#[derive(Default)]
struct Found {
    /// By the objects' names.
    results: Vec<(String, Tally)>,
    /// What is for people.
    text: Vec<String>,
}

impl Found {
    fn read(&mut self, line: &str, progress: &Progress) {
        match serde_json::from_str(line) {
            Ok(Statement::Progress { seconds, operations }) => {
                progress.at(seconds, &format!("{} operations", grouped(operations)));
            }
            Ok(Statement::Result { object, tally }) => self.results.push((object, tally)),
            Err(_) => self.text.push(line.to_owned()),
        }
    }

    fn print(&self, time: Duration) {
        for line in &self.text {
            println!("{line}");
        }
        if self.results.is_empty() {
            return;
        }
        let numbers = [
            "histories",
            "operations",
            "blocked waits",
            "timeouts",
            "largest history",
            "violations",
        ];
        let mut results = table(["object"].into_iter().chain(numbers));
        align_right(&mut results, 1..=numbers.len());
        for (object, tally) in &self.results {
            results.add_row(tally.cells(object));
        }
        let all = self.sum();
        results.add_row(all.cells("all"));
        println!("{results}");
        let operations = grouped(all.operations);
        println!("{operations} operations checked in {}", seconds(time));
    }

    fn sum(&self) -> Tally {
        self.results.iter().fold(Tally::default(), |sum, (_, tally)| sum.and(tally))
    }

    /// A program that did nothing has found nothing either.
    fn ensure_all_checked(&self) -> Result<()> {
        ensure!(!self.results.is_empty(), "`{PROGRAM}` did not say what it checked");
        for (object, tally) in &self.results {
            ensure!(tally.operations > 0, "no history of object `{object}` was checked");
        }
        let violations = self.sum().violations;
        ensure!(violations == 0, "{violations} histories that nothing explains");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&str]) -> Found {
        let progress = Progress::new(1);
        let mut found = Found::default();
        lines.iter().for_each(|line| found.read(line, &progress));
        progress.finish();
        found
    }

    fn result(object: &str, operations: u64, violations: u64) -> String {
        format!(
            r#"{{"object":"{object}","tally":{{"histories":3,"operations":{operations},"blocked":1,"timeouts":2,"largest":9,"violations":{violations}}}}}"#
        )
    }

    #[test]
    fn results_and_text_are_told_apart() {
        let (auto, manual) = (result("auto", 10, 0), result("manual", 20, 0));
        let found = found(&["seed 7", r#"{"seconds":1,"operations":5}"#, &auto, &manual]);
        assert_eq!(found.text, ["seed 7"]);
        assert_eq!(found.sum().operations, 30);
        assert_eq!(found.sum().largest, 9);
        found.ensure_all_checked().unwrap();
    }

    #[test]
    fn what_was_not_checked_has_not_passed() {
        found(&[]).ensure_all_checked().unwrap_err();
        found(&[&result("auto", 0, 0)]).ensure_all_checked().unwrap_err();
        found(&[&result("auto", 10, 1)]).ensure_all_checked().unwrap_err();
    }
}
