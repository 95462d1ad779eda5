//! `cargo xtask fuzz`: random programs on all objects, against their models. Guided by coverage where
//! cargo-bolero is installed, otherwise by chance alone.

mod form;
mod verdict;

use std::time::{Duration, Instant};

use crate::span::Span;
use anyhow::{Result, bail};
use clap::Parser;

pub(crate) use form::Form;
use verdict::{Statement, judge};

use crate::display::{align_right, grouped, seconds, table};
use crate::output;
use crate::progress::Progress;
use crate::workspace::Workspace;

/// How long a build may take on top of the time that was asked for.
const BUILD: Duration = Duration::from_secs(20 * 60);

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
    let mut last = None;
    let output = output::supervise(command, BUILD + time, |line| {
        // Each replaces the one before.
        last = Statement::parse(line).or(last.take());
    })?;
    let verdict = judge(output.status, last.as_ref());
    let word = verdict.as_ref().map_or_else(ToString::to_string, |()| "passed".to_owned());
    progress.end(&name, &word);
    progress.finish();

    if verdict.is_err() {
        output.print();
        if let Some(command) = form.replay(workspace, &output) {
            println!("to run what failed again: {command}\n");
        }
    }
    print(form, last.as_ref(), start.elapsed(), &word);
    match verdict {
        Ok(()) => Ok(()),
        Err(reason) => bail!("fuzzing failed: {reason}"),
    }
}

fn print(form: Form, statement: Option<&Statement>, time: Duration, word: &str) {
    let header =
        ["programs", "inputs", "operations", "skipped", "outcomes", "failures", "time", "result"];
    let mut results = table(header);
    let number = |number: fn(&Statement) -> u64| {
        statement.map_or("?".to_owned(), |statement| grouped(number(statement)))
    };
    results.add_row([
        form.name().to_owned(),
        number(|statement| statement.inputs),
        number(|statement| statement.operations),
        number(|statement| statement.skipped),
        statement.map_or("?".to_owned(), |statement| statement.outcomes.clone()),
        u8::from(word != "passed").to_string(),
        seconds(time),
        word.to_owned(),
    ]);
    align_right(&mut results, 1..7);
    println!("{results}");
}
