//! The manual-reset event as users see it. Its protocol is in `raw`.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::deadline::Limit;
use crate::sync::const_fn;
use crate::{Awaitable, EventState, OwnedWait, RawEvent, TimeoutError, Wait};

/// An event that, once set, releases every wait until it is reset.
///
/// [`set`](Self::set) releases all waiters, threads and tasks, and leaves the event set, so that later waits succeed
/// at once. It suits a condition that becomes true for all at some moment: an abort flag,
/// "configuration loaded", "no more work".
///
/// It is one byte, needs no destructor, and can be a `static`.
///
/// # Guarantees
///
/// * `set` releases all waiters that are in the queue, even if [`reset`](Self::reset) follows at once:
///   their waits succeed, and the event is unset afterwards.
/// * A wait that begins after a reset is not released by the set before it, even while that call of
///   `set` is still running.
/// * A set is never lost to a timeout: without a reset, the event stays set.
/// * A successful wait sees everything that was written before the set that released it, and before
///   earlier sets. It sees what was written before a later set if that set happens before the wait by
///   other means (a join, a channel, an acquiring load).
/// * The waiter may free the event as soon as its wait has succeeded, see
///   [Freeing an event](crate#freeing-an-event).
///
/// A thread that has called a wait but is not parked yet may miss a `set` that a `reset` follows at
/// once. So may a task whose future has not been polled yet.
///
/// # A stop flag that a thread can sleep on
///
/// A thread that has to pause between two steps pauses on the event. It stops as soon as the event is
/// set, not at the end of its pause.
///
/// ```
/// use rsevents::{Awaitable, EventState, ManualResetEvent};
/// use std::time::Duration;
///
/// static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
///
/// std::thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| {
///             while !STOP.wait_for(Duration::from_millis(1)) {
///                 // one step of the work
///             }
///         });
///     }
///     STOP.set(); // all three return
/// });
/// ```
///
/// # A start gate
///
/// ```
/// use rsevents::{Awaitable, EventState, ManualResetEvent};
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// static START: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
/// static STARTED: AtomicU32 = AtomicU32::new(0);
///
/// std::thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| {
///             START.wait();
///             STARTED.fetch_add(1, Ordering::Relaxed);
///         });
///     }
///     assert_eq!(STARTED.load(Ordering::Relaxed), 0);
///     START.set();
/// });
/// assert_eq!(STARTED.load(Ordering::Relaxed), 3);
/// ```
///
/// # A one-shot signal on the waiter's stack
///
/// "It has happened": the wait returns before the other thread ends. (The scope joins it later.)
///
/// ```
/// use rsevents::{Awaitable, ManualResetEvent};
///
/// let is_ready = ManualResetEvent::default();
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         // ... prepare
///         is_ready.set();
///         // ... go on with other work
///     });
///     is_ready.wait();
///     // ... use what was prepared, while the other thread goes on
/// });
/// ```
#[doc(alias("CreateEvent", "EventWaitHandle", "WaitHandle", "ManualResetEventSlim", "Condvar"))]
#[doc(alias("CancellationToken", "Latch"))]
#[repr(transparent)]
pub struct ManualResetEvent {
    pub(crate) event: RawEvent,
}

impl ManualResetEvent {
    const_fn! {
        /// Creates an event in the given state.
        ///
        /// ```
        /// use rsevents::{Awaitable, EventState, ManualResetEvent};
        ///
        /// static EVENT: ManualResetEvent = ManualResetEvent::new(EventState::Set);
        ///
        /// assert!(EVENT.wait0());
        /// assert!(EVENT.wait0()); // it stays set
        /// ```
        #[doc(alias = "CreateEvent")]
        #[must_use]
        pub const fn new(state: EventState) -> Self {
            Self { event: RawEvent::new(state) }
        }
    }

    /// Makes the event set and releases every waiter.
    ///
    /// Does not wait for the released threads. Tasks' wakers are called by this, or by released threads and tasks. If
    /// there is no waiter, this is one atomic operation. Otherwise it briefly takes a lock, shared with other events,
    /// then wakes the waiters one by one; threads that are awake help to wake the others. If the calling thread is
    /// preempted just before it wakes the first, the released threads wake up late.
    ///
    /// To release those that wait now and leave the event unset, call `set`, then
    /// [`reset`](Self::reset).
    ///
    /// Memory ordering: release. A wait synchronizes with the set that made the event set, and with the
    /// sets before that one. If the event was set already, a wait synchronizes with this set only if this
    /// set happens before it by other means, see the guarantees.
    ///
    /// ```
    /// use rsevents::{Awaitable, ManualResetEvent};
    ///
    /// let event = ManualResetEvent::default();
    /// std::thread::scope(|scope| {
    ///     for _ in 0..3 {
    ///         scope.spawn(|| event.wait());
    ///     }
    ///     event.set(); // releases all three
    /// });
    /// assert!(event.is_set());
    /// ```
    #[doc(alias("SetEvent", "PulseEvent", "signal", "notify_all", "cancel"))]
    #[inline]
    pub fn set(&self) {
        self.event.set_manual();
    }

