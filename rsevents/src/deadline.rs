//! How long a wait may last, and the one place where a duration becomes a deadline.

use std::time::{Duration, Instant};

/// The limit of one wait, as its caller gave it.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// Without a limit.
    Unlimited,
    /// This long, counted from the call.
    For(Duration),
    /// Until the clock shows this.
    Until(Instant),
}

impl Limit {
    /// Whether no time is left.
    pub(crate) fn has_passed(self) -> bool {
        match self {
            Limit::Unlimited => false,
            Limit::For(limit) => limit.is_zero(),
            Limit::Until(deadline) => deadline <= Instant::now(),
        }
    }

    /// The instant at which the wait fails, or `None` if it never does: also where the clock cannot
    /// express the instant, which is centuries ahead then. The longest limit is none and reads no clock,
    /// as not every target has one.
    pub(crate) fn deadline(self) -> Option<Instant> {
        match self {
            Limit::Unlimited | Limit::For(Duration::MAX) => None,
            Limit::For(limit) => Instant::now().checked_add(limit),
            Limit::Until(deadline) => Some(deadline),
        }
    }
}
