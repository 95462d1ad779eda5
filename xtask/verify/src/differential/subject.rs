//! What is compared: any kind of event, and what its calls tell.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, ManualResetEvent};

use crate::event::{Event, state};
use crate::spec::Kind;

/// An event, whoever made it.
pub trait Subject: Send + Sync {
    /// Sets it.
    fn set(&self);

    /// Makes it unset.
    fn reset(&self);

    /// Waits for at most `limit`, or as long as it takes. Returns whether that succeeded.
    fn wait(&self, limit: Option<Duration>) -> bool;
}

/// What a step of a program made known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A set or reset returned, and so did this many waits that it released.
    Done {
        /// How many.
        released: usize,
    },
    /// A wait returned: whether it succeeded.
    Waited(bool),
    /// A wait blocks.
    Blocks,
    /// A wait that blocked returned without a set that would release it, or without success.
    Wrong,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done { released } => write!(f, "released {released}"),
            Self::Waited(true) => f.write_str("succeeded"),
            Self::Waited(false) => f.write_str("timed out"),
            Self::Blocks => f.write_str("blocks"),
            Self::Wrong => f.write_str("a blocked wait returned that should not"),
        }
    }
}

/// An event of this project's.
#[must_use]
pub fn ours(kind: Kind, is_set: bool) -> Arc<dyn Subject> {
    let state = state(is_set);
    match kind {
        Kind::Auto => Arc::new(AutoResetEvent::new(state)),
        Kind::Manual => Arc::new(ManualResetEvent::new(state)),
    }
}

impl<E: Event> Subject for E {
    fn set(&self) {
        Event::set(self);
    }

    fn reset(&self) {
        Event::reset(self);
    }

    fn wait(&self, limit: Option<Duration>) -> bool {
        match limit {
            Some(Duration::ZERO) => self.wait0(),
            Some(limit) => self.wait_for(limit),
            None => {
                Awaitable::wait(self);
                true
            }
        }
    }
}
