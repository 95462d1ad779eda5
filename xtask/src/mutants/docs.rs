//! The examples of a package's documentation, run on a copy.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Result;

use super::sandbox::Sandbox;
use crate::process::Family;

/// Whether all examples succeed within `limit`.
pub(super) fn succeed(sandbox: &Sandbox, package: &str, limit: Duration) -> Result<bool> {
    let mut command = sandbox.cargo("test", "tests");
    command.args(["--doc", "--package", package]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = Family::start(&mut command)?.wait(limit)?;
    Ok(status.is_some_and(|status| status.success()))
}
