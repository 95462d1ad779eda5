//! How a wait for an event blocks.

use core::marker::PhantomData;
use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use std::time::Instant;

use super::RawEvent;
use super::byte::{self, QUEUED, UNSET};
use crate::deadline::Limit;
use crate::fairness::Overtaken;
use crate::queue::{self, Ended, Entry, Removed};
use crate::sync::Ordering;
use crate::wait::{self, Blocking};

/// Polls without a look at the byte, after each one that has found that another wait has barged.
const IDLE_POLLS: u32 = 8;

/// How the waits for a kind of event succeed.
pub(super) trait Kind {
    /// Whether sets may call such a wait. If not, they are handed off to it.
    const IS_CALLABLE: bool;

    /// What such a wait leaves of the byte when it succeeds, or `None` if it has to queue.
    fn pass(byte: u8) -> Option<u8>;

    /// What a wait leaves whose deadline has passed before it queued. It succeeds if the event is set.
    fn expire(byte: u8) -> u8;
}

/// A wait for an event.
struct Wait<'a, K> {
    event: &'a RawEvent,
    /// The byte that the first check saw.
    seen: u8,
    kind: PhantomData<K>,
}

impl RawEvent {
    /// Waits for an event that the first check has found unset, where it saw `seen`. Returns whether it succeeded.
    #[cold]
    pub(super) fn wait_for_set<K: Kind>(&self, seen: u8, limit: Limit) -> bool {
        wait::block(&Wait { event: self, seen, kind: PhantomData::<K> }, limit)
    }

    /// Succeeds if the byte is `byte` or another one that lets such a wait pass.
    fn try_pass<K: Kind>(&self, byte: u8) -> bool {
        // Acquire: pairs with the release of the set that is taken.
        K::pass(byte).is_some() && self.try_acquire(byte, K::pass).is_ok()
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

impl<K: Kind> Blocking for Wait<'_, K> {
    fn expire(&self) -> bool {
        // Not by a load, which could miss a set that is ordered before it only by the clock.
        // Acquire: pairs with the release of the set that is taken or seen.
        byte::is_set(self.event.acquire(UNSET, K::expire))
    }

    /// Barges if it can, with the byte that the first check has just brought into the cache of this core.
    fn pass_at_once(&self) -> bool {
        self.event.try_pass::<K>(self.seen)
    }

    /// Where a wait cannot barge, the spin ends if others are queued: they came first.
    fn polls(&self) -> impl FnMut() -> ControlFlow<bool> {
        let Wait { event, seen: mut byte, .. } = *self;
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
            byte = event.state.load(Ordering::Relaxed);
            if event.try_pass::<K>(byte) {
                ControlFlow::Break(true)
            } else if !K::IS_CALLABLE && byte::has_queued(byte) {
                ControlFlow::Break(false)
            } else {
                ControlFlow::Continue(())
            }
        }
    }

    fn queue(&self, deadline: Option<Instant>) -> bool {
        let event = self.event;
        let entry = pin!(Entry::new(event.key(), K::IS_CALLABLE));
        let entry = entry.as_ref();
        {
            let mut shard = queue::lock_to_wait(event.key());
            let pass_or_queue = |byte| K::pass(byte).unwrap_or(byte | QUEUED);
            // Acquire: pairs with the release of the set that is taken. One step takes a set or turns
            // `QUEUED` on, so no set comes between the check and the enqueue.
            let before = event.acquire(UNSET, pass_or_queue);
            if K::pass(before).is_some() {
                return true;
            }
            // SAFETY: it is in no queue, it is pinned, and this function returns only once a setter has
            // signalled it or it was removed. Nothing below unwinds.
            unsafe { shard.enqueue(&entry) };
        }
        let mut overtaken = Overtaken::NEVER;
        loop {
            match entry.stay(deadline) {
                Ended::Won => break,
                Ended::Called if event.answer(entry, &mut overtaken) => return true,
                Ended::Called => {} // queued again
                // SAFETY: it is linked.
                Ended::Expired(mut shard) => match unsafe { shard.remove(&entry) } {
                    Removed::FromBroadcast => break,
                    Removed::FromQueue { was_last } => return event.expire(was_last),
                },
            }
        }
        // SAFETY: the entry is ours, and not linked any more.
        unsafe { queue::wake_others(&entry) };
        true
    }
}
