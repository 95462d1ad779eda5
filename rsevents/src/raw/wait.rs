//! How a wait blocks.

use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use std::time::Instant;

use super::RawEvent;
use super::byte::{self, QUEUED, UNSET};
use crate::deadline::Limit;
use crate::fairness::Overtaken;
use crate::queue::{self, Claim, Entry, Removed};
use crate::spin::{self, Spun};
use crate::sync::Ordering;

/// Polls without a look at the byte, after each one that has found that another wait has barged.
const IDLE_POLLS: u32 = 8;

/// How the waits of a kind succeed.
pub(super) struct Kind {
    /// What such a wait leaves of the byte when it succeeds, or `None` if it has to queue.
    pub(super) pass: fn(u8) -> Option<u8>,
    /// What a wait leaves whose deadline has passed before it queued. It succeeds if the event is set.
    pub(super) expire: fn(u8) -> u8,
    /// Whether sets may call such a wait. If not, they are handed off to it.
    pub(super) is_callable: bool,
}

impl RawEvent {
    /// Waits for an event that the first check has found unset, where it saw `byte`: barges if it can, spins
    /// if that is likely to pay, then queues. Returns whether it succeeded.
    #[cold]
    pub(super) fn wait_for_set(&self, byte: u8, limit: Limit, kind: &Kind) -> bool {
        if limit.has_passed() {
            // Check again: a set may have come between the first check and the deadline. Not by a load,
            // which could miss a set that is ordered before it only by the clock.
            // Acquire: pairs with the release of the set that is taken or seen.
            return byte::is_set(self.acquire(UNSET, kind.expire));
        }
        // At once: the first check has just brought the byte into the cache of this core.
        if self.try_pass(byte, kind) {
            return true;
        }
        let deadline = limit.deadline();
        match spin::spin(deadline, self.polls(byte, kind)) {
            Spun::Succeeded => true,
            Spun::Park => self.queue(deadline, kind),
            Spun::Unrewarded(spin) => {
                let succeeded = self.queue(deadline, kind);
                spin.slept(succeeded);
                succeeded
            }
        }
    }

    /// The polls of a spin, where `byte` was seen last. Where a wait cannot barge, the spin ends if others are
    /// queued: they came first.
    fn polls(&self, mut byte: u8, kind: &Kind) -> impl FnMut() -> ControlFlow<bool> {
        let mut idle = 0;
        move || {
            // A wait has barged, so its set comes soon, and each load delays that: the setter has to get the
            // cache line back.
            if byte::has_barged(byte) && idle < IDLE_POLLS {
                idle += 1;
                return ControlFlow::Continue(());
            }
            idle = 0;
            // Relaxed: only decides whether to try the exchange, which acquires.
            byte = self.state.load(Ordering::Relaxed);
            if self.try_pass(byte, kind) {
                ControlFlow::Break(true)
            } else if !kind.is_callable && byte::has_queued(byte) {
                ControlFlow::Break(false)
            } else {
                ControlFlow::Continue(())
            }
        }
    }

    /// Succeeds if the byte is `byte` or another one that lets such a wait pass.
    fn try_pass(&self, byte: u8, kind: &Kind) -> bool {
        // Acquire: pairs with the release of the set that is taken.
        (kind.pass)(byte).is_some() && self.try_acquire(byte, kind.pass).is_ok()
    }

    /// Queues, and sleeps until a set releases or calls the wait or its deadline passes, unless the last check
    /// succeeds. Returns whether the wait succeeded.
    fn queue(&self, deadline: Option<Instant>, kind: &Kind) -> bool {
        let entry = pin!(Entry::new(self.key(), kind.is_callable));
        let entry = entry.as_ref();
        {
            let mut shard = queue::lock_to_wait(self.key());
            let pass_or_queue = |byte| (kind.pass)(byte).unwrap_or(byte | QUEUED);
            // Acquire: pairs with the release of the set that is taken. One step takes a set or turns
            // `QUEUED` on, so no set comes between the check and the enqueue.
            let before = self.acquire(UNSET, pass_or_queue);
            if (kind.pass)(before).is_some() {
                return true;
            }
            // SAFETY: it is in no queue, it is pinned, and this function returns only once a setter has
            // signalled it or it was removed. Nothing below unwinds.
            unsafe { shard.enqueue(&entry) };
        }
        let mut overtaken = Overtaken::NEVER;
        loop {
            match self.sleep(entry, deadline) {
                Ended::Won => {
                    // SAFETY: the entry is ours, and not linked any more.
                    unsafe { queue::wake_others(&entry) };
                    return true;
                }
                Ended::Expired(succeeded) => return succeeded,
                Ended::Called if self.answer(entry, &mut overtaken) => return true,
                Ended::Called => {} // queued again
            }
        }
    }

    /// Sleeps while the entry is linked, and unlinks it at the deadline.
    fn sleep(&self, entry: Pin<&Entry>, deadline: Option<Instant>) -> Ended {
        let mut claim = entry.sleep(deadline);
        if claim == Claim::Open {
            // The deadline has passed. Under the lock, either a setter has been faster or none can be.
            let mut shard = queue::lock(self.key());
            claim = entry.claim();
            if claim == Claim::Open {
                // SAFETY: it has not been signalled, so it is linked.
                return match unsafe { shard.remove(&entry) } {
                    Removed::FromBroadcast => Ended::Won,
                    Removed::FromQueue { was_last } => Ended::Expired(self.expire(was_last)),
                };
            }
        }
        if claim == Claim::Won { Ended::Won } else { Ended::Called }
    }

    /// A wait has left the queue, under its lock, as its deadline has passed. Returns whether it succeeds.
    fn expire(&self, was_last: bool) -> bool {
        let expire = |byte| byte::expire(byte, was_last);
        // Acquire: pairs with the release of the set that is taken, if one was offered. A timeout publishes
        // nothing.
        let before = self.acquire(QUEUED, |byte| expire(byte).0);
        expire(before).1
    }

    /// The called waiter takes the set that it was called for or, if another wait was faster, queues again
    /// in front. Returns whether it succeeded.
    fn answer(&self, entry: Pin<&Entry>, overtaken: &mut Overtaken) -> bool {
        // Acquire, here and below: pairs with the release of the set that is taken.
        if self.try_acquire(byte::OFFERED, byte::answer).is_ok() {
            return true;
        }
        let is_callable = !overtaken.once_more();
        let mut shard = queue::lock_to_wait(self.key());
        let answer_or_requeue = |byte| byte::answer(byte).unwrap_or(byte::requeue(byte));
        let before = self.acquire(byte::BARGED, answer_or_requeue);
        if byte::answer(before).is_some() {
            return true;
        }
        // SAFETY: the setter that called it has unlinked it; the rest is as in `queue`.
        unsafe { shard.enqueue_in_front(&entry, is_callable) };
        false
    }
}

/// How a stay in the queue has ended.
enum Ended {
    /// A set has released the wait.
    Won,
    /// A set has called it.
    Called,
    /// Its deadline has passed. Whether it succeeds all the same.
    Expired(bool),
}
