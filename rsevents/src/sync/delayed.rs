//! The real primitives with random delays before and after every step, also under the locks of queues.
//! They make interleavings frequent that are very rare otherwise.

mod delay;

use std::time::Instant;

use parking_lot_core::ParkResult;

use self::delay::around;
use super::{Ordering, real};

pub(crate) use super::real::*;

/// The real atomic byte.
pub(crate) struct AtomicU8(real::AtomicU8);

impl AtomicU8 {
    pub(crate) const fn new(value: u8) -> Self {
        Self(real::AtomicU8::new(value))
    }

    pub(crate) fn load(&self, order: Ordering) -> u8 {
        around(|| self.0.load(order))
    }

    pub(crate) fn store(&self, value: u8, order: Ordering) {
        around(|| self.0.store(value, order));
    }

    pub(crate) fn fetch_and(&self, bits: u8, order: Ordering) -> u8 {
        around(|| self.0.fetch_and(bits, order))
    }

    pub(crate) fn compare_exchange(
        &self,
        before: u8,
        after: u8,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u8, u8> {
        around(|| self.0.compare_exchange(before, after, success, failure))
    }
}

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

/// The real function.
pub(crate) fn guess(word: &AtomicU64) -> u64 {
    around(|| real::guess(&word.0))
}

/// The real function.
pub(crate) fn guess_byte(byte: &AtomicU8, likely: u8) -> u8 {
    around(|| real::guess_byte(&byte.0, likely))
}

/// The real function.
pub(crate) fn look(byte: &AtomicU8) -> u8 {
    around(|| real::look(&byte.0))
}

/// The real function.
pub(crate) fn load_settled(byte: &AtomicU8) -> u8 {
    around(|| real::load_settled(&byte.0))
}

/// The real function, with delays also under the lock of the parking lot.
pub(crate) fn park(
    token: usize,
    validate: impl FnOnce() -> bool,
    deadline: Option<Instant>,
) -> ParkResult {
    around(|| real::park(token, || around(validate), deadline))
}

/// The real function.
pub(crate) fn unpark(token: usize) {
    around(|| real::unpark(token));
}
