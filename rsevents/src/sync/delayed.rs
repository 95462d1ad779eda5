//! The real primitives with random delays before and after every step, also under the locks of queues.
//! They make interleavings frequent that are very rare otherwise.

mod delay;

use std::time::Instant;

use parking_lot_core::{ParkResult, ParkToken, RequeueOp, UnparkResult, UnparkToken};

use self::delay::around;
use super::{Ordering, real};

pub(crate) use super::real::{MAY_SPIN, const_fn};

/// The real atomic byte.
pub(crate) struct AtomicU8(real::AtomicU8);

impl AtomicU8 {
    pub(crate) const fn new(value: u8) -> Self {
        Self(real::AtomicU8::new(value))
    }

    pub(crate) fn load(&self, order: Ordering) -> u8 {
        around(|| self.0.load(order))
    }

    pub(crate) fn fetch_or(&self, bits: u8, order: Ordering) -> u8 {
        around(|| self.0.fetch_or(bits, order))
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

/// [`parking_lot_core::park`].
///
/// # Safety
///
/// As there.
pub(crate) unsafe fn park(
    key: usize,
    validate: impl FnOnce() -> bool,
    before_sleep: impl FnOnce(),
    timed_out: impl FnOnce(usize, bool),
    token: ParkToken,
    deadline: Option<Instant>,
) -> ParkResult {
    let validate = || around(validate);
    let before_sleep = || around(before_sleep);
    let timed_out = |key, was_last| around(|| timed_out(key, was_last));
    // SAFETY: what is asked of the key and of the callbacks is the same. A delay neither unwinds nor
    // calls into the parking lot.
    around(|| unsafe { real::park(key, validate, before_sleep, timed_out, token, deadline) })
}

/// [`parking_lot_core::unpark_one`].
///
/// # Safety
///
/// As there.
pub(crate) unsafe fn unpark_one(
    key: usize,
    callback: impl FnOnce(UnparkResult) -> UnparkToken,
) -> UnparkResult {
    let callback = |result| around(|| callback(result));
    // SAFETY: as in `park`.
    around(|| unsafe { real::unpark_one(key, callback) })
}

/// [`parking_lot_core::unpark_requeue`].
///
/// # Safety
///
/// As there.
pub(crate) unsafe fn unpark_requeue(
    key_from: usize,
    key_to: usize,
    validate: impl FnOnce() -> RequeueOp,
    callback: impl FnOnce(RequeueOp, UnparkResult) -> UnparkToken,
) -> UnparkResult {
    let validate = || around(validate);
    let callback = |op, result| around(|| callback(op, result));
    // SAFETY: as in `park`.
    around(|| unsafe { real::unpark_requeue(key_from, key_to, validate, callback) })
}
