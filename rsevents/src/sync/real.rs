//! The real primitives: atomics, locks, and how a thread sleeps.

#[cfg(target_has_atomic = "64")]
pub(crate) use core::sync::atomic::AtomicU64;
// 32-bit PowerPC and MIPS, for example, have no such instructions.
#[cfg(not(target_has_atomic = "64"))]
pub(crate) use locked::AtomicU64;

pub(crate) use core::sync::atomic::{AtomicU8, AtomicU32};
pub(crate) use std::sync::{Mutex, MutexGuard};
pub(crate) use std::thread_local as per_thread;

use std::time::Instant;

use super::Ordering;

use parking_lot_core::{DEFAULT_UNPARK_TOKEN, FilterOp, ParkResult, ParkToken};

#[allow(dead_code, reason = "used where there are no atomics of 64 bits")]
mod locked;

/// Shards of the table of queues.
pub(crate) const SHARDS: usize = 256;

/// How many tasks a broadcast takes at a time. To wake one takes less time than the lock.
pub(crate) const TASKS: usize = 16;

/// Distributes keys over the shards and chains of the table.
#[inline]
pub(crate) fn hash(key: usize) -> u64 {
    // Fibonacci hashing: neighbours get far apart, by the highest bits.
    (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A value to begin an update with.
#[inline]
pub(crate) fn guess(word: &AtomicU64) -> u64 {
    // Relaxed: the update that follows checks the guess.
    word.load(Ordering::Relaxed)
}

/// The same. `_likely` is for the model.
#[inline]
pub(crate) fn guess_byte(byte: &AtomicU8, _likely: u8) -> u8 {
    load_relaxed(byte)
}

/// The value of a byte, of which the caller knows why it need not be the newest, or why it is.
#[inline]
pub(crate) fn load_relaxed(byte: &AtomicU8) -> u8 {
    // Relaxed: see the callers.
    byte.load(Ordering::Relaxed)
}

/// The value of a byte that cannot change now.
#[inline]
pub(crate) fn load_settled(byte: &AtomicU8) -> u8 {
    // Relaxed: what keeps it from changing also orders this after the last change.
    byte.load(Ordering::Relaxed)
}

/// A cell with loom's interface.
pub(crate) struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// Declares a static with a `const` constructor, which loom's cannot have.
macro_rules! static_ref {
    (static $name:ident: $type:ty = $value:expr;) => {
        static $name: $type = $value;
    };
}
pub(crate) use static_ref;

/// An array of equal values, which are constant.
macro_rules! array {
    ($value:expr; $length:expr) => {
        [const { $value }; $length]
    };
}
pub(crate) use array;

/// Sleeps until [`unpark`] is called with this token or the deadline passes, unless `validate` returns `false`. That is
/// called under a lock of the parking lot: it must not unwind, nor use the parking lot.
///
/// # Panics
///
/// Does not unwind, but aborts where the platform cannot park.
pub(crate) fn park(
    token: usize,
    validate: impl FnOnce() -> bool,
    deadline: Option<Instant>,
) -> ParkResult {
    let (key, no_unwinding) = (parking_key(token), AbortOnUnwind);
    // SAFETY:
    // * The key is the address of a byte of our own static.
    // * The callbacks neither unwind nor call into the parking lot: `validate` loads an atomic, and the
    //   others do nothing.
    let result = unsafe {
        parking_lot_core::park(key, validate, || {}, |_, _| {}, ParkToken(token), deadline)
    };
    core::mem::forget(no_unwinding);
    result
}

/// Wakes the thread that sleeps with this token, if one does.
pub(crate) fn unpark(token: usize) {
    let filter = |ParkToken(other)| {
        if other == token { FilterOp::Unpark } else { FilterOp::Skip }
    };
    // SAFETY: as in `park`. The filter only compares, and the callback returns a constant.
    unsafe {
        parking_lot_core::unpark_filter(parking_key(token), filter, |_| DEFAULT_UNPARK_TOKEN)
    };
}

/// The key for a token in the parking lot. The token itself is the address of an entry or a group, which may be gone
/// when its thread is woken: then another object can have the address, and use it as a key for itself.
fn parking_key(token: usize) -> usize {
    // Fibonacci hashing.
    let place = (token as u32).wrapping_mul(0x9e37_79b9) >> (32 - KEYS.ilog2());
    core::ptr::from_ref(&NAMES[place as usize]).addr()
}

/// Enough that two threads seldom share one.
const KEYS: usize = 4096;

/// The bytes are not used, only their addresses. Atomic, because immutable statics of equal value might
/// be merged.
static NAMES: [AtomicU8; KEYS] = [const { AtomicU8::new(0) }; KEYS];

/// If parking unwound, the parking lot would keep the thread in its queue, and a waiter that was called would not
/// answer.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        std::process::abort();
    }
}

/// Lets other threads run on this core, if any can.
pub(crate) fn yield_core() {
    std::thread::yield_now();
}

/// Whether there is a clock. It ends spins, and wasm32-unknown-unknown has none: there the standard library
/// panics when it is read.
pub(crate) const HAS_CLOCK: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));
/// Without a clock: how often a waiter is overtaken before a set is handed off to it.
pub(crate) const OVERTAKEN_WITHOUT_CLOCK: u32 = 16;
/// Without a clock: the number of sets of a thread that were offered anew, at most, after which one is handed off.
pub(crate) const SETS_WITHOUT_CLOCK: u32 = 4096;

/// Declares a constructor, which is `const` here and cannot be in the model.
macro_rules! const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$attr])* $vis const fn $($rest)*
    };
}
pub(crate) use const_fn;

#[cfg(test)]
pub(crate) mod steps;

#[cfg(test)]
pub(crate) mod testing;
