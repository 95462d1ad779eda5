//! A number of permits.
//!
//! # Taking without waiting
//!
//! Taking is one compare-exchange on the [word](word), giving back is one addition. A thread that comes
//! may overtake those that sleep, unless one of them has asked for several permits at once: then nobody
//! overtakes until it is served, or it might never be.
//!
//! # The line
//!
//! Who has to sleep stands in line. The line is an auto-reset event used as a mutex, which lets those who
//! sleep in it through one at a time, in the order in which they came. Who is through is the *head*: it
//! alone notes in the word how much it needs, and sleeps on a second event until there is so much. When
//! it leaves, served or not, it lets the next one through.
//!
//! So a release has one thread at most to wake, knows from the word whether there is enough for it, and
//! wakes nobody in vain. Every release that leaves enough for a sleeping head sets its event: none
//! relies on another one's doing so. If several permits come at once, the head takes its share and lets
//! the next one through, which finds the rest.
//!
//! A release does not keep its permits for the head, so the head may find that somebody else was faster.
//! Then it withdraws its need and looks for some microseconds by itself, before it notes the need again:
//! those who are faster need not wake it each time.
//!
//! A thread whose time is up tries once more before it fails, unless a request for several waits that
//! was there before it, or another such request has come in its place: else many impatient threads could
//! starve those.

mod guard;
mod word;

use std::convert::Infallible;
use std::fmt;
use std::hint;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, Awaitable, EventState, TimeoutError};

pub use guard::{OwnedSemaphoreGuard, SemaphoreGuard};
use word::Word;

use crate::deadline::Deadline;
use crate::refusal;
use crate::sync::{self, AtomicU64, Ordering, const_fn};

/// A limited number of permits: a thread takes one or more to go on, and gives them back.
///
/// A wait takes a permit and yields a [guard](SemaphoreGuard) that gives it back when it is dropped. If
/// there is none, the wait blocks until a guard is dropped or more permits are
/// [released](Self::release).
///
/// # Counts
///
/// A semaphore has a *capacity*: the permits that are available and those that guards hold. It starts
/// as told, grows by [`release`](Self::release), shrinks by [`SemaphoreGuard::forget`], and never exceeds
/// the *maximum* that the semaphore was made with. Permits that are held count, so that every guard can
/// always give back what it has.
///
/// # Guarantees
///
/// * Guards never hold more than the capacity, and no refused change of the counts changes anything.
/// * A permit does not stay idle while a thread sleeps that could take it, unless it is kept for a
///   request for several. Sleeping threads are let through one after another: if the
///   one that was woken is not scheduled, those behind it wait for it. A wait with a limit looks once
///   more before it fails, so it takes a permit that is there when its time is up, unless that is kept.
/// * Each release that returned is enough to wake the thread whose turn it is, even if another release
///   is stuck.
/// * A request for several permits is served in the end if the capacity is large enough, however many
///   requests for one come. While it waits, those that come later do not overtake it.
/// * What was written before a permit was given back or released is visible to the thread that takes
///   it.
///
/// Beyond that there is no order: while nobody waits for several, a thread that comes may take a permit
/// before one that sleeps.
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
pub struct Semaphore {
    /// Every change is a read-modify-write, so that what was published with a permit stays published
    /// to whoever takes it later.
    word: AtomicU64,
    max: u16,
    /// Set if there is no head, and so nobody in line.
    line: AutoResetEvent,
    /// Tells the head that there may be enough for it. May stay set when it has left.
    enough: AutoResetEvent,
}

impl Semaphore {
    const_fn! {
        /// Creates a semaphore with `initial` permits that will never have more than `max`.
        ///
        /// # Panics
        ///
        /// If `initial` is above `max`; in a `static`, that is an error of compilation.
        #[must_use]
        #[track_caller]
        pub const fn new(initial: u16, max: u16) -> Self {
            if initial > max {
                refusal::too_much("initial permits", initial as u64, max as u64);
            }
            Self {
                word: AtomicU64::new(Word::new(initial).0),
                max,
                line: AutoResetEvent::new(EventState::Set),
                enough: AutoResetEvent::new(EventState::Unset),
            }
        }
    }

