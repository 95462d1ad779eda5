//! The auto-reset event as users see it. Its protocol is in `raw`.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::deadline::Limit;
use crate::sync::const_fn;
use crate::{Awaitable, EventState, OwnedWait, RawEvent, TimeoutError, Wait};

/// An event that releases one wait each time it becomes set.
///
/// [`set`](Self::set) releases one waiter, a thread or a task. If there is none, the
/// event stays set until a wait takes the set, and further sets coalesce with it. So the event works
/// like a channel of capacity one without messages, or like a semaphore with one permit that drops
/// surplus releases.
///
/// It is one byte, needs no destructor, and can be a `static`.
///
/// # Guarantees
///
/// * Each set of an unset event releases one wait, unless a reset undoes it before. An event on which a
///   thread is parked is unset, so two sets release two parked threads, however quickly they follow each
///   other, if no other thread waits meanwhile.
/// * While a thread is parked, or is waking up after a set, a [`reset`](Self::reset) does not undo a set, and
///   [`wait0`](Awaitable::wait0) and [`is_set`](Self::is_set) find the event unset. Only a further set, which comes
///   when no parked thread is left to take it, can be undone or seen.
/// * A set is never lost to a timeout: if the only waiter gives up, the event stays set.
/// * A successful wait sees everything that was written before the set that it took, and before the
///   sets that coalesced with that one.
/// * The waiter may free the event as soon as its wait has succeeded, see
///   [Freeing an event](crate#freeing-an-event).
///
/// # Which waiter
///
/// Waking a thread takes microseconds. A thread that comes to a blocking wait meanwhile may take the set, and the
/// woken thread waits on, before all others and with its one deadline. This *barging* makes dispatch to several
/// workers and use as a mutex many times faster. It ends with a further set, and as soon as the event was seen unset:
/// by `wait0`, `is_set`, `Debug`, `reset`, a wait whose limit had passed when it began, a task that is polled or
/// dropped, or a wait for one of several that times out. And a thread that finds itself overtaken a millisecond or
/// more after the first time gets the next set. Apart from that, parked threads are released in the order in which
/// they parked, but no order is promised. A wait [for all](crate::wait_all) of several events comes before them,
/// whenever its other events are set.
///
/// Tasks are in the same queue. A task that is released has its set at once, and is not overtaken.
///
/// # Sets coalesce: drain, then wait
///
/// Several sets may end in one successful wait, so a wait does not stand for one item of work. A
/// consumer takes everything that is there before it waits again:
///
/// ```
/// use rsevents::{AutoResetEvent, Awaitable, EventState};
/// use std::sync::Mutex;
///
/// static QUEUE: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// static NOT_EMPTY: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
///
/// std::thread::scope(|scope| {
///     let consumer = scope.spawn(|| {
///         let mut sum = 0;
///         while sum < 6 {
///             NOT_EMPTY.wait();
///             // All items, not just one: their sets may have coalesced.
///             sum += QUEUE.lock().unwrap().drain(..).sum::<u32>();
///         }
///         sum
///     });
///     for item in [1, 2, 3] {
///         QUEUE.lock().unwrap().push(item);
///         NOT_EMPTY.set(); // after the push
///     }
///     assert_eq!(consumer.join().unwrap(), 6);
/// });
/// ```
///
/// With several consumers, one that leaves items behind sets the event again. Where each signal has to
/// count, use the semaphore of `rsevents-extra`.
///
/// # A timer that can be woken early
///
/// [`wait_for`](Awaitable::wait_for) is a sleep that a set ends:
///
/// ```
/// use rsevents::{AutoResetEvent, Awaitable, EventState};
/// use std::time::Duration;
///
/// static FLUSH_NOW: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         let was_early = FLUSH_NOW.wait_for(Duration::from_secs(3600));
///         assert!(was_early); // `false` after an hour without a set
///     });
///     FLUSH_NOW.set();
/// });
/// ```
#[doc(alias("CreateEvent", "EventWaitHandle", "WaitHandle", "Condvar", "Parker"))]
#[repr(transparent)]
pub struct AutoResetEvent {
    pub(crate) event: RawEvent,
}

impl AutoResetEvent {
    const_fn! {
        /// Creates an event in the given state.
        ///
        /// ```
        /// use rsevents::{AutoResetEvent, Awaitable, EventState};
        ///
        /// static EVENT: AutoResetEvent = AutoResetEvent::new(EventState::Set);
        ///
        /// assert!(EVENT.wait0()); // takes the set
        /// assert!(!EVENT.wait0());
        /// ```
        #[doc(alias = "CreateEvent")]
        #[must_use]
        pub const fn new(state: EventState) -> Self {
            Self { event: RawEvent::new(state) }
        }
    }

