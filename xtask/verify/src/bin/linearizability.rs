//! Looks for histories of real threads that are wrong: no order of the calls explains them, a wait gave up
//! too early, or a call did not return. `cargo xtask linearizability`
//! runs it.
//!
//! Reports its progress once a second and what it found at its end; all other lines are for people.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use fastrand::Rng;
use report::Report;
use verify::linearizability::campaign::{Campaign, Object};
use verify::linearizability::tally::Tally;
use verify::linearizability::{broken, wrong};

/// How many violations are shown in full.
const SHOWN: usize = 3;

/// Looks for histories of real threads that are wrong.
#[derive(Debug, Parser)]
struct Options {
    /// For how long.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,

    /// Check this object alone (may be repeated).
    #[arg(long, value_name = "OBJECT")]
    object: Vec<Object>,

    /// Make the same programs as the run that named this number. The threads take other turns all the same.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// A history that stands still for so long has stalled.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    check_ourselves(&mut Rng::with_seed(seed))?;

    let campaign = Campaign {
        time: Duration::from_secs(options.seconds),
        patience: Duration::from_secs(options.patience),
        seed,
    };
    let all = Object::value_variants();
    let objects = if options.object.is_empty() { all } else { &options.object };
    let mut last = Instant::now();
    let tallies = campaign.run(objects, |elapsed, tallies| {
        if last.elapsed() >= Duration::from_secs(1) {
            last = Instant::now();
            let (seconds, operations) = (elapsed.as_secs(), sum(tallies));
            Report::Progress { seconds, operations }.print();
        }
    });
    report(objects, &tallies)
}

/// A check that finds nothing is worth nothing unless it finds what is there.
fn check_ourselves(random: &mut Rng) -> Result<(), String> {
    let judged = wrong::check().map_err(|name| format!("wrong verdict on history: {name}"))?;
    let (wrong, right) = (judged.wrong, judged.right);
    println!("{wrong} wrong histories rejected, {right} right ones accepted");
    let broken = broken::check(random)
        .map_err(|name| format!("not found out what is wrong with a broken object: {name}"))?;
    println!("{broken} broken objects found out");
    Ok(())
}

fn sum(tallies: &[Tally]) -> u64 {
    tallies.iter().map(|tally| tally.operations).sum()
}

fn report(objects: &[Object], tallies: &[Tally]) -> Result<(), String> {
    for (object, tally) in objects.iter().zip(tallies) {
        // The short ones tell more.
        let mut texts: Vec<_> = tally.findings.iter().map(|finding| &finding.text).collect();
        texts.sort_by_key(|text| text.len());
        for text in texts.into_iter().take(SHOWN) {
            println!("{object:?}: {text}");
        }
        let name = object.to_possible_value().expect("every object has a name");
        Report::Stats(tally.stats(name.get_name())).print();
    }
    match tallies.iter().map(|tally| tally.violations).sum() {
        0 => Ok(()),
        violations => Err(format!("{violations} histories are wrong")),
    }
}
