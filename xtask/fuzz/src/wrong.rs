//! An object that does not do what its model does is found, and soon.

use std::convert::Infallible;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rsevents::{Awaitable, EventState, ManualResetEvent, TimeoutError};
use verify::event::Event;
use verify::spec::Kind;

use crate::play;
use crate::program::Program;

/// An auto-reset event of which no wait takes the set.
#[derive(Debug)]
struct NeverConsumed(ManualResetEvent);

impl From<EventState> for NeverConsumed {
    fn from(state: EventState) -> Self {
        Self(state.into())
    }
}

impl Awaitable<'_> for NeverConsumed {
    type T = ();
    type Error = TimeoutError;

    fn try_wait(&self) -> Result<(), Infallible> {
        self.0.try_wait()
    }

    fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
        self.0.try_wait_for(limit)
    }
}

impl Event for NeverConsumed {
    const KIND: Kind = Kind::Auto;

    fn set(&self) {
        self.0.set();
    }

    fn reset(&self) {
        self.0.reset();
    }

    fn is_set(&self) -> bool {
        self.0.is_set()
    }
}

#[test]
fn an_event_that_is_not_consumed_is_found() {
    const INPUTS: usize = 1_000;
    let [inputs, found] = [const { AtomicU64::new(0) }; 2];
    bolero::check!().with_iterations(INPUTS).with_type::<Program>().for_each(
        |program: &Program| {
            inputs.fetch_add(1, Ordering::Relaxed);
            let is_found = catch_unwind(|| play::run::<NeverConsumed>(program)).is_err();
            found.fetch_add(is_found.into(), Ordering::Relaxed);
        },
    );
    let (inputs, found) = (inputs.into_inner(), found.into_inner());
    assert!(found > 0, "not found by any of {inputs} programs");
}
