//! The published crates as users get them: unpacked from what would be uploaded, without the repository
//! around them.

use anyhow::{Context, Result, ensure};
use cargo_metadata::camino::Utf8PathBuf;
use cargo_metadata::{Metadata, MetadataCommand};
use xshell::{Cmd, Shell, cmd};

use crate::outcome::Outcome;
use crate::workspace::{PUBLISHED, Workspace, select_published};

/// What each package contains besides its sources.
const CONTENTS: [&str; 5] = ["CHANGELOG.md", "LICENSE", "README.md", "examples", "tests"];

/// The workspace that they are unpacked into. In it the second depends on the first.
const MANIFEST: &str = r#"
[workspace]
resolver = "3"
members = ["rsevents", "rsevents-extra"]

[patch.crates-io]
rsevents = { path = "rsevents" }
"#;

/// What the core is built on.
const DEPENDENCY: &str = "parking_lot_core";

/// Tests the packages with the oldest parking_lot_core that they accept. The gate `test` has tested the same
/// sources with that of the lock file, and has repeated each race more often.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    let packages = Packages::unpack(workspace)?;
    packages.run(cmd!(packages.shell, "cargo test").env("RSEVENTS_STRESS", "0.1"))?;
    Ok(Outcome::Passed)
}

/// Both packages in a workspace of their own.
pub(super) struct Packages {
    /// In the directory of that workspace.
    pub(super) shell: Shell,
    target_dir: Utf8PathBuf,
}

impl Packages {
    /// Takes the dependencies of the lock file, and the oldest parking_lot_core. Needs no network once they
    /// have been downloaded.
    pub(super) fn unpack(workspace: &Workspace) -> Result<Self> {
        let packages = select_published();
        let package = ["package", "--offline", "--allow-dirty", "--no-verify"];
        cmd!(workspace.shell, "cargo fetch --locked").run()?;
        cmd!(workspace.shell, "cargo {package...} {packages...}").run()?;

        let directory = workspace.target_dir("packages");
        let (source, target_dir) = (directory.join("source"), directory.join("target"));
        let shell = Shell::new()?;
        shell.remove_path(&source)?;
        shell.create_dir(&source)?;
        shell.change_dir(&source);
        for name in PUBLISHED {
            let version = &workspace.package(name)?.version;
            let archive = workspace.target_dir("package").join(format!("{name}-{version}.crate"));
            let unpacked = shell.create_dir(name)?;
            // `m`: the archive gives all files the same old time, by which cargo would not see a change.
            cmd!(shell, "tar -xzmf {archive} -C {unpacked} --strip-components=1").run()?;
            for content in CONTENTS {
                ensure!(unpacked.join(content).exists(), "the package {name} has no {content}");
            }
        }
        shell.write_file("Cargo.toml", MANIFEST)?;
        shell.copy_file(workspace.root().join("Cargo.lock"), "Cargo.lock")?;
        // Removes what only the rest of the repository needs.
        cmd!(shell, "cargo update --workspace --offline --quiet").run()?;
        // The lock file has the oldest as well, for the published rsevents that the benchmarks measure.
        let version = oldest(workspace)?;
        cmd!(shell, "cargo update {DEPENDENCY} --precise {version} --offline").run()?;
        Ok(Self { shell, target_dir })
    }

    /// The packages with their dependencies resolved.
    pub(super) fn metadata(&self) -> Result<Metadata> {
        let mut command = MetadataCommand::new();
        command.current_dir(self.shell.current_dir()).other_options(["--offline".to_owned()]);
        Ok(command.exec()?)
    }

    /// Runs a command of cargo's on all of both packages.
    pub(super) fn run(&self, cargo: Cmd<'_>) -> Result<()> {
        let cargo = cargo.args(["--workspace", "--all-features", "--offline"]);
        Ok(cargo.arg("--target-dir").arg(&self.target_dir).run()?)
    }
}

/// The oldest version of the dependency that the core accepts.
fn oldest(workspace: &Workspace) -> Result<String> {
    let mut dependencies = workspace.package("rsevents")?.dependencies.iter();
    let dependency = dependencies.find(|dependency| dependency.name == DEPENDENCY);
    let required = dependency.context("the core has another dependency")?.req.to_string();
    let bound = required.split(',').find_map(|bound| bound.strip_prefix(">="));
    Ok(bound.with_context(|| format!("`{required}` has no lower bound"))?.to_owned())
}
