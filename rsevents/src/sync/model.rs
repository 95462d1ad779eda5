//! What loom runs: its atomics, locks and cells, and a model of how a thread sleeps.
//!
//! Time does not pass in a model: a deadline may pass at any moment. So a sleep with a deadline is only a
//! point where other threads may run.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex as Bookkeeping};
use std::thread;
use std::time::Instant;

use loom::thread::Thread;
use parking_lot_core::{ParkResult, UnparkToken};

use super::Ordering;

pub(crate) use loom::sync::{Mutex, MutexGuard};

/// Loom's thread-local storage, which has no constant values.
macro_rules! per_thread {
    (static $name:ident: $type:ty = const { $value:expr };) => {
        loom::thread_local! {
            static $name: $type = $value;
        }
    };
}
pub(crate) use per_thread;

/// The few shards and chains make objects share them.
pub(crate) const SHARDS: usize = 2;
/// A broadcast to three tasks takes them in several steps.
pub(crate) const TASKS: usize = 2;
/// A spin adds no interleaving: loom explores every moment at which a set may come. And the model
/// would not end.
pub(crate) const HAS_CLOCK: bool = false;
/// A waiter that was overtaken once is not overtaken again, or a model of it would not end.
pub(crate) const OVERTAKEN_WITHOUT_CLOCK: u32 = 1;
/// Both outcomes come up.
pub(crate) const SETS_WITHOUT_CLOCK: u32 = 1;

/// Declares a constructor, which is `const` with the real primitives and cannot be here.
macro_rules! const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$attr])* $vis fn $($rest)*
    };
}
pub(crate) use const_fn;

/// Declares a static, which loom makes anew for each execution of a model, and a function that does so.
macro_rules! static_ref {
    (static $name:ident: $type:ty = $value:expr;) => {
        loom::lazy_static! {
            static ref $name: $type = $value;
        }
        pub(crate) fn create() {
            let _: &$type = &$name;
        }
    };
}
pub(crate) use static_ref;

/// An array of equal values, which need not be constant here.
macro_rules! array {
    ($value:expr; $length:expr) => {
        core::array::from_fn::<_, { $length }, _>(|_| $value)
    };
}
pub(crate) use array;

/// Loom's atomic byte.
pub(crate) struct AtomicU8(loom::sync::atomic::AtomicU8);

impl AtomicU8 {
    /// Creates the table of queues, too. Loom orders the creation of a lazy static before its uses; created
    /// here, before any thread is spawned, it adds no order.
    pub(crate) fn new(value: u8) -> Self {
        crate::queue::table::create();
        Self(loom::sync::atomic::AtomicU8::new(value))
    }

    pub(crate) fn load(&self, order: Ordering) -> u8 {
        let value = self.0.load(order);
        steps::record(value, value);
        value
    }

    pub(crate) fn fetch_and(&self, bits: u8, order: Ordering) -> u8 {
        let before = self.0.fetch_and(bits, order);
        steps::record(before, before & bits);
        before
    }

