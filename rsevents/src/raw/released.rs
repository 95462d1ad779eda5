//! Threads that a manual set has released, but that nobody has woken yet.
//!
//! Waking a thread is a system call, and a thousand of them take milliseconds, in which the thread
//! that makes them may be preempted. So a set takes its event's queue away as a whole, wakes the
//! first thread and puts the others into a queue of their own. From there the setter wakes one after
//! the other until none is left, and each thread that was woken wakes two: they depend on the setter
//! no longer once the first is awake, and several cores share the work.

use crate::sync::{self, UnparkToken};

/// Gives the queue its name. One queue for all events: whoever is in it is owed a wake-up, and
/// nothing else.
static QUEUE: u8 = 0;

/// Tells a thread that is woken that there may be others to wake.
pub(super) const WAKE_OTHERS: UnparkToken = UnparkToken(1);

/// The parking lot's name for the queue.
pub(super) fn key() -> usize {
    core::ptr::from_ref(&QUEUE).addr()
}

/// Wakes everybody.
pub(super) fn wake_all() {
    while wake_one() {}
}

/// Wakes two, so that the number of those who wake others grows.
pub(super) fn wake_two() {
    if wake_one() {
        wake_one();
    }
}

/// Wakes the thread that has been in the queue longest. Returns whether there was one.
fn wake_one() -> bool {
    // SAFETY:
    // * The key is the address of our own static.
    // * The callback returns a constant.
    unsafe { sync::unpark_one(key(), |_| WAKE_OTHERS) }.unparked_threads > 0
}
