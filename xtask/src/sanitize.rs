//! `cargo xtask sanitize`: the tests of the published crates under ThreadSanitizer, which reports accesses
//! to the same memory that nothing orders, even where this processor would never show it.
//!
//! The standard library is built with it as well. Otherwise the order that a channel, an `Arc` or the end
//! of a thread makes is unknown to the sanitizer, and it reports races that are none.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use xshell::cmd;

use crate::build_std::{self, Build};
use crate::job::{self, Job};
use crate::outcome::Outcome;
use crate::suites::{self, How, Tests};
use crate::workspace::Workspace;
use crate::{cargo, tool};

const FLAG: &str = "-Zsanitizer=thread";

/// The exit code of a program in which the sanitizer found a race.
const REPORTED: i32 = 66;

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
    #[arg(long, value_name = "MINUTES", default_value_t = 30)]
    timeout_minutes: u64,
}

/// Runs the tests that the filter selects, if the sanitizer passes its self-check.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<Outcome> {
    let Some(build) = find(workspace)? else {
        eprintln!("skipped: it needs Linux or macOS, and {}", build_std::HOW_TO_GET);
        return Ok(Outcome::Skipped);
    };
    // One report is the end. An access is reported only as long as it is remembered where the other one
    // came from, so let that be as long as possible.
    let sanitizer = format!("halt_on_error=1 history_size=7 exitcode={REPORTED}");
    let how = How {
        runner: Vec::new(),
        // Half of the rounds: instrumented code takes many times as long, and a missing edge shows in few of them.
        environment: vec![("TSAN_OPTIONS", sanitizer), ("RSEVENTS_STRESS", "0.5".to_owned())],
        limit: Duration::from_secs(60 * options.timeout_minutes),
    };
    let start = Instant::now();
    let runs = job::all(self_check(&build, &how)?, 1)?;
    job::print_failures(&runs);
    job::finish(&runs, "programs of the self-check", start, "")?;
    let tests = suites::build(workspace, &build, &how, judge_tests)?;
    suites::run(job::select(tests, "executable", &options.filter, |job| &job.name)?, 1)?;
    Ok(Outcome::Passed)
}

/// What builds with the sanitizer, if there is a compiler that does.
fn find(workspace: &Workspace) -> Result<Option<Build<'_>>> {
    let shell = &workspace.shell;
    // This machine. It has to be named for the flag not to reach build scripts.
    let triple = cmd!(shell, "rustc --print host-tuple").quiet().read()?;
    let rustc = cmd!(shell, "rustup run nightly rustc {FLAG} --target {triple} --print cfg");
    let is_available = build_std::is_available(shell) && tool::succeeds(rustc);
    Ok(is_available.then(|| Build {
        shell,
        triple,
        target_dir: workspace.target_dir("sanitize"),
        environment: vec![("CARGO_ENCODED_RUSTFLAGS".to_owned(), FLAG.to_owned())],
        build_std: Some("-Zbuild-std"),
    }))
}

fn self_check(build: &Build<'_>, how: &How) -> Result<Vec<Job<'static, Tests>>> {
    let program = cargo::build_one(build.cargo(["build", "-p", "verify", "--bin", "race"]))?;
    let job = |(argument, has_race)| {
        let mut command = how.command(program.path.as_str());
        command.arg(argument);
        let judge = move |status, _: &Tests| judge_program(has_race, status);
        Job::new(argument, command, how.limit, judge)
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
    ensure!(status.and_then(|status| status.code()) != Some(REPORTED), "a race");
    suites::judge(status, tests)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn the_sanitizer_must_report_races_and_nothing_else() {
        for (has_race, code, expected) in [
            (true, Some(REPORTED), None),
            (false, Some(0), None),
            (true, Some(0), Some("not reported, though it has a race")),
            (false, Some(REPORTED), Some("reported, though it has no race")),
            (true, Some(1), Some("failed: exit status: 1")),
            (true, None, Some("ran out of time")),
        ] {
            let status = code.map(|code: i32| ExitStatus::from_raw(code << 8));
            let reason = judge_program(has_race, status).err().map(|reason| reason.to_string());
            assert_eq!(reason.as_deref(), expected);
        }
    }
}
