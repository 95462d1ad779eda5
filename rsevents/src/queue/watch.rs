//! Watched objects: those that a wait for all of several objects waits for.
//!
//! Such a wait must take from all of its objects at one instant. So while it waits, the byte or the word of each
//! object is replaced by a mark (`WATCHED` of the [byte](crate::raw) or the [word](crate::gate)), and what was
//! there is in the *stand-in*, in the memory of the wait. All steps on watched objects are made on the stand-ins,
//! under one lock for all of them, the *lock of watched objects*. A step without a lock finds the mark where it
//! would take a set or change a value, and is then made again under the lock. What it has done to the mark has no
//! effect.
//!
//! Under that lock the waits for all are in queues of their own, one for each watched object. The stand-in is that
//! of the first one. Each step that makes an object available lets those waits pass that can. So whenever the lock
//! is free, no wait in these queues could pass, but for those that a thread which is serving a gate lets pass next, and
//! those for which a gate was kept by a wait that has just passed by another object (its owner serves the gate) or is
//! among those that a broadcast releases next.
//!
//! The lock of watched objects is taken before that of a queue, never after it, and no thread has the locks of two
//! queues at once. An object becomes watched, and ceases to be, under both locks.

use core::ptr;

use super::all::AllOf;
use super::table::{Queues, Shard, lock_shard, lock_watched};
use super::wake::{Wake, Wakes};
use crate::gate::AtomicWord;
use crate::raw::AtomicByte;
use crate::sync::MutexGuard;

/// Stands in for the byte of an event, or for the word of a gate, while that is watched. The other field is not
/// used. Changes only under the lock of watched objects.
pub(crate) struct StandIn {
    pub(crate) byte: AtomicByte,
    pub(crate) word: AtomicWord,
}

impl StandIn {
    pub(super) fn new() -> Self {
        Self { byte: AtomicByte::new(0), word: AtomicWord::new(0) }
    }

    pub(super) fn copy_from(&self, other: &Self) {
        self.byte.copy_from(&other.byte);
        self.word.copy_from(&other.word);
    }
}

/// The lock of watched objects, with the stand-in of one of them.
pub(super) struct Watched {
    queues: MutexGuard<'static, Queues>,
    stand_in: *const StandIn,
}

impl Watched {
    pub(super) fn stand_in(&self) -> &StandIn {
        // SAFETY: the object is watched, as it was when this was made: the lock has been held since. So the first
        // wait is in its queue, and alive.
        unsafe { &*self.stand_in }
    }
}

/// Locks the queue of an object that may be watched. `queues`: its shard, which is locked. It is unlocked before
/// the lock of watched objects is taken.
#[cold]
pub(super) fn lock(queues: MutexGuard<'static, Queues>, key: usize) -> Shard {
    drop(queues);
    lock_under(lock_watched(), key)
}

/// Locks the queue of an object. If that is not watched, gives up the lock of watched objects.
fn lock_under(mut watched: MutexGuard<'static, Queues>, key: usize) -> Shard {
    let stand_in = AllOf::stand_in_for(&mut watched, key).map(ptr::from_ref);
    // If the object is not watched, this lock keeps it so.
    let queues = lock_shard(key);
    match stand_in {
        Some(stand_in) => Shard::of_watched(queues, Watched { queues: watched, stand_in }),
        None => Shard::new(queues),
    }
}

/// An auto-reset event is being set. If a wait for all can take that set, it passes. Otherwise returns the lock,
/// and the set has to be delivered under it.
#[inline]
pub(crate) fn offer_to_all(shard: Shard, key: usize) -> Option<Shard> {
    if shard.is_watched() { offer_watched(shard, key) } else { Some(shard) }
}

#[cold]
fn offer_watched(shard: Shard, key: usize) -> Option<Shard> {
    let mut queues = shard.into_watched().queues;
    let Some(wake) = AllOf::pass_first(&mut queues, key) else {
        return Some(lock_under(queues, key));
    };
    drop(queues);
    wake.wake();
    None
}

/// An object has become available. If it is watched, all waits for all that can pass do so, at one instant. Then
/// wakes them, unlocked.
#[inline]
pub(crate) fn serve_all(shard: Shard, key: usize, wakes: &mut Wakes) -> Shard {
    if shard.is_watched() { serve_watched(shard, key, wakes) } else { shard }
}

#[cold]
fn serve_watched(shard: Shard, key: usize, wakes: &mut Wakes) -> Shard {
    let (shard, passed) = pass_all_watched(shard, key);
    let Some(batch) = passed else { return shard };
    drop(shard);
    wake_passed(batch, usize::MAX, wakes);
    super::lock(key)
}

/// A wait in the queue was released, and `wake` wakes it. If the object is watched, first lets waits for all pass
/// that it has kept from passing: what the waker does, or another thread meanwhile, must not come before that.
/// Unlocks.
#[inline]
pub(crate) fn serve_all_and_wake(shard: Shard, key: usize, wake: Wake, wakes: &mut Wakes) {
    let (shard, passed) = pass_all(shard, key);
    drop(shard);
    let Some(batch) = passed else {
        wakes.wake(wake);
        return;
    };
    // A thread first: wakers may take long.
    if let Wake::Thread(_) = wake {
        wakes.wake(wake);
        return wake_passed(batch, usize::MAX, wakes);
    }
    wake_passed(batch, usize::MAX, wakes);
    wakes.wake(wake);
}

/// Lets them pass, and leaves it to the caller to wake them. Returns the number of their batch, if there are any.
/// The queue is locked before and after, but not between.
#[inline]
pub(super) fn pass_all(shard: Shard, key: usize) -> (Shard, Option<usize>) {
    if shard.is_watched() { pass_all_watched(shard, key) } else { (shard, None) }
}

#[cold]
fn pass_all_watched(shard: Shard, key: usize) -> (Shard, Option<usize>) {
    let mut queues = shard.into_watched().queues;
    let passed = AllOf::pass_all(&mut queues, key);
    (lock_under(queues, key), passed)
}

/// Wakes waits for all that have passed together: up to `at_most`, not counting wakers that are deferred.
/// Waiters that were woken do the same. Each is taken from the list just before it is woken, so a thread that
/// is preempted withholds one wake-up.
pub(super) fn wake_passed(batch: usize, at_most: usize, wakes: &mut Wakes) {
    let mut woken = 0;
    while woken < at_most {
        let Some(wake) = AllOf::next_passed(&mut lock_watched(), batch) else { return };
        woken += usize::from(wakes.wake(wake));
    }
}
