//! Which tests are models.

use std::process::Command;

use anyhow::{Result, ensure};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use xshell::cmd;

use crate::cargo::{self, Executable};
use crate::workspace::{LOOM, PUBLISHED, Workspace, select_published};

/// A test that loom runs in every interleaving.
pub(crate) struct Model {
    /// The package it is of.
    pub(crate) package: String,
    /// `package::path`, unique in the workspace.
    pub(crate) name: String,
    /// The test executable that has it.
    pub(crate) executable: Utf8PathBuf,
    /// Its path within that executable.
    pub(crate) test: String,
}

/// Builds the tests of the published crates for loom and returns the models in them, by name.
pub(super) fn find(workspace: &Workspace) -> Result<Vec<Model>> {
    let mut models = Vec::new();
    for executable in build(workspace)? {
        models.extend(models_of(workspace, &executable)?);
    }
    models.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(models)
}

/// The models whose name contains `filter`, or all.
pub(super) fn select(mut models: Vec<Model>, filter: Option<&str>) -> Result<Vec<Model>> {
    if let Some(filter) = filter {
        models.retain(|model| model.name.contains(filter));
        ensure!(!models.is_empty(), "no model's name contains `{filter}`");
        return Ok(models);
    }
    // A crate that loses its models to a wrong cfg must not look checked.
    for package in PUBLISHED {
        let has_models = models.iter().any(|model| model.package == package);
        ensure!(has_models, "{package} has no models");
    }
    Ok(models)
}

fn build(workspace: &Workspace) -> Result<Vec<Executable>> {
    let packages = select_published();
    let target_dir = workspace.target_dir(&LOOM);
    let test = cmd!(
        workspace.shell,
        "cargo test {packages...} --features loom --release --lib --no-run
            --target-dir {target_dir}"
    );
    cargo::build(test.envs(LOOM.environment()))
}

/// The tests in modules called `scenarios`: under loom, each is a model.
fn models_of(workspace: &Workspace, executable: &Executable) -> Result<Vec<Model>> {
    let package = workspace.package_name(&executable.artifact.package_id)?;
    let tests = scenarios(executable)?;
    Ok(tests.into_iter().map(|test| Model::new(package, &executable.path, test)).collect())
}

/// The paths of the models in `executable`.
pub(crate) fn scenarios(executable: &Executable) -> Result<Vec<String>> {
    let mut tests = list(executable)?;
    tests.retain(|test| is_scenario(test));
    Ok(tests)
}

impl Model {
    /// The model at the path `test` within an executable.
    pub(crate) fn new(package: &str, executable: &Utf8Path, test: String) -> Self {
        Self {
            package: package.to_owned(),
            name: format!("{package}::{test}"),
            executable: executable.to_owned(),
            test,
        }
    }
}

fn is_scenario(test: &str) -> bool {
    test.split("::").any(|module| module == "scenarios")
}

/// The paths of the tests in `executable`.
fn list(executable: &Executable) -> Result<Vec<String>> {
    let path = &executable.path;
    let mut command = Command::new(path);
    let output = command.args(["--list", "--format", "terse"]).output()?;
    let status = output.status;
    ensure!(status.success(), "{path} does not list its tests: {status}");
    let listing = String::from_utf8(output.stdout)?;
    let tests = listing.lines().filter_map(test_path);
    Ok(tests.map(str::to_owned).collect())
}

/// The path in a line of a terse listing: `module::name: test`.
fn test_path(line: &str) -> Option<&str> {
    line.strip_suffix(": test")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model of each of these packages.
    fn models(packages: &[&str]) -> Vec<Model> {
        let model = |package: &&str| Model {
            package: package.to_string(),
            name: format!("{package}::scenarios::auto::set"),
            executable: Utf8PathBuf::new(),
            test: "set".to_owned(),
        };
        packages.iter().map(model).collect()
    }

    #[test]
    fn filter_selects_by_part_of_the_name() {
        let selected = |filter| select(models(&PUBLISHED), filter).unwrap().len();
        assert_eq!(selected(None), 2);
        assert_eq!(selected(Some("auto::s")), 2);
        assert_eq!(selected(Some("extra::")), 1);
    }

    #[test]
    fn filter_that_selects_nothing_is_an_error() {
        assert!(select(models(&PUBLISHED), Some("manual")).is_err());
        assert!(select(models(&[]), Some("")).is_err());
    }

    #[test]
    fn crate_without_models_is_an_error() {
        let error = |packages: &[&str]| select(models(packages), None).err().unwrap().to_string();
        assert_eq!(error(&[]), "rsevents has no models");
        assert_eq!(error(&["rsevents"]), "rsevents-extra has no models");
    }

    #[test]
    fn listing_has_more_than_tests() {
        assert_eq!(test_path("tests::one: test"), Some("tests::one"));
        assert_eq!(test_path("bench_one: benchmark"), None);
        assert_eq!(test_path(""), None);
    }

    #[test]
    fn models_are_in_modules_called_scenarios() {
        assert!(is_scenario("raw::scenarios::auto::set_against_wait"));
        assert!(!is_scenario("state::tests::all_scenarios_agree"));
    }
}
