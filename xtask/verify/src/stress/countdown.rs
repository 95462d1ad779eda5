//! Stress scenarios of the countdown.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rsevents_extra::CountdownEvent;

use super::barrier::Barrier;
use super::harness::Harness;
use super::phases::Phases;
use super::stats::Counter;
use super::waits;
use super::worker::Worker;
use crate::wait::WaitKind;

/// In odd phases the count is zero, in the others it may be anything.
fn zero_if_odd(phase: u64) -> Option<bool> {
    (!phase.is_multiple_of(2)).then_some(true)
}

fn at_zero(harness: &Harness) -> &'static CountdownEvent {
    harness.object("the countdown", CountdownEvent::new(0))
}

fn decrement_by(worker: &Worker<'_>, countdown: &CountdownEvent, number: usize) -> bool {
    match number {
        1 => worker.decrement(countdown),
        _ => worker.sets(number as u64, || countdown.decrement_by(number)),
    }
}

/// Rounds that follow each other at once, also while the last decrement is still running. In some of them the
/// count stays zero until all waiters have seen that (contract 40-46, 49, 56, 58a).
pub(super) fn rounds(harness: &Harness) {
    const WORKERS: usize = 2;
    const WAITERS: usize = 2;
    let countdown = at_zero(harness);
    // How often each worker has to decrement, and has begun to, over all rounds.
    let due = &AtomicU64::new(0);
    let begun = &[const { AtomicU64::new(0) }; WORKERS];
    let zeros = &AtomicU64::new(0);
    let is_over = &AtomicBool::new(false);
    let phases = &Phases::<WAITERS>::new(zero_if_odd);
    thread::scope(|scope| {
        harness.spawn(scope, WORKERS, "worker", move |worker| {
            let mut made = 0;
            loop {
                let is_due = || due.load(Ordering::Acquire) > made;
                worker.until(|| is_due() || is_over.load(Ordering::Relaxed));
                let ahead = due.load(Ordering::Relaxed) - made;
                if ahead == 0 {
                    break;
                }
                let number = fastrand::u64(1..=ahead);
                made += number;
                begun[worker.index].store(made, Ordering::Relaxed);
                let was_last = decrement_by(worker, countdown, number as usize);
                zeros.fetch_add(u64::from(was_last), Ordering::Relaxed);
            }
        });
        harness.spawn(scope, WAITERS, "waiter", move |worker| {
            phases.wait_repeatedly(worker, |kind| {
                let due = due.load(Ordering::Acquire);
                let succeeded = worker.wait(countdown, kind);
                let is_zero = || begun.iter().all(|begun| begun.load(Ordering::Relaxed) >= due);
                harness.doubled_unless(!succeeded || is_zero(), "released before the zero");
                succeeded
            });
        });
        harness.spawn(scope, 1, "resetter", |worker| {
            while worker.next_round() {
                let number = fastrand::u64(1..4);
                raise(worker, countdown, WORKERS * number as usize);
                due.fetch_add(number, Ordering::Release);
                if fastrand::bool() {
                    worker.wait_until_released(countdown);
                } else {
                    worker.until(|| countdown.is_set());
                }
                if fastrand::u8(..3) == 0 {
                    phases.advance();
                    let was_last = worker.decrement(countdown);
                    harness.doubled_unless(!was_last, "a decrement at zero has counted");
                    phases.until_all_have_succeeded(worker);
                    harness.lost_unless(countdown.count() == 0, "a zero");
                    phases.advance();
                }
            }
            phases.end();
            is_over.store(true, Ordering::Relaxed);
        });
    });
    let rounds = harness.total(Counter::Rounds);
    harness.balance(rounds, zeros.load(Ordering::Relaxed), "zeros");
}

fn raise(worker: &Worker<'_>, countdown: &CountdownEvent, count: usize) {
    if fastrand::bool() {
        worker.resets(|| countdown.reset(count));
    } else {
        worker.resets(|| (0..count).for_each(|_| countdown.increment()));
    }
}

/// Threads that each increment and decrement equally often: none of that gets lost, and the count is never less
/// than what one of them has still to decrement (contract 39, 41, 44, 48).
pub(super) fn totals(harness: &Harness) {
    const WORKERS: usize = 2;
    const WAITERS: usize = 2;
    let countdown = at_zero(harness);
    let barrier = &Barrier::new(WORKERS);
    let phases = &Phases::<WAITERS>::new(zero_if_odd);
    let change_the_count = |worker: &Worker<'_>| {
        let mut mine = 0;
        for _ in 0..fastrand::u8(1..8) {
            if mine > 0 && fastrand::bool() {
                let number = fastrand::usize(1..=mine);
                worker.sets(number as u64, || countdown.decrement_by(number));
                mine -= number;
            } else {
                worker.resets(|| countdown.increment());
                mine += 1;
            }
            harness.lost_unless(countdown.count() >= mine, "an increment");
            let succeeded = worker.wait(countdown, WaitKind::Wait0);
            harness.doubled_unless(mine == 0 || !succeeded, "released before the zero");
        }
        for _ in 0..mine {
            worker.decrement(countdown);
        }
    };
    thread::scope(|scope| {
        harness.spawn(scope, WAITERS, "waiter", move |worker| {
            phases.wait_repeatedly(worker, |kind| worker.wait(countdown, kind));
        });
        harness.spawn(scope, WORKERS, "worker", |worker| {
            let leads = worker.index == 0;
            while barrier.next_round(worker) {
                change_the_count(worker);
                barrier.wait(worker);
                harness.lost_unless(countdown.count() == 0, "a decrement");
                if leads {
                    phases.advance();
                    phases.until_all_have_succeeded(worker);
                    phases.advance();
                }
            }
            if leads {
                phases.end();
            }
        });
    });
}

/// Far too many decrements: each increment makes one of them count, and the others leave no trace (contract 50,
/// 51).
pub(super) fn surplus(harness: &Harness) {
    let countdown = at_zero(harness);
    let zeros = &AtomicU64::new(0);
    let is_over = &AtomicBool::new(false);
    thread::scope(|scope| {
        harness.spawn(scope, 2, "worker", |worker| {
            while !is_over.load(Ordering::Relaxed) {
                zeros.fetch_add(worker.decrement(countdown).into(), Ordering::Relaxed);
            }
        });
        harness.spawn(scope, 1, "waiter", |worker| {
            while !is_over.load(Ordering::Relaxed) {
                worker.wait(countdown, waits::any());
            }
        });
        harness.spawn(scope, 1, "incrementer", |worker| {
            while worker.next_round() {
                let before = zeros.load(Ordering::Acquire);
                worker.resets(|| countdown.increment());
                worker.until(|| zeros.load(Ordering::Acquire) > before);
            }
            is_over.store(true, Ordering::Relaxed);
        });
    });
    let increments = harness.total(Counter::Resets);
    harness.balance(increments, zeros.load(Ordering::Relaxed), "zeros");
    harness.lost_unless(countdown.count() == 0, "a decrement");
}
