//! The options `--minutes` and `--seconds` of commands that run for a given time.

use std::time::Duration;

use clap::{Args, value_parser};

/// How long to run.
#[derive(Debug, Args)]
pub(crate) struct Span {
    /// Run for N minutes.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u64).range(1..))]
    minutes: u64,

    /// Run for N seconds instead.
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "minutes",
        value_parser = value_parser!(u64).range(1..)
    )]
    seconds: Option<u64>,
}

impl Span {
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(60 * self.minutes))
    }
}
