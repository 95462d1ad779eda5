//! The check of one platform.

use std::iter;
use std::process::Command;
use std::slice::from_ref;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::build;
use super::list::{Platform, Runner};
use super::wine::Wine;
use crate::build_std::Build;
use crate::job::{self, Job, Run};
use crate::outcome::Outcome;
use crate::suites::{self, How};
use crate::workspace::{Workspace, select_published};
use crate::{cargo, stats};

/// The program that compares our objects with those of Windows, in the package `verify`.
const DIFFERENTIAL: &str = "differential";

/// The test target of the ports, in the package `examples`.
const PORTS: &str = "ports";

/// How many programs it has to run.
const PROGRAMS: u64 = 10_000;

/// The package of the program that runs under node. Beside its manifest is the script that starts the threads.
const WASM: &str = "wasm-threads";
const SCRIPT: &str = "run.mjs";

/// Checks one platform, or says what it lacks.
pub(super) fn run(workspace: &Workspace, platform: &Platform, limit: Duration) -> Result<Outcome> {
    eprintln!("{}: {}", platform.triple, platform.shows);
    let Some(build) = build::find(workspace, platform)? else {
        return Ok(Outcome::Skipped);
    };
    let how = |runner: &[&str]| How {
        runner: runner.iter().map(ToString::to_string).collect(),
        environment: Vec::new(),
        limit,
    };
    match platform.runner {
        Runner::None => build.cargo(iter::once("check").chain(select_published())).run()?,
        Runner::Native => tests(workspace, &build, &how(&[]))?,
        Runner::Emulator(words) => tests(workspace, &build, &how(words))?,
        Runner::Node => node(workspace, &build, limit)?,
        Runner::Wine => {
            let wine = Wine::start(workspace, platform.linker[0])?;
            let how = wine.how(limit);
            // A failure of one is no reason to leave out the next.
            let results =
                [tests(workspace, &build, &how), ports(&build, &how), differential(&build, &how)];
            results.into_iter().collect::<Result<()>>()?;
        }
    }
    Ok(Outcome::Passed)
}

/// Builds and runs the tests.
fn tests(workspace: &Workspace, build: &Build<'_>, how: &How) -> Result<()> {
    suites::run(suites::build(workspace, build, how, suites::judge)?, 1)
}

/// Builds and runs the tests of examples/ports, of which one calls the system's own functions.
fn ports(build: &Build<'_>, how: &How) -> Result<()> {
    let test = ["test", "--no-run", "-p", "examples", "--test", PORTS];
    let program = cargo::build_one(build.cargo(test))?;
    finish(Job::new(PORTS, how.command(program.path.as_str()), how.limit, suites::judge).run()?)
}

/// Builds and runs the comparison with the objects of Windows. Its report is what counts: Wine passes on only a
/// part of the exit code.
fn differential(build: &Build<'_>, how: &How) -> Result<()> {
    let program = cargo::build_one(build.cargo(["build", "-p", "verify", "--bin", DIFFERENTIAL]))?;
    let mut command = how.command(program.path.as_str());
    command.args(["--programs", &PROGRAMS.to_string()]);
    let programs = stats::run(DIFFERENTIAL, command, how.limit, &["objects"], true)?.done();
    ensure!(programs == PROGRAMS, "ran {programs} programs, not {PROGRAMS}");
    Ok(())
}

/// Builds and runs the program of two threads. The script exits with zero only once both are done.
fn node(workspace: &Workspace, build: &Build<'_>, limit: Duration) -> Result<()> {
    let program = cargo::build_one(build.cargo(["build", "-p", WASM]))?;
    let mut command = Command::new("node");
    command.arg(workspace.package_dir(WASM)?.join(SCRIPT)).arg(program.path);
    let run = Job::new("node", command, limit, |status, (): &()| job::succeeded(status)).run()?;
    finish(run)
}

/// Prints the output of a job that ran alone. Fails if it has.
fn finish<E>(run: Run<E>) -> Result<()> {
    job::print_failures(from_ref(&run));
    run.verdict?;
    run.output.stdout.print();
    Ok(())
}
