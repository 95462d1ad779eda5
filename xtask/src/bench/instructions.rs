//! How many instructions an iteration of the uncontended rows takes. Valgrind counts them: a number that no
//! other load on the machine changes.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::camino::Utf8Path;
use report::bench::{OURS, Row};
use xshell::cmd;

use super::judge::Verdict;
use super::plan::Selected;
use super::run::Bench;
use crate::progress::{self, Progress};

/// The scenario whose rows are counted.
const SCENARIO: &str = "uncontended";

/// The contender that ours may not exceed.
pub(super) const BEFORE: &str = "rsevents-0.3.1";

/// How many iterations are counted: twice as many take so much more, without what a process does before and after.
const TIMES: u64 = 1000;

/// What a row takes.
pub(super) struct Counted<'a> {
    pub(super) row: &'a Row,
    pub(super) ours: u64,
    /// The most that it may take. A row that did not exist before has no such limit.
    pub(super) before: Option<u64>,
}

impl Counted<'_> {
    /// Whether ours takes no more than before.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        Some(Verdict::of(self.ours <= self.before?))
    }
}

/// Counts the instructions of the rows that `selection` has of the scenario. `None` without valgrind.
pub(super) fn count<'a>(
    bench: &Bench<'_>,
    selection: &[Selected<'a>],
) -> Result<Option<Vec<Counted<'a>>>> {
    let is_counted = |(scenario, _): &&Selected<'a>| scenario.name == SCENARIO;
    let rows = selection.iter().find(is_counted).map_or(&[][..], |(_, rows)| rows);
    if rows.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let valgrind = cmd!(bench.workspace.shell, "valgrind --version");
    if valgrind.quiet().ignore_stdout().ignore_stderr().run().is_err() {
        return Ok(None);
    }
    eprintln!("counting instructions");
    let program = &bench.program;
    let count = |&row: &&'a Row, _: &Progress| {
        let has_before = row.contenders.iter().any(|entry| entry.id == BEFORE);
        let count = |contender| per_iteration(program, row, contender);
        let ours = count(OURS)?;
        let before = has_before.then(|| count(BEFORE)).transpose()?;
        Ok((Counted { row, ours, before }, ours.to_string()))
    };
    progress::each(rows.len(), rows, 1, |row| &row.id, count).map(Some)
}

fn per_iteration(program: &Utf8Path, row: &Row, contender: &str) -> Result<u64> {
    let id = format!("{}/{contender}", row.id);
    let collected = |times| collected(program, &id, times).context(id.clone());
    let more = collected(2 * TIMES)?.saturating_sub(collected(TIMES)?);
    Ok((more as f64 / TIMES as f64).round() as u64)
}

/// How many instructions the process takes that repeats `id`.
fn collected(program: &Utf8Path, id: &str, times: u64) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.args([program.as_str(), "repeat", id, &times.to_string()]);
    let output = valgrind.output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {}\n{stderr}", output.status);
    // `==123== Collected : 1234567`
    let count = stderr.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.with_context(|| format!("valgrind did not count:\n{stderr}"))?;
    Ok(count.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::tests::sample;

    #[test]
    fn no_more_than_before() {
        let plan = sample();
        let row = &plan.catalog.scenarios[1].rows[0];
        let verdict = |ours, before| Counted { row, ours, before }.verdict();
        assert_eq!(verdict(10, Some(10)), Some(Verdict::Met));
        assert_eq!(verdict(11, Some(10)), Some(Verdict::Missed));
        assert_eq!(verdict(11, None), None);
    }
}
