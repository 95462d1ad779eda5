//! The word of a gate: its value and three bits, and every step that changes more than the value.
//!
//! The functions are pure. What is done with the queue in the same step is said at the callers.

use super::Rule;
use crate::queue::{Front, Service, Waiting};

/// Bits below the value. Two more are for waits for several objects.
pub(super) const SHIFT: u32 = 5;

/// At least one wait is in the queue of this gate.
pub(super) const QUEUED: u64 = 0x01;
/// The first wait in the queue was called and has not answered yet. What it may take is in the value, for any wait
/// that is faster.
pub(super) const CALLED: u64 = 0x02;
/// No wait passes before the first one in the queue. So it is not called, but let through when the value is
/// enough for it.
pub(super) const KEPT: u64 = 0x04;

/// A value and the bits:
///
/// | `QUEUED` | `CALLED` | `KEPT` | the queue |
/// |---|---|---|---|
/// | 0 | 0 | 0 | empty |
/// | 1 | 0 | 0 | its first wait sleeps, and is called or handed its share when the value is enough |
/// | 1 | 1 | 0 | its first wait was called |
/// | 1 | 0 | 1 | its first wait sleeps, and nothing overtakes it |
///
/// The bits change only under the queue's lock, together with the queue.
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
        if self.has(KEPT) { None } else { self.taken::<R>(request) }
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
    pub(super) fn led_by(self, next: Option<Waiting>) -> Self {
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
            (left.led_by(second), Served::First)
        })
    }
}

#[cfg(test)]
mod tests;
