//! How a check ended that has not failed.

use anyhow::{Result, ensure};

/// What such a check has shown.
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

    /// For a table.
    pub(crate) fn word(outcome: &Result<Self>) -> &'static str {
        match outcome {
            Ok(Self::Passed) => "passed",
            Ok(Self::Skipped) => "skipped",
            Err(_) => "failed",
        }
    }
}
