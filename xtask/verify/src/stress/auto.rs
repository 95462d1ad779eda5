//! Stress scenarios of the auto-reset event.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rsevents::{AutoResetEvent, EventState};

use super::barrier::Barrier;
use super::harness::Harness;
use super::stats::Counter;
use super::waits;
use super::worker::{Worker, pause};

/// As a mutex, around a counter that is read and written in two steps (contract 15).
pub(super) fn mutex(harness: &Harness) {
    const THREADS: usize = 4;
    const NONE: u64 = u64::MAX;
    let event = harness.object("the mutex", AutoResetEvent::new(EventState::Set));
    let (owner, counter) = (AtomicU64::new(NONE), AtomicU64::new(0));
    let barrier = &Barrier::new(THREADS);
    let critical_section = &|me: u64| {
        let before = owner.swap(me, Ordering::Relaxed);
        harness.doubled_unless(before == NONE, "two threads hold the mutex");
        let number = counter.load(Ordering::Relaxed);
        if fastrand::u8(..8) == 0 {
            thread::yield_now(); // other threads park meanwhile
        }
        counter.store(number + 1, Ordering::Relaxed);
        let after = owner.swap(NONE, Ordering::Relaxed);
        harness.doubled_unless(after == me, "another thread took the mutex");
    };
    thread::scope(|scope| {
        harness.spawn(scope, THREADS, "owner", move |worker| {
            while barrier.next_round(worker) {
                for _ in 0..fastrand::u8(1..5) {
                    worker.wait_until_released(event);
                    critical_section(worker.index as u64);
                    worker.set(event);
                }
            }
        });
    });
    let entered = harness.total(Counter::Waits);
    harness.balance(counter.load(Ordering::Relaxed), entered, "critical sections");
    harness.lost_unless(event.is_set(), "the mutex is free, and cannot be taken");
}

/// Sets announce work that is counted beside the event: they may coalesce, but no work may be left while all
/// waiters sleep.
pub(super) fn signal(harness: &Harness) {
    let waiters = Waiters::<2>::new(harness, "the signal");
    let work = AtomicU64::new(0);
    let barrier = Barrier::new(2);
    let take_all_work = || {
        work.swap(0, Ordering::Relaxed);
    };
    thread::scope(|scope| {
        waiters.spawn(harness, scope, &take_all_work);
        harness.spawn(scope, 2, "producer", |worker| {
            while barrier.next_round(worker) {
                for _ in 0..fastrand::u8(1..4) {
                    work.fetch_add(1, Ordering::Relaxed);
                    worker.set(waiters.event);
                }
                // Otherwise work that one left would be done with what the other one announces.
                barrier.wait(worker);
                worker.until(|| work.load(Ordering::Relaxed) == 0);
            }
            if worker.index == 0 {
                waiters.end(worker);
            }
        });
    });
    let (sets, waits) = (harness.total(Counter::Sets), harness.total(Counter::Waits));
    harness.doubled_unless(waits <= sets, format_args!("{sets} sets, {waits} waits"));
}

/// Sets one by one: each is taken by one wait, also if a deadline passes at that moment (contract 7, 11, 12,
/// 17, 18).
pub(super) fn hand_off(harness: &Harness) {
    let waiters = Waiters::<3>::new(harness, "the event");
    thread::scope(|scope| {
        waiters.spawn(harness, scope, &|| ());
        harness.spawn(scope, 1, "setter", |worker| {
            while worker.next_round() {
                if fastrand::u8(..4) == 0 {
                    worker.reset(waiters.event); // it is unset, and parked waiters sleep on
                }
                waiters.release_one(worker);
                let taken = waiters.taken.load(Ordering::Relaxed);
                harness.balance(worker.count(Counter::Sets), taken, "sets so far");
                pause();
            }
            waiters.end(worker);
        });
    });
    let left = u64::from(waiters.event.is_set());
    let taken = waiters.taken.load(Ordering::Relaxed);
    harness.balance(harness.total(Counter::Sets), taken + left, "sets");
}

/// Threads that wait repeatedly.
struct Waiters<const WAITERS: usize> {
    event: &'static AutoResetEvent,
    /// How many waits succeeded.
    taken: AtomicU64,
    running: AtomicU64,
    is_over: AtomicBool,
}

impl<const WAITERS: usize> Waiters<WAITERS> {
    fn new(harness: &Harness, name: &'static str) -> Self {
        Self {
            event: harness.object(name, AutoResetEvent::new(EventState::Unset)),
            taken: AtomicU64::new(0),
            running: AtomicU64::new(WAITERS as u64),
            is_over: AtomicBool::new(false),
        }
    }

    /// Starts them. They call `succeeded` after each wait that has.
    fn spawn<'scope, 'env>(
        &'env self,
        harness: &'env Harness,
        scope: &'scope thread::Scope<'scope, 'env>,
        succeeded: &'env (dyn Fn() + Sync),
    ) {
        harness.spawn(scope, WAITERS, "waiter", move |worker| {
            while !self.is_over.load(Ordering::Relaxed) {
                if worker.wait(self.event, waits::any()) {
                    succeeded();
                    self.taken.fetch_add(1, Ordering::Relaxed);
                }
            }
            self.running.fetch_sub(1, Ordering::Relaxed);
        });
    }

    /// Sets the event, and returns when a wait has taken that, or none is running any more.
    fn release_one(&self, worker: &Worker<'_>) {
        let before = self.taken.load(Ordering::Relaxed);
        worker.set(self.event);
        let is_taken = || self.taken.load(Ordering::Relaxed) > before;
        worker.until(|| is_taken() || self.running.load(Ordering::Relaxed) == 0);
    }

    fn end(&self, worker: &Worker<'_>) {
        self.is_over.store(true, Ordering::Relaxed);
        while self.running.load(Ordering::Relaxed) > 0 {
            self.release_one(worker);
        }
    }
}
