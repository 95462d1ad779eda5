//! The project's own commands. `cargo xtask --help` lists them.

mod bench;
mod build_std;
mod cargo;
mod ci;
mod cli;
mod display;
mod fuzz;
mod libtest;
mod linearizability;
mod loom;
mod mutants;
mod output;
mod parallel;
mod platforms;
mod process;
mod progress;
mod sanitize;
mod stress;
mod suites;
mod tool;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::cli::Cli;
use crate::workspace::Workspace;

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
        Cli::Sanitize(options) => sanitize::run(&workspace, &options)?.ensure_ran("sanitize"),
        Cli::Platforms(options) => platforms::run(&workspace, &options),
        Cli::Linearizability(options) => linearizability::run(&workspace, &options),
        Cli::Stress(options) => stress::run(&workspace, &options),
        Cli::Mutants(options) => mutants::run(&workspace, &options),
    }
}
