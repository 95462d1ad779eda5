//! What the published crates may bring into a user's build.

use anyhow::{Result, ensure};
use cargo_metadata::{Dependency, DependencyKind};

use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// What both published crates depend on, besides their tests. Loom comes with both the cfg and the feature, or
/// with the cfg to our own tests.
const OF_BOTH: [&str; 2] = ["loom (dev, always, cfg(loom))", "loom (normal, optional, cfg(loom))"];

/// What else each of them depends on.
const ALLOWED: [(&str, &[&str]); 2] = [
    ("rsevents", &["parking_lot_core (normal, always, every target)"]),
    ("rsevents-extra", &["rsevents (normal, always, every target)"]),
];

pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    for (package, allowed) in ALLOWED {
        let dependencies = workspace.package(package)?.dependencies.iter();
        let mut found: Vec<String> = dependencies
            .filter(|it| it.kind != DependencyKind::Development || it.name == "loom")
            .map(describe)
            .collect();
        found.sort();
        let allowed = [&OF_BOTH, allowed].concat();
        ensure!(found == allowed, "{package} depends on {found:?}, and should on {allowed:?}");
    }
    Ok(Outcome::Passed)
}

fn describe(dependency: &Dependency) -> String {
    let optional = if dependency.optional { "optional" } else { "always" };
    let target = dependency.target.as_ref().map_or("every target".to_owned(), ToString::to_string);
    format!("{} ({}, {optional}, {target})", dependency.name, dependency.kind)
}
