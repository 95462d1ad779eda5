//! How long a wait may last.

use std::time::{Duration, Instant};

use rsevents::{Awaitable, TimeoutError};

/// The deadline of one wait, however often it parks.
#[derive(Clone, Copy)]
pub(crate) enum Deadline {
    Never,
    At(Instant),
}

impl Deadline {
    /// `None` if there is no time at all. That and the longest limit read no clock, as not every target
    /// has one.
    pub(crate) fn after(limit: Duration) -> Option<Self> {
        match limit {
            Duration::ZERO => None,
            Duration::MAX => Some(Self::Never),
            // Never, where the clock cannot express the instant.
            _ => Some(Instant::now().checked_add(limit).map_or(Self::Never, Self::At)),
        }
    }

    /// Whether no time is left.
    pub(crate) fn has_passed(self) -> bool {
        match self {
            Self::Never => false,
            Self::At(deadline) => deadline <= Instant::now(),
        }
    }

    pub(crate) fn instant(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::At(deadline) => Some(deadline),
        }
    }

    /// Waits on an event. Returns whether that succeeded.
    pub(crate) fn wait<E>(self, event: &E) -> bool
    where
        E: for<'a> Awaitable<'a, T = (), Error = TimeoutError>,
    {
        match self {
            Self::Never => {
                event.wait();
                true
            }
            Self::At(deadline) => event.wait_until(deadline),
        }
    }
}
