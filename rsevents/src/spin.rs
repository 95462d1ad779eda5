//! Whether to spin before parking, and for how long.
//!
//! Putting a thread to sleep and waking it costs tens of microseconds where the core falls asleep as
//! well, and a set is often closer than that. But a spin that is not rewarded is a waste, and on one
//! core it only delays the thread that it waits for. So each thread remembers how its own spins
//! ended: a rewarded one lets the next be longer, a vain one lets ever more waits pass without a
//! spin. The numbers and their reasons are in `DESIGN.md`.

use core::cell::Cell;
use core::hint;
use core::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::sync;

/// A thread's first spin, and each that is but a trial.
const TRIAL: Duration = Duration::from_micros(6);
/// The spin after a rewarded one.
const USUAL: Duration = Duration::from_micros(12);
/// The longest spin: about what it takes to wake a core that sleeps, as both sides of a
/// conversation have to be awake before it can become fast.
const LONGEST: Duration = Duration::from_micros(64);
/// Sleeping longer than that has nothing to do with how long it takes to wake up.
const LONG_SLEEP: Duration = Duration::from_micros(150);
/// Waits without a spin after the first vain one.
const FIRST_SKIP: u16 = 2;
/// Waits without a spin at most, before the next attempt.
const LONGEST_SKIP: u16 = 1 << 14;
/// Looks between two glances at the clock.
const LOOKS_PER_GLANCE: u32 = 32;

/// What a thread has learned from its spins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Experience {
    /// How long the next spin may be.
    spin: Duration,
    /// Waits still to pass before it.
    skip: u16,
    /// How many that will be after the next vain spin.
    next_skip: u16,
}

impl Experience {
    const NONE: Self = Self { spin: TRIAL, skip: 0, next_skip: FIRST_SKIP };

    fn after_reward(self) -> Self {
        Self { spin: self.spin.max(USUAL), ..Self::NONE }
    }

    /// After a vain spin, and the sleep that followed it.
    fn after_sleep(self, slept: Duration) -> Self {
        // Shorter than the shortest spin: the setter was waiting for our core. Very long: the set was far off.
        // In between it may have been the waking that took so long.
        let (spin, patience) =
            if TRIAL <= slept && slept < LONG_SLEEP { (LONGEST, 2) } else { (TRIAL, 8) };
        let next_skip = self.next_skip.saturating_mul(patience).min(LONGEST_SKIP);
        Self { spin, skip: self.next_skip, next_skip }
    }

    fn after_skip(self) -> Self {
        Self { skip: self.skip - 1, ..self }
    }
}

thread_local! {
    static EXPERIENCE: Cell<Experience> = const { Cell::new(Experience::NONE) };
}

/// How a wait goes on after its spin.
pub(crate) enum Spun {
    /// The last look succeeded.
    Succeeded,
    /// It should park, and there is nothing to learn.
    Park,
    /// It should park, and tell how that went.
    InVain(InVain),
}

/// A spin that was not rewarded.
pub(crate) struct InVain {
    ended: Instant,
}

impl InVain {
    /// The thread has slept and is awake.
    pub(crate) fn slept(self) {
        EXPERIENCE.set(EXPERIENCE.get().after_sleep(self.ended.elapsed()));
    }
}

/// Calls `look` until it succeeds (`Break(true)`) or asks to stop (`Break(false)`), the deadline has
/// passed, or the spin is used up.
pub(crate) fn spin(deadline: Option<Instant>, look: impl FnMut() -> ControlFlow<bool>) -> Spun {
    let experience = EXPERIENCE.get();
    if !sync::MAY_SPIN {
        return Spun::Park;
    }
    if experience.skip > 0 {
        EXPERIENCE.set(experience.after_skip());
        return Spun::Park;
    }
    match spin_for(experience.spin, deadline, look) {
        ControlFlow::Break(true) => {
            EXPERIENCE.set(experience.after_reward());
            Spun::Succeeded
        }
        // Cut short by the deadline or by others who came first: that teaches nothing.
        ControlFlow::Break(false) => Spun::Park,
        ControlFlow::Continue(ended) => Spun::InVain(InVain { ended }),
    }
}

fn spin_for(
    limit: Duration,
    deadline: Option<Instant>,
    mut look: impl FnMut() -> ControlFlow<bool>,
) -> ControlFlow<bool, Instant> {
    let mut end = None;
    loop {
        for _ in 0..LOOKS_PER_GLANCE {
            if let ControlFlow::Break(found) = look() {
                return ControlFlow::Break(found);
            }
            hint::spin_loop();
        }
        // The first glance comes after the first looks: most rewards come within these.
        let now = Instant::now();
        if deadline.is_some_and(|deadline| deadline <= now) {
            return ControlFlow::Break(false);
        }
        if *end.get_or_insert(now + limit) <= now {
            return ControlFlow::Continue(now);
        }
    }
}

#[cfg(test)]
mod tests;
