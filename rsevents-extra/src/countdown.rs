//! An event that is set while a count is zero: a gate whose value is the count.

use std::convert::Infallible;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsevents::{Awaitable, Gate, OwnedWait, Part, Rule, Signal, TimeoutError, Wait, Won, Yields};

use crate::refusal;
use crate::sync::const_fn;

/// The value of a countdown's gate, and its rule. Surplus ticks make it negative for a moment, which stands
/// for zero.
struct Count;

impl Count {
    /// The number of outstanding ticks.
    #[inline]
    const fn of(value: u64) -> u64 {
        if value > CountdownEvent::MAX as u64 { 0 } else { value }
    }
}

/// The only request that there is. The rule does not use it.
const ZERO: u32 = 0;

impl Rule for Count {
    const SHARED: bool = true;

    #[inline]
    fn take(value: u64, _: u32) -> Option<u64> {
        Self::opens(value).then_some(value)
    }

    #[inline]
    fn opens(value: u64) -> bool {
        Self::of(value) == 0
    }
}

/// A count of outstanding tasks, and a wait for it to reach zero.
///
/// It is created with a count. Each finished task [decrements](Self::decrement) the count, and a wait
/// succeeds while the count is zero. The count can be raised again at any time, with
/// [`reset`](Self::reset) or [`increment`](Self::increment), also from zero and also while threads
/// wait.
///
/// # Guarantees
///
/// * The count is zero exactly while a wait would succeed at once: [`count`](Self::count) and
///   availability are one fact.
/// * Every waiter that is parked when the count reaches zero returns from its wait, even if the count
///   is raised again at once. A wait that begins after that waits for the next zero, even while the
///   last decrement before the zero is still running.
/// * A decrement at zero has no effect, in every build.
/// * A successful wait sees everything that was written before *every* decrement since the
///   zero before.
/// * A decrement that is neither the last nor at zero is a single atomic operation and never blocks, on targets
///   with atomics of 64 bits. (While a [`wait_all`](rsevents::wait_all) waits for the countdown, it takes a lock.)
///
/// A thread that has called a wait but is not in the queue yet may miss a zero if the count is raised again
/// before it is. It then waits for the next zero.
///
/// A thread whose wait has passed may free the countdown, if no other thread is going to use it: the decrement that
/// brought the count to zero does not access it afterwards. (In safe code a borrow, an [`Arc`] or an
/// [owned ticket](Self::ticket_owned) takes care of that.)
///
/// Counts go up to [`MAX`](Self::MAX). Beyond it [`increment`](Self::increment) panics and changes nothing, and
/// [`try_increment`](Self::try_increment) returns `false`.
///
/// # Example
///
/// ```
/// use rsevents_extra::{Awaitable, CountdownEvent};
///
/// static ALMOST_DONE: CountdownEvent = CountdownEvent::new(0);
///
/// ALMOST_DONE.reset(750);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             for _ in 0..250 {
///                 ALMOST_DONE.tick(); // the last 250 have no effect
///             }
///         });
///     }
///     ALMOST_DONE.wait();
///     assert_eq!(ALMOST_DONE.count(), 0);
/// });
/// ```
#[doc(alias("CountDownLatch", "WaitGroup", "Latch", "Barrier"))]
pub struct CountdownEvent {
    gate: Gate<Count>,
}

impl CountdownEvent {
    /// The largest count: 2³² - 1.
    pub const MAX: usize = u32::MAX as usize;

