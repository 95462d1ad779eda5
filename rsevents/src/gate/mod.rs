//! A number and a queue of waits: what other types are built on.

mod rule;
mod serve;
mod wait;
mod word;

#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod tests;

use core::fmt;
use core::marker::PhantomData;
use std::time::{Duration, Instant};

pub use self::rule::Rule;
pub(crate) use self::word::AtomicWord;
use self::word::{QUEUED, SHIFT, WATCHED, Word};
use crate::deadline::Limit;
use crate::future::Wait;
use crate::queue::{self, Shard, Waiting};
use crate::sync::const_fn;

/// A number, and a queue of the waits until it has a certain value: a base for new synchronization primitives.
///
/// A gate is eight bytes, can be a `static`, and needs no destructor. What its value means is up to its
/// [`Rule`]. (Where there are no atomics of 64 bits, each operation on the value takes a lock.) A type gets
/// all forms of [`Awaitable`](crate::Awaitable) on top by implementing [`Source`](crate::Source).
///
/// ```
/// use rsevents::{Gate, Rule};
///
/// /// The value is the number of items.
/// struct Items;
///
/// impl Rule for Items {
///     fn take(items: u64, request: u32) -> Option<u64> {
///         items.checked_sub(u64::from(request))
///     }
///     fn opens(items: u64) -> bool {
///         items > 0
///     }
///     fn hand_on(items: u64, request: u32) -> u64 {
///         items + u64::from(request)
///     }
/// }
///
/// static ITEMS: Gate<Items> = Gate::new(0);
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| ITEMS.wait(2)); // takes two items
///     ITEMS.add(3);
/// });
/// assert_eq!(ITEMS.value(), 1);
/// ```
///
/// # Guarantees
///
/// * Value and waits never disagree: each call on a gate takes effect in one step between its start and its return.
/// * No wake-up is lost. After each change, waits in the queue are *served* in their order: they pass or are
///   called, until the value is not enough for the next one. Those behind that one stay asleep even if the
///   value is enough for them, while a wait that comes later and is not queued passes. So where requests
///   differ, let those that need more [keep](Rule::keeps) their place, or let no request pass at a value that
///   is not enough for an earlier one.
/// * The first wait in the queue, if it blocks a thread and does not [keep](Rule::keeps) its place, is *called*: what
///   it may take stays in the value until its thread runs. Another wait may take it first, or the value may be
///   changed back. Then the called wait goes on waiting, as the first and with its one deadline. Once it finds so a
///   millisecond or more after the first time, it is not overtaken again. All other waits, and all [of
///   tasks](Self::wait_async), have passed when they are woken. (If a gate is [shared](Rule::SHARED), all waits
///   have.)
/// * A wait whose limit passes takes what it asks for if it may at that moment. Otherwise it leaves the value
///   as it is.
/// * A thread whose wait has passed may free the gate, if no other thread is going to use it and no wait for it was
///   [leaked](Wait#leaks): a call that has let it pass does not access the gate afterwards.
/// * Everything that was written before a change of the value is visible to the waits that it lets pass, also if
///   other changes came between.
///
/// One thing depends on other threads: a thread that is preempted after it has called the first wait, and before its
/// system call wakes that wait's thread, delays it. Then further changes let the waits behind it pass.
pub struct Gate<R> {
    /// See [`Word`]. Every change is a read-modify-write, so it continues the release sequence of each change before
    /// it.
    word: AtomicWord,
    /// Invariant, because a subtype of a rule may be another type, with other functions:
    ///
    /// ```compile_fail,E0308
    /// use rsevents::Gate;
    ///
    /// struct Rule<F>(F);
    ///
    /// fn convert(gate: &Gate<Rule<for<'a> fn(&'a u8)>>) -> &Gate<Rule<fn(&'static u8)>> {
    ///     gate
    /// }
    /// ```
    _rule: PhantomData<fn(R) -> R>,
}

