//! An event that is set while a count is zero.
//!
//! # The word
//!
//! Count and availability are one fact: the countdown is available exactly while the count is zero.
//! Threads park on the events inside.
//!
//! The word holds, from the top, the *round* and the *rest*. While ticks are outstanding, the rest is
//! their number less one. So the last tick, which like every other subtracts one, borrows from the
//! round: one operation both brings the count to zero and begins a new round. A thread remembers the
//! round when it parks. If it finds another one when it wakes up, there was a zero in between, whatever
//! the count is now.
//!
//! A rest in the upper half of its range stands for a count of zero. It is there after the borrow, and
//! surplus ticks lower it from the top by at most one a thread, since each restores what it took.
//!
//! # The waiters
//!
//! There are four events, which the rounds use in turn. The thread that brings the count to zero sets the
//! event of its round, which releases all waiters. The event is not reset when the count is raised again,
//! so four rounds later a waiter finds it still set. That waiter sees that the round is still its own,
//! resets the event, checks the round once more, and waits again. If its reset undid the set for a zero
//! that came just then, the second check shows the new round (`reset` acquires), and the thread sets the
//! event again for the other waiters.
//!
//! Why four: the last tick of a round may be stuck before its set until several rounds later. It then
//! wakes waiters of a later round, and until these wait again, no thread may undo the set of their own
//! round. With one event, the waiters of the very next round would do so.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsevents::{Awaitable, EventState, ManualResetEvent, TimeoutError};

use crate::deadline::Deadline;
use crate::refusal;
use crate::sync::{self, AtomicU64, Ordering, const_fn};

/// One round. The bits above count them.
const ROUND: u64 = 1 << 33;
/// The bits of the rest. The round has the others.
const REST: u64 = ROUND - 1;
/// Set in a rest that stands for zero.
const ZERO: u64 = 1 << 32;

/// The number of outstanding ticks that a word stands for.
const fn count(word: u64) -> u64 {
    if word & ZERO != 0 { 0 } else { (word & REST) + 1 }
}

/// The round that a word belongs to. It goes on with each zero.
const fn round(word: u64) -> u64 {
    word & !REST
}

