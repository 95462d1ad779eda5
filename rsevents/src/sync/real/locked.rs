//! An atomic number of 64 bits for targets without instructions for it: a number under a lock.

use core::cell::UnsafeCell;
use std::sync::{Mutex, PoisonError};

use super::Ordering;

/// Chosen by the number's address. Not inside the number, which may be freed as soon as it has changed.
static LOCKS: [Mutex<()>; 16] = [const { Mutex::new(()) }; 16];

/// The locks order all accesses, so the orderings have no meaning.
pub(crate) struct AtomicU64(UnsafeCell<u64>);

/// As of the atomic: no other thread sees a number that is half changed.
impl core::panic::RefUnwindSafe for AtomicU64 {}

// SAFETY: the number is accessed only under the lock of its address.
unsafe impl Sync for AtomicU64 {}

impl AtomicU64 {
    pub(crate) const fn new(value: u64) -> Self {
        Self(UnsafeCell::new(value))
    }

    pub(crate) fn load(&self, _order: Ordering) -> u64 {
        self.with(|value| *value)
    }

    pub(crate) fn store(&self, value: u64, order: Ordering) {
        self.swap(value, order);
    }

    pub(crate) fn swap(&self, value: u64, _order: Ordering) -> u64 {
        self.with(|old| core::mem::replace(old, value))
    }

    pub(crate) fn fetch_add(&self, number: u64, _order: Ordering) -> u64 {
        self.with(|value| core::mem::replace(value, value.wrapping_add(number)))
    }

    pub(crate) fn compare_exchange_weak(
        &self,
        before: u64,
        after: u64,
        _success: Ordering,
        _failure: Ordering,
    ) -> Result<u64, u64> {
        self.with(|value| {
            if *value == before {
                *value = after;
                Ok(before)
            } else {
                Err(*value)
            }
        })
    }

    fn with<R>(&self, access: impl FnOnce(&mut u64) -> R) -> R {
        let place = self.0.get().addr() / size_of::<u64>() % LOCKS.len();
        let _lock = LOCKS[place].lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: under the lock there is no other reference, and `access` makes none.
        access(unsafe { &mut *self.0.get() })
    }
}

#[cfg(test)]
mod tests;