    const_fn! {
        /// Creates a countdown. With a count of zero it is available at once.
        ///
        /// # Panics
        ///
        /// If `count` is above [`MAX`](Self::MAX). In a `static` this is a compile-time error.
        ///
        /// # Example
        ///
        /// ```
        /// use rsevents_extra::{Awaitable, CountdownEvent};
        ///
        /// static LEFT: CountdownEvent = CountdownEvent::new(2);
        ///
        /// assert!(!LEFT.wait0());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new(count: usize) -> Self {
            Self { gate: Gate::new(checked(count)) }
        }
    }

    /// Decrements the count: one task is done. Returns whether this brought the count to zero.
    ///
    /// At zero it has no effect and returns `false`, as before the last one. ([`count`](Self::count) may tell them
    /// apart, if no other thread changes it.) One atomic operation, which takes no lock unless a
    /// [`wait_all`](rsevents::wait_all) waits for the countdown; at zero a second one undoes it. The last decrement,
    /// or one at zero that finds waiters left, also locks their queue and wakes them, as
    /// [`ManualResetEvent::set`](rsevents::ManualResetEvent::set) does.
    ///
    /// Memory ordering: release. Synchronizes with every wait that the zero releases. A decrement that
    /// returns `true` also acquires: all others since the zero before synchronize with it.
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, CountdownEvent};
    ///
    /// let left = CountdownEvent::new(2);
    /// assert!(!left.decrement());
    /// assert!(left.decrement()); // the last one
    /// assert!(!left.decrement()); // no effect
    /// assert!(left.wait0());
    /// ```
    #[doc(alias("count_down", "arrive", "signal", "done"))]
    #[inline]
    pub fn decrement(&self) -> bool {
        let before = self.gate.sub(1);
        if Count::of(before) == 0 {
            self.put_back_surplus();
        }
        before == 1
    }

    /// As [`decrement`](Self::decrement), without the result.
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, CountdownEvent};
    ///
    /// let left = CountdownEvent::new(2);
    /// std::thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| left.tick());
    ///     }
    ///     left.wait();
    /// });
    /// assert_eq!(left.count(), 0);
    /// ```
    #[doc(alias("count_down", "arrive", "signal", "done"))]
    #[inline]
    pub fn tick(&self) {
        self.decrement();
    }

    /// Decrements the count by `tasks` in one step, but not below zero. Returns whether this brought the
    /// count to zero. With zero tasks, or at zero, it has no effect and returns `false`.
    ///
    /// A compare-exchange loop, which may then take a lock for a moment and wake waiters, as
    /// [`decrement`](Self::decrement). Memory ordering: as there.
    ///
    /// ```
    /// use rsevents_extra::CountdownEvent;
    ///
    /// let left = CountdownEvent::new(5);
    /// assert!(!left.decrement_by(3));
    /// assert_eq!(left.count(), 2);
    /// assert!(left.decrement_by(3)); // two are enough
    /// assert_eq!(left.count(), 0);
    /// ```
    #[doc(alias("count_down", "arrive", "signal"))]
    pub fn decrement_by(&self, tasks: usize) -> bool {
        let tasks = tasks as u64;
        let decremented = self.gate.update(|value| {
            let count = Count::of(value);
            let left = count.saturating_sub(tasks);
            (left < count).then_some(left)
        });
        decremented.is_ok_and(|(_, left)| left == 0)
    }

    /// Increments the count: there is one more task. At zero this makes the countdown unavailable again.
    /// Does not wait for other threads, but may briefly take a lock. If the last decrement has not released all waiters
    /// yet, it releases them first, as that decrement would.
    ///
    /// Memory ordering: none.
    ///
    /// # Panics
    ///
    /// If the count is [`MAX`](Self::MAX) already. The count does not change then.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, CountdownEvent};
    ///
    /// let left = CountdownEvent::default();
    /// assert!(left.wait0());
    /// left.increment();
    /// assert!(!left.wait0());
    /// ```
    #[doc(alias("AddCount", "add"))]
    #[track_caller]
    pub fn increment(&self) {
        self.increment_by(1);
    }

    /// Increments the count by `tasks` in one step. At zero this makes the countdown unavailable again,
    /// unless `tasks` is zero, which has no effect. Otherwise as [`increment`](Self::increment).
    ///
    /// Memory ordering: none.
    ///
    /// # Panics
    ///
    /// If the count would exceed [`MAX`](Self::MAX). The count does not change then.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::CountdownEvent;
    ///
    /// let left = CountdownEvent::new(1);
    /// left.increment_by(4);
    /// assert_eq!(left.count(), 5);
    /// ```
    #[doc(alias("AddCount", "add"))]
    #[track_caller]
    pub fn increment_by(&self, tasks: usize) {
        if let Err(count) = self.raise(tasks) {
            let count = count.saturating_add(tasks as u64);
            refusal::too_much("count after increment", count, Self::MAX as u64);
        }
    }

    /// As [`increment`](Self::increment), but returns `false` where that would panic.
    ///
    /// ```
    /// use rsevents_extra::CountdownEvent;
    ///
    /// let left = CountdownEvent::new(CountdownEvent::MAX);
    /// assert!(!left.try_increment());
    /// left.tick();
    /// assert!(left.try_increment());
    /// ```
    #[doc(alias = "TryAddCount")]
    #[must_use = "at the maximum the task was not added"]
    pub fn try_increment(&self) -> bool {
        self.try_increment_by(1)
    }

    /// As [`increment_by`](Self::increment_by), but returns `false` where that would panic.
    ///
    /// ```
    /// use rsevents_extra::CountdownEvent;
    ///
    /// let left = CountdownEvent::new(1);
    /// assert!(!left.try_increment_by(CountdownEvent::MAX));
    /// assert_eq!(left.count(), 1); // all or nothing
    /// ```
    #[doc(alias = "TryAddCount")]
    #[must_use = "beyond the maximum the tasks were not added"]
    pub fn try_increment_by(&self, tasks: usize) -> bool {
        self.raise(tasks).is_ok()
    }

    /// Adds to the count. If it would become too large, returns it as it is.
    fn raise(&self, tasks: usize) -> Result<(), u64> {
        let tasks = tasks as u64;
        let raised = self.gate.update(|value| {
            let raised = Count::of(value).checked_add(tasks)?;
            (raised <= Self::MAX as u64).then_some(raised)
        });
        raised.map(drop).map_err(Count::of)
    }

    /// Sets the count to `count`, whatever it was. With zero, all waiters are released. Otherwise, parked
    /// threads stay parked and wait for the new count to reach zero. (If the count was zero, and the last
    /// decrement has not released all waiters yet, takes a lock for a moment and releases them first.)
    ///
    /// Memory ordering: as the last [`decrement`](Self::decrement).
    ///
    /// # Panics
    ///
    /// If `count` is above [`MAX`](Self::MAX). The count does not change then.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, CountdownEvent};
    ///
    /// let left = CountdownEvent::new(1);
    /// left.tick();
    /// assert!(left.wait0());
    /// left.reset(3); // the next round
    /// assert!(!left.wait0());
    /// ```
    #[doc(alias = "ResetEvent")]
    #[track_caller]
    pub fn reset(&self, count: usize) {
        let count = checked(count);
        self.gate.swap(count);
    }

    /// The count at this moment: the number of outstanding tasks.
    ///
    /// Memory ordering: acquire. After a zero, everything that was written before every decrement since the
    /// zero before is visible.
    ///
    /// ```
    /// use rsevents_extra::CountdownEvent;
    ///
    /// let left = CountdownEvent::new(3);
    /// left.tick();
    /// assert_eq!(left.count(), 2);
    /// ```
    #[doc(alias("CurrentCount", "getCount"))]
    #[inline]
    #[must_use]
    pub fn count(&self) -> usize {
        Count::of(self.gate.value()) as usize
    }

    /// Whether the count is zero at this moment: whether a wait would succeed at once.
    ///
    /// Memory ordering: as [`count`](Self::count).
    ///
    /// ```
    /// use rsevents_extra::CountdownEvent;
    ///
    /// let left = CountdownEvent::new(1);
    /// assert!(!left.is_set());
    /// left.tick();
    /// assert!(left.is_set());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.count() == 0
    }

    /// A future that waits until the count is zero, for any executor. `(&countdown).await` is short for it. It
    /// joins the queue when it is first polled: a zero that ends before that does not release it. A thread can use
    /// it as well, see [`Wait::enqueue`].
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
    /// use rsevents_extra::CountdownEvent;
    ///
    /// static LEFT: CountdownEvent = CountdownEvent::new(3);
    ///
    /// async fn shut_down() {
    ///     LEFT.wait_async().await; // until all three are done
    /// }
    /// # drop(shut_down());
    /// ```
    #[doc(alias = "WaitAsync")]
    pub fn wait_async(&self) -> Wait<'_> {
        self.gate.wait_async(ZERO)
    }

    /// A future as [`wait_async`](Self::wait_async), which shares the ownership of the countdown, so that it can be
    /// moved into a spawned task. It gives that up when it is ready.
    ///
    /// # Cancel safety
    ///
    /// As [`wait_async`](Self::wait_async).
    ///
    /// ```
    /// use rsevents_extra::CountdownEvent;
    /// use std::sync::Arc;
    ///
    /// fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    ///     // as that of any executor
    /// #   drop(task);
    /// }
    ///
    /// let left = Arc::new(CountdownEvent::new(1));
    /// spawn(left.wait_owned_async());
    /// ```
    pub fn wait_owned_async(self: &Arc<Self>) -> OwnedWait<Self> {
        OwnedWait::new(Arc::clone(self), Self::wait_async)
    }

    /// A ticket for one of the outstanding tasks. Its drop decrements the count, also if the task panics. Make it
    /// before the task is spawned: one that is aborted before it has begun would never make it.
    ///
    /// The count must include the task already, by [`new`](Self::new), [`reset`](Self::reset) or
    /// [`increment`](Self::increment); [`add_ticket`](Self::add_ticket) increments it as well. A ticket
    /// that is leaked never decrements the count.
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, CountdownEvent};
    ///
    /// let left = CountdownEvent::new(3);
    /// std::thread::scope(|scope| {
    ///     for _ in 0..3 {
    ///         let ticket = left.ticket();
    ///         scope.spawn(move || drop(ticket)); // at the end of the task, however it ends
    ///     }
    ///     left.wait();
    /// });
    /// assert!(left.is_set());
    /// ```
    #[must_use = "a ticket that is dropped has ticked"]
    pub fn ticket(&self) -> CountdownTicket<'_> {
        CountdownTicket { countdown: self }
    }

    /// [`increment`](Self::increment) and [`ticket`](Self::ticket) in one call.
    ///
    /// # Panics
    ///
    /// As [`increment`](Self::increment).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, CountdownEvent};
    ///
    /// let left = CountdownEvent::default();
    /// std::thread::scope(|scope| {
    ///     for _ in 0..3 {
    ///         let ticket = left.add_ticket();
    ///         scope.spawn(move || drop(ticket));
    ///     }
    ///     left.wait();
    /// });
    /// assert!(left.is_set());
    /// ```
    #[doc(alias("WaitGroup", "AddCount", "add"))]
    #[must_use = "a ticket that is dropped has ticked"]
    #[track_caller]
    pub fn add_ticket(&self) -> CountdownTicket<'_> {
        self.increment();
        self.ticket()
    }

    /// As [`ticket`](Self::ticket), with a ticket that shares the ownership of the countdown. It is
    /// `'static`, as `std::thread::spawn` demands. (So are the tickets of a countdown in a `static`.)
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, CountdownEvent};
    /// use std::{sync::Arc, thread};
    ///
    /// let left = Arc::new(CountdownEvent::new(3));
    /// for _ in 0..3 {
    ///     let ticket = left.ticket_owned();
    ///     thread::spawn(move || drop(ticket)); // at the end of the task, however it ends
    /// }
    /// left.wait();
    /// assert!(left.is_set());
    /// ```
    #[must_use = "a ticket that is dropped has ticked"]
    pub fn ticket_owned(self: &Arc<Self>) -> OwnedCountdownTicket {
        OwnedCountdownTicket { countdown: Arc::clone(self) }
    }

    /// As [`add_ticket`](Self::add_ticket), with a ticket that shares the ownership of the countdown. It is
    /// `'static`, as `std::thread::spawn` demands.
    ///
    /// # Panics
    ///
    /// As [`increment`](Self::increment).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, CountdownEvent};
    /// use std::{sync::Arc, thread};
    ///
    /// let left = Arc::new(CountdownEvent::default());
    /// for _ in 0..3 {
    ///     let ticket = left.add_ticket_owned();
    ///     thread::spawn(move || drop(ticket));
    /// }
    /// left.wait();
    /// assert!(left.is_set());
    /// ```
    #[doc(alias("WaitGroup", "AddCount", "add"))]
    #[must_use = "a ticket that is dropped has ticked"]
    #[track_caller]
    pub fn add_ticket_owned(self: &Arc<Self>) -> OwnedCountdownTicket {
        self.increment();
        self.ticket_owned()
    }

    /// Restores what surplus ticks took from a count of zero. If the count has been raised meanwhile, or
    /// another thread has restored it, there is nothing left to do.
    #[cold]
    fn put_back_surplus(&self) {
        let _ = self.gate.update(|value| (value > Self::MAX as u64).then_some(0));
    }
}

