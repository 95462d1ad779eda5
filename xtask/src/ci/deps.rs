//! What the published crates may bring into a user's build.

use anyhow::{Result, ensure};
use cargo_metadata::{Dependency, DependencyKind};

use crate::outcome::Outcome;
use crate::workspace::Workspace;

/// The dependencies of each published crate, besides those of its tests. Loom comes with both the cfg and the
/// feature, or with the cfg to our own tests.
const ALLOWED: [(&str, &[&str]); 2] = [
    (
        "rsevents",
        &[
            "loom (dev, always, cfg(loom))",
            "loom (normal, optional, cfg(loom))",
            "parking_lot_core (normal, always, every target)",
        ],
    ),
    (
        "rsevents-extra",
        &[
            "loom (dev, always, cfg(loom))",
            "loom (normal, optional, cfg(loom))",
            r#"portable-atomic (normal, always, cfg(not(target_has_atomic = "64")))"#,
            "rsevents (normal, always, every target)",
        ],
    ),
];

pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    for (package, allowed) in ALLOWED {
        let dependencies = workspace.package(package)?.dependencies.iter();
        let mut found: Vec<String> = dependencies
            .filter(|it| it.kind != DependencyKind::Development || it.name == "loom")
            .map(describe)
            .collect();
        found.sort();
        ensure!(found == allowed, "{package} depends on {found:?}, and should on {allowed:?}");
    }
    Ok(Outcome::Passed)
}

fn describe(dependency: &Dependency) -> String {
    let optional = if dependency.optional { "optional" } else { "always" };
    let target = dependency.target.as_ref().map_or("every target".to_owned(), ToString::to_string);
    format!("{} ({}, {optional}, {target})", dependency.name, dependency.kind)
}
