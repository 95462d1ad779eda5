//! The forms of waiting. Those without end are used only where they do not block.

use std::time::{Duration, Instant};

use bolero::TypeGenerator;
use rsevents::{Awaitable, TimeoutError};
use strum::{IntoStaticStr, VariantNames};
use verify::event::Waitable;

/// A thousand hours: a limit that the clock can express and nobody waits for.
const FAR: Duration = Duration::from_secs(3_600_000);

/// A form of waiting.
#[derive(Clone, Copy, Debug, IntoStaticStr, TypeGenerator, VariantNames)]
pub(crate) enum Wait {
    #[strum(serialize = "wait")]
    Unlimited,
    #[strum(serialize = "wait0")]
    Zero,
    #[strum(serialize = "wait_for")]
    For(Span),
    #[strum(serialize = "wait_until")]
    Until(Moment),
}

#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Span {
    Zero,
    Nanoseconds(u8),
    Far,
    BeyondTheClock,
}

#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Moment {
    Past,
    Now,
    Soon(u8),
    Far,
}

/// How long a wait may last.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    Unlimited,
    Nothing,
    For(Duration),
    Until(Instant),
}

impl Wait {
    /// Whether it would last for good on an object that is not available.
    pub(crate) fn is_endless(self) -> bool {
        matches!(
            self,
            Self::Unlimited
                | Self::For(Span::Far | Span::BeyondTheClock)
                | Self::Until(Moment::Far)
        )
    }

    /// What limit it has. A deadline is counted from now.
    pub(crate) fn limit(self) -> Limit {
        match self {
            Self::Unlimited => Limit::Unlimited,
            Self::Zero => Limit::Nothing,
            Self::For(span) => Limit::For(span.duration()),
            Self::Until(moment) => Limit::Until(moment.instant()),
        }
    }

    /// Waits on an object that yields nothing. Returns whether that succeeded.
    pub(crate) fn on(self, object: &impl Waitable, is_by_bool: bool) -> Result<bool, String> {
        let yielded = if is_by_bool {
            self.timed(|limit| by_bool(object, limit))
        } else {
            self.timed(|limit| by_result(object, limit))
        };
        Ok(yielded?.is_some())
    }

    /// Calls `wait` with the limit, and looks at the clock if it fails.
    pub(crate) fn timed<T>(
        self,
        wait: impl FnOnce(Limit) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let limit = self.limit();
        let start = Instant::now();
        if let Some(yielded) = wait(limit) {
            return Ok(Some(yielded));
        }
        let end = match limit {
            Limit::Nothing => Some(start),
            Limit::For(duration) => start.checked_add(duration),
            Limit::Until(deadline) => Some(deadline),
            Limit::Unlimited => None,
        };
        match end {
            Some(end) if end <= Instant::now() => Ok(None),
            Some(_) => Err("a wait failed before its time was up".into()),
            None => Err("a wait without an end failed".into()),
        }
    }
}

/// Waits by one of the forms that return a result.
pub(crate) fn by_result<'a, A>(object: &'a A, limit: Limit) -> Option<A::T>
where
    A: Awaitable<'a, Error = TimeoutError>,
{
    match limit {
        Limit::Unlimited => {
            let Ok(yielded) = object.try_wait();
            Some(yielded)
        }
        Limit::Nothing => object.try_wait0().ok(),
        Limit::For(duration) => object.try_wait_for(duration).ok(),
        Limit::Until(deadline) => object.try_wait_until(deadline).ok(),
    }
}

/// Waits by one of the forms that return a `bool`.
fn by_bool(object: &impl Waitable, limit: Limit) -> Option<()> {
    let succeeds = match limit {
        Limit::Unlimited => {
            object.wait();
            true
        }
        Limit::Nothing => object.wait0(),
        Limit::For(duration) => object.wait_for(duration),
        Limit::Until(deadline) => object.wait_until(deadline),
    };
    succeeds.then_some(())
}

impl Span {
    fn duration(self) -> Duration {
        match self {
            Self::Zero => Duration::ZERO,
            Self::Nanoseconds(nanoseconds) => Duration::from_nanos(nanoseconds.into()),
            Self::Far => FAR,
            Self::BeyondTheClock => Duration::MAX,
        }
    }
}

impl Moment {
    fn instant(self) -> Instant {
        let now = Instant::now();
        match self {
            // A machine that has just been started has no such past.
            Self::Past => now.checked_sub(Duration::from_secs(1)).unwrap_or(now),
            Self::Now => now,
            Self::Soon(nanoseconds) => now + Duration::from_nanos(nanoseconds.into()),
            Self::Far => now + FAR,
        }
    }
}
