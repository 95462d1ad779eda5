//! Patterns of real programs, ported to these crates. Each is written once, for what it waits on: a trait, which is
//! implemented by what it was written for, and by ours. Its test is run with both. README.md has the calls side by
//! side.

mod environment;
mod outcome;
mod scheduler;
mod win32_queue;

use std::time::Duration;

use rsevents::{Awaitable, EventState, ManualResetEvent};

/// What is set once, for all. What was written before the set is seen after the wait.
trait Latch: Send + Sync + 'static {
    fn new() -> Self;
    fn set(&self);
    fn wait(&self);
    /// Whether it was set before the limit.
    fn wait_for(&self, limit: Duration) -> bool;
}

/// After.
impl Latch for ManualResetEvent {
    fn new() -> Self {
        Self::new(EventState::Unset)
    }

    fn set(&self) {
        self.set();
    }

    fn wait(&self) {
        Awaitable::wait(self);
    }

    fn wait_for(&self, limit: Duration) -> bool {
        Awaitable::wait_for(self, limit)
    }
}
