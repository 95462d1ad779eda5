//! The two forms of fuzzing, and the command for each.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use xshell::cmd;

use crate::output::Output;
use crate::workspace::Workspace;
use crate::{cargo, tool};

/// The test, and the package that it is in.
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
            Self::Guided => "coverage-guided",
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

    /// What runs the program again that failed, for a shell in the root of the workspace.
    pub(super) fn replay(self, workspace: &Workspace, output: &Output) -> Option<String> {
        match self {
            // The inputs that failed, this time as those to begin with, and no others.
            Self::Guided => has_kept(output.stderr.lines())
                .then(|| format!("cargo {} --runs 0", bolero(workspace, "crashes").join(" "))),
            Self::Random => replay_random(output.stderr.lines()),
        }
    }
}

fn guided(workspace: &Workspace, time: Duration) -> Result<Command> {
    let mut command = Command::new("cargo");
    command.current_dir(workspace.root());
    // Kept from run to run: what was found once is where the next search begins.
    command.args(bolero(workspace, "corpus"));
    command.args(["-T", &format!("{}s", time.as_secs())]);
    eprintln!("$ cargo bolero test {TEST} -T {}s ...", time.as_secs());
    Ok(command)
}

/// Arguments for a search that begins with the inputs in `corpus`.
fn bolero(workspace: &Workspace, corpus: &str) -> Vec<String> {
    let dir = workspace.fuzz_dir();
    let (corpus, crashes) = (dir.join(corpus), dir.join("crashes"));
    let args = [
        ["bolero", "test"],
        [TEST, "--engine=libfuzzer"],
        ["--package", PACKAGE],
        // With one it would need an unstable compiler. This code has hardly any memory of its own.
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

/// Whether there is an input that failed.
fn has_kept<'a>(mut stderr: impl Iterator<Item = &'a str>) -> bool {
    stderr.any(|line| line.contains("Test unit written to"))
}

/// bolero names the seed that its program was made from.
fn replay_random<'a>(mut stderr: impl Iterator<Item = &'a str>) -> Option<String> {
    let seed = stderr.find(|line| line.starts_with("BOLERO_RANDOM_SEED="))?;
    Some(format!("{seed} cargo test --release --package {PACKAGE} {TEST} -- --exact"))
}

#[cfg(test)]
mod tests {
    use super::{has_kept, replay_random};

    #[test]
    fn seed_makes_the_program_again() {
        let stderr = "\n== Test Failed ==\n\nBOLERO_RANDOM_SEED=17\n\nInput:\nauto true\n";
        let expected = "BOLERO_RANDOM_SEED=17 cargo test --release --package fuzz \
                        objects_do_what_their_models_do -- --exact";
        assert_eq!(replay_random(stderr.lines()).unwrap(), expected);
        assert_eq!(replay_random("test result: ok.".lines()), None);
    }

    #[test]
    fn only_inputs_that_were_kept_run_again() {
        let kept = "artifact_prefix='crashes/'; Test unit written to crashes/crash-0";
        assert!(has_kept([kept].into_iter()));
        assert!(!has_kept("INFO: 0 files found in crashes".lines()));
    }
}
