//! Stress scenarios of both events.

use std::hint;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::harness::Harness;
use super::waits;
use crate::event::{Event, Kind};
use crate::wait::WaitKind;

/// One thread resets, checks for work again, and only then waits: a reset must not hide the work that was
/// published before the set that it erases (contract 89).
pub(super) fn recheck<E: Event>(harness: &Harness) {
    const END: u64 = u64::MAX;
    let event = harness.object("the event", E::from(false));
    let (published, seen) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        harness.spawn(scope, 1, "reader", |worker| {
            while seen.load(Ordering::Relaxed) != END {
                worker.reset(event);
                let found = published.load(Ordering::Relaxed);
                if found == seen.load(Ordering::Relaxed) {
                    worker.wait(event, waits::any());
                }
                seen.store(found, Ordering::Relaxed);
            }
        });
        harness.spawn(scope, 1, "writer", |worker| {
            let publish = |item| {
                published.store(item, Ordering::Relaxed);
                worker.set(event);
            };
            let mut number = 0;
            while worker.next_round() {
                for _ in 0..fastrand::u8(1..4) {
                    number += 1;
                    publish(number);
                }
                worker.until(|| seen.load(Ordering::Relaxed) == number);
            }
            publish(END);
        });
    });
}

/// One wait, and one set about when it times out: the wait takes the set, or the event is set afterwards (contract
/// 11, 27). The waits and timeouts that are counted are how often each came first.
pub(super) fn timeout<E: Event>(harness: &Harness) {
    const NONE: u64 = 0;
    const END: u64 = u64::MAX;
    let event = harness.object("the event", E::from(false));
    let start = Instant::now();
    let now = || start.elapsed().as_nanos() as u64;
    let set_at = AtomicU64::new(NONE);
    thread::scope(|scope| {
        harness.spawn(scope, 1, "waiter", |worker| {
            while worker.next_round() {
                // Most deadlines pass before the thread sleeps. A timer is late.
                let limit = 1 + (fastrand::u64(..30_000) >> fastrand::u32(..12));
                let late = fastrand::u64(..if limit < 4_000 { 2_000 } else { 100_000 });
                set_at.store(now() + limit + late, Ordering::Relaxed);
                let succeeded = worker.wait(event, WaitKind::WaitFor(Duration::from_nanos(limit)));
                worker.until(|| set_at.load(Ordering::Acquire) == NONE);
                let is_taken = succeeded && E::KIND == Kind::Auto;
                let is_left = event.wait0();
                harness.lost_unless(is_left || is_taken, "a set is neither taken nor left");
                harness.doubled_unless(!(is_left && is_taken), "a set is taken, and left");
                worker.reset(event);
            }
            set_at.store(END, Ordering::Relaxed);
        });
        harness.spawn(scope, 1, "setter", |worker| {
            loop {
                worker.until(|| set_at.load(Ordering::Relaxed) != NONE);
                let at = set_at.load(Ordering::Relaxed);
                if at == END {
                    break;
                }
                while now() < at {
                    hint::spin_loop();
                }
                worker.set(event);
                set_at.store(NONE, Ordering::Release);
            }
        });
    });
}
