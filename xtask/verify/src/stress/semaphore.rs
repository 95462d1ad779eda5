//! Stress scenarios of the semaphore.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::thread;
use std::time::Instant;

use rsevents_extra::Semaphore;

use super::barrier::Barrier;
use super::harness::Harness;
use super::stats::Counter;
use super::waits;
use super::worker::{Worker, pause};
use crate::wait::WaitKind;

/// Never more holders than permits, of which some want several (contract 72, 78, 82a).
pub(super) fn holders(harness: &Harness) {
    const THREADS: usize = 4;
    let permits = fastrand::u16(1..4);
    let semaphore = harness.object("the semaphore", Semaphore::new(permits, permits));
    let held = &AtomicU64::new(0);
    let barrier = &Barrier::new(THREADS);
    let hold = |worker: &Worker<'_>| {
        let wanted = if fastrand::u8(..4) == 0 { fastrand::u16(1..=permits) } else { 1 };
        let guard = loop {
            if let Some(guard) = worker.take(semaphore, wanted, waits::any()) {
                break guard;
            }
        };
        let wanted = u64::from(wanted);
        let now = held.fetch_add(wanted, Ordering::Relaxed) + wanted;
        harness.doubled_unless(now <= permits.into(), "more permits are held than there are");
        if fastrand::u8(..8) == 0 {
            thread::yield_now(); // other threads park meanwhile
        }
        held.fetch_sub(wanted, Ordering::Relaxed);
        worker.sets(wanted, || drop(guard));
    };
    thread::scope(|scope| {
        harness.spawn(scope, THREADS, "holder", |worker| {
            while barrier.next_round(worker) {
                (0..fastrand::u8(1..5)).for_each(|_| hold(worker));
            }
        });
    });
    harness.balance(permits.into(), semaphore.count().into(), "permits at the end");
    harness.balance(permits.into(), semaphore.capacity().into(), "capacity at the end");
}

/// Permits that are released, and forgotten by the threads that take them: all of them, and no more (contract
/// 71, 73, 79, 82).
pub(super) fn permits(harness: &Harness) {
    const RELEASERS: usize = 2;
    const TAKERS: usize = 3;
    let semaphore = harness.object("the semaphore", Semaphore::new(0, u16::MAX));
    let [released, forgotten] = &[const { AtomicU64::new(0) }; 2];
    let running = &AtomicUsize::new(TAKERS);
    let is_over = &AtomicBool::new(false);
    let barrier = &Barrier::new(RELEASERS);
    let take = |worker: &Worker<'_>| {
        // A request for two has a limit: another thread may have taken the second permit.
        let (wanted, kind) = match fastrand::u8(..4) {
            0 => (2, waits::limited()),
            _ => (1, waits::any()),
        };
        let Some(guard) = worker.take(semaphore, wanted, kind) else { return };
        if fastrand::u8(..4) == 0 {
            worker.sets(0, || drop(guard)); // for another thread
        } else {
            guard.forget();
            forgotten.fetch_add(wanted.into(), Ordering::Relaxed);
        }
    };
    let release = |worker: &Worker<'_>, permits: u16| {
        released.fetch_add(permits.into(), Ordering::Relaxed);
        worker.sets(permits.into(), || semaphore.release(permits));
    };
    let all_are_taken = || forgotten.load(Ordering::Relaxed) >= released.load(Ordering::Relaxed);
    thread::scope(|scope| {
        harness.spawn(scope, TAKERS, "taker", |worker| {
            while !is_over.load(Ordering::Relaxed) {
                take(worker);
            }
            running.fetch_sub(1, Ordering::Relaxed);
        });
        harness.spawn(scope, RELEASERS, "releaser", |worker| {
            while barrier.next_round(worker) {
                for _ in 0..fastrand::u8(1..4) {
                    release(worker, fastrand::u16(1..3));
                }
                // Otherwise one release could wake the waiter that the other one should have woken.
                barrier.wait(worker);
                worker.until(all_are_taken);
                let [released, forgotten] =
                    [released, forgotten].map(|number| number.load(Ordering::Relaxed));
                harness.balance(released, forgotten, "permits so far");
                harness.doubled_unless(semaphore.count() == 0, "permits that were never released");
                barrier.wait(worker);
            }
            if worker.index > 0 {
                return;
            }
            is_over.store(true, Ordering::Relaxed);
            while running.load(Ordering::Relaxed) > 0 {
                release(worker, 1);
                worker.until(|| all_are_taken() || running.load(Ordering::Relaxed) == 0);
            }
        });
    });
    let taken = forgotten.load(Ordering::Relaxed) + u64::from(semaphore.count());
    harness.balance(harness.total(Counter::Sets), taken, "permits");
}

/// All takers wait repeatedly for one permit, with short limits, until there comes one for each: a wait whose
/// deadline is later than the return of that release must not fail, wherever in the queue its time ran out
/// (contract 76, 77, 82).
pub(super) fn deadlines(harness: &Harness) {
    const TAKERS: usize = 4;
    const NOT_YET: u64 = u64::MAX;
    let semaphore = harness.object("the semaphore", Semaphore::new(0, u16::MAX));
    let start = Instant::now();
    let nanoseconds = move || start.elapsed().as_nanos() as u64;
    let released = &AtomicU64::new(NOT_YET);
    let barrier = &Barrier::new(TAKERS + 1);
    let take = |worker: &Worker<'_>| {
        loop {
            let kind = waits::limited();
            let limit = kind.limit().expect("such waits have one").as_nanos() as u64;
            // The wait reads the clock later, so that its own deadline is no earlier.
            let deadline = nanoseconds() + limit;
            if let Some(guard) = worker.take(semaphore, 1, kind) {
                break guard.forget();
            }
            let released = released.load(Ordering::Acquire);
            // A task that is dropped without a last poll does not know whether it got one.
            let has_checked = !matches!(kind, WaitKind::WaitAsyncUntilDropped(_));
            harness.lost_unless(
                !has_checked || deadline <= released,
                "there was a permit at the deadline",
            );
        }
    };
    thread::scope(|scope| {
        harness.spawn(scope, TAKERS, "taker", |worker| {
            while barrier.next_round(worker) {
                take(worker);
                barrier.wait(worker);
            }
        });
        harness.spawn(scope, 1, "releaser", |worker| {
            while barrier.next_round(worker) {
                pause();
                worker.sets(TAKERS as u64, || semaphore.release(TAKERS as u16));
                fence(Ordering::SeqCst); // the clock is read after the permits are there
                released.store(nanoseconds(), Ordering::Release);
                barrier.wait(worker);
                harness.doubled_unless(semaphore.count() == 0, "permits that were never released");
                released.store(NOT_YET, Ordering::Relaxed);
            }
        });
    });
    let (released, taken) = (harness.total(Counter::Sets), harness.total(Counter::Waits));
    harness.balance(released, taken, "permits");
}
