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

use self::check::Row;
use self::list::PLATFORMS;
use crate::display::{align_right, grouped, seconds, table};
use crate::outcome::Outcome;
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

    /// First install what is missing, as root on Debian and its relatives. Elsewhere, only say what that is.
    #[arg(long)]
    install: bool,

    /// An executable that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    timeout_minutes: u64,
}

/// Checks the platforms that were named, or all. Fails if any of them does. One for which something is
/// missing is skipped: that is a failure where it was named, or where nothing else was checked either.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let names = &options.names;
    let mut platforms = Vec::from_iter(&PLATFORMS);
    platforms.retain(|platform| names.is_empty() || names.iter().any(|name| name == platform.name));
    if options.install {
        let mut packages = Vec::new();
        for platform in &platforms {
            let missing = build::find(workspace, platform)?.err().unwrap_or_default();
            packages.extend(missing.into_iter().flat_map(|missing| missing.packages));
        }
        build::install(&workspace.shell, packages)?;
    }
    let limit = Duration::from_secs(60 * options.timeout_minutes);
    let mut rows = Vec::new();
    for platform in platforms {
        rows.extend(check::run(workspace, platform, limit)?);
    }
    let mut results = table(["platform", "tests passed", "time", "result"]);
    align_right(&mut results, [1, 2]);
    for row in &rows {
        let result = match &row.result {
            Err(error) => format!("failed: {error:#}"),
            ok => Outcome::word(ok).to_owned(),
        };
        results.add_row([
            row.name.clone(),
            row.tests.map_or(String::new(), grouped),
            seconds(row.time),
            result,
        ]);
    }
    let [passed, skipped, failed] = count(&rows);
    println!("\n{results}\n\n{passed} passed, {skipped} skipped, {failed} failed");
    judge(&rows, !names.is_empty())
}

/// How many rows passed, were skipped, and failed.
fn count(rows: &[Row]) -> [usize; 3] {
    let count = |is: fn(&Row) -> bool| rows.iter().filter(|row| is(row)).count();
    [
        count(|row| matches!(row.result, Ok(Outcome::Passed))),
        count(|row| matches!(row.result, Ok(Outcome::Skipped))),
        count(|row| row.result.is_err()),
    ]
}

/// Says why the rows are no success, of platforms that were named or of all.
fn judge(rows: &[Row], is_named: bool) -> Result<()> {
    let [passed, skipped, failed] = count(rows);
    ensure!(failed == 0, "{failed} of {} rows failed", rows.len());
    ensure!(!is_named || skipped == 0, "{skipped} of those that were named could not be checked");
    ensure!(passed > 0, "no platform could be checked");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_was_skipped_is_a_success_only_beside_what_passed() {
        for (counts, is_named, expected) in [
            ([2, 0, 0], true, None),
            ([1, 6, 0], false, None),
            ([1, 6, 1], false, Some("1 of 8 rows failed")),
            ([0, 7, 0], false, Some("no platform could be checked")),
            ([1, 1, 0], true, Some("1 of those that were named could not be checked")),
        ] {
            let [passed, skipped, failed] = counts;
            let row = |result| Row::new("", Instant::now(), result);
            let rows: Vec<Row> = (0..passed)
                .map(|_| row(Ok(Outcome::Passed)))
                .chain((0..skipped).map(|_| row(Ok(Outcome::Skipped))))
                .chain((0..failed).map(|_| row(Err(anyhow!("failed")))))
                .collect();
            let reason = judge(&rows, is_named).err().map(|reason| reason.to_string());
            assert_eq!(reason.as_deref(), expected);
        }
    }
}
