//! What a run of the fuzzer says about itself, and whether that is enough. Success of the process is not:
//! a fuzzer that makes no programs finds nothing wrong with them.

use std::process::ExitStatus;
use std::str::SplitWhitespace;

use anyhow::{Context, Result, ensure};

/// The fuzzer's line about itself:
///
/// ```text
/// fuzz: inputs=1234 operations=45678 skipped=901 outcomes=81/82 unseen=guard.merge:no
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) inputs: u64,
    pub(super) operations: u64,
    /// Operations that were not done, most of them because they would block.
    pub(super) skipped: u64,
    /// How many outcomes of operations came up, each an operation and its answer, and how many there are.
    pub(super) outcomes: String,
    /// The others, or `none`.
    unseen: String,
}

impl Statement {
    /// Reads a line, if it is a statement.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("fuzz: ")?.split_whitespace();
        let statement = Self {
            inputs: value(&mut words, "inputs")?.parse().ok()?,
            operations: value(&mut words, "operations")?.parse().ok()?,
            skipped: value(&mut words, "skipped")?.parse().ok()?,
            outcomes: value(&mut words, "outcomes")?.to_owned(),
            unseen: value(&mut words, "unseen")?.to_owned(),
        };
        words.next().is_none().then_some(statement)
    }
}

fn value<'a>(words: &mut SplitWhitespace<'a>, name: &str) -> Option<&'a str> {
    words.next()?.strip_prefix(name)?.strip_prefix('=')
}

/// Says why a run has not shown that the objects are right.
pub(super) fn judge(status: Option<ExitStatus>, last: Option<&Statement>) -> Result<()> {
    let status = status.context("ran out of time")?;
    ensure!(status.success(), "the fuzzer failed: {status}");
    let statement = last.context("the fuzzer did not say what it did")?;
    ensure!(statement.operations > 0, "not one operation was done");
    ensure!(statement.unseen == "none", "never came up: {}", statement.unseen);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "fuzz: inputs=12 operations=345 skipped=6 outcomes=82/82 unseen=none";

    fn reason(line: &str) -> String {
        let statement = Statement::parse(line);
        judge(Some(ExitStatus::default()), statement.as_ref()).unwrap_err().to_string()
    }

    #[test]
    fn statement_is_read() {
        let statement = Statement::parse(LINE).unwrap();
        assert_eq!((statement.inputs, statement.operations, statement.skipped), (12, 345, 6));
        assert_eq!((&*statement.outcomes, &*statement.unseen), ("82/82", "none"));
    }

    #[test]
    fn other_lines_are_not_statements() {
        for line in [
            "inputs=12 operations=345 skipped=6 outcomes=82/82 unseen=none",
            "fuzz: inputs=12 operations=345 skipped=6 outcomes=82/82",
            "fuzz: inputs=12 operations=many skipped=6 outcomes=82/82 unseen=none",
            "fuzz: inputs=12 operations=345 skipped=6 outcomes=82/82 unseen=none and more",
        ] {
            assert_eq!(Statement::parse(line), None, "{line}");
        }
    }

    #[test]
    fn everything_seen_is_enough() {
        judge(Some(ExitStatus::default()), Statement::parse(LINE).as_ref()).unwrap();
    }

    #[test]
    fn success_is_not_enough() {
        assert_eq!(reason("test result: ok."), "the fuzzer did not say what it did");
        assert_eq!(
            reason("fuzz: inputs=12 operations=0 skipped=6 outcomes=0/82 unseen=none"),
            "not one operation was done"
        );
        assert_eq!(
            reason("fuzz: inputs=12 operations=345 skipped=6 outcomes=81/82 unseen=guard.merge:no"),
            "never came up: guard.merge:no"
        );
    }

    #[test]
    fn out_of_time_whatever_was_said() {
        let late = judge(None, Statement::parse(LINE).as_ref()).unwrap_err();
        assert_eq!(late.to_string(), "ran out of time");
    }
}
