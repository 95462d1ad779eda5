//! A thread of a scenario: what it does at the moment, and what it has counted.

use std::cell::Cell;
use std::hint;
use std::thread::{self, Scope};
use std::time::Duration;

use rsevents::Signal;
use rsevents_extra::{CountdownEvent, Semaphore, SemaphoreGuard};

use super::harness::Harness;
use super::stats::Counter;
use super::status::{Status, Step};
use super::waits;
use crate::event::{Event, Waitable};
use crate::wait::WaitKind;

/// The pause between two polls of what takes long.
const PAUSE: Duration = Duration::from_micros(20);

impl Harness {
    /// Starts `number` threads.
    pub(super) fn spawn<'scope, 'env>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        number: usize,
        role: &'static str,
        work: impl Fn(&Worker<'env>) + Copy + Send + 'scope,
    ) {
        for index in 0..number {
            let status = self.status(role);
            scope.spawn(move || {
                work(&Worker::new(self, status, index));
                status.end();
            });
        }
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

    /// Waits for any once. Returns the place of the one that has released it.
    pub(super) fn wait_any(&self, signals: &[&dyn Signal], kind: WaitKind) -> Option<usize> {
        self.waits(kind, || kind.wait_any(signals))
    }

    /// Waits for any in random ways until that has succeeded once.
    pub(super) fn wait_any_until_released(&self, signals: &[&dyn Signal]) -> usize {
        loop {
            if let Some(place) = self.wait_any(signals, waits::any()) {
                return place;
            }
        }
    }

    /// Waits for all once. Returns whether that succeeded.
    pub(super) fn wait_all(&self, signals: &[&'static dyn Signal], kind: WaitKind) -> bool {
        self.waits(kind, || kind.wait_all_static(signals).then_some(())).is_some()
    }

    /// Waits for all in random ways until that has succeeded once.
    pub(super) fn wait_all_until_released(&self, signals: &[&'static dyn Signal]) {
        while !self.wait_all(signals, waits::any()) {}
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
    pub(super) fn until(&self, mut condition: impl FnMut() -> bool) {
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

    /// Leaves the core to others for a while.
    pub(super) fn rest(&self) {
        self.step(Step::Between, || thread::sleep(PAUSE));
    }

    /// Sleeps until the thread is unparked and `condition` holds.
    pub(super) fn sleep_until(&self, condition: impl Fn() -> bool) {
        self.step(Step::Wait, || {
            while !condition() {
                thread::park();
            }
        });
    }

    fn step<R>(&self, step: Step, call: impl FnOnce() -> R) -> R {
        self.status.begin(step);
        let result = call();
        self.status.finish();
        result
    }
}

/// Lets other threads begin a wait, time out, or come too late.
pub(super) fn pause() {
    for _ in 0..fastrand::u32(..2_000) >> fastrand::u32(..8) {
        hint::spin_loop();
    }
}