impl<R: Rule> Gate<R> {
    /// The largest value: 2⁵⁹ - 1.
    pub const MAX: u64 = u64::MAX >> SHIFT;

    const_fn! {
        /// Creates a gate with this value.
        ///
        /// # Panics
        ///
        /// If `value` is above [`MAX`](Self::MAX). In a `static` this is a compile-time error.
        #[must_use]
        #[track_caller]
        pub const fn new(value: u64) -> Self {
            assert!(value <= Self::MAX, "the value is above the largest one of a gate");
            Self { word: AtomicWord::new(value), _rule: PhantomData }
        }
    }

    /// The value at this moment.
    ///
    /// Memory ordering: acquire. Synchronizes with every change that led to this value.
    #[inline]
    #[must_use]
    pub fn value(&self) -> u64 {
        self.load().value()
    }

    /// Adds `n` to the value, modulo 2⁵⁹, and returns the value before. Then waits are served.
    ///
    /// One atomic operation if no wait is queued, or if [`Rule::opens`] is `false` for the new value, and no
    /// [`wait_all`](crate::wait_all) waits for the gate. Otherwise it may briefly take a lock, shared with other
    /// objects, and wakes the threads that it lets pass. Does not wait for these.
    ///
    /// If the gate is [shared](Rule::SHARED), a change from a value that opens to one that does not has to be
    /// made by [`update`](Self::update).
    ///
    /// Memory ordering: acquire and release.
    #[inline]
    pub fn add(&self, n: u64) -> u64 {
        self.added(n << SHIFT, n == 1)
    }

    /// Subtracts `n` from the value, modulo 2⁵⁹: below zero it becomes large. Otherwise as
    /// [`add`](Self::add). Where that can happen, use [`update`](Self::update) and [`u64::checked_sub`].
    #[inline]
    pub fn sub(&self, n: u64) -> u64 {
        self.added((n << SHIFT).wrapping_neg(), n == 1)
    }

    #[inline]
    fn added(&self, n: u64, is_one: bool) -> u64 {
        let key = self.key();
        let mut before = self.word.add(n);
        if before.has(QUEUED | WATCHED) {
            if before.has(WATCHED) {
                // The addition to the mark has no effect: the word comes back without it.
                before = self.add_watched(n);
            } else {
                Self::changed(key, before, Word(before.0.wrapping_add(n)), is_one);
            }
        }
        before.value()
    }

    /// Replaces the value by what `change` returns, in one step, and returns the values before and after. Then waits
    /// are served. If `change` returns `None`, changes nothing and returns the value as the error.
    ///
    /// `change` may be called several times, never under a lock. What follows from a change, such as that it
    /// was the last one, is best derived from the values returned. Locks, wake-ups and memory ordering as for
    /// [`add`](Self::add). If the gate is [shared](Rule::SHARED) and open, first releases the waits that are
    /// in the queue.
    ///
    /// # Errors
    ///
    /// The value for which `change` has returned `None`. Memory ordering: none then.
    ///
    /// # Panics
    ///
    /// If `change` returns more than [`MAX`](Self::MAX). Nothing changes then.
    #[inline]
    #[track_caller]
    pub fn update(&self, change: impl Fn(u64) -> Option<u64>) -> Result<(u64, u64), u64> {
        let key = self.key();
        let mut before = self.word.guess();
        loop {
            if before.has(WATCHED) {
                before = self.load_watched();
            }
            let Some(value) = change(before.value()) else { return Err(before.value()) };
            assert!(value <= Self::MAX, "the value is above the largest one of a gate");
            if R::SHARED && before.has(QUEUED) && R::opens(before.value()) {
                // The thread that has opened it has not released them yet.
                self.serve_here();
                before = self.word.guess();
                continue;
            }
            let after = before.with_value(value);
            match self.word.exchange(before, after) {
                Err(actual) if actual.has(WATCHED) => {
                    if self.exchange_watched(before, after) {
                        return Ok((before.value(), value));
                    }
                    before = actual;
                }
                Ok(()) => {
                    if before.has(QUEUED) {
                        Self::changed(key, before, after, false);
                    }
                    return Ok((before.value(), value));
                }
                Err(actual) => before = actual,
            }
        }
    }

