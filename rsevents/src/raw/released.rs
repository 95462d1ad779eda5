//! Threads that a manual set has released and that have not been woken yet.
//!
//! Waking a thread is a system call. A thousand of them take milliseconds, in which the thread that
//! makes them may be preempted. So a set takes the whole queue of its event, wakes the first thread
//! and requeues the others to one of the queues of this module. From there the setter wakes as many
//! threads as it requeued, and each woken thread wakes two. From the first one on, the wake-ups do not
//! depend on the setter alone, and several cores share the work.

use core::sync::atomic::AtomicU8;

use crate::sync::{self, UnparkToken};

/// Tells a woken thread that there may be others to wake.
pub(super) const WAKE_OTHERS: UnparkToken = UnparkToken(1);

/// The addresses of these bytes are the keys of the queues. An event's own address is the key of the queue of its
/// waiters. Events that share a queue may wake each other's threads, which is harmless: a thread in
/// it has been released, and only its wake-up is missing.
///
/// Atomic, because immutable statics of equal value might be merged.
static NAMES: [AtomicU8; QUEUES] = [const { AtomicU8::new(0) }; QUEUES];

/// Enough that two events seldom share one, and its lock.
const QUEUES: usize = 64;

/// A queue of released threads.
#[derive(Clone, Copy)]
pub(super) struct Released {
    key: usize,
}

impl Released {
    /// The queue for the threads of the event whose own queue has the key `event`.
    pub(super) fn of(event: usize) -> Self {
        // Fibonacci hashing: neighbours go to different queues.
        let place = ((event as u32).wrapping_mul(0x9e37_79b9) >> 26) as usize;
        Self { key: core::ptr::from_ref(&NAMES[place]).addr() }
    }

    /// Its key in the parking lot.
    pub(super) fn key(self) -> usize {
        self.key
    }

    /// Wakes up to `threads` threads in FIFO order. A setter need not wake more than it requeued: the
    /// queue never holds more threads than the wake-ups that unfinished setters still owe.
    pub(super) fn wake(self, threads: usize) {
        for _ in 0..threads {
            if !self.wake_one() {
                break;
            }
        }
    }

    /// Wakes the thread that has been in the queue longest. Returns whether there was one.
    fn wake_one(self) -> bool {
        // SAFETY:
        // * The key is the address of our own static.
        // * The callback returns a constant.
        unsafe { sync::unpark_one(self.key, |_| WAKE_OTHERS) }.unparked_threads > 0
    }
}
