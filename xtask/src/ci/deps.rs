//! What the published crates may bring into a user's build.

use anyhow::{Result, ensure};
use cargo_metadata::cargo_platform::Platform;
use cargo_metadata::{Dependency, DependencyKind, Package};

use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// A dependency, and the `cfg` of the targets that have it if not all do.
type Allowed = (&'static str, Option<&'static str>);

/// All dependencies of each published crate.
const ALLOWED: [(&str, &[Allowed]); 2] = [
    ("rsevents", &[("parking_lot_core", None)]),
    (
        "rsevents-extra",
        &[("rsevents", None), ("portable-atomic", Some(r#"cfg(not(target_has_atomic = "64"))"#))],
    ),
];

pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    for (package, allowed) in ALLOWED {
        check_package(workspace.package(package)?, allowed)?;
    }
    Ok(Outcome::Passed)
}

fn check_package(package: &Package, allowed: &[Allowed]) -> Result<()> {
    let (name, dependencies) = (&package.name, &package.dependencies);
    let unwanted: Vec<String> = dependencies
        .iter()
        .filter(|dependency| !is_wanted(dependency, allowed))
        .map(describe)
        .collect();
    ensure!(unwanted.is_empty(), "{name} must not depend on: {}", unwanted.join("; "));

    for allowed in allowed {
        let is_there = dependencies.iter().any(|dependency| is_same(dependency, allowed));
        ensure!(is_there, "{name} does not depend on {}", allowed.0);
    }
    Ok(())
}

/// Loom comes with both the cfg and the feature, or with the cfg to our own tests. Other
/// dev-dependencies do not reach a user either.
fn is_wanted(dependency: &Dependency, allowed: &[Allowed]) -> bool {
    let is_dev = dependency.kind == DependencyKind::Development;
    if dependency.name == "loom" {
        is_loom(dependency.target.as_ref()) && (is_dev || dependency.optional)
    } else {
        is_dev || allowed.iter().any(|allowed| is_same(dependency, allowed))
    }
}

fn is_same(dependency: &Dependency, &(name, target): &Allowed) -> bool {
    let its_target = dependency.target.as_ref().map(ToString::to_string);
    dependency.kind == DependencyKind::Normal
        && dependency.name == name
        && its_target.as_deref() == target
}

/// Whether a dependency is for builds under `--cfg loom` alone.
fn is_loom(target: Option<&Platform>) -> bool {
    target.is_some_and(|target| target.to_string() == "cfg(loom)")
}

fn describe(dependency: &Dependency) -> String {
    let optional = if dependency.optional { "optional" } else { "always" };
    let target = dependency.target.as_ref().map_or("every target".to_owned(), ToString::to_string);
    format!("{} ({}, {optional}, {target})", dependency.name, dependency.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: DependencyKind = DependencyKind::Development;
    const NORMAL: DependencyKind = DependencyKind::Normal;

    /// A dependency of one of the crates in `ALLOWED`, a change of it, and what it is then.
    type Case = (usize, &'static str, DependencyKind, fn(&mut Dependency), &'static str);

    const CASES: [Case; 7] = [
        (0, "fastrand", DEV, |it| it.kind = NORMAL, "normal, always, every target"),
        (0, "fastrand", DEV, |it| it.kind = DependencyKind::Build, "build, always, every target"),
        (0, "loom", NORMAL, |it| it.target = None, "normal, optional, every target"),
        (0, "loom", NORMAL, |it| it.target = "unix".parse().ok(), "normal, optional, unix"),
        (0, "loom", NORMAL, |it| it.optional = false, "normal, always, cfg(loom)"),
        (0, "loom", DEV, |it| it.target = None, "dev, always, every target"),
        (1, "portable-atomic", NORMAL, |it| it.target = None, "normal, always, every target"),
    ];

    #[test]
    fn what_is_not_allowed_or_missing_is_found() {
        let workspace = Workspace::load().unwrap();
        let package = |index: usize| {
            let (name, allowed) = ALLOWED[index];
            (workspace.package(name).unwrap().clone(), allowed)
        };
        for (index, name, kind, change, expected) in CASES {
            let (mut package, allowed) = package(index);
            check_package(&package, allowed).unwrap();
            let mut all = package.dependencies.iter_mut();
            change(all.find(|it| it.name == name && it.kind == kind).unwrap());
            let error = check_package(&package, allowed).unwrap_err().to_string();
            let expected = format!("{} must not depend on: {name} ({expected})", package.name);
            assert_eq!(error, expected);
        }
        let (mut package, allowed) = package(0);
        package.dependencies.retain(|it| it.name != "parking_lot_core");
        let error = check_package(&package, allowed).unwrap_err().to_string();
        assert_eq!(error, "rsevents does not depend on parking_lot_core");
    }
}
