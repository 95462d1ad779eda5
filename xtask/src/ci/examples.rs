//! Every example runs to its end, successfully and in time.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use xshell::cmd;

use super::Outcome;
use crate::cargo::{self, Executable};
use crate::display::seconds;
use crate::process::Family;
use crate::workspace::{Workspace, select_published};

/// Far more than an example needs: one that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(30);

pub(super) fn check(workspace: &Workspace) -> Result<Outcome> {
    let packages = select_published();
    let build = cmd!(workspace.shell, "cargo build --release {packages...} --examples");
    let examples = cargo::build(build)?;
    ensure!(!examples.is_empty(), "there are no examples");
    for example in &examples {
        run(example)?;
    }
    Ok(Outcome::Passed)
}

fn run(example: &Executable) -> Result<()> {
    let name = &example.artifact.target.name;
    eprintln!("$ {name}");
    let start = Instant::now();
    let mut family = Family::start(&mut Command::new(&example.path))?;
    let status = family
        .wait(LIMIT)?
        .with_context(|| format!("example `{name}` was not done after {}", seconds(LIMIT)))?;
    ensure!(status.success(), "example `{name}` failed: {status}");
    eprintln!("{name}: {}", seconds(start.elapsed()));
    Ok(())
}
