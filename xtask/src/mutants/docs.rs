//! The examples of a package's documentation, run on a copy.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;

use super::sandbox::Sandbox;
use crate::process;

/// Whether all examples succeed within `limit`.
pub(super) fn succeed(sandbox: &Sandbox, package: &str, limit: Duration) -> Result<bool> {
    let mut command = sandbox.cargo("test", "tests");
    command.args(["--doc", "--package", package]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    apart(&mut command);
    let mut child = command.spawn()?;
    let status = process::wait(&mut child, limit)?;
    if status.is_none() {
        end_all(child.id())?;
    }
    Ok(status.is_some_and(|status| status.success()))
}

/// Puts the command into a group of its own: who runs an example that hangs is a child of rustdoc, which
/// is a child of cargo, and none of them ends with its parent.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn apart(_: &mut Command) {}

/// Ends who is left of the group.
#[cfg(unix)]
fn end_all(group: u32) -> io::Result<()> {
    let mut kill = Command::new("kill");
    kill.args(["-s", "KILL", "--", &format!("-{group}")]).stderr(Stdio::null());
    kill.status().map(|_| ())
}

#[cfg(not(unix))]
fn end_all(_: u32) -> io::Result<()> {
    Ok(())
}
