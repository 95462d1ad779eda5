//! Whether to spin before parking, and for how long.
//!
//! Putting a thread to sleep and waking it costs tens of microseconds where the core falls asleep as
//! well, and a set is often closer than that. But a spin that is not rewarded is a waste, and on one
//! core it only delays the thread that it waits for. So each thread remembers how its own spins
//! ended: a rewarded one lets the next be longer, a vain one lets ever more waits pass without a
//! spin. The numbers and their reasons are in `DESIGN.md`.

use core::cell::Cell;
use core::hint;
use core::num::NonZero;
use core::ops::ControlFlow;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::sync;

/// Looks in the first spin, and in the first after a vain one.
const FIRST_SPIN: u16 = 512;
/// Looks in a spin at most.
const LONGEST_SPIN: u16 = 1024;
/// Waits without a spin after the first vain one. Doubles with each further one.
const FIRST_SKIP: u16 = 2;
/// Waits without a spin at most, before the next attempt.
const LONGEST_SKIP: u16 = 1 << 14;
/// Looks between two glances at the clock, in a wait with a deadline.
const LOOKS_PER_GLANCE: u16 = 16;

/// What a thread has learned from its spins.
#[derive(Clone, Copy)]
struct Experience {
    /// Looks in the next spin.
    spin: u16,
    /// Waits still to pass before the next spin.
    skip: u16,
    /// How many that will be after the next vain spin.
    next_skip: u16,
}

impl Experience {
    const NONE: Self = Self { spin: FIRST_SPIN, skip: 0, next_skip: FIRST_SKIP };

    /// With one core a spin can only be vain. But a thread that is pinned to one core is told that
    /// there is one, so the answer does not end the matter: it puts the first attempt far off.
    const ONE_CORE: Self = Self { skip: LONGEST_SKIP, next_skip: LONGEST_SKIP, ..Self::NONE };

    fn of_new_thread() -> Self {
        if cores() > 1 { Self::NONE } else { Self::ONE_CORE }
    }

    fn after_reward(self) -> Self {
        Self { spin: (self.spin * 2).min(LONGEST_SPIN), ..Self::NONE }
    }

    fn after_vain_spin(self) -> Self {
        Self {
            spin: FIRST_SPIN,
            skip: self.next_skip,
            next_skip: (self.next_skip * 2).min(LONGEST_SKIP),
        }
    }

    fn after_skip(self) -> Self {
        Self { skip: self.skip - 1, ..self }
    }
}

thread_local! {
    static EXPERIENCE: Cell<Option<Experience>> = const { Cell::new(None) };
}

/// How many cores there are for us, asked once: the answer costs some system calls.
fn cores() -> usize {
    /// Zero as long as nobody has asked. Relaxed: the number is all there is, and whoever misses it
    /// asks again.
    static CORES: AtomicUsize = AtomicUsize::new(0);
    match CORES.load(Ordering::Relaxed) {
        0 => {
            let cores = thread::available_parallelism().map_or(1, NonZero::get);
            CORES.store(cores, Ordering::Relaxed);
            cores
        }
        known => known,
    }
}

/// Calls `look` until it succeeds (`Break(true)`) or asks to stop (`Break(false)`), the deadline has
/// passed, or the spin is used up. Returns whether the wait has succeeded; if not, the thread should
/// park.
pub(crate) fn spin(deadline: Option<Instant>, look: impl FnMut() -> ControlFlow<bool>) -> bool {
    if !sync::MAY_SPIN {
        return false;
    }
    let before = EXPERIENCE.get().unwrap_or_else(Experience::of_new_thread);
    let (succeeded, after) = if before.skip > 0 {
        (false, before.after_skip())
    } else {
        match spin_for(before.spin, deadline, look) {
            ControlFlow::Break(true) => (true, before.after_reward()),
            // Cut short by the deadline or by others who came first: that teaches nothing.
            ControlFlow::Break(false) => (false, before),
            ControlFlow::Continue(()) => (false, before.after_vain_spin()),
        }
    };
    EXPERIENCE.set(Some(after));
    succeeded
}

fn spin_for(
    looks: u16,
    deadline: Option<Instant>,
    mut look: impl FnMut() -> ControlFlow<bool>,
) -> ControlFlow<bool> {
    for done in 1..=looks {
        look()?;
        hint::spin_loop();
        if done.is_multiple_of(LOOKS_PER_GLANCE) && deadline.is_some_and(|d| d <= Instant::now()) {
            return ControlFlow::Break(false);
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests;
