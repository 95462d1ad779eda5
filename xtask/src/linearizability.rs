//! `cargo xtask linearizability`: real threads use the objects at random, and an order of their calls must
//! explain every answer. The program that does it is in `verify`.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use xshell::cmd;

use crate::span::Span;
use crate::workspace::{DELAYS, Workspace};
use crate::{cargo, stats};

/// The name of the program.
const PROGRAM: &str = "linearizability";

/// What can be checked.
const OBJECTS: [&str; 5] = ["auto", "manual", "countdown", "semaphore", "several"];

/// What it may take beyond its time: its check of itself, and its patience with a history that has stalled.
const GRACE: Duration = Duration::from_secs(420);

/// A run this long makes every kind of call hundreds of times. In a shorter one some may be missing by chance.
const LONG: Duration = Duration::from_secs(10);

/// Options of `cargo xtask linearizability`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    span: Span,

    /// Build the objects with random delays around every step, as `stress` does: fewer histories, rarer ones.
    #[arg(long)]
    delays: bool,

    /// Check this object (may be repeated).
    #[arg(long, value_name = "NAME", default_values = OBJECTS, value_parser = OBJECTS)]
    object: Vec<String>,

    /// Make the same programs as the run that printed this number. The timing is another all the same.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// Builds the program, runs it, and prints what it found.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let build = ["build", "--release", "--package=verify", "--bin", PROGRAM];
    let program = cargo::build_one(if options.delays {
        workspace.cargo_on(&DELAYS, build)
    } else {
        cmd!(workspace.shell, "cargo {build...}")
    })?;

    let objects: Vec<&str> = options.object.iter().map(String::as_str).collect();
    let time = options.span.time();
    let mut command = Command::new(&program.path);
    command.args(["--seconds", &time.as_secs().to_string()]);
    command.args(objects.iter().flat_map(|object| ["--object", object]));
    command.args(options.seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
    stats::run(PROGRAM, command, time + GRACE, &objects, time >= LONG)?;
    Ok(())
}
