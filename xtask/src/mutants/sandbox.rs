//! A copy of the workspace for mutants. It is kept between runs, so that only what differs is built again.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::mutant::Mutant;

pub(super) struct Sandbox {
    pub(super) source: Utf8PathBuf,
    target: Utf8PathBuf,
}

impl Sandbox {
    /// Makes copy number `number` in `mutants_dir`, or makes it the same as the workspace again.
    pub(super) fn prepare(root: &Utf8Path, mutants_dir: &Utf8Path, number: usize) -> Result<Self> {
        let directory = mutants_dir.join(number.to_string());
        let sandbox = Self { source: directory.join("source"), target: directory.join("target") };
        let left_out = mutants_dir.parent().context("it is in the target directory")?;
        copy(root, &sandbox.source, left_out)?;
        Ok(sandbox)
    }

    /// Calls `work` while the mutant is in the copy.
    pub(super) fn with<R>(&self, mutant: &Mutant, work: impl FnOnce() -> Result<R>) -> Result<R> {
        let path = self.source.join(&mutant.file);
        let original = fs::read_to_string(&path)?;
        fs::write(&path, &mutant.text)?;
        let result = work();
        fs::write(&path, original)?;
        result
    }

    /// A cargo command in the copy, with a target directory of its own for builds that differ.
    pub(super) fn cargo(&self, command: &str, target: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.source).arg(command);
        cargo.arg("--target-dir").arg(self.target.join(target));
        cargo.args(["--config", "profile.dev.debug=false"]);
        cargo
    }
}

/// Makes `to` the same as `from`, but for the directory `left_out` and git's. Links become files.
fn copy(from: &Utf8Path, to: &Utf8Path, left_out: &Utf8Path) -> Result<()> {
    let mut files = BTreeSet::new();
    let entries = WalkDir::new(from).follow_links(true).into_iter();
    for entry in entries.filter_entry(|e| e.path() != left_out && e.file_name() != ".git") {
        let path = Utf8PathBuf::try_from(entry?.into_path())?;
        let copy = to.join(path.strip_prefix(from)?);
        if path.is_dir() {
            fs::create_dir_all(copy)?;
            continue;
        }
        let content = fs::read(path)?;
        // A file that is the same keeps its time, so that cargo builds nothing again for it.
        if fs::read(&copy).ok().as_ref() != Some(&content) {
            fs::write(&copy, content)?;
        }
        files.insert(copy);
    }
    // Cargo would take a file that is gone from the workspace for a test.
    for entry in WalkDir::new(to) {
        let path = Utf8PathBuf::try_from(entry?.into_path())?;
        if path.is_file() && !files.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::mutant::Kind;

    #[test]
    fn copy_is_the_same_as_the_workspace_but_for_the_mutant_meanwhile() {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(directory.path()).unwrap();
        let [from, source] = ["from", "source"].map(|name| root.join(name));
        let file = "rsevents/src/one.rs";
        for path in [from.join(file), from.join("target/built"), source.join("gone.rs")] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "one").unwrap();
        }
        let time = || fs::metadata(source.join(file)).unwrap().modified().unwrap();
        copy(&from, &source, &from.join("target")).unwrap();
        let first = time();
        copy(&from, &source, &from.join("target")).unwrap();
        assert_eq!(time(), first);
        assert!(!source.join("gone.rs").exists() && !source.join("target").exists());

        let read = || Ok(fs::read_to_string(source.join(file))?);
        let sandbox = Sandbox { source: source.clone(), target: root.join("target") };
        let mutant = Mutant::new(Kind::Ordinary, String::new(), file, "two".to_owned()).unwrap();
        assert_eq!(sandbox.with(&mutant, read).unwrap(), "two");
        assert_eq!(read().unwrap(), "one");
    }
}
