//! The steps of a future's wait: poll, enqueue, block, expire and drop. Stores and replaces wakers. (Blocking waits
//! complete by the same step; how they leave is with their objects, in `CallsWaits::leave`.)

use core::pin::Pin;
use core::task::Waker;
use std::time::Instant;

use super::entry::{Claim, Entry};
use super::group::{self, Hold};
use super::list::{NewWaiter, Waiter};
use super::table::{Removed, Shard, lock};
use super::wake::{self, Wakes};

impl Entry {
    /// Begins the wait, or checks whether it was released. If it has not passed, a setter that releases it wakes
    /// `waker` or, if there is none, the thread that sleeps in [`block`](Self::block). Returns whether it has passed.
    ///
    /// # Panics
    ///
    /// If it has completed before.
    #[track_caller]
    pub(crate) fn poll(self: Pin<&Self>, waker: Option<&Waker>) -> bool {
        self.advance(waker.is_none(), || self.begin(waker), || self.check(waker))
    }

    /// Begins the wait by `begin`, if it is new, or checks by `check` whether it has passed, and completes it if it has.
    /// `blocks`: whether a thread waits for it.
    #[track_caller]
    fn advance(
        self: Pin<&Self>,
        blocks: bool,
        begin: impl FnOnce() -> bool,
        check: impl FnOnce() -> bool,
    ) -> bool {
        let passed = match self.claim() {
            Claim::Ended => super::has_completed(),
            Claim::New => {
                let passed = begin();
                if passed {
                    // If its waker panics when it is dropped, the wait hands on what it has taken.
                    self.win();
                    self.end();
                }
                return passed;
            }
            Claim::Won => true,
            _ => check(),
        };
        if passed {
            self.complete(blocks);
        }
        passed
    }

    /// Begins the wait, or checks whether it was released, and completes it in neither case. Returns whether it has
    /// passed.
    ///
    /// # Panics
    ///
    /// As [`poll`](Self::poll).
    #[track_caller]
    pub(crate) fn enqueue(self: Pin<&Self>) -> bool {
        match self.claim() {
            Claim::Ended => super::has_completed(),
            Claim::New => {
                let passed = self.begin(None);
                if passed {
                    self.win();
                }
                passed
            }
            Claim::Won => true,
            _ => self.pass_linked(lock(self.key()), false).is_none(),
        }
    }

    /// Blocks this thread until the wait succeeds or the deadline passes. In the latter case the wait keeps its place.
    /// Returns whether it has succeeded.
    ///
    /// # Panics
    ///
    /// As [`poll`](Self::poll).
    #[track_caller]
    pub(crate) fn block(self: Pin<&Self>, deadline: Option<Instant>) -> bool {
        self.poll(None) || {
            // Unlocks if the deadline has passed. The check locks again, as one of a wait that did not sleep.
            drop(self.stay(deadline));
            self.expire()
        }
    }

    /// The last check of a wait whose deadline has passed. It does not queue, or keeps its place.
    ///
    /// # Panics
    ///
    /// As [`poll`](Self::poll).
    #[track_caller]
    pub(crate) fn expire(self: Pin<&Self>) -> bool {
        let check = || self.pass_linked(lock(self.key()), true).is_none();
        self.advance(true, || self.try_pass(true), check)
    }

    /// A wait that was queued has passed, and returns. `blocks`: whether a thread waits for it.
    pub(crate) fn complete(&self, blocks: bool) {
        // If this panics, the wait is still there to be completed or handed on.
        self.object().released(self, blocks);
        self.end();
    }

    /// Passes, and then the caller wins the claim, or queues.
    fn begin(self: Pin<&Self>, waker: Option<&Waker>) -> bool {
        self.try_pass(false) || {
            self.set_waiter(Waiter::of(waker.cloned()));
            // SAFETY: it is this entry's object. The entry is not linked, and it is pinned.
            unsafe { self.object().pass_or_queue(&self) }
        }
    }

