//! Waits for several objects at once.

mod all;
mod any;
mod typed;

use core::marker::PhantomData;

pub use self::all::{WaitAll, wait_all, wait_all_async, wait_all_for, wait_all_until, wait_all0};
pub use self::any::{WaitAny, wait_any, wait_any_async, wait_any_for, wait_any_until, wait_any0};
pub use self::typed::{OneOf2, OneOf3, OneOf4, OneOf5, OneOf6, OneOf7, OneOf8, Several, Yields};
use crate::future::Ready;
use crate::queue::Target;
use crate::{AutoResetEvent, Gate, ManualResetEvent, Rule, Source};

/// What can be waited for together with others, by [`wait_any`] or [`wait_all`].
///
/// Implemented by both events, by each [`Source`] that yields `()`, and in `rsevents-extra` by the countdown and by
/// a request of a semaphore. For one in an `Arc`, write `&*arc`. (Waits for objects of known types yield what they
/// have taken, see [`Several`].) A type that has one of these inside, or a [`Gate`], implements it by that:
///
/// ```
/// use rsevents::{AutoResetEvent, Part, Signal, wait_any0};
///
/// struct Button {
///     pressed: AutoResetEvent,
/// }
///
/// impl Signal for Button {
///     fn part(&self) -> Part<'_> {
///         self.pressed.part()
///     }
/// }
///
/// let [left, right] = [false, true].map(|is_pressed| Button { pressed: is_pressed.into() });
/// assert_eq!(wait_any0(&[&left, &right]), Some(1));
/// ```
pub trait Signal: Sync {
    /// What is waited for: that of an object inside, or what a [gate](Gate::part) returns. May be called several
    /// times by one wait.
    fn part(&self) -> Part<'_>;

    /// Called when a wait for this and others has passed by this, or by all: it has taken what the
    /// [part](Self::part) says. The place for what follows from that, such as to keep a guard. Called once, in the
    /// thread or the task that waits, and without a lock. If a wait for all has passed, it is called for each
    /// signal in order, also if one panics. By default does nothing.
    ///
    /// Other code can call this, but only with a `won` of some wait. Where a guard depends on it, see [`Won::is_of`],
    /// which has an example. A type that has another signal inside calls its `won` with this one.
    fn won(&self, won: Won<'_>) {
        let _ = won;
    }
}

/// The proof that a wait has passed by a [`Part`], and has taken what that says. There is one for each such wait and
/// part.
#[derive(Debug)]
pub struct Won<'a> {
    part: Part<'a>,
}

impl Won<'_> {
    /// Whether the wait has passed by a part that asks the same object for the same. (What is asked does not matter
    /// for a [shared](Rule::SHARED) gate.)
    ///
    /// [`Signal::won`] is public. So a type whose guards give back what they hold makes one only for a `won` that
    /// is of its own part, and only one for each:
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Part, Signal, Won, wait_all0};
    /// use std::sync::Mutex;
    ///
    /// /// A fork lies on the table while its event is set.
    /// struct Request<'a> {
    ///     fork: &'a AutoResetEvent,
    ///     won: Mutex<Vec<Guard<'a>>>,
    /// }
    ///
    /// /// Puts the fork back.
    /// struct Guard<'a>(&'a AutoResetEvent);
    ///
    /// impl Drop for Guard<'_> {
    ///     fn drop(&mut self) {
    ///         self.0.set();
    ///     }
    /// }
    ///
    /// impl Signal for Request<'_> {
    ///     fn part(&self) -> Part<'_> {
    ///         self.fork.part()
    ///     }
    ///     fn won(&self, won: Won<'_>) {
    ///         if won.is_of(self.part()) {
    ///             self.won.lock().unwrap().push(Guard(self.fork));
    ///         }
    ///     }
    /// }
    ///
    /// let [left, right] = [true, true].map(AutoResetEvent::from);
    /// let [first, second] = [&left, &right].map(|fork| Request { fork, won: Mutex::default() });
    /// assert!(wait_all0(&[&first, &second]));
    /// let guard = first.won.lock().unwrap().pop();
    /// assert!(guard.is_some() && !wait_all0(&[&first, &second]));
    /// drop((guard, second)); // both forks are back
    /// assert!(wait_all0(&[&left, &right]));
    /// ```
    ///
    /// The requests of the semaphore in `rsevents-extra` are made so.
    #[must_use]
    pub fn is_of(&self, part: Part<'_>) -> bool {
        // SAFETY: they are alive, as they are borrowed.
        unsafe { self.part.target.is_same(part.target) }
    }
}

