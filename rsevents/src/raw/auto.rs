//! The auto-reset event: one set releases one wait.

use super::byte::{self, BARGED, Delivery, QUEUED, UNSET};
use super::wait::Kind;
use super::{AtomicByte, RawEvent};
use crate::deadline::Limit;
use crate::fairness;
use crate::future::Wait;
use crate::queue::{self, Claim, Target};
use crate::sync::{self, Ordering};

/// One set releases one wait. A called waiter may be overtaken by a wait that barges.
struct Auto;

impl Kind for Auto {
    const IS_SHARED: bool = false;

    fn pass(byte: u8) -> Option<u8> {
        byte::barge(byte)
    }

    fn expire_at_once(byte: u8) -> u8 {
        byte::reset(byte)
    }

    fn observe(byte: u8) -> u8 {
        byte::observe(byte)
    }

    #[inline]
    fn try_pass(event: &RawEvent) -> bool {
        // Acquire, here and below: pairs with the release of the set that is taken.
        match event.state.try_acquire(sync::guess_byte(&event.state, 0), byte::barge) {
            Ok(_) => true,
            Err(byte) => byte::is_watched(byte) && event.barge_under_lock(),
        }
    }

    fn pass_queued(state: &AtomicByte, expires: bool) -> bool {
        // While a wait is queued, the byte holds a set only for a called waiter. None is missed: a waiter is called
        // under the lock only, which is held.
        let byte = sync::load_relaxed(state);
        if !byte::is_called_or_watched(byte) {
            return false;
        }
        if expires {
            return state.expire(false);
        }
        state.acquire(byte, byte::observe);
        false
    }

    fn hand_on(event: &RawEvent) {
        event.set_auto();
    }
}

impl RawEvent {
    /// Releases one wait: the front waiter, or one that is faster. If no wait is queued, sets the event.
    #[inline]
    pub(crate) fn set_auto(&self) {
        if !self.set_if_free() {
            self.deliver();
        }
    }

    /// Waits for a set and takes it. Returns whether that was within the limit. `limit` is called only
    /// if the event is unset: computed before, it would be a store that the exchange has to wait for.
    #[inline]
    pub(crate) fn wait_auto(&self, limit: impl FnOnce() -> Limit) -> bool {
        match self.try_take() {
            Ok(_) => true,
            Err(byte) => self.wait_for_set::<Auto>(byte, limit()),
        }
    }

    /// What such a wait is for.
    pub(crate) fn target_auto(&self) -> Target {
        self.target::<Auto>()
    }