    /// Checks whether a wait that was queued has passed. If not, stores the waker.
    fn check(self: Pin<&Self>, waker: Option<&Waker>) -> bool {
        let mut waiter = NewWaiter::of(waker);
        loop {
            let Some(mut shard) = self.pass_linked(lock(self.key()), false) else { return true };
            // SAFETY: it is linked, as it has not passed.
            if waiter.store(unsafe { shard.waiter(&self) }) {
                return false; // unlocks, and then drops the old one
            }
            drop(shard);
            waiter.clone_waker();
        }
    }

    /// Checks whether a setter has released the entry, which was linked, or whether it passes by itself. Then it is
    /// not linked any more, and the claim is won, and this returns `None`. If it has not passed, returns its queue,
    /// locked. If it is a member, its group may also have ended: then as if it had passed.
    pub(crate) fn pass_linked(&self, mut shard: Shard, expires: bool) -> Option<Shard> {
        let mut was_served = false;
        loop {
            let (held, hold) = group::hold_own(shard, self)?;
            shard = held;
            if self.claim() == Claim::Won {
                return None;
            }
            // SAFETY: it is linked, as it is open.
            if unsafe { shard.leave_batch(self) } {
                self.win();
                hold.pass();
                return None;
            }
            if self.object().pass_queued(&shard, self, expires) {
                self.leave_and_win(shard, hold);
                return None;
            }
            drop(hold);
            if was_served {
                return Some(shard);
            }
            if let Some(shard) = self.object().serve_due(shard) {
                return Some(shard);
            }
            was_served = true;
            shard = lock(self.key());
        }
    }

    /// Removes an entry, which is linked and has taken what it waits for. From here until it has ended, it hands
    /// that on if a waker or a rule panics.
    pub(crate) fn leave_and_win(&self, mut shard: Shard, hold: Hold) {
        // SAFETY: it is linked, as the caller says.
        let removed = unsafe { shard.remove(self) };
        self.win();
        hold.pass();
        self.object().removed(shard, removed);
    }

    /// Removes the entry from its queue, if it is still in it. Returns whether it was released before, by a setter
    /// or with the others of a broadcast.
    pub(super) fn unlink(&self) -> bool {
        if matches!(self.claim(), Claim::Open | Claim::CalledInPlace) {
            let mut shard = lock(self.key());
            if matches!(self.claim(), Claim::Open | Claim::CalledInPlace) {
                // SAFETY: it is linked, as it is open or called in place.
                let removed = unsafe { shard.remove(self) };
                let was_released = matches!(removed, Removed::FromBroadcast);
                self.object().removed(shard, removed);
                return was_released;
            }
        }
        self.claim() == Claim::Won
    }

    /// A member gives up its place. Returns as [`unlink`](Self::unlink).
    pub(super) fn give_up(&self) -> bool {
        let was_released = self.unlink();
        self.end_keeping_waker();
        was_released
    }

    /// Whether the wait passes, which is not queued. `expires`: whether its limit has passed.
    pub(super) fn try_pass(&self, expires: bool) -> bool {
        self.object().try_pass(self.request(), expires)
    }

    /// Others get what the wait has taken.
    pub(super) fn hand_on(&self) {
        self.end_keeping_waker();
        self.object().hand_on(self);
    }

    /// The owner gives the wait up.
    // Not inlined: most waits have ended when they are dropped, and need no registers saved.
    #[inline(never)]
    fn leave(&self) {
        // Each step may panic: wakers of others, a function of a rule, and what the waker drops.
        let mut wakes = Wakes::default();
        wakes.call(|| self.unlink());
        if self.claim() == Claim::Won {
            wakes.call(|| self.hand_on());
        }
        wakes.call(|| drop(self.take_waker()));
        wakes.finish();
    }
}

/// Leaves the queue. Without a panic, only a future is dropped while it is queued, or before it has completed.
impl Drop for Entry {
    fn drop(&mut self) {
        match self.claim() {
            Claim::Ended => {}
            // It has a waker if a rule has panicked when it began.
            Claim::New => wake::drop_waker(self.take_waker()),
            _ => wake::in_drop(|| self.leave()),
        }
    }
}
