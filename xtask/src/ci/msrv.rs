//! The rust-version of the published crates is what their dependencies ask for: not a minor
//! version less, or it would be a lie; not one more, or it would be a whim.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Metadata, NodeDep, Package, PackageId};
use xshell::{Shell, cmd};

use super::Outcome;
use super::deps::is_loom;
use crate::workspace::{self, PUBLISHED, Workspace, select_published};

pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    let version = check_declared(&workspace::resolved()?)?;
    eprintln!("rust-version {version} is what the dependencies ask for");
    check_build(&workspace.shell, &version)
}

/// What the published crates declare is what they need. Returns it.
fn check_declared(metadata: &Metadata) -> Result<Version> {
    let (version, from) = required(metadata)?;
    for package in published(metadata) {
        let (name, declared) = (&package.name, package.rust_version.as_ref());
        let declared = declared.with_context(|| format!("{name} declares no rust-version"))?;
        ensure!(*declared == version, "{name} declares {declared}, {from} asks for {version}");
    }
    Ok(version)
}

/// The largest rust-version among the dependencies of the published crates, and who asks for it.
fn required(metadata: &Metadata) -> Result<(Version, &str)> {
    let dependencies = dependencies(metadata)?;
    metadata
        .packages
        .iter()
        .filter(|package| dependencies.contains(&package.id))
        .filter_map(|package| Some((package.rust_version.clone()?, package.name.as_str())))
        .max()
        .context("no dependency of the published crates declares a rust-version")
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
    // The crates do not prove themselves right.
    found.retain(|id| published(metadata).all(|package| package.id != **id));
    Ok(found)
}

fn is_built(dependency: &NodeDep) -> bool {
    let mut kinds = dependency.dep_kinds.iter();
    kinds.any(|info| info.kind == DependencyKind::Normal && !is_loom(info.target.as_ref()))
}

fn published(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    let members = metadata.workspace_packages().into_iter();
    members.filter(|package| PUBLISHED.contains(&package.name.as_str()))
}

/// The published crates build with that version.
fn check_build(shell: &Shell, version: &Version) -> Result<Outcome> {
    if is_minor_of(&cmd!(shell, "rustc --version").read()?, version)? {
        eprintln!("this is Rust {version}: every other section is the proof");
        return Ok(Outcome::Passed);
    }
    let Some(toolchain) = installed(shell, version) else {
        eprintln!("the build with Rust {version} was skipped: that toolchain is not installed");
        return Ok(Outcome::Skipped);
    };
    let packages = select_published();
    cmd!(shell, "rustup run {toolchain} cargo check {packages...}").run()?;
    Ok(Outcome::Passed)
}

/// Whether `rustc 1.95.3 (…)` is some 1.95.
fn is_minor_of(rustc: &str, version: &Version) -> Result<bool> {
    let running = rustc.split_whitespace().nth(1).context("rustc did not tell its version")?;
    let running = Version::parse(running)?;
    Ok((running.major, running.minor) == (version.major, version.minor))
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

    const FUTURE: Version = Version::new(1, 999, 0);

    /// The real workspace, with the rust-version of one package changed, in all versions that the
    /// benchmarks bring in as well.
    fn with(name: &str, version: Option<Version>) -> Result<Version> {
        let mut metadata = workspace::resolved().unwrap();
        let packages = metadata.packages.iter_mut().filter(|package| package.name == name);
        packages.for_each(|package| package.rust_version = version.clone());
        check_declared(&metadata)
    }

    #[test]
    fn declared_less_or_more_than_needed_is_found() {
        let error = with("parking_lot_core", Some(FUTURE)).unwrap_err().to_string();
        assert!(error.ends_with("parking_lot_core asks for 1.999.0"), "{error}");

        let error = with("rsevents-extra", Some(FUTURE)).unwrap_err().to_string();
        assert!(error.starts_with("rsevents-extra declares 1.999.0, "), "{error}");
    }

    #[test]
    fn undeclared_is_found() {
        let error = with("rsevents", None).unwrap_err().to_string();
        assert_eq!(error, "rsevents declares no rust-version");
    }

    #[test]
    fn dependencies_of_dependencies_count() {
        assert!(with("smallvec", Some(FUTURE)).is_err());
    }

    #[test]
    fn what_only_checks_the_crates_does_not_count() {
        for tool in ["loom", "proptest", "clap"] {
            assert!(with(tool, Some(FUTURE)).is_ok(), "{tool}");
        }
    }

    #[test]
    fn patch_versions_are_the_same_minor_version() {
        let version = Version::new(1, 95, 0);
        assert!(is_minor_of("rustc 1.95.0 (0123abc 2026-01-01)", &version).unwrap());
        assert!(is_minor_of("rustc 1.95.3", &version).unwrap());
        assert!(!is_minor_of("rustc 1.96.0-nightly (0123abc 2026-01-01)", &version).unwrap());
        assert!(is_minor_of("rustc", &version).is_err());
    }
}
