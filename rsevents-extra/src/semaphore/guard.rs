//! Permits that somebody holds.

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
        /// How many permits it holds.
        #[must_use]
        pub fn permits(&self) -> u16 {
            self.0.permits
        }

        /// Destroys the permits: lowers the semaphore's capacity by them, which makes room for as many new
        /// ones. Never blocks. Memory ordering: none.
        pub fn forget(self) {
            self.0.forget();
        }

        /// Puts `permits` of those that it holds into a guard of their own. `None`, and no change, if it
        /// holds fewer.
        pub fn split(&mut self, permits: u16) -> Option<Self> {
            self.0.split(permits).map(Self)
        }

        /// Takes over the permits of another guard.
        ///
        /// # Panics
        ///
        /// If `other` belongs to another semaphore. Its permits are given back to that one.
        #[track_caller]
        pub fn merge(&mut self, other: Self) {
            self.0.merge(other.0);
        }
    };
}

/// Permits taken from a [`Semaphore`]. Gives them back when it is dropped, also when a panic unwinds.
///
/// With [`std::mem::forget`] they count as held for ever: the capacity is unchanged, but those permits
/// are never available again. To lower the capacity, use [`forget`](Self::forget).
#[must_use = "a guard that is dropped gives its permits back"]
pub struct SemaphoreGuard<'a>(Held<&'a Semaphore>);

impl<'a> SemaphoreGuard<'a> {
    #[inline]
    pub(super) fn new(semaphore: &'a Semaphore, permits: u16) -> Self {
        Self(Held { semaphore, permits })
    }

    guard_methods!();

    /// A guard of the same permits that keeps the semaphore alive itself.
    ///
    /// # Panics
    ///
    /// If `semaphore` is another one; the permits are given back.
    #[track_caller]
    pub fn into_owned(mut self, semaphore: Arc<Semaphore>) -> OwnedSemaphoreGuard {
        assert!(std::ptr::eq(self.0.semaphore, &*semaphore), "the guard is of another semaphore");
        let permits = std::mem::take(&mut self.0.permits);
        OwnedSemaphoreGuard(Held { semaphore, permits })
    }
}

/// A [`SemaphoreGuard`] that shares the ownership of its semaphore.
#[must_use = "a guard that is dropped gives its permits back"]
pub struct OwnedSemaphoreGuard(Held<Arc<Semaphore>>);

impl OwnedSemaphoreGuard {
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