/// The count as the gate's value, if it is not too large.
#[track_caller]
const fn checked(count: usize) -> u64 {
    if count > CountdownEvent::MAX {
        refusal::too_much("count", count as u64, CountdownEvent::MAX as u64);
    }
    count as u64
}

/// A wait succeeds while the count is zero. It changes nothing.
impl Awaitable<'_> for CountdownEvent {
    type T = ();
    type Error = TimeoutError;

    #[inline]
    fn try_wait(&self) -> Result<(), Infallible> {
        self.gate.wait(ZERO);
        Ok(())
    }

    #[inline]
    fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
        self.gate.wait_for(ZERO, limit).then_some(()).ok_or(TimeoutError)
    }

    #[inline]
    fn try_wait_until(&self, deadline: Instant) -> Result<(), TimeoutError> {
        self.gate.wait_until(ZERO, deadline).then_some(()).ok_or(TimeoutError)
    }

    /// One load.
    #[inline]
    fn try_wait0(&self) -> Result<(), TimeoutError> {
        self.gate.try_take(ZERO).then_some(()).ok_or(TimeoutError)
    }
}

/// Lets waits pass as long as the count is zero.
impl Signal for CountdownEvent {
    fn part(&self) -> Part<'_> {
        self.gate.part(ZERO)
    }
}

