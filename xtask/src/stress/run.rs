//! Running slices, each in a process of its own: a thread that stalls is gone with it.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use xshell::cmd;

use super::figures::{Figures, Statements};
use super::plan::Slice;
use crate::cargo::{self, Executable};
use crate::display::{grouped, seconds};
use crate::output::{self, Output};
use crate::progress::Progress;
use crate::workspace::{DELAYS, Workspace};

/// More than a slice needs beyond its time: the program's patience with its threads, and what a busy machine
/// adds.
const GRACE: Duration = Duration::from_secs(120);

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

/// Builds the program that plays the scenarios, with delays.
pub(super) fn build(workspace: &Workspace) -> Result<Executable> {
    let target_dir = workspace.target_dir(&DELAYS);
    let build = cmd!(
        workspace.shell,
        "cargo build --package verify --bin stress --release --target-dir {target_dir}"
    );
    cargo::build_one(build.envs(DELAYS.environment()))
}

/// The names of the scenarios.
pub(super) fn scenarios(program: &Executable) -> Result<Vec<String>> {
    let output = Command::new(&program.path).arg("--list").output()?;
    ensure!(output.status.success(), "`stress --list` failed: {}", output.status);
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

/// Plays the slices one after another, until one fails.
pub(super) fn all(program: &Executable, slices: &[Slice<'_>]) -> Result<Vec<Played>> {
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

fn one(program: &Executable, slice: &Slice<'_>, start: Instant) -> Result<Played> {
    let mut statements = Statements::default();
    let mut command = Command::new(&program.path);
    command.arg("--seconds").arg(slice.time.as_secs_f64().to_string());
    command.args(slice.scenarios);
    let see = |line: &str| statements.read(line);
    let output = output::supervise(command, slice.time + GRACE, see)?;
    let verdict = judge(output.status, &statements, slice);
    Ok(Played { name: slice.name(), statements, output, verdict, end: start.elapsed() })
}

/// Says why a slice is not clean.
fn judge(status: Option<ExitStatus>, statements: &Statements, slice: &Slice<'_>) -> Result<()> {
    let Some(status) = status else { bail!("did not come to an end") };
    for (scenario, figures) in &statements.scenarios {
        if let Some(wrong) = figures.wrong() {
            bail!("{scenario}: {wrong}");
        }
    }
    ensure!(status.success(), "failed: {status}");
    ensure!(statements.has_delays, "the objects took no delays");
    for scenario in slice.scenarios {
        let figures = statements.scenarios.get(scenario).copied().unwrap_or_default();
        ensure!(figures.rounds() > 0, "{scenario} came to the end of no round");
    }
    Ok(())
}

impl Played {
    /// The verdict in words.
    pub(super) fn word(&self) -> String {
        match &self.verdict {
            Ok(()) => format!(
                "{} rounds",
                grouped(self.statements.scenarios.values().map(Figures::rounds).sum())
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

    const CLEAN: &str =
        "auto::news: rounds=1 sets=2 waits=1 timeouts=0 resets=0 lost=0 doubled=0 stalls=0";

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
        let idle = "auto::news came to the end of no round";
        assert_eq!(why(&["delays: yes"]), idle);
        let farewell = CLEAN.replace("rounds=1", "rounds=0");
        assert_eq!(why(&["delays: yes", &farewell]), idle);
        for wrong in ["lost", "doubled", "stalls"] {
            let line = CLEAN.replace(&format!("{wrong}=0"), &format!("{wrong}=3"));
            assert!(why(&["delays: yes", &line]).starts_with(&format!("auto::news: {wrong} 3")));
        }
        let late = reason(None, &["delays: yes", CLEAN]).unwrap();
        assert_eq!(late, "did not come to an end");
    }
}
