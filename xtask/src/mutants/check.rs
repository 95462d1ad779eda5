//! What can detect a mutant: a model, a test program, the doc tests, or the check of linearizability.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::build::Program;
use super::sandbox::Sandbox;
use super::trial::Fate;
use crate::loom::models::Model;
use crate::loom::run::{self, How};
use crate::loom::verdict::BelowFloor;
use crate::output;

/// One of those, of one package.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) package: &'static str,
    pub(super) kind: CheckKind,
    /// The target whose program is run.
    pub(super) target: String,
    /// The path of a model, otherwise as `target`.
    pub(super) name: String,
    /// How long it takes without a mutant.
    pub(super) time: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CheckKind {
    /// The unit tests under loom, each a check of its own.
    Models,
    /// A program of unit tests or integration tests.
    Tests,
    /// They build themselves.
    DocTests,
    /// Histories of random programs, of objects with delays. They reach what tests cannot arrange, above all at
    /// deadlines.
    Linearizability,
}

impl Check {
    /// How long it may take with a mutant.
    pub(super) fn limit(&self, at_least: Duration) -> Duration {
        at_least.max(5 * self.time)
    }

    /// Runs for at most `limit`. A failure that may be by chance has to happen twice: a test on real threads
    /// may fail once, but hardly take many times as long as it does.
    pub(super) fn run(
        &self,
        sandbox: &Sandbox,
        program: Option<&Program>,
        limit: Duration,
    ) -> Result<Fate> {
        if let (CheckKind::Models, Some(program)) = (self.kind, program) {
            return self.run_model(program, limit);
        }
        let (fate, is_out_of_time) = self.run_tests(sandbox, program, limit)?;
        let may_be_chance = match self.kind {
            CheckKind::Tests => !is_out_of_time,
            CheckKind::DocTests => true,
            CheckKind::Models | CheckKind::Linearizability => false,
        };
        if fate != Fate::Survived && may_be_chance {
            return Ok(self.run_tests(sandbox, program, limit)?.0);
        }
        Ok(fate)
    }

    fn run_model(&self, program: &Program, limit: Duration) -> Result<Fate> {
        let model = Model::new(self.package, &program.executable.path, self.name.clone());
        let run = run::alone(&model, &How { max_preemptions: None, limit, jobs: 1 })?;
        let check = self.name.clone();
        Ok(match run.verdict {
            Ok(()) => Fate::Survived,
            Err(reason) if reason.is::<BelowFloor>() => Fate::BelowFloor { check },
            Err(_) => Fate::Killed { check },
        })
    }

    /// Also returns whether that took too long.
    fn run_tests(
        &self,
        sandbox: &Sandbox,
        program: Option<&Program>,
        limit: Duration,
    ) -> Result<(Fate, bool)> {
        let mut command = match program {
            Some(program) => Command::new(&program.executable.path),
            None => sandbox.cargo("test", "tests"),
        };
        match self.kind {
            CheckKind::DocTests => command.args(["--doc", "--package", self.package]),
            CheckKind::Linearizability => command.args(["--seconds", "10", "--patience", "10"]),
            // Where cargo would run them.
            _ => command.current_dir(sandbox.source.join(self.package)),
        };
        let mut check = self.name.clone();
        let output = output::supervise(command, limit, |line| {
            if let Some(test) =
                line.strip_prefix("test ").and_then(|l| l.strip_suffix(" ... FAILED"))
            {
                check = format!("{}::{test}", self.name);
            }
        })?;
        Ok(match output.status {
            Some(status) if status.success() => (Fate::Survived, false),
            Some(_) => (Fate::Killed { check }, false),
            None => (Fate::Killed { check: format!("{check} (out of time)") }, true),
        })
    }
}
