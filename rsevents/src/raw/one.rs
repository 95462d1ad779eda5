//! One set releases one wait.

use super::RawEvent;
use crate::deadline::Limit;
use crate::state::{self, EventState, UNSET};
use crate::sync::{self, DEFAULT_UNPARK_TOKEN, Ordering, UnparkResult};

impl RawEvent {
    /// Releases the thread that has been parked longest or, if nobody is parked, sets the event.
    #[inline]
    pub(crate) fn set_one(&self) {
        if !self.set_if_none_parked() {
            self.release_one();
        }
    }

    /// Waits until a set is ours. Returns whether that was within the limit, which is asked for only
    /// if the event is unset: made before, it would be a store that the exchange has to wait for.
    #[inline]
    pub(crate) fn wait_one(&self, limit: impl FnOnce() -> Limit) -> bool {
        self.take() || self.wait_for_set(limit(), UNSET, Self::try_wait_one)
    }

    /// Takes the event if it is set now. If it is not, that is a load and nothing more.
    #[inline]
    pub(crate) fn try_wait_one(&self) -> bool {
        // Relaxed: only tells whether the exchange, which does the acquiring, is worth it.
        state::is_set(self.state.load(Ordering::Relaxed)) && self.take()
    }

    /// Takes the event if it is set, in one step.
    #[inline]
    fn take(&self) -> bool {
        let set = EventState::Set.bits();
        // Acquire: pairs with the releases of the sets that are taken.
        // Relaxed on failure: then nothing was taken.
        self.state.compare_exchange(set, UNSET, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Hands a set to whoever has been parked longest; the byte never shows it to anybody else.
    #[cold]
    fn release_one(&self) {
        let released = |result: UnparkResult| {
            if result.unparked_threads == 0 {
                // The parked thread has left: released by another set, or timed out.
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
