//! Threads that a manual set has released, but that nobody has woken yet.
//!
//! Waking a thread is a system call, and a thousand of them take milliseconds, in which the thread
//! that makes them may be preempted. So a set takes its event's queue away as a whole, wakes the
//! first thread and puts the others into a queue of their own. From there the setter wakes as many
//! as it has put there, and each thread that was woken wakes two: from the first one on they do not
//! depend on the setter alone, and several cores share the work.

use core::sync::atomic::AtomicU8;

use crate::sync::{self, UnparkToken};

/// Tells a thread that is woken that there may be others to wake.
pub(super) const WAKE_OTHERS: UnparkToken = UnparkToken(1);

/// Gives the queues their names by its address. An event's own address cannot, it is the name of the
/// queue of those who are not released. Two events that share a queue wake each other's threads:
/// whoever is in there is owed a wake-up and nothing else.
///
/// Atomic only to be no constant, which a linker might merge with others of its value.
static NAMES: [AtomicU8; QUEUES] = [const { AtomicU8::new(0) }; QUEUES];

/// So many that two events seldom share one, and so wait for one lock.
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

    /// The parking lot's name for it.
    pub(super) fn key(self) -> usize {
        self.key
    }

    /// Wakes those who have been in the queue longest, `threads` at most. A setter need not wake more
    /// than it has put there: each thread in there has a setter that still wakes.
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
