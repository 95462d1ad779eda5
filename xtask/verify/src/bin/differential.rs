//! Runs random programs on our objects and on those of Windows, and says whether they agree.

use std::process::ExitCode;

use clap::Parser;
use fastrand::Rng;
use report::Report;
use verify::differential::{Contender, Program, SYSTEM, Totals, ours};

/// Run random programs on our events and semaphores and on the operating system's: the answers have to be the same.
#[derive(Debug, Parser)]
struct Options {
    /// How many programs.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    programs: u64,

    /// Where their random numbers begin.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let Some(system) = SYSTEM else {
        eprintln!("our objects are compared with those of Windows: that needs Windows, or Wine");
        return ExitCode::from(2);
    };
    let mut contenders = [Contender::new("ours", ours), Contender::new("the system's", system)];
    let mut rng = Rng::with_seed(options.seed);
    let mut totals = Totals::default();
    for number in 1..=options.programs {
        if let Err(error) = totals.compare(&Program::random(&mut rng), &mut contenders) {
            println!("program {number} of seed {}: {error}", options.seed);
            Report::Stats(totals.stats(1)).print();
            return ExitCode::FAILURE;
        }
    }
    Report::Stats(totals.stats(0)).print();
    ExitCode::SUCCESS
}
