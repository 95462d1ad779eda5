//! Whether a model is complete.
//!
//! The models' runner allows no limit of the search but the preemption bound, fails below the floor of
//! executions, and then prints what it counted:
//!
//! ```text
//! model: executions=1234 floor=600 preemptions=none
//! ```
//!
//! What remains to be checked is that one model ran, by this runner.

use std::fmt;
use std::process::ExitStatus;

use anyhow::{Result, bail, ensure};

use crate::job::{self, Evidence};
use crate::suites::Tests;

/// What a model's process printed.
#[derive(Default)]
pub(crate) struct Explored {
    tests: Tests,
    models: Vec<Counted>,
}

/// What the runner counted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    pub(crate) executions: u64,
    /// The fewest executions that can be right. `None` where the preemption bound was lowered.
    floor: Option<u64>,
    /// The preemption bound: a number, or `none`.
    pub(crate) preemptions: String,
}

/// Every execution passed, but they were fewer than there must be.
#[derive(Debug)]
pub(crate) struct BelowFloor {
    executions: u64,
    floor: u64,
}

impl fmt::Display for BelowFloor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { executions, floor } = self;
        write!(f, "explored {executions} executions, fewer than its floor {floor}")
    }
}

impl Evidence for Explored {
    fn read(&mut self, line: &str) {
        self.tests.read(line);
        self.models.extend(parse(line));
    }
}

impl Explored {
    /// What the only model counted.
    pub(crate) fn counted(&self) -> Option<&Counted> {
        if let [counted] = &self.models[..] { Some(counted) } else { None }
    }
}

/// libtest's `test name ... ` may precede the model's line.
fn parse(line: &str) -> Option<Counted> {
    let (_, words) = line.split_once("model: executions=")?;
    let (executions, words) = words.split_once(" floor=")?;
    let (floor, preemptions) = words.split_once(" preemptions=")?;
    Some(Counted {
        executions: executions.parse().ok()?,
        floor: if floor == "waived" { None } else { Some(floor.parse().ok()?) },
        preemptions: preemptions.to_owned(),
    })
}

/// Says why a model is not complete. `is_lowered` if it ran with `--max-preemptions`.
pub(super) fn judge(
    status: Option<ExitStatus>,
    explored: &Explored,
    is_lowered: bool,
) -> Result<()> {
    ensure!(status.is_some(), "ran out of time");
    if let Some(&Counted { executions, floor: Some(floor), .. }) = explored.counted() {
        ensure!(executions >= floor, BelowFloor { executions, floor });
    }
    job::succeeded(status)?;
    ensure!(explored.tests.passed() == Some(1), "ran another number of tests than one");
    let Some(counted) = explored.counted() else {
        bail!("{} models in the test instead of one", explored.models.len());
    };
    ensure!(is_lowered || counted.floor.is_some(), "waived its floor");
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    const RESULT: &str = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured";
    const TWO: &str = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured";
    const MODEL: &str = "test one ... model: executions=1234 floor=600 preemptions=none";
    const LOW: &str = "model: executions=1234 floor=1235 preemptions=3";
    const WAIVED: &str = "model: executions=1234 floor=waived preemptions=2";
    const GARBLED: &str = "model: executions=1234 floor=";

    fn error(code: Option<i32>, lines: &[&str], is_lowered: bool) -> Option<anyhow::Error> {
        let mut explored = Explored::default();
        lines.iter().for_each(|line| explored.read(line));
        let status = code.map(|code| ExitStatus::from_raw(code << 8));
        judge(status, &explored, is_lowered).err()
    }

    #[test]
    fn one_test_with_one_model_that_reached_its_floor_is_complete() {
        let number = "ran another number of tests than one";
        for (code, lines, is_lowered, expected) in [
            (Some(0), &["running 1 test", MODEL, "ok", RESULT][..], false, None),
            (Some(0), &[WAIVED, RESULT], true, None),
            (Some(0), &[WAIVED, RESULT], false, Some("waived its floor")),
            (Some(0), &[MODEL, TWO], false, Some(number)),
            (Some(0), &[MODEL], false, Some(number)),
            (Some(0), &[RESULT], false, Some("0 models in the test instead of one")),
            (Some(0), &[GARBLED, RESULT], false, Some("0 models in the test instead of one")),
            (Some(0), &[MODEL, MODEL, RESULT], false, Some("2 models in the test instead of one")),
            (Some(101), &[MODEL, RESULT], false, Some("failed: exit status: 101")),
            (None, &[MODEL, RESULT], false, Some("ran out of time")),
            (None, &[LOW, RESULT], false, Some("ran out of time")),
        ] {
            let reason = error(code, lines, is_lowered).map(|reason| reason.to_string());
            assert_eq!(reason.as_deref(), expected, "{lines:?}");
        }
    }

    #[test]
    fn below_the_floor_is_told_apart() {
        for code in [0, 101] {
            let reason = error(Some(code), &[LOW, RESULT], false).unwrap();
            assert!(reason.is::<BelowFloor>());
            let expected = "explored 1234 executions, fewer than its floor 1235";
            assert_eq!(reason.to_string(), expected);
        }
    }
}
