//! A setter that is preempted in the middle of a broadcast.

use core::pin::Pin;

use super::*;
use crate::sync::testing::JoinHandle;

/// Takes the queue of `key` and wakes the threads of the first `woken` waits: the setter is preempted then. Calls
/// `meanwhile` with the number of waits. When that returns, none may be left.
pub(crate) fn stuck_broadcast(key: usize, woken: usize, meanwhile: impl FnOnce(usize)) {
    let mut shard = lock(key);
    let waits = shard.len(key);
    let batch = Batch { entries: Cell::new(shard.splice(key)), next: Cell::new(ptr::null()) };
    if waits > 0 {
        // SAFETY: the batch stays here until `pop_some` has found `Nothing`, or the test has failed.
        unsafe { shard.batches.push(&batch) };
    }
    drop(shard);
    for _ in 0..woken {
        let mut task = [None];
        let thread = lock(key).batches.pop_some(BatchId(&batch), &mut task);
        if let Some(Popped::Wake(wake)) = thread {
            wake.wake();
        }
        let [task] = task;
        if let Some(waker) = task {
            waker.wake();
        }
    }
    meanwhile(waits);
    assert!(
        matches!(lock(key).batches.pop_some(BatchId(&batch), &mut []), Some(Popped::Nothing)),
        "waits were left to the setter"
    );
}

/// Queues `other`, a wait of this thread for what `waiter` waits for, and wakes the threads of the first `woken`
/// waits. If `waiter` is released, it has to wake the other.
pub(crate) fn wakes_another(other: Pin<&Entry>, waiter: JoinHandle<bool>, woken: usize) {
    let key = other.key();
    assert!(!other.enqueue());
    stuck_broadcast(key, woken, |waits| {
        let succeeded = waiter.join().unwrap();
        assert!(succeeded || waits == 1, "released, and has failed");
        if other.claim() == Claim::Open {
            assert!(!succeeded, "released, and has woken no other");
            // SAFETY: it has not been signalled, so it is linked.
            unsafe { lock(key).remove(&other) };
        }
    });
}
