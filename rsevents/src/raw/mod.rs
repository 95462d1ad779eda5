//! The event under both public types: one byte, and a queue of parked threads that
//! `parking_lot_core` keeps under the byte's address.
//!
//! A set releases either *one* waiter ([`one`]) or *all* of them ([`all`]). This module has what the
//! two protocols share. `docs/protocol.md` defines the terms, names the races and says what
//! prevents each.

mod all;
mod one;
mod released;

#[cfg(test)]
mod scenarios;

use core::fmt;
use core::ops::ControlFlow;
use std::time::Instant;

use self::released::{Released, WAKE_OTHERS};
use crate::deadline::Limit;
use crate::spin::{self, Spun};
use crate::state::{self, EventState, PARKED, UNSET};
use crate::sync::{self, AtomicU8, DEFAULT_PARK_TOKEN, Ordering, ParkResult, const_fn};

/// The shared core of the two events. It has no public methods: the name is here because earlier
/// versions exported it.
#[repr(transparent)]
pub struct RawEvent {
    /// | `PARKED` | `UNSET` | the event | its queue | changed by |
    /// |---|---|---|---|---|
    /// | 0 | 0 | set | empty | a reset; a wait that consumes |
    /// | 0 | 1 | unset | empty | a set; a wait that parks |
    /// | 1 | 1 | unset | not empty | a set, which continues under the queue's lock; a timeout there |
    /// | 1 | 0 | unset | not empty | the same; a reset |
    ///
    /// Two rules keep it so:
    /// * `PARKED` changes only under the queue's lock, together with the queue: whenever the lock
    ///   is free, the bit is on exactly if the queue is not empty.
    /// * A set that finds `PARKED` on is not in the byte. It is delivered under the queue's lock: to
    ///   the queue, and to the byte if it releases all or the queue has become empty.
    ///
    /// Every change is a read-modify-write, so it continues the release sequence of each set before
    /// it: a thread that acquires the byte after later changes still synchronizes with that set.
    state: AtomicU8,
}

impl RawEvent {
    const_fn! {
        pub(crate) const fn new(state: EventState) -> Self {
            Self { state: AtomicU8::new(state.bits()) }
        }
    }

    /// Whether the event is set. Consumes nothing.
    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // Acquire: pairs with the release of the set that is seen.
        state::is_set(self.state.load(Ordering::Acquire))
    }

    /// The state as an [`EventState`].
    pub(crate) fn state(&self) -> EventState {
        self.is_set().into()
    }

    /// Makes the event unset. Parked threads stay parked.
    #[inline]
    pub(crate) fn reset(&self) {
        // Acquire: pairs with the release of the set that is undone, or its writes could be missed.
        self.state.fetch_or(UNSET, Ordering::Acquire);
    }

    /// Sets the event if no thread is parked. Otherwise returns `false`: the set must still be
    /// delivered under the queue's lock.
    #[inline]
    fn set_if_none_parked(&self) -> bool {
        // Release, also where the event is set already: pairs with the acquire of the wait that
        // takes it or the reset that undoes it, which then sees what *both* setters wrote.
        // Tests the new byte and not the old one: see `state` for why.
        state::is_set(self.state.fetch_and(!UNSET, Ordering::Release) & !UNSET)
    }

    /// Waits for an event that the first check has found unset: spins if that is likely to pay, then
    /// parks. `look` is another check of the byte, which succeeds as a wait does; `consumes` are the
    /// bits that a wait turns on when it takes a set event. Returns whether it succeeded.
    #[cold]
    fn wait_for_set(&self, limit: Limit, consumes: u8, look: impl Fn(&Self) -> bool) -> bool {
        if limit.has_passed() {
            // Check again: a set may have come between the first check and the deadline.
            return look(self);
        }
        let deadline = limit.deadline();
        let spun = spin::spin(deadline, || {
            if look(self) {
                ControlFlow::Break(true)
            } else if self.has_parked() {
                ControlFlow::Break(false) // others came first
            } else {
                ControlFlow::Continue(())
            }
        });
        match spun {
            Spun::Succeeded => true,
            Spun::Park => self.park(deadline, consumes),
            Spun::Unrewarded(spin) => {
                let succeeded = self.park(deadline, consumes);
                spin.slept(succeeded);
                succeeded
            }
        }
    }

    /// Whether a thread is parked. A hint for a thread that decides whether to spin on.
    fn has_parked(&self) -> bool {
        // Relaxed: publishes nothing, and only ends a spin.
        self.state.load(Ordering::Relaxed) & PARKED != 0
    }

    /// Parks until a set releases this thread or the deadline passes, unless a last check under the
    /// queue's lock finds the event set. Returns whether the wait succeeded.
    fn park(&self, deadline: Option<Instant>, consumes: u8) -> bool {
        let last_look_finds_unset = || {
            // Acquire: pairs with the release of the set that is found. One step takes the set or
            // turns `PARKED` on, so no set comes between the check and the enqueue.
            let pass_or_park = |state| state::pass_or_park(state, consumes);
            !state::is_set(self.update(UNSET, Ordering::Acquire, pass_or_park))
        };
        let mut was_released = false;
        let timed_out = |key, was_last: bool| {
            if key != self.key() {
                was_released = true; // a broadcast requeued us, and no thread has woken us yet
            } else if was_last {
                self.note_that_none_is_parked();
            }
        };
        // SAFETY:
        // * The key is the address of our own byte, which is borrowed for the whole call.
        // * Neither callback under the queue's lock unwinds or calls into the parking lot: each
        //   makes one atomic update.
        // * `before_sleep` does nothing.
        let result = unsafe {
            sync::park(
                self.key(),
                last_look_finds_unset,
                || {},
                timed_out,
                DEFAULT_PARK_TOKEN,
                deadline,
            )
        };
        match result {
            ParkResult::Invalid => true, // the last check found it set
            // Released. The setter's writes are visible: in the parking lot, the unpark
            // synchronizes with the return of `park`.
            ParkResult::Unparked(token) => {
                if token == WAKE_OTHERS {
                    // Two, so that the number of threads that wake others grows.
                    Released::of(self.key()).wake(2);
                }
                true
            }
            ParkResult::TimedOut => was_released,
        }
    }

    /// The queue has become empty, under its lock.
    fn note_that_none_is_parked(&self) {
        // Relaxed: tells setters that they need not lock the queue, and publishes nothing. A thread
        // released by the same step synchronizes with its setter through the parking lot.
        self.update(PARKED | UNSET, Ordering::Relaxed, state::left_by_last);
    }

    /// Replaces the byte by what `change` makes of it, in one step, and returns what it was.
    ///
    /// The first attempt is on a guess, which saves a load where it is right and costs a failed
    /// exchange where it is not. (A load just before would also hide interleavings from loom, see
    /// `docs/verification.md`.)
    fn update(&self, guess: u8, success: Ordering, change: impl Fn(u8) -> u8) -> u8 {
        let mut before = guess;
        loop {
            // Relaxed on failure: the value is only the next input of `change`.
            let exchange =
                self.state.compare_exchange(before, change(before), success, Ordering::Relaxed);
            match exchange {
                Ok(_) => return before,
                Err(actual) => before = actual,
            }
        }
    }

    /// The key of our queue in the parking lot.
    fn key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }
}

impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawEvent").field(&self.state()).finish()
    }
}

#[cfg(test)]
mod tests;
