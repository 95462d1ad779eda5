//! `cargo xtask platforms`: the tests of the published crates on platforms other than this machine's, as far
//! as something here can run them. Where nothing can, whether the crates compile.

mod build;
mod check;
mod list;
mod wine;

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Parser;
use clap::builder::PossibleValuesParser;

use self::list::PLATFORMS;
use crate::outcome::{self, Checked, Outcome};
use crate::workspace::Workspace;

/// Options of `cargo xtask platforms`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Check these alone [default: all].
    #[arg(
        value_name = "PLATFORM",
        value_parser = PossibleValuesParser::new(PLATFORMS.iter().map(|platform| platform.name))
    )]
    names: Vec<String>,

    /// An executable that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    timeout_minutes: u64,
}

/// Checks the platforms that were named, or all. Fails if any of them does. One for which something is
/// missing is skipped: that is a failure where it was named, or where nothing else was checked either.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let names = &options.names;
    let limit = Duration::from_secs(60 * options.timeout_minutes);
    let is_chosen = |name| names.is_empty() || names.iter().any(|chosen| chosen == name);
    let all: Vec<Checked> = PLATFORMS
        .iter()
        .filter(|platform| is_chosen(platform.name))
        .map(|platform| Checked::run(platform.name, || check::run(workspace, platform, limit)))
        .collect();
    outcome::print(&all);
    judge(&all, !names.is_empty())
}

/// Says why the checks are no success, of platforms that were named or of all.
fn judge(all: &[Checked], is_named: bool) -> Result<()> {
    let failed = all.iter().filter_map(|checked| {
        let error = checked.result.as_ref().err()?;
        Some(format!("{}: {error:#}", checked.name))
    });
    let failed: Vec<String> = failed.collect();
    ensure!(failed.is_empty(), "{}", failed.join("; "));
    let is_passed = |checked: &&Checked| matches!(checked.result, Ok(Outcome::Passed));
    let passed = all.iter().filter(is_passed).count();
    ensure!(!is_named || passed == all.len(), "not all that were named could be checked");
    ensure!(passed > 0, "no platform could be checked");
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn what_was_skipped_is_a_success_only_beside_what_passed() {
        let passed = || Ok(Outcome::Passed);
        let skipped = || Ok(Outcome::Skipped);
        let failed = || bail!("reason");
        for (results, is_named, expected) in [
            (vec![passed(), passed()], true, None),
            (vec![passed(), skipped()], false, None),
            (vec![passed(), skipped(), failed()], false, Some("name: reason")),
            (vec![skipped()], false, Some("no platform could be checked")),
            (vec![passed(), skipped()], true, Some("not all that were named could be checked")),
        ] {
            let all = results.into_iter().map(|result| Checked::run("name", || result));
            let reason = judge(&all.collect::<Vec<_>>(), is_named).err();
            assert_eq!(reason.map(|reason| reason.to_string()).as_deref(), expected);
        }
    }
}
