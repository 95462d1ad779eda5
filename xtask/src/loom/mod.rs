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
use clap::Parser;

use crate::workspace::Workspace;

/// Options of `cargo xtask loom`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Run the models whose `package::path` contains this.
    pub(crate) filter: Option<String>,

    /// Explore at most N preemptions per execution: faster, and proves less.
    #[arg(long, value_name = "N")]
    pub(crate) max_preemptions: Option<u32>,

    /// How many models run at once [default: one per processor].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// A model that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    pub(crate) timeout_minutes: u32,
}

/// Runs the models that the filter selects. Fails unless each of them is complete.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
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
