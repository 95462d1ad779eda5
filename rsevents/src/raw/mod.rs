//! The event under both public types: one byte, and a queue of waits under the byte's address.
//!
//! A set releases either *one* waiter ([`one`]) or *all* of them ([`all`]). [`byte`] has the transitions,
//! [`wait`] how a wait blocks. `docs/protocol.md` defines the terms, names the races and says what
//! prevents each.

mod all;
mod byte;
mod one;
mod wait;

#[cfg(test)]
pub(crate) mod scenarios;

use core::fmt;

use self::byte::UNSET;
use crate::state::EventState;
use crate::sync::{AtomicU8, Ordering, const_fn};

/// The shared core of the two events. It has no public methods: the name is here because earlier
/// versions exported it.
#[repr(transparent)]
pub struct RawEvent {
    /// | `QUEUED` | slot | `UNSET` | the event | its queue |
    /// |---|---|---|---|---|
    /// | 0 | none | 0 | set | empty |
    /// | 0 | none | 1 | unset | empty |
    /// | 0 | any other | - | as the slot says | empty |
    /// | 1 | none | - | unset | not empty |
    /// | 1 | any other but `RESERVED_AND_SET` | - | as the slot says | not empty |
    ///
    /// Three rules keep it so:
    /// * `QUEUED` changes only under the queue's lock, together with the queue: whenever the lock
    ///   is free, the bit is on exactly if the queue is not empty. The slot leaves "none" only there, too.
    /// * The first step of a set turns `UNSET` off. If another bit is on, that has no effect, and the set is
    ///   delivered by one later step: to a waiter, to the slot, or to the byte.
    /// * The step that turns the last of the other bits off decides what `UNSET` is.
    ///
    /// Every change is a read-modify-write, so it continues the release sequence of each set before
    /// it: a thread that acquires the byte after later changes still synchronizes with that set.
    state: AtomicU8,
}

impl RawEvent {
    const_fn! {
        pub(crate) const fn new(state: EventState) -> Self {
            Self { state: AtomicU8::new(match state {
                EventState::Set => 0,
                EventState::Unset => UNSET,
            }) }
        }
    }

    /// Sets the event if neither a wait is queued nor a waiter called. Otherwise returns `false`: the set
    /// must still be delivered.
    #[inline]
    fn set_if_free(&self) -> bool {
        // Release, also where the event is set already: pairs with the acquire of the wait that
        // takes it or the reset that undoes it, which then sees what *both* setters wrote.
        // Tests the new byte and not the old one: see `byte` for why.
        byte::is_zero(self.state.fetch_and(!UNSET, Ordering::Release) & !UNSET)
    }

    /// Replaces the byte by what `change` makes of it, in one step, and returns what it was.
    fn update(&self, guess: u8, success: Ordering, change: impl Fn(u8) -> u8) -> u8 {
        match self.try_update(guess, success, |byte| Some(change(byte))) {
            Ok(before) | Err(before) => before,
        }
    }

    /// The same, unless `change` returns `None`: then it changes nothing, and the byte is the error, or the guess.
    ///
    /// The first attempt is on a guess, which saves a load where it is right and costs a failed
    /// exchange where it is not. (A load just before would also hide interleavings from loom, see
    /// `docs/verification.md`.)
    fn try_update(
        &self,
        guess: u8,
        success: Ordering,
        change: impl Fn(u8) -> Option<u8>,
    ) -> Result<u8, u8> {
        let mut before = guess;
        while let Some(after) = change(before) {
            // Relaxed on failure: the value is only the next input of `change`.
            match self.state.compare_exchange(before, after, success, Ordering::Relaxed) {
                Ok(_) => return Ok(before),
                Err(actual) => before = actual,
            }
        }
        Err(before)
    }

    /// A step that may take a set, or see one, as [`update`](Self::update).
    fn acquire(&self, guess: u8, change: impl Fn(u8) -> u8) -> u8 {
        match self.try_acquire(guess, |byte| Some(change(byte))) {
            Ok(before) | Err(before) => before,
        }
    }

    /// The same, as [`try_update`](Self::try_update).
    fn try_acquire(&self, guess: u8, change: impl Fn(u8) -> Option<u8>) -> Result<u8, u8> {
        // Acquire: pairs with the releases of the sets that are taken or seen.
        self.try_update(guess, Ordering::Acquire, change)
    }

    /// The name of our queue.
    fn key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }
}

impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawEvent").field(&EventState::from(self.is_set_one())).finish()
    }
}

#[cfg(test)]
mod tests;
