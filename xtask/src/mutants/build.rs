//! Building a copy, or finding out that it cannot be built.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;
use cargo_metadata::camino::Utf8Path;
use cargo_metadata::diagnostic::DiagnosticLevel;

use super::sandbox::Sandbox;
use crate::cargo::{self, Executable};
use crate::output;
use crate::workspace::{DELAYS, LOOM};

/// The program that checks linearizability.
pub(super) const HISTORIES: &str = "linearizability";

/// No build takes that long, unless the compiler does not end.
const LIMIT: Duration = Duration::from_secs(600);

/// What can be built of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flavour {
    /// The unit tests under loom.
    Models,
    /// The unit tests and the integration tests.
    Tests,
    /// The check of linearizability, of objects with delays.
    Histories,
}

/// How a build ended. Where it did not end well, with what the compiler says.
pub(super) enum Built {
    Well(Vec<Executable>),
    /// The package itself compiles, but some test of it does not.
    NotTheTests(String),
    Not(String),
}

/// Builds the tests of a package. Anything else that may go wrong than that the compiler refuses the
/// sources is an error, and says nothing about a mutant.
pub(super) fn build(sandbox: &Sandbox, package: &str, flavour: Flavour) -> Result<Built> {
    let mut messages = String::new();
    let keep = |line: &str| {
        messages.push_str(line);
        messages.push('\n');
    };
    let output = output::supervise(command(sandbox, package, flavour), LIMIT, keep)?;
    if output.status.is_some_and(|status| status.success()) {
        return Ok(Built::Well(cargo::executables(&messages)?));
    }
    let objections = objections(&messages);
    if objections.is_empty() {
        output.print();
        bail!("{package} was not built, for another reason than its sources");
    }
    if has_library(&messages, package) {
        Ok(Built::NotTheTests(objections))
    } else {
        Ok(Built::Not(objections))
    }
}

/// What the compiler has against the sources. An error without a place in them is of the linker, or of the
/// machine.
fn objections(messages: &str) -> String {
    let messages = Message::parse_stream(messages.as_bytes()).flatten();
    messages
        .filter_map(|message| {
            let Message::CompilerMessage(message) = message else { return None };
            let message = message.message;
            let is_objection = message.level == DiagnosticLevel::Error && !message.spans.is_empty();
            message.rendered.filter(|_| is_objection)
        })
        .collect()
}

/// The executable with the tests of the library or those in `tests/{target}.rs`.
pub(super) fn find<'a>(executables: &'a [Executable], target: &str) -> Result<&'a Executable> {
    let mut executables = executables.iter();
    let found = executables.find(|executable| executable.artifact.target.name == target);
    found.with_context(|| format!("cargo has built no tests called `{target}`"))
}

/// Tells executables apart that have the same path at different times.
pub(super) fn fingerprint(executable: &Utf8Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    fs::read(executable)?.hash(&mut hasher);
    Ok(hasher.finish())
}

fn command(sandbox: &Sandbox, package: &str, flavour: Flavour) -> Command {
    let mut command = match flavour {
        Flavour::Models => {
            let mut command = sandbox.cargo("test", "loom");
            command.envs(LOOM.environment());
            command.args(["--no-run", "--features", "loom", "--lib"]);
            // A build after a change takes a tenth of what it would with our own code optimized, and
            // most of a model's time is loom's.
            command.args(["--config", "profile.dev.package.\"*\".opt-level=2"]);
            command
        }
        Flavour::Tests => {
            let mut command = sandbox.cargo("test", "tests");
            command.args(["--no-run", "--lib", "--tests"]);
            command
        }
        Flavour::Histories => {
            let mut command = sandbox.cargo("build", "delays");
            command.envs(DELAYS.environment()).args(["--bin", HISTORIES]);
            command
        }
    };
    command.args(["--package", package, "--message-format=json"]);
    command
}

/// Whether cargo has built the library of a package for those who use it.
fn has_library(messages: &str, package: &str) -> bool {
    let messages = Message::parse_stream(messages.as_bytes());
    messages.flatten().any(|message| {
        let Message::CompilerArtifact(artifact) = message else { return false };
        artifact.target.is_lib()
            && !artifact.profile.test
            && artifact.target.name == package.replace('-', "_")
    })
}
