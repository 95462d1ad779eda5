//! `cargo xtask semver`: what users call is still there, by cargo-semver-checks: since the published version that
//! the benchmarks measure, whose API stays, and since the last tag.

use anyhow::{Context, Result};
use clap::Parser;
use xshell::cmd;

use crate::outcome::Outcome;
use crate::tool;
use crate::workspace::{self, PUBLISHED, Workspace};

/// Options of `cargo xtask semver`.
#[derive(Debug, Parser)]
pub(crate) struct Options {}

/// Compares both published crates, if the tool is there.
pub(crate) fn run(workspace: &Workspace, Options {}: &Options) -> Result<Outcome> {
    let shell = &workspace.shell;
    if !tool::has_cargo(shell, "semver-checks") {
        eprintln!(
            "skipped: it needs cargo-semver-checks (cargo install cargo-semver-checks --locked)"
        );
        return Ok(Outcome::Skipped);
    }
    let packages = workspace::resolved()?.packages;
    // A minor version may only add, whatever the version says.
    let check = ["semver-checks", "--release-type", "minor", "--package"];
    let tag = cmd!(shell, "git describe --tags --abbrev=0").quiet().ignore_stderr().read();
    for name in PUBLISHED {
        let published = packages.iter().find(|it| it.name == name && it.source.is_some());
        let published = published.with_context(|| format!("no published {name} is measured"))?;
        let source = published.manifest_path.parent().context("a manifest is in a directory")?;
        cmd!(shell, "cargo {check...} {name} --baseline-root {source}").run()?;
        if let Ok(tag) = &tag {
            cmd!(shell, "cargo {check...} {name} --baseline-rev {tag}").run()?;
        }
    }
    Ok(Outcome::Passed)
}
