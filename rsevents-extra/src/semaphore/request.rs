//! Requests of permits, to be waited for together with other objects.

use std::fmt;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rsevents::{Part, Signal, Won, Yields};

use super::{Semaphore, SemaphoreGuard};

impl Semaphore {
    /// A request for this number of permits, to be waited for together with other objects, by
    /// [`wait_any`](rsevents::wait_any) or [`wait_all`](rsevents::wait_all). If a wait has passed by it, its guard
    /// is there to be [taken](Request::take). Where the types of all objects are known,
    /// [`Several`](rsevents::Several) needs no request for one permit, and yields the guard.
    ///
    /// # Panics
    ///
    /// If `permits` is above one and above the [maximum](Self::max), as a wait for it would never end.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents::{ManualResetEvent, wait_any};
    /// use rsevents_extra::Semaphore;
    ///
    /// static CONNECTIONS: Semaphore = Semaphore::new(2, 2);
    /// static STOP: ManualResetEvent = ManualResetEvent::new(rsevents::EventState::Unset);
    ///
    /// let connection = CONNECTIONS.request(1);
    /// match wait_any(&[&connection, &STOP]) {
    ///     0 => {
    ///         let _permit = connection.take().unwrap();
    ///         // ...
    ///     }
    ///     _ => {} // stopped
    /// }
    /// assert_eq!(CONNECTIONS.count(), 2);
    /// ```
    ///
    /// The same for one permit, without a request, and with a limit:
    ///
    /// ```
    /// use rsevents::{ManualResetEvent, OneOf2, Several};
    /// use rsevents_extra::Semaphore;
    /// use std::time::Duration;
    ///
    /// static CONNECTIONS: Semaphore = Semaphore::new(2, 2);
    /// static STOP: ManualResetEvent = ManualResetEvent::new(rsevents::EventState::Unset);
    ///
    /// match (&STOP, &CONNECTIONS).wait_any_for(Duration::from_secs(2)) {
    ///     Some(OneOf2::First(())) => {} // stopped
    ///     Some(OneOf2::Second(permit)) => {
    ///         // ...
    ///         drop(permit);
    ///     }
    ///     None => {} // none was given back in time
    /// }
    /// assert_eq!(CONNECTIONS.count(), 2);
    /// ```
    #[track_caller]
    pub fn request(&self, permits: u16) -> Request<'_> {
        self.refuse_too_many(permits);
        Request { semaphore: self, permits, won: Mutex::new(0) }
    }
}

/// A request of permits, made by [`Semaphore::request`].
///
/// It can be waited for by several threads, and several times. Each wait that has passed by it leaves one guard. Those
/// that were not taken give their permits back when the request is dropped.
#[must_use = "a request does nothing unless it is waited for"]
pub struct Request<'a> {
    semaphore: &'a Semaphore,
    permits: u16,
    /// Waits that have passed, and whose guards were not taken.
    won: Mutex<u64>,
}

impl<'a> Request<'a> {
    /// The guard of a wait that has passed by this. Each is there once. Does not block, but may wait for a moment for
    /// another `take` of the same request.
    ///
    /// Memory ordering: acquire. Synchronizes with the waits that have passed by this.
    #[must_use]
    pub fn take(&self) -> Option<SemaphoreGuard<'a>> {
        let mut won = self.lock();
        *won = won.checked_sub(1)?;
        Some(SemaphoreGuard::new(self.semaphore, self.permits))
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        // Nothing panics while it is locked.
        self.won.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes when there are enough permits, and takes them. While it is the first in the semaphore's queue, no other
/// request overtakes one of several permits, as with [`Semaphore::wait_many`].
impl Signal for Request<'_> {
    fn part(&self) -> Part<'_> {
        match self.permits {
            0 => Part::ready(),
            _ => self.semaphore.gate.part(self.permits.into()),
        }
    }

    fn won(&self, won: Won<'_>) {
        // Or a guard would give back what no wait has taken.
        if won.is_of(self.part()) {
            *self.lock() += 1;
        }
    }
}

/// Yields the guard of the permits. A wait for objects of known types leaves none to be [taken](Request::take).
impl<'a> Yields<'_> for Request<'a> {
    type Taken = SemaphoreGuard<'a>;

    fn asks(&self) -> Part<'_> {
        self.part()
    }

    /// # Panics
    ///
    /// If `won` is that of a wait for something else.
    fn yields(&self, won: Won<'_>) -> SemaphoreGuard<'a> {
        self.semaphore.guard(self.permits, self.part(), &won)
    }
}

/// Yields the guard of one permit.
impl<'a> Yields<'a> for Semaphore {
    type Taken = SemaphoreGuard<'a>;

    fn asks(&'a self) -> Part<'a> {
        self.gate.part(1)
    }

    /// # Panics
    ///
    /// If `won` is that of a wait for something else.
    fn yields(&'a self, won: Won<'_>) -> SemaphoreGuard<'a> {
        self.guard(1, self.asks(), &won)
    }
}

impl Semaphore {
    /// The guard of a wait that has passed by `part`.
    fn guard(&self, permits: u16, part: Part<'_>, won: &Won<'_>) -> SemaphoreGuard<'_> {
        // Or it would give back what no wait has taken.
        assert!(won.is_of(part), "this wait has not taken permits of this semaphore");
        SemaphoreGuard::new(self, permits)
    }
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        let won = mem::take(&mut *self.lock());
        // All at once: if a waker panics, none is lost.
        if self.permits != 0 {
            let permits = won * u64::from(self.permits);
            let permits = permits.try_into().expect("they are at most the capacity");
            drop(SemaphoreGuard::new(self.semaphore, permits));
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("permits", &self.permits).finish_non_exhaustive()
    }
}
