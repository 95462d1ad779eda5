//! `cargo xtask fuzz`: random programs on all objects, against their models. Guided by coverage where
//! cargo-bolero is installed, otherwise purely random.

mod engine;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;

use self::engine::Engine;
use crate::display::seconds;
use crate::job::{self, Job};
use crate::span::Span;
use crate::stats::Reported;
use crate::workspace::Workspace;

/// How long a build may take beyond the time that was asked for.
const BUILD: Duration = Duration::from_secs(20 * 60);

/// What the program reports about: all objects together.
const SUBJECT: &str = "objects";

/// Options of `cargo xtask fuzz`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    span: Span,

    /// Where the programs come from [default: guided where cargo-bolero is installed].
    #[arg(long)]
    engine: Option<Engine>,
}

/// Fuzzes for as long as the options say. Fails if a program does, or if an outcome of an operation never came up.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let engine = options.engine.unwrap_or_else(|| Engine::best(workspace));
    let time = options.span.time();
    let name = format!("fuzz, {engine:?}, for {}", seconds(time));
    let judge = |status, reported: &Reported| reported.judge(status, [SUBJECT], true);
    let run = Job::new(name, engine.command(workspace, time)?, BUILD + time, judge).run()?;

    job::print_failures(std::slice::from_ref(&run));
    if run.verdict.is_err()
        && let Some(command) = engine.replay(workspace, &run.output)
    {
        println!("to run what failed again: {command}\n");
    }
    println!("{}", run.evidence.table([SUBJECT]));
    run.verdict.context("fuzzing failed")
}
