//! The table of gates.

use std::process::Command;
use std::time::{Duration, Instant};
use std::{iter, slice};

use anyhow::{Result, ensure};
use clap::Parser;
use xshell::{Cmd, cmd};

use super::{deps, msrv, packages};
use crate::job::{self, Job};
use crate::outcome::Outcome;
use crate::workspace::{Backend, DELAYS, LOOM, Workspace, select_published};
use crate::{
    cargo, fuzz, linearizability, loom, miri, mutants, sanitize, semver, stress, suites, tool,
};

/// Far more time than an example needs.
const EXAMPLE: Duration = Duration::from_secs(30);

/// The same for the guide's test for loom, with the build.
const GUIDE: Duration = Duration::from_secs(300);

/// The unit tests with the scenarios, and the events that their waiters free. The longest first.
const MIRI: [&str; 2] = [
    "--seeds 1 --timeout-minutes 20 rsevents::lib",
    "--seeds 16 --rounds 0.02 rsevents::contract_freed",
];

/// One thing that has to hold.
pub(super) struct Gate {
    pub(super) name: &'static str,
    check: Check,
}

enum Check {
    /// A cargo command that has to succeed.
    Cargo(&'static str),
    /// The same for the published crates on other primitives.
    On(&'static Backend, &'static str),
    /// Another command.
    Own(fn(&Workspace) -> Result<()>),
    Run(fn(&Workspace) -> Result<Outcome>),
}

use Check::{Cargo, On, Own, Run};

const fn gate(name: &'static str, check: Check) -> Gate {
    Gate { name, check }
}

/// The cheap gates first, so that most mistakes are found in seconds.
pub(super) static GATES: [Gate; 21] = [
    gate("fmt", Cargo("fmt --all --check")),
    gate("clippy", Cargo("clippy --all-features --workspace --all-targets -- -Dwarnings")),
    // The code for loom is in the libraries and their unit tests. The integration tests are for real threads.
    gate("clippy-loom", On(&LOOM, "clippy --features loom --lib --profile test -- -Dwarnings")),
    gate("clippy-delays", On(&DELAYS, "clippy --all-targets -- -Dwarnings")),
    gate("msrv", Run(msrv::check)),
    gate("doc", Run(doc)),
    gate("deps", Run(deps::check)),
    gate("deny", Run(deny)),
    gate("semver", Run(|w| semver::run(w, &options("")))),
    // The tests of the documentation as well.
    gate("test", Cargo("test --workspace --all-features")),
    // Optimized code has other timings.
    gate("test-release", Cargo("test --release -p rsevents -p rsevents-extra -p examples")),
    // The contract holds however long each step takes. `stress` is for the races of the other tests.
    gate("test-delays", Run(test_delays)),
    gate("examples", Run(examples)),
    gate("package", Run(packages::check)),
    // The engine that needs no tool, so that every machine does the same.
    gate("fuzz", Own(|w| fuzz::run(w, &options("--seconds 10 --engine random")))),
    gate("linearizability", Own(|w| linearizability::run(w, &options("--seconds 10")))),
    gate("stress", Own(|w| stress::run(w, &options("--seconds 22")))),
    // From here on each takes minutes.
    gate("miri", Run(|w| miri::run(w, &MIRI.map(options)))),
    gate("sanitize", Run(|w| sanitize::run(w, &options("")))),
    gate("loom-extra", Own(loom_extra)),
    // All models of the core first, as by `cargo xtask loom`.
    gate("loom-and-mutants", Own(|w| mutants::run(w, &options("--quick")))),
];

/// The options of another command.
fn options<O: Parser>(arguments: &str) -> O {
    O::parse_from(["xtask"].into_iter().chain(arguments.split_whitespace()))
}

impl Gate {
    pub(super) fn run(&self, workspace: &Workspace) -> Result<Outcome> {
        match self.check {
            Cargo(arguments) => {
                let arguments = arguments.split(' ');
                cmd!(workspace.shell, "cargo {arguments...}").run()?;
            }
            On(backend, arguments) => published_on(workspace, backend, arguments).run()?,
            Own(command) => command(workspace)?,
            Run(check) => return check(workspace),
        }
        Ok(Outcome::Passed)
    }
}

/// A cargo command for the published crates on other primitives.
fn published_on<'a>(
    workspace: &'a Workspace,
    backend: &Backend,
    arguments: &'static str,
) -> Cmd<'a> {
    let (command, arguments) = arguments.split_once(' ').unwrap_or((arguments, ""));
    let command = iter::once(command).chain(select_published());
    workspace.cargo_on(backend, command.chain(arguments.split_whitespace()))
}

/// Half of the rounds: each takes longer. Most of that is the delays, so the code need not be optimized.
fn test_delays(workspace: &Workspace) -> Result<Outcome> {
    let test = published_on(workspace, &DELAYS, "test --lib --test contract_*");
    test.env("RSEVENTS_STRESS", "0.5").run()?;
    Ok(Outcome::Passed)
}

/// Every link leads to a page.
fn doc(workspace: &Workspace) -> Result<Outcome> {
    let doc = cmd!(workspace.shell, "cargo doc --workspace --no-deps --all-features");
    doc.env("RUSTDOCFLAGS", "-D warnings").run()?;
    Ok(Outcome::Passed)
}

fn examples(workspace: &Workspace) -> Result<Outcome> {
    let start = Instant::now();
    // Of the default members: what a user of the repository runs.
    let examples = cargo::build(cmd!(workspace.shell, "cargo build --release --examples"))?;
    ensure!(!examples.is_empty(), "there are no examples");
    let job = |example: &cargo::Executable| {
        let (name, command) = (&example.artifact.target.name, Command::new(&example.path));
        Job::new(name, command, EXAMPLE, |status, (): &()| job::succeeded(status))
    };
    let runs = job::all(examples.iter().map(job), 1)?;
    job::print(&runs, "example", [], |_| []);
    job::finish(&runs, "examples", start, "")?;
    Ok(Outcome::Passed)
}

/// The guide's test for loom, and the models of the extras. (Those of the core are in the next gate.)
fn loom_extra(workspace: &Workspace) -> Result<()> {
    let guide = "test --doc -p rsevents --features loom -- guide::loom";
    let guide = workspace.cargo_on(&LOOM, guide.split(' '));
    let run = Job::new("guide::loom", guide.into(), GUIDE, suites::judge).run()?;
    job::print_failures(slice::from_ref(&run));
    run.verdict?;
    loom::run(workspace, &options("rsevents-extra"))
}

/// Licences, sources and double versions of the dependencies, by `.cargo/deny.toml`. Not the advisories: one
/// that is published tomorrow does not make today's change wrong.
fn deny(workspace: &Workspace) -> Result<Outcome> {
    if !tool::has_cargo(&workspace.shell, "deny") {
        eprintln!("skipped: it needs cargo-deny (cargo install cargo-deny --locked)");
        return Ok(Outcome::Skipped);
    }
    cmd!(workspace.shell, "cargo deny check bans licenses sources").run()?;
    Ok(Outcome::Passed)
}
