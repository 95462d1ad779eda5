//! Which versions of the contenders were measured.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use cargo_metadata::Metadata;

use super::plan::Plan;

/// The version of each contender that is from a crate.
pub(super) fn find<'a>(plan: &'a Plan, metadata: &Metadata) -> Result<BTreeMap<&'a str, String>> {
    let mut versions = BTreeMap::new();
    for (id, contender) in &plan.contenders {
        if let Some(spec) = &contender.from {
            let version = version(metadata, spec).with_context(|| format!("contender `{id}`"))?;
            versions.insert(id.as_str(), version);
        }
    }
    Ok(versions)
}

/// The version of the package that `name` or `name@version` names. A name alone is the workspace's
/// own package, if it has one.
fn version(metadata: &Metadata, spec: &str) -> Result<String> {
    let (name, wanted) = spec.split_once('@').unwrap_or((spec, ""));
    let mut packages: Vec<_> = metadata.packages.iter().filter(|one| one.name == name).collect();
    if wanted.is_empty() && packages.iter().any(|one| one.source.is_none()) {
        packages.retain(|one| one.source.is_none());
    }
    let versions = packages.iter().map(|one| one.version.to_string());
    let versions: Vec<String> = versions.filter(|version| is_some_of(version, wanted)).collect();
    ensure!(!versions.is_empty(), "no package `{spec}`");
    ensure!(versions.len() == 1, "`{spec}` may be any of {}", versions.join(", "));
    Ok(versions.concat())
}

/// Whether `version` is some 0.3 if 0.3 is wanted, which 0.30 is not.
fn is_some_of(version: &str, wanted: &str) -> bool {
    let rest = version.strip_prefix(wanted);
    wanted.is_empty()
        || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '+', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn parts_of_versions() {
        for (version, wanted, expected) in [
            ("0.3.1", "", true),
            ("0.3.1", "0.3", true),
            ("0.3.1", "0.3.1", true),
            ("0.3.10", "0.3.1", false),
            ("0.30.0", "0.3", false),
            ("1.2.1+spec", "1.2.1", true),
        ] {
            assert_eq!(is_some_of(version, wanted), expected, "{version}, {wanted}");
        }
    }

    #[test]
    fn packages_of_the_workspace() {
        let metadata = workspace::resolved().unwrap();
        let version = |spec: &str| version(&metadata, spec).map_err(|error| error.to_string());
        let ours = version("rsevents").unwrap();
        assert_eq!(ours, env!("CARGO_PKG_VERSION"));
        assert_eq!(version(&format!("rsevents@{ours}")), Ok(ours));
        assert!(version("anyhow@1").unwrap().starts_with("1."));
        assert_eq!(version("rsevents@99"), Err("no package `rsevents@99`".to_owned()));
    }

    #[test]
    fn several_versions_have_to_be_told_apart() {
        let mut metadata = workspace::resolved().unwrap();
        let package = metadata.packages.iter().find(|one| one.name == "anyhow").unwrap().clone();
        metadata.packages.push(package);
        let error = version(&metadata, "anyhow").unwrap_err().to_string();
        assert!(error.starts_with("`anyhow` may be any of 1."), "{error}");
    }
}
