//! Whether a model is complete.
//!
//! Success of its process is not enough. A limit ends loom's search successfully, a test can be
//! ignored, and a model that lost its threads explores one execution and finds nothing wrong. So
//! three parties have to agree: libtest that it ran one test, loom that it completed, and the
//! model itself, which says how many executions it counted and how few would be too few:
//!
//! ```text
//! model: executions=1234 floor=600 preemptions=none
//! ```

use std::error::Error;
use std::fmt;

use anyhow::{Result, bail, ensure};

use crate::libtest;

/// How a model's process ended.
pub(super) enum End {
    Success,
    Failure(String),
    OutOfTime,
}

/// What a model's process said on stdout, as far as the verdict needs it.
#[derive(Default)]
pub(super) struct Statements {
    /// By libtest: how many tests passed.
    passed: Vec<u64>,
    /// By loom: how many executions there are.
    completed: Vec<u64>,
    /// By the model.
    model: Vec<Statement>,
}

/// What a model says about itself.
#[derive(Clone, Debug, PartialEq)]
struct Statement {
    executions: u64,
    floor: Floor,
    preemptions: Option<u32>,
}

/// The fewest executions that can be right.
#[derive(Clone, Debug, PartialEq)]
enum Floor {
    AtLeast(u64),
    /// The preemption bound was lowered from outside, for which there is no floor.
    Waived,
}

/// Every execution passed, but they were fewer than there must be.
#[derive(Debug)]
pub(crate) struct BelowFloor {
    completed: u64,
    floor: u64,
}

impl Error for BelowFloor {}

impl fmt::Display for BelowFloor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { completed, floor } = self;
        write!(f, "explored {completed} executions, fewer than its floor {floor}")
    }
}

impl Statements {
    /// Looks for statements in a line. They may follow other text: libtest does not end the line
    /// `test name ... ` before the test begins to print, and loom's line has a prefix.
    pub(super) fn read(&mut self, line: &str) {
        self.passed.extend(libtest::passed(line));
        self.completed.extend(parse_completed(line));
        self.model.extend(parse_model(line));
    }

    /// How many executions were explored, where that is known.
    pub(super) fn executions(&self) -> Option<u64> {
        let of_model = self.model.first().map(|statement| statement.executions);
        of_model.or(self.completed.first().copied())
    }

    /// The preemption bound, where the model told it: `none` or a number.
    pub(super) fn preemptions(&self) -> Option<String> {
        let statement = self.model.first()?;
        Some(statement.preemptions.map_or("none".to_owned(), |bound| bound.to_string()))
    }
}

/// Says why a model is not complete. `is_lowered` if it ran with `--max-preemptions`.
pub(super) fn judge(end: &End, statements: &Statements, is_lowered: bool) -> Result<()> {
    match end {
        End::Success => {}
        End::Failure(status) => {
            // The model asserts its floor itself, after loom completed.
            if let ([completed], [statement]) = (&statements.completed[..], &statements.model[..]) {
                statement.check_floor(*completed, is_lowered)?;
            }
            bail!("test failed: {status}");
        }
        End::OutOfTime => bail!("ran out of time"),
    }
    match statements.passed[..] {
        [1] => {}
        [passed] => bail!("{passed} tests passed, not 1"),
        _ => bail!("no test result"),
    }
    let completed = match statements.completed[..] {
        [completed] => completed,
        [] => bail!("cut short: loom did not say that it completed"),
        _ => bail!("several models in one test: loom completed {}", statements.completed.len()),
    };
    let statement = match &statements.model[..] {
        [statement] => statement,
        [] => bail!("the model did not say how many executions it counted"),
        _ => bail!("the model said {} times what it counted", statements.model.len()),
    };
    let counted = statement.executions;
    ensure!(counted == completed, "loom completed {completed} executions, {counted} were counted");
    statement.check_floor(completed, is_lowered)
}

impl Statement {
    fn check_floor(&self, completed: u64, is_lowered: bool) -> Result<()> {
        match self.floor {
            Floor::AtLeast(floor) => {
                ensure!(completed >= floor, BelowFloor { completed, floor });
            }
            Floor::Waived => ensure!(is_lowered, "waived its floor for no reason"),
        }
        Ok(())
    }
}

/// `… Completed in 1234 iterations`
fn parse_completed(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once("Completed in ")?;
    let (iterations, _) = rest.split_once(" iterations")?;
    iterations.parse().ok()
}

