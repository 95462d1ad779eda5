//! Running slices, each in a process of its own: a thread that stalls is gone with it.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use xshell::cmd;

use super::plan::Slice;
use crate::cargo::{self, Executable};
use crate::display::{grouped, seconds};
use crate::output::{self, Output};
use crate::progress::Progress;
use crate::stats::Reported;
use crate::workspace::{DELAYS, Workspace};

/// More than a slice needs beyond its time: the program's patience with its threads, and what a busy machine
/// adds.
const GRACE: Duration = Duration::from_secs(120);

/// A slice that was played.
pub(super) struct Played {
    pub(super) name: String,
    pub(super) reported: Reported,
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
    let mut reported = Reported::default();
    let mut command = Command::new(&program.path);
    command.args(["--require-delays", "--seconds"]).arg(slice.time.as_secs_f64().to_string());
    command.args(slice.scenarios);
    let output = output::supervise(command, slice.time + GRACE, |line| reported.read(line))?;
    let scenarios = slice.scenarios.iter().map(String::as_str);
    let verdict = reported.judge(output.status, scenarios, false);
    Ok(Played { name: slice.name(), reported, output, verdict, end: start.elapsed() })
}

impl Played {
    /// The verdict in words.
    pub(super) fn word(&self) -> String {
        match &self.verdict {
            Ok(()) => format!("{} rounds", grouped(self.reported.done())),
            Err(reason) => reason.to_string(),
        }
    }
}
