//! The tests of the published crates in builds that `cargo test` cannot run by itself: one executable
//! after the other, each with a limit, so that one which hangs is found and named.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use xshell::Cmd;

use crate::cargo::{self, Executable};
use crate::display::seconds;
use crate::libtest;
use crate::output::{self, Output};
use crate::progress::Progress;
use crate::workspace::{PUBLISHED, Workspace, select_published};

/// A test executable.
pub(crate) struct Suite {
    /// `package::target`; the unit tests of a library are `package::lib`.
    pub(crate) name: String,
    executable: Executable,
}

/// How to run suites.
pub(crate) struct How {
    /// The program that runs them and its first arguments. Empty where they run by themselves.
    pub(crate) runner: Vec<String>,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// How long one suite may take.
    pub(crate) limit: Duration,
}

/// A suite that ran.
pub(crate) struct Run {
    pub(crate) name: String,
    /// How many tests passed, if the suite got as far as to say so.
    pub(crate) passed: Option<u64>,
    pub(crate) output: Output,
    pub(crate) verdict: Result<()>,
    pub(crate) time: Duration,
}

/// Builds the tests of the published crates. `cargo` comes with what is special about the build, but
/// without a subcommand.
pub(crate) fn build(workspace: &Workspace, cargo: Cmd<'_>, options: &[&str]) -> Result<Vec<Suite>> {
    let test = cargo.args(["test", "--tests", "--no-run"]).args(select_published()).args(options);
    let executables = cargo::build(test)?;
    let mut suites: Vec<Suite> = executables
        .into_iter()
        .map(|executable| Suite::new(workspace, executable))
        .collect::<Result<_>>()?;
    suites.sort_by(|a, b| a.name.cmp(&b.name));
    // A crate that loses its tests must not look checked.
    for package in PUBLISHED {
        let has_tests = suites.iter().any(|suite| suite.is_of(package));
        ensure!(has_tests, "{package} has no tests");
    }
    Ok(suites)
}

/// Runs all `suites`, one after the other: they have threads enough of their own.
pub(crate) fn run(suites: &[Suite], how: &How) -> Result<Vec<Run>> {
    let progress = Progress::new(suites.len());
    let runs = suites.iter().map(|suite| one(suite, how, &progress)).collect();
    progress.finish();
    runs
}

impl Suite {
    fn new(workspace: &Workspace, executable: Executable) -> Result<Self> {
        let artifact = &executable.artifact;
        let package = workspace.package_name(&artifact.package_id)?;
        let target = if artifact.target.is_lib() { "lib" } else { &artifact.target.name };
        Ok(Self { name: format!("{package}::{target}"), executable })
    }

    fn is_of(&self, package: &str) -> bool {
        self.name.split_once("::").is_some_and(|(name, _)| name == package)
    }
}

impl How {
    /// The command that runs a program in this way.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut words = self.runner.iter().map(String::as_str).chain([program]);
        let mut command = Command::new(words.next().expect("there is at least the program"));
        command.args(words).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Run {
    /// The verdict in words.
    pub(crate) fn word(&self) -> String {
        match &self.verdict {
            Ok(()) => "passed".to_owned(),
            Err(reason) => reason.to_string(),
        }
    }

    /// Prints what is known about a failure.
    pub(crate) fn print(&self) {
        println!("{}: {}", self.name, self.word());
        self.output.print();
        println!();
    }
}

fn one(suite: &Suite, how: &How, progress: &Progress) -> Result<Run> {
    progress.begin(&suite.name);
    let executable = &suite.executable;
    let mut command = how.command(executable.path.as_str());
    // As cargo does it.
    let package = executable.artifact.manifest_path.parent();
    command.current_dir(package.context("a manifest is in a directory")?);

    let start = Instant::now();
    let mut results = Vec::new();
    let output =
        output::supervise(command, how.limit, |line| results.extend(libtest::passed(line)))
            .with_context(|| format!("{} cannot be run", suite.name))?;
    let verdict = judge(output.status, &results);
    let passed = results.first().copied();
    let run = Run { name: suite.name.clone(), passed, output, verdict, time: start.elapsed() };
    progress.end(&run.name, &format!("{}, {}", run.word(), seconds(run.time)));
    Ok(run)
}

/// Says why a suite has not passed that ended with `status` and printed these numbers of passed tests.
fn judge(status: Option<ExitStatus>, results: &[u64]) -> Result<()> {
    let status = status.context("ran out of time")?;
    ensure!(status.success(), "failed: {status}");
    match results {
        // Tests that a cfg has taken away must not look passed.
        [0] => bail!("ran no test"),
        [_] => Ok(()),
        _ => bail!("no test result"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn reason(code: i32, results: &[u64]) -> String {
        let status = ExitStatus::from_raw(code << 8);
        judge(Some(status), results).unwrap_err().to_string()
    }

    #[test]
    fn success_needs_tests_that_passed() {
        judge(Some(ExitStatus::from_raw(0)), &[3]).unwrap();
        assert_eq!(reason(0, &[0]), "ran no test");
        assert_eq!(reason(0, &[]), "no test result");
        assert_eq!(reason(0, &[3, 3]), "no test result");
    }

    #[test]
    fn failed_or_out_of_time_whatever_was_said() {
        assert_eq!(reason(101, &[3]), "failed: exit status: 101");
        assert_eq!(judge(None, &[3]).unwrap_err().to_string(), "ran out of time");
    }

    #[test]
    fn runner_comes_before_the_program() {
        let limit = Duration::ZERO;
        let how = |runner: &[&str]| How {
            runner: runner.iter().map(ToString::to_string).collect(),
            environment: vec![("NAME", "value".to_owned())],
            limit,
        };
        let words = |how: How| format!("{:?}", how.command("program"));
        assert!(words(how(&[])).ends_with(r#""program""#));
        assert!(
            words(how(&["emulator", "-L", "root"]))
                .ends_with(r#""emulator" "-L" "root" "program""#)
        );
    }
}
