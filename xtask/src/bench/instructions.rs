//! How many instructions a round of the uncontended rows takes. Valgrind counts them: a number
//! that no other load on the machine changes.

use std::collections::BTreeMap;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, ensure};
use cargo_metadata::camino::Utf8Path;
use xshell::cmd;

use super::judge::Verdict;
use super::plan::{OURS, Row};
use super::select::Selected;
use crate::progress::Progress;
use crate::workspace::Workspace;
use crate::{cargo, parallel};

/// The scenario whose rows are counted.
const SCENARIO: &str = "uncontended";

/// Whom we may not exceed.
pub(super) const BEFORE: &str = "rsevents-0.3.1";

/// Two numbers of rounds. The difference is without what a process does before and after.
const ROUNDS: [u64; 2] = [1000, 2000];

/// What counting found.
pub(super) enum Instructions<'a> {
    /// None of the rows was selected.
    NotSelected,
    /// There is no valgrind here.
    NotInstalled,
    Counted(Vec<Counted<'a>>),
}

/// What a row takes, of ours and of what was before.
pub(super) struct Counted<'a> {
    pub(super) row: &'a Row,
    pub(super) ours: u64,
    pub(super) before: Option<u64>,
}

impl Counted<'_> {
    /// The most instructions it may take.
    pub(super) fn line(&self) -> Option<u64> {
        let allowance = self.row.instructions.as_ref();
        Some(self.before? + allowance.map_or(0, |allowance| allowance.allow))
    }

    /// Whether it does. A row that did not exist before has no line.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        Some(Verdict::of(self.ours <= self.line()?))
    }
}

/// A row and a contender.
type Pair = (String, String);

/// Counts what `selection` has of the scenario.
pub(super) fn count<'a>(
    workspace: &Workspace,
    selection: &[Selected<'a>],
) -> Result<Instructions<'a>> {
    let Some(selected) = selection.iter().find(|one| one.scenario.name == SCENARIO) else {
        return Ok(Instructions::NotSelected);
    };
    let valgrind = cmd!(workspace.shell, "valgrind --version");
    if valgrind.quiet().ignore_stdout().ignore_stderr().run().is_err() {
        return Ok(Instructions::NotInstalled);
    }
    let build = cmd!(workspace.shell, "cargo build --release --package benches --bin instructions");
    let program = &cargo::build_one(build)?.path;

    let pairs = pairs(&cmd!(workspace.shell, "{program}").quiet().read()?, selected)?;
    let progress = Progress::new(pairs.len());
    let jobs = thread::available_parallelism()?.get().min(2);
    let counts = parallel::each(&pairs, jobs, |pair @ (row, contender)| {
        let name = format!("instructions of {row}/{contender}");
        progress.begin(&name);
        let count = per_round(program, pair).context(name.clone())?;
        progress.end(&name, &count.to_string());
        Ok((pair.clone(), count))
    })?;
    progress.finish();
    Ok(Instructions::Counted(table(selected, &counts.into_iter().collect())?))
}

/// The pairs in the program's list that are selected: `row contender`.
fn pairs(listing: &str, selected: &Selected<'_>) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for line in listing.lines() {
        let (row, contender) = line
            .split_once(' ')
            .with_context(|| format!("`{line}` is not a row and a contender"))?;
        let is_row = selected.scenario.row(row).is_some();
        ensure!(is_row, "{SCENARIO} has no row `{row}`, whose instructions are to be counted");
        let is_shown = contender == OURS || contender == BEFORE;
        ensure!(is_shown, "`{contender}` is no contender whose instructions are to be counted");
        if selected.rows.iter().any(|selected| selected.name == row) {
            pairs.push((row.to_owned(), contender.to_owned()));
        }
    }
    Ok(pairs)
}

fn per_round(program: &Utf8Path, pair: &Pair) -> Result<u64> {
    let [few, many] = ROUNDS;
    let counts = (collected(program, pair, few)?, collected(program, pair, many)?);
    Ok(difference(counts, many - few))
}

