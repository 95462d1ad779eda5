//! Builds in a sandbox, which a mutant may make impossible.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Artifact, Message};

use super::check::CheckKind;
use super::sandbox::Sandbox;
use crate::cargo::{self, Executable};
use crate::output;
use crate::workspace::{Backend, DELAYS, LOOM};

/// No build takes that long, unless the compiler does not end.
const LIMIT: Duration = Duration::from_secs(600);

/// A program that was built, and a hash of its content.
pub(super) struct Program {
    pub(super) executable: Executable,
    pub(super) hash: u64,
}

/// How a build ended, with what the compiler says against the sources.
pub(super) enum Built {
    Programs(Vec<Program>),
    /// The package itself compiles, but a test of it does not.
    TestsRefused(String),
    Refused(String),
}

/// Builds the tests of a package. A failure for another reason than the sources is an error: it says
/// nothing about a mutant.
pub(super) fn build(sandbox: &Sandbox, package: &str, kind: CheckKind) -> Result<Built> {
    let mut text = String::new();
    let keep = |line: &str| text.extend([line, "\n"]);
    let output = output::supervise(command(sandbox, package, kind), LIMIT, keep)?;
    if output.status.is_some_and(|status| status.success()) {
        let programs = cargo::executables(&text)?.into_iter().map(Program::new);
        return Ok(Built::Programs(programs.collect::<Result<_>>()?));
    }
    let (mut errors, mut has_library) = (String::new(), false);
    for message in Message::parse_stream(text.as_bytes()).flatten() {
        match message {
            // An error without a place in the sources is of the linker, or of the machine.
            Message::CompilerMessage(message)
                if message.message.level == DiagnosticLevel::Error
                    && !message.message.spans.is_empty() =>
            {
                errors.push_str(&message.message.rendered.unwrap_or_default());
            }
            Message::CompilerArtifact(artifact) => has_library |= is_library(&artifact, package),
            _ => {}
        }
    }
    if errors.is_empty() {
        output.print();
        bail!("{package} was not built, for another reason than its sources");
    }
    Ok(if has_library { Built::TestsRefused(errors) } else { Built::Refused(errors) })
}

/// Whether it is the library of a package as its dependents use it.
fn is_library(artifact: &Artifact, package: &str) -> bool {
    let target = &artifact.target;
    target.is_lib() && !artifact.profile.test && target.name == package.replace('-', "_")
}

impl Program {
    fn new(executable: Executable) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        fs::read(&executable.path)?.hash(&mut hasher);
        Ok(Self { executable, hash: hasher.finish() })
    }
}

fn command(sandbox: &Sandbox, package: &str, kind: CheckKind) -> Command {
    // A build after a change takes a tenth of what it would with our own code optimized, and most of a
    // model's time is loom's.
    const OPTIMIZED: &str = "profile.dev.package.\"*\".opt-level=2";
    let (subcommand, target, backend, arguments) = match kind {
        CheckKind::Models => {
            let arguments = &["--no-run", "--features", "loom", "--lib", "--config", OPTIMIZED][..];
            ("test", "loom", Some(LOOM), arguments)
        }
        CheckKind::Tests => ("test", "tests", None, &["--no-run", "--lib", "--tests"][..]),
        CheckKind::DocTests => ("build", "tests", None, &[][..]),
        CheckKind::Linearizability => {
            ("build", "delays", Some(DELAYS), &["--bin", "linearizability"][..])
        }
    };
    let mut command = sandbox.cargo(subcommand, target);
    command.args(arguments).envs(backend.iter().flat_map(Backend::environment));
    command.args(["--package", package, "--message-format=json"]);
    command
}
