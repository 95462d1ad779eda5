//! How the checks of a list ended: passed, failed, or skipped, which is never passed.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::display::{align_right, seconds, table};

/// How a check ended that has not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// It could not run, and said so. Proves nothing.
    Skipped,
}

impl Outcome {
    /// Where this check alone was asked for, skipping it is no success.
    pub(crate) fn ensure_ran(self, name: &str) -> Result<()> {
        ensure!(self == Self::Passed, "`{name}` could not be run");
        Ok(())
    }
}

/// A check that has ended.
pub(crate) struct Checked {
    pub(crate) name: &'static str,
    pub(crate) result: Result<Outcome>,
    time: Duration,
}

impl Checked {
    pub(crate) fn run(name: &'static str, check: impl FnOnce() -> Result<Outcome>) -> Self {
        eprintln!("\n== {name} ==");
        let start = Instant::now();
        Self { name, result: check(), time: start.elapsed() }
    }
}

/// Prints a table of the checks.
pub(crate) fn print(all: &[Checked]) {
    let mut results = table(["", "result", "time"]);
    align_right(&mut results, [2]);
    for Checked { name, result, time } in all {
        let result = match result {
            Ok(Outcome::Passed) => "passed",
            Ok(Outcome::Skipped) => "skipped",
            Err(_) => "failed",
        };
        results.add_row([name, result, &seconds(*time)]);
    }
    println!("\n{results}");
}
