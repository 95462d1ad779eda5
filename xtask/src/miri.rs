//! `cargo xtask miri`: the tests of the published crates under Miri, which finds data races, accesses to freed
//! memory and references that are kept too long, also where the machine would never show them.
//!
//! A seed gives one schedule, and the values that relaxed loads return. Time is virtual: it passes with the steps
//! of the program, so that the same seed does the same again.

use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Parser, value_parser};
use xshell::{Cmd, cmd};

use crate::job::Job;
use crate::outcome::Outcome;
use crate::suites::{self, Tests};
use crate::tool;
use crate::workspace::{PUBLISHED, Workspace, select_published};

/// How likely a thread is preempted after a step, by turns of the seeds: rare switches find references that are
/// kept too long, frequent ones find accesses.
const PREEMPTION_RATES: [&str; 2] = ["0.02", "0.2"];

/// By which rules references may alias, by turns of the seeds: Stacked Borrows, the default, and Tree Borrows.
const ALIASING_RULES: [&str; 2] = ["", "-Zmiri-tree-borrows"];

/// What the tests are compiled for; the machine that interprets them may be any. Not Linux: there `parking_lot_core`
/// 0.9.12 gives `syscall(SYS_futex, ..)` a reference where a nightly since 2026-09-11 demands a `*mut u32`
/// (rust-lang/rust#161734), so each thread that parks would fail. Here it parks on the condition variables of POSIX.
const TARGET: &str = "aarch64-apple-darwin";

/// Why tests are left out, and parts of their names.
const LEFT_OUT: [(&str, &[&str]); 6] = [
    ("about limits of time", &["c28_", "c45_c99_", "c49_c99_", "c76_", "c93_"]),
    ("functions of numbers, on every number", &["byte::tests::", "word::tests::"]),
    (
        "thousands of calls",
        &["c01_", "c13_", "c33_", "c41_", "c63_", "spin::tests::", "objects_in_turn"],
    ),
    ("many threads, or rounds that take minutes", &["c06_", "c118_", "c23_", "c74_"]),
    ("hundreds of programs each, explored by loom", &["on_slot::", "on_watched::"]),
    ("leave a thread or a payload behind", &["c59_c228_", "of_two_wakers_that_panic"]),
];

/// Options of `cargo xtask miri`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Run the test executables whose `package::target` contains one of these [default: all].
    filters: Vec<String>,

    /// Run each with the seeds from 0 to N - 1.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = value_parser!(u32).range(1..))]
    seeds: u32,

    /// How much of the tests' usual rounds to run.
    #[arg(long, value_name = "PART", default_value_t = 0.004)]
    rounds: f64,

    /// An executable that takes longer than this with one seed is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 10)]
    timeout_minutes: u64,
}

/// Runs the tests that each of the `choices` selects, with each seed.
pub(crate) fn run(workspace: &Workspace, choices: &[Options]) -> Result<Outcome> {
    if !tool::succeeds(cmd!(workspace.shell, "rustup run nightly cargo miri --version")) {
        eprintln!("skipped: it needs `rustup toolchain install nightly -c miri -c rust-src`");
        return Ok(Outcome::Skipped);
    }
    let targets = targets(workspace)?;
    let mut jobs = Vec::new();
    for options in choices {
        let targets = select(&targets, &options.filters)?;
        let limit = Duration::from_secs(60 * options.timeout_minutes);
        for seed in 0..options.seeds {
            for target in &targets {
                let name = format!("{}, seed {seed}", target.name);
                let command = target.command(workspace, seed, options.rounds);
                jobs.push(Job::<Tests>::new(name, command, limit, suites::judge));
            }
        }
    }
    for (why, names) in LEFT_OUT {
        eprintln!("left out, {why}: {}", names.join(", "));
    }
    // What does not compile is no fault of a job.
    test(workspace).args(["--tests", "--no-run"]).args(select_published()).run()?;
    // The interpreter has one thread, whatever the program has.
    suites::run(jobs, thread::available_parallelism()?.get())?;
    Ok(Outcome::Passed)
}

/// A test executable.
struct Target {
    /// `package::target`.
    name: String,
    /// What selects it.
    arguments: [String; 2],
}

impl Target {
    fn command(&self, workspace: &Workspace, seed: u32, rounds: f64) -> Command {
        let rate = PREEMPTION_RATES[seed as usize % PREEMPTION_RATES.len()];
        let aliasing =
            ALIASING_RULES[seed as usize / PREEMPTION_RATES.len() % ALIASING_RULES.len()];
        // Permissive, because setters at a gate make a pointer of its address.
        let flags = format!(
            "-Zmiri-seed={seed} -Zmiri-preemption-rate={rate} -Zmiri-permissive-provenance \
             -Zmiri-address-reuse-rate=1 -Zmiri-address-reuse-cross-thread-rate=1 \
             -Zmiri-env-forward=RSEVENTS_STRESS {aliasing}"
        );
        let skips =
            LEFT_OUT.iter().flat_map(|(_, names)| names.iter().flat_map(|name| ["--skip", name]));
        let test = test(workspace).args(&self.arguments).arg("--").args(skips);
        test.env("MIRIFLAGS", flags).env("RSEVENTS_STRESS", rounds.to_string()).into()
    }
}

/// The test executables of the published crates.
fn targets(workspace: &Workspace) -> Result<Vec<Target>> {
    let mut all = Vec::new();
    for package in PUBLISHED {
        let select = format!("--package={package}");
        for target in &workspace.package(package)?.targets {
            let (name, option) = match () {
                () if target.is_lib() => ("lib", "--lib".to_owned()),
                () if target.is_test() => (&*target.name, format!("--test={}", target.name)),
                () => continue,
            };
            let name = format!("{package}::{name}");
            all.push(Target { name, arguments: [select.clone(), option] });
        }
    }
    Ok(all)
}

/// Those whose names contain one of the filters, each of which has to select some.
fn select<'a>(targets: &'a [Target], filters: &[String]) -> Result<Vec<&'a Target>> {
    for filter in filters {
        let is_there = targets.iter().any(|target| target.name.contains(filter));
        ensure!(is_there, "no executable's name contains `{filter}`");
    }
    let is_chosen = |name: &str| filters.iter().any(|filter| name.contains(filter));
    let chosen = targets.iter().filter(|target| filters.is_empty() || is_chosen(&target.name));
    Ok(chosen.collect())
}

fn test(workspace: &Workspace) -> Cmd<'_> {
    let target_dir = workspace.target_dir("miri");
    cmd!(
        workspace.shell,
        "rustup run nightly cargo miri test --target {TARGET} --target-dir {target_dir}"
    )
}