    /// Takes a permit, waiting for it without a limit. (To take one only if it is available now:
    /// [`try_wait0`](Awaitable::try_wait0).) With a [maximum](Self::max) of zero it waits for ever.
    ///
    /// Memory ordering: acquires from whoever gave the permit back or released it, as every form of
    /// wait does that succeeds.
    #[inline]
    pub fn wait(&self) -> SemaphoreGuard<'_> {
        self.wait_many(1)
    }

    /// Takes a permit, waiting for it for at most `limit`.
    ///
    /// # Errors
    ///
    /// [`TimeoutError`] if the limit passes first. Nothing has changed then.
    #[inline]
    pub fn wait_for(&self, limit: Duration) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.wait_many_for(1, limit)
    }

    /// Takes a permit, waiting for it until `deadline` at most.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    #[inline]
    pub fn wait_until(&self, deadline: Instant) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.wait_many_until(1, deadline)
    }

    /// Takes `permits` at once, waiting for them as long as it takes. Meanwhile it holds none.
    ///
    /// While such a request waits, later ones wait too. So if `permits` exceeds the capacity, it waits
    /// until the capacity is raised and holds back every thread that comes later; and a thread that
    /// holds permits itself may wait for ever. Zero permits are there at once.
    ///
    /// # Panics
    ///
    /// If `permits` is above one and above the [maximum](Self::max): it would wait for ever. (A request
    /// for one permit never panics, as [`wait`](Self::wait).)
    #[inline]
    #[track_caller]
    pub fn wait_many(&self, permits: u16) -> SemaphoreGuard<'_> {
        if !self.may_ask_for(permits) {
            refusal::too_much("permits to wait for", permits.into(), self.max.into());
        }
        self.take(permits, || Some(Deadline::Never));
        SemaphoreGuard::new(self, permits)
    }

    /// Takes `permits` at once, waiting for them for at most `limit`.
    ///
    /// # Errors
    ///
    /// [`TimeoutError`] if the limit passes first, and without waiting if `permits` is above one and
    /// above the [maximum](Self::max). Nothing has changed then.
    #[inline]
    pub fn wait_many_for(
        &self,
        permits: u16,
        limit: Duration,
    ) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.guard_if_taken(permits, || Deadline::after(limit))
    }

    /// Takes `permits` at once, waiting for them until `deadline` at most.
    ///
    /// # Errors
    ///
    /// As [`wait_many_for`](Self::wait_many_for).
    #[inline]
    pub fn wait_many_until(
        &self,
        permits: u16,
        deadline: Instant,
    ) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.guard_if_taken(permits, || Some(Deadline::At(deadline)))
    }

    /// Takes `permits` at once if they are there now.
    ///
    /// # Errors
    ///
    /// [`TimeoutError`] if they are not, if `permits` is above the [maximum](Self::max), or while an
    /// earlier request for several permits waits.
    #[inline]
    pub fn try_wait0_many(&self, permits: u16) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        self.guard_if_taken(permits, || None)
    }

    /// As [`wait`](Self::wait), with a guard that keeps the semaphore alive and can be moved into any
    /// thread. The guard of every other form of wait can become one by [`SemaphoreGuard::into_owned`].
    pub fn wait_owned(self: &Arc<Self>) -> OwnedSemaphoreGuard {
        self.wait().into_owned(Arc::clone(self))
    }

    /// As [`wait_for`](Self::wait_for), with a guard that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    pub fn wait_owned_for(
        self: &Arc<Self>,
        limit: Duration,
    ) -> Result<OwnedSemaphoreGuard, TimeoutError> {
        Ok(self.wait_for(limit)?.into_owned(Arc::clone(self)))
    }

    /// As [`wait_until`](Self::wait_until), with a guard that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// As [`wait_for`](Self::wait_for).
    pub fn wait_owned_until(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<OwnedSemaphoreGuard, TimeoutError> {
        Ok(self.wait_until(deadline)?.into_owned(Arc::clone(self)))
    }

    /// Adds `permits` to the capacity, and wakes the thread that can proceed with them. Zero is no
    /// change. Does not wait for other threads; waking one is the set of an event.
    ///
    /// Memory ordering: releases to those who take the permits.
    ///
    /// # Panics
    ///
    /// If the capacity would exceed the [maximum](Self::max); nothing is changed.
    #[track_caller]
    pub fn release(&self, permits: u16) {
        if let Err(capacity) = self.raise(permits) {
            let capacity = u64::from(capacity) + u64::from(permits);
            refusal::too_much("capacity after release", capacity, self.max.into());
        }
    }

    /// As [`release`](Self::release), but returns `false` where that would panic.
    #[must_use = "beyond the maximum nothing was released"]
    pub fn try_release(&self, permits: u16) -> bool {
        self.raise(permits).is_ok()
    }

    /// Adds to the capacity. If it is too large for that, returns it.
    fn raise(&self, permits: u16) -> Result<(), u16> {
        if permits == 0 {
            return Ok(());
        }
        // Release: pairs with the acquire of those who take the permits.
        match self.update(Ordering::Release, |word| word.raised(permits, self.max)) {
            Ok((_, after)) => {
                self.pay_wake_up(after);
                Ok(())
            }
            Err(word) => Err(word.capacity()),
        }
    }

    /// Adds `permits` to the capacity, or takes away so many available ones if the number is negative. For
    /// that nobody else may be using the semaphore; see [`release`](Self::release) and [`SemaphoreGuard::forget`] otherwise.
    ///
    /// # Panics
    ///
    /// If the capacity would exceed the [maximum](Self::max), or fewer permits are available. Nothing is
    /// changed then.
    #[track_caller]
    pub fn modify(&mut self, permits: i16) {
        if !self.try_modify(permits) {
            let (word, amount) = (self.load(), u64::from(permits.unsigned_abs()));
            if permits.is_negative() {
                refusal::too_much("permits to take away", amount, word.available().into());
            }
            let capacity = u64::from(word.capacity());
            refusal::too_much("capacity after modify", capacity + amount, self.max.into());
        }
    }

    /// As [`modify`](Self::modify), but returns `false` where that would panic.
    pub fn try_modify(&mut self, permits: i16) -> bool {
        let amount = permits.unsigned_abs();
        // Relaxed: who has it to themselves publishes by the way in which they pass it on.
        self.update(Ordering::Relaxed, |word| {
            if permits.is_negative() { word.lowered(amount) } else { word.raised(amount, self.max) }
        })
        .is_ok()
    }

    /// The permits that are available at this moment. They may be kept for a request for several, so
    /// a wait may fail although the count is not zero.
    ///
    /// Memory ordering: none.
    #[must_use]
    pub fn count(&self) -> u16 {
        self.load().available()
    }

    /// The permits that are available, and those that guards hold, at this moment.
    ///
    /// Memory ordering: none.
    #[must_use]
    pub fn capacity(&self) -> u16 {
        self.load().capacity()
    }

    /// The maximum that the semaphore was made with.
    #[must_use]
    pub const fn max(&self) -> u16 {
        self.max
    }

    /// For a look from outside.
    fn load(&self) -> Word {
        // Relaxed: publishes nothing; who takes a permit acquires by taking it.
        Word(self.word.load(Ordering::Relaxed))
    }

    /// Replaces the word by what `change` makes of it, and returns it as it was and as it is; as it is, as
    /// the error, if that is nothing.
    #[inline]
    fn update(
        &self,
        success: Ordering,
        change: impl Fn(Word) -> Option<Word>,
    ) -> Result<(Word, Word), Word> {
        sync::update(&self.word, success, |word| change(Word(word)).map(|after| after.0))
            .map(|(before, after)| (Word(before), Word(after)))
            .map_err(Word)
    }

    /// Whether a request for `permits` is not refused. One for a single permit never is: with a maximum of
    /// zero it waits for what never comes.
    #[inline]
    const fn may_ask_for(&self, permits: u16) -> bool {
        permits <= self.max || permits == 1
    }

    /// Takes `permits`, waiting for them if need be. `deadline` is asked for only then; without one,
    /// that fails.
    #[inline]
    fn take(&self, permits: u16, deadline: impl FnOnce() -> Option<Deadline>) -> bool {
        permits == 0
            || self.take_now(permits)
            || deadline().is_some_and(|deadline| self.take_in_line(permits, deadline))
    }

    #[inline]
    fn guard_if_taken(
        &self,
        permits: u16,
        deadline: impl FnOnce() -> Option<Deadline>,
    ) -> Result<SemaphoreGuard<'_>, TimeoutError> {
        if self.may_ask_for(permits) && self.take(permits, deadline) {
            Ok(SemaphoreGuard::new(self, permits))
        } else {
            Err(TimeoutError)
        }
    }

    /// Takes `permits` that are there, unless they are kept for a larger request.
    #[inline]
    fn take_now(&self, permits: u16) -> bool {
        // Acquire: pairs with the release of those who gave them.
        self.update(
            Ordering::Acquire,
            |word| {
                if word.has_large() { None } else { word.taken(permits) }
            },
        )
        .is_ok()
    }

    #[cold]
    fn take_in_line(&self, permits: u16, deadline: Deadline) -> bool {
        let is_behind_large = self.load().has_large();
        // Relaxed: publishes nothing. If no more can be counted, those that are hold back newcomers
        // just as well.
        let is_counted = permits > 1 && self.update(Ordering::Relaxed, Word::with_large).is_ok();
        // What a word is once this request no longer waits.
        let gone = |word: Word| if is_counted { word.without_large() } else { word };
        if !deadline.wait(&self.line) {
            return self.leave_line(permits, gone, is_behind_large);
        }
        let is_served = self.take_as_head(permits, gone, deadline);
        self.line.set();
        is_served
    }

    /// The last attempt of a thread whose time ran out behind the head.
    fn leave_line(&self, permits: u16, gone: impl Fn(Word) -> Word, is_behind_large: bool) -> bool {
        // Acquire: as for `take_now`.
        let left = self.update(Ordering::Acquire, |word| {
            let word = gone(word);
            let is_kept = is_behind_large && word.has_large();
            Some(word.taken(permits).filter(|_| !is_kept).unwrap_or(word))
        });
        left.is_ok_and(|(before, after)| after.available() < before.available())
    }

    fn take_as_head(&self, permits: u16, gone: impl Fn(Word) -> Word, deadline: Deadline) -> bool {
        loop {
            // One step that takes the permits or notes the need, so that no release falls between.
            if self.head_takes_or(permits, &gone, |word| word.with_need(permits)) {
                return true;
            }
            let leave = || self.head_takes_or(permits, &gone, |word| gone(word.with_need(0)));
            if !deadline.wait(&self.enough) {
                return leave();
            }
            // Perhaps somebody was faster, and will be again and again. So withdraw the need, that
            // releases stop waking us, and look for some microseconds before noting it again.
            if self.head_takes_or(permits, &gone, |word| word.with_need(0)) {
                return true;
            }
            if deadline.has_passed() {
                return leave(); // the event is set, so waiting for it would not tell
            }
            self.look_for(permits);
        }
    }

    /// A step of the head: takes `permits` if there are so many, and returns whether; makes something
    /// else of the word otherwise.
    fn head_takes_or(
        &self,
        permits: u16,
        gone: impl Fn(Word) -> Word,
        otherwise: impl Fn(Word) -> Word,
    ) -> bool {
        let taken = |word: Word| word.taken(permits).map(|word| gone(word.with_need(0)));
        // Acquire: as for `take_now`.
        self.update(Ordering::Acquire, |word| taken(word).or(Some(otherwise(word))))
            .is_ok_and(|(before, _)| before.available() >= permits)
    }

    /// Looks a few times, ever more seldom, whether there are as many permits.
    fn look_for(&self, permits: u16) {
        for look in (1_u32..).take(sync::LOOKS) {
            (0..1 << look).for_each(|_| hint::spin_loop());
            if self.load().available() >= permits {
                break;
            }
        }
    }

    /// What the drop of a guard does.
    #[inline]
    fn give_back(&self, permits: u16) {
        let given = Word::given_back(permits);
        // Release: pairs with the acquire of those who take the permits.
        let before = self.word.fetch_add(given, Ordering::Release);
        self.pay_wake_up(Word(before + given));
    }

    /// Lowers the capacity by permits that a guard holds.
    fn forget(&self, permits: u16) {
        // Relaxed: publishes nothing, and keeps what others have published with their permits.
        self.word.fetch_sub(Word::forgotten(permits), Ordering::Relaxed);
    }

    /// To be called after each step that made permits available.
    #[inline]
    fn pay_wake_up(&self, word: Word) {
        if word.owes_a_wake_up() {
            self.enough.set();
        }
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
        let word = self.load();
        f.debug_struct("Semaphore")
            .field("count", &word.available())
            .field("capacity", &word.capacity())
            .field("max", &self.max)
            .finish()
    }
}

#[cfg(test)]
mod tests;
