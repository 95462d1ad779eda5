//! What looks at a mutant: a model, a program of tests, the examples of the documentation, or the check of
//! linearizability.

use std::fmt;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::build::{Flavour, HISTORIES};
use super::docs;
use super::sandbox::Sandbox;
use crate::cargo::Executable;
use crate::loom::models::Model;
use crate::loom::run::{self, How};
use crate::loom::verdict::BelowFloor;
use crate::output;

/// One of those, of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) package: &'static str,
    pub(super) look: Look,
}

/// How to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The model at this path.
    Model(String),
    /// All tests of the library, or those in the file of this name.
    Tests(String),
    /// The examples.
    Docs,
    /// Histories of random programs. They see what no test can steer to, above all at deadlines.
    Histories,
}

/// A check that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The check, and the test of it if one is known.
    pub(super) check: String,
    pub(super) kind: FailureKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureKind {
    Failed,
    OutOfTime,
    /// A model passed, but explored fewer executions than it must. That shows that the mutant changed
    /// something, not that it is wrong.
    BelowFloor,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.check)?;
        f.write_str(match self.kind {
            FailureKind::Failed => "",
            FailureKind::OutOfTime => " (out of time)",
            FailureKind::BelowFloor => " (floor)",
        })
    }
}

impl Check {
    /// For the progress and the table.
    pub(super) fn name(&self) -> String {
        match &self.look {
            Look::Model(path) => {
                path.rsplit_once("scenarios::").map_or(path.as_str(), |(_, name)| name)
            }
            Look::Tests(target) => target,
            Look::Docs => "doc tests",
            Look::Histories => HISTORIES,
        }
        .to_owned()
    }

    /// Whether it cannot fail so by chance. A test on real threads may fail once, but hardly take many
    /// times as long as it does.
    pub(super) fn is_certain(&self, failure: FailureKind) -> bool {
        matches!(self.look, Look::Model(_) | Look::Histories) || failure == FailureKind::OutOfTime
    }

    /// What has to be built for it, and the name of the executable then.
    pub(super) fn needs(&self) -> Option<(Flavour, String)> {
        match &self.look {
            Look::Model(_) => Some((Flavour::Models, self.package.replace('-', "_"))),
            Look::Tests(target) => Some((Flavour::Tests, target.clone())),
            Look::Docs => None,
            Look::Histories => Some((Flavour::Histories, HISTORIES.to_owned())),
        }
    }

    /// Runs for at most `limit`. Returns `None` if it passed.
    pub(super) fn run(
        &self,
        sandbox: &Sandbox,
        executable: Option<&Executable>,
        limit: Duration,
    ) -> Result<Option<Failure>> {
        match (&self.look, executable) {
            (Look::Model(path), Some(executable)) => self.model(executable, path, limit),
            (Look::Tests(_), Some(executable)) => self.tests(sandbox, executable, limit),
            (Look::Histories, Some(executable)) => self.histories(executable, limit),
            _ => {
                let failed = !docs::succeed(sandbox, self.package, limit)?;
                Ok(failed.then(|| self.failure(FailureKind::Failed)))
            }
        }
    }

    fn failure(&self, kind: FailureKind) -> Failure {
        Failure { check: self.name(), kind }
    }

    fn model(
        &self,
        executable: &Executable,
        path: &str,
        limit: Duration,
    ) -> Result<Option<Failure>> {
        let model = Model::new(self.package, &executable.path, path.to_owned());
        let run = run::alone(&model, &How { max_preemptions: None, limit, jobs: 1 })?;
        let Err(reason) = run.verdict else { return Ok(None) };
        Ok(Some(self.failure(if run.output.status.is_none() {
            FailureKind::OutOfTime
        } else if reason.is::<BelowFloor>() {
            FailureKind::BelowFloor
        } else {
            FailureKind::Failed
        })))
    }

    fn histories(&self, executable: &Executable, limit: Duration) -> Result<Option<Failure>> {
        let mut command = Command::new(&executable.path);
        command.args(["--seconds", "10", "--patience", "10"]);
        let output = output::supervise(command, limit, |_| {})?;
        Ok(match output.status {
            Some(status) if status.success() => None,
            Some(_) => Some(self.failure(FailureKind::Failed)),
            None => Some(self.failure(FailureKind::OutOfTime)),
        })
    }

    fn tests(
        &self,
        sandbox: &Sandbox,
        executable: &Executable,
        limit: Duration,
    ) -> Result<Option<Failure>> {
        let mut command = Command::new(&executable.path);
        // Where cargo would run it.
        command.current_dir(sandbox.package(self.package));
        let mut failed = None;
        let see = |line: &str| failed = failed.take().or_else(|| failed_test(line));
        let output = output::supervise(command, limit, see)?;
        Ok(match output.status {
            Some(status) if status.success() => None,
            None => Some(self.failure(FailureKind::OutOfTime)),
            Some(status) => {
                let check = match failed {
                    Some(test) => format!("{}::{test}", self.name()),
                    None => format!("{} ({status})", self.name()),
                };
                Some(Failure { check, kind: FailureKind::Failed })
            }
        })
    }
}

/// The name in a line of libtest's: `test module::name ... FAILED`.
fn failed_test(line: &str) -> Option<String> {
    let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(name.trim_end_matches(" - should panic").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_tests_are_named() {
        assert_eq!(failed_test("test c92_zero ... FAILED").as_deref(), Some("c92_zero"));
        let should_panic = failed_test("test tests::one - should panic ... FAILED");
        assert_eq!(should_panic.as_deref(), Some("tests::one"));
        assert_eq!(failed_test("test c92_zero ... ok"), None);
        assert_eq!(failed_test("test result: FAILED. 1 passed; 1 failed"), None);
    }

    #[test]
    fn models_have_the_names_that_the_design_gives_them() {
        let check = |look| Check { package: "rsevents", look };
        let model = check(Look::Model("raw::scenarios::auto::as_a_mutex".to_owned()));
        assert_eq!(model.name(), "auto::as_a_mutex");
        assert_eq!(model.needs(), Some((Flavour::Models, "rsevents".to_owned())));
        assert_eq!(check(Look::Docs).name(), "doc tests");
        assert_eq!(check(Look::Docs).needs(), None);
    }
}
