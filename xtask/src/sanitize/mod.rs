//! `cargo xtask sanitize`: the tests of the published crates under ThreadSanitizer, which reports accesses
//! to the same memory that nothing orders, even where this processor would never show it.
//!
//! The standard library is built with it as well. Otherwise the order that a channel, an `Arc` or the end
//! of a thread makes is unknown to the sanitizer, and it reports races that are none.

mod toolchain;

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;

use self::toolchain::REPORTED;
use crate::build_std::Build;
use crate::cargo;
use crate::display::grouped;
use crate::job::{self, Job};
use crate::outcome::Outcome;
use crate::suites::{self, How, Tests};
use crate::workspace::Workspace;

/// The programs of which it is known whether they have a race: if the sanitizer errs about one, it cannot be
/// believed about the tests either.
const SELF_CHECK: [(&str, bool); 3] = [("unordered", true), ("relaxed", true), ("ordered", false)];

/// Options of `cargo xtask sanitize`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Run the test executables whose `package::target` contains this.
    #[arg(default_value = "")]
    filter: String,

    /// An executable that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 10)]
    timeout_minutes: u64,
}

/// Runs the tests that the filter selects, if the sanitizer passes its self-check.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<Outcome> {
    let Some(build) = toolchain::find(workspace)? else {
        return Ok(Outcome::Skipped);
    };
    let start = Instant::now();
    let how = toolchain::how(Duration::from_secs(60 * options.timeout_minutes));

    let mut runs = job::all(self_check(&build, &how)?, 1)?;
    if runs.iter().all(|run| run.verdict.is_ok()) {
        let tests = suites::build(workspace, &build, &how, judge_tests)?;
        let tests = job::select(tests, "executable", &options.filter, |job| &job.name)?;
        runs.extend(job::all(tests, 1)?);
    }
    job::print(&runs, "executable", ["tests"], |run| {
        [run.evidence.passed().map_or(String::new(), grouped)]
    });
    let tests = grouped(runs.iter().filter_map(|run| run.evidence.passed()).sum());
    job::finish(&runs, "programs", start, &format!("; {tests} tests passed"))?;
    Ok(Outcome::Passed)
}

fn self_check(build: &Build<'_>, how: &How) -> Result<Vec<Job<'static, Tests>>> {
    let program = cargo::build_one(build.cargo(["build", "-p", "verify", "--bin", "race"]))?;
    let job = |(argument, has_race)| {
        let mut command = how.command(program.path.as_str());
        command.arg(argument);
        let judge = move |status, _: &Tests| judge_program(has_race, status);
        Job::new(format!("self-check: {argument}"), command, how.limit, judge)
    };
    Ok(SELF_CHECK.map(job).into())
}

/// Says what is wrong with what the sanitizer did.
fn judge_program(has_race: bool, status: Option<ExitStatus>) -> Result<()> {
    let status = status.context("ran out of time")?;
    match (has_race, status.code()) {
        (true, Some(REPORTED)) | (false, Some(0)) => Ok(()),
        (true, Some(0)) => bail!("not reported, though it has a race"),
        (false, Some(REPORTED)) => bail!("reported, though it has no race"),
        _ => bail!("failed: {status}"),
    }
}

fn judge_tests(status: Option<ExitStatus>, tests: &Tests) -> Result<()> {
    if status.and_then(|status| status.code()) == Some(REPORTED) {
        bail!("a race");
    }
    suites::judge(status, tests)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn only_what_has_a_race_may_be_reported() {
        for (has_race, code, expected) in [
            (true, Some(REPORTED), None),
            (false, Some(0), None),
            (true, Some(0), Some("not reported, though it has a race")),
            (false, Some(REPORTED), Some("reported, though it has no race")),
            (true, Some(1), Some("failed: exit status: 1")),
            (false, Some(1), Some("failed: exit status: 1")),
            (true, None, Some("ran out of time")),
        ] {
            let status = code.map(|code: i32| ExitStatus::from_raw(code << 8));
            let reason = judge_program(has_race, status).err().map(|reason| reason.to_string());
            assert_eq!(reason.as_deref(), expected);
        }
    }
}
