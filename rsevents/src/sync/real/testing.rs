//! Runs the scenarios of the models on real threads.

use std::cell::UnsafeCell;
use std::time::Duration;

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::AtomicUsize;
pub(crate) use std::thread::{JoinHandle, spawn, yield_now};

/// A limit that is often over before something else happens, and often not.
pub(crate) const SOON: Duration = Duration::from_micros(20);

/// Runs a scenario a few hundred times. That finds blunders; the model finds the rest.
pub(crate) fn explore_all(_at_least: usize, scenario: impl Fn() + Send + Sync + 'static) {
    for _ in 0..300 {
        scenario();
    }
}

/// As [`explore_all`]: the bound is for the model.
pub(crate) fn explore_up_to(
    _preemptions: usize,
    at_least: usize,
    scenario: impl Fn() + Send + Sync + 'static,
) {
    explore_all(at_least, scenario);
}

/// Plain memory, for which only the events under test make an order.
#[derive(Default)]
pub(crate) struct Plain(UnsafeCell<usize>);

// SAFETY: the scenarios access it only as the object under test allows, which is what they check.
unsafe impl Sync for Plain {}

impl Plain {
    pub(crate) fn set(&self, value: usize) {
        // SAFETY: see above.
        unsafe { *self.0.get() = value }
    }

    pub(crate) fn get(&self) -> usize {
        // SAFETY: see above.
        unsafe { *self.0.get() }
    }
}