    pub(crate) fn compare_exchange(
        &self,
        before: u8,
        after: u8,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u8, u8> {
        let result = self.0.compare_exchange(before, after, success, failure);
        if result.is_ok() {
            steps::record(before, after);
        }
        result
    }
}

/// Makes loom report accesses that do not happen before the byte is freed.
impl Drop for AtomicU8 {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

impl Deref for AtomicU8 {
    type Target = loom::sync::atomic::AtomicU8;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Loom's cell.
pub(crate) struct UnsafeCell<T>(loom::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::cell::UnsafeCell::new(value))
    }
}

/// As that of a byte.
impl<T> Drop for UnsafeCell<T> {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

impl<T> Deref for UnsafeCell<T> {
    type Target = loom::cell::UnsafeCell<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Loom's atomic of 32 bits.
pub(crate) struct AtomicU32(loom::sync::atomic::AtomicU32);

impl AtomicU32 {
    pub(crate) fn new(value: u32) -> Self {
        Self(loom::sync::atomic::AtomicU32::new(value))
    }
}

/// As that of a byte.
impl Drop for AtomicU32 {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

impl Deref for AtomicU32 {
    type Target = loom::sync::atomic::AtomicU32;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Loom's atomic word.
pub(crate) struct AtomicU64(loom::sync::atomic::AtomicU64);

impl AtomicU64 {
    /// As that of a byte.
    pub(crate) fn new(value: u64) -> Self {
        crate::queue::table::create();
        Self(loom::sync::atomic::AtomicU64::new(value))
    }
}

impl Drop for AtomicU64 {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

impl Deref for AtomicU64 {
    type Target = loom::sync::atomic::AtomicU64;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A value to begin an update with. Not by a load: that would hide interleavings from loom, which
/// remembers one access to each cell only, and before an update of our own that would be our load.
pub(crate) fn guess(word: &AtomicU64) -> u64 {
    word.fetch_or(0, Ordering::Relaxed)
}

/// The same without an access, which would add executions and find nothing: the update checks the guess.
pub(crate) fn guess_byte(_: &AtomicU8, likely: u8) -> u8 {
    likely
}

/// The value of a byte. Not by a load, as above.
pub(crate) fn load_relaxed(byte: &AtomicU8) -> u8 {
    byte.fetch_or(0, Ordering::Relaxed)
}

/// The value of a byte that cannot change now, which loom checks. Not by an atomic load, which would hide those of
/// other threads from loom if this thread stores next.
pub(crate) fn load_settled(byte: &AtomicU8) -> u8 {
    // SAFETY: loom runs one thread at a time, and panics if a store is not ordered before this.
    unsafe { byte.unsync_load() }
}

loom::lazy_static! {
    // Not part of the model, so the locks are not loom's.
    /// The keys in the order in which they came up.
    static ref KEYS: Bookkeeping<Vec<usize>> = Bookkeeping::default();
    /// The sleepers by token.
    static ref SLEEPERS: Bookkeeping<HashMap<usize, Arc<Sleeper>>> = Bookkeeping::default();
}

/// Replaces the hash of the real table. Addresses differ between the executions of a model, which have to be the
/// same up to the point where loom makes them differ.
pub(crate) fn hash(key: usize) -> u64 {
    let mut keys = KEYS.lock().expect("no model panics in here");
    let place = keys.iter().position(|other| *other == key).unwrap_or_else(|| {
        keys.push(key);
        keys.len() - 1
    }) as u64;
    // Every other key is in the first shard, and then in a chain of its own. The highest bit selects the shard, the
    // next ones the chain.
    place.reverse_bits()
}

/// Where the thread with a token sleeps. The lock stands for that of the parking lot.
#[derive(Default)]
struct Sleeper(Mutex<Option<Thread>>);

impl Sleeper {
    fn of(token: usize) -> Arc<Self> {
        Arc::clone(SLEEPERS.lock().expect("no model panics in here").entry(token).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Thread>> {
        self.0.lock().expect("loom's locks are not poisoned")
    }
}

/// Models the real function.
pub(crate) fn park(
    token: usize,
    validate: impl FnOnce() -> bool,
    deadline: Option<Instant>,
) -> ParkResult {
    let sleeper = Sleeper::of(token);
    let mut thread = sleeper.lock();
    if !validate() {
        return ParkResult::Invalid;
    }
    if deadline.is_some() {
        return ParkResult::TimedOut;
    }
    *thread = Some(loom::thread::current());
    drop(thread);
    // Each handle in `sleeper` is unparked once, and this thread blocks on nothing else before. So loom's
    // token is neither lost nor left over.
    loom::thread::park();
    ParkResult::Unparked(UnparkToken(0))
}

/// Models the real function.
pub(crate) fn unpark(token: usize) {
    let thread = Sleeper::of(token).lock().take();
    if let Some(thread) = thread {
        thread.unpark();
    }
}

/// Not reached: without a clock, a waiter does not know since when it has been overtaken.
pub(crate) fn yield_core() {}

#[allow(dead_code, reason = "only scenarios read them")]
pub(crate) mod steps;

#[cfg(test)]
pub(crate) mod testing;
