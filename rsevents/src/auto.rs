//! The auto-reset event as users see it. Its protocol is in `raw`.

use std::convert::Infallible;
use std::fmt;
use std::time::{Duration, Instant};

use crate::deadline::Limit;
use crate::sync::const_fn;
use crate::{Awaitable, EventState, RawEvent, TimeoutError};

/// An event that lets exactly one wait through for each time it is set.
///
/// [`set`](Self::set) releases the thread that has been parked longest. If no thread is parked, the
/// event stays set until the next wait takes it; more sets until then change nothing. So it works
/// like a channel of capacity one whose messages are empty, or like a semaphore with one permit
/// whose surplus releases are dropped.
///
/// It is one byte, needs no destructor, and can be a `static`.
///
/// # Guarantees
///
/// * Each call to `set` releases one thread that was parked before it, as long as there is one: two
///   sets release two parked threads, however quickly they follow each other.
/// * A set passes straight to the parked thread. No other thread can take it on the way, and a
///   [`reset`](Self::reset) does not revoke it.
/// * A set is never lost to a timeout: if the only waiting thread gives up, the event stays set.
/// * A wait that succeeds sees everything that was written before the set it took, and before the
///   sets that came while the event was set already.
///
/// Parked threads are served in the order in which they parked; that is the quality of this
/// implementation and not a promise. A thread that waits without being parked yet may come first.
///
/// # Example
///
/// ```
/// use rsevents::{AutoResetEvent, Awaitable, EventState};
///
/// static GATE: AutoResetEvent = AutoResetEvent::new(EventState::Set);
///
/// assert!(GATE.wait0()); // the one that is let through
/// assert!(!GATE.wait0());
/// GATE.set();
/// GATE.set(); // nobody is waiting: the two sets become one
/// assert!(GATE.wait0());
/// assert!(!GATE.wait0());
/// ```
#[repr(transparent)]
pub struct AutoResetEvent {
    pub(crate) event: RawEvent,
}

impl AutoResetEvent {
    const_fn! {
        /// Creates an event in the given state.
        #[must_use]
        pub const fn new(state: EventState) -> Self {
            Self { event: RawEvent::new(state) }
        }
    }

    /// Releases one parked thread, or leaves the event set for the next wait if nobody is parked.
    ///
    /// Does not wait for another thread to take the event. While nobody is parked it takes one
    /// atomic operation; otherwise it briefly takes a lock of the parking lot's, then wakes the thread
    /// that it has released. If the calling thread is preempted just then, that thread wakes up later:
    /// no other call of `set` can do it in its stead.
    ///
    /// Memory ordering: releases to the wait that takes this set, even if the event was set already.
    #[inline]
    pub fn set(&self) {
        self.event.set_one();
    }

    /// Makes the event unset, so that the next wait blocks. On an unset event it changes nothing.
    /// Never blocks.
    ///
    /// Parked threads stay parked, and a thread that a set has released returns from its wait all
    /// the same.
    ///
    /// Memory ordering: acquires from the set that it undoes. So a thread may `reset`, look once
    /// more for work, and then wait, without missing what was there before that set.
    #[inline]
    pub fn reset(&self) {
        self.event.reset();
    }

    /// Whether the event is set at this moment. Consumes nothing and never blocks.
    ///
    /// The answer may be out of date when it arrives: use it for display and statistics only, and
    /// [`wait0`](Awaitable::wait0) to take the event.
    ///
    /// Memory ordering: if the answer is `true`, acquires from the set that is seen.
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.event.is_set()
    }
}

/// A successful wait leaves the event unset. Every form acquires from the set that it took.
impl Awaitable<'_> for AutoResetEvent {
    type T = ();
    type Error = TimeoutError;

    #[inline]
    fn try_wait(&self) -> Result<(), Infallible> {
        self.event.wait_one(|| Limit::Unlimited);
        Ok(())
    }

    #[inline]
    fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.wait_one(|| Limit::For(limit)))
    }

    #[inline]
    fn try_wait_until(&self, deadline: Instant) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.wait_one(|| Limit::Until(deadline)))
    }

    /// Takes the event if it is set now. Never fails spuriously, however many threads call `set`
    /// meanwhile. On an unset event it is one load.
    #[inline]
    fn try_wait0(&self) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.try_wait_one())
    }
}

impl From<EventState> for AutoResetEvent {
    fn from(state: EventState) -> Self {
        Self::new(state)
    }
}

/// `true` creates a set event.
impl From<bool> for AutoResetEvent {
    fn from(is_set: bool) -> Self {
        Self::new(is_set.into())
    }
}

/// An unset event.
impl Default for AutoResetEvent {
    fn default() -> Self {
        Self::new(EventState::Unset)
    }
}

impl fmt::Debug for AutoResetEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AutoResetEvent").field(&self.event.state()).finish()
    }
}
