//! A setter that is preempted in the middle of a broadcast.

use core::pin::Pin;

use super::*;
use crate::sync::testing::JoinHandle;

/// Takes the queue of `key` and wakes the threads of the first `woken` waits: the setter is preempted then. Calls
/// `meanwhile` with the number of waits. When that returns, none may be left.
pub(crate) fn stuck_broadcast(key: usize, woken: usize, meanwhile: impl FnOnce(usize)) {
    let mut shard = lock(key);
    let waits = shard.len(key);
    let batch = Batch::new(key, shard.splice(key));
    if waits > 0 {
        // SAFETY: the batch stays here until it has no more entries, or the test has failed.
        unsafe { shard.batches.push(&batch) };
    }
    drop(shard);
    wake_first(&batch, woken);
    meanwhile(waits);
    assert!(is_done(&batch), "waits were left to the setter");
}

/// A broadcast wakes all waits for `keys[0]`. Then that for `keys[1]`, whose batch is at the same address, is stuck at
/// once. Calls `meanwhile`, which leaves none.
pub(crate) fn stuck_in_place_of_another(keys: [usize; 2], meanwhile: impl FnOnce()) {
    let mut batch = Batch::new(0, List::EMPTY);
    for (key, woken) in keys.into_iter().zip([usize::MAX, 0]) {
        let mut shard = lock(key);
        let waits = shard.len(key);
        assert!(waits > 0);
        batch = Batch::new(key, shard.splice(key));
        // SAFETY: as above.
        unsafe { shard.batches.push(&batch) };
        drop(shard);
        wake_first(&batch, woken.min(waits));
        assert!(is_done(&batch) || woken == 0, "the next batch would replace one that is listed");
    }
    meanwhile();
    assert!(is_done(&batch), "waits were left to the setter");
}

fn wake_first(batch: &Batch, woken: usize) {
    for _ in 0..woken {
        let mut task = [None];
        let thread = lock(batch.key).batches.pop_some(BatchId(batch), batch.key, &mut task);
        if let Some(Popped::Wake(wake)) = thread {
            wake.wake();
        }
        let [task] = task;
        if let Some(waker) = task {
            waker.wake();
        }
    }
}

fn is_done(batch: &Batch) -> bool {
    let popped = lock(batch.key).batches.pop_some(BatchId(batch), batch.key, &mut []);
    matches!(popped, Some(Popped::Nothing))
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
