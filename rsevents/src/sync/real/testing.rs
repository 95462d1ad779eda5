//! Runs the scenarios of the models on real threads.

use std::time::Duration;

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::AtomicUsize;
pub(crate) use std::thread::{JoinHandle, spawn, yield_now};

#[path = "../../../tests/support/forever.rs"]
mod forever;
pub(crate) use forever::step_until;

#[path = "../../../tests/support/plain.rs"]
mod plain;
pub(crate) use plain::Plain;

#[path = "../../../tests/support/rounds.rs"]
mod rounds;
use rounds::rounds;

/// A limit that is often over before something else happens, and often not.
pub(crate) const SOON: Duration = Duration::from_micros(20);

/// Runs a scenario a few hundred times (see [`rounds`]). That finds blunders; the model finds the rest.
pub(crate) fn explore_all(_at_least: usize, scenario: impl Fn() + Send + Sync + 'static) {
    for _ in 0..rounds(300) {
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

/// The same for several scenarios.
pub(crate) fn explore_each<S: Fn() + Send + Sync + 'static>(
    _preemptions: usize,
    _at_least: usize,
    scenarios: impl IntoIterator<Item = S>,
) {
    for scenario in scenarios {
        (0..rounds(30)).for_each(|_| scenario());
    }
}
