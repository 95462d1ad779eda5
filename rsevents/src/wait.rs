//! How a wait blocks, whatever it waits for.

use core::ops::ControlFlow;
use std::time::Instant;

use crate::deadline::Limit;
use crate::spin::{self, Spun};

/// A wait that has not passed at its first check.
pub(crate) trait Blocking {
    /// The last check of a wait whose limit has passed before it queued.
    fn expire(&self) -> bool;

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

/// Spins if that is likely to pay, then queues. Returns whether the wait passed within its limit.
pub(crate) fn block(wait: &impl Blocking, limit: Limit) -> bool {
    if limit.has_passed() {
        return wait.expire();
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
