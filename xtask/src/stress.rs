//! `cargo xtask stress`: all objects on real threads, with random delays around every atomic step, every park
//! and every unpark. The program that runs the scenarios is in `verify`.

use std::process::Command;
use std::slice;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use xshell::cmd;

use crate::cargo::{self, Executable};
use crate::job::{self, Job};
use crate::span::Span;
use crate::stats::Reported;
use crate::workspace::{DELAYS, Workspace};

/// The length of a slice if there is time enough. In less time slices are shorter, not fewer: each scenario has
/// to run.
const SLICE: Duration = Duration::from_secs(2);

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

/// Stresses the objects that are selected, slice after slice, until one fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let build = ["build", "--package=verify", "--bin=stress", "--release"];
    let program = cargo::build_one(workspace.cargo_on(&DELAYS, build))?;
    let path = &program.path;
    let list = cmd!(workspace.shell, "{path} --list").quiet().read()?;
    let scenarios = list.lines().map(str::to_owned).collect();
    let scenarios = job::select(scenarios, "scenario", &options.filter, |name: &String| name)?;

    let start = Instant::now();
    let runs = job::until_failure(slices(&program, &scenarios, options.span.time()))?;
    job::print_failures(&runs);
    let mut sums = Reported::default();
    runs.iter().for_each(|run| sums.add(&run.evidence));
    println!("{}\n", sums.table(scenarios.iter().map(String::as_str)));
    job::finish(&runs, "slices", start, "")
}

/// Slices that fill `time`. Threads with cores of their own lose other races than threads that share them: every
/// other slice runs a scenario alone, the others run all side by side.
fn slices<'a>(
    program: &Executable,
    scenarios: &'a [String],
    time: Duration,
) -> Vec<Job<'a, Reported>> {
    let mut round = Vec::new();
    for scenario in scenarios {
        round.push(slice::from_ref(scenario));
        if scenarios.len() > 1 {
            round.push(scenarios);
        }
    }
    let rounds = time.as_secs_f64() / (SLICE * round.len() as u32).as_secs_f64();
    let rounds = (rounds.round() as usize).max(1);
    let time = time / (rounds * round.len()) as u32;
    let all = round.iter().cycle().take(rounds * round.len());
    all.map(|scenarios| job(program, scenarios, time)).collect()
}

/// A process of its own for each slice: a thread that stalls ends with it.
fn job<'a>(program: &Executable, scenarios: &'a [String], time: Duration) -> Job<'a, Reported> {
    let name = match scenarios {
        [scenario] => scenario.clone(),
        several => format!("{} side by side", several.len()),
    };
    let mut command = Command::new(&program.path);
    command.args(["--require-delays", "--seconds", &time.as_secs_f64().to_string()]);
    command.args(scenarios);
    Job::new(name, command, time + GRACE, move |status, reported: &Reported| {
        reported.judge(status, scenarios.iter().map(String::as_str), false)
    })
}
