//! A limited number of permits: a gate whose value is the available permits, the capacity and the maximum.

mod future;
mod guard;
mod permits;
mod request;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsevents::{Awaitable, Gate, TimeoutError};

pub use future::Grant;
pub use guard::{OwnedSemaphoreGuard, SemaphoreGuard};
use permits::Permits;
pub use request::Request;

use crate::refusal;
use crate::sync::const_fn;

/// A limited number of permits. A thread or a task takes one or more to go on, and gives them back.
///
/// A wait takes a permit and yields a [guard](SemaphoreGuard) that gives it back when it is dropped. If
/// no permit is available, the wait blocks until a guard is dropped or permits are
/// [released](Self::release). Tasks wait with [`wait_async`](Self::wait_async), in the same queue.
///
/// # Counts
///
/// The *capacity* of a semaphore is the number of permits that are available plus those that guards hold. It is given
/// at first, grows by [`release`](Self::release), shrinks by [`SemaphoreGuard::forget`], does either by
/// [`modify`](Self::modify), and never exceeds the *maximum* that the semaphore was created with, of 65 535
/// (`u16::MAX`) at most. Beyond it `release` panics and changes nothing, and [`try_release`](Self::try_release)
/// returns `false`. As permits that are held count, a guard can always give back what it holds.
///
/// # Guarantees
///
/// * Guards never hold more permits than the capacity. A call that is refused changes nothing.
/// * No wake-up is lost. When permits become available, requests that wait are served in their order, until
///   there are not enough for the next one. They have their permits when their threads are woken, except that
///   the first one may still be overtaken: see [Fairness](#fairness).
/// * A wait with a limit makes one last attempt at its deadline. It takes permits that are available,
///   unless they are kept for an earlier request.
/// * While a request for several permits is the first of those that wait, no other one overtakes it. So it
///   succeeds in the end, however many requests for one permit come, if the capacity stays large enough and
///   all permits are given back.
/// * Everything that was written before a permit was given back or released is visible to the thread
///   that takes it.
/// * A thread that has got its permits may free the semaphore, if no other thread is going to use it: the call that
///   made them available does not access it afterwards. (In safe code a borrow, an [`Arc`] or an
///   [owned guard](Self::wait_owned) takes care of that.)
///
/// # Waiting
///
/// `wait`, `wait_many` and `wait_owned` block the thread until they have their permits. The forms that end in `_for`
/// and `_until` block it until their limit or deadline passes at most, and do not fail earlier. With a limit of zero,
/// or a deadline that has passed, they make one attempt; a limit beyond the range of the clock is no limit. In a task
/// use the forms that end in `_async`: a blocked thread runs no other task.
///
/// Memory ordering of every form, if it succeeds: acquire. It synchronizes with each release, and each drop of a
/// guard, that made its permits available. If it fails: none.
///
/// # Fairness
///
/// A running thread may take a permit before the first waiter, while that is still waking up. This makes a
/// semaphore many times faster. A waiter that finds itself overtaken a millisecond or more after the first time is
/// not overtaken again, and a task that was woken is not overtaken at all.
///
/// If a thread is preempted after it has chosen the first waiter and before its system call wakes it, the
/// waiter wakes up late. Other releases then serve those that wait behind it.
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
    gate: Gate<Permits>,
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
            Self { gate: Gate::new(Permits::new(initial, max).0) }
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
    /// While a request for several permits is the first of those that wait, all later ones wait too. So a request
    /// that exceeds the capacity waits until the capacity is raised, and then holds back every other thread. A
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
        self.refuse_too_many(permits);
        if permits != 0 {
            self.gate.wait(permits.into());
        }
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
        self.guard_if(permits, |gate, permits| gate.wait_for(permits, limit))
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
        self.guard_if(permits, |gate, permits| gate.wait_until(permits, deadline))
    }

    /// Takes `permits` together if they are available now. Does not wait, but may briefly take a lock.
    ///
    /// # Errors
    ///
    /// [`TimeoutError`] if they are not, or if they are kept for the first of the requests that wait: one for
    /// several permits, or one that was overtaken for a millisecond. Also if `permits` is above the
    /// [maximum](Self::max). Zero permits are always available.
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
        self.guard_if(permits, Gate::try_take)
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

    /// Adds `permits` to the capacity, and serves the requests that wait, in their order, until there are not enough
    /// permits for the next one. May briefly take a lock, and wakes threads, but does not wait for them to run. Zero
    /// permits have no effect.
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
            refusal::too_much("capacity after release", capacity, self.max().into());
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
        match self.change(|now| now.raised(permits)) {
            Ok(()) => Ok(()),
            Err(now) => Err(now.capacity()),
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
            let (now, amount) = (self.now(), u64::from(permits.unsigned_abs()));
            if permits.is_negative() {
                refusal::too_much("permits to take away", amount, now.available().into());
            }
            let capacity = u64::from(now.capacity());
            refusal::too_much("capacity after modify", capacity + amount, now.max().into());
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
    #[must_use = "a change that is refused has no effect"]
    pub fn try_modify(&mut self, permits: i16) -> bool {
        let amount = permits.unsigned_abs();
        self.change(
            |now| {
                if permits.is_negative() { now.lowered(amount) } else { now.raised(amount) }
            },
        )
        .is_ok()
    }

    /// The number of permits that are available at this moment. They may be kept for a request that waits, for several
    /// permits or overtaken for a millisecond, so another wait may fail although the count is not zero.
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
        self.now().available()
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
        self.now().capacity()
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
    pub fn max(&self) -> u16 {
        self.now().max()
    }

    /// The numbers at this moment.
    fn now(&self) -> Permits {
        Permits(self.gate.value())
    }

    /// Replaces the numbers by what `change` returns. If that is `None`, changes nothing, and they are the error.
    fn change(&self, change: impl Fn(Permits) -> Option<Permits>) -> Result<(), Permits> {
        match self.gate.update(|value| Some(change(Permits(value))?.0)) {
            Ok(_) => Ok(()),
            Err(value) => Err(Permits(value)),
        }
    }

    /// Whether a request for `permits` is not refused. One for a single permit never is: with a maximum
    /// of zero it waits for ever.
    #[inline]
    fn may_ask_for(&self, permits: u16) -> bool {
        permits <= 1 || permits <= self.max()
    }

    #[inline]
    #[track_caller]
    fn refuse_too_many(&self, permits: u16) {
        if !self.may_ask_for(permits) {
            refusal::too_much("permits to wait for", permits.into(), self.max().into());
        }
    }

    #[inline]
    fn guard_if(
        &self,
        permits: u16,
        has_passed: impl FnOnce(&Gate<Permits>, u32) -> bool,
    ) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        if self.may_ask_for(permits) && (permits == 0 || has_passed(&self.gate, permits.into())) {
            Ok(SemaphoreGuard::new(self, permits))
        } else {
            Err(TimeoutError)
        }
    }

    /// What the drop of a guard does.
    #[inline]
    fn give_back(&self, permits: u16) {
        self.gate.add(Permits::available_only(permits).0);
    }

    /// Lowers the capacity by permits that a guard holds.
    fn forget(&self, permits: u16) {
        self.gate.sub(Permits::held_only(permits).0);
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
        let now = self.now();
        f.debug_struct("Semaphore")
            .field("count", &now.available())
            .field("capacity", &now.capacity())
            .field("max", &now.max())
            .finish()
    }
}

#[cfg(test)]
mod tests;
