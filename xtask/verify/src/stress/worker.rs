//! A thread of a scenario: what it does at the moment, and what it has counted.

use std::cell::Cell;
use std::fmt;
use std::hint;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents_extra::{CountdownEvent, Semaphore, SemaphoreGuard};
use strum::FromRepr;

use super::harness::Harness;
use super::stats::{Counter, Stats};
use super::waits;
use crate::event::{Event, Waitable};
use crate::wait::WaitKind;

/// The pause between two polls of what takes long.
const PAUSE: Duration = Duration::from_micros(20);

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRepr)]
#[repr(u8)]
pub(super) enum Step {
    /// Something between two calls.
    Between,
    /// In a call of `set`, `decrement` or `release`, or giving back a permit.
    Set,
    /// In a call of `reset` or `increment`.
    Reset,
    /// In a wait.
    Wait,
    /// Polls until other threads have come to some point.
    AwaitOthers,
    Ended,
}

/// What other threads can see of a thread. On cache lines of its own: counting must not order the threads.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Status {
    role: &'static str,
    step: AtomicU8,
    /// How many steps it has made.
    operations: AtomicU64,
    pub(super) stats: Stats,
    /// The steps that it had made when the watchdog last saw progress, and when that was.
    progress: Mutex<(u64, Instant)>,
}

impl Status {
    pub(super) fn leak(role: &'static str) -> &'static Self {
        Box::leak(Box::new(Self {
            role,
            step: AtomicU8::new(Step::Between as u8),
            operations: AtomicU64::new(0),
            stats: Stats::default(),
            progress: Mutex::new((0, Instant::now())),
        }))
    }

    pub(super) fn end(&self) {
        self.begin(Step::Ended);
    }

    pub(super) fn step(&self) -> Step {
        Step::from_repr(self.step.load(Ordering::Relaxed)).expect("only steps are stored")
    }

    fn begin(&self, step: Step) {
        self.step.store(step as u8, Ordering::Relaxed);
    }

    /// Whether the thread has made no step for as long as `patience`, as far as the calls of this tell.
    pub(super) fn has_stalled(&self, patience: Duration, now: Instant) -> bool {
        let operations = self.operations.load(Ordering::Relaxed);
        let mut progress = self.progress.lock().unwrap();
        if operations != progress.0 {
            *progress = (operations, now);
        }
        self.step() != Step::Ended && now.duration_since(progress.1) >= patience
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operations, since) = *self.progress.lock().unwrap();
        let (role, step, time) = (self.role, self.step(), since.elapsed().as_secs_f64());
        write!(f, "{role} in {step:?}, {operations} operations, no progress for {time:.1} s")
    }
}

/// A thread as it sees itself.
pub(super) struct Worker<'a> {
    pub(super) harness: &'a Harness,
    /// Its number among those of its role.
    pub(super) index: usize,
    status: &'static Status,
    is_in_a_round: Cell<bool>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(harness: &'a Harness, status: &'static Status, index: usize) -> Self {
        Self { harness, index, status, is_in_a_round: Cell::new(false) }
    }

    /// Counts a round that is over, if there was one.
    pub(super) fn end_round(&self) {
        if self.is_in_a_round.replace(true) {
            self.status.stats.add(Counter::Rounds, 1);
        }
    }

    /// Ends a round. Returns whether there is another one. There is a first one, however late it is.
    pub(super) fn next_round(&self) -> bool {
        let is_first = !self.is_in_a_round.get();
        self.end_round();
        is_first || !self.harness.is_over()
    }

    pub(super) fn count(&self, counter: Counter) -> u64 {
        self.status.stats.get(counter)
    }

    pub(super) fn set(&self, event: &impl Event) {
        self.sets(1, || event.set());
    }

    pub(super) fn reset(&self, event: &impl Event) {
        self.resets(|| event.reset());
    }

    pub(super) fn decrement(&self, countdown: &CountdownEvent) -> bool {
        self.sets(1, || countdown.decrement())
    }

    /// Waits once. Returns whether that succeeded.
    pub(super) fn wait(&self, object: &impl Waitable, kind: WaitKind) -> bool {
        self.waits(kind, || kind.wait(object).then_some(())).is_some()
    }

    /// Waits in random ways until that has succeeded once.
    pub(super) fn wait_until_released(&self, object: &impl Waitable) {
        while !self.wait(object, waits::any()) {}
    }

    /// Takes `permits` if the wait succeeds.
    pub(super) fn take<'s>(
        &self,
        semaphore: &'s Semaphore,
        permits: u16,
        kind: WaitKind,
    ) -> Option<SemaphoreGuard<'s>> {
        self.waits(kind, || kind.take(semaphore, permits))
    }

    /// Makes a step that counts as `number` sets.
    pub(super) fn sets<R>(&self, number: u64, call: impl FnOnce() -> R) -> R {
        self.status.stats.add(Counter::Sets, number);
        self.step(Step::Set, call)
    }

    /// Makes a step that counts as a reset.
    pub(super) fn resets<R>(&self, call: impl FnOnce() -> R) -> R {
        self.status.stats.add(Counter::Resets, 1);
        self.step(Step::Reset, call)
    }

    fn waits<T>(&self, kind: WaitKind, wait: impl FnOnce() -> Option<T>) -> Option<T> {
        let taken = self.step(Step::Wait, wait);
        let counter = if taken.is_some() { Counter::Waits } else { Counter::Timeouts };
        self.status.stats.add(counter, 1);
        if taken.is_none() && kind == WaitKind::Wait0 {
            thread::yield_now(); // it will be tried again, and others need the core
        }
        taken
    }

    /// Polls until `condition` holds.
    pub(super) fn until(&self, condition: impl Fn() -> bool) {
        self.step(Step::AwaitOthers, || {
            for poll in 0.. {
                if condition() {
                    break;
                }
                match poll {
                    ..50 => hint::spin_loop(),
                    50..100 => thread::yield_now(),
                    _ => thread::sleep(PAUSE),
                }
            }
        });
    }

    fn step<R>(&self, step: Step, call: impl FnOnce() -> R) -> R {
        self.status.begin(step);
        let result = call();
        self.status.begin(Step::Between);
        self.status.operations.fetch_add(1, Ordering::Relaxed);
        result
    }
}

/// Lets other threads begin a wait, time out, or come too late.
pub(super) fn pause() {
    for _ in 0..fastrand::u32(..2_000) >> fastrand::u32(..8) {
        hint::spin_loop();
    }
}
