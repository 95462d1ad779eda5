//! A copy of the workspace in which a mutant can live, and what is built of it. It stays between runs,
//! so that only what differs is built again.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;
use xshell::cmd;

use super::mutant::Mutant;
use crate::workspace::Workspace;

/// A copy of the workspace.
pub(super) struct Sandbox {
    source: Utf8PathBuf,
    target: Utf8PathBuf,
}

impl Sandbox {
    /// Makes copy number `number`, or makes it the same as the workspace again.
    pub(super) fn prepare(workspace: &Workspace, number: usize) -> Result<Self> {
        let directory = workspace.mutants_dir().join(number.to_string());
        let sandbox = Self { source: directory.join("source"), target: directory.join("target") };
        let files = files(workspace)?;
        for file in &files {
            write_if_new(&workspace.root().join(file), &sandbox.source.join(file))?;
        }
        sandbox.remove_all_but(&files)?;
        Ok(sandbox)
    }

    /// Calls `work` while the mutant is in the copy.
    pub(super) fn with<R>(&self, mutant: &Mutant, work: impl FnOnce() -> Result<R>) -> Result<R> {
        let path = self.source.join(&mutant.file);
        let text = fs::read_to_string(&path)?;
        fs::write(&path, mutant.apply(&text))?;
        let result = work();
        fs::write(&path, text)?;
        result
    }

    /// The directory of a package.
    pub(super) fn package(&self, package: &str) -> Utf8PathBuf {
        self.source.join(package)
    }

    /// A cargo command in the copy, with a target directory of its own for builds that differ.
    pub(super) fn cargo(&self, command: &str, target: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.source).arg(command);
        cargo.arg("--target-dir").arg(self.target.join(target));
        // Nobody debugs a mutant.
        cargo.args(["--config", "profile.dev.debug=false"]);
        cargo
    }

    fn remove_all_but(&self, files: &BTreeSet<Utf8PathBuf>) -> Result<()> {
        for entry in WalkDir::new(&self.source) {
            let entry = entry?;
            let path = Utf8Path::from_path(entry.path()).context("a path is no UTF-8")?;
            let is_known = files.contains(path.strip_prefix(&self.source)?);
            if entry.file_type().is_file() && !is_known {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// What git knows or would take, and is there.
fn files(workspace: &Workspace) -> Result<BTreeSet<Utf8PathBuf>> {
    let list =
        cmd!(workspace.shell, "git ls-files --cached --others --exclude-standard -z").quiet();
    let list = list.read()?;
    files_of(workspace.root(), list.split_terminator('\0'))
}

/// Those of the `paths` that are files, and the files in a directory to which one is a link.
fn files_of<'a>(
    root: &Utf8Path,
    paths: impl Iterator<Item = &'a str>,
) -> Result<BTreeSet<Utf8PathBuf>> {
    let mut files = BTreeSet::new();
    for path in paths.map(|path| root.join(path)).filter(|path| path.exists()) {
        for entry in WalkDir::new(path).follow_links(true) {
            let entry = entry?;
            let path = Utf8Path::from_path(entry.path()).context("a path is no UTF-8")?;
            if entry.file_type().is_file() {
                files.insert(path.strip_prefix(root)?.to_owned());
            }
        }
    }
    Ok(files)
}

/// A file that is the same keeps its time, so that cargo builds nothing again for it.
fn write_if_new(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    let content = fs::read(from)?;
    if fs::read(to).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::create_dir_all(to.parent().context("a file is in a directory")?)?;
    Ok(fs::write(to, content)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::mutant::Kind;

    /// A copy in a directory that is removed at the end.
    fn sandbox() -> (tempfile::TempDir, Sandbox) {
        let directory = tempfile::tempdir().unwrap();
        let source = Utf8PathBuf::try_from(directory.path().join("source")).unwrap();
        fs::create_dir_all(source.join("rsevents/src")).unwrap();
        fs::write(source.join("rsevents/src/one.rs"), "one").unwrap();
        (directory, Sandbox { target: source.join("target"), source })
    }

    #[test]
    fn mutant_is_there_only_meanwhile() {
        let (_directory, sandbox) = sandbox();
        let path = sandbox.source.join("rsevents/src/one.rs");
        let mutant = Mutant {
            kind: Kind::Ordinary,
            file: "rsevents/src/one.rs".to_owned(),
            change: String::new(),
            span: 0..1,
            replacement: "w".to_owned(),
            is_quick: false,
        };
        let seen = sandbox.with(&mutant, || Ok(fs::read_to_string(&path)?)).unwrap();
        assert_eq!(seen, "wne");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    }

    #[test]
    fn what_is_gone_from_the_workspace_goes() {
        let (_directory, sandbox) = sandbox();
        let kept = Utf8PathBuf::from("rsevents/src/one.rs");
        fs::write(sandbox.source.join("rsevents/src/two.rs"), "two").unwrap();
        sandbox.remove_all_but(&BTreeSet::from([kept.clone()])).unwrap();
        assert!(sandbox.source.join(kept).exists());
        assert!(!sandbox.source.join("rsevents/src/two.rs").exists());
    }

    #[test]
    fn same_content_is_not_written_again() {
        let (_directory, sandbox) = sandbox();
        let from = sandbox.source.join("rsevents/src/one.rs");
        let to = sandbox.source.join("a/new/directory/one.rs");
        write_if_new(&from, &to).unwrap();
        let time = fs::metadata(&to).unwrap().modified().unwrap();
        write_if_new(&from, &to).unwrap();
        assert_eq!(fs::metadata(&to).unwrap().modified().unwrap(), time);
        assert_eq!(fs::read_to_string(&to).unwrap(), "one");
    }

    #[test]
    #[cfg(unix)]
    fn linked_directory_counts_as_its_files() {
        let (_directory, sandbox) = sandbox();
        std::os::unix::fs::symlink("rsevents/src", sandbox.source.join("link")).unwrap();
        let files = files_of(&sandbox.source, ["link", "gone.rs"].into_iter()).unwrap();
        assert_eq!(files, BTreeSet::from(["link/one.rs".into()]));
    }
}