/// The word for `count` outstanding ticks after `word`: in the next round if that is a new zero.
const fn with_count(word: u64, count: u64) -> u64 {
    match count {
        0 if word & ZERO != 0 => word | REST,
        0 => round(word).wrapping_sub(1),
        _ => round(word) | (count - 1),
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
/// * A decrement that is neither the last nor at zero is a single atomic operation and never blocks, on
///   targets with atomics of 64 bits.
///
/// A thread that has called a wait but is not parked yet may miss a zero if the count is raised and
/// reaches zero again several times meanwhile. It then waits for another zero.
///
/// Counts go up to [`MAX`](Self::MAX). Zeros are counted modulo 2³¹: a thread that a zero has released, but
/// that does not run until exactly that many have followed, goes back to sleep.
///
/// # Keep it alive until the last decrement has returned
///
/// The decrement that brings the count to zero still accesses the countdown after a waiter may have
/// returned, and so do [`reset`](Self::reset) and the drop of a ticket. In safe code a borrow, an
/// [`Arc`] or an [owned ticket](Self::ticket_owned) takes care of that. Code that shares a countdown
/// through a raw pointer must not free it before these calls have returned. (That a wait has succeeded
/// is enough for the events of `rsevents`, but not here.)
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
    /// See the module's documentation. Every change is a read-modify-write, so it continues the release
    /// sequence of each tick before it.
    word: AtomicU64,
    /// What waiters park on, one event a round in turn. May stay set from an earlier zero.
    ends: [ManualResetEvent; 4],
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
            Self {
                word: AtomicU64::new(with_count(0, checked(count))),
                ends: [
                    ManualResetEvent::new(EventState::Unset),
                    ManualResetEvent::new(EventState::Unset),
                    ManualResetEvent::new(EventState::Unset),
                    ManualResetEvent::new(EventState::Unset),
                ],
            }
        }
    }

    /// Decrements the count: one task is done. Returns whether this brought the count to zero.
    ///
    /// At zero it has no effect and returns `false`. One atomic operation; at zero a second one undoes
    /// it; the last decrement also wakes the waiters, as [`ManualResetEvent::set`] does.
    ///
    /// Memory ordering: release. Synchronizes with every wait that the zero releases. A decrement that
    /// returns `true` also acquires: all others of its round synchronize with it.
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
        // Release: pairs with the acquire of the waiters. Acquire: pairs with the release of the other
        // ticks, for the one that returns `true`.
        let before = self.word.fetch_sub(1, Ordering::AcqRel);
        if before & REST == 0 {
            self.end_of_round(before).set();
            return true;
        }
        if before & ZERO != 0 {
            self.put_back_surplus();
        }
        false
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
    /// A compare-exchange loop. Memory ordering: as [`decrement`](Self::decrement).
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
        // As for `decrement`.
        let decremented = sync::update(&self.word, Ordering::AcqRel, |word| {
            let left = count(word).saturating_sub(tasks);
            (left < count(word)).then(|| with_count(word, left))
        });
        decremented.is_ok_and(|change| self.settle(change))
    }

    /// Increments the count: there is one more task. At zero this makes the countdown unavailable again.
    /// Never blocks.
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
    /// unless `tasks` is zero, which has no effect. Never blocks.
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
        // Relaxed: publishes nothing, and keeps what the ticks before have published.
        sync::update(&self.word, Ordering::Relaxed, |word| {
            let raised = count(word).checked_add(tasks)?;
            (raised <= Self::MAX as u64).then(|| with_count(word, raised))
        })
        .map(|_| ())
        .map_err(count)
    }

    /// Sets the count to `count`, whatever it was. With zero, all waiters are released. Otherwise, parked
    /// threads stay parked and wait for the new count to reach zero.
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
        // As for `decrement`.
        let reset =
            sync::update(&self.word, Ordering::AcqRel, |word| Some(with_count(word, count)));
        if let Ok(change) = reset {
            self.settle(change);
        }
    }

    /// The count at this moment: the number of outstanding tasks.
    ///
    /// Memory ordering: acquire. After a zero, everything that was written before every decrement of the
    /// round is visible.
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
        count(self.word.load(Ordering::Acquire)) as usize
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

    /// A ticket for one of the outstanding tasks. Its drop decrements the count, also if the task panics.
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

    /// The event that the waiters of the round of `word` park on.
    #[inline]
    fn end_of_round(&self, word: u64) -> &ManualResetEvent {
        &self.ends[(round(word) / ROUND) as usize % self.ends.len()]
    }

    /// Called after each change but a tick. If the change ended the round, wakes its waiters. Returns
    /// whether it did.
    fn settle(&self, (before, after): (u64, u64)) -> bool {
        let has_ended = round(before) != round(after);
        if has_ended {
            self.end_of_round(before).set();
        }
        has_ended
    }

    /// Restores what surplus ticks took from a count of zero. If the count has been raised meanwhile, or
    /// another thread has restored it, there is nothing left to do.
    #[cold]
    fn put_back_surplus(&self) {
        // Relaxed: publishes nothing, and keeps what the ticks before have published.
        let _ = sync::update(&self.word, Ordering::Relaxed, |word| {
            (word & ZERO != 0 && word & REST != REST).then_some(word | REST)
        });
    }

    /// Waits for a zero, at least for that of the round to which `start` belongs.
    #[cold]
    fn sleep_until_zero(&self, start: u64, deadline: Deadline) -> bool {
        // Acquire: pairs with the release of every tick of the round that ended.
        let has_ended = || round(self.word.load(Ordering::Acquire)) != round(start);
        let end = self.end_of_round(start);
        loop {
            let was_woken = deadline.wait(end);
            if has_ended() {
                return true;
            }
            if !was_woken {
                return false;
            }
            // Woken by the end of an earlier round.
            end.reset();
            if has_ended() {
                // Our reset may have undone the set for this zero, which other waiters need.
                end.set();
                return true;
            }
        }
    }

    /// Waits for a zero if there is none. `deadline` is called only then; if it has none, the wait fails.
    #[inline]
    fn wait_for_zero(&self, deadline: impl FnOnce() -> Option<Deadline>) -> bool {
        // Acquire: pairs with the release of every tick.
        let word = self.word.load(Ordering::Acquire);
        count(word) == 0 || deadline().is_some_and(|deadline| self.sleep_until_zero(word, deadline))
    }
}

/// The count as a word holds it, if it is not too large.
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
        self.wait_for_zero(|| Some(Deadline::Never));
        Ok(())
    }

    #[inline]
    fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
        self.wait_for_zero(|| Deadline::after(limit)).then_some(()).ok_or(TimeoutError)
    }

    #[inline]
    fn try_wait_until(&self, deadline: Instant) -> Result<(), TimeoutError> {
        self.wait_for_zero(|| Some(Deadline::At(deadline))).then_some(()).ok_or(TimeoutError)
    }

    /// One load.
    #[inline]
    fn try_wait0(&self) -> Result<(), TimeoutError> {
        self.wait_for_zero(|| None).then_some(()).ok_or(TimeoutError)
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

/// Decrements the count of a [`CountdownEvent`] when it is dropped. See [`CountdownEvent::ticket`].
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
