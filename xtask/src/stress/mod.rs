//! `cargo xtask stress`: all objects on real threads for as long as wanted, with random delays around every
//! atomic step, every park and every unpark. The program that plays the scenarios is in `verify`.

mod plan;
mod report;
mod run;

use std::time::Instant;

use crate::span::Span;
use anyhow::{Result, ensure};
use clap::Parser;

use crate::workspace::Workspace;

/// Options of `cargo xtask stress`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) span: Span,

    /// Play the scenarios whose `object::scenario` contains this: `auto::` for all of an object.
    pub(crate) filter: Option<String>,
}

/// Stresses the objects that are selected. Fails if anything was lost, doubled or stalled.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let program = run::build(workspace)?;
    let scenarios = plan::select(run::scenarios(&program)?, options.filter.as_deref())?;
    let slices = plan::slices(&scenarios, options.span.time());

    let start = Instant::now();
    let played = run::all(&program, &slices)?;
    let failed = report::print(&scenarios, &played, start.elapsed());
    ensure!(failed == 0, "{failed} of {} slices failed", played.len());
    Ok(())
}
