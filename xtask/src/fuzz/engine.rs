//! The two engines of fuzzing, and the command for each.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use xshell::cmd;

use crate::output::Output;
use crate::workspace::Workspace;
use crate::{cargo, tool};

/// The test, and the package that it is in.
const TEST: &str = "objects_do_what_their_models_do";
const PACKAGE: &str = "fuzz";

/// What makes the programs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Engine {
    /// A search for programs that reach new code.
    Guided,
    /// A random number generator.
    Random,
}

impl Engine {
    /// The best for which there is a tool. If that is not the best of all, says what is missing.
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

    /// The command that fuzzes for `time`.
    pub(super) fn command(self, workspace: &Workspace, time: Duration) -> Result<Command> {
        let mut command = match self {
            Self::Guided => guided(workspace, time)?,
            Self::Random => random(workspace, time)?,
        };
        // With it, each refused call would cost a backtrace.
        command.env("RUST_BACKTRACE", "0");
        Ok(command)
    }

    /// The shell command that runs again what failed, in the root of the workspace.
    pub(super) fn replay(self, workspace: &Workspace, output: &Output) -> Option<String> {
        match self {
            // The inputs that failed as the corpus, and no others.
            Self::Guided => output
                .stderr
                .lines()
                .any(|line| line.contains("Test unit written to"))
                .then(|| format!("cargo {} --runs 0", bolero(workspace, "crashes").join(" "))),
            // bolero prints the seed that its program was made from.
            Self::Random => {
                let mut lines = output.stderr.lines();
                let seed = lines.find(|line| line.starts_with("BOLERO_RANDOM_SEED="))?;
                Some(format!("{seed} cargo test --release --package {PACKAGE} {TEST} -- --exact"))
            }
        }
    }
}

fn guided(workspace: &Workspace, time: Duration) -> Result<Command> {
    let mut command = Command::new("cargo");
    command.current_dir(workspace.root());
    // The corpus is kept: the next search begins with what this one finds.
    command.args(bolero(workspace, "corpus"));
    command.args(["-T", &format!("{}s", time.as_secs())]);
    eprintln!("$ cargo bolero test {TEST} -T {}s ...", time.as_secs());
    Ok(command)
}

/// Arguments for a search that begins with the inputs in `corpus`.
fn bolero(workspace: &Workspace, corpus: &str) -> Vec<String> {
    let dir = workspace.target_dir("fuzz");
    let (corpus, crashes) = (dir.join(corpus), dir.join("crashes"));
    let args = [
        ["bolero", "test"],
        [TEST, "--engine=libfuzzer"],
        ["--package", PACKAGE],
        // Sanitizers need a nightly compiler, and this code allocates hardly any memory.
        ["--sanitizer", "NONE"],
        ["--target-dir", dir.as_str()],
        ["--corpus-dir", corpus.as_str()],
        ["--crashes-dir", crashes.as_str()],
    ];
    args.into_iter().flatten().map(str::to_owned).collect()
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
