//! What the published crates may bring into a user's build.

use anyhow::{Result, ensure};
use cargo_metadata::cargo_platform::Platform;
use cargo_metadata::{Dependency, DependencyKind, Package};

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

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    ALLOWED
        .iter()
        .try_for_each(|(package, allowed)| check_package(workspace.package(package)?, allowed))
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

    /// A dependency of one of the crates in `ALLOWED`, a change of it, and what is found then.
    type Case = (usize, &'static str, DependencyKind, fn(&mut Dependency), &'static str);

    const CASES: [Case; 7] = [
        (
            0,
            "proptest",
            DependencyKind::Development,
            |it| it.kind = DependencyKind::Normal,
            "rsevents must not depend on: proptest (normal, always, every target)",
        ),
        (
            0,
            "proptest",
            DependencyKind::Development,
            |it| it.kind = DependencyKind::Build,
            "rsevents must not depend on: proptest (build, always, every target)",
        ),
        (
            0,
            "loom",
            DependencyKind::Normal,
            |it| it.target = None,
            "rsevents must not depend on: loom (normal, optional, every target)",
        ),
        (
            0,
            "loom",
            DependencyKind::Normal,
            |it| it.target = Some("cfg(not(loom))".parse().unwrap()),
            "rsevents must not depend on: loom (normal, optional, cfg(not(loom)))",
        ),
        (
            0,
            "loom",
            DependencyKind::Normal,
            |it| it.optional = false,
            "rsevents must not depend on: loom (normal, always, cfg(loom))",
        ),
        (
            0,
            "loom",
            DependencyKind::Development,
            |it| it.target = None,
            "rsevents must not depend on: loom (dev, always, every target)",
        ),
        (
            1,
            "portable-atomic",
            DependencyKind::Normal,
            |it| it.target = None,
            "rsevents-extra must not depend on: portable-atomic (normal, always, every target)",
        ),
    ];

    #[test]
    fn what_is_not_allowed_or_missing_is_found() {
        let workspace = Workspace::load().unwrap();
        for (index, name, kind, change, expected) in CASES {
            let (package, allowed) = ALLOWED[index];
            let mut package = workspace.package(package).unwrap().clone();
            check_package(&package, allowed).unwrap();
            let mut all = package.dependencies.iter_mut();
            change(all.find(|it| it.name == name && it.kind == kind).unwrap());
            let error = check_package(&package, allowed).unwrap_err().to_string();
            assert_eq!(error, expected);
        }
        let (package, allowed) = ALLOWED[0];
        let mut package = workspace.package(package).unwrap().clone();
        package.dependencies.retain(|it| it.name != "parking_lot_core");
        let error = check_package(&package, allowed).unwrap_err().to_string();
        assert_eq!(error, "rsevents does not depend on parking_lot_core");
    }
}
