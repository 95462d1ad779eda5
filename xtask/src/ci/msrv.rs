//! The published crates declare a version of Rust that builds them with the oldest parking_lot_core.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, Package};
use xshell::{Shell, cmd};

use super::packages::Packages;
use crate::outcome::Outcome;
use crate::tool;
use crate::workspace::{PUBLISHED, Workspace, select_published};

pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    let packages = Packages::unpack(workspace)?;
    let shell = &packages.shell;
    let declared = check_declared(&packages.metadata()?, &built(shell)?)?;
    eprintln!("rust-version {declared}: no dependency needs more");
    let toolchain = format!("{}.{}", declared.major, declared.minor);
    if !tool::succeeds(cmd!(shell, "rustup run {toolchain} rustc --version")) {
        eprintln!("skipped: it needs `rustup toolchain install {toolchain}`");
        return Ok(Outcome::Skipped);
    }
    packages.run(cmd!(shell, "rustup run {toolchain} cargo check --all-targets"))?;
    Ok(Outcome::Passed)
}

/// The published crates and what they bring into a build, on any platform: `name v1.2.3` in each line.
fn built(shell: &Shell) -> Result<String> {
    let (options, packages) = (["--prefix=none", "--offline"], select_published());
    let tree = cmd!(shell, "cargo tree {packages...} --edges no-dev --target all {options...}");
    Ok(tree.read()?)
}

/// The published crates declare the same version, and nothing in `built` needs a later one. Returns it.
fn check_declared(metadata: &Metadata, built: &str) -> Result<Version> {
    // The path of a package may follow, or a sign that it was already there.
    let built: BTreeSet<&str> = built.lines().filter_map(|line| line.split(" (").next()).collect();
    let is_built = |it: &&Package| built.contains(&*format!("{} v{}", it.name, it.version));
    let packages: Vec<&Package> = metadata.packages.iter().filter(is_built).collect();
    let [version, other] = PUBLISHED.map(|name| {
        let package = packages.iter().find(|package| package.name == name);
        let version = package.and_then(|package| package.rust_version.clone());
        version.with_context(|| format!("{name} declares no rust-version"))
    });
    let (version, other) = (version?, other?);
    ensure!(version == other, "one crate declares Rust {version}, the other {other}");
    for package in packages {
        let (name, needed) = (&package.name, package.rust_version.as_ref().unwrap_or(&version));
        ensure!(*needed <= version, "{name} needs Rust {needed}, declared is {version}");
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn what_needs_a_later_rust_is_found() {
        let resolved = workspace::resolved().unwrap();
        let built = built(&Workspace::load().unwrap().shell).unwrap();
        let future = Some(Version::new(1, 999, 0));
        for (name, version, expected) in [
            ("parking_lot_core", &future, Some("parking_lot_core needs Rust 1.999.0")),
            ("smallvec", &future, Some("smallvec needs Rust 1.999.0")),
            ("rsevents-extra", &future, Some("the other 1.999.0")),
            ("rsevents", &None, Some("rsevents declares no rust-version")),
            // Tools are in no user's build.
            ("fastrand", &future, None),
            ("clap", &future, None),
        ] {
            let mut metadata = resolved.clone();
            for package in &mut metadata.packages {
                if package.name == name {
                    package.rust_version.clone_from(version);
                } else if package.name == "parking_lot_core" {
                    // The oldest declares none.
                    package.rust_version = None;
                }
            }
            let reason = check_declared(&metadata, &built).map_err(|reason| reason.to_string());
            match expected {
                None => assert!(reason.is_ok(), "{name}: {reason:?}"),
                Some(expected) => assert!(reason.unwrap_err().contains(expected), "{name}"),
            }
        }
    }
}
