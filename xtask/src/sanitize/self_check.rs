//! Whether the sanitizer can be believed: it has to report programs that have a race, and must not report
//! a program that has none.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::toolchain::{REPORTED, Toolchain};
use crate::cargo;
use crate::output::{self, Output};
use crate::suites::How;
use crate::workspace::Workspace;

/// A program of which it is known what the sanitizer has to say.
struct Case {
    name: &'static str,
    /// The argument that makes it this one.
    argument: &'static str,
    has_race: bool,
}

const CASES: [Case; 3] = [
    Case { name: "no order at all", argument: "unordered", has_race: true },
    Case { name: "messages, relaxed", argument: "relaxed", has_race: true },
    Case { name: "messages, release and acquire", argument: "ordered", has_race: false },
];

/// A program that ran.
pub(super) struct Probe {
    pub(super) name: &'static str,
    pub(super) output: Output,
    /// What the sanitizer rightly did, or what is wrong.
    pub(super) verdict: Result<&'static str>,
    pub(super) time: Duration,
}

/// Builds and runs all of them.
pub(super) fn run(workspace: &Workspace, toolchain: &Toolchain, how: &How) -> Result<Vec<Probe>> {
    let build = toolchain.cargo(workspace).args(["build", "-p", "verify", "--bin", "race"]);
    let executable = cargo::build_one(build.args(toolchain.options()))?;
    CASES.iter().map(|case| one(case, executable.path.as_str(), how)).collect()
}

fn one(case: &Case, path: &str, how: &How) -> Result<Probe> {
    let mut command = how.command(path);
    command.arg(case.argument);
    let start = Instant::now();
    let output = output::supervise(command, how.limit, |_| {})?;
    let verdict = judge(case.has_race, output.status);
    Ok(Probe { name: case.name, output, verdict, time: start.elapsed() })
}

/// Says what the sanitizer did, or what is wrong with that.
fn judge(has_race: bool, status: Option<ExitStatus>) -> Result<&'static str> {
    let status = status.context("ran out of time")?;
    match (has_race, status.code()) {
        (true, Some(REPORTED)) => Ok("reported, as it has to be"),
        (true, Some(0)) => bail!("not reported, though it has a race"),
        (false, Some(0)) => Ok("not reported, rightly"),
        (false, Some(REPORTED)) => bail!("reported, though it has no race"),
        _ => bail!("failed: {status}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn only_what_has_a_race_may_be_reported() {
        let judged = |has_race, code: i32| judge(has_race, Some(ExitStatus::from_raw(code << 8)));
        assert!(judged(true, REPORTED).is_ok());
        assert!(judged(false, 0).is_ok());
        let wrong = |has_race, code| judged(has_race, code).unwrap_err().to_string();
        assert_eq!(wrong(true, 0), "not reported, though it has a race");
        assert_eq!(wrong(false, REPORTED), "reported, though it has no race");
        assert_eq!(wrong(true, 1), "failed: exit status: 1");
        assert_eq!(wrong(false, 1), "failed: exit status: 1");
        assert_eq!(judge(true, None).unwrap_err().to_string(), "ran out of time");
    }
}
