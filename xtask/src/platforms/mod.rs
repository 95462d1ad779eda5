//! `cargo xtask platforms`: the tests of the published crates on platforms other than this machine's, as far
//! as something here can run them. Where nothing can, whether the crates compile.

mod build;
mod check;
mod differential;
mod install;
mod list;
mod needs;
mod node;
mod report;
mod wine;

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use clap::builder::PossibleValuesParser;

pub(crate) use self::list::names;

use crate::workspace::Workspace;

/// Options of `cargo xtask platforms`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Check these alone [default: all].
    #[arg(value_name = "PLATFORM", value_parser = PossibleValuesParser::new(names()))]
    pub(crate) names: Vec<String>,

    /// First install what is missing, as root on Debian and its relatives. Elsewhere, only say what that is.
    #[arg(long)]
    pub(crate) install: bool,

    /// An executable that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    pub(crate) timeout_minutes: u32,
}

/// Checks the platforms that were named, or all. Fails if any of them does. One for which something is
/// missing is skipped: that is a failure where it was named, or where nothing else was checked either.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let platforms = list::select(&options.names);
    if options.install {
        install::run(workspace, &platforms)?;
    }
    let limit = Duration::from_secs(60 * u64::from(options.timeout_minutes));
    let start = Instant::now();
    let mut rows = Vec::new();
    for platform in platforms {
        rows.extend(check::run(workspace, platform, limit)?);
    }
    report::print(&rows, start.elapsed()).judge(!options.names.is_empty())
}