/// How many instructions each of `rounds` adds.
fn difference((few, many): (u64, u64), rounds: u64) -> u64 {
    (many.saturating_sub(few) + rounds / 2) / rounds
}

/// Runs `rounds` rounds, and returns how many instructions the process took.
fn collected(program: &Utf8Path, (row, contender): &Pair, rounds: u64) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.args([program.as_str(), row, contender, &rounds.to_string()]);
    let output = valgrind.output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {}\n{stderr}", output.status);
    let count = stderr.lines().find_map(parse_collected);
    count.with_context(|| format!("valgrind did not count:\n{stderr}"))
}

/// `==123== Collected : 1234567`
fn parse_collected(line: &str) -> Option<u64> {
    let (_, count) = line.split_once("Collected : ")?;
    count.trim().parse().ok()
}

/// The counts, in the order of the rows.
fn table<'a>(selected: &Selected<'a>, counts: &BTreeMap<Pair, u64>) -> Result<Vec<Counted<'a>>> {
    let mut counted = Vec::new();
    for &row in &selected.rows {
        let count =
            |contender: &str| counts.get(&(row.name.clone(), contender.to_owned())).copied();
        match (count(OURS), count(BEFORE)) {
            (Some(ours), before) => counted.push(Counted { row, ours, before }),
            (None, before) => {
                let is_unwanted = before.is_none() && row.instructions.is_none();
                ensure!(is_unwanted, "the instructions of {} were not counted", row.name);
            }
        }
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::tests::sample;
    use crate::bench::select::select;

    fn counts(ours: Option<u64>, before: Option<u64>) -> BTreeMap<Pair, u64> {
        let counts = [(OURS, ours), (BEFORE, before)].into_iter();
        let pair = |contender: &str| ("set".to_owned(), contender.to_owned());
        counts.filter_map(|(contender, count)| Some((pair(contender), count?))).collect()
    }

    #[test]
    fn count_of_valgrind() {
        assert_eq!(parse_collected("==4711== Collected : 1234567"), Some(1_234_567));
        assert_eq!(parse_collected("==4711== Events    : Ir"), None);
    }

    #[test]
    fn constant_part_does_not_count() {
        assert_eq!(difference((100_000, 112_000), 1000), 12);
        assert_eq!(difference((100_000, 112_499), 1000), 12);
        assert_eq!(difference((100_000, 112_500), 1000), 13);
    }

    #[test]
    fn pairs_are_of_declared_rows() {
        let plan = sample();
        let selection = select(&plan, Some("uncontended/set")).unwrap();
        let pairs = |listing| pairs(listing, &selection[0]).map_err(|error| error.to_string());
        let set = |contender: &str| ("set".to_owned(), contender.to_owned());
        let listing = "set rsevents\nset rsevents-0.3.1\nsize rsevents\n";
        assert_eq!(pairs(listing), Ok(vec![set(OURS), set(BEFORE)]));
        for listing in ["reset rsevents", "set futex", "set"] {
            assert!(pairs(listing).is_err(), "{listing}");
        }
    }

    #[test]
    fn allowance_moves_the_line() {
        let plan = sample();
        let selection = select(&plan, Some("uncontended")).unwrap();
        let verdict =
            |ours, before| table(&selection[0], &counts(Some(ours), before)).unwrap()[0].verdict();
        assert_eq!(verdict(11, Some(10)), Some(Verdict::Crossed));
        assert_eq!(verdict(12, Some(10)), Some(Verdict::Missed));
        assert_eq!(verdict(12, None), None);
    }

    #[test]
    fn row_with_an_allowance_has_to_be_counted() {
        let plan = sample();
        let selection = select(&plan, Some("uncontended")).unwrap();
        let counted = |counts| table(&selection[0], &counts).map(|counted| counted.len());
        assert_eq!(counted(counts(Some(1), None)).unwrap(), 1);
        assert!(counted(counts(None, None)).is_err());
        assert!(counted(counts(None, Some(1))).is_err());
    }
}