/// `… model: executions=1234 floor=600 preemptions=none`
fn parse_model(line: &str) -> Option<Statement> {
    let (_, rest) = line.split_once("model: executions=")?;
    let (executions, rest) = rest.split_once(" floor=")?;
    let (floor, preemptions) = rest.split_once(" preemptions=")?;
    Some(Statement {
        executions: executions.parse().ok()?,
        floor: match floor {
            "waived" => Floor::Waived,
            number => Floor::AtLeast(number.parse().ok()?),
        },
        preemptions: match preemptions {
            "none" => None,
            number => Some(number.parse().ok()?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULT: &str =
        "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out";
    const COMPLETED: &str = "\x1b[32m INFO\x1b[0m loom::model: Completed in 1234 iterations";
    const MODEL: &str = "test one ... model: executions=1234 floor=600 preemptions=none";

    fn statements(lines: &[&str]) -> Statements {
        let mut statements = Statements::default();
        for line in lines {
            statements.read(line);
        }
        statements
    }

    /// The reason why a process that succeeded and printed these lines is no complete model.
    fn reason(lines: &[&str]) -> String {
        judge(&End::Success, &statements(lines), false).unwrap_err().to_string()
    }

    #[test]
    fn three_that_agree_are_complete() {
        let statements = statements(&["running 1 test", COMPLETED, MODEL, "ok", "", RESULT]);
        judge(&End::Success, &statements, false).unwrap();
        assert_eq!(statements.executions(), Some(1234));
        assert_eq!(statements.preemptions().as_deref(), Some("none"));
    }

    #[test]
    fn floor_itself_is_enough() {
        let model = "model: executions=1234 floor=1234 preemptions=3";
        judge(&End::Success, &statements(&[COMPLETED, model, RESULT]), false).unwrap();
    }

    #[test]
    fn below_the_floor() {
        let model = "model: executions=1234 floor=1235 preemptions=none";
        for end in [End::Success, End::Failure("exit status: 101".into())] {
            let reason = judge(&end, &statements(&[COMPLETED, model, RESULT]), false).unwrap_err();
            assert!(reason.is::<BelowFloor>());
            assert_eq!(reason.to_string(), "explored 1234 executions, fewer than its floor 1235");
        }
    }

    #[test]
    fn failed_or_out_of_time_whatever_was_said() {
        let statements = statements(&[COMPLETED, MODEL, RESULT]);
        let failed = judge(&End::Failure("exit status: 101".into()), &statements, false);
        assert_eq!(failed.unwrap_err().to_string(), "test failed: exit status: 101");
        let late = judge(&End::OutOfTime, &statements, false);
        assert_eq!(late.unwrap_err().to_string(), "ran out of time");
    }

    #[test]
    fn cut_short() {
        let reason = reason(&[MODEL, RESULT]);
        assert_eq!(reason, "cut short: loom did not say that it completed");
    }

    #[test]
    fn not_one_test() {
        let ignored = "test result: ok. 0 passed; 0 failed; 1 ignored; 0 measured";
        assert_eq!(reason(&[ignored]), "0 tests passed, not 1");
        let two = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured";
        assert_eq!(reason(&[COMPLETED, MODEL, two]), "2 tests passed, not 1");
        assert_eq!(reason(&[COMPLETED, MODEL]), "no test result");
    }

    #[test]
    fn two_models_in_one_test() {
        let reason = reason(&[COMPLETED, COMPLETED, MODEL, RESULT]);
        assert_eq!(reason, "several models in one test: loom completed 2");
    }

    #[test]
    fn model_has_to_speak_once() {
        let silent = reason(&[COMPLETED, RESULT]);
        assert_eq!(silent, "the model did not say how many executions it counted");
        let garbled = reason(&[COMPLETED, "model: executions=1234 floor=", RESULT]);
        assert_eq!(garbled, silent);
        let twice = reason(&[COMPLETED, MODEL, MODEL, RESULT]);
        assert_eq!(twice, "the model said 2 times what it counted");
    }

    #[test]
    fn counts_differ() {
        let model = "model: executions=1233 floor=600 preemptions=none";
        let reason = reason(&[COMPLETED, model, RESULT]);
        assert_eq!(reason, "loom completed 1234 executions, 1233 were counted");
    }

    #[test]
    fn floor_is_waived_only_for_a_lowered_bound() {
        let lines = [COMPLETED, "model: executions=1234 floor=waived preemptions=2", RESULT];
        judge(&End::Success, &statements(&lines), true).unwrap();
        assert_eq!(reason(&lines), "waived its floor for no reason");
    }

    #[test]
    fn lines_of_loom() {
        assert_eq!(parse_completed(COMPLETED), Some(1234));
        assert_eq!(parse_completed(" ================== Iteration 20000 =================="), None);
        assert_eq!(parse_completed("Completed in no iterations"), None);
    }

    #[test]
    fn lines_of_models() {
        let statement = |floor, preemptions| Statement { executions: 7, floor, preemptions };
        for (line, expected) in [
            ("executions=7 floor=5 preemptions=none", Some(statement(Floor::AtLeast(5), None))),
            ("executions=7 floor=5 preemptions=3", Some(statement(Floor::AtLeast(5), Some(3)))),
            ("executions=7 floor=waived preemptions=3", Some(statement(Floor::Waived, Some(3)))),
            ("executions=many floor=5 preemptions=3", None),
            ("executions=7 floor=low preemptions=3", None),
            ("executions=7 floor=5 preemptions=some", None),
            ("executions=7 floor=5 preemptions=3 and more", None),
            ("executions=7 preemptions=3", None),
        ] {
            assert_eq!(parse_model(&format!("model: {line}")), expected, "{line}");
        }
        assert_eq!(parse_model("executions=7 floor=5 preemptions=none"), None);
    }
}
