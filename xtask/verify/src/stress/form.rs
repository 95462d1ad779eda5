//! In which form a thread waits.

use std::time::{Duration, Instant};

use rsevents_extra::{Semaphore, SemaphoreGuard};

use crate::event::Waitable;

/// A form of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Wait,
    WaitFor(Duration),
    /// Until so long after the call.
    WaitUntil(Duration),
    Wait0,
}

impl Form {
    /// Any, so that many waits sleep and many are at their deadline when what they wait for comes.
    pub(super) fn any(random: &mut fastrand::Rng) -> Self {
        if random.u8(..5) < 2 { Self::Wait } else { Self::brief(random) }
    }

    /// One that comes back by itself before long.
    pub(super) fn brief(random: &mut fastrand::Rng) -> Self {
        match random.u8(..6) {
            0 => Self::Wait0,
            1..4 => Self::WaitFor(limit(random)),
            _ => Self::WaitUntil(limit(random)),
        }
    }

    /// How long it waits at most.
    pub(super) fn limit(self) -> Option<Duration> {
        match self {
            Self::Wait => None,
            Self::WaitFor(limit) | Self::WaitUntil(limit) => Some(limit),
            Self::Wait0 => Some(Duration::ZERO),
        }
    }

    pub(super) fn wait(self, object: &impl Waitable) -> bool {
        match self {
            Self::Wait => {
                object.wait();
                true
            }
            Self::WaitFor(limit) => object.wait_for(limit),
            Self::WaitUntil(limit) => object.wait_until(Instant::now() + limit),
            Self::Wait0 => object.wait0(),
        }
    }

    pub(super) fn take(self, semaphore: &Semaphore, permits: u16) -> Option<SemaphoreGuard<'_>> {
        match self {
            Self::Wait => Some(semaphore.wait_many(permits)),
            Self::WaitFor(limit) => semaphore.wait_many_for(permits, limit).ok(),
            Self::WaitUntil(limit) => {
                semaphore.wait_many_until(permits, Instant::now() + limit).ok()
            }
            Self::Wait0 => semaphore.try_wait0_many(permits).ok(),
        }
    }
}

/// Of no length, too short to sleep, about as long as the delays, and long enough for a nap.
fn limit(random: &mut fastrand::Rng) -> Duration {
    match random.u8(..8) {
        0 => Duration::ZERO,
        1..4 => Duration::from_nanos(random.u64(1..3_000)),
        4..7 => Duration::from_micros(random.u64(3..80)),
        _ => Duration::from_micros(random.u64(80..400)),
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn every_form_comes_up() {
        let mut random = fastrand::Rng::with_seed(1);
        let forms: Vec<_> = (0..1_000).map(|_| Form::any(&mut random)).collect();
        assert!(forms.contains(&Form::Wait) && forms.contains(&Form::Wait0));
        assert!(forms.iter().any(|form| matches!(form, Form::WaitFor(limit) if limit.is_zero())));
        assert!(forms.iter().any(|form| matches!(form, Form::WaitUntil(_))));
        assert!((0..1_000).all(|_| Form::brief(&mut random).limit().is_some()));
    }
}
