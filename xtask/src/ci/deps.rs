//! What the published crates may bring into a user's build.

use anyhow::{Result, ensure};
use cargo_metadata::cargo_platform::Platform;
use cargo_metadata::{Dependency, DependencyKind, Package};

use super::Outcome;
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

    /// The real core, with one thing broken.
    fn broken(break_it: impl FnOnce(&mut Vec<Dependency>)) -> String {
        broken_in(0, break_it)
    }

    /// The same for one of the crates in `ALLOWED`.
    fn broken_in(index: usize, break_it: impl FnOnce(&mut Vec<Dependency>)) -> String {
        let (name, allowed) = ALLOWED[index];
        let workspace = Workspace::load().unwrap();
        let mut package = workspace.package(name).unwrap().clone();
        check_package(&package, allowed).unwrap();
        break_it(&mut package.dependencies);
        check_package(&package, allowed).unwrap_err().to_string()
    }

    fn find<'a>(dependencies: &'a mut [Dependency], name: &str, dev: bool) -> &'a mut Dependency {
        let is_it = |dependency: &&mut Dependency| {
            dependency.name == name && dev == (dependency.kind == DependencyKind::Development)
        };
        dependencies.iter_mut().find(is_it).unwrap()
    }

    #[test]
    fn second_dependency_is_found() {
        let found = broken(|all| find(all, "proptest", true).kind = DependencyKind::Normal);
        assert_eq!(found, "rsevents must not depend on: proptest (normal, always, every target)");
    }

    #[test]
    fn build_dependency_is_found() {
        let found = broken(|all| find(all, "proptest", true).kind = DependencyKind::Build);
        assert_eq!(found, "rsevents must not depend on: proptest (build, always, every target)");
    }

    #[test]
    fn loom_without_its_cfg_is_found() {
        let found = broken(|all| find(all, "loom", false).target = None);
        assert_eq!(found, "rsevents must not depend on: loom (normal, optional, every target)");
    }

    #[test]
    fn loom_under_another_cfg_is_found() {
        let found = broken(|all| {
            find(all, "loom", false).target = Some("cfg(not(loom))".parse().unwrap());
        });
        assert_eq!(found, "rsevents must not depend on: loom (normal, optional, cfg(not(loom)))");
    }

    #[test]
    fn loom_without_its_feature_is_found() {
        let found = broken(|all| find(all, "loom", false).optional = false);
        assert_eq!(found, "rsevents must not depend on: loom (normal, always, cfg(loom))");
    }

    #[test]
    fn loom_in_every_test_build_is_found() {
        let found = broken(|all| find(all, "loom", true).target = None);
        assert_eq!(found, "rsevents must not depend on: loom (dev, always, every target)");
    }

    #[test]
    fn missing_dependency_is_found() {
        let found = broken(|all| all.retain(|dependency| dependency.name != "parking_lot_core"));
        assert_eq!(found, "rsevents does not depend on parking_lot_core");
    }

    #[test]
    fn dependency_for_other_targets_is_found() {
        let found = broken_in(1, |all| find(all, "portable-atomic", false).target = None);
        let expected =
            "rsevents-extra must not depend on: portable-atomic (normal, always, every target)";
        assert_eq!(found, expected);
    }
}
