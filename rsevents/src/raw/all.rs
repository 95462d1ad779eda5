//! One set releases all waits, until a reset.

use super::RawEvent;
use super::released::{Released, WAKE_OTHERS};
use crate::deadline::Limit;
use crate::state::{PARKED, UNSET};
use crate::sync::{self, DEFAULT_UNPARK_TOKEN, Ordering, RequeueOp, UnparkResult};

impl RawEvent {
    /// Sets the event and releases every parked thread.
    #[inline]
    pub(crate) fn set_all(&self) {
        if !self.set_if_none_parked() {
            self.release_all();
        }
    }

    /// Waits until the event is set. Returns whether that was within the limit. `limit` is called
    /// only if the event is unset.
    #[inline]
    pub(crate) fn wait_all(&self, limit: impl FnOnce() -> Limit) -> bool {
        self.is_set() || self.wait_for_set(limit(), 0, Self::is_set)
    }

    #[cold]
    fn release_all(&self) {
        // Before: once it is released, a waiter may free the event, and `self` dangles.
        let released = Released::of(self.key());
        let left = self.release(RequeueOp::UnparkOneRequeueRest).requeued_threads;
        released.wake(left);
    }

    /// Empties the queue and sets the event in one step under the queue's lock. So no parked thread
    /// is missed, and a thread that parks later waits for a later set. `op` says what becomes of the
    /// released threads; only tests choose another one.
    pub(super) fn release(&self, op: RequeueOp) -> UnparkResult {
        let released = Released::of(self.key());
        let release = |_, result: UnparkResult| {
            // Release: pairs with the acquire of a wait that finds the event set, and then may free it.
            // This is our last access to it. For parked threads the parking lot makes that order.
            self.state.fetch_and(!(PARKED | UNSET), Ordering::Release);
            if result.requeued_threads != 0 { WAKE_OTHERS } else { DEFAULT_UNPARK_TOKEN }
        };
        // SAFETY:
        // * The keys are the address of our own byte, and that of a static of ours. Both are only numbers
        //   to the parking lot, which matters where a waiter frees the event during the call.
        // * Neither callback unwinds or calls into the parking lot: one returns a value that it has,
        //   the other makes one atomic update.
        unsafe { sync::unpark_requeue(self.key(), released.key(), || op, release) }
    }
}
