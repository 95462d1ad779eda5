//! What the tests on real threads share: one view of both events, and steering without sleeping.

#![allow(dead_code, unused_imports, reason = "each test binary uses a part")]

mod plain;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot_core::{DEFAULT_UNPARK_TOKEN, FilterOp};
use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError};

pub(crate) use plain::Plain;

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

/// How many threads are parked on the object right now. A queue goes by an address: for an event that
/// is its own, for a type that contains events it is one within.
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
    let count = |_| {
        parked += 1;
        FilterOp::Skip
    };
    // SAFETY: the key belongs to an object of the tests; nobody is unparked; the callbacks neither
    // unwind nor call into the parking lot.
    unsafe { parking_lot_core::unpark_filter(queue, count, |_| DEFAULT_UNPARK_TOKEN) };
    parked
}

/// Calls something while the queue is locked. If it needs the lock, that hangs, until the watchdog
/// comes; if it panics, that is the end of the process.
pub(crate) fn while_locked(queue: usize, call: impl FnOnce()) {
    let callback = |_| {
        call();
        DEFAULT_UNPARK_TOKEN
    };
    // SAFETY: the key belongs to an object of the tests, and nobody is parked there. That the callback
    // does not call into the parking lot is what is tested.
    unsafe { parking_lot_core::unpark_one(queue, callback) };
}

pub(crate) fn wait_until_parked<T>(object: &T, threads: usize) {
    wait_until(|| parked(object) == threads);
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

/// Rounds of a stress test: `rounds`, times what `RSEVENTS_STRESS` says.
pub(crate) fn rounds(rounds: usize) -> usize {
    let times = std::env::var("RSEVENTS_STRESS").map_or(1, |times| {
        times.parse().expect("RSEVENTS_STRESS is a number by which to multiply the rounds")
    });
    rounds * times
}
