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

/// Whether every execution passed, but they were fewer than there must be.
pub(crate) fn is_below_floor(status: Option<ExitStatus>, explored: &Explored) -> bool {
    let is_low = |counted: &Counted| counted.floor.is_some_and(|floor| counted.executions < floor);
    status.is_some() && explored.counted().is_some_and(is_low)
}

/// Says why a model is not complete. `is_lowered` if it ran with `--max-preemptions`.
pub(super) fn judge(
    status: Option<ExitStatus>,
    explored: &Explored,
    is_lowered: bool,
) -> Result<()> {
    ensure!(status.is_some(), "ran out of time");
    ensure!(!is_below_floor(status, explored), "explored fewer executions than its floor");
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

    #[test]
    fn one_test_with_one_model_that_reached_its_floor_is_complete() {
        let number = "ran another number of tests than one";
        let floor = "explored fewer executions than its floor";
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
            (Some(0), &[LOW, RESULT], false, Some(floor)),
            (Some(101), &[LOW, RESULT], false, Some(floor)),
        ] {
            let mut explored = Explored::default();
            lines.iter().for_each(|line| explored.read(line));
            let status = code.map(|code: i32| ExitStatus::from_raw(code << 8));
            let reason = judge(status, &explored, is_lowered).err().map(|error| error.to_string());
            assert_eq!(reason.as_deref(), expected, "{lines:?}");
            assert_eq!(is_below_floor(status, &explored), expected == Some(floor), "{lines:?}");
        }
    }
}
