//! Events that are wrong.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents::{Awaitable, EventState, TimeoutError};

use crate::event::Event;
use crate::spec::Kind;

/// An auto event whose wait looks first and takes then, so that two may take one set.
#[derive(Debug)]
pub(super) struct Doubling(AtomicBool);

/// A manual event whose timed waits take back on leaving what came meanwhile.
#[derive(Debug)]
pub(super) struct Losing(AtomicBool);

/// An auto event whose timed waits do not wait to the end.
#[derive(Debug)]
pub(super) struct Hasty(AtomicBool);

fn polled(take: impl Fn() -> bool, limit: Duration) -> bool {
    let start = Instant::now();
    loop {
        if take() {
            return true;
        }
        if start.elapsed() >= limit {
            return false;
        }
        thread::yield_now();
    }
}

macro_rules! broken {
    ($event:ident, $kind:ident, $wait_for:expr) => {
        impl From<EventState> for $event {
            fn from(state: EventState) -> Self {
                Self(AtomicBool::new(state == EventState::Set))
            }
        }

        impl Awaitable<'_> for $event {
            type T = ();
            type Error = TimeoutError;

            fn try_wait(&self) -> Result<(), Infallible> {
                $wait_for(self, Duration::MAX);
                Ok(())
            }

            fn try_wait_for(&self, limit: Duration) -> Result<(), TimeoutError> {
                if $wait_for(self, limit) { Ok(()) } else { Err(TimeoutError) }
            }
        }

        impl Event for $event {
            const KIND: Kind = Kind::$kind;

            fn set(&self) {
                self.0.store(true, Ordering::SeqCst);
            }

            fn reset(&self) {
                self.0.store(false, Ordering::SeqCst);
            }

            fn is_set(&self) -> bool {
                self.0.load(Ordering::SeqCst)
            }
        }
    };
}

broken!(Doubling, Auto, |event: &Self, limit| {
    let take = || {
        let is_set = event.is_set();
        if is_set {
            thread::yield_now();
            event.reset();
        }
        is_set
    };
    polled(take, limit)
});

broken!(Losing, Manual, |event: &Self, limit| {
    let is_set = polled(|| event.is_set(), limit);
    if !is_set {
        thread::yield_now();
        event.reset();
    }
    is_set
});

broken!(Hasty, Auto, |event: &Self, limit| {
    polled(|| event.0.swap(false, Ordering::SeqCst), limit / 2)
});
