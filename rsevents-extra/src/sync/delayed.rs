//! The real primitives with random delays before and after every step, as in `rsevents`.

use super::{Ordering, real};

pub(crate) use super::real::{LOOKS, const_fn};

/// The same file as in `rsevents`, which does not export it.
mod delay;
use delay::around;

/// The real atomic word.
pub(crate) struct AtomicU64(real::AtomicU64);

impl AtomicU64 {
    pub(crate) const fn new(value: u64) -> Self {
        Self(real::AtomicU64::new(value))
    }

    pub(crate) fn load(&self, order: Ordering) -> u64 {
        around(|| self.0.load(order))
    }

    pub(crate) fn fetch_add(&self, number: u64, order: Ordering) -> u64 {
        around(|| self.0.fetch_add(number, order))
    }

    pub(crate) fn fetch_sub(&self, number: u64, order: Ordering) -> u64 {
        around(|| self.0.fetch_sub(number, order))
    }

    pub(crate) fn compare_exchange_weak(
        &self,
        before: u64,
        after: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        around(|| self.0.compare_exchange_weak(before, after, success, failure))
    }
}

/// A value to begin an update with.
pub(super) fn guess(word: &AtomicU64) -> u64 {
    around(|| real::guess(&word.0))
}
