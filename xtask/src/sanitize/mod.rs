//! `cargo xtask sanitize`: the tests of the published crates under ThreadSanitizer, which reports accesses
//! to the same memory that nothing orders, even where this processor would never show it.
//!
//! The standard library is built with it as well. Otherwise the order that a channel, an `Arc` or the end
//! of a thread makes is unknown to the sanitizer, and it reports races that are none.

mod report;
mod self_check;
mod toolchain;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Parser;

use self::toolchain::Toolchain;
use crate::ci::Outcome;
use crate::suites::{self, Suite};
use crate::workspace::Workspace;

/// Options of `cargo xtask sanitize`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Run the test executables whose `package::target` contains this.
    pub(crate) filter: Option<String>,

    /// An executable that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 10)]
    pub(crate) timeout_minutes: u32,
}

/// Runs the suites that the filter selects, if the sanitizer finds what it should.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<Outcome> {
    let Some(toolchain) = Toolchain::find(workspace)? else {
        return Ok(Outcome::Skipped);
    };
    eprintln!("ThreadSanitizer by {}", toolchain.version());
    let start = Instant::now();
    let limit = Duration::from_secs(60 * u64::from(options.timeout_minutes));
    let how = toolchain.how(limit);

    let probes = self_check::run(workspace, &toolchain, &how)?;
    let is_credible = probes.iter().all(|probe| probe.verdict.is_ok());
    let runs = if is_credible {
        suites::run(&select(workspace, &toolchain, options.filter.as_deref())?, &how)?
    } else {
        Vec::new()
    };
    let failed = report::print(&probes, &runs, start.elapsed());
    ensure!(failed == 0, "{failed} of {} programs failed", probes.len() + runs.len());
    Ok(Outcome::Passed)
}

/// Builds the suites and returns those whose name contains `filter`, or all.
fn select(
    workspace: &Workspace,
    toolchain: &Toolchain,
    filter: Option<&str>,
) -> Result<Vec<Suite>> {
    let mut suites = suites::build(workspace, toolchain.cargo(workspace), &toolchain.options())?;
    if let Some(filter) = filter {
        suites.retain(|suite| suite.name.contains(filter));
        ensure!(!suites.is_empty(), "no executable's name contains `{filter}`");
    }
    Ok(suites)
}
