//! `cargo xtask ci`: every gate a change has to pass, in order.

mod deny;
mod deps;
mod examples;
mod gates;
mod msrv;

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::cli;
use crate::display::{align_right, seconds, table};
use crate::workspace::Workspace;

/// What a section that has not failed has shown.
pub(crate) enum Outcome {
    Passed,
    /// It could not look, and said so. Proves nothing.
    Skipped,
}

/// A name, and the gate itself.
type Section = (&'static str, fn(&Workspace) -> Result<Outcome>);

/// The sections: cheap ones first, so that most mistakes are found in seconds.
const SECTIONS: &[Section] = &[
    ("fmt", gates::fmt),
    ("clippy", gates::clippy),
    ("clippy-loom", gates::clippy_loom),
    ("clippy-delays", gates::clippy_delays),
    ("test", gates::test),
    ("test-release", gates::test_release),
    ("test-delays", gates::test_delays),
    ("doc", gates::doc),
    ("examples", examples::check),
    ("deps", deps::check),
    ("deny", deny::check),
    ("msrv", msrv::check),
    ("package", gates::package),
    ("fuzz", gates::fuzz),
    ("linearizability", gates::linearizability),
    ("stress", gates::stress),
    ("loom", gates::loom),
    ("sanitize", gates::sanitize),
    ("mutants", gates::mutants),
];

fn check_names(chosen: &[String]) -> Result<()> {
    let names: Vec<_> = SECTIONS.iter().map(|&(name, _)| name).collect();
    for name in chosen {
        ensure!(names.contains(&name.as_str()), "no section `{name}` among {}", names.join(", "));
    }
    Ok(())
}

/// Runs the sections, stops at the first that fails, and prints how long each took.
pub(crate) fn run(workspace: &Workspace, options: &cli::Ci) -> Result<()> {
    check_names(&options.only)?;
    let mut results = table(["section", "result", "time"]);
    align_right(&mut results, [2]);

    let mut failure = Ok(());
    for &(name, section) in SECTIONS {
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
