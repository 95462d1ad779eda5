//! The trait `Awaitable`, the one interface for waiting, and its errors.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Something a thread can wait for.
///
/// The events of this crate implement it, and so do the types of other crates that are built on
/// them. Code that can wait on any of them is generic over it:
///
/// ```
/// use rsevents::{AutoResetEvent, Awaitable, EventState, TimeoutError};
/// use std::time::Duration;
///
/// fn wait_in_steps<A>(gate: &A) -> bool
/// where
///     A: for<'a> Awaitable<'a, T = (), Error = TimeoutError>,
/// {
///     (0..3).any(|_| gate.wait_for(Duration::from_millis(1)))
/// }
///
/// assert!(wait_in_steps(&AutoResetEvent::new(EventState::Set)));
/// assert!(!wait_in_steps(&AutoResetEvent::new(EventState::Unset)));
/// ```
///
/// Or it takes a trait object, which has `wait` and the `try_` forms:
///
/// ```
/// use rsevents::{AutoResetEvent, Awaitable, ManualResetEvent, TimeoutError};
///
/// type AnyEvent<'a> = dyn Awaitable<'a, T = (), Error = TimeoutError>;
///
/// let (auto, manual) = (AutoResetEvent::default(), ManualResetEvent::default());
/// let events: [&AnyEvent; 2] = [&auto, &manual];
/// manual.set();
/// assert_eq!(events.iter().position(|event| event.try_wait0().is_ok()), Some(1));
/// ```
///
/// # Which form
///
/// The `try_` forms exist for every implementation and return a [`Result`]. They do **not** differ in
/// whether they block: [`try_wait`](Self::try_wait) blocks like [`wait`](Self::wait), and
/// [`try_wait0`](Self::try_wait0) is the form that does not. The forms without `try_` need no error
/// handling:
///
/// * [`wait`](Self::wait) exists where a wait without a limit cannot fail, that is where the error's
///   [`UnboundedError`](AwaitableError::UnboundedError) is [`Infallible`].
/// * [`wait_for`](Self::wait_for), [`wait_until`](Self::wait_until) and [`wait0`](Self::wait0) return
///   a `bool`, and exist where in addition a success yields nothing (`T = ()`). So a yielded guard
///   cannot get lost in a `bool`:
///
/// ```compile_fail
/// # use rsevents::{Awaitable, TimeoutError};
/// # use std::{convert::Infallible, time::Duration};
/// struct Answer;
///
/// impl Awaitable<'_> for Answer {
///     type T = u32;
///     type Error = TimeoutError;
///     # fn try_wait(&self) -> Result<u32, Infallible> { Ok(42) }
///     # fn try_wait_for(&self, _: Duration) -> Result<u32, TimeoutError> { Ok(42) }
///     // ...
/// }
///
/// let _: bool = Answer.wait0(); // does not compile: `try_wait0` does
/// ```
///
/// # Time
///
/// A wait never fails early: when it times out, its limit has passed, by the clock of [`Instant`]. How
/// much later it returns depends on the operating system's scheduler. A wait has one deadline, however
/// often its thread wakes up meanwhile. A wait that was released before its deadline succeeds, even if
/// its thread runs only later, and a wait with no time left succeeds if it finds the event set. A limit
/// too far ahead for [`Instant`] to express, such as [`Duration::MAX`], is no limit.
///
/// # Implementing it
///
/// [`try_wait`](Self::try_wait) and [`try_wait_for`](Self::try_wait_for) are required. Override
/// [`try_wait0`](Self::try_wait0) and [`try_wait_until`](Self::try_wait_until) where that is cheaper
/// or more exact than the default. No implementation may panic because of the limit
/// where there is a clock.
///
/// ```
/// use rsevents::{Awaitable, EventState, ManualResetEvent, TimeoutError};
/// use std::convert::Infallible;
/// use std::sync::OnceLock;
/// use std::time::Duration;
///
/// /// A value that is announced once.
/// struct Announcement<V> {
///     value: OnceLock<V>,
///     made: ManualResetEvent,
/// }
///
/// impl<'a, V: 'a> Awaitable<'a> for Announcement<V> {
///     type T = &'a V;
///     type Error = TimeoutError;
///
///     fn try_wait(&'a self) -> Result<&'a V, Infallible> {
///         self.made.try_wait()?;
///         Ok(self.value.get().expect("the value comes before the event"))
///     }
///
///     fn try_wait_for(&'a self, limit: Duration) -> Result<&'a V, TimeoutError> {
///         self.made.try_wait_for(limit)?;
///         Ok(self.value.get().expect("the value comes before the event"))
///     }
/// }
///
/// let answer = Announcement { value: OnceLock::new(), made: ManualResetEvent::new(EventState::Unset) };
/// std::thread::scope(|scope| {
///     scope.spawn(|| assert_eq!(*answer.wait(), 42));
///     answer.value.set(42).unwrap();
///     answer.made.set();
/// });
/// ```
#[doc(alias("WaitHandle", "Waitable"))]
pub trait Awaitable<'a> {
    /// What a successful wait yields: `()` for an event, a guard for a semaphore.
    type T;

    /// What a failed wait returns, and through its
    /// [`UnboundedError`](AwaitableError::UnboundedError) also whether a wait without a limit can
    /// fail at all.
    type Error: AwaitableError;

    /// Waits without a limit. **This blocks**; the form that does not is
    /// [`try_wait0`](Self::try_wait0).
    ///
    /// # Errors
    ///
    /// Any error of the implementation except a timeout. A wait on an event never fails here.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Awaitable};
    ///
    /// let event = AutoResetEvent::default();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| event.set());
    ///     assert_eq!(event.try_wait(), Ok(()));
    /// });
    /// ```
    fn try_wait(&'a self) -> Result<Self::T, <Self::Error as AwaitableError>::UnboundedError>;

    /// Waits for at most `limit`, counted from the call.
    ///
    /// # Errors
    ///
    /// For the types of this crate, [`TimeoutError`] if the limit passes first. A wait that fails has
    /// no effect.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Awaitable, TimeoutError};
    /// use std::time::Duration;
    ///
    /// fn answer(is_there: &AutoResetEvent) -> Result<u32, TimeoutError> {
    ///     is_there.try_wait_for(Duration::from_millis(1))?;
    ///     Ok(42)
    /// }
    ///
    /// assert_eq!(answer(&AutoResetEvent::from(true)), Ok(42));
    /// assert_eq!(answer(&AutoResetEvent::from(false)), Err(TimeoutError));
    /// ```
    fn try_wait_for(&'a self, limit: Duration) -> Result<Self::T, Self::Error>;

    /// Waits until `deadline` at most. A deadline in the past still allows one attempt.
    ///
    /// The default turns the deadline into a limit for [`try_wait_for`](Self::try_wait_for).
    ///
    /// # Errors
    ///
    /// As [`try_wait_for`](Self::try_wait_for).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents::{Awaitable, ManualResetEvent, TimeoutError};
    /// use std::time::Instant;
    ///
    /// let event = ManualResetEvent::default();
    /// let deadline = Instant::now();
    /// assert_eq!(event.try_wait_until(deadline), Err(TimeoutError));
    /// event.set();
    /// assert_eq!(event.try_wait_until(deadline), Ok(()));
    /// ```
    fn try_wait_until(&'a self, deadline: Instant) -> Result<Self::T, Self::Error> {
        self.try_wait_for(deadline.saturating_duration_since(Instant::now()))
    }

    /// Succeeds if it can succeed at once. For the types of this crate, it does not wait for other threads, but may
    /// briefly take a lock.
    ///
    /// This is a wait and not a peek: on an auto-reset event or a semaphore a success consumes.
    ///
    /// The default is [`try_wait_for`](Self::try_wait_for) with a limit of zero.
    ///
    /// # Errors
    ///
    /// For the types of this crate, [`TimeoutError`] if a wait would block.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Awaitable, EventState, TimeoutError};
    ///
    /// let event = AutoResetEvent::new(EventState::Set);
    /// assert_eq!(event.try_wait0(), Ok(())); // takes the set
    /// assert_eq!(event.try_wait0(), Err(TimeoutError));
    /// ```
    #[doc(alias("try_acquire", "poll"))]
    fn try_wait0(&'a self) -> Result<Self::T, Self::Error> {
        self.try_wait_for(Duration::ZERO)
    }

    /// Waits without a limit.
    ///
    /// ```
    /// use rsevents::{Awaitable, ManualResetEvent};
    ///
    /// let is_done = ManualResetEvent::default();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| is_done.set());
    ///     is_done.wait();
    ///     assert!(is_done.is_set());
    /// });
    /// ```
    #[doc(alias("WaitForSingleObject", "WaitOne", "park"))]
    #[inline]
    fn wait(&'a self) -> Self::T
    where
        Self::Error: sealed::InfallibleUnboundedWait,
    {
        match self.try_wait() {
            Ok(yielded) => yielded,
            Err(error) => <Self::Error as sealed::InfallibleUnboundedWait>::impossible(error),
        }
    }

    /// Waits for at most `limit`, counted from the call. Returns whether the wait succeeded; if not,
    /// it has had no effect.
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Awaitable, EventState};
    /// use std::time::Duration;
    ///
    /// let event = AutoResetEvent::new(EventState::Set);
    /// assert!(event.wait_for(Duration::from_millis(1)));
    /// assert!(!event.wait_for(Duration::from_millis(1))); // the first wait took the set
    /// ```
    #[doc(alias("WaitForSingleObject", "WaitOne", "wait_timeout", "park_timeout"))]
    #[inline]
    fn wait_for(&'a self, limit: Duration) -> bool
    where
        Self: Sized + sealed::VoidAwaitable,
        Self::Error: sealed::InfallibleUnboundedWait,
    {
        self.try_wait_for(limit).is_ok()
    }

    /// Waits until `deadline` at most. Returns whether the wait succeeded; if not, it has had no
    /// effect. A deadline in the past still allows one attempt.
    ///
    /// With one deadline, several waits together last no longer than the limit:
    ///
    /// ```
    /// use rsevents::{Awaitable, ManualResetEvent};
    /// use std::time::{Duration, Instant};
    ///
    /// let parts = [ManualResetEvent::from(true), ManualResetEvent::from(false)];
    /// let deadline = Instant::now() + Duration::from_millis(1);
    /// assert!(!parts.iter().all(|part| part.wait_until(deadline)));
    /// ```
    #[doc(alias("wait_deadline", "wait_timeout", "park_until"))]
    #[inline]
    fn wait_until(&'a self, deadline: Instant) -> bool
    where
        Self: Sized + sealed::VoidAwaitable,
        Self::Error: sealed::InfallibleUnboundedWait,
    {
        self.try_wait_until(deadline).is_ok()
    }

    /// Succeeds if it can succeed at once. Returns whether it did. Blocks no more than
    /// [`try_wait0`](Self::try_wait0).
    ///
    /// This is a wait and not a peek: on an auto-reset event a success consumes.
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, Awaitable, EventState};
    ///
    /// let event = AutoResetEvent::new(EventState::Set);
    /// assert!(event.wait0());
    /// assert!(!event.wait0()); // the first wait took the set
    /// ```
    #[doc(alias("WaitForSingleObject", "WaitOne", "try_acquire", "poll"))]
    #[inline]
    fn wait0(&'a self) -> bool
    where
        Self: Sized + sealed::VoidAwaitable,
        Self::Error: sealed::InfallibleUnboundedWait,
    {
        self.try_wait0().is_ok()
    }
}

/// Defines that a pointer to shared ownership is waited on like what it points to.
///
/// Only where a wait yields nothing. A type whose waits yield guards has methods of its own that are
/// named like those of the trait (`wait_for` returns a `Result`), and these would be shadowed by the
/// trait's in a call on the pointer.
macro_rules! await_through {
    ($pointer:ident) => {
        /// Waits on the value that it points to, where a wait yields nothing.
        impl<'a, A> Awaitable<'a> for $pointer<A>
        where
            A: Awaitable<'a, T = ()> + ?Sized,
        {
            type T = ();
            type Error = A::Error;

            #[inline]
            fn try_wait(&'a self) -> Result<(), <A::Error as AwaitableError>::UnboundedError> {
                (**self).try_wait()
            }

            #[inline]
            fn try_wait_for(&'a self, limit: Duration) -> Result<(), A::Error> {
                (**self).try_wait_for(limit)
            }

            #[inline]
            fn try_wait_until(&'a self, deadline: Instant) -> Result<(), A::Error> {
                (**self).try_wait_until(deadline)
            }

            #[inline]
            fn try_wait0(&'a self) -> Result<(), A::Error> {
                (**self).try_wait0()
            }
        }
    };
}

await_through!(Arc);
await_through!(Rc);

/// The error of an [`Awaitable`]: how a wait with a limit can fail and, by the associated type, how one
/// without a limit can.
///
/// Use [`TimeoutError`] unless your type can fail in other ways. An implementation of
/// `From<UnboundedError>` is recommended, so that `?` works between the two.
pub trait AwaitableError: Error {
    /// The error of a wait without a limit. [`Infallible`] says that it cannot fail, which makes
    /// [`Awaitable::wait`] and the other forms without `try_` available; otherwise this is typically
    /// `Self`.
    type UnboundedError: Error;
}

/// The error of a wait that did not succeed within its limit, or that never could.
#[doc(alias("Elapsed", "WAIT_TIMEOUT"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeoutError;

impl TimeoutError {
    /// The result of a wait that either succeeded or timed out.
    #[inline]
    pub(crate) fn unless(succeeded: bool) -> Result<(), Self> {
        if succeeded { Ok(()) } else { Err(Self) }
    }
}

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the wait timed out")
    }
}

impl Error for TimeoutError {}

impl AwaitableError for TimeoutError {
    type UnboundedError = Infallible;
}

/// Lets `?` turn the error of a wait that cannot fail into the error of one that can time out.
impl From<Infallible> for TimeoutError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The conditions under which the simpler forms exist. Other crates can neither name nor implement them.
mod sealed {
    use super::{Awaitable, AwaitableError, Error, Infallible};

    pub trait InfallibleUnboundedWait: AwaitableError {
        fn impossible(error: Self::UnboundedError) -> !;
    }

    impl<E> InfallibleUnboundedWait for E
    where
        E: AwaitableError<UnboundedError = Infallible>,
    {
        fn impossible(error: Infallible) -> ! {
            match error {}
        }
    }

    pub trait VoidAwaitable {}

    impl<A, E> VoidAwaitable for A
    where
        A: for<'a> Awaitable<'a, T = (), Error = E>,
        E: Error,
    {
    }
}
