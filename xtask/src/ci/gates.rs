//! The gates that are one command each.

use anyhow::Result;
use clap::Parser;
use xshell::{Cmd, cmd};

use super::Outcome;
use crate::workspace::{Workspace, select_published};
use crate::{cli, loom};

pub(super) fn fmt(workspace: &Workspace) -> Result<Outcome> {
    pass(cmd!(workspace.shell, "cargo fmt --all --check"))
}

pub(super) fn clippy(workspace: &Workspace) -> Result<Outcome> {
    let args = ["--workspace", "--all-targets", "--all-features"];
    pass(cmd!(
        workspace.shell,
        "cargo clippy {args...} -- -D warnings"
    ))
}

/// The code that only a model checker sees is code all the same.
pub(super) fn clippy_loom(workspace: &Workspace) -> Result<Outcome> {
    let packages = select_published();
    let target_dir = workspace.loom_target_dir();
    let args = [
        "--features",
        "loom",
        "--all-targets",
        "--target-dir",
        target_dir.as_str(),
    ];
    let clippy = cmd!(
        workspace.shell,
        "cargo clippy {packages...} {args...} -- -D warnings"
    );
    pass(clippy.env("RUSTFLAGS", "--cfg loom"))
}

/// With the documentation's examples.
pub(super) fn test(workspace: &Workspace) -> Result<Outcome> {
    pass(cmd!(
        workspace.shell,
        "cargo test --workspace --all-features"
    ))
}

pub(super) fn test_release(workspace: &Workspace) -> Result<Outcome> {
    pass(cmd!(workspace.shell, "cargo test --workspace --release"))
}

pub(super) fn doc(workspace: &Workspace) -> Result<Outcome> {
    let doc = cmd!(
        workspace.shell,
        "cargo doc --workspace --no-deps --all-features"
    );
    pass(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Each published crate builds from what would be uploaded. Both in one command, because the
/// second needs a version of the first that the registry does not have yet.
pub(super) fn package(workspace: &Workspace) -> Result<Outcome> {
    let packages = select_published();
    pass(cmd!(
        workspace.shell,
        "cargo package {packages...} --allow-dirty"
    ))
}

pub(super) fn loom(workspace: &Workspace) -> Result<Outcome> {
    // Parsed from no arguments, so that the defaults are written once.
    loom::run(workspace, &cli::Loom::parse_from(["loom"]))?;
    Ok(Outcome::Passed)
}

/// A command that passes if it exits successfully. Its output is not captured.
fn pass(command: Cmd<'_>) -> Result<Outcome> {
    command.run()?;
    Ok(Outcome::Passed)
}
