//! The one interface for waiting, and its errors.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Something a thread can wait for.
///
/// The events of this crate implement it, and so do the types of other crates that are built on
/// them. Code that waits on "anything" is generic over it:
///
/// ```
/// use rsevents::{AutoResetEvent, Awaitable, EventState, TimeoutError};
/// use std::time::Duration;
///
/// fn patient<A>(gate: &A) -> bool
/// where
///     A: for<'a> Awaitable<'a, T = (), Error = TimeoutError>,
/// {
///     (0..3).any(|_| gate.wait_for(Duration::from_millis(1)))
/// }
///
/// assert!(patient(&AutoResetEvent::new(EventState::Set)));
/// assert!(!patient(&AutoResetEvent::new(EventState::Unset)));
/// ```
///
/// # Which form
///
/// The `try_` forms exist for every implementation and return a [`Result`]. The forms without
/// `try_` spare the error handling where there is nothing to handle:
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
/// A limit is never cut short: a wait that fails has lasted at least as long as it was allowed to,
/// by the clock of [`Instant`]. How much longer is up to the operating system's scheduler. A wait has
/// one deadline, however often its thread wakes up in between. A signal that came before the deadline
/// wins over it, and so does one that is there when a wait with no time left begins. A limit too far
/// ahead for [`Instant`] to express, such as [`Duration::MAX`], means to wait as long as it takes.
///
/// # Implementing it
///
/// [`try_wait`](Self::try_wait) and [`try_wait_for`](Self::try_wait_for) are required. Override
/// [`try_wait0`](Self::try_wait0) and [`try_wait_until`](Self::try_wait_until) where that is cheaper
/// or more exact than what they do by default. No call may panic on any limit.
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
/// let news = Announcement { value: OnceLock::new(), made: ManualResetEvent::new(EventState::Unset) };
/// std::thread::scope(|scope| {
///     scope.spawn(|| assert_eq!(*news.wait(), 42));
///     news.value.set(42).unwrap();
///     news.made.set();
/// });
/// ```
pub trait Awaitable<'a> {
    /// What a successful wait yields: `()` for an event, a guard for a semaphore.
    type T;

    /// What a failed wait returns, and through its
    /// [`UnboundedError`](AwaitableError::UnboundedError) also whether a wait without a limit can
    /// fail at all.
    type Error: AwaitableError;

    /// Waits as long as it takes.
    ///
    /// # Errors
    ///
    /// Whatever the implementation can fail with, except a timeout. The events never fail here.
    fn try_wait(&'a self) -> Result<Self::T, <Self::Error as AwaitableError>::UnboundedError>;

    /// Waits for at most `limit`, counted from the call.
    ///
    /// # Errors
    ///
    /// For the types of this crate, [`TimeoutError`] if the limit passes first. A wait that fails has
    /// no effect.
    fn try_wait_for(&'a self, limit: Duration) -> Result<Self::T, Self::Error>;

    /// Waits until `deadline` at most. A deadline in the past still allows one attempt.
    ///
    /// The default turns the deadline into a limit for [`try_wait_for`](Self::try_wait_for).
    ///
    /// # Errors
    ///
    /// As [`try_wait_for`](Self::try_wait_for).
    fn try_wait_until(&'a self, deadline: Instant) -> Result<Self::T, Self::Error> {
        self.try_wait_for(deadline.saturating_duration_since(Instant::now()))
    }

    /// Takes what is there now, without waiting for it.
    ///
    /// This is a wait and not a peek: on an auto-reset event or a semaphore a success consumes.
    ///
    /// The default is [`try_wait_for`](Self::try_wait_for) with a limit of zero.
    ///
    /// # Errors
    ///
    /// For the types of this crate, [`TimeoutError`] if there is nothing to take.
    fn try_wait0(&'a self) -> Result<Self::T, Self::Error> {
        self.try_wait_for(Duration::ZERO)
    }

    /// Waits as long as it takes.
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
    #[inline]
    fn wait_until(&'a self, deadline: Instant) -> bool
    where
        Self: Sized + sealed::VoidAwaitable,
        Self::Error: sealed::InfallibleUnboundedWait,
    {
        self.try_wait_until(deadline).is_ok()
    }

    /// Takes what is there now, without waiting for it. Returns whether there was something.
    ///
    /// This is a wait and not a peek: on an auto-reset event a success consumes.
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
        /// Waits on what it points to, where a wait yields nothing.
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

/// The error of an [`Awaitable`]: what can go wrong in a wait that may time out, and what in a wait
/// that may not.
///
/// Use [`TimeoutError`] unless your type can fail in other ways. An implementation of
/// `From<UnboundedError>` is recommended, so that `?` works between the two.
pub trait AwaitableError: Error {
    /// The error of a wait without a limit. [`Infallible`] says that it cannot fail, which makes
    /// [`Awaitable::wait`] and its kin available; otherwise this is typically `Self`.
    type UnboundedError: Error;
}

/// The limit of a wait passed before the wait could succeed. Nothing else can go wrong.
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

/// The conditions under which the simpler forms exist. Nobody else can name or implement them.
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
