//! Stresses the objects once: some scenarios side by side, for some time. `cargo xtask stress` runs it again
//! and again, built with delays.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use report::Report;
use verify::stress::{self, HAS_DELAYS, Scenario};

/// Stresses the objects.
#[derive(Debug, Parser)]
struct Options {
    /// Print the names of all scenarios, and do nothing.
    #[arg(long)]
    list: bool,

    /// For so long.
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    seconds: f64,

    /// A thread that stands still for so long has stalled.
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    patience: f64,

    /// Fail unless the objects were built with delays.
    #[arg(long)]
    require_delays: bool,

    /// Play these scenarios [default: all].
    #[arg(value_parser = scenario)]
    scenarios: Vec<&'static Scenario>,
}

fn scenario(name: &str) -> Result<&'static Scenario, String> {
    stress::select(name).ok_or_else(|| "there is no such scenario".to_owned())
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.list {
        stress::all().iter().for_each(|scenario| println!("{}", scenario.name()));
        return ExitCode::SUCCESS;
    }
    if options.require_delays && !HAS_DELAYS {
        eprintln!("the objects were built without delays");
        return ExitCode::FAILURE;
    }
    let scenarios = if options.scenarios.is_empty() { stress::all() } else { options.scenarios };
    let [time, patience] = [options.seconds, options.patience].map(Duration::from_secs_f64);
    let reports = stress::run(&scenarios, time, patience);
    for report in &reports {
        Report::Stats(report.figures.stats(report.scenario)).print();
    }
    // Threads that have stalled end here as well.
    if reports.iter().all(|report| report.figures.are_clean()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
