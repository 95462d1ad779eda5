//! `cargo xtask loom`: runs every model of the published crates to the end of its search, each in a process of its own.

pub(crate) mod models;
pub(crate) mod run;
pub(crate) mod verdict;

use std::num::NonZeroUsize;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;

use self::models::Model;
use self::verdict::Explored;
use crate::display::grouped;
use crate::job;
use crate::workspace::{PUBLISHED, Workspace};

/// Options of `cargo xtask loom`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Run the models whose `package::path` contains this.
    #[arg(default_value = "")]
    filter: String,

    /// Explore at most N preemptions per execution: faster, and proves less.
    #[arg(long, value_name = "N")]
    max_preemptions: Option<u32>,

    /// How many models run at once [default: one per processor].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// A model that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    timeout_minutes: u64,
}

/// Runs the models that the filter selects. Fails unless each of them is complete.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let models =
        job::select(models::find(workspace)?, "model", &options.filter, |model| &model.name)?;
    let how = run::How {
        max_preemptions: options.max_preemptions,
        limit: Duration::from_secs(60 * options.timeout_minutes),
    };
    let jobs = options.jobs.map_or_else(thread::available_parallelism, Ok)?.get();
    explore(&models, &how, jobs).map(drop)
}

/// Runs these models, `jobs` of them at once, and prints what they explored. Fails unless each is complete.
pub(crate) fn explore(
    models: &[Model],
    how: &run::How,
    jobs: usize,
) -> Result<Vec<job::Run<Explored>>> {
    let start = Instant::now();
    let runs = job::all(models.iter().map(|model| run::job(model, how)), jobs)?;
    job::print(&runs, "model", ["executions", "preemptions"], |run| {
        run.evidence.counted().map_or(["?", "?"].map(str::to_owned), |counted| {
            [grouped(counted.executions), counted.preemptions.clone()]
        })
    });
    let executions = runs.iter().filter_map(|run| run.evidence.counted());
    let executions = grouped(executions.map(|counted| counted.executions).sum());
    let per_package = PUBLISHED.map(|package| {
        let models = models.iter().filter(|model| model.package == package);
        format!("{} of {package}", models.count())
    });
    let sums = format!("\n{executions} executions; models: {}", per_package.join(", "));
    job::finish(&runs, "models", start, &sums)?;
    Ok(runs)
}
