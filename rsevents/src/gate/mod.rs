//! A number and a queue of waits: what other types are built on.

mod wait;
mod word;

#[cfg(test)]
mod scenarios;

use core::any::TypeId;
use core::fmt;
use core::marker::PhantomData;
use std::time::{Duration, Instant};

use self::word::{CALLED, KEPT, QUEUED, SHIFT, Served, Word};
use crate::deadline::Limit;
use crate::fairness;
use crate::queue::{self, AnyGate, Claim, Front, Shard, Wake};
use crate::sync::{self, AtomicU64, Ordering, const_fn};

/// When the waits of a [`Gate`] pass: pure functions of its value.
///
/// A rule has no `self`: what differs between instances, as a capacity, is part of the value or the request, a const
/// parameter of the rule, or known to the closure of [`Gate::update`].
///
/// The functions may be called at any time, any number of times, and under a lock of this crate. So they must
/// not wait for anything, nor use events or gates. A rule that does not keep to its documentation can let
/// waits hang or miscount, but nothing else. If a function panics, so does the call on the gate that has
/// called it, which may be another thread's, and may have changed the value already.
pub trait Rule: 'static {
    /// What a wait that asks for `request` leaves of `value` when it passes, or `None` if it has to wait. Of
    /// a number above [`Gate::MAX`], the highest bits are lost.
    fn take(value: u64, request: u32) -> Option<u64>;

    /// Whether any wait might pass at this value, whatever it asks for. By default `true`. May be `true`
    /// although none passes. If it is `false` although one would pass, waits hang.
    ///
    /// A change that leaves a value for which this is `false` serves no waits and takes no lock.
    fn opens(value: u64) -> bool {
        let _ = value;
        true
    }

    /// Whether no other wait may pass before one that asks for `request`, from the moment that it is the
    /// first in the queue until it passes or gives up, even if the value is enough. By default `false`.
    /// Without this, a request that needs a large value may never find it, because smaller ones are faster.
    fn keeps(request: u32) -> bool {
        let _ = request;
        false
    }

    /// Whether the gate is open for all requests or for none, and waits leave its value as it is, as those
    /// for a manual-reset event do. By default `false`. If only some requests pass at a value, leave it
    /// `false`.
    ///
    /// Then `take` returns `Some(value)` for every request exactly where [`opens`](Self::opens) is `true`, and
    /// [`keeps`](Self::keeps) has no effect. The step that opens the gate releases all waits that are in the queue.
    const SHARED: bool = false;
}

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
/// * The first wait in the queue, unless it [keeps](Rule::keeps) its place, is *called*: what it may take
///   stays in the value until its thread runs. Another thread may take it first, or change the value back.
///   Then the called wait goes on waiting, as the first and with its one deadline. If that goes on for a
///   millisecond, it is not overtaken again. All other waits have passed when their threads are woken. (If a
///   gate is [shared](Rule::SHARED), all waits have.)
/// * A wait whose limit passes takes what it asks for if it may at that moment. Otherwise it leaves the value
///   as it is.
/// * A thread whose wait has passed may free the gate, if no other thread is going to use it: a call that has
///   let it pass does not access the gate afterwards.
/// * Everything that was written before a change of the value is visible to the waits that it lets pass, also if
///   other changes came between.
///
/// One thing depends on other threads: a thread that is preempted after it has called the first wait, and before its
/// system call wakes that wait's thread, delays it. Then further changes let the waits behind it pass.
pub struct Gate<R> {
    /// See [`Word`]. Every change is a read-modify-write, so it continues the release sequence of each change before
    /// it.
    word: AtomicU64,
    _rule: PhantomData<fn() -> R>,
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
            Self { word: AtomicU64::new(Word::new(value).0), _rule: PhantomData }
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
    /// One atomic operation if no wait is queued, or if [`Rule::opens`] is `false` for the new value.
    /// Otherwise it may briefly take a lock, shared with other objects, and wakes the threads that it lets
    /// pass. Does not wait for these.
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
        // Release: pairs with the acquire of the waits that pass. Acquire: the caller learns the value before.
        let before = Word(self.word.fetch_add(n, Ordering::AcqRel));
        if before.has(QUEUED) {
            Self::changed(key, before, Word(before.0.wrapping_add(n)), is_one);
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
        let mut before = self.guess();
        loop {
            let Some(value) = change(before.value()) else { return Err(before.value()) };
            assert!(value <= Self::MAX, "the value is above the largest one of a gate");
            if R::SHARED && before.has(QUEUED) && R::opens(before.value()) {
                // The thread that has opened it has not released them yet.
                Self::serve(key, queue::lock(key), false);
                before = self.guess();
                continue;
            }
            let after = before.with_value(value);
            match self.exchange(before, after) {
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
        match self.pass(request) {
            Ok(()) => true,
            Err(word) => word.has(KEPT) && self.pass_if_not_kept(word, request),
        }
    }

    /// Waits until the value is enough for `request`, without a limit, and takes that. Blocks the thread.
    /// Memory ordering as for [`try_take`](Self::try_take).
    #[inline]
    pub fn wait(&self, request: u32) {
        self.wait_within(request, || Limit::Unlimited);
    }

    /// The same for at most `limit`. Returns whether it has passed. With a limit of zero, as
    /// [`try_take`](Self::try_take). A limit beyond the range of the clock is no limit.
    #[inline]
    #[must_use]
    pub fn wait_for(&self, request: u32, limit: Duration) -> bool {
        self.wait_within(request, || Limit::For(limit))
    }

    /// The same until `deadline` at most. With a deadline that has passed, as [`try_take`](Self::try_take).
    #[inline]
    #[must_use]
    pub fn wait_until(&self, request: u32, deadline: Instant) -> bool {
        self.wait_within(request, || Limit::Until(deadline))
    }

    fn load(&self) -> Word {
        // Acquire: pairs with the release of each change that led to this value.
        Word(self.word.load(Ordering::Acquire))
    }

    /// A word to begin an exchange with.
    fn guess(&self) -> Word {
        Word(sync::guess(&self.word))
    }

    /// Replaces the word if it is `before`. If not, the error is what it is.
    fn exchange(&self, before: Word, after: Word) -> Result<(), Word> {
        // Acquire: pairs with the releases of the changes that led to this value, for the wait that passes here, or
        // that is told so under the lock. Release: pairs with the acquire of waits that pass after this change.
        // Relaxed on failure: the word is only the next guess.
        let (success, failure) = (Ordering::AcqRel, Ordering::Relaxed);
        match self.word.compare_exchange_weak(before.0, after.0, success, failure) {
            Ok(_) => Ok(()),
            Err(actual) => Err(Word(actual)),
        }
    }

    /// Replaces the word by what `change` makes of it, in one step. If that is `None`, changes nothing, and
    /// the word is the error.
    fn change(&self, mut change: impl FnMut(Word) -> Option<Word>) -> Result<(), Word> {
        let mut before = self.guess();
        while let Some(after) = change(before) {
            match self.exchange(before, after) {
                Ok(()) => return Ok(()),
                Err(actual) => before = actual,
            }
        }
        Err(before)
    }

    /// The value was changed, and waits were queued before. The gate may be gone now, as a wait that passes
    /// may free it. So this has no reference to it, but its address.
    #[cold]
    fn changed(key: usize, before: Word, after: Word, is_one: bool) {
        if !R::opens(after.value()) {
            return;
        }
        // The called wait was overtaken if the value was not enough for any. It is on its way, and looks
        // again before it sleeps.
        let was_overtaken = before.has(CALLED) && !R::opens(before.value());
        let must_hand_off = was_overtaken && fairness::must_hand_off();
        if must_hand_off {
            fairness::handed_off();
        } else if was_overtaken {
            fairness::offered_anew();
            if is_one {
                return; // What has come is no more than that wait looks for.
            }
        }
        Self::serve(key, queue::lock(key), must_hand_off);
    }

    /// Serves waits, one after another, until the value is not enough for the next. One at a time under the lock, so
    /// that a thread which is preempted withholds one wake-up.
    fn serve(key: usize, mut shard: Shard, mut must_hand_off: bool) {
        if R::SHARED {
            if Self::open(key, &mut shard).is_some() {
                queue::release_all(shard, key);
            }
            return;
        }
        while let Some(wake) = Self::serve_one(key, &mut shard, must_hand_off) {
            drop(shard);
            wake.wake();
            must_hand_off = false;
            shard = queue::lock(key);
        }
    }

    /// Turns `QUEUED` off if the gate is shared, has a queue and is open. Then the caller has to release the queue.
    fn open(key: usize, shard: &mut Shard) -> Option<()> {
        let front = shard.front(key)?;
        // SAFETY: the shard is locked, and the caller removes the waits only after the reference was used.
        unsafe { Self::of(front) }?.change(Word::opened::<R>).ok()
    }

    fn serve_one(key: usize, shard: &mut Shard, must_hand_off: bool) -> Option<Wake> {
        let front = shard.front(key)?;
        // SAFETY: the shard is locked, and the first wait is in it until one is signalled below. The
        // reference is not used from then on.
        let gate = unsafe { Self::of(front) }?;
        let mut served = None;
        let serve = |word: Word| {
            let (after, step) = word.served::<R>(front, must_hand_off)?;
            served = Some(step);
            Some(after)
        };
        // Our last access to the gate: the wait may free it.
        gate.change(serve).ok()?;
        Some(match served? {
            Served::First => shard.signal_front(key, Claim::Won),
            Served::FirstCalled => shard.call_first(key),
            Served::Second => shard.release_second(key),
        })
    }

    /// The gate that these waits are for, which keep it alive while their queue is locked and they are in it.
    ///
    /// If a setter's own gate was freed, they may be for another object at its address. Then it either has
    /// another rule, or is served as its own rule says.
    ///
    /// # Safety
    ///
    /// While the reference is used, the queue is locked, and the first wait is in it.
    unsafe fn of<'a>(front: Front) -> Option<&'a Self> {
        let gate = front.first.gate.filter(|gate| gate.rule == TypeId::of::<R>())?;
        // SAFETY: the wait has made the pointer from a reference to a gate with this rule, which it holds
        // until its entry is unlinked.
        Some(unsafe { &*gate.gate.cast::<Self>() })
    }

    /// This gate, as its waits name it in their entries.
    fn any(&self) -> AnyGate {
        AnyGate { rule: TypeId::of::<R>(), gate: core::ptr::from_ref(self).cast() }
    }

    /// The name of our queue.
    fn key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }
}

impl<R: Rule> fmt::Debug for Gate<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gate").field(&self.value()).finish()
    }
}
