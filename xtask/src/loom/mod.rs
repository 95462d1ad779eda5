//! `cargo xtask loom`: runs every model of the published crates, each in a process of its own, and
//! believes none that has not shown that it explored everything it was meant to.

pub(crate) mod models;
mod report;
pub(crate) mod run;
pub(crate) mod verdict;

use std::num::NonZeroUsize;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::cli;
use crate::workspace::Workspace;

/// Runs the models that the filter selects. Fails unless each of them is complete.
pub(crate) fn run(workspace: &Workspace, options: &cli::Loom) -> Result<()> {
    let models = models::select(models::find(workspace)?, options.filter.as_deref())?;
    let how = run::How {
        max_preemptions: options.max_preemptions,
        limit: Duration::from_secs(60 * u64::from(options.timeout_minutes)),
        jobs: options.jobs.map_or_else(thread::available_parallelism, Ok).map(NonZeroUsize::get)?,
    };

    let start = Instant::now();
    let runs = run::all(&models, &how)?;
    let failed = report::print(&runs, start.elapsed());
    ensure!(failed == 0, "{failed} of {} models failed", runs.len());
    Ok(())
}
