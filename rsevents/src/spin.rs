//! Whether to spin before parking, and for how long.
//!
//! Putting a thread to sleep and waking it costs tens of microseconds where the core goes idle as
//! well, and a set is often closer than that. An unrewarded spin wastes processor time, and on one
//! core it only delays the setter. So each thread records how its own spins ended: after a rewarded
//! spin the next one may be longer, after an unrewarded one ever more waits park at once. A spin
//! that the deadline of the wait cuts short is unrewarded too, or a loop of short timed waits would
//! spin for ever. `docs/decisions.md` has the measurements behind the constants.

use core::cell::Cell;
use core::hint;
use core::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::sync;

/// The length of a thread's first spin, and of a trial.
const TRIAL: Duration = Duration::from_micros(6);
/// The length of the spin after a rewarded trial.
const USUAL: Duration = Duration::from_micros(12);
/// The longest spin: about as long as waking an idle core takes. In a round trip, a shorter spin has
/// always ended when the answer of the woken partner comes.
const LONGEST: Duration = Duration::from_micros(64);
/// A longer sleep says nothing about how long waking takes.
const LONG_SLEEP: Duration = Duration::from_micros(150);
/// Unrewarded spins in a row from which on waits park at once.
const PATIENCE: u8 = 2;
/// Waits that park at once after the first spin that exhausts the patience.
const FIRST_SKIP: u16 = 2;
/// The most waits that park at once between two spins. Not more: where a thread could spin again, each of
/// them may take a hundred times as long.
const LONGEST_SKIP: u16 = 1 << 10;
/// The same where waits end at their deadlines.
const LONGEST_SKIP_TO_DEADLINE: u16 = 1 << 14;
/// Polls between two reads of the clock.
const POLLS_PER_CLOCK_READ: u32 = 32;
/// An upper bound on polls, because the clock of a simulator may stand still: 256 per microsecond of the
/// spin. A poll takes 13 to 45 ns on the processors measured, so a running clock ends the spin first.
const CLOCK_READS_PER_MICROSECOND: u128 = 8;

/// When a thread spins next, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Policy {
    /// The length of the next spin.
    spin: Duration,
    /// Waits that park at once before it.
    skip: u16,
    /// The value of `skip` after the next unrewarded spin that exhausts the patience.
    next_skip: u16,
    /// Unrewarded spins since the last reward, less than [`PATIENCE`].
    unrewarded: u8,
}

impl Policy {
    const INITIAL: Self = Self { spin: TRIAL, skip: 0, next_skip: FIRST_SKIP, unrewarded: 0 };

    fn after_reward(self) -> Self {
        Self { spin: self.spin.max(USUAL), ..Self::INITIAL }
    }

    /// After an unrewarded spin and a sleep that ended with a wake-up, or without one at the deadline.
    fn after_sleep(self, slept: Duration, was_woken: bool) -> Self {
        // In this range most of the sleep may have been the wake-up itself, which a longer spin saves.
        // A shorter sleep means that the setter needed this core, a longer one that the set was far off.
        let may_be_rewarded = was_woken && TRIAL <= slept && slept < LONG_SLEEP;
        let (spin, factor) = if may_be_rewarded { (LONGEST, 2) } else { (TRIAL, 8) };
        let longest_skip = if was_woken { LONGEST_SKIP } else { LONGEST_SKIP_TO_DEADLINE };
        let unrewarded = self.unrewarded + 1;
        if unrewarded < PATIENCE {
            return Self { spin, unrewarded, ..self };
        }
        let next_skip = self.next_skip.saturating_mul(factor).min(longest_skip);
        Self { spin, skip: self.next_skip, next_skip, ..self }
    }

    fn after_skip(self) -> Self {
        Self { skip: self.skip - 1, ..self }
    }
}

thread_local! {
    static POLICY: Cell<Policy> = const { Cell::new(Policy::INITIAL) };
}

/// How a wait goes on after its spin.
pub(crate) enum Spun {
    /// The last poll succeeded.
    Succeeded,
    /// The wait should park, and there is nothing to learn from how that ends.
    Park,
    /// The wait should park, and report how that ended.
    Unrewarded(Unrewarded),
}

/// A spin during which the event was not set.
pub(crate) struct Unrewarded {
    ended: Instant,
}

impl Unrewarded {
    /// The wait has ended: with a wake-up, by finding the event set when it was about to park, or at its
    /// deadline.
    pub(crate) fn slept(self, was_woken: bool) {
        POLICY.set(POLICY.get().after_sleep(self.ended.elapsed(), was_woken));
    }
}

/// Calls `poll` until it succeeds (`Break(true)`), asks to stop (`Break(false)`), or the spin is
/// over. It ends at the first reading of the clock that is past the deadline.
pub(crate) fn spin(deadline: Option<Instant>, poll: impl FnMut() -> ControlFlow<bool>) -> Spun {
    if !sync::HAS_CLOCK {
        return Spun::Park;
    }
    let policy = POLICY.get();
    if policy.skip > 0 {
        POLICY.set(policy.after_skip());
        return Spun::Park;
    }
    match spin_for(policy.spin, deadline, Instant::now, poll) {
        ControlFlow::Break(true) => {
            POLICY.set(policy.after_reward());
            Spun::Succeeded
        }
        // Others are queued, and this wait cannot barge, or the object is watched. That says nothing about the use of
        // the spin.
        ControlFlow::Break(false) => Spun::Park,
        ControlFlow::Continue(()) => Spun::Unrewarded(Unrewarded { ended: Instant::now() }),
    }
}

fn spin_for(
    limit: Duration,
    deadline: Option<Instant>,
    clock: impl Fn() -> Instant,
    mut poll: impl FnMut() -> ControlFlow<bool>,
) -> ControlFlow<bool> {
    let mut end = None;
    for _ in 0..limit.as_micros() * CLOCK_READS_PER_MICROSECOND {
        for _ in 0..POLLS_PER_CLOCK_READ {
            poll()?;
            hint::spin_loop();
        }
        // The clock is first read after the first polls: most rewards come within these.
        let now = clock();
        let end = *end.get_or_insert_with(|| {
            let end = now + limit;
            deadline.map_or(end, |deadline| deadline.min(end))
        });
        if end <= now {
            break;
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests;
