//! Searches for histories of real threads that are wrong: no order of the calls explains them, a wait timed out
//! too early, or a call did not return. `cargo xtask linearizability` runs it.
//!
//! Reports its progress once a second and what it found at its end; all other lines are for people.

use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use fastrand::Rng;
use report::Report;
use verify::linearizability::campaign::{self, Checked, Subject};
use verify::linearizability::histories::{self, Judged};
use verify::linearizability::self_check;

/// How many violations are shown in full.
const SHOWN: usize = 3;

/// Searches for histories of real threads that are wrong.
#[derive(Debug, Parser)]
struct Options {
    /// For how long.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,

    /// Check this object alone (may be repeated).
    #[arg(long, value_name = "OBJECT")]
    object: Vec<Subject>,

    /// Make the same programs as the run that named this number. The threads are scheduled in another way all the same.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// A history without progress for this long has stalled.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
}

fn main() -> Result<(), String> {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    check_ourselves(&mut Rng::with_seed(seed))?;

    let [time, patience] = [options.seconds, options.patience].map(Duration::from_secs);
    let all = Subject::value_variants();
    let subjects = if options.object.is_empty() { all } else { &options.object };
    let mut last = Instant::now();
    let checked = campaign::run(subjects, time, patience, seed, |elapsed, checked| {
        if last.elapsed() >= Duration::from_secs(1) {
            last = Instant::now();
            let operations = checked.iter().map(|checked| checked.operations).sum();
            Report::Progress { seconds: elapsed.as_secs(), operations }.print();
        }
    });
    report(subjects, &checked)
}

/// That nothing is found has no meaning unless what is there would be found.
fn check_ourselves(random: &mut Rng) -> Result<(), String> {
    let Judged { wrong, right } =
        histories::check().map_err(|name| format!("wrong verdict on history: {name}"))?;
    println!("{wrong} wrong histories rejected, {right} right ones accepted");
    let broken = self_check::check(random)
        .map_err(|name| format!("not found what is wrong with a broken object: {name}"))?;
    println!("{broken} broken objects found");
    Ok(())
}

fn report(subjects: &[Subject], checked: &[Checked]) -> Result<(), String> {
    for (subject, checked) in subjects.iter().zip(checked) {
        // Short histories are easier to understand.
        let mut texts: Vec<_> = checked.violations.iter().map(|(_, text)| text).collect();
        texts.sort_by_key(|text| text.len());
        for text in texts.into_iter().take(SHOWN) {
            println!("{subject:?}: {text}");
        }
        let name = subject.to_possible_value().expect("every subject has a name");
        Report::Stats(checked.stats(name.get_name())).print();
    }
    match checked.iter().map(|checked| checked.violations.len()).sum() {
        0 => Ok(()),
        violations => Err(format!("{violations} histories are wrong")),
    }
}
