//! Running slices, each in a process of its own: a thread that stalls is gone with it.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use cargo_metadata::camino::Utf8PathBuf;
use xshell::cmd;

use super::figures::{Figures, Statements};
use super::plan::Slice;
use crate::cargo;
use crate::display::{grouped, seconds};
use crate::output::{self, Output};
use crate::progress::Progress;
use crate::workspace::{DELAYS, Workspace};

/// A thread that stands still for so long has stalled: delays take less than a millisecond.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than a slice needs beyond its time: the threads' patience, and what a busy machine adds.
const GRACE: Duration = Duration::from_secs(120);

/// The program that plays the scenarios, built with delays.
pub(super) struct Program(Utf8PathBuf);

/// A slice that was played.
pub(super) struct Played {
    pub(super) name: String,
    pub(super) statements: Statements,
    pub(super) output: Output,
    /// Clean, or why it is not.
    pub(super) verdict: Result<()>,
    /// Since the first slice began.
    pub(super) end: Duration,
}

impl Program {
    pub(super) fn build(workspace: &Workspace) -> Result<Self> {
        let target_dir = workspace.target_dir(&DELAYS);
        let build = cmd!(
            workspace.shell,
            "cargo build --package checks --bin stress --release --target-dir {target_dir}"
        );
        let build = build.envs(DELAYS.environment());
        Ok(Self(cargo::build_one(build)?.path))
    }

    /// The names of the scenarios.
    pub(super) fn scenarios(&self) -> Result<Vec<String>> {
        let mut command = Command::new(&self.0);
        let output = command.arg("--list").output()?;
        ensure!(output.status.success(), "`stress --list` failed: {}", output.status);
        Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
    }

    fn command(&self, slice: &Slice<'_>) -> Command {
        let mut command = Command::new(&self.0);
        command.arg("--seconds").arg(slice.time.as_secs_f64().to_string());
        command.arg("--patience").arg(PATIENCE.as_secs_f64().to_string());
        command.args(slice.scenarios);
        command
    }
}

/// Plays the slices one after another, until one fails.
pub(super) fn all(program: &Program, slices: &[Slice<'_>]) -> Result<Vec<Played>> {
    let progress = Progress::new(slices.len());
    let start = Instant::now();
    let mut left: Duration = slices.iter().map(|slice| slice.time).sum();
    let mut all = Vec::new();
    for slice in slices {
        let name = format!("{}, {} left", slice.name(), seconds(left));
        progress.begin(&name);
        let played = one(program, slice, start)?;
        progress.end(&name, &played.word());
        left -= slice.time;
        let is_clean = played.verdict.is_ok();
        all.push(played);
        if !is_clean {
            break;
        }
    }
    progress.finish();
    Ok(all)
}

fn one(program: &Program, slice: &Slice<'_>, start: Instant) -> Result<Played> {
    let mut statements = Statements::default();
    let see = |line: &str| statements.read(line);
    let output = output::supervise(program.command(slice), slice.time + GRACE, see)?;
    let verdict = judge(output.status, &statements, slice);
    Ok(Played { name: slice.name(), statements, output, verdict, end: start.elapsed() })
}

/// Says why a slice is not clean.
fn judge(status: Option<ExitStatus>, statements: &Statements, slice: &Slice<'_>) -> Result<()> {
    let Some(status) = status else { bail!("did not come to an end") };
    for (scenario, figures) in &statements.scenarios {
        ensure!(figures.wrong() == 0, "{scenario} went wrong {} times", figures.wrong());
    }
    ensure!(status.success(), "failed: {status}");
    ensure!(statements.has_delays, "the objects took no delays");
    for scenario in slice.scenarios {
        let figures = statements.scenarios.get(scenario).copied().unwrap_or_default();
        ensure!(figures.calls() > 0, "{scenario} did nothing");
    }
    Ok(())
}

impl Played {
    /// The verdict in words.
    pub(super) fn word(&self) -> String {
        match &self.verdict {
            Ok(()) => format!(
                "{} calls",
                grouped(self.statements.scenarios.values().map(Figures::calls).sum())
            ),
            Err(reason) => reason.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::ExitStatus;
    use std::time::Duration;

    use super::{Slice, Statements, judge};

    const CLEAN: &str = "auto::news: sets=1 waits=1 timeouts=0 resets=0 lost=0 doubled=0 stalls=0";

    /// Why a slice of `auto::news` that printed these lines is not clean.
    fn reason(status: Option<ExitStatus>, lines: &[&str]) -> Option<String> {
        let mut statements = Statements::default();
        lines.iter().for_each(|line| statements.read(line));
        let scenarios = ["auto::news".to_owned()];
        let slice = Slice { scenarios: &scenarios, time: Duration::from_secs(1) };
        judge(status, &statements, &slice).err().map(|reason| reason.to_string())
    }

    #[test]
    fn a_slice_has_to_say_that_it_is_clean() {
        let success = Some(ExitStatus::default());
        let why = |lines: &[&str]| reason(success, lines).unwrap();
        assert_eq!(reason(success, &["delays: yes", CLEAN]), None);
        assert_eq!(why(&["delays: no", CLEAN]), "the objects took no delays");
        assert_eq!(why(&["delays: yes"]), "auto::news did nothing");
        let idle = CLEAN.replace('1', "0");
        assert_eq!(why(&["delays: yes", &idle]), "auto::news did nothing");
        for wrong in ["lost", "doubled", "stalls"] {
            let line = CLEAN.replace(&format!("{wrong}=0"), &format!("{wrong}=3"));
            assert_eq!(why(&["delays: yes", &line]), "auto::news went wrong 3 times");
        }
        let late = reason(None, &["delays: yes", CLEAN]).unwrap();
        assert_eq!(late, "did not come to an end");
    }
}
