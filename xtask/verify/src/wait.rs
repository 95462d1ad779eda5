//! The ways to wait.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsevents::{
    Signal, wait_all, wait_all_async, wait_all_for, wait_all_until, wait_all0, wait_any,
    wait_any_async, wait_any_for, wait_any_until, wait_any0,
};
use rsevents_extra::{OwnedSemaphoreGuard, Semaphore, SemaphoreGuard};
use strum::{EnumCount, EnumIter, IntoEnumIterator, IntoStaticStr};

use crate::event::{AsyncAwaitable, Waitable};
use crate::op::answer::{Answers, YES, YES_OR_NO};
use crate::task::{self, End};

/// A wait of at least this long does not time out while a check runs.
const ENDLESS: Duration = Duration::from_secs(600);

/// How a call waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumCount, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum WaitKind {
    /// Without a limit.
    #[default]
    Wait,
    /// Without blocking.
    Wait0,
    /// For at most this long.
    WaitFor(Duration),
    /// Until this long after the call begins.
    WaitUntil(Duration),
    /// Until a deadline that has already passed.
    WaitUntilPast,
    /// As a task, without a limit.
    WaitAsync,
    /// As a task that is polled for the last time after this long, and then dropped.
    WaitAsyncFor(Duration),
    /// As a task that is dropped after this long, without a last poll.
    WaitAsyncUntilDropped(Duration),
}

impl WaitKind {
    /// How long it may block. `None` means without a limit.
    #[must_use]
    pub const fn limit(self) -> Option<Duration> {
        match self {
            Self::Wait | Self::WaitAsync => None,
            Self::Wait0 | Self::WaitUntilPast => Some(Duration::ZERO),
            Self::WaitFor(limit)
            | Self::WaitUntil(limit)
            | Self::WaitAsyncFor(limit)
            | Self::WaitAsyncUntilDropped(limit) => Some(limit),
        }
    }

    /// The same with another limit, if it has one that can be chosen.
    #[must_use]
    pub const fn with_limit(self, limit: Duration) -> Self {
        match self {
            Self::WaitFor(_) => Self::WaitFor(limit),
            Self::WaitUntil(_) => Self::WaitUntil(limit),
            Self::WaitAsyncFor(_) => Self::WaitAsyncFor(limit),
            Self::WaitAsyncUntilDropped(_) => Self::WaitAsyncUntilDropped(limit),
            Self::Wait | Self::Wait0 | Self::WaitUntilPast | Self::WaitAsync => self,
        }
    }

    /// Whether it returns only if it succeeds: it has no limit, or one that is not reached.
    #[must_use]
    pub fn is_endless(self) -> bool {
        self.limit().is_none_or(|limit| limit >= ENDLESS)
    }

    /// Whether a task waits, which may be released and then dropped.
    #[must_use]
    pub const fn is_async(self) -> bool {
        matches!(self, Self::WaitAsync | Self::WaitAsyncFor(_) | Self::WaitAsyncUntilDropped(_))
    }

    /// Runs a task that waits in this way.
    ///
    /// # Panics
    ///
    /// If it is a thread that waits.
    fn run<T>(self, future: impl Future<Output = T>) -> Option<T> {
        assert!(self.is_async(), "a task that waits as a thread");
        let is_dropped = matches!(self, Self::WaitAsyncUntilDropped(_));
        task::run(future, self.limit(), if is_dropped { End::Dropped } else { End::Polled })
    }