impl Yields<'_> for CountdownEvent {
    type Taken = ();

    fn asks(&self) -> Part<'_> {
        self.part()
    }

    fn yields(&self, _: Won<'_>) {}
}

/// `(&countdown).await` waits as [`wait_async`](CountdownEvent::wait_async) does.
impl<'a> IntoFuture for &'a CountdownEvent {
    type Output = ();
    type IntoFuture = Wait<'a>;

    fn into_future(self) -> Wait<'a> {
        self.wait_async()
    }
}

impl fmt::Debug for CountdownEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CountdownEvent").field(&self.count()).finish()
    }
}

/// A count of zero.
impl Default for CountdownEvent {
    fn default() -> Self {
        Self::new(0)
    }
}

/// Decrements the count of a [`CountdownEvent`] when it is dropped, by [`decrement`](CountdownEvent::decrement). See
/// [`CountdownEvent::ticket`].
#[derive(Debug)]
#[must_use = "a ticket that is dropped has ticked"]
pub struct CountdownTicket<'a> {
    countdown: &'a CountdownEvent,
}

impl Drop for CountdownTicket<'_> {
    fn drop(&mut self) {
        self.countdown.tick();
    }
}

/// A [`CountdownTicket`] that shares the ownership of its countdown. See
/// [`CountdownEvent::ticket_owned`].
#[derive(Debug)]
#[must_use = "a ticket that is dropped has ticked"]
pub struct OwnedCountdownTicket {
    countdown: Arc<CountdownEvent>,
}

impl Drop for OwnedCountdownTicket {
    fn drop(&mut self) {
        self.countdown.tick();
    }
}

#[cfg(test)]
mod tests;
