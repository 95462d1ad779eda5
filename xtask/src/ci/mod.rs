//! `cargo xtask ci`: every gate a change has to pass, in order.

mod deps;
mod gates;
mod msrv;
mod packages;

use anyhow::{Context, Result};
use clap::Parser;
use clap::builder::PossibleValuesParser;

use self::gates::GATES;
use crate::outcome::{self, Checked};
use crate::workspace::Workspace;

/// Options of `cargo xtask ci`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Run this gate alone (may be repeated).
    #[arg(
        long,
        value_name = "GATE",
        value_parser = PossibleValuesParser::new(GATES.iter().map(|gate| gate.name))
    )]
    only: Vec<String>,
}

/// Runs the gates, stops at the first that fails, and prints how long each took.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let is_chosen = |name| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let mut all = Vec::new();
    for gate in GATES.iter().filter(|gate| is_chosen(gate.name)) {
        let checked = Checked::run(gate.name, || gate.run(workspace));
        let has_failed = checked.result.is_err();
        all.push(checked);
        if has_failed {
            break;
        }
    }
    outcome::print(&all);
    // The last one first: no other can have failed.
    for Checked { name, result, .. } in all.into_iter().rev() {
        let outcome = result.with_context(|| format!("gate `{name}` failed"))?;
        if !options.only.is_empty() {
            outcome.ensure_ran(name)?;
        }
    }
    Ok(())
}
