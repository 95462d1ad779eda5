//! `cargo xtask stress`: all objects on real threads, with random delays around every atomic step, every park
//! and every unpark. The program that runs the scenarios is in `verify`.

mod plan;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Parser;
use xshell::cmd;

use self::plan::Slice;
use crate::cargo::{self, Executable};
use crate::job::{self, Job};
use crate::span::Span;
use crate::stats::Reported;
use crate::workspace::{DELAYS, Workspace};

/// More than a slice needs beyond its time: the program's patience with its threads, and what a busy machine
/// adds.
const GRACE: Duration = Duration::from_secs(120);

/// Options of `cargo xtask stress`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    span: Span,

    /// Run the scenarios whose `object::scenario` contains this: `auto::` for all of an object.
    #[arg(default_value = "")]
    filter: String,
}

/// Stresses the objects that are selected, until a slice fails: its process has other threads, but not those
/// that have stalled.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let target_dir = workspace.target_dir(DELAYS.name);
    let build = cmd!(
        workspace.shell,
        "cargo build --package verify --bin stress --release --target-dir {target_dir}"
    );
    let program = cargo::build_one(build.envs(DELAYS.environment()))?;
    let scenarios = job::select(list(&program)?, "scenario", &options.filter, |name| name)?;

    let start = Instant::now();
    let slices = plan::slices(&scenarios, options.span.time());
    let runs = job::until_failure(slices.iter().map(|slice| job(&program, slice)))?;
    job::print_failures(&runs);
    let mut sums = Reported::default();
    runs.iter().for_each(|run| sums.add(&run.evidence));
    println!("{}\n", sums.table(scenarios.iter().map(String::as_str)));
    job::finish(&runs, "slices", start, "")
}

/// The names of the scenarios.
fn list(program: &Executable) -> Result<Vec<String>> {
    let output = Command::new(&program.path).arg("--list").output()?;
    ensure!(output.status.success(), "`stress --list` failed: {}", output.status);
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

fn job<'a>(program: &Executable, slice: &Slice<'a>) -> Job<'a, Reported> {
    let scenarios = slice.scenarios;
    let mut command = Command::new(&program.path);
    command.args(["--require-delays", "--seconds", &slice.time.as_secs_f64().to_string()]);
    command.args(scenarios);
    Job::new(slice.name(), command, slice.time + GRACE, move |status, reported: &Reported| {
        reported.judge(status, scenarios.iter().map(String::as_str), false)
    })
}
