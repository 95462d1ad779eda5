//! One view of both events, and of everything that is waited for without yielding anything.

use std::fmt::Debug;

use rsevents::{AutoResetEvent, Awaitable, ManualResetEvent, TimeoutError};
use rsevents_extra::{CountdownEvent, Semaphore};

/// What a wait does to a set event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Takes it.
    Auto,
    /// Leaves it set.
    Manual,
}

/// Something that threads and tasks wait for.
pub trait AsyncAwaitable<'a>: Awaitable<'a, Error = TimeoutError> {
    /// `wait_async`
    fn wait_async(&'a self) -> impl Future<Output = Self::T>;
}

macro_rules! async_awaitable {
    ($($name:ident),*) => {$(
        impl<'a> AsyncAwaitable<'a> for $name {
            fn wait_async(&'a self) -> impl Future<Output = Self::T> {
                self.wait_async()
            }
        }
    )*};
}

async_awaitable!(AutoResetEvent, ManualResetEvent, CountdownEvent, Semaphore);

/// Something that is waited for without yielding anything.
pub trait Waitable: for<'a> AsyncAwaitable<'a, T = ()> {}

impl<T: for<'a> AsyncAwaitable<'a, T = ()>> Waitable for T {}

/// An event.
pub trait Event: Waitable + From<bool> + Debug + Send + Sync + 'static {
    /// What a wait does to it.
    const KIND: Kind;

    /// Sets it.
    fn set(&self);
    /// Makes it unset.
    fn reset(&self);
    /// Whether it is set.
    fn is_set(&self) -> bool;
}

macro_rules! event {
    ($name:ident, $kind:ident) => {
        impl Event for $name {
            const KIND: Kind = Kind::$kind;

            fn set(&self) {
                self.set();
            }

            fn reset(&self) {
                self.reset();
            }

            fn is_set(&self) -> bool {
                self.is_set()
            }
        }
    };
}

event!(AutoResetEvent, Auto);
event!(ManualResetEvent, Manual);
