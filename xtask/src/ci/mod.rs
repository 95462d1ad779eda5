//! `cargo xtask ci`: every gate a change has to pass, in order.

mod deps;
mod gates;
mod msrv;
mod packages;

use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use clap::builder::{PossibleValue, PossibleValuesParser};

use self::gates::GATES;
use crate::display::{align_right, seconds, table};
use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// Options of `cargo xtask ci`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Run this gate alone (may be repeated).
    #[arg(
        long,
        value_name = "GATE",
        value_parser = PossibleValuesParser::new(
            GATES.iter().map(|gate| PossibleValue::new(gate.name).help(gate.shows))
        )
    )]
    only: Vec<String>,
}

/// Runs the gates, stops at the first that fails, and prints how long each took.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut results = table(["gate", "result", "time"]);
    align_right(&mut results, [2]);
    let mut failure = Ok(());
    let is_chosen = |name| options.only.is_empty() || options.only.iter().any(|only| only == name);
    for gate in GATES.iter().filter(|gate| is_chosen(gate.name)) {
        let name = gate.name;
        eprintln!("\n== {name} ==");
        let start = Instant::now();
        let outcome = gate.run(workspace);
        results.add_row([name, Outcome::word(&outcome), &seconds(start.elapsed())]);
        if let Err(error) = outcome {
            failure = Err(error).with_context(|| format!("gate `{name}` failed"));
            break;
        }
    }
    println!("\n{results}");
    failure
}
