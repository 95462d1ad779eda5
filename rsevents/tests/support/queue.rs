//! The queues of parked threads. A queue has an address for its key: that of an event.

use std::ops::Range;

use super::wait_until;

/// The addresses of an object, under which its events may have queues.
pub(crate) fn queues<T>(object: &T) -> Range<usize> {
    let start = std::ptr::from_ref(object).addr();
    start..start + size_of::<T>()
}

/// A queue of the object in which threads are parked.
pub(crate) fn queue_in_use<T>(object: &T) -> Option<usize> {
    queues(object).find(|queue| parked_in(*queue) > 0)
}

/// How many threads are parked on the object at this moment.
pub(crate) fn parked<T>(object: &T) -> usize {
    queues(object).map(parked_in).sum()
}

fn parked_in(queue: usize) -> usize {
    let mut parked = 0;
    with_locked(queue, |threads| parked = threads);
    parked
}

/// How many waits for all of several objects wait for this one at this moment.
pub(crate) fn waits_for_all<T>(object: &T) -> usize {
    let waits_for_all = |queue| {
        let mut waits = 0;
        rsevents::inspect_all(queue, |number| waits = number);
        waits
    };
    queues(object).map(waits_for_all).sum()
}

pub(crate) fn wait_until_parked<T>(object: &T, threads: usize) {
    wait_until(|| parked(object) == threads);
}

/// Locks the queue and calls `call` with the number of threads that are parked there. If it needs the lock,
/// that hangs until the watchdog ends the test.
pub(crate) fn with_locked(queue: usize, call: impl FnOnce(usize)) {
    rsevents::inspect_queue(queue, call);
}
