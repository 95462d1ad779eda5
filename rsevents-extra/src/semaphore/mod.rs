//! A limited number of permits.
//!
//! # Taking without waiting
//!
//! Taking is one compare-exchange on the [word](word), giving back is one addition. A thread may take a
//! permit before those that wait, unless one of them has requested several permits: then later requests
//! queue behind it, or it might starve.
//!
//! # The queue
//!
//! A request that has to wait queues up. The queue is an auto-reset event used as a mutex, which its
//! waiters acquire one at a time, in the order of arrival. The owner of that mutex is the *head*, or
//! front waiter: it alone notes in the word how many permits it needs, and waits for them on a second
//! event. When it leaves, with or without permits, it releases the next one.
//!
//! So a release has at most one thread to wake, knows from the word whether there are enough permits for
//! it, and makes no unnecessary wake-up. Every release that leaves enough for a parked head sets its
//! event, and does not rely on another release to do so. (It does rely on a release that has already
//! taken the head out of the event's queue: that one makes the wake-up call next, and no other thread
//! can.) If several permits come at once, the head takes its share and releases the next waiter, which
//! finds the rest.
//!
//! A release does not keep its permits for the head, so the head may find that another thread has taken
//! them. Then it withdraws its need and polls for some microseconds before it notes the need again, so
//! that releases need not wake it each time.
//!
//! A waiter whose deadline passes makes one last attempt, unless a request for several permits waits that
//! came before it, or another such request has replaced that one: otherwise many waits with short limits
//! could starve such requests.

mod guard;
mod word;

use std::convert::Infallible;
use std::fmt;
use std::hint;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, Awaitable, EventState, TimeoutError};

pub use guard::{OwnedSemaphoreGuard, SemaphoreGuard};
use word::Word;

use crate::deadline::Deadline;
use crate::refusal;
use crate::sync::{self, AtomicU64, Ordering, const_fn};

