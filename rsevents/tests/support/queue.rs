//! The queues of objects: how many waits are in them, of threads and of tasks.

use super::wait_until;

/// The key of an object's queue.
pub(crate) fn queue<T>(object: &T) -> usize {
    std::ptr::from_ref(object).addr()
}

/// How many waits are in the queue of the object at this moment.
pub(crate) fn parked<T>(object: &T) -> usize {
    let mut parked = 0;
    with_locked(queue(object), |waits| parked = waits);
    parked
}

/// How many waits for all of several objects wait for this one at this moment.
pub(crate) fn waits_for_all<T>(object: &T) -> usize {
    let mut waits = 0;
    rsevents::inspect_all(queue(object), |number| waits = number);
    waits
}

pub(crate) fn wait_until_parked<T>(object: &T, waits: usize) {
    wait_until(|| parked(object) == waits);
}

/// Locks the queue and calls `call` with the number of waits in it. If that needs the lock, it hangs until the
/// watchdog ends the test.
pub(crate) fn with_locked(queue: usize, call: impl FnOnce(usize)) {
    rsevents::inspect_queue(queue, call);
}