/// What a wait for a [`Signal`] or a [`Yields`] waits for: an event, or a gate and what is asked of it.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// Alive for `'a`.
    target: Target,
    object: PhantomData<&'a ()>,
}

impl<'a> Part<'a> {
    /// # Safety
    ///
    /// The object lives as long as `'a`.
    unsafe fn new(target: Target) -> Self {
        Self { target, object: PhantomData }
    }

    /// A part that lets a wait pass at once, for requests that ask for nothing.
    #[must_use]
    pub fn ready() -> Self {
        // SAFETY: there is an object of this type at every address, for ever.
        unsafe { Self::new(Ready::target()) }
    }

    /// Whether the wait passes at once. `expires`: whether its limit has passed.
    fn try_pass(self, expires: bool) -> bool {
        // SAFETY: it is alive, as it is borrowed.
        unsafe { self.target.try_pass(expires) }
    }
}

impl core::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Part").finish_non_exhaustive()
    }
}

// SAFETY: as a reference to the object: each `Object` is `Sync`.
unsafe impl Send for Part<'_> {}
// SAFETY: as before.
unsafe impl Sync for Part<'_> {}

/// One set lets one wait pass, and only if that wait passes by this event it takes the set.
impl Signal for AutoResetEvent {
    fn part(&self) -> Part<'_> {
        // SAFETY: the part borrows the event.
        unsafe { Part::new(self.event.target_auto()) }
    }
}

/// Lets waits pass as long as it is set.
impl Signal for ManualResetEvent {
    fn part(&self) -> Part<'_> {
        // SAFETY: the part borrows the event.
        unsafe { Part::new(self.event.target_manual()) }
    }
}

/// A source that yields something else needs a [`Signal`] of its own, which keeps that when it has
/// [won](Signal::won). Or it is waited for by [`Several`], whose waits yield it.
impl<S: for<'a> Source<'a, Taken = ()> + Sync> Signal for S {
    fn part(&self) -> Part<'_> {
        self.gate().part(self.request())
    }

    fn won(&self, _: Won<'_>) {
        self.taken();
    }
}

impl<R: Rule> Gate<R> {
    /// A wait for `request` as a part of one for several objects, see [`Signal`].
    ///
    /// ```
    /// use rsevents::{Gate, Part, Rule, Signal, wait_any0};
    ///
    /// struct Tokens;
    ///
    /// impl Rule for Tokens {
    ///     fn take(tokens: u64, request: u32) -> Option<u64> {
    ///         tokens.checked_sub(request.into())
    ///     }
    ///     fn hand_on(tokens: u64, request: u32) -> u64 {
    ///         tokens + u64::from(request)
    ///     }
    /// }
    ///
    /// struct Two<'a>(&'a Gate<Tokens>);
    ///
    /// impl Signal for Two<'_> {
    ///     fn part(&self) -> Part<'_> {
    ///         self.0.part(2)
    ///     }
    /// }
    ///
    /// let (red, blue) = (Gate::new(1), Gate::new(5));
    /// assert_eq!(wait_any0(&[&Two(&red), &Two(&blue)]), Some(1));
    /// assert_eq!((red.value(), blue.value()), (1, 3));
    /// ```
    pub fn part(&self, request: u32) -> Part<'_> {
        // SAFETY: the part borrows the gate.
        unsafe { Part::new(self.target(request)) }
    }
}

#[cfg(test)]
mod scenarios;
