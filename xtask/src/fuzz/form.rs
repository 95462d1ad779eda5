//! The two forms of fuzzing, and the command for each.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use xshell::cmd;

use crate::workspace::Workspace;
use crate::{cargo, tool};

/// The test, and at the same time the package.
const TEST: &str = "objects_do_what_their_models_do";
const PACKAGE: &str = "fuzz";

/// Where the programs come from.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// From a search for programs that reach new code.
    Guided,
    /// From chance.
    Random,
}

impl Form {
    /// The best there is a tool for. If that is not the best of all, says what is missing.
    pub(super) fn best(workspace: &Workspace) -> Self {
        if tool::has_cargo(&workspace.shell, "bolero") {
            return Self::Guided;
        }
        eprintln!(
            "no coverage guidance, only random programs: it needs cargo-bolero and a C++ compiler \
             (cargo install cargo-bolero --locked --no-default-features --features libfuzzer)"
        );
        Self::Random
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Guided => "guided by coverage",
            Self::Random => "random",
        }
    }

    /// What runs it for so long.
    pub(super) fn command(self, workspace: &Workspace, time: Duration) -> Result<Command> {
        let mut command = match self {
            Self::Guided => guided(workspace, time)?,
            Self::Random => random(workspace, time)?,
        };
        // With it, each refused call would cost a backtrace.
        command.env("RUST_BACKTRACE", "0");
        Ok(command)
    }
}

fn guided(workspace: &Workspace, time: Duration) -> Result<Command> {
    let dir = workspace.fuzz_dir();
    // Kept from run to run: what was found once is where the next search begins.
    let (corpus, crashes) = (dir.join("corpus"), dir.join("crashes"));
    let mut command = Command::new("cargo");
    command.current_dir(workspace.root());
    command.args(["bolero", "test", TEST, "--package", PACKAGE, "--engine", "libfuzzer"]);
    // With a sanitizer it would need an unstable compiler. This code has hardly any memory of its own.
    command.args(["--sanitizer", "NONE", "--target-dir", dir.as_str()]);
    command.args(["--corpus-dir", corpus.as_str(), "--crashes-dir", crashes.as_str()]);
    command.args(["-T", &format!("{}s", time.as_secs())]);
    eprintln!("$ cargo bolero test {TEST} -T {}s ...", time.as_secs());
    Ok(command)
}

fn random(workspace: &Workspace, time: Duration) -> Result<Command> {
    let build = cmd!(workspace.shell, "cargo test --release --package {PACKAGE} --no-run");
    let test = cargo::build_one(build)?;
    let mut command = Command::new(&test.path);
    // bolero looks for inputs of former failures in the directory of the package.
    command.current_dir(workspace.package_dir(PACKAGE)?);
    command.args([TEST, "--exact", "--nocapture"]);
    command.env("BOLERO_RANDOM_TEST_TIME_MS", time.as_millis().to_string());
    command.env_remove("BOLERO_RANDOM_ITERATIONS");
    Ok(command)
}
