//! `cargo xtask fuzz`: random programs on all objects, against their models. Guided by coverage where
//! cargo-bolero is installed, otherwise by chance alone.

mod form;

use std::time::{Duration, Instant};

use crate::span::Span;
use anyhow::{Context, Result};
use clap::Parser;

pub(crate) use form::Form;

use crate::display::seconds;
use crate::output;
use crate::progress::Progress;
use crate::stats::Reported;
use crate::workspace::Workspace;

/// How long a build may take on top of the time that was asked for.
const BUILD: Duration = Duration::from_secs(20 * 60);

/// All objects together.
const SUBJECT: &str = "objects";

/// Options of `cargo xtask fuzz`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) span: Span,
}

/// Fuzzes for as long as the options say, in the best form that there are tools for.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    run_for(workspace, Form::best(workspace), options.span.time())
}

/// Fuzzes in this form. Fails if a program does, or if some outcome of an operation never came up.
pub(crate) fn run_for(workspace: &Workspace, form: Form, time: Duration) -> Result<()> {
    let command = form.command(workspace, time)?;
    let name = format!("fuzz, {}, for {}", form.name(), seconds(time));
    let progress = Progress::new(1);
    progress.begin(&name);
    let start = Instant::now();
    let mut reported = Reported::default();
    let output = output::supervise(command, BUILD + time, |line| reported.read(line))?;
    let verdict = reported.judge(output.status, [SUBJECT], true);
    let word = verdict.as_ref().map_or_else(ToString::to_string, |()| "passed".to_owned());
    progress.end(&name, &word);
    progress.finish();

    if verdict.is_err() {
        output.print();
        if let Some(command) = form.replay(workspace, &output) {
            println!("to run what failed again: {command}\n");
        }
    }
    println!("{}", reported.table([SUBJECT]));
    println!("{} programs, {}", form.name(), seconds(start.elapsed()));
    verdict.context("fuzzing failed")
}
