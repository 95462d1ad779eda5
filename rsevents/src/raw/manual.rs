//! The manual-reset event: one set releases all waits, until a reset.

use super::byte::{self, QUEUED, UNSET};
use super::wait::Kind;
use super::{AtomicByte, RawEvent};
use crate::deadline::Limit;
use crate::future::Wait;
use crate::queue::{self, Target};
use crate::sync::Ordering;

/// All waits pass while the event is set.
struct Manual;

impl Kind for Manual {
    const IS_SHARED: bool = true;

    fn pass(byte: u8) -> Option<u8> {
        byte::pass_manual(byte)
    }

    fn expire_at_once(byte: u8) -> u8 {
        byte
    }

    fn try_pass(event: &RawEvent) -> bool {
        event.is_set_manual()
    }

    /// While a wait is queued, the event is not set.
    fn pass_queued(_: &AtomicByte, _: bool) -> bool {
        false
    }

    /// A wait takes nothing, so nothing is handed on.
    fn hand_on(_: &RawEvent) {}
}

impl RawEvent {
    /// Sets the event and releases every queued wait.
    #[inline]
    pub(crate) fn set_manual(&self) {
        if !self.set_if_free() {
            self.release_all();
        }
    }

    /// Waits until the event is set. Returns whether that was within the limit. `limit` is called
    /// only if the event is unset.
    #[inline]
    pub(crate) fn wait_manual(&self, limit: impl FnOnce() -> Limit) -> bool {
        self.is_set_manual() || self.wait_for_set::<Manual>(UNSET, limit())
    }

    /// What such a wait is for.
    pub(crate) fn target_manual(&self) -> Target {
        self.target::<Manual>()
    }

    /// A future of such a wait.
    pub(crate) fn wait_async_manual(&self) -> Wait<'_> {
        self.wait_async::<Manual>()
    }

    /// Whether the event is set.
    #[inline]
    pub(crate) fn is_set_manual(&self) -> bool {
        // Acquire, here and below: pairs with the release of the set that is seen.
        let byte = self.state.load(Ordering::Acquire);
        byte::is_zero(byte) || byte::is_called_or_watched(byte) && self.is_set_watched()
    }

    #[cold]
    fn is_set_watched(&self) -> bool {
        byte::is_zero(self.acquire(UNSET, |byte| byte))
    }

    /// Makes the event unset. Queued waits stay queued.
    #[inline]
    pub(crate) fn reset_manual(&self) {
        // Acquire, also if nothing changes: pairs with the release of the set that is undone, or that
        // another thread has just undone.
        let exchange = self.state.compare_exchange(0, UNSET, Ordering::Acquire, Ordering::Acquire);
        let (Ok(byte) | Err(byte)) = exchange;
        if byte::is_called_or_watched(byte) {
            self.reset_watched();
        }
    }

    #[cold]
    fn reset_watched(&self) {
        self.acquire(UNSET, byte::reset);
    }

    /// Empties the queue and sets the event in one step under the queue's lock. So no queued wait is
    /// missed, and a wait that queues later waits for a later set.
    #[cold]
    fn release_all(&self) {
        let key = self.key();
        let shard = queue::lock(key);
        // Release: pairs with the acquire of a wait that finds the event set, and then may free it.
        // This is our last access to it.
        self.state_in(&shard).fetch_and(!(QUEUED | UNSET), Ordering::Release);
        queue::release_all(shard, key);
    }
}
