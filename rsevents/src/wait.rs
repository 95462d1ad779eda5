//! How a wait blocks, whatever it waits for.

use core::ops::ControlFlow;
use core::pin::Pin;
use std::time::Instant;

use crate::deadline::Limit;
use crate::fairness::Overtaken;
use crate::queue::{Entry, Shard, StayResult};
use crate::spin::{self, Spun};

/// A wait that has not passed at its first check.
pub(crate) trait Blocking {
    /// The last check of a wait whose limit has passed before it queued.
    fn expire_at_once(&self) -> bool;

    /// An attempt before the spin, where one is likely to succeed.
    fn pass_at_once(&self) -> bool {
        false
    }

    /// The polls of a spin. Each tells whether the wait passes, or whether the spin should end (`Break(false)`).
    fn polls(&self) -> impl FnMut() -> ControlFlow<bool>;

    /// Queues, and sleeps until the wait is released or the deadline passes, unless the queueing check, under the
    /// queue's lock, lets it pass. Returns whether it passed.
    fn queue(&self, deadline: Option<Instant>) -> bool;
}

/// An object whose waits can be called.
pub(crate) trait CallsWaits {
    /// The called wait takes what it was called for or, if another wait was faster, is the first in the queue again.
    /// Returns whether it has passed.
    fn answer(
        &self,
        entry: Pin<&Entry>,
        deadline: Option<Instant>,
        overtaken: &mut Overtaken,
    ) -> bool;

    /// The deadline of a linked wait has passed. It passes, or leaves. Returns whether it has passed.
    fn leave(&self, shard: Shard, entry: Pin<&Entry>) -> bool;
}

/// Sleeps until a linked wait has passed or has left the queue. Returns whether it has passed.
pub(crate) fn stay(
    object: &impl CallsWaits,
    entry: Pin<&Entry>,
    deadline: Option<Instant>,
) -> bool {
    let mut overtaken = Overtaken::NEVER;
    loop {
        match entry.stay(deadline) {
            StayResult::Won => {
                entry.complete(true);
                return true;
            }
            StayResult::Called if object.answer(entry, deadline, &mut overtaken) => {
                entry.end();
                return true;
            }
            StayResult::Called => {}
            StayResult::Expired(shard) => return object.leave(shard, entry),
        }
    }
}

/// Spins if that is likely to be rewarded, then queues. Returns whether the wait passed within its limit.
pub(crate) fn block(wait: &impl Blocking, limit: Limit) -> bool {
    if limit.has_passed() {
        return wait.expire_at_once();
    }
    if wait.pass_at_once() {
        return true;
    }
    let deadline = limit.deadline();
    match spin::spin(deadline, wait.polls()) {
        Spun::Succeeded => true,
        Spun::Park => wait.queue(deadline),
        Spun::Unrewarded(spin) => {
            let passed = wait.queue(deadline);
            spin.slept(passed);
            passed
        }
    }
}
