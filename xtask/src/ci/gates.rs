//! The gates that are one command each.

use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use xshell::{Cmd, cmd};

use super::Outcome;
use crate::workspace::{Backend, DELAYS, LOOM, Workspace, select_published};
use crate::{fuzz, linearizability, loom, mutants, sanitize, stress};

pub(super) fn fmt(workspace: &Workspace) -> Result<Outcome> {
    pass(cmd!(workspace.shell, "cargo fmt --all --check"))
}

pub(super) fn clippy(workspace: &Workspace) -> Result<Outcome> {
    let args = ["--workspace", "--all-targets", "--all-features"];
    pass(cmd!(workspace.shell, "cargo clippy {args...} -- -D warnings"))
}

/// The code that only a model checker sees is code all the same. It is in the libraries and their
/// unit tests; the integration tests are for real threads.
pub(super) fn clippy_loom(workspace: &Workspace) -> Result<Outcome> {
    let args = ["clippy", "--features", "loom", "--lib", "--profile", "test"];
    pass(on_backend(workspace, &LOOM, &args).args(["--", "-D", "warnings"]))
}

/// The same for the code with delays, which the integration tests can run on.
pub(super) fn clippy_delays(workspace: &Workspace) -> Result<Outcome> {
    let args = ["clippy", "--all-targets"];
    pass(on_backend(workspace, &DELAYS, &args).args(["--", "-D", "warnings"]))
}

/// A cargo command on the published crates.
fn on_backend<'a>(workspace: &'a Workspace, backend: &Backend, args: &[&str]) -> Cmd<'a> {
    let packages = select_published();
    let target_dir = workspace.target_dir(backend);
    let command = cmd!(workspace.shell, "cargo {args...} {packages...} --target-dir {target_dir}");
    command.envs(backend.environment())
}

/// With the documentation's examples.
pub(super) fn test(workspace: &Workspace) -> Result<Outcome> {
    pass(cmd!(workspace.shell, "cargo test --workspace --all-features"))
}

/// Optimized code has other timings, and races that debug builds never lose.
pub(super) fn test_release(workspace: &Workspace) -> Result<Outcome> {
    pass(cmd!(workspace.shell, "cargo test --workspace --release"))
}

/// What the contract says holds however long each step takes. The races of the other tests are those of
/// `stress`, which is made for delays.
pub(super) fn test_delays(workspace: &Workspace) -> Result<Outcome> {
    let args = ["test", "--release", "--lib", "--test", "contract_*"];
    pass(on_backend(workspace, &DELAYS, &args))
}

/// Every link leads somewhere.
pub(super) fn doc(workspace: &Workspace) -> Result<Outcome> {
    let doc = cmd!(workspace.shell, "cargo doc --workspace --no-deps --all-features");
    pass(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Random programs, for a moment. The form that needs no tool, so that every machine does the same.
pub(super) fn fuzz(workspace: &Workspace) -> Result<Outcome> {
    fuzz::run_for(workspace, fuzz::Form::Random, Duration::from_secs(10))?;
    Ok(Outcome::Passed)
}

/// Histories of real threads, for as long as a change can wait.
pub(super) fn linearizability(workspace: &Workspace) -> Result<Outcome> {
    let options = ["linearizability", "--seconds", "10"];
    linearizability::run(workspace, &linearizability::Options::parse_from(options))?;
    Ok(Outcome::Passed)
}

/// Every model, to its end.
pub(super) fn loom(workspace: &Workspace) -> Result<Outcome> {
    // Parsed from no arguments, so that the defaults are written once.
    loom::run(workspace, &loom::Options::parse_from(["loom"]))?;
    Ok(Outcome::Passed)
}

/// All tests, because none of them is too long for it.
pub(super) fn sanitize(workspace: &Workspace) -> Result<Outcome> {
    sanitize::run(workspace, &sanitize::Options::parse_from(["sanitize"]))
}

/// The tests in which a waiter frees the event (contract 227). Rare switches between threads find references
/// that are kept too long, frequent ones find accesses.
pub(super) fn miri(workspace: &Workspace) -> Result<Outcome> {
    let shell = &workspace.shell;
    let version = cmd!(shell, "rustup run nightly cargo miri --version");
    if version.quiet().ignore_stdout().ignore_stderr().run().is_err() {
        eprintln!("skipped: it needs rustup toolchain install nightly -c miri -c rust-src");
        return Ok(Outcome::Skipped);
    }
    let target_dir = workspace.miri_target_dir();
    for rate in ["0.02", "0.2"] {
        let test = ["test", "-p", "rsevents", "--test", "contract_freed"];
        let flags = format!(
            "-Zmiri-many-seeds=0..8 -Zmiri-preemption-rate={rate} -Zmiri-env-forward=RSEVENTS_STRESS"
        );
        cmd!(shell, "rustup run nightly cargo miri {test...} --target-dir {target_dir}")
            .envs([("MIRIFLAGS", flags.as_str()), ("RSEVENTS_STRESS", "0.02")])
            .run()?;
    }
    Ok(Outcome::Passed)
}

/// All objects on real threads, for a moment.
pub(super) fn stress(workspace: &Workspace) -> Result<Outcome> {
    stress::run(workspace, &stress::Options::parse_from(["stress", "--seconds", "15"]))?;
    Ok(Outcome::Passed)
}

/// The models notice what the protocol must not be.
pub(super) fn mutants(workspace: &Workspace) -> Result<Outcome> {
    mutants::run(workspace, &mutants::Options::parse_from(["mutants", "--quick"]))?;
    Ok(Outcome::Passed)
}

/// A command that passes if it exits successfully. Its output is not captured.
fn pass(command: Cmd<'_>) -> Result<Outcome> {
    command.run()?;
    Ok(Outcome::Passed)
}
