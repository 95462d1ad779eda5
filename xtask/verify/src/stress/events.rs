//! Stress scenarios of both events.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::harness::Harness;
use super::waits;
use crate::event::Event;

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
