//! Running bench targets, round after round.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::Utf8PathBuf;
use xshell::cmd;

use super::effort::Effort;
use super::measured::Measured;
use super::rounds::{Round, Rounds};
use super::select::Selected;
use super::{collect, judge, names};
use crate::display::seconds;
use crate::progress::Progress;
use crate::workspace::Workspace;
use crate::{cargo, output};

/// Far more than a round of a scenario needs: one that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// The bench targets, built.
pub(super) struct Bench<'a> {
    workspace: &'a Workspace,
    effort: Effort,
    /// By the target's name.
    programs: BTreeMap<String, Utf8PathBuf>,
    /// Where cargo would run them.
    directory: Utf8PathBuf,
}

impl<'a> Bench<'a> {
    /// Builds all bench targets.
    pub(super) fn build(workspace: &'a Workspace, effort: Effort) -> Result<Self> {
        let build = cmd!(workspace.shell, "cargo bench --package benches --no-run");
        let built = cargo::build(build)?.into_iter();
        let programs = built
            .filter(|executable| executable.artifact.target.is_bench())
            .map(|executable| (executable.artifact.target.name.clone(), executable.path))
            .collect();
        let directory = workspace.package("benches")?.manifest_path.with_file_name("");
        Ok(Self { workspace, effort, programs, directory })
    }

    /// Measures the rows of `selection`. What an earlier run left is removed.
    pub(super) fn measure<'p>(&self, selection: Vec<Selected<'p>>) -> Result<Vec<Measured<'p>>> {
        let mut all = Vec::new();
        for selected in selection {
            let dir = self.workspace.bench_dir(&selected.scenario.name);
            if dir.exists() {
                fs::remove_dir_all(&dir).with_context(|| dir.to_string())?;
            }
            all.push(Measured { selected, rounds: Rounds::default() });
        }
        let jobs = all.iter_mut().map(|one| (one.selected.clone(), &mut one.rounds));
        self.add_rounds(jobs.collect())?;
        Ok(all)
    }

    /// Measures the rows that miss a line for as many rounds again. Nothing is forgotten: all
    /// rounds are judged together.
    pub(super) fn measure_missed(&self, all: &mut [Measured<'_>]) -> Result<()> {
        let mut jobs = Vec::new();
        for one in all {
            let missed = judge::missed_rows(one);
            if let Some(selected) = Selected::new(one.scenario(), |row| missed.contains(&row.name))
            {
                jobs.push((selected, &mut one.rounds));
            }
        }
        if !jobs.is_empty() {
            eprintln!("measuring the rows that missed a line again");
            self.add_rounds(jobs)?;
        }
        Ok(())
    }

    fn add_rounds(&self, jobs: Vec<(Selected<'_>, &mut Rounds)>) -> Result<()> {
        let progress = Progress::new(jobs.len() * self.effort.rounds);
        for (selected, rounds) in jobs {
            let selected = selected.with_compared();
            for _ in 0..self.effort.rounds {
                let number = rounds.0.len() + 1;
                let name = format!("{}, round {number}", selected.scenario.name);
                progress.begin(&name);
                let start = Instant::now();
                rounds.0.push(self.round(&selected, number).context(name.clone())?);
                progress.end(&name, &seconds(start.elapsed()));
            }
        }
        progress.finish();
        Ok(())
    }

    /// One run of the target: the contenders of a row one after another.
    fn round(&self, selected: &Selected<'_>, number: usize) -> Result<Round> {
        let name = &selected.scenario.name;
        let dir = self.workspace.bench_dir(name).join(format!("round-{number}"));
        fs::create_dir_all(&dir)?;

        let output = output::supervise(self.command(selected, &dir)?, LIMIT, |_| {})?;
        match output.status {
            Some(status) if status.success() => {}
            ended => {
                output.print();
                match ended {
                    Some(status) => bail!("the bench target failed: {status}"),
                    None => bail!("not done after {}", seconds(LIMIT)),
                }
            }
        }
        let mut round = collect::round(&dir)?;
        names::round(&round, selected)?;
        round.retain(|path| selected.rows.iter().any(|row| selected.scenario.path(row) == path));
        Ok(round)
    }

    /// What `cargo bench -p benches --bench NAME -- …` runs, without cargo: it would look at all
    /// sources each time, and could not be killed with what it runs.
    fn command(&self, selected: &Selected<'_>, dir: &Utf8PathBuf) -> Result<Command> {
        let name = &selected.scenario.name;
        let program = self.programs.get(name);
        let mut command = Command::new(
            program.with_context(|| format!("the package `benches` has no bench `{name}`"))?,
        );
        command.current_dir(&self.directory).args(["--bench", "--noplot"]);
        command.args(self.effort.arguments()).args(selected.regex());
        command.env("CRITERION_HOME", dir);
        command.env("RSEVENTS_BENCH_FIGURES", dir.join(collect::FIGURES));
        Ok(command)
    }
}
