//! The tests of the published crates in builds that `cargo test` cannot run by itself: each executable is a job
//! with a limit, so that one that hangs is found and named.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::build_std::Build;
use crate::cargo;
use crate::display::grouped;
use crate::job::{self, Evidence, Job, Run};
use crate::workspace::{PUBLISHED, Workspace, select_published};

/// How to run what was built.
pub(crate) struct How {
    /// The program that runs the others, and its first arguments. Empty where they run by themselves.
    pub(crate) runner: Vec<String>,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// How long one program may take.
    pub(crate) limit: Duration,
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

/// The results of test executables, by how many tests passed.
#[derive(Default)]
pub(crate) struct Tests(Vec<u64>);

impl Evidence for Tests {
    /// `test result: ok. 1 passed; 0 failed; …`
    fn read(&mut self, line: &str) {
        let passed = line.strip_prefix("test result: ok. ").and_then(|result| {
            let (passed, _) = result.split_once(" passed")?;
            passed.parse().ok()
        });
        self.0.extend::<Option<u64>>(passed);
    }
}

impl Tests {
    /// How many tests passed, in an executable that said so once.
    pub(crate) fn passed(&self) -> Option<u64> {
        if let [passed] = self.0[..] { Some(passed) } else { None }
    }
}

/// Says why a test executable has not passed.
pub(crate) fn judge(status: Option<ExitStatus>, tests: &Tests) -> Result<()> {
    job::succeeded(status)?;
    match tests.passed().context("no test result")? {
        // Tests that a cfg has taken away must not count as passed.
        0 => bail!("ran no test"),
        _ => Ok(()),
    }
}

/// Builds the tests of the published crates, with a job for each executable.
pub(crate) fn build(
    workspace: &Workspace,
    build: &Build<'_>,
    how: &How,
    judge: fn(Option<ExitStatus>, &Tests) -> Result<()>,
) -> Result<Vec<Job<'static, Tests>>> {
    let test = ["test", "--tests", "--no-run"].into_iter().chain(select_published());
    let (mut packages, mut jobs) = (Vec::new(), Vec::new());
    for executable in cargo::build(build.cargo(test))? {
        let artifact = &executable.artifact;
        let package = workspace.package_name(&artifact.package_id)?;
        let target = if artifact.target.is_lib() { "lib" } else { &artifact.target.name };
        packages.push(package.to_owned());
        let mut command = how.command(executable.path.as_str());
        // As cargo does it.
        command
            .current_dir(artifact.manifest_path.parent().context("a manifest is in a directory")?);
        jobs.push(Job::new(format!("{package}::{target}"), command, how.limit, judge));
    }
    // A crate that loses its tests must not count as checked.
    for package in PUBLISHED {
        ensure!(packages.iter().any(|name| name == package), "{package} has no tests");
    }
    Ok(jobs)
}

/// Runs test executables, `workers` of them at once. (One where each has threads of its own.) Fails if one of
/// them fails.
pub(crate) fn run(jobs: Vec<Job<'_, Tests>>, workers: usize) -> Result<()> {
    let start = Instant::now();
    let runs = job::all(jobs, workers)?;
    let passed = |run: &Run<Tests>| run.evidence.passed();
    job::print(&runs, "executable", ["tests"], |run| [passed(run).map_or(String::new(), grouped)]);
    let tests = grouped(runs.iter().filter_map(passed).sum());
    job::finish(&runs, "executables", start, &format!("; {tests} tests passed"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn success_needs_tests_that_passed() {
        let ok =
            |passed| format!("test result: ok. {passed} passed; 0 failed; 0 ignored; 0 measured");
        let failed = "test result: FAILED. 1 passed; 1 failed".to_owned();
        for (code, lines, expected) in [
            (Some(0), vec![ok(3)], None),
            (Some(0), vec![ok(0)], Some("ran no test")),
            (Some(0), vec![failed], Some("no test result")),
            (Some(0), vec![ok(3), ok(3)], Some("no test result")),
            (Some(101), vec![ok(3)], Some("failed: exit status: 101")),
            (None, vec![ok(3)], Some("ran out of time")),
        ] {
            let mut tests = Tests::default();
            lines.iter().for_each(|line| tests.read(line));
            let status = code.map(|code: i32| ExitStatus::from_raw(code << 8));
            let reason = judge(status, &tests).err().map(|reason| reason.to_string());
            assert_eq!(reason.as_deref(), expected);
        }
    }
}
