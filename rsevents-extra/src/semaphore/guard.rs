//! The guards of a semaphore: permits that are held.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Semaphore;

/// Permits, and how to reach the semaphore that gets them back.
struct Held<S: Deref<Target = Semaphore>> {
    semaphore: S,
    permits: u16,
}

impl<S: Deref<Target = Semaphore> + Clone> Held<S> {
    fn split(&mut self, permits: u16) -> Option<Self> {
        self.permits = self.permits.checked_sub(permits)?;
        Some(Self { semaphore: self.semaphore.clone(), permits })
    }

    #[track_caller]
    fn merge(&mut self, mut other: Self) {
        assert!(
            std::ptr::eq(&*self.semaphore, &*other.semaphore),
            "guards of different semaphores cannot be merged"
        );
        // Permits of one semaphore: together they are at most its capacity.
        self.permits += std::mem::take(&mut other.permits);
    }
}

impl<S: Deref<Target = Semaphore>> Held<S> {
    fn forget(mut self) {
        self.semaphore.forget(std::mem::take(&mut self.permits));
    }
}

impl<S: Deref<Target = Semaphore>> Drop for Held<S> {
    #[inline]
    fn drop(&mut self) {
        if self.permits != 0 {
            self.semaphore.give_back(self.permits);
        }
    }
}

/// Defines the methods that both guards have.
macro_rules! guard_methods {
    () => {
        /// The number of permits that it holds.
        ///
        /// ```
        /// use rsevents_extra::Semaphore;
        ///
        /// let semaphore = Semaphore::new(3, 3);
        /// assert_eq!(semaphore.wait_many(2).permits(), 2);
        /// ```
        #[must_use]
        pub fn permits(&self) -> u16 {
            self.0.permits
        }

        /// Consumes the permits for good: lowers the semaphore's capacity by them, which makes room for as many to be
        /// released later. Does not wait for other threads, but may briefly take a lock. Memory ordering: none.
        ///
        /// ```
        /// use rsevents_extra::Semaphore;
        ///
        /// let semaphore = Semaphore::new(3, 3);
        /// semaphore.wait().forget();
        /// assert_eq!(semaphore.capacity(), 2);
        /// assert!(semaphore.try_release(1));
        /// ```
        #[doc(alias("reducePermits", "forget_permits"))]
        pub fn forget(self) {
            self.0.forget();
        }

        /// Moves `permits` of its permits into a second guard. Returns `None`, without a change, if it
        /// holds fewer.
        ///
        /// ```
        /// use rsevents_extra::Semaphore;
        ///
        /// let semaphore = Semaphore::new(3, 3);
        /// let mut guard = semaphore.wait_many(3);
        /// drop(guard.split(1)); // gives back one early
        /// assert_eq!((guard.permits(), semaphore.count()), (2, 1));
        /// assert!(guard.split(3).is_none());
        /// ```
        pub fn split(&mut self, permits: u16) -> Option<Self> {
            self.0.split(permits).map(Self)
        }

        /// Takes over the permits of another guard.
        ///
        /// # Panics
        ///
        /// If `other` belongs to another semaphore. Its permits are given back to that one.
        ///
        /// # Example
        ///
        /// ```
        /// use rsevents_extra::Semaphore;
        ///
        /// let semaphore = Semaphore::new(3, 3);
        /// let mut guard = semaphore.wait();
        /// guard.merge(semaphore.wait_many(2));
        /// assert_eq!(guard.permits(), 3);
        /// ```
        #[track_caller]
        pub fn merge(&mut self, other: Self) {
            self.0.merge(other.0);
        }
    };
}

/// Permits taken from a [`Semaphore`]. Gives them back when it is dropped, also when a panic unwinds. That is as
/// [`Semaphore::release`]: it may briefly take a lock and wake others. Memory ordering: release.
///
/// After [`std::mem::forget`] the permits count as held for ever: they stay part of the capacity, but are
/// never available again. To lower the capacity, use [`forget`](Self::forget).
#[doc(alias = "SemaphorePermit")]
#[must_use = "a guard that is dropped gives its permits back"]
pub struct SemaphoreGuard<'a>(Held<&'a Semaphore>);

impl<'a> SemaphoreGuard<'a> {
    #[inline]
    pub(super) fn new(semaphore: &'a Semaphore, permits: u16) -> Self {
        Self(Held { semaphore, permits })
    }

    guard_methods!();

    /// Turns it into a guard of the same permits that shares the ownership of the semaphore.
    ///
    /// # Panics
    ///
    /// If `semaphore` is a different one. The permits are given back then.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    /// use std::{sync::Arc, thread};
    ///
    /// let semaphore = Arc::new(Semaphore::new(2, 2));
    /// let guard = semaphore.wait_many(2).into_owned(Arc::clone(&semaphore));
    /// thread::spawn(move || drop(guard)).join().unwrap();
    /// assert_eq!(semaphore.count(), 2);
    /// ```
    #[track_caller]
    pub fn into_owned(mut self, semaphore: Arc<Semaphore>) -> OwnedSemaphoreGuard {
        assert!(std::ptr::eq(self.0.semaphore, &*semaphore), "the guard is of another semaphore");
        let permits = std::mem::take(&mut self.0.permits);
        OwnedSemaphoreGuard(Held { semaphore, permits })
    }
}

/// A [`SemaphoreGuard`] that shares the ownership of its semaphore. See [`Semaphore::wait_owned`].
#[doc(alias = "OwnedSemaphorePermit")]
#[must_use = "a guard that is dropped gives its permits back"]
pub struct OwnedSemaphoreGuard(Held<Arc<Semaphore>>);

impl OwnedSemaphoreGuard {
    pub(super) fn new(semaphore: Arc<Semaphore>, permits: u16) -> Self {
        Self(Held { semaphore, permits })
    }

    guard_methods!();
}

impl fmt::Debug for SemaphoreGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SemaphoreGuard").field(&self.permits()).finish()
    }
}

impl fmt::Debug for OwnedSemaphoreGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedSemaphoreGuard").field(&self.permits()).finish()
    }
}