    /// Replaces the value and returns the one before. Otherwise as [`update`](Self::update).
    ///
    /// # Panics
    ///
    /// If `value` is above [`MAX`](Self::MAX). Nothing changes then.
    #[inline]
    #[track_caller]
    pub fn swap(&self, value: u64) -> u64 {
        match self.update(|_| Some(value)) {
            Ok((before, _)) | Err(before) => before,
        }
    }

    /// Takes what `request` asks for if a wait for it may pass now. Returns whether it has. Does not wait for other
    /// threads, but may briefly take a lock.
    ///
    /// Memory ordering: acquire, if it passes. Synchronizes with every change before it.
    #[inline]
    #[must_use]
    pub fn try_take(&self, request: u32) -> bool {
        self.passed_or_served(self.pass(request), request)
    }

    /// Waits until the value is enough for `request`, without a limit, and takes that. Blocks the thread.
    /// Memory ordering as for [`try_take`](Self::try_take).
    #[inline]
    pub fn wait(&self, request: u32) {
        self.wait_within(request, || Limit::Unlimited);
    }

    /// Waits as [`wait`](Self::wait) does, for at most `limit`. Returns whether it has passed. With a limit of zero, as
    /// [`try_take`](Self::try_take). A limit beyond the range of the clock is no limit.
    #[inline]
    #[must_use]
    pub fn wait_for(&self, request: u32, limit: Duration) -> bool {
        self.wait_within(request, || Limit::For(limit))
    }

    /// Waits as [`wait`](Self::wait) does, until `deadline` at most. Returns whether it has passed. With a deadline
    /// that has passed, as [`try_take`](Self::try_take).
    #[inline]
    #[must_use]
    pub fn wait_until(&self, request: u32, deadline: Instant) -> bool {
        self.wait_within(request, || Limit::Until(deadline))
    }

    /// A future that waits until the value is enough for `request`, and takes that. It joins the queue when it is first
    /// polled. Memory ordering as for [`try_take`](Self::try_take).
    ///
    /// The wait of a task is never called: when it is the first in the queue and the value is enough, it takes what
    /// it asks for at once, and has that when its task is woken.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is ready leaves the queue. If its wait has passed by then,
    /// [`Rule::hand_on`] has to put back what it took, and waits are served.
    pub fn wait_async(&self, request: u32) -> Wait<'_> {
        // SAFETY: the future borrows the gate.
        unsafe { Wait::new(self.target(request)) }
    }

    /// The word. Takes the lock while the gate is watched.
    #[inline]
    fn load(&self) -> Word {
        let word = self.word.load();
        if word.has(WATCHED) { self.load_watched() } else { word }
    }

    #[cold]
    fn load_watched(&self) -> Word {
        self.word_in(&queue::lock(self.key())).load()
    }

    /// The word, or its stand-in while the gate is watched. `shard` is the locked queue of the gate.
    fn word_in<'a>(&'a self, shard: &'a Shard) -> &'a AtomicWord {
        shard.stand_in().map_or(&self.word, |stand_in| &stand_in.word)
    }

    /// Another wait is the first in the queue, which is locked, or there is none.
    fn replace_first(&self, shard: &Shard, next: Option<Waiting>) {
        // Cannot fail: the closure never returns `None`.
        let _ = self.word_in(shard).change(|word| Some(word.without_first(next)));
    }

    /// The name of our queue.
    fn key(&self) -> usize {
        // Exposed: a setter makes a pointer of it, see `of`.
        core::ptr::from_ref(self).expose_provenance()
    }
}

impl<R: Rule> fmt::Debug for Gate<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gate").field(&self.value()).finish()
    }
}
