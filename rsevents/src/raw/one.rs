//! One set releases one wait.

use super::RawEvent;
use crate::deadline::Limit;
use crate::state::{self, EventState, UNSET};
use crate::sync::{self, DEFAULT_UNPARK_TOKEN, Ordering, UnparkResult};

impl RawEvent {
    /// Releases the thread that has been parked longest or, if none is parked, sets the event.
    #[inline]
    pub(crate) fn set_one(&self) {
        if !self.set_if_none_parked() {
            self.release_one();
        }
    }

    /// Waits for a set and takes it. Returns whether that was within the limit. `limit` is called only
    /// if the event is unset: computed before, it would be a store that the exchange has to wait for.
    #[inline]
    pub(crate) fn wait_one(&self, limit: impl FnOnce() -> Limit) -> bool {
        self.take() || self.wait_for_set(limit(), UNSET, Self::try_wait_one)
    }

    /// Takes the set if the event is set now. On an unset event this is one load.
    #[inline]
    pub(crate) fn try_wait_one(&self) -> bool {
        // Relaxed: only decides whether to try the exchange, which acquires.
        state::is_set(self.state.load(Ordering::Relaxed)) && self.take()
    }

    /// Takes the set if the event is set, in one step.
    #[inline]
    fn take(&self) -> bool {
        let set = EventState::Set.bits();
        // Acquire: pairs with the releases of the sets that are taken.
        // Relaxed on failure: then nothing was taken.
        self.state.compare_exchange(set, UNSET, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Hands the set off to the thread that has been parked longest. The byte never shows this set.
    #[cold]
    fn release_one(&self) {
        let released = |result: UnparkResult| {
            if result.unparked_threads == 0 {
                // The queue has become empty: other sets released its threads, or they timed out.
                // Release: pairs with the acquire of the wait that takes this set, and then may free
                // the event. This is our last access to it.
                self.state.fetch_and(!UNSET, Ordering::Release);
            } else if !result.have_more_threads {
                self.note_that_none_is_parked();
            }
            DEFAULT_UNPARK_TOKEN
        };
        // SAFETY:
        // * The key is the address of our own byte. It is only a number to the parking lot, which matters
        //   where a waiter frees the event during the call.
        // * The callback neither unwinds nor calls into the parking lot: it makes one atomic update.
        unsafe { sync::unpark_one(self.key(), released) };
    }
}
