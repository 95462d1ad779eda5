//! One set releases all waits, until a reset.

use super::RawEvent;
use crate::deadline::Limit;
use crate::state::{PARKED, UNSET};
use crate::sync::{self, DEFAULT_UNPARK_TOKEN, FilterOp, Ordering, ParkToken, UnparkResult};

impl RawEvent {
    /// Sets the event and releases everybody who is parked.
    #[inline]
    pub(crate) fn set_all(&self) {
        if !self.set_if_none_parked() {
            self.release_all();
        }
    }

    /// Waits until the event is set. Returns whether that was within the limit.
    #[inline]
    pub(crate) fn wait_all(&self, limit: Limit) -> bool {
        self.is_set() || self.wait_for_set(limit, 0, Self::is_set)
    }

    /// Empties the queue and sets the event in one step under the queue's lock: who parks later
    /// belongs to the next set, and nobody who was parked can be missed.
    #[cold]
    fn release_all(&self) {
        let everybody = |_: ParkToken| FilterOp::Unpark;
        let released = |_: UnparkResult| {
            // Release: pairs with the acquire of the waits that find the event set. Those who are
            // released learn of it from the parking lot.
            self.state.fetch_and(!(PARKED | UNSET), Ordering::Release);
            DEFAULT_UNPARK_TOKEN
        };
        // SAFETY:
        // * The key is the address of our own byte, which is borrowed for the whole call.
        // * Neither callback unwinds or calls into the parking lot: one returns a constant, the
        //   other makes one atomic update.
        unsafe { sync::unpark_filter(self.key(), everybody, released) };
    }
}
