//! Batch after batch, until the time is up.

use std::time::{Duration, Instant};

use clap::ValueEnum;
use fastrand::Rng;
use rsevents::{AutoResetEvent, ManualResetEvent};
use rsevents_extra::{CountdownEvent, Semaphore};

use super::program::MOST_THREADS;
use super::record::{Subject, record};
use super::search::Violation;
use super::tally::{Tally, check};

/// Histories of a batch. Its threads are new, so this should be worth it.
const HISTORIES: usize = 100;

/// What there is to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Object {
    /// The event that lets one wait through.
    Auto,
    /// The event that lets all waits through.
    Manual,
    /// The event that a number of ticks sets.
    Countdown,
    /// The number of permits.
    Semaphore,
}

impl Object {
    fn batch(self, patience: Duration, random: &mut Rng) -> Tally {
        match self {
            Self::Auto => batch::<AutoResetEvent>(patience, random),
            Self::Manual => batch::<ManualResetEvent>(patience, random),
            Self::Countdown => batch::<CountdownEvent>(patience, random),
            Self::Semaphore => batch::<Semaphore>(patience, random),
        }
    }
}

/// Makes and checks a batch of histories of any number of threads.
pub(super) fn batch<S: Subject>(patience: Duration, random: &mut Rng) -> Tally {
    let threads = random.usize(2..=MOST_THREADS);
    match record::<S>(HISTORIES, threads, patience, random) {
        Ok(histories) => check::<S::Model>(&histories),
        Err(history) => Tally::of_violation::<S::Model>(Violation::Stall, &history),
    }
}

/// How to go on, and how long.
#[derive(Debug)]
pub struct Campaign {
    /// For how long.
    pub time: Duration,
    /// A history that stands still for so long has stalled.
    pub patience: Duration,
    /// Makes the programs, though not the timing.
    pub seed: u64,
}

impl Campaign {
    /// Checks all `objects` equally much, until the time is up or a batch had violations. Calls `see` after
    /// each batch.
    pub fn run(&self, objects: &[Object], mut see: impl FnMut(Duration, &[Tally])) -> Vec<Tally> {
        let start = Instant::now();
        // One for each object, as which of them is next is a matter of timing.
        let random = |&object: &Object| Rng::with_seed(self.seed.wrapping_add(object as u64));
        let mut randoms: Vec<_> = objects.iter().map(random).collect();
        let mut tallies = vec![Tally::default(); objects.len()];
        while start.elapsed() < self.time && tallies.iter().all(|tally| tally.violations == 0) {
            let least = (0..objects.len()).min_by_key(|&index| tallies[index].operations);
            let Some(least) = least else { break };
            tallies[least] += objects[least].batch(self.patience, &mut randoms[least]);
            see(start.elapsed(), &tallies);
        }
        tallies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_gets_its_share_and_is_right() {
        let campaign = Campaign {
            time: Duration::from_millis(500),
            patience: Duration::from_secs(60),
            seed: 1,
        };
        let mut batches = 0;
        let tallies = campaign.run(Object::value_variants(), |_, _| batches += 1);
        // However slow the machine: a batch is checked of whom has had the least.
        let checked = tallies.iter().filter(|tally| tally.operations > 0).count();
        assert_eq!(checked, batches.min(tallies.len()));
        for tally in &tallies {
            assert_eq!(tally.violations, 0, "{:?}", tally.findings);
        }
    }
}