    /// A future of such a wait.
    pub(crate) fn wait_async_auto(&self) -> Wait<'_> {
        self.wait_async::<Auto>()
    }

    /// Takes the set if the event is set now. On an unset event this is one load, unless a waiter has been
    /// called or the event is watched.
    #[inline]
    pub(crate) fn try_wait_auto(&self) -> bool {
        // Relaxed: only decides whether to try an exchange, which acquires.
        let byte = self.state.load(Ordering::Relaxed);
        if byte::is_zero(byte) {
            return match self.try_take() {
                Ok(_) => true,
                // It may have been set all the time, and have become watched just now.
                Err(byte) => byte::is_watched(byte) && self.take_or_reserve(byte),
            };
        }
        byte::is_called_or_watched(byte) && self.take_or_reserve(byte)
    }

    /// Whether the event is set. Takes nothing, but a set that is found offered is reserved.
    #[inline]
    pub(crate) fn is_set_auto(&self) -> bool {
        // Acquire, here and below: pairs with the release of the set that is seen.
        let byte = self.state.load(Ordering::Acquire);
        if byte::is_called_or_watched(byte) {
            self.is_set_or_reserve(byte)
        } else {
            byte::is_zero(byte)
        }
    }

    /// Makes the event unset. Queued waits stay queued.
    #[inline]
    pub(crate) fn reset_auto(&self) {
        // Acquire, also if nothing changes: pairs with the release of the set that is undone, or that
        // another thread has just undone or taken.
        let exchange = self.state.compare_exchange(0, UNSET, Ordering::Acquire, Ordering::Acquire);
        let (Ok(byte) | Err(byte)) = exchange;
        if byte::is_called_or_watched(byte) {
            self.take_or_reserve(byte);
        }
    }

    /// `wait0` or a reset beside a called waiter, or while the event is watched. `byte` is a guess.
    #[cold]
    fn take_or_reserve(&self, byte: u8) -> bool {
        // A wait that fails leaves what a reset leaves.
        // Acquire: pairs with the release of the set that is taken.
        byte::is_set(self.acquire(byte, byte::reset))
    }

    #[cold]
    fn is_set_or_reserve(&self, byte: u8) -> bool {
        byte::is_set(self.acquire(byte, byte::observe))
    }

    /// Takes the set if the event is set, in one step. Otherwise the byte is the error.
    #[inline]
    pub(super) fn try_take(&self) -> Result<u8, u8> {
        // Acquire: pairs with the releases of the sets that are taken.
        // Relaxed on failure: then nothing was taken.
        self.state.compare_exchange(0, UNSET, Ordering::Acquire, Ordering::Relaxed)
    }

    /// Barges at an event that was found watched.
    #[cold]
    pub(super) fn barge_under_lock(&self) -> bool {
        let shard = queue::lock(self.key());
        // Acquire: pairs with the release of the set that is taken.
        self.state_in(&shard).try_acquire(0, byte::barge).is_ok()
    }

    /// Delivers a set whose first step has found a wait queued or a waiter called.
    #[cold]
    fn deliver(&self) {
        // One that may have to be handed off takes the lock: there it is checked.
        if is_due_at(&self.state) || !self.deliver_without_lock() {
            self.deliver_under_lock();
        }
    }

    /// Delivers it if that needs no lock. Short, because a thread that polls takes the cache line away soon
    /// after the first step.
    #[inline]
    fn deliver_without_lock(&self) -> bool {
        // Release: pairs with the acquire of the wait that takes this set, and then may free
        // the event. In each case it is our last access to the event.
        let deliver = byte::deliver_without_lock;
        let guess = sync::guess_byte(&self.state, BARGED | QUEUED);
        let before = self.state.try_update(guess, Ordering::Release, deliver);
        if before.is_ok_and(byte::has_queued) {
            fairness::offered_anew();
        }
        before.is_ok()
    }

    // Not inlined: it would make `deliver` save registers before its step.
    #[inline(never)]
    pub(super) fn deliver_under_lock(&self) {
        let key = self.key();
        // Waits for all come before those in the queue.
        let lock = || queue::offer_to_all(queue::lock(key), key);
        // If the queue becomes empty, the step below tells the byte.
        let held = lock().and_then(|shard| queue::hold_front(shard, lock, key, |_, _| Some(())));
        let Some((mut shard, front, hold)) = held else { return };
        let state = self.state_in(&shard);
        let is_beside_another = front.is_some();
        let must_hand_off = is_beside_another && is_due_at(state) && fairness::check_hand_off();
        let deliver = |byte| byte::deliver(byte, front, must_hand_off);
        // Release: as in `deliver_without_lock`.
        let before = state.update(QUEUED, Ordering::Release, |byte| deliver(byte).0);
        let claim = match deliver(before).1 {
            Delivery::Stored => {
                // Where it is offered anew, that usually needs no lock, unless the event is watched.
                if is_beside_another && byte::offers_anew(before) {
                    fairness::offered_anew();
                }
                return;
            }
            Delivery::Called => Claim::Called,
            Delivery::HandedOff => Claim::Won,
        };
        let (front, hold) = front.zip(hold).expect("it is delivered to the front waiter");
        let wake = shard.signal(front, hold, claim);
        drop(shard);
        if must_hand_off && byte::has_barged(before) {
            fairness::handed_off();
        }
        wake.wake();
    }
}

/// Whether a check is due of a set of an event with this byte: whether that has to be handed off. (The mark of a
/// watched event tells nothing: that is in its stand-in.)
fn is_due_at(state: &AtomicByte) -> bool {
    // Relaxed: only decides how to deliver.
    fairness::is_check_due() && byte::offers_anew(sync::load_relaxed(state))
}
