//! Waits for several objects of known types, which yield what they have taken.

use core::{array, fmt};
use std::time::{Duration, Instant};

use super::all::{self, WaitAll};
use super::any::{self, WaitAny};
use super::{Part, Signal, Won};
use crate::deadline::Limit;
use crate::queue::{Few, Wakes};
use crate::{AutoResetEvent, ManualResetEvent, Source};

/// What can be waited for together with others of known types, see [`Several`].
///
/// Implemented by both events and by each [`Source`], and in `rsevents-extra` by the countdown, by the semaphore
/// and by its requests. The counterpart of [`Signal`], which is for objects of any types and yields nothing.
pub trait Yields<'a>: Sync {
    /// What a wait yields.
    type Taken;

    /// What is waited for: the [part](Signal::part) of an object inside, or what a [gate](crate::Gate::part)
    /// returns. May be called several times by one wait.
    fn asks(&'a self) -> Part<'a>;

    /// Called when a wait for this and others has passed by this, or by all: it has taken what is
    /// [asked](Self::asks) for. Called once, in the thread or the task that waits, and without a lock. If a wait
    /// for all has passed, it is called for each object in order.
    ///
    /// Other code can call this, but only with a `won` of some wait: see [`Won::is_of`].
    ///
    /// # Panics
    ///
    /// If this panics, so does the wait. What it has taken from this object is lost then. In a wait for all the
    /// others are called all the same, and what they have yielded is dropped before the panic goes on.
    fn yields(&'a self, won: Won<'_>) -> Self::Taken;
}

impl Yields<'_> for AutoResetEvent {
    type Taken = ();

    fn asks(&self) -> Part<'_> {
        self.part()
    }

    fn yields(&self, _: Won<'_>) {}
}

impl Yields<'_> for ManualResetEvent {
    type Taken = ();

    fn asks(&self) -> Part<'_> {
        self.part()
    }

    fn yields(&self, _: Won<'_>) {}
}

/// Yields what [`Source::taken`] returns.
impl<'a, S: Source<'a> + Sync> Yields<'a> for S {
    type Taken = S::Taken;

    fn asks(&'a self) -> Part<'a> {
        self.gate().part(self.request())
    }

    fn yields(&'a self, _: Won<'_>) -> S::Taken {
        self.taken()
    }
}

