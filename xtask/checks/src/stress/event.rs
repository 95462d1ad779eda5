//! One view of both events, and of everything that is waited for without yielding anything.

use std::fmt::Debug;

use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError};

/// Something to wait for.
pub(super) trait Waitable: for<'a> Awaitable<'a, T = (), Error = TimeoutError> {}

impl<T: for<'a> Awaitable<'a, T = (), Error = TimeoutError>> Waitable for T {}

/// An event.
pub(super) trait Event: Waitable + From<EventState> + Debug + Send + Sync + 'static {
    fn set(&self);
    fn reset(&self);
}

impl Event for AutoResetEvent {
    fn set(&self) {
        self.set();
    }

    fn reset(&self) {
        self.reset();
    }
}

impl Event for ManualResetEvent {
    fn set(&self) {
        self.set();
    }

    fn reset(&self) {
        self.reset();
    }
}
