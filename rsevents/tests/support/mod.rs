//! What the tests on real threads share: one view of both events, and steering without sleeping.

#![allow(dead_code, unused_imports, reason = "each test binary uses a part")]

mod freed;
pub(crate) mod limits;
mod plain;
mod watched;

use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot_core::{DEFAULT_UNPARK_TOKEN, FilterOp};
use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError};

pub(crate) use freed::{freed_by_its_waiter, random_limit};
pub(crate) use plain::Plain;
pub(crate) use watched::{has_failed, scope, watched};

/// Longer than anything here takes on the slowest machine. Reached only where something hangs.
pub(crate) const FOREVER: Duration = Duration::from_secs(120);

/// A limit that is meant to pass.
pub(crate) const SHORT: Duration = Duration::from_millis(5);

/// What the two events have in common.
pub(crate) trait Event:
    for<'a> Awaitable<'a, T = (), Error = TimeoutError> + From<EventState> + Send + Sync + 'static
{
    const CONSUMES: bool;
    fn set(&self);
    fn reset(&self);
    fn is_set(&self) -> bool;
}

impl Event for AutoResetEvent {
    const CONSUMES: bool = true;
    fn set(&self) {
        self.set();
    }
    fn reset(&self) {
        self.reset();
    }
    fn is_set(&self) -> bool {
        self.is_set()
    }
}

impl Event for ManualResetEvent {
    const CONSUMES: bool = false;
    fn set(&self) {
        self.set();
    }
    fn reset(&self) {
        self.reset();
    }
    fn is_set(&self) -> bool {
        self.is_set()
    }
}

pub(crate) fn set<E: Event>() -> E {
    E::from(EventState::Set)
}

pub(crate) fn unset<E: Event>() -> E {
    E::from(EventState::Unset)
}

/// How many threads are parked on the object right now. A queue has an address for its key: for an event
/// that is its own, for a type that contains events it is one within.
pub(crate) fn parked<T>(object: &T) -> usize {
    queues(object).map(parked_in).sum()
}

/// The addresses of an object, under which its events may have queues.
pub(crate) fn queues<T>(object: &T) -> Range<usize> {
    let start = std::ptr::from_ref(object).addr();
    start..start + size_of::<T>()
}

pub(crate) fn parked_in(queue: usize) -> usize {
    let mut parked = 0;
    with_locked(queue, |threads| parked = threads);
    parked
}

/// Calls something while the queue is locked. If it needs the lock, that hangs until the watchdog ends
/// the test; if it panics, the process aborts.
pub(crate) fn while_locked(queue: usize, call: impl FnOnce()) {
    with_locked(queue, |_| call());
}

/// The same with the number of the threads that are parked there, which stay so meanwhile.
pub(crate) fn with_locked(queue: usize, call: impl FnOnce(usize)) {
    let parked = Cell::new(0);
    let count = |_| {
        parked.set(parked.get() + 1);
        FilterOp::Skip
    };
    let callback = |_| {
        call(parked.get());
        DEFAULT_UNPARK_TOKEN
    };
    // SAFETY: the key belongs to an object of the tests. No thread is unparked. What the callback calls
    // is there to show that it does not call into the parking lot.
    unsafe { parking_lot_core::unpark_filter(queue, count, callback) };
}

pub(crate) fn wait_until_parked<T>(object: &T, threads: usize) {
    wait_until(|| parked(object) == threads);
}

/// Yields until `condition` holds.
pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        thread::yield_now();
        assert!(start.elapsed() < FOREVER, "a condition never came true");
        if has_failed() {
            resume_unwind(Box::new("another thread of the test has failed"));
        }
    }
}

/// Two threads that do something at the same time, again and again.
pub(crate) struct Race {
    rounds: usize,
    end_of_time: Instant,
    is_over: AtomicBool,
    starts: Rendezvous,
    ends: Rendezvous,
}

impl Race {
    /// Where two threads share a busy core, rounds take milliseconds and hardly race. More of them than this
    /// time allows would tell nothing.
    const LONG_ENOUGH: Duration = Duration::from_secs(4);

    /// `times` rounds, multiplied as by [`rounds`].
    pub(crate) fn new(times: usize) -> Self {
        Self {
            rounds: rounds(times),
            end_of_time: Instant::now() + Self::LONG_ENOUGH * rounds(1).try_into().unwrap(),
            is_over: AtomicBool::new(false),
            starts: Rendezvous::default(),
            ends: Rendezvous::default(),
        }
    }

    /// To be called by both threads. `part` runs at the same time as the other thread's part of that round,
    /// `after` when both have returned. Returns the number of rounds.
    pub(crate) fn run<T>(
        &self,
        mut part: impl FnMut(usize) -> T,
        mut after: impl FnMut(T),
    ) -> usize {
        for round in 1..=self.rounds {
            self.starts.meet(round);
            let result = part(round);
            if Instant::now() >= self.end_of_time {
                self.is_over.store(true, Ordering::Relaxed);
            }
            self.ends.meet(round);
            after(result);
            // Neither thread stores to it between this and the next start.
            if self.is_over.load(Ordering::Relaxed) {
                return round;
            }
        }
        self.rounds
    }
}

/// A meeting point of two threads that costs them no system call while both have a core.
#[derive(Default)]
pub(crate) struct Rendezvous(AtomicUsize);

impl Rendezvous {
    /// Returns once both threads have called it for the `round`th time, counted from one.
    pub(crate) fn meet(&self, round: usize) {
        self.0.fetch_add(1, Ordering::AcqRel);
        for _ in 0..1_000 {
            if self.0.load(Ordering::Acquire) >= 2 * round {
                return;
            }
            std::hint::spin_loop();
        }
        wait_until(|| self.0.load(Ordering::Acquire) >= 2 * round);
    }
}

/// Aims a set at the moment when a timed wait gives up: each round that came too early delays the
/// next a little, each that came too late hastens it. So a race is close on any machine, under any
/// load.
#[derive(Default)]
pub(crate) struct Aim(AtomicUsize);

impl Aim {
    /// Longer than any wait that is aimed at. Where two threads have to share a core, each set comes early,
    /// whatever the aim.
    const MOST_LOOKS: usize = 1 << 14;

    /// Passes the time until the set, give or take some.
    pub(crate) fn wait(&self, random: &mut fastrand::Rng) {
        let looks = self.0.load(Ordering::Relaxed);
        dawdle(random.usize(looks / 2..=looks + looks / 2));
    }

    pub(crate) fn learn(&self, came_early: bool) {
        let looks = self.0.load(Ordering::Relaxed);
        let better = if came_early { looks + 1 + looks / 64 } else { looks - looks.div_ceil(64) };
        self.0.store(better.min(Self::MOST_LOOKS), Ordering::Relaxed);
    }
}

/// The message of a panic that has to come.
pub(crate) fn panic_of(call: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call)).expect_err("it was not refused");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    }
}

/// Passes a little time, without a system call.
pub(crate) fn dawdle(looks: usize) {
    for _ in 0..looks {
        std::hint::spin_loop();
    }
}

/// Rounds of a stress test: `rounds`, times what `RSEVENTS_STRESS` says (under Miri a fraction), but at
/// least one.
pub(crate) fn rounds(rounds: usize) -> usize {
    let times = std::env::var("RSEVENTS_STRESS").map_or(1.0, |times| {
        times.parse().expect("RSEVENTS_STRESS is a number by which to multiply the rounds")
    });
    (rounds as f64 * times).max(1.0) as usize
}
