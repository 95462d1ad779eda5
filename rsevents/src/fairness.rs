//! How long waits that barge may overtake a called waiter, and hold up those that are queued behind it.
//!
//! Two rules, because each covers what the other does not. The waiter's own ([`Overtaken`]): it is called,
//! and finds time and again that another wait was faster. The setters' ([`check_hand_off`]): the called
//! waiter does not get to run, or the setter that called it does not wake it, and other waiters are queued.
//! Both hold for gates, too: there a set is a change of the value that is enough for a wait.
//! `docs/decisions.md` has measurements.
//!
//! A called waiter that is overtaken again also yields its core. That is for speed, not for fairness.

use core::cell::Cell;
use std::time::{Duration, Instant};

use crate::sync::{self, per_thread};

/// A waiter that finds itself overtaken this long after it first did is handed the next set. A setter that has offered
/// sets anew for this long hands one off.
const LONG_ENOUGH: Duration = Duration::from_millis(1);
/// A yield seldom takes longer: about three time slices of Linux.
const LONG_YIELD: Duration = Duration::from_millis(10);
/// The number of sets of a thread that are offered anew, at most, between two checks of whether one has to be handed
/// off, which read the clock.
const SETS_PER_CHECK: u32 = if sync::HAS_CLOCK { 64 } else { sync::SETS_WITHOUT_CLOCK };

/// Since when a waiter has been overtaken, and how often it found so.
pub(crate) struct Overtaken {
    since: Option<Instant>,
    times: u32,
}

impl Overtaken {
    pub(crate) const NEVER: Self = Self { since: None, times: 0 };

    /// The called waiter is awake. Yields its core if it was overtaken before, and `is_overtaken` tells that it is so
    /// again. If it slept, the next set would have to lock the queue and wake it, and a thread that is woken often
    /// preempts one of those that work. Does not yield where that could delay a hand-off that is due, or the deadline.
    pub(crate) fn yield_if_again(
        &self,
        deadline: Option<Instant>,
        is_overtaken: impl FnOnce() -> bool,
    ) {
        let Some(since) = self.since else { return };
        let now = Instant::now();
        let is_early = deadline.is_none_or(|deadline| now + LONG_YIELD < deadline);
        if is_early && now - since < LONG_ENOUGH && is_overtaken() {
            asleep(sync::yield_core);
        }
    }

    /// Records that the waiter was overtaken. Returns whether that has gone on for long enough.
    pub(crate) fn once_more(&mut self) -> bool {
        self.times += 1;
        if !sync::HAS_CLOCK {
            return self.times >= sync::OVERTAKEN_WITHOUT_CLOCK;
        }
        let now = Instant::now();
        now - *self.since.get_or_insert(now) >= LONG_ENOUGH
    }
}

/// What a thread knows of its sets that offered a set to a called waiter anew, while others were queued. (A gate's
/// word does not tell whether others are, so changes there count in any case.)
#[derive(Clone, Copy)]
struct Sets {
    /// How many there were since it last considered to hand off, and the number that it began with then.
    count: u32,
    /// Since when none of them was handed off, moved on by the time that the thread has slept since, in waits for any
    /// object. Otherwise each of many threads that set in turn would hand off as soon as it is woken.
    since: Option<Instant>,
    /// Tells how many are counted already when the thread begins to count anew.
    turn: u32,
}

per_thread! {
    static SETS: Cell<Sets> = const { Cell::new(Sets { count: 0, since: None, turn: 0 }) };
}

/// A set was offered to a called waiter anew, see [`Sets`].
pub(crate) fn offered_anew() {
    SETS.with(|sets| sets.set(Sets { count: sets.get().count + 1, ..sets.get() }));
}

/// Whether a set that is offered anew has to be checked: by [`check_hand_off`].
pub(crate) fn is_check_due() -> bool {
    SETS.with(|sets| sets.get().count >= SETS_PER_CHECK)
}

/// Whether a set for which a check is due has to be handed off to the next waiter in the queue instead: whether enough
/// time has passed. Begins to count anew.
#[cold]
pub(crate) fn check_hand_off() -> bool {
    SETS.with(|sets| {
        let Sets { since, turn, .. } = sets.get();
        // Not always from zero: if a thread sets several objects in turn, it would check at the same one each time,
        // which may have no other wait. By the golden ratio: its multiples are spread evenly and have no period.
        let turn = turn.wrapping_add(0x9e37_79b9);
        let count = ((u64::from(turn) * u64::from(SETS_PER_CHECK / 2)) >> u32::BITS) as u32;
        if !sync::HAS_CLOCK {
            sets.set(Sets { count, since: None, turn });
            return true;
        }
        let now = Instant::now();
        let since = since.unwrap_or(now);
        sets.set(Sets { count, since: Some(since), turn });
        now - since >= LONG_ENOUGH
    })
}

/// Calls what puts the thread to sleep, in a wait, or yields its core.
pub(crate) fn asleep<T>(sleep: impl FnOnce() -> T) -> T {
    if SETS.with(|sets| sets.get().since.is_none()) {
        return sleep();
    }
    let began = Instant::now();
    let result = sleep();
    let slept = began.elapsed();
    SETS.with(|sets| {
        let since = sets.get().since.map(|since| since + slept);
        sets.set(Sets { since, ..sets.get() });
    });
    result
}

/// A set that had to be handed off was.
pub(crate) fn handed_off() {
    let since = sync::HAS_CLOCK.then(Instant::now);
    SETS.with(|sets| sets.set(Sets { since, ..sets.get() }));
}

#[cfg(test)]
pub(crate) mod tests;
