//! Which tests are models.

use std::process::Command;

use anyhow::{Result, ensure};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

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

/// Builds the tests of the published crates for loom and returns the models in them.
pub(super) fn find(workspace: &Workspace) -> Result<Vec<Model>> {
    let mut models = Vec::new();
    let test = ["test", "--features=loom", "--release", "--lib", "--no-run"].into_iter();
    let test = workspace.cargo_on(&LOOM, test.chain(select_published()));
    let executables = cargo::build(test)?;
    ensure!(executables.len() == PUBLISHED.len(), "not every published crate was built");
    for executable in executables {
        let package = workspace.package_name(&executable.artifact.package_id)?;
        let tests = scenarios(&executable)?;
        // A crate that loses its models to a wrong cfg must not look checked.
        ensure!(!tests.is_empty(), "{package} has no models");
        let tests = tests.into_iter();
        models.extend(tests.map(|test| Model::new(package, &executable.path, test)));
    }
    Ok(models)
}

/// The paths of the models in `executable`.
pub(crate) fn scenarios(executable: &Executable) -> Result<Vec<String>> {
    let path = &executable.path;
    let mut command = Command::new(path);
    let output = command.args(["--list", "--format", "terse"]).output()?;
    let status = output.status;
    ensure!(status.success(), "{path} does not list its tests: {status}");
    let listing = String::from_utf8(output.stdout)?;
    Ok(listing.lines().filter_map(scenario).map(str::to_owned).collect())
}

/// The path in a line of a terse listing, `module::name: test`, if that is a model: a test in a module called
/// `scenarios`.
fn scenario(line: &str) -> Option<&str> {
    let test = line.strip_suffix(": test")?;
    test.split("::").any(|module| module == "scenarios").then_some(test)
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

#[cfg(test)]
mod tests {
    use super::scenario;

    #[test]
    fn models_are_tests_in_modules_called_scenarios() {
        let path = "raw::scenarios::auto::set_against_wait";
        assert_eq!(scenario(&format!("{path}: test")), Some(path));
        assert_eq!(scenario(&format!("{path}: benchmark")), None);
        assert_eq!(scenario("state::tests::all_scenarios_agree: test"), None);
    }
}
