//! Runs the scenarios of the models under loom.

use std::time::Duration;

use loom::cell::UnsafeCell;

pub(crate) use loom::sync::atomic::AtomicUsize;
pub(crate) use loom::thread::{JoinHandle, spawn, yield_now};
pub(crate) use std::sync::Arc;

#[path = "../../../tests/support/forever.rs"]
mod forever;
pub(crate) use forever::step_until;

#[path = "../../../tests/support/explore.rs"]
mod explore;
pub(crate) use explore::{explore_all, explore_each, explore_up_to};

/// A limit that is over at any moment, as every limit in a model but zero.
pub(crate) const SOON: Duration = Duration::from_secs(1);

/// Plain memory, of which loom reports every pair of accesses without an order.
#[derive(Default)]
pub(crate) struct Plain(UnsafeCell<usize>);

// SAFETY: loom runs one thread at a time, and panics before an access that would race.
unsafe impl Sync for Plain {}

impl Plain {
    pub(crate) fn set(&self, value: usize) {
        // SAFETY: see above.
        self.0.with_mut(|place| unsafe { *place = value });
    }

    pub(crate) fn get(&self) -> usize {
        // SAFETY: see above.
        self.0.with(|place| unsafe { *place })
    }
}