/// A limited number of permits. A thread takes one or more to go on, and gives them back.
///
/// A wait takes a permit and yields a [guard](SemaphoreGuard) that gives it back when it is dropped. If
/// no permit is available, the wait blocks until a guard is dropped or permits are
/// [released](Self::release).
///
/// # Counts
///
/// The *capacity* of a semaphore is the number of permits that are available plus those that guards
/// hold. It is given at first, grows by [`release`](Self::release), shrinks by
/// [`SemaphoreGuard::forget`], and never exceeds the *maximum* that the semaphore was created with. As
/// permits that are held count, a guard can always give back what it holds.
///
/// # Guarantees
///
/// * Guards never hold more permits than the capacity. A call that is refused changes nothing.
/// * No wake-up is lost. When permits become available that are enough for the front waiter, it is woken.
///   Waiters are woken one after another: until the front waiter has run, those behind it stay asleep,
///   even if there are permits for them.
/// * A wait with a limit makes one last attempt at its deadline. It takes permits that are available,
///   unless they are kept for a request for several.
/// * While a request for several permits is parked, requests that come later do not overtake it. It succeeds
///   in the end, however many requests for one permit come, if the capacity stays large enough and all
///   permits are given back.
/// * Everything that was written before a permit was given back or released is visible to the thread
///   that takes it.
///
/// # No fairness
///
/// While no request for several permits waits, a running thread may take a permit before a waiter that
/// is still waking up. A thread that gives back a permit and takes one again at once, in a loop, can
/// keep a waiter from acquiring one for an unlimited time.
///
/// A release does not depend on others to wake the front waiter, with one exception: if a thread was
/// preempted after it had chosen that waiter but before its system call woke it, the waiter wakes up
/// late, and a later release cannot wake it instead. A deadline still ends such a wait in time where
/// `parking_lot_core` parks with futexes, as on Linux.
///
/// # Keep it alive until each release has returned
///
/// [`release`](Self::release) and the drop of a guard still access the semaphore after a waiter may have
/// acquired the permits. In safe code a borrow, an [`Arc`] or an [owned guard](Self::wait_owned) takes
/// care of that. Code that shares a semaphore through a raw pointer must not free it before these calls
/// have returned. (That a wait has succeeded is enough for the events of `rsevents`, but not here.)
///
/// # Example
///
/// ```
/// use rsevents_extra::Semaphore;
///
/// static CONNECTIONS: Semaphore = Semaphore::new(2, 8);
///
/// fn download() {
///     let _permit = CONNECTIONS.wait(); // at most two at once
///     // ...
/// }
///
/// download();
/// CONNECTIONS.release(1); // from now on three
/// CONNECTIONS.wait().forget(); // and two again
/// assert_eq!(CONNECTIONS.count(), 2);
/// ```
///
/// A guard that is not kept gives back at once, which is hardly ever meant:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use rsevents_extra::Semaphore;
/// # let semaphore = Semaphore::new(1, 1);
/// semaphore.wait();
/// ```
///
/// # Signals that add up: `wait().forget()`
///
/// Sets of an event coalesce, releases add up. A waiter that forgets its guard consumes one release for
/// good:
///
/// ```
/// use rsevents_extra::{Awaitable, Semaphore};
///
/// static ITEMS: Semaphore = Semaphore::new(0, 1000);
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         for _ in 0..3 {
///             ITEMS.wait().forget(); // one item each time
///         }
///     });
///     ITEMS.release(1);
///     ITEMS.release(2);
/// });
/// assert!(ITEMS.try_wait0().is_err());
/// ```
#[doc(alias("CreateSemaphore", "SemaphoreSlim", "counting_semaphore", "Condvar"))]
pub struct Semaphore {
    /// Every change is a read-modify-write, so it continues the release sequence of each release
    /// before it.
    word: AtomicU64,
    max: u16,
    /// Set if there is no head, and so no thread in line.
    line: AutoResetEvent,
    /// Tells the head that there may be enough permits for it. May stay set when it has left.
    enough: AutoResetEvent,
}

impl Semaphore {
    const_fn! {
        /// Creates a semaphore with `initial` permits, and with `max` as its maximum.
        ///
        /// With a maximum of zero there is never a permit: [`wait`](Self::wait) blocks for ever.
        ///
        /// # Panics
        ///
        /// If `initial` is above `max`. In a `static` this is a compile-time error.
        ///
        /// # Example
        ///
        /// ```
        /// use rsevents_extra::Semaphore;
        ///
        /// static PERMITS: Semaphore = Semaphore::new(2, 8);
        ///
        /// assert_eq!((PERMITS.count(), PERMITS.max()), (2, 8));
        /// ```
        #[doc(alias = "CreateSemaphore")]
        #[must_use]
        #[track_caller]
        pub const fn new(initial: u16, max: u16) -> Self {
            if initial > max {
                refusal::too_much("initial permits", initial as u64, max as u64);
            }
            Self {
                word: AtomicU64::new(Word::new(initial).0),
                max,
                line: AutoResetEvent::new(EventState::Set),
                enough: AutoResetEvent::new(EventState::Unset),
            }
        }
    }

    /// Waits for a permit without a limit and takes it. To take one only if it is available now, use
    /// [`try_wait0`](Awaitable::try_wait0). With a [maximum](Self::max) of zero this waits for ever.
    ///
    /// Memory ordering: acquire, as every form of wait that succeeds. Synchronizes with the release, or
    /// the drop of a guard, that made the permit available.
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1, 1);
    /// let permit = semaphore.wait();
    /// assert_eq!(semaphore.count(), 0);
    /// drop(permit); // gives it back
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    #[doc(alias("acquire", "WaitForSingleObject", "WaitOne", "down"))]
    #[inline]
    pub fn wait(&self) -> SemaphoreGuard<'_> {
        self.wait_many(1)
    }

    /// Waits for a permit for at most `limit` and takes it.
    ///
    /// # Errors
    ///
    /// [`TimeoutError`] if the limit passes first. Nothing has changed then.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    /// use std::time::Duration;
    ///
    /// let semaphore = Semaphore::new(1, 1);
    /// let permit = semaphore.wait_for(Duration::from_millis(1));
    /// assert!(permit.is_ok());
    /// assert!(semaphore.wait_for(Duration::from_millis(1)).is_err()); // `permit` holds it
    /// ```
    #[doc(alias("try_acquire_for", "wait_timeout", "tryAcquire", "WaitForSingleObject"))]
    #[inline]
    pub fn wait_for(&self, limit: Duration) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.wait_many_for(1, limit)
    }

    /// Waits for a permit until `deadline` at most and takes it.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    /// use std::time::{Duration, Instant};
    ///
    /// let semaphore = Semaphore::new(1, 1);
    /// let deadline = Instant::now() + Duration::from_millis(1);
    /// let permit = semaphore.wait_until(deadline);
    /// assert!(permit.is_ok());
    /// assert!(semaphore.wait_until(deadline).is_err()); // `permit` holds it
    /// ```
    #[doc(alias("try_acquire_until", "wait_deadline"))]
    #[inline]
    pub fn wait_until(&self, deadline: Instant) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.wait_many_until(1, deadline)
    }

    /// Waits for `permits` without a limit and takes them together. It holds none while it waits.
    ///
    /// While a request for several permits waits, later requests wait too. So a request that exceeds the
    /// capacity waits until the capacity is raised, and holds back every thread that comes later. A
    /// thread that already holds permits may wait for ever. A request for zero permits succeeds at once.
    ///
    /// # Panics
    ///
    /// If `permits` is above one and above the [maximum](Self::max), as it would wait for ever. (A
    /// request for one permit never panics, like [`wait`](Self::wait).)
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let semaphore = Semaphore::new(4, 4);
    /// let _permits = semaphore.wait_many(3);
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    #[doc(alias("acquire_many", "acquire"))]
    #[inline]
    #[track_caller]
    pub fn wait_many(&self, permits: u16) -> SemaphoreGuard<'_> {
        if !self.may_ask_for(permits) {
            refusal::too_much("permits to wait for", permits.into(), self.max.into());
        }
        self.take(permits, || Some(Deadline::Never));
        SemaphoreGuard::new(self, permits)
    }

    /// Waits for `permits` for at most `limit` and takes them together.
    ///
    /// # Errors
    ///
    /// [`TimeoutError`] if the limit passes first, and without waiting if `permits` is above one and
    /// above the [maximum](Self::max). Nothing has changed then.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    /// use std::time::Duration;
    ///
    /// let semaphore = Semaphore::new(2, 4);
    /// assert!(semaphore.wait_many_for(3, Duration::from_millis(1)).is_err());
    /// assert_eq!(semaphore.count(), 2); // all or nothing
    /// ```
    #[doc(alias("acquire_many", "try_acquire_for"))]
    #[inline]
    pub fn wait_many_for(
        &self,
        permits: u16,
        limit: Duration,
    ) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.guard_if_taken(permits, || Deadline::after(limit))
    }

    /// Waits for `permits` until `deadline` at most and takes them together.
    ///
    /// # Errors
    ///
    /// As [`wait_many_for`](Self::wait_many_for).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    /// use std::time::{Duration, Instant};
    ///
    /// let semaphore = Semaphore::new(2, 4);
    /// let deadline = Instant::now() + Duration::from_millis(1);
    /// assert!(semaphore.wait_many_until(3, deadline).is_err());
    /// assert!(semaphore.wait_many_until(2, deadline).is_ok());
    /// ```
    #[doc(alias("acquire_many", "try_acquire_until"))]
    #[inline]
    pub fn wait_many_until(
        &self,
        permits: u16,
        deadline: Instant,
    ) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.guard_if_taken(permits, || Some(Deadline::At(deadline)))
    }

    /// Takes `permits` together if they are available now. Never blocks.
    ///
    /// # Errors
    ///
    /// [`TimeoutError`] if they are not, if `permits` is above the [maximum](Self::max), or while a
    /// request for several permits waits. Zero permits are always available.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let semaphore = Semaphore::new(4, 4);
    /// let permits = semaphore.try_wait0_many(3);
    /// assert!(permits.is_ok());
    /// assert!(semaphore.try_wait0_many(2).is_err()); // one is left
    /// ```
    #[doc(alias("try_acquire_many", "try_acquire", "tryAcquire"))]
    #[inline]
    pub fn try_wait0_many(&self, permits: u16) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.guard_if_taken(permits, || None)
    }

    /// As [`wait`](Self::wait), with a guard that shares the ownership of the semaphore, so that it can be
    /// moved into any thread. The guards of all other forms of wait can be turned into one, with
    /// [`SemaphoreGuard::into_owned`].
    ///
    /// ```
    /// use rsevents_extra::{Awaitable, Semaphore};
    /// use std::{sync::Arc, thread};
    ///
    /// let semaphore = Arc::new(Semaphore::new(1, 1));
    /// let permit = semaphore.wait_owned();
    /// assert!(semaphore.try_wait0().is_err());
    /// thread::spawn(move || drop(permit)).join().unwrap(); // at the end of the task
    /// assert!(semaphore.try_wait0().is_ok());
    /// ```
    #[doc(alias = "acquire_owned")]
    pub fn wait_owned(self: &Arc<Self>) -> OwnedSemaphoreGuard {
        self.wait().into_owned(Arc::clone(self))
    }

    /// As [`wait_for`](Self::wait_for), with a guard that shares the ownership of the semaphore.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    /// use std::{sync::Arc, thread, time::Duration};
    ///
    /// let semaphore = Arc::new(Semaphore::new(1, 1));
    /// if let Ok(permit) = semaphore.wait_owned_for(Duration::from_millis(1)) {
    ///     thread::spawn(move || drop(permit)).join().unwrap();
    /// }
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    #[doc(alias = "acquire_owned")]
    pub fn wait_owned_for(
        self: &Arc<Self>,
        limit: Duration,
    ) -> Result<OwnedSemaphoreGuard, TimeoutError> {
        Ok(self.wait_for(limit)?.into_owned(Arc::clone(self)))
    }

    /// As [`wait_until`](Self::wait_until), with a guard that shares the ownership of the semaphore.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    /// use std::{sync::Arc, time::Instant};
    ///
    /// let semaphore = Arc::new(Semaphore::new(1, 1));
    /// let permit = semaphore.wait_owned_until(Instant::now());
    /// assert!(permit.is_ok()); // a deadline that has passed allows one attempt
    /// assert!(semaphore.wait_owned_until(Instant::now()).is_err());
    /// ```
    #[doc(alias = "acquire_owned")]
    pub fn wait_owned_until(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<OwnedSemaphoreGuard, TimeoutError> {
        Ok(self.wait_until(deadline)?.into_owned(Arc::clone(self)))
    }

    /// Adds `permits` to the capacity, and wakes the front waiter if they are enough for it. Zero permits
    /// have no effect. Does not wait for the woken thread to run.
    ///
    /// To give back a permit that a wait took, drop its guard. `release` is for new permits.
    ///
    /// Memory ordering: release. Synchronizes with the waits that take the permits.
    ///
    /// # Panics
    ///
    /// If the capacity would exceed the [maximum](Self::max). Nothing changes then.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let semaphore = Semaphore::new(0, 2);
    /// std::thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| semaphore.wait().forget());
    ///     }
    ///     semaphore.release(2); // releases both
    /// });
    /// assert_eq!(semaphore.count(), 0);
    /// ```
    #[doc(alias("ReleaseSemaphore", "release_many", "add_permits", "signal", "post", "up"))]
    #[track_caller]
    pub fn release(&self, permits: u16) {
        if let Err(capacity) = self.raise(permits) {
            let capacity = u64::from(capacity) + u64::from(permits);
            refusal::too_much("capacity after release", capacity, self.max.into());
        }
    }

    /// As [`release`](Self::release), but returns `false` where that would panic.
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1, 2);
    /// assert!(!semaphore.try_release(2)); // all or nothing
    /// assert!(semaphore.try_release(1));
    /// ```
    #[doc(alias = "ReleaseSemaphore")]
    #[must_use = "beyond the maximum nothing was released"]
    pub fn try_release(&self, permits: u16) -> bool {
        self.raise(permits).is_ok()
    }

    /// Adds to the capacity. If it is too large for that, returns it.
    fn raise(&self, permits: u16) -> Result<(), u16> {
        if permits == 0 {
            return Ok(());
        }
        // Release: pairs with the acquire of the wait that takes the permits.
        match self.update(Ordering::Release, |word| word.raised(permits, self.max)) {
            Ok((_, after)) => {
                self.pay_wake_up(after);
                Ok(())
            }
            Err(word) => Err(word.capacity()),
        }
    }

    /// Adds `permits` to the capacity or, if the number is negative, takes away available permits. While
    /// the semaphore is shared, use [`release`](Self::release) and [`SemaphoreGuard::forget`].
    ///
    /// # Panics
    ///
    /// If the capacity would exceed the [maximum](Self::max), or if fewer permits are available than
    /// should be taken away. Nothing changes then.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let mut semaphore = Semaphore::new(4, 8);
    /// semaphore.modify(2);
    /// semaphore.modify(-1);
    /// assert_eq!(semaphore.count(), 5);
    /// ```
    #[track_caller]
    pub fn modify(&mut self, permits: i16) {
        if !self.try_modify(permits) {
            let (word, amount) = (self.load(), u64::from(permits.unsigned_abs()));
            if permits.is_negative() {
                refusal::too_much("permits to take away", amount, word.available().into());
            }
            let capacity = u64::from(word.capacity());
            refusal::too_much("capacity after modify", capacity + amount, self.max.into());
        }
    }

    /// As [`modify`](Self::modify), but returns `false` where that would panic.
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let mut semaphore = Semaphore::new(4, 8);
    /// assert!(!semaphore.try_modify(-5));
    /// assert!(semaphore.try_modify(-4));
    /// assert_eq!(semaphore.count(), 0);
    /// ```
    pub fn try_modify(&mut self, permits: i16) -> bool {
        let amount = permits.unsigned_abs();
        // Relaxed: access is exclusive, and what shares the semaphore later synchronizes.
        self.update(Ordering::Relaxed, |word| {
            if permits.is_negative() { word.lowered(amount) } else { word.raised(amount, self.max) }
        })
        .is_ok()
    }

    /// The number of permits that are available at this moment. They may be kept for a request for
    /// several, so a wait may fail although the count is not zero.
    ///
    /// Memory ordering: none.
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let semaphore = Semaphore::new(3, 8);
    /// let _permit = semaphore.wait();
    /// assert_eq!(semaphore.count(), 2);
    /// ```
    #[doc(alias("available_permits", "availablePermits", "CurrentCount"))]
    #[must_use]
    pub fn count(&self) -> u16 {
        self.load().available()
    }

    /// The number of permits that are available or held by guards at this moment.
    ///
    /// Memory ordering: none.
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let semaphore = Semaphore::new(3, 8);
    /// let _permit = semaphore.wait();
    /// assert_eq!(semaphore.capacity(), 3);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> u16 {
        self.load().capacity()
    }

    /// The maximum that the semaphore was created with.
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// let semaphore = Semaphore::new(3, 8);
    /// assert_eq!(semaphore.max(), 8);
    /// ```
    #[must_use]
    pub const fn max(&self) -> u16 {
        self.max
    }

    /// The numbers at this moment.
    fn load(&self) -> Word {
        // Relaxed: publishes nothing; a thread that takes a permit acquires by taking it.
        Word(self.word.load(Ordering::Relaxed))
    }

    /// Replaces the word by what `change` returns, and returns the word before and after. If `change`
    /// returns `None`, changes nothing and returns the word as the error.
    #[inline]
    fn update(
        &self,
        success: Ordering,
        change: impl Fn(Word) -> Option<Word>,
    ) -> Result<(Word, Word), Word> {
        sync::update(&self.word, success, |word| change(Word(word)).map(|after| after.0))
            .map(|(before, after)| (Word(before), Word(after)))
            .map_err(Word)
    }

    /// Whether a request for `permits` is not refused. One for a single permit never is: with a maximum
    /// of zero it waits for ever.
    #[inline]
    const fn may_ask_for(&self, permits: u16) -> bool {
        permits <= self.max || permits == 1
    }

    /// Takes `permits`, and waits for them if necessary. `deadline` is called only then; if it has none,
    /// the request fails.
    #[inline]
    fn take(&self, permits: u16, deadline: impl FnOnce() -> Option<Deadline>) -> bool {
        permits == 0
            || self.take_now(permits)
            || deadline().is_some_and(|deadline| self.take_in_line(permits, deadline))
    }

    #[inline]
    fn guard_if_taken(
        &self,
        permits: u16,
        deadline: impl FnOnce() -> Option<Deadline>,
    ) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        if self.may_ask_for(permits) && self.take(permits, deadline) {
            Ok(SemaphoreGuard::new(self, permits))
        } else {
            Err(TimeoutError)
        }
    }

    /// Takes `permits` if they are available and not kept for an earlier multi-permit request.
    #[inline]
    fn take_now(&self, permits: u16) -> bool {
        // Acquire: pairs with the release of the threads that gave them back.
        self.update(
            Ordering::Acquire,
            |word| {
                if word.has_large() { None } else { word.taken(permits) }
            },
        )
        .is_ok()
    }

    #[cold]
    fn take_in_line(&self, permits: u16, deadline: Deadline) -> bool {
        let is_behind_large = self.load().has_large();
        // Relaxed: publishes nothing. If no more can be counted, those that are hold back newcomers
        // just as well.
        let is_counted = permits > 1 && self.update(Ordering::Relaxed, Word::with_large).is_ok();
        // What a word is once this request no longer waits.
        let gone = |word: Word| if is_counted { word.without_large() } else { word };
        if !self.line.wait_in_order(deadline.instant()) {
            return self.leave_line(permits, gone, is_behind_large);
        }
        let is_served = self.take_as_head(permits, gone, deadline);
        self.line.set();
        is_served
    }

    /// The last attempt of a waiter whose deadline passed behind the head.
    fn leave_line(&self, permits: u16, gone: impl Fn(Word) -> Word, is_behind_large: bool) -> bool {
        // Acquire: as for `take_now`.
        let left = self.update(Ordering::Acquire, |word| {
            let word = gone(word);
            let is_kept = is_behind_large && word.has_large();
            Some(word.taken(permits).filter(|_| !is_kept).unwrap_or(word))
        });
        left.is_ok_and(|(before, after)| after.available() < before.available())
    }

    fn take_as_head(&self, permits: u16, gone: impl Fn(Word) -> Word, deadline: Deadline) -> bool {
        loop {
            // One step that takes the permits or notes the need, so that no release falls between.
            if self.head_takes_or(permits, &gone, |word| word.with_need(permits)) {
                return true;
            }
            let leave = || self.head_takes_or(permits, &gone, |word| gone(word.with_need(0)));
            if !deadline.wait(&self.enough) {
                return leave();
            }
            // Another thread may have been faster, and may be again. So withdraw the need, so that
            // releases stop waking us, and poll for some microseconds before noting it again.
            if self.head_takes_or(permits, &gone, |word| word.with_need(0)) {
                return true;
            }
            if deadline.has_passed() {
                return leave(); // the event is set, so waiting for it would not tell
            }
            self.look_for(permits);
        }
    }

    /// A step of the head: takes `permits` if they are available, and changes the word by `otherwise` if
    /// not. Returns whether it took them.
    fn head_takes_or(
        &self,
        permits: u16,
        gone: impl Fn(Word) -> Word,
        otherwise: impl Fn(Word) -> Word,
    ) -> bool {
        let taken = |word: Word| word.taken(permits).map(|word| gone(word.with_need(0)));
        // Acquire: as for `take_now`.
        self.update(Ordering::Acquire, |word| taken(word).or(Some(otherwise(word))))
            .is_ok_and(|(before, _)| before.available() >= permits)
    }

    /// Polls a few times, with growing pauses, until `permits` are available.
    fn look_for(&self, permits: u16) {
        for look in (1_u32..).take(sync::LOOKS) {
            (0..1 << look).for_each(|_| hint::spin_loop());
            if self.load().available() >= permits {
                break;
            }
        }
    }

    /// What the drop of a guard does.
    #[inline]
    fn give_back(&self, permits: u16) {
        let given = Word::given_back(permits);
        // Release: pairs with the acquire of the wait that takes the permits.
        let before = self.word.fetch_add(given, Ordering::Release);
        self.pay_wake_up(Word(before + given));
    }

    /// Lowers the capacity by permits that a guard holds.
    fn forget(&self, permits: u16) {
        // Relaxed: publishes nothing, and keeps what others have published with their permits.
        self.word.fetch_sub(Word::forgotten(permits), Ordering::Relaxed);
    }

    /// Called after each step that made permits available: wakes the head if they are enough for it.
    #[inline]
    fn pay_wake_up(&self, word: Word) {
        if word.owes_a_wake_up() {
            self.enough.set();
        }
    }
}

/// A successful wait takes one permit.
impl<'a> Awaitable<'a> for Semaphore {
    type T = SemaphoreGuard<'a>;
    type Error = TimeoutError;

    #[inline]
    fn try_wait(&'a self) -> Result<SemaphoreGuard<'a>, Infallible> {
        Ok(self.wait())
    }

    #[inline]
    fn try_wait_for(&'a self, limit: Duration) -> Result<SemaphoreGuard<'a>, TimeoutError> {
        self.wait_for(limit)
    }

    #[inline]
    fn try_wait_until(&'a self, deadline: Instant) -> Result<SemaphoreGuard<'a>, TimeoutError> {
        self.wait_until(deadline)
    }

    #[inline]
    fn try_wait0(&'a self) -> Result<SemaphoreGuard<'a>, TimeoutError> {
        self.try_wait0_many(1)
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.load();
        f.debug_struct("Semaphore")
            .field("count", &word.available())
            .field("capacity", &word.capacity())
            .field("max", &self.max)
            .finish()
    }
}

#[cfg(test)]
mod tests;
