//! The published crates as users get them: unpacked from what would be uploaded, without the repository
//! around them.

use anyhow::{Result, ensure};
use cargo_metadata::camino::Utf8PathBuf;
use xshell::{Shell, cmd};

use super::Outcome;
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

/// Tests the packages with the dependencies of the lock file.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    Packages::unpack(workspace)?.test()
}

/// Both packages in a workspace of their own.
struct Packages {
    /// In the directory of that workspace.
    shell: Shell,
    target_dir: Utf8PathBuf,
}

impl Packages {
    /// Takes the dependencies of the lock file. Needs no network once they have been downloaded.
    fn unpack(workspace: &Workspace) -> Result<Self> {
        let packages = select_published();
        let package = ["package", "--offline", "--allow-dirty", "--no-verify"];
        cmd!(workspace.shell, "cargo fetch --locked").run()?;
        cmd!(workspace.shell, "cargo {package...} {packages...}").run()?;

        let directory = workspace.packages_dir();
        let (source, target_dir) = (directory.join("source"), directory.join("target"));
        let shell = Shell::new()?;
        shell.remove_path(&source)?;
        shell.create_dir(&source)?;
        shell.change_dir(&source);
        for name in PUBLISHED {
            let archive = workspace.archive(name)?;
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
        Ok(Self { shell, target_dir })
    }

    fn test(&self) -> Result<Outcome> {
        let Self { shell, target_dir } = self;
        let test = cmd!(shell, "cargo test --workspace --all-features --offline");
        test.arg("--target-dir").arg(target_dir).run()?;
        Ok(Outcome::Passed)
    }
}
