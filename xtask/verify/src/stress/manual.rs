//! Stress scenarios of the manual-reset event.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rsevents::{EventState, ManualResetEvent};

use super::barrier::Barrier;
use super::harness::Harness;
use super::phases::Phases;
use super::waits;
use super::worker::Worker;

fn unset(harness: &Harness, name: &'static str) -> &'static ManualResetEvent {
    harness.object(name, ManualResetEvent::new(EventState::Unset))
}

/// Two threads, two events, and beside them a counter that tells whose turn it is (contract 31, 32).
pub(super) fn ping_pong(harness: &Harness) {
    const END: u64 = u64::MAX;
    let events = ["ping", "pong"].map(|name| unset(harness, name));
    let turn = AtomicU64::new(0);
    thread::scope(|scope| {
        harness.spawn(scope, 2, "player", |worker| {
            let player = worker.index;
            let (mine, other) = (events[player], events[1 - player]);
            if player == 0 {
                worker.set(mine);
            }
            for round in 0.. {
                worker.wait_until_released(mine);
                worker.reset(mine);
                let now = turn.load(Ordering::Relaxed);
                if now == END {
                    break;
                }
                let expected = 2 * round + player as u64;
                harness.doubled_unless(now == expected, "woken out of turn");
                // Only one of them ends, when its turn has come back.
                let is_end = !worker.next_round() && player == 0;
                turn.store(if is_end { END } else { expected + 1 }, Ordering::Relaxed);
                worker.set(other);
                if is_end {
                    break;
                }
            }
        });
    });
}

/// Each set releases each of several threads once: the last of them resets the event, perhaps while the
/// set is still running, and all wait anew (contract 23, 27, 30).
pub(super) fn gate(harness: &Harness) {
    const WAITERS: usize = 3;
    let gate = unset(harness, "the gate");
    let [opened, released, closed] = [const { AtomicU64::new(0) }; 3];
    let last = AtomicU64::new(u64::MAX);
    thread::scope(|scope| {
        harness.spawn(scope, 1, "setter", |worker| {
            for round in 1.. {
                let is_last = !worker.next_round();
                if is_last {
                    last.store(round, Ordering::Relaxed);
                }
                opened.store(round, Ordering::Relaxed);
                worker.set(gate);
                worker.until(|| closed.load(Ordering::Acquire) == round);
                if is_last {
                    break;
                }
            }
        });
        harness.spawn(scope, WAITERS, "waiter", |worker| {
            for round in 1.. {
                worker.wait_until_released(gate);
                let open = opened.load(Ordering::Relaxed);
                harness.doubled_unless(open == round, "released by the set before");
                if released.fetch_add(1, Ordering::AcqRel) + 1 == WAITERS as u64 * round {
                    worker.reset(gate);
                    closed.store(round, Ordering::Release);
                }
                worker.until(|| closed.load(Ordering::Acquire) >= round);
                if last.load(Ordering::Relaxed) == round {
                    break;
                }
            }
        });
    });
}

/// The first thread that a set releases resets the event at once, perhaps while the set is still running: a
/// wait that begins after that needs another set (contract 30).
pub(super) fn turnstile(harness: &Harness) {
    let turnstile = unset(harness, "the turnstile");
    // The last set that has begun, the last that released a thread, and the last that was undone.
    let [begun, released, undone] = &[const { AtomicU64::new(0) }; 3];
    let is_over = &AtomicBool::new(false);
    thread::scope(|scope| {
        harness.spawn(scope, 1, "setter", move |worker| {
            for round in (1..).take_while(|_| worker.next_round()) {
                begun.store(round, Ordering::Relaxed);
                worker.set(turnstile);
                worker.until(|| undone.load(Ordering::Acquire) == round);
            }
            is_over.store(true, Ordering::Relaxed);
            begun.store(u64::MAX, Ordering::Relaxed);
            worker.set(turnstile);
        });
        harness.spawn(scope, 3, "waiter", |worker| {
            loop {
                let before = undone.load(Ordering::Acquire);
                worker.wait_until_released(turnstile);
                let last = begun.load(Ordering::Relaxed);
                harness.doubled_unless(last > before, "released by a set that was undone");
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let (round, order) = (before + 1, Ordering::AcqRel);
                if released.compare_exchange(before, round, order, Ordering::Relaxed).is_ok() {
                    worker.reset(turnstile);
                    undone.store(round, Ordering::Release);
                }
            }
        });
    });
}

/// Sets and resets at random, then one that decides: from then on every wait has to succeed, or none
/// (contract 25, 27, 28, 33, 35).
pub(super) fn mixed(harness: &Harness) {
    const WAITERS: usize = 3;
    let event = unset(harness, "the event");
    // Mixed, set, mixed, unset.
    let expected = |phase| [None, Some(true), None, Some(false)][phase as usize % 4];
    let phases = &Phases::<WAITERS>::new(expected);
    let barrier = Barrier::new(2);
    let mix = |worker: &Worker<'_>| {
        for _ in 0..fastrand::u8(..8) {
            if fastrand::bool() { worker.set(event) } else { worker.reset(event) }
        }
        barrier.wait(worker);
    };
    thread::scope(|scope| {
        harness.spawn(scope, WAITERS, "waiter", move |worker| {
            phases.wait_repeatedly(worker, |kind| worker.wait(event, kind));
        });
        harness.spawn(scope, 1, "mixer", |worker| {
            while barrier.next_round(worker) {
                mix(worker);
                barrier.wait(worker);
                mix(worker);
            }
        });
        harness.spawn(scope, 1, "decider", |worker| {
            while barrier.next_round(worker) {
                mix(worker);
                worker.set(event);
                phases.advance();
                harness.lost_unless(worker.wait(event, waits::limited()), "a wait failed: set");
                phases.until_all_have_succeeded(worker);
                phases.advance();

                barrier.wait(worker);
                mix(worker);
                worker.reset(event);
                phases.advance();
                phases.until_all_have_begun(worker);
                worker.reset(event); // it is unset, and parked waiters sleep on
                let succeeded = worker.wait(event, waits::limited());
                harness.doubled_unless(!succeeded, "a wait succeeded: unset");
                phases.advance();
            }
            phases.end();
            worker.set(event);
        });
    });
}
