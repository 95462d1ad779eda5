//! The check of one platform.

use std::iter;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use super::build::{self, Missing};
use super::list::{Platform, Runner};
use super::wine::Wine;
use crate::build_std::Build;
use crate::cargo;
use crate::job::{self, Job, Run};
use crate::outcome::Outcome;
use crate::stats::Reported;
use crate::suites::{self, How};
use crate::workspace::{Workspace, select_published};

/// The program that compares our events with those of Windows, in the package `verify`.
const DIFFERENTIAL: &str = "differential";

/// How many programs it has to run, and what it reports about.
const PROGRAMS: u64 = 10_000;
const SUBJECT: &str = "events";

/// The package of the program that runs under node. Beside its manifest is the script that starts the threads.
const WASM: &str = "wasm-threads";
const SCRIPT: &str = "run.mjs";

/// What was done for a platform.
pub(super) struct Row {
    pub(super) name: String,
    /// How many tests passed, where there are any.
    pub(super) tests: Option<u64>,
    /// With the time to build.
    pub(super) time: Duration,
    pub(super) result: Result<Outcome>,
}

impl Row {
    pub(super) fn new(name: &str, start: Instant, result: Result<Outcome>) -> Self {
        Self { name: name.to_owned(), tests: None, time: start.elapsed(), result }
    }

    /// The row of jobs that ran. Prints what is known about failures.
    fn of<E>(name: &str, start: Instant, runs: &[Run<E>]) -> Self {
        job::print_failures(runs);
        let failed = runs.iter().filter(|run| run.verdict.is_err());
        let failed: Vec<_> = failed.map(|run| format!("{}: {}", run.name, run.result())).collect();
        let is_clean = failed.is_empty();
        let result = if is_clean { Ok(Outcome::Passed) } else { Err(anyhow!(failed.join(", "))) };
        Self::new(name, start, result)
    }
}

/// Checks one platform, or says what it lacks. A failure is a row, and no reason to leave out the others.
pub(super) fn run(workspace: &Workspace, platform: &Platform, limit: Duration) -> Result<Vec<Row>> {
    let Platform { name, triple, shows, .. } = platform;
    eprintln!("\n== {name} ==\n{triple}: {shows}");
    let start = Instant::now();
    let build = match build::find(workspace, platform)? {
        Ok(build) => build,
        Err(missing) => {
            for Missing { what, packages } in missing {
                eprintln!("{name} was skipped: it needs {what}");
                if !packages.is_empty() {
                    eprintln!("on Debian: apt-get install {}", packages.join(" "));
                }
            }
            return Ok(vec![Row::new(name, start, Ok(Outcome::Skipped))]);
        }
    };
    let rows = check(workspace, platform, &build, limit);
    Ok(rows.unwrap_or_else(|error| vec![Row::new(name, start, Err(error))]))
}

fn check(
    workspace: &Workspace,
    platform: &Platform,
    build: &Build<'_>,
    limit: Duration,
) -> Result<Vec<Row>> {
    let (name, start) = (platform.name, Instant::now());
    let how = |runner: &[&str]| How {
        runner: runner.iter().map(ToString::to_string).collect(),
        environment: Vec::new(),
        limit,
    };
    let row = match platform.runner {
        Runner::None => {
            build.cargo(iter::once("check").chain(select_published())).run()?;
            Row::new(name, start, Ok(Outcome::Passed))
        }
        Runner::Native => tests(workspace, name, build, &how(&[]))?,
        Runner::Emulator(words) => tests(workspace, name, build, &how(words))?,
        Runner::Node => Row::of(name, start, &[node(workspace, build, limit)?]),
        Runner::Wine => {
            let wine = Wine::start(workspace, platform.linker[0])?;
            let how = wine.how(limit);
            let tests = tests(workspace, name, build, &how)?;
            let start = Instant::now();
            let name = format!("{name}: {DIFFERENTIAL}");
            return Ok(vec![tests, Row::of(&name, start, &[differential(build, &how)?])]);
        }
    };
    Ok(vec![row])
}

/// Builds and runs the tests.
fn tests(workspace: &Workspace, name: &str, build: &Build<'_>, how: &How) -> Result<Row> {
    let start = Instant::now();
    let jobs = suites::build(workspace, build, how, suites::judge)?;
    let runs = job::all(jobs, 1)?;
    let tests = runs.iter().filter_map(|run| run.evidence.passed()).sum();
    Ok(Row { tests: Some(tests), ..Row::of(name, start, &runs) })
}

/// Builds and runs the comparison with the events of Windows. Its report is what counts: Wine passes on only a
/// part of the exit code.
fn differential(build: &Build<'_>, how: &How) -> Result<Run<Reported>> {
    let program = cargo::build_one(build.cargo(["build", "-p", "verify", "--bin", DIFFERENTIAL]))?;
    let mut command = how.command(program.path.as_str());
    command.args(["--programs", &PROGRAMS.to_string()]);
    let judge = |status, reported: &Reported| {
        reported.judge(status, [SUBJECT], true)?;
        let programs = reported.done();
        ensure!(programs == PROGRAMS, "ran {programs} programs, not {PROGRAMS}");
        Ok(())
    };
    let run = Job::new(DIFFERENTIAL, command, how.limit, judge).run()?;
    println!("{}", run.evidence.table([SUBJECT]));
    Ok(run)
}

/// Builds and runs the program of two threads. The script exits with zero only once both are done.
fn node(workspace: &Workspace, build: &Build<'_>, limit: Duration) -> Result<Run<()>> {
    let program = cargo::build_one(build.cargo(["build", "-p", WASM]))?;
    let mut command = Command::new("node");
    command.arg(workspace.package_dir(WASM)?.join(SCRIPT)).arg(program.path);
    let run = Job::new("node", command, limit, |status, (): &()| job::succeeded(status)).run()?;
    if run.verdict.is_ok() {
        run.output.stdout.print();
    }
    Ok(run)
}
