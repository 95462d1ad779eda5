//! Types that are waited for like events, through a gate inside.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use crate::{Awaitable, Finish, Gate, Rule, TimeoutError, Wait};

/// A type that is waited for through a [`Gate`] inside. A type that implements this implements [`Awaitable`], too.
///
/// A wait passes when the gate lets it pass, and yields what [`taken`](Self::taken) makes of it: `()`, or a
/// guard that gives back what the wait took. The type is `Awaitable<T = Taken, Error = TimeoutError>`: it has
/// `wait` and the forms with `try_`, and `wait_for`, `wait_until` and `wait0` where `Taken` is `()`. Tasks wait with
/// [`wait_async`](Self::wait_async).
///
/// * Where several kinds of waits are for the same gate, each gets a type of its own that borrows the gate's
///   owner, as `Write` below.
/// * What has to happen before the wait, such as to arrive at a barrier, is a method that returns such a type.
/// * A wait that may end in another way, such as with a closed channel, yields a [`Result`]. Or the type
///   implements [`Awaitable`] by hand, with [`Gate::wait_until`] and an error of its own. So does a type that
///   has to do something while it waits.
///
/// The functions of the trait are public: users of the type can call [`gate`](Self::gate) and change the value, and
/// [`taken`](Self::taken) without a wait. A type that must rule that out implements [`Awaitable`] by hand,
/// as the semaphore and the countdown of `rsevents-extra` do.
///
/// # Example
///
/// A reader-writer gate. Many threads read at once, one writes, and a writer that is the first to wait keeps later
/// readers out:
///
/// ```
/// use rsevents::{Awaitable, Gate, Rule, Source};
/// use std::time::Duration;
///
/// /// The value is the number of readers, or `WRITER`.
/// struct ReadersOrWriter;
///
/// const WRITER: u64 = 1 << 32;
/// const READ: u32 = 1;
/// const WRITE: u32 = 2;
///
/// impl Rule for ReadersOrWriter {
///     fn take(value: u64, request: u32) -> Option<u64> {
///         match request {
///             READ => (value < WRITER).then_some(value + 1),
///             _ => (value == 0).then_some(WRITER),
///         }
///     }
///     fn opens(value: u64) -> bool {
///         value < WRITER
///     }
///     fn keeps(request: u32) -> bool {
///         request == WRITE
///     }
///     /// A future was dropped after its wait had passed.
///     fn hand_on(value: u64, request: u32) -> u64 {
///         value - if request == READ { 1 } else { WRITER }
///     }
/// }
///
/// struct ReadWrite {
///     gate: Gate<ReadersOrWriter>,
/// }
///
/// /// A wait for it is a request to read.
/// impl<'a> Source<'a> for ReadWrite {
///     type Rule = ReadersOrWriter;
///     type Taken = Guard<'a>;
///
///     fn gate(&'a self) -> &'a Gate<ReadersOrWriter> {
///         &self.gate
///     }
///     fn request(&self) -> u32 {
///         READ
///     }
///     fn taken(&'a self) -> Guard<'a> {
///         Guard { gate: &self.gate, held: 1 }
///     }
/// }
///
/// /// A wait for this is a request to write.
/// struct Write<'g>(&'g ReadWrite);
///
/// impl<'a, 'g> Source<'a> for Write<'g> {
///     type Rule = ReadersOrWriter;
///     type Taken = Guard<'g>;
///
///     fn gate(&'a self) -> &'a Gate<ReadersOrWriter> {
///         &self.0.gate
///     }
///     fn request(&self) -> u32 {
///         WRITE
///     }
///     fn taken(&'a self) -> Guard<'g> {
///         Guard { gate: &self.0.gate, held: WRITER }
///     }
/// }
///
/// struct Guard<'g> {
///     gate: &'g Gate<ReadersOrWriter>,
///     held: u64,
/// }
///
/// impl Drop for Guard<'_> {
///     fn drop(&mut self) {
///         self.gate.sub(self.held);
///     }
/// }
///
/// static FILE: ReadWrite = ReadWrite { gate: Gate::new(0) };
///
/// let reader = FILE.wait();
/// let other = FILE.wait();
/// assert!(Write(&FILE).try_wait_for(Duration::from_millis(1)).is_err());
/// drop((reader, other));
/// let writer = Write(&FILE).wait();
/// assert!(FILE.try_wait0().is_err());
/// drop(writer);
/// ```
pub trait Source<'a> {
    /// The rule of the gate.
    type Rule: Rule;

    /// What a wait yields.
    type Taken;

    /// The gate. Each call has to return the same one.
    fn gate(&'a self) -> &'a Gate<Self::Rule>;

    /// What a wait asks the gate for. Called when a wait begins. A wait for several objects may call it again, and
    /// has to get the same. By default 1.
    fn request(&self) -> u32 {
        1
    }

    /// Called when a wait has passed, in the thread or task that waits, without a lock. What it returns should give
    /// back what the wait took, if that has to be given back. The gate's value may have changed since. What else the
    /// wait yields is best kept beside the gate, and written before the change that lets it pass. If this panics,
    /// what the wait took is not put back.
    fn taken(&'a self) -> Self::Taken;

    /// A future that waits, and yields what [`taken`](Self::taken) returns. See [`Gate::wait_async`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is ready has not called `taken`. If its wait has passed by then, the rule's
    /// [`hand_on`](Rule::hand_on) puts back what it took.
    fn wait_async(&'a self) -> Wait<'a, Taken<'a, Self>>
    where
        Self: Sized,
    {
        self.gate().wait_async(self.request()).with(Taken(self))
    }
}

/// How a [`Wait`] for a [`Source`] ends: it calls [`Source::taken`]. Only a part of the type of
/// [`Source::wait_async`]'s result.
#[derive(Debug)]
pub struct Taken<'a, S>(&'a S);

impl<'a, S: Source<'a>> Finish for Taken<'a, S> {
    type Output = S::Taken;

    fn finish(&mut self) -> S::Taken {
        self.0.taken()
    }
}

/// Blocking, limits and memory ordering are those of [`Gate::wait`], [`Gate::wait_for`], [`Gate::wait_until`] and
/// [`Gate::try_take`].
impl<'a, S: Source<'a>> Awaitable<'a> for S {
    type T = S::Taken;
    type Error = TimeoutError;

    #[inline]
    fn try_wait(&'a self) -> Result<S::Taken, Infallible> {
        self.gate().wait(self.request());
        Ok(self.taken())
    }

    #[inline]
    fn try_wait_for(&'a self, limit: Duration) -> Result<S::Taken, TimeoutError> {
        TimeoutError::unless(self.gate().wait_for(self.request(), limit))?;
        Ok(self.taken())
    }

    #[inline]
    fn try_wait_until(&'a self, deadline: Instant) -> Result<S::Taken, TimeoutError> {
        TimeoutError::unless(self.gate().wait_until(self.request(), deadline))?;
        Ok(self.taken())
    }

    #[inline]
    fn try_wait0(&'a self) -> Result<S::Taken, TimeoutError> {
        TimeoutError::unless(self.gate().try_take(self.request()))?;
        Ok(self.taken())
    }
}
