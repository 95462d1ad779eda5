//! The manual-reset event as users see it. Its protocol is in `raw`.

use std::convert::Infallible;
use std::fmt;
use std::time::{Duration, Instant};

use crate::deadline::Limit;
use crate::sync::const_fn;
use crate::{Awaitable, EventState, RawEvent, TimeoutError};

/// An event that, once set, lets every wait through until it is reset.
///
/// [`set`](Self::set) releases all parked threads and leaves the event set for those who come
/// later. That suits what is true for everybody from some moment on: an abort flag, "configuration
/// loaded", "no more work".
///
/// It is one byte, needs no destructor, and can be a `static`.
///
/// # Guarantees
///
/// * `set` releases all threads that are parked, even if [`reset`](Self::reset) follows at once:
///   they return, and the event is unset.
/// * A wait that begins after a reset is not let through by the set before it, even while that
///   call of `set` is still running.
/// * A set is never lost to a timeout: without a reset, the event stays set.
/// * A wait that succeeds sees everything that was written before the set that let it through, and
///   before the sets that came before that one. It sees what was written before a later set if the
///   waiting thread knows of that set in an ordered way (by a join, a channel, an acquiring load).
///
/// A thread that has called a wait but is not parked yet may miss a `set` that a `reset` follows at
/// once.
///
/// # Example
///
/// ```
/// use rsevents::{Awaitable, EventState, ManualResetEvent};
///
/// static READY: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
///
/// std::thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| READY.wait());
///     }
///     READY.set(); // lets all three through
/// });
/// assert!(READY.wait0()); // and is still set
/// READY.reset();
/// assert!(!READY.wait0());
/// ```
#[repr(transparent)]
pub struct ManualResetEvent {
    pub(crate) event: RawEvent,
}

impl ManualResetEvent {
    const_fn! {
        /// Creates an event in the given state.
        #[must_use]
        pub const fn new(state: EventState) -> Self {
            Self { event: RawEvent::new(state) }
        }
    }

    /// Makes the event set and releases every parked thread.
    ///
    /// Does not wait for the released threads to run. While nobody is parked it takes one atomic
    /// operation; otherwise it briefly takes locks of the parking lot's, then wakes the threads one by
    /// one, in which those help that are awake already. If the calling thread is preempted just
    /// before it wakes the first, the released threads wake up later: no other call of `set` can do it
    /// in its stead.
    ///
    /// Memory ordering: releases to every wait that it lets through, even if the event was set
    /// already.
    #[inline]
    pub fn set(&self) {
        self.event.set_all();
    }

    /// Makes the event unset, so that the next wait blocks. On an unset event it changes nothing.
    /// Never blocks.
    ///
    /// Threads that a set has released return from their waits all the same.
    ///
    /// Memory ordering: acquires from the set that it undoes. So a thread may `reset`, look once
    /// more for work, and then wait, without missing what was there before that set.
    #[inline]
    pub fn reset(&self) {
        self.event.reset();
    }

    /// Whether the event is set at this moment. Never blocks.
    ///
    /// Memory ordering: if the answer is `true`, acquires from the set that is seen.
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.event.is_set()
    }
}

/// A successful wait leaves the event set. Every form acquires from the set that let it through.
impl Awaitable<'_> for ManualResetEvent {
    type T = ();
    type Error = TimeoutError;

    #[inline]
    fn try_wait(&self) -> Result<(), Infallible> {
        self.event.wait_all(|| Limit::Unlimited);
        Ok(())
    }

    #[inline]
    fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.wait_all(|| Limit::For(limit)))
    }

    #[inline]
    fn try_wait_until(&self, deadline: Instant) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.wait_all(|| Limit::Until(deadline)))
    }

    /// Succeeds if the event is set now. One load.
    #[inline]
    fn try_wait0(&self) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.is_set())
    }
}

impl From<EventState> for ManualResetEvent {
    fn from(state: EventState) -> Self {
        Self::new(state)
    }
}

/// `true` creates a set event.
impl From<bool> for ManualResetEvent {
    fn from(is_set: bool) -> Self {
        Self::new(is_set.into())
    }
}

/// An unset event.
impl Default for ManualResetEvent {
    fn default() -> Self {
        Self::new(EventState::Unset)
    }
}

impl fmt::Debug for ManualResetEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualResetEvent").field(&self.event.state()).finish()
    }
}
