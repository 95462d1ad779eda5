//! A copy of the workspace for mutants, and what is built in it. It is kept between runs, so that only what
//! differs is built again.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Artifact, CompilerMessage, Message};
use walkdir::WalkDir;

use super::{Kind, Mutant};
use crate::cargo::{self, Executable};
use crate::output;
use crate::workspace::{Backend, DELAYS, LOOM, PUBLISHED};

/// No build takes that long, unless the compiler does not end.
const LIMIT: Duration = Duration::from_secs(600);

/// The one file that no model runs: a spin would only repeat its first poll.
pub(super) const NOT_IN_MODELS: &str = "rsevents/src/spin.rs";

/// The package of the program that checks linearizability.
pub(super) const VERIFY: &str = "verify";

/// What can detect a mutant, by how it is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CheckKind {
    /// The unit tests under loom, each a check of its own.
    Models,
    /// A program of unit tests or integration tests.
    Tests,
    /// They build themselves.
    DocTests,
    /// Histories of random programs, of objects with delays. They reach what tests cannot arrange, above all at
    /// deadlines.
    Linearizability,
}

/// A program that was built, and a hash of its content.
pub(super) struct Program {
    pub(super) executable: Executable,
    pub(super) hash: u64,
}

/// The checks of one kind of a package, which are built at once.
pub(super) type Key = (&'static str, CheckKind);

/// What was built, the programs by target.
pub(super) type Programs = BTreeMap<Key, BTreeMap<String, Program>>;

/// A copy of the workspace.
pub(super) struct Sandbox {
    pub(super) source: Utf8PathBuf,
    target: Utf8PathBuf,
    /// What was built without a mutant.
    pub(super) programs: Programs,
}

/// Whether checks may fail because of a mutant.
pub(super) fn can_detect((package, kind): Key, mutant: &Mutant) -> bool {
    let is_own = package == mutant.package;
    let [core, _] = PUBLISHED;
    match (is_own, kind == CheckKind::Models) {
        (true, true) => mutant.file != NOT_IN_MODELS,
        // The models of the extras are of the extras, and the core does not depend on them.
        (false, true) => false,
        // Most orderings make no difference to the machine on which tests run: a test that fails all the
        // same has failed by chance.
        (_, false) => mutant.kind != Kind::Ordering && (is_own || package != core),
    }
}

/// What the compiler has against the sources: those of the tests, if it has built the library.
pub(super) struct Refused {
    pub(super) has_library: bool,
    errors: String,
}

impl Sandbox {
    /// Makes copy number `number` the same as the workspace.
    pub(super) fn copy_of(root: &Utf8Path, mutants_dir: &Utf8Path, number: usize) -> Result<Self> {
        let directory = mutants_dir.join(number.to_string());
        let (source, target) = (directory.join("source"), directory.join("target"));
        copy(root, &source, mutants_dir.parent().context("it is in the target directory")?)?;
        Ok(Self { source, target, programs: Programs::new() })
    }

    /// Builds what can detect these mutants, for a quick run only the models.
    pub(super) fn build_all(mut self, mutants: &[Mutant], is_quick: bool) -> Result<Self> {
        use CheckKind::{DocTests, Linearizability, Models, Tests};
        let of_package = |package| [Models, Tests, DocTests].map(|kind| (package, kind));
        let of_packages = PUBLISHED.map(of_package).concat();
        for key in of_packages.into_iter().chain([(VERIFY, Linearizability)]) {
            let is_needed = mutants.iter().any(|mutant| can_detect(key, mutant));
            if is_needed && (key.1 == Models || !is_quick) {
                let (package, _) = key;
                let built = self.build(key)?.map_err(|Refused { errors, .. }| {
                    anyhow!("{package} does not compile even without a mutant:\n{errors}")
                });
                self.programs.insert(key, built?);
            }
        }
        Ok(self)
    }

    /// Builds the tests of a package. A failure for another reason than the sources is an error: it says
    /// nothing about a mutant.
    pub(super) fn build(
        &self,
        (package, kind): Key,
    ) -> Result<Result<BTreeMap<String, Program>, Refused>> {
        let mut text = String::new();
        let keep = |line: &str| text.extend([line, "\n"]);
        let output = output::supervise(self.command(package, kind), LIMIT, keep)?;
        if output.status.is_some_and(|status| status.success()) {
            let programs = cargo::executables(&text)?.into_iter().map(|executable| {
                let mut hasher = DefaultHasher::new();
                fs::read(&executable.path)?.hash(&mut hasher);
                let target = executable.artifact.target.name.clone();
                Ok((target, Program { executable, hash: hasher.finish() }))
            });
            return Ok(Ok(programs.collect::<Result<_>>()?));
        }
        let (mut errors, mut has_library) = (String::new(), false);
        for message in Message::parse_stream(text.as_bytes()).flatten() {
            match message {
                // An error without a place in the sources is of the linker, or of the machine.
                Message::CompilerMessage(CompilerMessage { message, .. })
                    if message.level == DiagnosticLevel::Error && !message.spans.is_empty() =>
                {
                    errors.extend(message.rendered);
                }
                // The library as its dependents use it.
                Message::CompilerArtifact(Artifact { target, profile, .. }) if target.is_lib() => {
                    has_library |= !profile.test && target.name == package.replace('-', "_");
                }
                _ => {}
            }
        }
        if errors.is_empty() {
            output.print();
            bail!("{package} was not built, for another reason than its sources");
        }
        Ok(Err(Refused { has_library, errors }))
    }

    fn command(&self, package: &str, kind: CheckKind) -> Command {
        // A build after a change takes a fifth of what it would with our own code optimized. Models are slower so,
        // but most mutants are found by short ones.
        const OPTIMIZED: &str = "profile.dev.package.\"*\".opt-level=2";
        let (target, backend, arguments) = match kind {
            CheckKind::Models => ("loom", Some(LOOM), "test --no-run --lib --features loom"),
            CheckKind::Tests => ("tests", None, "test --no-run --lib --tests"),
            CheckKind::DocTests => ("tests", None, "build"),
            CheckKind::Linearizability => ("delays", Some(DELAYS), "build --bin linearizability"),
        };
        let mut command = self.cargo(target);
        command.args(arguments.split(' ')).args(["--package", package, "--message-format=json"]);
        if kind == CheckKind::Models {
            command.args(["--config", OPTIMIZED]);
        }
        command.envs(backend.iter().flat_map(Backend::environment));
        command
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

    /// Cargo in the copy, with a target directory of its own for builds that differ. Its command follows.
    pub(super) fn cargo(&self, target: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.source).env("CARGO_TARGET_DIR", self.target.join(target));
        cargo.args(["--config", "profile.dev.debug=false"]);
        cargo
    }
}

/// Makes `to` the same as `from`, but for the directory `left_out` and git's. Links become files.
fn copy(from: &Utf8Path, to: &Utf8Path, left_out: &Utf8Path) -> Result<()> {
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
            fs::write(copy, content)?;
        }
    }
    // Cargo would take a file that is gone from the workspace for a test.
    for entry in WalkDir::new(to) {
        let path = Utf8PathBuf::try_from(entry?.into_path())?;
        if path.is_file() && !from.join(path.strip_prefix(to)?).exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::Kind;

    #[test]
    fn copy_differs_from_the_workspace_only_while_it_has_a_mutant() {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(directory.path()).unwrap();
        let [from, source] = ["from", "source"].map(|name| root.join(name));
        let file = "rsevents/src/one.rs";
        for path in [from.join(file), from.join("target/built"), source.join("gone.rs")] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "one").unwrap();
        }
        copy(&from, &source, &from.join("target")).unwrap();
        assert!(!source.join("gone.rs").exists() && !source.join("target").exists());

        let read = || Ok(fs::read_to_string(source.join(file))?);
        let (source, target) = (source.clone(), root.join("target"));
        let sandbox = Sandbox { source, target, programs: Programs::new() };
        let mutant = Mutant::new(Kind::Protocol, "", file, "two".to_owned()).unwrap();
        assert_eq!(sandbox.with(&mutant, read).unwrap(), "two");
        assert_eq!(read().unwrap(), "one");
    }
}