/// Several objects whose types are known, to be waited for at once. The waits yield what they have taken: a guard, for
/// example.
///
/// | objects | a wait for any yields | a wait for all yields |
/// |---|---|---|
/// | `(&a, &b)`, and so on up to eight | [`OneOf2`] and so on: which, and what it yields | `(of_a, of_b)` |
/// | `[&a, &b]`, an array of references | `(place, of_that)` | an array |
/// | `&pool[..]`, a slice of objects | `(place, of_that)` | a [`Vec`] |
/// | a slice of `&dyn Signal` | the place | `()` |
///
/// The waits are those of [`wait_any`](crate::wait_any) and [`wait_all`](crate::wait_all), which say how they
/// behave, which memory orderings they have, and when they panic. A wait for any makes no guard for the other
/// objects. A result that is not kept gives back at once what its guards hold. The `Vec` is allocated.
///
/// This trait cannot be implemented by other crates.
///
/// # Example
///
/// ```
/// use rsevents::{AutoResetEvent, EventState, ManualResetEvent, OneOf2, Several};
///
/// static WORK: AutoResetEvent = AutoResetEvent::new(EventState::Set);
/// static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
///
/// match (&STOP, &WORK).wait_any() {
///     OneOf2::First(()) => return,
///     OneOf2::Second(()) => {} // there is work
/// }
///
/// let shards: Vec<_> = [false, true, true].map(AutoResetEvent::from).into();
/// assert_eq!(shards[..].wait_any0(), Some((1, ())));
/// assert!(shards[1..].wait_all0().is_none());
/// ```
pub trait Several<'a>: Sized + Sealed {
    /// What a wait for any yields.
    type Any;

    /// What a wait for all yields.
    type All;

    /// How many there are.
    #[doc(hidden)]
    fn count(&self) -> usize;

    /// What the object at this place is asked for.
    #[doc(hidden)]
    fn part_at(&self, place: usize) -> Part<'a>;

    /// A wait for any has passed by the object at this place.
    #[doc(hidden)]
    fn any(&self, place: usize, won: Won<'_>) -> Self::Any;

    /// A wait for all has passed.
    #[doc(hidden)]
    fn all(&self, passed: Passed<'_, 'a>) -> Self::All;

    /// Blocks the thread until one of the objects lets it pass, as [`wait_any`](crate::wait_any).
    #[track_caller]
    fn wait_any(self) -> Self::Any {
        any::within(&self, Limit::Unlimited).expect("there is no limit")
    }

    /// Waits as [`wait_any`](Self::wait_any) for at most `limit`, see [`wait_any_for`](crate::wait_any_for).
    #[must_use]
    #[track_caller]
    fn wait_any_for(self, limit: Duration) -> Option<Self::Any> {
        any::within(&self, Limit::For(limit))
    }

    /// Waits as [`wait_any`](Self::wait_any) until `deadline` at most, see [`wait_any_until`](crate::wait_any_until).
    #[must_use]
    #[track_caller]
    fn wait_any_until(self, deadline: Instant) -> Option<Self::Any> {
        any::within(&self, Limit::Until(deadline))
    }

    /// Takes from the first object that lets a wait pass now, as [`wait_any0`](crate::wait_any0).
    #[must_use]
    #[track_caller]
    fn wait_any0(self) -> Option<Self::Any> {
        any::within(&self, Limit::For(Duration::ZERO))
    }

    /// A future of the same wait, as [`wait_any_async`](crate::wait_any_async).
    #[track_caller]
    fn wait_any_async(self) -> WaitAny<'a, Self> {
        WaitAny::new(self)
    }

    /// Blocks the thread until all of the objects let it pass at one instant, as [`wait_all`](crate::wait_all).
    #[track_caller]
    fn wait_all(self) -> Self::All {
        all::within(&self, Limit::Unlimited).expect("there is no limit")
    }

    /// Waits as [`wait_all`](Self::wait_all) for at most `limit`, see [`wait_all_for`](crate::wait_all_for).
    #[must_use]
    #[track_caller]
    fn wait_all_for(self, limit: Duration) -> Option<Self::All> {
        all::within(&self, Limit::For(limit))
    }

    /// Waits as [`wait_all`](Self::wait_all) until `deadline` at most, see [`wait_all_until`](crate::wait_all_until).
    #[must_use]
    #[track_caller]
    fn wait_all_until(self, deadline: Instant) -> Option<Self::All> {
        all::within(&self, Limit::Until(deadline))
    }

    /// Takes from all objects if all let a wait pass now, as [`wait_all0`](crate::wait_all0).
    #[must_use]
    #[track_caller]
    fn wait_all0(self) -> Option<Self::All> {
        all::within(&self, Limit::For(Duration::ZERO))
    }

    /// A future of the same wait, as [`wait_all_async`](crate::wait_all_async). The objects have to be `'static`,
    /// as there.
    #[track_caller]
    fn wait_all_async(self) -> WaitAll<Self>
    where
        'a: 'static,
    {
        WaitAll::new(self)
    }
}

mod sealed {
    /// Keeps other crates from implementing [`Several`](super::Several).
    pub trait Sealed {}
}

use sealed::Sealed;

/// The parts by which a wait for all has passed. Only such a wait makes this.
pub struct Passed<'p, 'a> {
    parts: &'p [Part<'a>],
    /// All objects are called, also if one panics.
    calls: Wakes,
}

/// The panic of an object has gone on before.
const HAS_YIELDED: &str = "no object has panicked";

impl<'p, 'a> Passed<'p, 'a> {
    pub(super) fn by(parts: &'p [Part<'a>]) -> Self {
        Self { parts, calls: Wakes::default() }
    }

    /// What the object at this place yields. `None` if it panics.
    fn yields<T: Yields<'a>>(&mut self, place: usize, object: &'a T) -> Option<T::Taken> {
        self.call(place, |won| object.yields(won))
    }

    fn call<T>(&mut self, place: usize, call: impl FnOnce(Won<'_>) -> T) -> Option<T> {
        let part = self.parts[place];
        self.calls.call(|| call(Won { part }))
    }

    /// The first panic of an object goes on.
    fn finish(mut self) {
        self.calls.finish();
    }
}

impl fmt::Debug for Passed<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passed").finish_non_exhaustive()
    }
}

impl<T, const N: usize> Sealed for [&T; N] {}

impl<'a, T: Yields<'a>, const N: usize> Several<'a> for [&'a T; N] {
    type Any = (usize, T::Taken);
    type All = [T::Taken; N];

    fn count(&self) -> usize {
        N
    }

    fn part_at(&self, place: usize) -> Part<'a> {
        self[place].asks()
    }

    fn any(&self, place: usize, won: Won<'_>) -> Self::Any {
        (place, self[place].yields(won))
    }

    fn all(&self, mut passed: Passed<'_, 'a>) -> Self::All {
        let taken: [_; N] = array::from_fn(|place| passed.yields(place, self[place]));
        passed.finish();
        taken.map(|taken| taken.expect(HAS_YIELDED))
    }
}

