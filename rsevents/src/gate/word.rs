//! The word of a gate: its value and four bits, and every step that changes more than the value.
//!
//! The functions of [`Word`] are pure. What is done with the queue in the same step is said at the callers.

use core::ops::Deref;

use super::Rule;
use crate::queue::{Front, Service, Waiting};
use crate::sync::{self, AtomicU64, Ordering, const_fn};

/// Bits below the value. One of them is not used.
pub(super) const SHIFT: u32 = 5;

/// At least one wait is in the queue of this gate.
pub(super) const QUEUED: u64 = 0x01;
/// The first wait in the queue was called and has not answered yet. What it may take is in the value, for any wait
/// that is faster.
pub(super) const CALLED: u64 = 0x02;
/// No wait passes before the first one in the queue. So it is not called, but let through when the value is
/// enough for it.
pub(super) const KEPT: u64 = 0x04;
/// The gate is watched: the real word is in its [stand-in](crate::queue::StandIn). The value and the other bits mean
/// nothing.
pub(super) const WATCHED: u64 = 0x08;

/// A value and the bits:
///
/// | `QUEUED` | `CALLED` | `KEPT` | the queue |
/// |---|---|---|---|
/// | 0 | 0 | 0 | empty |
/// | 1 | 0 | 0 | its first wait sleeps, and is called or handed its share when the value is enough |
/// | 1 | 1 | 0 | its first wait was called |
/// | 1 | 0 | 1 | its first wait sleeps, and nothing overtakes it |
///
/// If `WATCHED` is on, all this is true of its stand-in.
///
/// The bits change only under the queue's lock, `QUEUED` together with the queue.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(pub(super) u64);

/// The wait that a step lets through or calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// The first wait has passed.
    First,
    /// The first wait is called.
    FirstCalled,
    /// The second wait has passed. The first one was called before and comes for its own share.
    Second,
}

impl Word {
    pub(super) const fn new(value: u64) -> Self {
        Self(value << SHIFT)
    }

    pub(super) const fn value(self) -> u64 {
        self.0 >> SHIFT
    }

    pub(super) const fn has(self, bit: u64) -> bool {
        self.0 & bit != 0
    }

    pub(super) const fn with_value(self, value: u64) -> Self {
        Self(self.0 & !(u64::MAX << SHIFT) | value << SHIFT)
    }

    const fn with(self, bit: u64) -> Self {
        Self(self.0 | bit)
    }

    const fn without(self, bit: u64) -> Self {
        Self(self.0 & !bit)
    }

    /// What a wait leaves that passes before those in the queue, or `None` if it has to wait.
    #[inline]
    pub(super) fn passed<R: Rule>(self, request: u32) -> Option<Self> {
        if self.has(KEPT | WATCHED) { None } else { self.taken::<R>(request) }
    }

    /// What the first wait in the queue leaves, or `None` if it has to wait.
    #[inline]
    pub(super) fn taken<R: Rule>(self, request: u32) -> Option<Self> {
        R::take(self.value(), request).map(|left| self.with_value(left))
    }

    /// The queue of a shared gate is released, if the gate is open.
    pub(super) fn opened<R: Rule>(self) -> Option<Self> {
        R::opens(self.value()).then_some(self.without(QUEUED))
    }

    /// A wait joins the queue at its end.
    pub(super) const fn queued(self, service: Service) -> Self {
        if self.has(QUEUED) { self } else { self.first(service) }
    }

    /// The first wait has left the queue, and `next` is first now.
    #[inline]
    pub(super) fn without_first(self, next: Option<Waiting>) -> Self {
        let word = self.without(QUEUED | CALLED | KEPT);
        next.map_or(word, |next| word.first(next.service))
    }

    /// The first wait was called, has found that another one was faster, and sleeps again.
    pub(super) const fn overtaken(self, service: Service) -> Self {
        self.without(CALLED).first(service)
    }

    const fn first(self, service: Service) -> Self {
        self.with(if matches!(service, Service::Keep) { QUEUED | KEPT } else { QUEUED })
    }

