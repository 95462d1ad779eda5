//! A setter that is preempted in the middle of a broadcast.

use super::*;

/// Takes the queue of `key` and wakes the threads of the first `woken` waits: the setter is preempted then. Calls
/// `meanwhile` with the number of waits. When that returns, none may be left.
pub(crate) fn stuck_broadcast(key: usize, woken: usize, meanwhile: impl FnOnce(usize)) {
    let mut shard = lock(key);
    let waits = shard.len(key);
    let batch = Batch { entries: Cell::new(shard.splice(key)), next: Cell::new(ptr::null()) };
    if waits > 0 {
        // SAFETY: the batch stays here until `pop` has returned `None`, or the test has failed.
        unsafe { shard.batches.push(&batch) };
    }
    drop(shard);
    for _ in 0..woken {
        let wake = lock(key).batches.pop(BatchId(&batch));
        wake.into_iter().for_each(Wake::wake);
    }
    meanwhile(waits);
    assert!(lock(key).batches.pop(BatchId(&batch)).is_none(), "waits were left to the setter");
}
