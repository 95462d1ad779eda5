//! One set releases one wait.

use super::RawEvent;
use crate::deadline::Limit;
use crate::state::{self, PARKED, SET};
use crate::sync::{self, DEFAULT_UNPARK_TOKEN, Ordering, UnparkResult};

impl RawEvent {
    /// Releases the thread that has been parked longest or, if nobody is parked, sets the event.
    #[inline]
    pub(crate) fn set_one(&self) {
        if !self.set_if_none_parked() {
            self.release_one();
        }
    }

    /// Waits until a set is ours. Returns whether that was within the limit.
    #[inline]
    pub(crate) fn wait_one(&self, limit: Limit) -> bool {
        self.take(SET) || self.wait_for_set(limit, SET, Self::try_wait_one)
    }

    /// Takes the event if it is set now. If it is not, that is a load and nothing more.
    #[inline]
    pub(crate) fn try_wait_one(&self) -> bool {
        // Relaxed: only a guess for the exchange, which does the acquiring.
        self.take(self.state.load(Ordering::Relaxed))
    }

    /// Takes the event, whose byte is expected to be `guess`, if it is set.
    #[inline]
    fn take(&self, guess: u8) -> bool {
        // Acquire: pairs with the releases of the sets that are taken.
        self.update(guess, Ordering::Acquire, state::take).is_ok()
    }

    /// Hands a set to whoever has been parked longest; the byte never shows it to anybody else.
    #[cold]
    fn release_one(&self) {
        let released = |result: UnparkResult| {
            if result.unparked_threads == 0 {
                // Whoever was parked is gone: released by another set, or timed out.
                // Release: pairs with the acquire of the wait that takes this set.
                self.state.fetch_or(SET, Ordering::Release);
            } else if !result.have_more_threads {
                // Relaxed: publishes nothing. The one released learns of it from the parking lot.
                self.state.fetch_and(!PARKED, Ordering::Relaxed);
            }
            DEFAULT_UNPARK_TOKEN
        };
        // SAFETY:
        // * The key is the address of our own byte, which is borrowed for the whole call.
        // * The callback neither unwinds nor calls into the parking lot: it makes one atomic update.
        unsafe { sync::unpark_one(self.key(), released) };
    }
}