    /// Serves one wait, if the value is enough for it. While the first one is called, that is the second one,
    /// and what the first one asks for counts as gone, unless `must_hand_off`.
    pub(super) fn served<R: Rule>(
        self,
        front: Front,
        must_hand_off: bool,
    ) -> Option<(Self, Served)> {
        let Front { first, second, .. } = front;
        if self.has(CALLED) {
            let second = second?;
            if !must_hand_off {
                self.taken::<R>(first.request)?.taken::<R>(second.request)?;
            }
            return Some((self.taken::<R>(second.request)?, Served::Second));
        }
        let left = self.taken::<R>(first.request)?;
        Some(if matches!(first.service, Service::Call) {
            (self.with(CALLED), Served::FirstCalled)
        } else {
            (left.without_first(second), Served::First)
        })
    }

    /// Whether further waits might pass, if this is what serving one has left. What a called wait asks for, which is
    /// the first one then, counts as gone. If not, a later change serves the queue.
    pub(super) fn may_serve<R: Rule>(self, first: Waiting) -> bool {
        let rest = if self.has(CALLED) { self.taken::<R>(first.request) } else { Some(self) };
        self.has(QUEUED) && rest.is_some_and(|rest| R::opens(rest.value()))
    }
}

/// A [`Word`] as threads share it.
#[repr(transparent)]
pub(crate) struct AtomicWord(AtomicU64);

impl AtomicWord {
    const_fn! {
        pub(crate) const fn new(value: u64) -> Self {
            Self(AtomicU64::new(Word::new(value).0))
        }
    }

    /// Another wait for all is the first now: its stand-in becomes that of the word. Under the lock of watched objects.
    pub(crate) fn copy_from(&self, other: &Self) {
        // Relaxed: the lock orders it.
        self.0.store(other.load().0, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn load(&self) -> Word {
        // Acquire: pairs with the release of each change that led to this value.
        Word(self.0.load(Ordering::Acquire))
    }

    /// Adds to the word, and returns what it was.
    #[inline]
    pub(super) fn add(&self, n: u64) -> Word {
        // Release: pairs with the acquire of the waits that pass. Acquire: the caller learns the value before.
        Word(self.0.fetch_add(n, Ordering::AcqRel))
    }

    /// A word to begin an exchange with.
    #[inline]
    pub(super) fn guess(&self) -> Word {
        Word(sync::guess(&self.0))
    }

    /// Replaces the word if it is `before`. If not, the error is what it is. May fail without a reason, too: then
    /// that is `before`.
    #[inline]
    pub(super) fn exchange(&self, before: Word, after: Word) -> Result<(), Word> {
        // Acquire: pairs with the releases of the changes that led to this value, for the wait that passes here, or
        // that is told so under the lock. Release: pairs with the acquire of waits that pass after this change.
        // Relaxed on failure: the word is only the next guess.
        let (success, failure) = (Ordering::AcqRel, Ordering::Relaxed);
        match self.0.compare_exchange_weak(before.0, after.0, success, failure) {
            Ok(_) => Ok(()),
            Err(actual) => Err(Word(actual)),
        }
    }

    /// Replaces the word by what `change` makes of it, in one step. If that is `None`, changes nothing, and
    /// the word is the error.
    #[inline]
    pub(super) fn change(&self, mut change: impl FnMut(Word) -> Option<Word>) -> Result<(), Word> {
        let mut before = self.guess();
        while let Some(after) = change(before) {
            match self.exchange(before, after) {
                Ok(()) => return Ok(()),
                Err(actual) => before = actual,
            }
        }
        Err(before)
    }

    /// Passes if `pass` allows it, and changes the word by `otherwise` if not, in one step. If it has not
    /// passed, the word before it is the error.
    #[inline]
    pub(super) fn pass_or(
        &self,
        pass: impl Fn(Word) -> Option<Word>,
        otherwise: impl Fn(Word) -> Word,
    ) -> Result<(), Word> {
        let mut before = self.guess();
        loop {
            let passed = pass(before);
            let after = passed.unwrap_or_else(|| otherwise(before));
            match self.exchange(before, after) {
                Ok(()) => return passed.map(drop).ok_or(before),
                Err(actual) => before = actual,
            }
        }
    }
}

impl Deref for AtomicWord {
    type Target = AtomicU64;

    #[inline]
    fn deref(&self) -> &AtomicU64 {
        &self.0
    }
}

#[cfg(test)]
mod tests;
