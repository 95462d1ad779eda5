//! One view of both events, and of everything that is waited for without yielding anything.

use std::fmt::Debug;

use rsevents::{AutoResetEvent, Awaitable, ManualResetEvent, TimeoutError};

/// What a wait does to a set event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Takes it.
    Auto,
    /// Leaves it set.
    Manual,
}

/// Something to wait for.
pub trait Waitable: for<'a> Awaitable<'a, T = (), Error = TimeoutError> {}

impl<T: for<'a> Awaitable<'a, T = (), Error = TimeoutError>> Waitable for T {}

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
