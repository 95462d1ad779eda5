//! The event under both public types: one byte, and a queue of waits under the byte's address.
//!
//! A set releases either one waiter ([`auto`]) or all of them ([`manual`]). [`byte`] has the transitions,
//! [`wait`] how a wait blocks. `docs/protocol.md` defines the terms, names the races and says what
//! prevents each.

mod atomic;
mod auto;
mod byte;
mod manual;
mod wait;

#[cfg(test)]
pub(crate) mod scenarios;

use core::fmt;

pub(crate) use self::atomic::AtomicByte;
use self::byte::UNSET;
use crate::queue::{self, Shard};
use crate::state::EventState;
use crate::sync::{Ordering, const_fn};

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
    /// Or it is `WATCHED`, and all this is true of its stand-in.
    ///
    /// Three rules keep it so, R1 to R3 of `docs/protocol.md`:
    /// * `QUEUED` changes only under the queue's lock, together with the queue: whenever the lock
    ///   is free, the bit is on exactly if the queue is not empty. The slot leaves "none" only there, too.
    /// * The first step of a set turns `UNSET` off. If another bit is on, that has no effect, and the set is
    ///   delivered by one later step: to a waiter, to the slot, or to the byte.
    /// * The step that turns the last of the other bits off decides what `UNSET` is.
    ///
    /// Every change is a read-modify-write, so it continues the release sequence of each set before
    /// it: a thread that acquires the byte after later changes still synchronizes with that set. (Stand-ins are also
    /// stored to: the lock orders all that is done with them.)
    state: AtomicByte,
}

impl RawEvent {
    const_fn! {
        pub(crate) const fn new(state: EventState) -> Self {
            Self { state: AtomicByte::new(match state {
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

    /// A step that may take or see a set, by a thread that does not hold the lock. If the event is watched, takes the
    /// lock. `guess` as for [`AtomicByte::update`].
    fn acquire(&self, guess: u8, change: impl Fn(u8) -> u8) -> u8 {
        let acquire = |byte| (!byte::is_watched(byte)).then(|| change(byte));
        match self.state.try_acquire(guess, acquire) {
            Ok(before) => before,
            Err(_) => self.state_in(&queue::lock(self.key())).acquire(UNSET, change),
        }
    }

    /// The byte, or its stand-in while the event is watched. `shard` is the locked queue of the event.
    #[inline]
    fn state_in<'a>(&'a self, shard: &'a Shard) -> &'a AtomicByte {
        shard.stand_in().map_or(&self.state, |stand_in| &stand_in.byte)
    }

    /// The name of our queue.
    fn key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }
}

impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawEvent").field(&EventState::from(self.is_set_auto())).finish()
    }
}

#[cfg(test)]
mod tests;