    /// Makes the event unset. Has no effect on an unset event. Does not wait for other threads, but may briefly take a
    /// lock.
    ///
    /// Threads that were already released still return from their waits.
    ///
    /// Memory ordering: acquire. Synchronizes with the set that it undoes, so a thread that calls
    /// `reset`, checks for work and then waits does not miss what was written before that set.
    ///
    /// ```
    /// use rsevents::{Awaitable, EventState, ManualResetEvent};
    ///
    /// let event = ManualResetEvent::new(EventState::Set);
    /// event.reset();
    /// assert!(!event.wait0());
    /// ```
    #[doc(alias("ResetEvent", "PulseEvent", "clear"))]
    #[inline]
    pub fn reset(&self) {
        self.event.reset_manual();
    }

    /// A future that waits until the event is set, for any executor. `(&event).await` is short for it. It joins the
    /// queue when it is first polled: a `set` that a [`reset`](Self::reset) follows before that does not release it. A
    /// thread can use it as well, see [`Wait::enqueue`].
    ///
    /// Memory ordering: acquire, as all forms of waiting that succeed.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped leaves the queue, and changes nothing for others.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents::{ManualResetEvent, EventState};
    ///
    /// static EVENT: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
    ///
    /// async fn work() {
    ///     EVENT.wait_async().await;
    ///     // ...
    /// }
    /// # drop(work());
    /// ```
    #[doc(alias("notified", "listen"))]
    pub fn wait_async(&self) -> Wait<'_> {
        self.event.wait_async_manual()
    }

    /// A future as [`wait_async`](Self::wait_async), which shares the ownership of the event, so that it can be moved
    /// into a spawned task. It gives that up when it is ready.
    ///
    /// # Cancel safety
    ///
    /// As [`wait_async`](Self::wait_async).
    ///
    /// ```
    /// use rsevents::ManualResetEvent;
    /// use std::sync::Arc;
    ///
    /// fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    ///     // as that of any executor
    /// #   drop(task);
    /// }
    ///
    /// let event = Arc::new(ManualResetEvent::default());
    /// spawn(event.wait_owned_async());
    /// ```
    #[doc(alias("notified_owned"))]
    pub fn wait_owned_async(self: &Arc<Self>) -> OwnedWait<Self> {
        OwnedWait::new(Arc::clone(self), Self::wait_async)
    }

    /// Whether the event is set at this moment. One load, so that it can stand in an inner loop.
    ///
    /// Memory ordering: if the answer is `true`, acquire. Synchronizes with the set that it sees.
    ///
    /// ```
    /// use rsevents::{EventState, ManualResetEvent};
    ///
    /// static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
    ///
    /// let mut steps = 0;
    /// while !STOP.is_set() {
    ///     steps += 1;
    ///     if steps == 10 {
    ///         STOP.set(); // in a program, another thread does this
    ///     }
    /// }
    /// assert_eq!(steps, 10);
    /// ```
    #[doc(alias = "is_signaled")]
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.event.is_set_manual()
    }
}

/// A successful wait leaves the event set. Every form of wait synchronizes with the set that releases
/// it.
impl Awaitable<'_> for ManualResetEvent {
    type T = ();
    type Error = TimeoutError;

    #[inline]
    fn try_wait(&self) -> Result<(), Infallible> {
        self.event.wait_manual(|| Limit::Unlimited);
        Ok(())
    }

    #[inline]
    fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.wait_manual(|| Limit::For(limit)))
    }

    #[inline]
    fn try_wait_until(&self, deadline: Instant) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.wait_manual(|| Limit::Until(deadline)))
    }

    /// Succeeds if the event is set now. One load.
    #[inline]
    fn try_wait0(&self) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.is_set_manual())
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
        f.debug_tuple("ManualResetEvent").field(&EventState::from(self.is_set())).finish()
    }
}
