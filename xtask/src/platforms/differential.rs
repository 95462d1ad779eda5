//! The program that compares our events with those of Windows, and whether what it says is enough. Success
//! of the process is not: Wine hands on only a part of a program's exit code.

use std::process::{Command, ExitStatus};

use anyhow::{Result, ensure};

use crate::stats::Reported;

/// Its name, in the package `verify`.
pub(super) const NAME: &str = "differential";

/// What it reports about.
const SUBJECT: &str = "events";

/// How many programs it has to run.
const PROGRAMS: u64 = 10_000;

/// Tells the program how much to do.
pub(super) fn with_arguments(mut command: Command) -> Command {
    command.args(["--programs", &PROGRAMS.to_string()]);
    command
}

/// Says why a run that ended with `status` has not shown that the events do the same.
pub(super) fn judge(status: Option<ExitStatus>, reported: &Reported) -> Result<()> {
    reported.judge(status, [SUBJECT], true)?;
    let programs = reported.done();
    ensure!(programs == PROGRAMS, "ran {programs} programs, not {PROGRAMS}");
    Ok(())
}
