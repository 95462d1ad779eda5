//! Runs stress scenarios once, side by side, for some time. `cargo xtask stress` runs this again and again,
//! built with delays.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use report::Report;
use verify::stress::{self, HAS_DELAYS, SCENARIOS, Scenario};

/// Runs stress scenarios.
#[derive(Debug, Parser)]
struct Options {
    /// Only print the names of all scenarios.
    #[arg(long)]
    list: bool,

    /// How long.
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    seconds: f64,

    /// A thread has stalled that makes no progress for this long.
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    patience: f64,

    /// Fail unless the objects were built with delays.
    #[arg(long)]
    require_delays: bool,

    /// Only these scenarios.
    #[arg(value_parser = scenario)]
    scenarios: Vec<&'static Scenario>,
}

fn scenario(name: &str) -> Result<&'static Scenario, String> {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
    scenario.ok_or_else(|| "there is no such scenario".to_owned())
}

fn main() -> ExitCode {
    let mut options = Options::parse();
    if options.list {
        SCENARIOS.iter().for_each(|scenario| println!("{}", scenario.name));
        return ExitCode::SUCCESS;
    }
    if options.require_delays && !HAS_DELAYS {
        eprintln!("the objects were built without delays");
        return ExitCode::FAILURE;
    }
    if options.scenarios.is_empty() {
        options.scenarios = SCENARIOS.iter().collect();
    }
    let [time, patience] = [options.seconds, options.patience].map(Duration::from_secs_f64);
    let all = stress::run(&options.scenarios, time, patience);
    let has_faults = all.iter().any(|stats| stats.faults.iter().any(|(_, number)| *number > 0));
    all.into_iter().for_each(|stats| Report::Stats(stats).print());
    // Threads that have stalled end here as well.
    if has_faults { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