impl<T> Sealed for &[T] {}

impl<'a, T: Yields<'a>> Several<'a> for &'a [T] {
    type Any = (usize, T::Taken);
    type All = Vec<T::Taken>;

    fn count(&self) -> usize {
        self.len()
    }

    fn part_at(&self, place: usize) -> Part<'a> {
        self[place].asks()
    }

    fn any(&self, place: usize, won: Won<'_>) -> Self::Any {
        (place, self[place].yields(won))
    }

    fn all(&self, mut passed: Passed<'_, 'a>) -> Self::All {
        let yielded = |(place, object)| passed.yields(place, object);
        let taken: Vec<_> = self.iter().enumerate().map(yielded).collect();
        passed.finish();
        taken.into_iter().map(|taken| taken.expect(HAS_YIELDED)).collect()
    }
}

impl<'a> Several<'a> for &[&'a dyn Signal] {
    type Any = usize;
    type All = ();

    fn count(&self) -> usize {
        self.len()
    }

    fn part_at(&self, place: usize) -> Part<'a> {
        self[place].part()
    }

    fn any(&self, place: usize, won: Won<'_>) -> usize {
        self[place].won(won);
        place
    }

    fn all(&self, mut passed: Passed<'_, 'a>) {
        for (place, signal) in self.iter().enumerate() {
            passed.call(place, |won| signal.won(won));
        }
        passed.finish();
    }
}

/// Signals that a future keeps.
pub struct Signals<'a>(Few<&'a dyn Signal>);

impl<'a> Signals<'a> {
    pub(super) fn new(signals: &[&'a dyn Signal]) -> Self {
        Self(signals.iter().copied().collect())
    }
}

impl fmt::Debug for Signals<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signals").finish_non_exhaustive()
    }
}

impl Sealed for Signals<'_> {}

impl<'a> Several<'a> for Signals<'a> {
    type Any = usize;
    type All = ();

    fn count(&self) -> usize {
        self.0.len()
    }

    fn part_at(&self, place: usize) -> Part<'a> {
        (&*self.0).part_at(place)
    }

    fn any(&self, place: usize, won: Won<'_>) -> usize {
        (&*self.0).any(place, won)
    }

    fn all(&self, passed: Passed<'_, 'a>) {
        (&*self.0).all(passed);
    }
}

macro_rules! tuples {
    ($($number:literal $OneOf:ident($($place:tt $T:ident $Place:ident),*);)*) => {$(
        #[doc = concat!("Which of ", $number, " objects has let a wait pass, and what it has yielded. See [`Several`].")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $OneOf<$($T),*> {
            $(
                #[doc = concat!("The object at place ", stringify!($place), " of the tuple has let the wait pass.")]
                $Place($T),
            )*
        }

        impl<$($T),*> Sealed for ($(&$T,)*) {}

        impl<'a, $($T: Yields<'a>),*> Several<'a> for ($(&'a $T,)*) {
            type Any = $OneOf<$($T::Taken),*>;
            type All = ($($T::Taken,)*);

            fn count(&self) -> usize {
                [$($place),*].len()
            }

            fn part_at(&self, place: usize) -> Part<'a> {
                match place {
                    $($place => self.$place.asks(),)*
                    _ => unreachable!("there are fewer objects"),
                }
            }

            fn any(&self, place: usize, won: Won<'_>) -> Self::Any {
                match place {
                    $($place => $OneOf::$Place(self.$place.yields(won)),)*
                    _ => unreachable!("there are fewer objects"),
                }
            }

            fn all(&self, mut passed: Passed<'_, 'a>) -> Self::All {
                let taken = ($(passed.yields($place, self.$place),)*);
                passed.finish();
                ($(taken.$place.expect(HAS_YIELDED),)*)
            }
        }
    )*};
}

tuples! {
    "two" OneOf2(0 A First, 1 B Second);
    "three" OneOf3(0 A First, 1 B Second, 2 C Third);
    "four" OneOf4(0 A First, 1 B Second, 2 C Third, 3 D Fourth);
    "five" OneOf5(0 A First, 1 B Second, 2 C Third, 3 D Fourth, 4 E Fifth);
    "six" OneOf6(0 A First, 1 B Second, 2 C Third, 3 D Fourth, 4 E Fifth, 5 F Sixth);
    "seven" OneOf7(0 A First, 1 B Second, 2 C Third, 3 D Fourth, 4 E Fifth, 5 F Sixth, 6 G Seventh);
    "eight" OneOf8(
        0 A First, 1 B Second, 2 C Third, 3 D Fourth, 4 E Fifth, 5 F Sixth, 6 G Seventh, 7 H Eighth
    );
}
