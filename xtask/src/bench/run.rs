//! Running the benchmarks, round after round.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use cargo_metadata::camino::Utf8PathBuf;
use report::Report;
use report::bench::{Catalog, Row};
use xshell::cmd;

use super::plan::{self, Plan, Selected};
use super::rounds::{Round, Rounds};
use crate::job::{Evidence, Job};
use crate::workspace::Workspace;
use crate::{cargo, job};

/// Far more than a round of a scenario needs: one that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// How many rounds there are, and what criterion does in each with each benchmark. In seconds.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    name: &'static str,
    rounds: usize,
    warm_up: f64,
    measurement: f64,
}

/// In a round, of each benchmark.
const SAMPLES: usize = 10;

impl Effort {
    pub(super) const QUICK: Self =
        Self { name: "quick", rounds: 3, warm_up: 0.04, measurement: 0.08 };
    /// What the report of a release should be written from.
    pub(super) const FULL: Self = Self { name: "full", rounds: 5, warm_up: 0.1, measurement: 0.25 };

    /// `full: 5 rounds of 10 samples in 250ms`
    pub(super) fn describe(&self) -> String {
        let Self { name, rounds, measurement, .. } = self;
        let measurement = Duration::from_secs_f64(*measurement);
        format!("{name}: {rounds} rounds of {SAMPLES} samples in {measurement:?}")
    }
}

impl Evidence for Vec<Report> {
    fn read(&mut self, line: &str) {
        self.extend(Report::parse(line));
    }
}

/// The benchmarks, built.
pub(super) struct Bench<'a> {
    pub(super) workspace: &'a Workspace,
    effort: Effort,
    pub(super) program: Utf8PathBuf,
}

impl<'a> Bench<'a> {
    pub(super) fn build(workspace: &'a Workspace, effort: Effort) -> Result<Self> {
        let build = cmd!(workspace.shell, "cargo bench --package benches --bench benches --no-run");
        Ok(Self { workspace, effort, program: cargo::build_one(build)?.path })
    }

    /// What can be measured.
    pub(super) fn list(&self) -> Result<Catalog> {
        let program = &self.program;
        let output = cmd!(self.workspace.shell, "{program} list").quiet().read()?;
        let catalog = output.lines().find_map(|line| match Report::parse(line) {
            Some(Report::Benchmarks(catalog)) => Some(catalog),
            _ => None,
        });
        catalog.context("the benchmarks do not list themselves")
    }

    /// Adds as many rounds of `selection` as the effort says, each a run of the program: the contenders of a row
    /// come one after another in it.
    pub(super) fn measure(
        &self,
        plan: &Plan,
        selection: &[Selected<'_>],
        rounds: &mut Rounds,
    ) -> Result<()> {
        let (mut jobs, mut rows_of_jobs) = (Vec::new(), Vec::new());
        for selected @ (scenario, _) in selection {
            for number in 1..=self.effort.rounds {
                let rows = plan.with_compared(selected);
                let name = format!("{}, round {number}", scenario.name);
                let judge = |status, _: &Vec<Report>| job::succeeded(status);
                jobs.push(Job::new(name, self.command(&rows), LIMIT, judge));
                rows_of_jobs.push(rows);
            }
        }
        let runs = job::until_failure(jobs)?;
        job::print_failures(&runs);
        for (run, rows) in runs.into_iter().zip(rows_of_jobs) {
            run.verdict.with_context(|| run.name.clone())?;
            rounds.0.push(Round::new(run.evidence, &rows).context(run.name)?);
        }
        Ok(())
    }

    /// What `cargo bench -p benches -- REGEX` runs, without cargo: it would check all sources each time,
    /// and could not be killed with what it runs.
    fn command(&self, rows: &[&Row]) -> Command {
        let Effort { warm_up, measurement, .. } = self.effort;
        let mut command = Command::new(&self.program);
        // Criterion's own results are not read. A directory of theirs keeps those of `cargo bench` as they are.
        let dir = self.workspace.target_dir("rsevents-bench");
        command.current_dir(self.workspace.root()).env("CRITERION_HOME", dir);
        command.args(["--bench", "--noplot", &plan::regex(rows)]);
        command.args(["--warm-up-time", &warm_up.to_string()]);
        command.args(["--measurement-time", &measurement.to_string()]);
        command.args(["--sample-size", &SAMPLES.to_string()]);
        // For confidence intervals, which are not used here: the rounds tell more.
        command.args(["--nresamples", "1000"]);
        command
    }
}
