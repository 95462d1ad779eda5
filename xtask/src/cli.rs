//! The command line, all of it.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, value_parser};

use crate::{ci, linearizability, mutants, platforms};

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
pub(crate) enum Cli {
    /// Run every gate in order and stop at the first that fails.
    Ci(Ci),
    /// Model-check both published crates: every interleaving that loom can find.
    Loom(Loom),
    /// Measure rsevents against other ways to do the same, and write benches/REPORT.md.
    Bench(Bench),
    /// Run random programs on all objects, and compare every answer with a model's.
    Fuzz(Fuzz),
    /// Run the tests of both published crates under ThreadSanitizer.
    Sanitize(Sanitize),
    /// Run the tests of both published crates for other platforms, and check that they compile for more.
    Platforms(Platforms),
    /// Check that what real threads see of an object could have happened one call at a time.
    Linearizability(Linearizability),
    /// Stress all objects on real threads, with random delays around every step.
    Stress(Stress),
    /// Break the published crates in hundreds of ways, one at a time: does anything notice?
    Mutants(Mutants),
}

/// Options of `cargo xtask ci`.
#[derive(Debug, Parser)]
pub(crate) struct Ci {
    /// Run this section alone (may be repeated).
    #[arg(long, value_name = "SECTION", value_parser = PossibleValuesParser::new(ci::sections()))]
    pub(crate) only: Vec<String>,
}

/// Options of `cargo xtask loom`.
#[derive(Debug, Parser)]
pub(crate) struct Loom {
    /// Run the models whose `package::path` contains this.
    pub(crate) filter: Option<String>,

    /// Explore at most N preemptions per execution: faster, and proves less.
    #[arg(long, value_name = "N")]
    pub(crate) max_preemptions: Option<u32>,

    /// How many models run at once [default: one per processor].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// A model that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    pub(crate) timeout_minutes: u32,
}

/// Options of `cargo xtask bench`.
#[derive(Debug, Parser)]
pub(crate) struct Bench {
    /// Measure the rows whose `scenario/row` contains this (`handoff/` for a whole scenario), and leave the
    /// report as it is.
    pub(crate) filter: Option<String>,

    /// Fewer and shorter rounds: three minutes, and less exact. Writes the report all the same.
    #[arg(long)]
    pub(crate) quick: bool,

    /// Measure rows that miss a line for as many rounds again, and fail if all rounds together miss it.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Options of `cargo xtask fuzz`.
#[derive(Debug, Parser)]
pub(crate) struct Fuzz {
    #[command(flatten)]
    pub(crate) span: Span,
}

/// Options of `cargo xtask sanitize`.
#[derive(Debug, Parser)]
pub(crate) struct Sanitize {
    /// Run the test executables whose `package::target` contains this.
    pub(crate) filter: Option<String>,

    /// An executable that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 10)]
    pub(crate) timeout_minutes: u32,
}

/// Options of `cargo xtask platforms`.
#[derive(Debug, Parser)]
pub(crate) struct Platforms {
    /// Check these alone [default: all].
    #[arg(value_name = "PLATFORM", value_parser = PossibleValuesParser::new(platforms::names()))]
    pub(crate) names: Vec<String>,

    /// First install what is missing, as root on Debian and its relatives. Elsewhere, only say what that is.
    #[arg(long)]
    pub(crate) install: bool,

    /// An executable that takes longer than this is killed and has failed.
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    pub(crate) timeout_minutes: u32,
}

/// Options of `cargo xtask linearizability`.
#[derive(Debug, Parser)]
pub(crate) struct Linearizability {
    #[command(flatten)]
    pub(crate) span: Span,

    /// Let the objects take random delays around every step, as `stress` does: fewer histories, odder ones.
    #[arg(long)]
    pub(crate) delays: bool,

    /// Check this object alone (may be repeated).
    #[arg(
        long,
        value_name = "NAME",
        value_parser = PossibleValuesParser::new(linearizability::OBJECTS)
    )]
    pub(crate) object: Vec<String>,

    /// Make the same programs as the run that named this number. The threads take other turns all the same.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

/// Options of `cargo xtask stress`.
#[derive(Debug, Parser)]
pub(crate) struct Stress {
    #[command(flatten)]
    pub(crate) span: Span,

    /// Play the scenarios whose `object::scenario` contains this: `auto::` for all of an object.
    pub(crate) filter: Option<String>,
}

/// For how long to look for what is wrong.
#[derive(Debug, Args)]
pub(crate) struct Span {
    /// Go on for so many minutes.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u64).range(1..))]
    minutes: u64,

    /// Go on for so many seconds instead.
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

/// Options of `cargo xtask mutants`.
#[derive(Debug, Parser)]
pub(crate) struct Mutants {
    /// Try the mutants whose name contains one of these.
    pub(crate) filters: Vec<String>,

    /// Try the mutants of this kind.
    #[arg(long)]
    pub(crate) kind: Option<mutants::Kind>,

    /// Only the weakened orderings and a share of the catalogue, and only against the models.
    #[arg(long)]
    pub(crate) quick: bool,

    /// How many mutants are tried at once, each in a copy of the workspace [default: one per processor].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// How long a model or test program may always take: a mutant that makes it take longer, and five
    /// times as long as without it, is killed by that.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub(crate) timeout_seconds: u32,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    /// Nothing is wrong with what was never looked at.
    #[test]
    fn no_time_is_refused() {
        for command in ["fuzz", "linearizability", "stress"] {
            for unit in ["--seconds", "--minutes"] {
                let parse = |number| Cli::try_parse_from(["cargo xtask", command, unit, number]);
                assert!(parse("1").is_ok() && parse("0").is_err(), "{command} {unit}");
            }
        }
    }
}
