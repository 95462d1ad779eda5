//! The real primitives with random delays before and after every step, also under the locks of queues.
//! They make interleavings frequent that are very rare otherwise.

mod delay;

use std::time::Instant;

use parking_lot_core::ParkResult;

use self::delay::around;
use super::{Ordering, real};

pub(crate) use super::real::*;

/// Declares an atomic with the methods of the real one that are used.
macro_rules! atomic {
    (
        $(#[$attr:meta])* $name:ident($value:ty),
        $(fn $method:ident($($argument:ident: $type:ty),*) -> $result:ty,)*
    ) => {
        $(#[$attr])*
        pub(crate) struct $name(real::$name);

        impl $name {
            pub(crate) const fn new(value: $value) -> Self {
                Self(real::$name::new(value))
            }

            $(pub(crate) fn $method(&self, $($argument: $type),*) -> $result {
                around(|| self.0.$method($($argument),*))
            })*
        }
    };
}

atomic! {
    /// The real atomic byte.
    AtomicU8(u8),
    fn load(order: Ordering) -> u8,
    fn store(value: u8, order: Ordering) -> (),
    fn swap(value: u8, order: Ordering) -> u8,
    fn fetch_and(bits: u8, order: Ordering) -> u8,
    fn compare_exchange(before: u8, after: u8, success: Ordering, failure: Ordering) -> Result<u8, u8>,
}

atomic! {
    /// The real atomic number.
    AtomicU32(u32),
    fn load(order: Ordering) -> u32,
    fn store(value: u32, order: Ordering) -> (),
    fn compare_exchange(before: u32, after: u32, success: Ordering, failure: Ordering) -> Result<u32, u32>,
}

atomic! {
    /// The real atomic word.
    AtomicU64(u64),
    fn load(order: Ordering) -> u64,
    fn store(value: u64, order: Ordering) -> (),
    fn swap(value: u64, order: Ordering) -> u64,
    fn fetch_add(number: u64, order: Ordering) -> u64,
    fn compare_exchange_weak(before: u64, after: u64, success: Ordering, failure: Ordering) -> Result<u64, u64>,
}

// The real functions, each with delays around it.

pub(crate) fn guess(word: &AtomicU64) -> u64 {
    around(|| real::guess(&word.0))
}

pub(crate) fn guess_byte(byte: &AtomicU8, likely: u8) -> u8 {
    around(|| real::guess_byte(&byte.0, likely))
}

pub(crate) fn load_relaxed(byte: &AtomicU8) -> u8 {
    around(|| real::load_relaxed(&byte.0))
}

pub(crate) fn load_settled(byte: &AtomicU8) -> u8 {
    around(|| real::load_settled(&byte.0))
}

/// With delays also under the lock of the parking lot.
pub(crate) fn park(
    token: usize,
    validate: impl FnOnce() -> bool,
    deadline: Option<Instant>,
) -> ParkResult {
    around(|| real::park(token, || around(validate), deadline))
}

pub(crate) fn unpark(token: usize) {
    around(|| real::unpark(token));
}
