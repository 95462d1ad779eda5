//! `cargo xtask linearizability`: real threads use the objects at random, and an order of their calls must
//! explain every answer. The program that does it is in `verify`.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::span::Span;
use anyhow::Result;
use cargo_metadata::camino::Utf8Path;
use clap::Parser;
use clap::builder::PossibleValuesParser;
use report::Report;
use xshell::cmd;

use crate::cargo::{self, Executable};
use crate::display::{grouped, seconds};
use crate::output;
use crate::progress::Progress;
use crate::stats::Reported;
use crate::workspace::{DELAYS, Workspace};

/// The program that does it.
const PROGRAM: &str = "linearizability";

/// A run this long makes every kind of call hundreds of times. In a shorter one some may be missing by
/// chance.
const LONG: Duration = Duration::from_secs(10);

/// What can be checked, in the program's words.
pub(crate) const OBJECTS: [&str; 4] = ["auto", "manual", "countdown", "semaphore"];

/// What it may take longer than asked for: its check of itself, and its patience with a history that has
/// stalled.
const GRACE: Duration = Duration::from_secs(420);

/// Options of `cargo xtask linearizability`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) span: Span,

    /// Let the objects take random delays around every step, as `stress` does: fewer histories, odder ones.
    #[arg(long)]
    pub(crate) delays: bool,

    /// Check this object alone (may be repeated).
    #[arg(
        long,
        value_name = "NAME",
        value_parser = PossibleValuesParser::new(OBJECTS)
    )]
    pub(crate) object: Vec<String>,

    /// Make the same programs as the run that named this number. The threads take other turns all the same.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

/// Builds the program, runs it, and tells what it found.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let program = build(workspace, options.delays)?;
    let objects = objects(options);
    let time = options.span.time();
    let start = Instant::now();
    let progress = Progress::new(time.as_secs().try_into()?);
    let mut reported = Reported::default();
    let command = command(&program.path, &objects, time, options.seed);
    let output = output::supervise(command, time + GRACE, |line| match Report::parse(line) {
        Some(Report::Progress { seconds, operations }) => {
            progress.at(seconds, &format!("{} operations", grouped(operations)));
        }
        Some(Report::Stats(stats)) => reported.replace(stats),
        None => progress.print(line),
    })?;
    progress.finish();

    println!("{}", reported.table(objects.iter().copied()));
    println!("{} operations checked in {}", grouped(reported.done()), seconds(start.elapsed()));
    let verdict = reported.judge(output.status, objects.iter().copied(), time >= LONG);
    if output.status.is_none_or(|status| !status.success()) {
        output.stderr.print("stderr");
    }
    verdict
}

fn build(workspace: &Workspace, has_delays: bool) -> Result<Executable> {
    let mut build = cmd!(workspace.shell, "cargo build --release --package verify --bin {PROGRAM}");
    if has_delays {
        let target_dir = workspace.target_dir(&DELAYS);
        build = build.envs(DELAYS.environment()).args(["--target-dir", target_dir.as_str()]);
    }
    cargo::build_one(build)
}

/// What is to be checked: what was asked for, or all.
fn objects(options: &Options) -> Vec<&str> {
    if options.object.is_empty() {
        OBJECTS.to_vec()
    } else {
        options.object.iter().map(String::as_str).collect()
    }
}

fn command(program: &Utf8Path, objects: &[&str], time: Duration, seed: Option<u64>) -> Command {
    let mut command = Command::new(program);
    command.args(["--seconds", &time.as_secs().to_string()]);
    command.args(objects.iter().flat_map(|object| ["--object", object]));
    command.args(seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
    command
}
