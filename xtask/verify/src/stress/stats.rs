//! What is counted.

use std::sync::atomic::{AtomicU64, Ordering};

use strum::{EnumCount, EnumIter, IntoEnumIterator, IntoStaticStr};

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Counter {
    /// Rounds that a thread has completed.
    Rounds,
    /// Sets, decrements, and permits that were released or given back.
    Sets,
    /// Waits that succeeded.
    Waits,
    /// Waits that failed.
    Timeouts,
    /// Resets, and increments of countdowns.
    Resets,
    /// What no wait took.
    Lost,
    /// What a wait took that should have blocked.
    Doubled,
    /// Threads that made no progress.
    Stalls,
}

impl Counter {
    fn is_fault(self) -> bool {
        matches!(self, Self::Lost | Self::Doubled | Self::Stalls)
    }
}

/// A number for each counter.
#[derive(Debug, Default)]
pub(super) struct Stats([AtomicU64; Counter::COUNT]);

impl Stats {
    /// Adds, and returns the sum.
    pub(super) fn add(&self, counter: Counter, number: u64) -> u64 {
        self.0[counter as usize].fetch_add(number, Ordering::Relaxed) + number
    }

    pub(super) fn get(&self, counter: Counter) -> u64 {
        self.0[counter as usize].load(Ordering::Relaxed)
    }
}

/// The report of a scenario that has counted this.
pub(super) fn report(scenario: &str, total: impl Fn(Counter) -> u64) -> report::Stats {
    let (faults, counts): (Vec<_>, Vec<_>) =
        Counter::iter().partition(|counter| counter.is_fault());
    let named = |counters: Vec<Counter>| -> Vec<(&str, u64)> {
        counters.into_iter().map(|counter| (counter.into(), total(counter))).collect()
    };
    report::Stats::new(scenario, &named(counts), &named(faults), [])
}
