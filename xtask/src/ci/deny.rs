//! Licences, sources and double versions of the dependencies, by cargo-deny and `.cargo/deny.toml`.

use anyhow::Result;
use xshell::cmd;

use super::Outcome;
use crate::tool;
use crate::workspace::Workspace;

/// Not the advisories: what somebody finds in a dependency tomorrow does not make today's change wrong,
/// and looking needs the network.
pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    if !tool::has_cargo(&workspace.shell, "deny") {
        eprintln!("skipped: it needs cargo-deny (cargo install cargo-deny --locked)");
        return Ok(Outcome::Skipped);
    }
    cmd!(workspace.shell, "cargo deny check bans licenses sources").run()?;
    Ok(Outcome::Passed)
}