    /// What it adds to the name of a method: `_for`.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        &<&str>::from(self)["wait".len()..]
    }

    /// Which answers such a wait has.
    #[must_use]
    pub const fn answers(self) -> Answers {
        match self {
            Self::Wait | Self::WaitAsync => YES,
            _ => YES_OR_NO,
        }
    }

    /// Waits with the methods that return a `bool`.
    pub fn wait(self, object: &impl Waitable) -> bool {
        match self {
            Self::Wait => {
                object.wait();
                true
            }
            Self::Wait0 => object.wait0(),
            Self::WaitFor(limit) => object.wait_for(limit),
            Self::WaitUntil(_) | Self::WaitUntilPast => object.wait_until(self.deadline()),
            _ => self.run(object.wait_async()).is_some(),
        }
    }

    /// Waits with the methods that return a `Result`.
    pub fn try_wait<'a, A>(self, object: &'a A) -> Option<A::T>
    where
        A: AsyncAwaitable<'a>,
    {
        match self {
            Self::Wait => {
                let Ok(value) = object.try_wait();
                Some(value)
            }
            Self::Wait0 => object.try_wait0().ok(),
            Self::WaitFor(limit) => object.try_wait_for(limit).ok(),
            Self::WaitUntil(_) | Self::WaitUntilPast => object.try_wait_until(self.deadline()).ok(),
            _ => self.run(object.wait_async()),
        }
    }

    /// Waits for one of several objects. Returns the place of that one.
    pub fn wait_any(self, signals: &[&dyn Signal]) -> Option<usize> {
        match self {
            Self::Wait => Some(wait_any(signals)),
            Self::Wait0 => wait_any0(signals),
            Self::WaitFor(limit) => wait_any_for(signals, limit),
            Self::WaitUntil(_) | Self::WaitUntilPast => wait_any_until(signals, self.deadline()),
            _ => self.run(wait_any_async(signals)),
        }
    }

    /// Waits for all of several objects.
    ///
    /// # Panics
    ///
    /// If it is a task that waits.
    pub fn wait_all(self, signals: &[&dyn Signal]) -> bool {
        match self {
            Self::Wait => {
                wait_all(signals);
                true
            }
            Self::Wait0 => wait_all0(signals),
            Self::WaitFor(limit) => wait_all_for(signals, limit),
            Self::WaitUntil(_) | Self::WaitUntilPast => wait_all_until(signals, self.deadline()),
            _ => panic!("a thread that waits as a task"),
        }
    }

    /// Waits for all of several objects, as a task or as a thread.
    pub fn wait_all_static(self, signals: &[&'static dyn Signal]) -> bool {
        if self.is_async() {
            self.run(wait_all_async(signals)).is_some()
        } else {
            self.wait_all(signals)
        }
    }

    /// Waits for several permits.
    pub fn take(self, semaphore: &Semaphore, permits: u16) -> Option<SemaphoreGuard<'_>> {
        match self {
            Self::Wait => Some(semaphore.wait_many(permits)),
            Self::Wait0 => semaphore.try_wait0_many(permits).ok(),
            Self::WaitFor(limit) => semaphore.wait_many_for(permits, limit).ok(),
            Self::WaitUntil(_) | Self::WaitUntilPast => {
                semaphore.wait_many_until(permits, self.deadline()).ok()
            }
            _ => self.run(semaphore.wait_many_async(permits)),
        }
    }

    /// Waits for one permit.
    pub fn take_one(self, semaphore: &Semaphore) -> Option<SemaphoreGuard<'_>> {
        match self {
            Self::Wait => Some(semaphore.wait()),
            Self::Wait0 => semaphore.try_wait0_many(1).ok(),
            Self::WaitFor(limit) => semaphore.wait_for(limit).ok(),
            Self::WaitUntil(_) | Self::WaitUntilPast => semaphore.wait_until(self.deadline()).ok(),
            _ => self.run(semaphore.wait_async()),
        }
    }

    /// Waits for one permit, with a guard that keeps the semaphore alive.
    pub fn take_owned(self, semaphore: &Arc<Semaphore>) -> Option<OwnedSemaphoreGuard> {
        match self {
            Self::Wait => Some(semaphore.wait_owned()),
            Self::Wait0 => semaphore.wait_owned_for(Duration::ZERO).ok(),
            Self::WaitFor(limit) => semaphore.wait_owned_for(limit).ok(),
            Self::WaitUntil(_) | Self::WaitUntilPast => {
                semaphore.wait_owned_until(self.deadline()).ok()
            }
            _ => self.run(semaphore.wait_owned_async()),
        }
    }

    /// When it times out if it begins now.
    ///
    /// # Panics
    ///
    /// Without a limit.
    #[must_use]
    pub fn deadline(self) -> Instant {
        let now = Instant::now();
        match self {
            // A machine that has just been started has no such past.
            Self::WaitUntilPast => now.checked_sub(Duration::from_secs(1)).unwrap_or(now),
            _ => now + self.limit().expect("a wait without a limit has no deadline"),
        }
    }
}

/// The number of the variant among those of its enum, whatever its fields.
pub(crate) fn variant_number<T: IntoEnumIterator>(value: T) -> usize {
    let is_same = |variant| mem::discriminant(&variant) == mem::discriminant(&value);
    T::iter().position(is_same).expect("every variant is listed")
}
