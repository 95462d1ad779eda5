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

use self::toolchain::Toolchain;
use crate::ci::Outcome;
use crate::workspace::Workspace;
use crate::{cli, suites};

/// Runs the suites that the filter selects, once it is known that the sanitizer finds what it should.
pub(crate) fn run(workspace: &Workspace, options: &cli::Sanitize) -> Result<Outcome> {
    let Some(toolchain) = Toolchain::find(workspace)? else {
        return Ok(Outcome::Skipped);
    };
    eprintln!("ThreadSanitizer by {}", toolchain.version());
    let start = Instant::now();
    let limit = Duration::from_secs(60 * u64::from(options.timeout_minutes));
    let how = toolchain.how(limit);

    let probes = self_check::run(workspace, &toolchain, &how)?;
    let mut selected = suites::build(workspace, toolchain.cargo(workspace), &toolchain.options())?;
    if let Some(filter) = &options.filter {
        selected.retain(|suite| suite.name.contains(filter));
        ensure!(!selected.is_empty(), "no suite's name contains `{filter}`");
    }
    let runs = suites::run(&selected, &how)?;
    let failed = report::print(&probes, &runs, start.elapsed());
    ensure!(failed == 0, "{failed} of {} rows failed", probes.len() + runs.len());
    Ok(Outcome::Passed)
}
