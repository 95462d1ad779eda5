//! What the tests on real threads share: one view of both events, and steering without sleeping.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot_core::{DEFAULT_UNPARK_TOKEN, FilterOp};
use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError};

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

/// How many threads are parked on the event right now. An event's queue goes by its address.
pub(crate) fn parked<E: Event>(event: &E) -> usize {
    let mut parked = 0;
    let count = |_| {
        parked += 1;
        FilterOp::Skip
    };
    let key = std::ptr::from_ref(event).addr();
    // SAFETY: the key belongs to an event that we borrow; nobody is unparked; the callbacks neither
    // unwind nor call into the parking lot.
    unsafe { parking_lot_core::unpark_filter(key, count, |_| DEFAULT_UNPARK_TOKEN) };
    parked
}

pub(crate) fn wait_until_parked<E: Event>(event: &E, threads: usize) {
    wait_until(|| parked(event) == threads);
}

/// Yields until `condition` holds.
pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        thread::yield_now();
        assert!(start.elapsed() < FOREVER, "waited in vain");
    }
}

/// Runs a test that would hang if it failed, and lets it fail instead.
pub(crate) fn watched(test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let runner = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    if let Err(mpsc::RecvTimeoutError::Timeout) = finished.recv_timeout(FOREVER) {
        panic!("no end after {FOREVER:?}");
    }
    if let Err(panic) = runner.join() {
        std::panic::resume_unwind(panic);
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

/// Plain memory, shared on the word of an event.
#[derive(Default)]
pub(crate) struct Plain(UnsafeCell<usize>);

// SAFETY: each test accesses it only in the turns that its events allot; that is what it tests.
unsafe impl Sync for Plain {}

impl Plain {
    pub(crate) fn set(&self, value: usize) {
        // SAFETY: it is this thread's turn.
        unsafe { *self.0.get() = value }
    }

    pub(crate) fn get(&self) -> usize {
        // SAFETY: it is this thread's turn.
        unsafe { *self.0.get() }
    }
}

/// Aims a set at the moment when a timed wait gives up: each round that came too early delays the
/// next a little, each that came too late hastens it. So a race is close on any machine, under any
/// load.
#[derive(Default)]
pub(crate) struct Aim(AtomicUsize);

impl Aim {
    /// Passes the time until the set, give or take some.
    pub(crate) fn wait(&self, random: &mut fastrand::Rng) {
        let looks = self.0.load(Ordering::Relaxed);
        dawdle(random.usize(looks / 2..=looks + looks / 2));
    }

    pub(crate) fn learn(&self, came_early: bool) {
        let looks = self.0.load(Ordering::Relaxed);
        let better = if came_early { looks + 1 + looks / 64 } else { looks - looks.div_ceil(64) };
        self.0.store(better, Ordering::Relaxed);
    }
}

/// Passes a little time, without a system call.
pub(crate) fn dawdle(looks: usize) {
    for _ in 0..looks {
        std::hint::spin_loop();
    }
}

/// Rounds of a stress test: `rounds`, times what `RSEVENTS_STRESS` says.
pub(crate) fn rounds(rounds: usize) -> usize {
    let times = std::env::var("RSEVENTS_STRESS").map_or(1, |times| {
        times.parse().expect("RSEVENTS_STRESS is a number by which to multiply the rounds")
    });
    rounds * times
}
