//! What became of every platform.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::display::{align_right, grouped, seconds, table};

/// What was done for a platform.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) how: String,
    /// How many programs ran, where any could.
    pub(super) executables: Option<usize>,
    /// How many tests passed in them.
    pub(super) tests: Option<u64>,
    /// With the time to build.
    pub(super) time: Duration,
    pub(super) verdict: Verdict,
}

pub(super) enum Verdict {
    Passed,
    /// Something is missing. Proves nothing.
    Skipped,
    /// What failed.
    Failed(String),
}

impl Verdict {
    /// Failed if anything did.
    pub(super) fn of_failures(names: &[&str]) -> Self {
        if names.is_empty() { Self::Passed } else { Self::Failed(names.join(", ")) }
    }

    fn word(&self) -> String {
        match self {
            Self::Passed => "passed".to_owned(),
            Self::Skipped => "skipped".to_owned(),
            Self::Failed(what) => format!("failed: {what}"),
        }
    }
}

impl Row {
    /// The row of a platform for which something is missing.
    pub(super) fn skipped(name: &str) -> Self {
        Self::without_result(name, Duration::ZERO, Verdict::Skipped)
    }

    /// The row of a platform for which nothing could be built or run at all.
    pub(super) fn failed(name: &str, time: Duration) -> Self {
        Self::without_result(name, time, Verdict::Failed("see above".to_owned()))
    }

    fn without_result(name: &str, time: Duration, verdict: Verdict) -> Self {
        Self {
            name: name.to_owned(),
            how: String::new(),
            executables: None,
            tests: None,
            time,
            verdict,
        }
    }
}

/// How many rows have which verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    passed: usize,
    skipped: usize,
    failed: usize,
}

/// Prints the table and counts its verdicts.
pub(super) fn print(rows: &[Row], time: Duration) -> Tally {
    let mut results = table(["platform", "how", "executables", "tests passed", "time", "result"]);
    for row in rows {
        results.add_row([
            row.name.clone(),
            row.how.clone(),
            row.executables.map_or(String::new(), |count| count.to_string()),
            row.tests.map_or(String::new(), grouped),
            seconds(row.time),
            row.verdict.word(),
        ]);
    }
    align_right(&mut results, [2, 3, 4]);
    println!("\n{results}");

    let tally = Tally::of(rows);
    let Tally { passed, skipped, failed } = tally;
    println!("\n{passed} passed, {skipped} skipped, {failed} failed, {}", seconds(time));
    tally
}

impl Tally {
    fn of(rows: &[Row]) -> Self {
        let mut tally = Self { passed: 0, skipped: 0, failed: 0 };
        for row in rows {
            *match row.verdict {
                Verdict::Passed => &mut tally.passed,
                Verdict::Skipped => &mut tally.skipped,
                Verdict::Failed(_) => &mut tally.failed,
            } += 1;
        }
        tally
    }

    /// Says why that is no success, where platforms were named or all were meant.
    pub(super) fn judge(self, is_named: bool) -> Result<()> {
        let Self { passed, skipped, failed } = self;
        ensure!(failed == 0, "{failed} of {} rows failed", passed + skipped + failed);
        ensure!(
            !is_named || skipped == 0,
            "{skipped} of those that were named could not be checked"
        );
        ensure!(passed > 0, "not one platform could be checked");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted() {
        let row = |verdict| Row::without_result("", Duration::ZERO, verdict);
        let rows = [
            row(Verdict::of_failures(&[])),
            row(Verdict::of_failures(&["one", "two"])),
            Row::skipped(""),
            Row::failed("", Duration::ZERO),
        ];
        assert_eq!(rows[1].verdict.word(), "failed: one, two");
        assert_eq!(Tally::of(&rows), Tally { passed: 1, skipped: 1, failed: 2 });
    }

    #[test]
    fn what_was_skipped_is_a_success_only_beside_one() {
        let reason = |[passed, skipped, failed]: [usize; 3], is_named| {
            let tally = Tally { passed, skipped, failed };
            tally.judge(is_named).err().map(|reason| reason.to_string())
        };
        assert_eq!(reason([2, 0, 0], true), None);
        assert_eq!(reason([1, 6, 0], false), None);
        assert_eq!(reason([1, 6, 1], false).unwrap(), "1 of 8 rows failed");
        assert_eq!(reason([0, 7, 0], false).unwrap(), "not one platform could be checked");
        let named = reason([1, 1, 0], true).unwrap();
        assert_eq!(named, "1 of those that were named could not be checked");
    }
}
