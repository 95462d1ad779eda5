//! The byte of an event as threads share it, and how it is changed.

use core::ops::Deref;

use super::byte::{self, QUEUED};
use crate::sync::{self, AtomicU8, Ordering, const_fn};

/// See [`byte`].
#[repr(transparent)]
pub(crate) struct AtomicByte(AtomicU8);

impl AtomicByte {
    const_fn! {
        pub(crate) const fn new(byte: u8) -> Self {
            Self(AtomicU8::new(byte))
        }
    }

    /// Another wait for all is the first now: its stand-in becomes that of the byte. Under the lock of watched objects.
    pub(crate) fn copy_from(&self, other: &Self) {
        // Relaxed: the lock orders it.
        self.0.store(sync::load_relaxed(other), Ordering::Relaxed);
    }

    /// Replaces the byte by what `change` makes of it, in one step, and returns what it was.
    #[inline]
    pub(super) fn update(&self, guess: u8, success: Ordering, change: impl Fn(u8) -> u8) -> u8 {
        match self.try_update(guess, success, |byte| Some(change(byte))) {
            Ok(before) | Err(before) => before,
        }
    }

    /// The same, unless `change` returns `None`: then it changes nothing, and the byte is the error, or the guess.
    ///
    /// The first attempt is on a guess, which saves a load where it is right and costs a failed
    /// exchange where it is not. (A load just before would also hide interleavings from loom, see
    /// `docs/verification.md`.)
    #[inline]
    pub(super) fn try_update(
        &self,
        guess: u8,
        success: Ordering,
        change: impl Fn(u8) -> Option<u8>,
    ) -> Result<u8, u8> {
        let mut before = guess;
        while let Some(after) = change(before) {
            // Relaxed on failure: the value is only the next input of `change`.
            match self.compare_exchange(before, after, success, Ordering::Relaxed) {
                Ok(_) => return Ok(before),
                Err(actual) => before = actual,
            }
        }
        Err(before)
    }

    /// A step that may take a set, or see one, as [`update`](Self::update).
    #[inline]
    pub(super) fn acquire(&self, guess: u8, change: impl Fn(u8) -> u8) -> u8 {
        // Acquire: pairs with the releases of the sets that are taken or seen.
        self.update(guess, Ordering::Acquire, change)
    }

    /// The same, as [`try_update`](Self::try_update).
    #[inline]
    pub(super) fn try_acquire(
        &self,
        guess: u8,
        change: impl Fn(u8) -> Option<u8>,
    ) -> Result<u8, u8> {
        // Acquire: pairs with the releases of the sets that are taken or seen.
        self.try_update(guess, Ordering::Acquire, change)
    }

    /// The last check of a wait whose deadline has passed in the queue, under its lock. `was_last`: whether it has left
    /// the queue empty. Returns whether it succeeds.
    pub(super) fn expire(&self, was_last: bool) -> bool {
        let expire = |byte| byte::expire(byte, was_last);
        // Acquire: pairs with the release of the set that is taken, if one was offered. A timeout publishes
        // nothing.
        let before = self.acquire(QUEUED, |byte| expire(byte).0);
        expire(before).1
    }
}

impl Deref for AtomicByte {
    type Target = AtomicU8;

    #[inline]
    fn deref(&self) -> &AtomicU8 {
        &self.0
    }
}
