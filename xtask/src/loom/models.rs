//! Which tests are models.

use anyhow::{Result, ensure};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use xshell::{Shell, cmd};

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
pub(crate) fn find(workspace: &Workspace) -> Result<Vec<Model>> {
    let mut models = Vec::new();
    let test = ["test", "--features=loom", "--release", "--lib", "--no-run"].into_iter();
    let test = workspace.cargo_on(&LOOM, test.chain(select_published()));
    let executables = cargo::build(test)?;
    ensure!(executables.len() == PUBLISHED.len(), "not every published crate was built");
    for executable in executables {
        let package = workspace.package_name(&executable.artifact.package_id)?;
        let tests = scenarios(&executable)?;
        // A crate that loses its models to a wrong cfg must not count as checked.
        ensure!(!tests.is_empty(), "{package} has no models");
        let tests = tests.into_iter();
        models.extend(tests.map(|test| Model::new(package, &executable.path, test)));
    }
    Ok(models)
}

/// The paths of the models in `executable`: of the tests in a module called `scenarios`.
pub(crate) fn scenarios(executable: &Executable) -> Result<Vec<String>> {
    let (shell, path) = (Shell::new()?, &executable.path);
    let listing = cmd!(shell, "{path} --list --format terse").quiet().read()?;
    let tests = listing.lines().filter_map(|line| line.strip_suffix(": test"));
    Ok(tests.filter(|test| test.contains("scenarios::")).map(str::to_owned).collect())
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
