//! `cargo xtask ci`: every gate a change has to pass, in order.

mod deny;
mod deps;
mod examples;
mod gates;
mod msrv;
mod packages;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;

use crate::display::{align_right, seconds, table};
use crate::workspace::Workspace;

/// What a section that has not failed has shown.
pub(crate) enum Outcome {
    Passed,
    /// It could not look, and said so. Proves nothing.
    Skipped,
}

impl Outcome {
    /// For who asked for this check alone: that it could not look is no success.
    pub(crate) fn ensure_ran(&self, name: &str) -> Result<()> {
        ensure!(matches!(self, Self::Passed), "`{name}` could not be run");
        Ok(())
    }
}

/// A name, what there is to know before, and the gate itself.
type Section = (&'static str, &'static str, fn(&Workspace) -> Result<Outcome>);

/// The sections: cheap ones first, so that most mistakes are found in seconds.
const SECTIONS: &[Section] = &[
    ("fmt", "the format", gates::fmt),
    ("clippy", "clippy's lints", gates::clippy),
    ("clippy-loom", "the same for the code under loom", gates::clippy_loom),
    ("clippy-delays", "the same for the code with delays", gates::clippy_delays),
    ("test", "all tests and the documentation's examples", gates::test),
    ("test-release", "all tests, optimized", gates::test_release),
    ("test-delays", "the contract's tests with random delays", gates::test_delays),
    ("doc", "the documentation builds without a warning", gates::doc),
    ("examples", "every example runs to its end", examples::check),
    ("deps", "what the published crates depend on", deps::check),
    ("deny", "licences and sources of dependencies; skipped without cargo-deny", deny::check),
    ("package", "all tests of what would be uploaded", packages::check),
    ("oldest", "the same with the oldest parking_lot_core", packages::check_oldest),
    ("msrv", "the oldest Rust builds it; skipped where that is not installed", msrv::check),
    ("fuzz", "random programs against the models, 10 s", gates::fuzz),
    ("linearizability", "histories of real threads, 10 s", gates::linearizability),
    ("stress", "all objects with random delays, 15 s", gates::stress),
    ("loom", "every model to its end, minutes", gates::loom),
    (
        "miri",
        "events that a waiter frees, under Miri; skipped where it is not installed",
        gates::miri,
    ),
    ("sanitize", SANITIZE, gates::sanitize),
    ("mutants", "the models notice weaker orderings, many minutes", gates::mutants),
];

const SANITIZE: &str =
    "all tests under ThreadSanitizer, minutes; skipped without a compiler that builds std";

/// The names of all, each with its note.
pub(crate) fn sections() -> impl Iterator<Item = PossibleValue> {
    SECTIONS.iter().map(|&(name, note, _)| PossibleValue::new(name).help(note))
}

/// Options of `cargo xtask ci`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Run this section alone (may be repeated).
    #[arg(long, value_name = "SECTION", value_parser = PossibleValuesParser::new(sections()))]
    pub(crate) only: Vec<String>,
}

/// Runs the sections, stops at the first that fails, and prints how long each took.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut results = table(["section", "result", "time"]);
    align_right(&mut results, [2]);

    let mut failure = Ok(());
    for &(name, _, section) in SECTIONS {
        if !options.only.is_empty() && !options.only.iter().any(|only| only == name) {
            continue;
        }
        eprintln!("\n== {name} ==");
        let start = Instant::now();
        let outcome = section(workspace);
        results.add_row([name, word(&outcome), &seconds(start.elapsed())]);
        if let Err(error) = outcome {
            failure = Err(error).with_context(|| format!("section `{name}` failed"));
            break;
        }
    }
    println!("\n{results}");
    failure
}

fn word(outcome: &Result<Outcome>) -> &'static str {
    match outcome {
        Ok(Outcome::Passed) => "passed",
        Ok(Outcome::Skipped) => "skipped",
        Err(_) => "failed",
    }
}
