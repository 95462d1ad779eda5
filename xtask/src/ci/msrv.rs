//! The published crates declare a version of Rust that builds them with the oldest parking_lot_core.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Metadata, NodeDep, Package, PackageId};
use xshell::{Shell, cmd};

use super::packages::Packages;
use crate::outcome::Outcome;
use crate::workspace::{PUBLISHED, Workspace};

pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    let packages = Packages::unpack_with_oldest(workspace)?;
    let version = check_declared(&packages.metadata()?)?;
    eprintln!("rust-version {version}: no dependency needs more");
    let Some(toolchain) = installed(&workspace.shell, &version) else {
        eprintln!("skipped: it needs Rust {version} (rustup toolchain install {version})");
        return Ok(Outcome::Skipped);
    };
    packages.run(cmd!(packages.shell, "rustup run {toolchain} cargo check --all-targets"))?;
    Ok(Outcome::Passed)
}

/// The published crates declare the same version, and no dependency needs a later one. Returns it.
fn check_declared(metadata: &Metadata) -> Result<Version> {
    let [core, extra] = PUBLISHED.map(|name| declared(metadata, name));
    let (version, other) = (core?, extra?);
    ensure!(version == other, "one crate declares Rust {version}, the other {other}");
    for id in dependencies(metadata)? {
        let Package { name, rust_version, .. } = &metadata[id];
        let needed = rust_version.as_ref().unwrap_or(&version);
        ensure!(*needed <= version, "{name} needs Rust {needed}, declared is {version}");
    }
    Ok(version)
}

/// The rust-version of a published crate.
fn declared(metadata: &Metadata, name: &str) -> Result<Version> {
    let package = published(metadata).find(|package| package.name == name);
    let version = package.and_then(|package| package.rust_version.clone());
    version.with_context(|| format!("{name} declares no rust-version"))
}

/// Everything that the published crates bring into a build, on any platform.
fn dependencies(metadata: &Metadata) -> Result<BTreeSet<&PackageId>> {
    let graph = metadata.resolve.as_ref().context("the dependencies are not resolved")?;
    let mut found = BTreeSet::new();
    let mut pending: Vec<&PackageId> = published(metadata).map(|package| &package.id).collect();
    while let Some(package) = pending.pop() {
        for dependency in graph[package].deps.iter().filter(|dependency| is_built(dependency)) {
            if found.insert(&dependency.pkg) {
                pending.push(&dependency.pkg);
            }
        }
    }
    Ok(found)
}

/// Whether it is more than a dependency of tests.
fn is_built(dependency: &NodeDep) -> bool {
    dependency.dep_kinds.iter().any(|info| info.kind != DependencyKind::Development)
}

fn published(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    let members = metadata.workspace_packages().into_iter();
    members.filter(|package| PUBLISHED.contains(&package.name.as_str()))
}

/// The name under which rustup has that version, if there is a rustup and it does.
fn installed(shell: &Shell, version: &Version) -> Option<String> {
    let names = [format!("{}.{}", version.major, version.minor), version.to_string()];
    names.into_iter().find(|name| {
        let rustc = cmd!(shell, "rustup run {name} rustc --version");
        rustc.quiet().ignore_stdout().ignore_stderr().run().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    const FUTURE: Version = Version::new(1, 999, 0);

    /// The workspace as it would be with the oldest parking_lot_core, and with another rust-version of one
    /// package.
    fn with(name: &str, version: Option<Version>) -> Result<Version> {
        let mut metadata = workspace::resolved().unwrap();
        for (name, version) in [("parking_lot_core", Some(Version::new(1, 71, 0))), (name, version)]
        {
            let packages = metadata.packages.iter_mut().filter(|package| package.name == name);
            packages.for_each(|package| package.rust_version = version.clone());
        }
        check_declared(&metadata)
    }

    #[test]
    fn what_needs_a_later_rust_is_found() {
        let future = |name| with(name, Some(FUTURE)).map_err(|error| error.to_string());
        for dependency in ["parking_lot_core", "smallvec", "portable-atomic"] {
            let error = future(dependency).unwrap_err();
            assert!(error.starts_with(&format!("{dependency} needs Rust 1.999.0, ")), "{error}");
        }
        assert!(future("rsevents-extra").unwrap_err().ends_with(" the other 1.999.0"));
        // Tools are in no user's build.
        assert!(future("fastrand").is_ok() && future("clap").is_ok());
        let undeclared = with("rsevents", None).unwrap_err().to_string();
        assert_eq!(undeclared, "rsevents declares no rust-version");
    }
}
