//! The project's own commands. `cargo xtask --help` lists them.

mod bench;
mod build_std;
mod cargo;
mod ci;
mod display;
mod fuzz;
mod job;
mod linearizability;
mod loom;
mod miri;
mod mutants;
mod outcome;
mod output;
mod parallel;
mod platforms;
mod process;
mod progress;
mod sanitize;
mod semver;
mod span;
mod stats;
mod stress;
mod suites;
mod tool;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::workspace::Workspace;

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
enum Cli {
    /// Run every gate in order and stop at the first that fails.
    Ci(ci::Options),
    /// Model-check both published crates, the larger models within a preemption bound.
    Loom(loom::Options),
    /// Measure rsevents against other ways to do the same, and write benches/REPORT.md, its charts,
    /// benches/SUMMARY.md and the figures of README.md.
    Bench(bench::Options),
    /// Run random programs on all objects, and compare every answer with a model's.
    Fuzz(fuzz::Options),
    /// Check that the API of the published versions is still there.
    Semver(semver::Options),
    /// Run the tests of both published crates under ThreadSanitizer.
    Sanitize(sanitize::Options),
    /// Run the tests of both published crates under Miri, with several seeds.
    Miri(miri::Options),
    /// Run the tests of both published crates for other platforms, and check that they compile for more.
    Platforms(platforms::Options),
    /// Check that every history of calls by real threads is linearizable.
    Linearizability(linearizability::Options),
    /// Stress all objects on real threads, with random delays around every step.
    Stress(stress::Options),
    /// Break the published crates in hundreds of ways, one at a time: each has to be noticed.
    Mutants(mutants::Options),
}

fn main() -> ExitCode {
    if let Err(error) = run(Cli::parse()) {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(command: Cli) -> Result<()> {
    process::end_all_on_interrupt()?;
    let workspace = Workspace::load()?;
    match command {
        Cli::Ci(options) => ci::run(&workspace, &options),
        Cli::Loom(options) => loom::run(&workspace, &options),
        Cli::Bench(options) => bench::run(&workspace, &options),
        Cli::Fuzz(options) => fuzz::run(&workspace, &options),
        Cli::Semver(options) => semver::run(&workspace, &options)?.ensure_ran("semver"),
        Cli::Sanitize(options) => sanitize::run(&workspace, &options)?.ensure_ran("sanitize"),
        Cli::Miri(options) => miri::run(&workspace, &[options])?.ensure_ran("miri"),
        Cli::Platforms(options) => platforms::run(&workspace, &options),
        Cli::Linearizability(options) => linearizability::run(&workspace, &options),
        Cli::Stress(options) => stress::run(&workspace, &options),
        Cli::Mutants(options) => mutants::run(&workspace, &options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