    /// Releases one waiter or, if there is none, leaves the event set for a later wait.
    ///
    /// Does not wait for the released thread. A task's waker is called before this returns. If no thread is parked or
    /// waking up, this is one atomic operation. Otherwise it may briefly take a lock, shared with other events, and
    /// then make the system call that wakes a thread, or call a task's waker. If the calling thread is preempted
    /// between the two, that thread wakes up late, and so do those parked behind it, unless other threads set the event
    /// meanwhile.
    ///
    /// Memory ordering: release. Synchronizes with the wait that takes this set, also if the event was
    /// set already.
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Awaitable};
    ///
    /// let event = AutoResetEvent::default();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| event.wait());
    ///     event.set(); // before or after the wait has begun
    /// });
    /// assert!(!event.is_set()); // the wait has taken the set
    /// ```
    #[doc(alias("SetEvent", "signal", "notify_one", "unpark"))]
    #[inline]
    pub fn set(&self) {
        self.event.set_auto();
    }

    /// Makes the event unset. Has no effect on an unset event. Does not wait for other threads, but may briefly take a
    /// lock.
    ///
    /// Parked threads stay parked. A set that a parked thread was woken for is not undone.
    ///
    /// Memory ordering: acquire. Synchronizes with the set that it undoes, so a thread that calls
    /// `reset`, checks for work and then waits does not miss what was written before that set.
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Awaitable, EventState};
    ///
    /// let event = AutoResetEvent::new(EventState::Set);
    /// event.reset();
    /// assert!(!event.wait0());
    /// ```
    #[doc(alias("ResetEvent", "clear"))]
    #[inline]
    pub fn reset(&self) {
        self.event.reset_auto();
    }

    /// A future that waits for a set, for any executor. `(&event).await` is short for it. It joins the queue
    /// when it is first polled. A thread can use it as well, see [`Wait::enqueue`].
    ///
    /// Memory ordering: acquire, as all forms of waiting that succeed.
    ///
    /// # Cancel safety
    ///
    /// No set is lost if the future is dropped. If it has not been released, it leaves the queue. If it has, but
    /// was not polled since, the drop does what [`set`](Self::set) does: the set goes to the next waiter, or stays
    /// in the event.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, EventState};
    ///
    /// static EVENT: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
    ///
    /// async fn work() {
    ///     EVENT.wait_async().await;
    ///     // ...
    /// }
    /// # drop(work());
    /// ```
    #[doc(alias("notified", "listen"))]
    pub fn wait_async(&self) -> Wait<'_> {
        self.event.wait_async_auto()
    }

    /// A future as [`wait_async`](Self::wait_async), which shares the ownership of the event, so that it can be moved
    /// into a spawned task. It gives that up when it is ready.
    ///
    /// # Cancel safety
    ///
    /// As [`wait_async`](Self::wait_async).
    ///
    /// ```
    /// use rsevents::AutoResetEvent;
    /// use std::sync::Arc;
    ///
    /// fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    ///     // as that of any executor
    /// #   drop(task);
    /// }
    ///
    /// let event = Arc::new(AutoResetEvent::default());
    /// spawn(event.wait_owned_async());
    /// ```
    #[doc(alias("notified_owned"))]
    pub fn wait_owned_async(self: &Arc<Self>) -> OwnedWait<Self> {
        OwnedWait::new(Arc::clone(self), Self::wait_async)
    }

    /// Whether the event is set at this moment. Takes no set. Does not wait for other threads, but may briefly take a
    /// lock.
    ///
    /// The answer may be out of date when it arrives. To take the set, use
    /// [`wait0`](Awaitable::wait0).
    ///
    /// Memory ordering: if the answer is `true`, acquire. Synchronizes with the set that it sees.
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Awaitable, EventState};
    ///
    /// let event = AutoResetEvent::new(EventState::Set);
    /// assert!(event.is_set());
    /// assert!(event.wait0()); // `is_set` did not take the set
    /// assert!(!event.is_set());
    /// ```
    #[doc(alias = "is_signaled")]
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.event.is_set_auto()
    }
}

/// A successful wait takes the set, so the event is unset afterwards. Every form of wait synchronizes
/// with the set that it takes.
impl Awaitable<'_> for AutoResetEvent {
    type T = ();
    type Error = TimeoutError;

    #[inline]
    fn try_wait(&self) -> Result<(), Infallible> {
        self.event.wait_auto(|| Limit::Unlimited);
        Ok(())
    }

    #[inline]
    fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.wait_auto(|| Limit::For(limit)))
    }

    #[inline]
    fn try_wait_until(&self, deadline: Instant) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.wait_auto(|| Limit::Until(deadline)))
    }

    /// Takes the set if the event is set now. Never fails spuriously, however many threads call `set`
    /// meanwhile. On an unset event this is one load, unless a parked thread is waking up.
    #[inline]
    fn try_wait0(&self) -> Result<(), TimeoutError> {
        TimeoutError::unless(self.event.try_wait_auto())
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
        f.debug_tuple("AutoResetEvent").field(&EventState::from(self.is_set())).finish()
    }
}
