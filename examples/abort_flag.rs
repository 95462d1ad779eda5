//! A manual-reset event as a global stop signal: busy threads poll it, an idle thread waits for it, and one
//! call of `set` stops them all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rsevents::{Awaitable, EventState, ManualResetEvent};

static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
static STEPS: AtomicU64 = AtomicU64::new(0);

/// Polling the event is one load, cheap enough for an inner loop.
fn compute() {
    while !STOP.is_set() {
        STEPS.fetch_add(1, Ordering::Relaxed);
    }
}

/// A periodic task waits for the event between two steps, so that it stops at once when the event is set.
fn report() {
    while !STOP.wait_for(Duration::from_millis(50)) {
        println!("{} steps so far", STEPS.load(Ordering::Relaxed));
    }
    println!("the reporter stops");
}

fn main() {
    thread::scope(|scope| {
        let computing = [scope.spawn(compute), scope.spawn(compute)];
        scope.spawn(report);
        thread::sleep(Duration::from_millis(300));
        STOP.set();
        for thread in computing {
            thread.join().unwrap();
        }
    });
    assert!(STOP.wait0(), "a manual-reset event stays set");
    assert!(STEPS.load(Ordering::Relaxed) > 0);
    println!("stopped after {} steps", STEPS.load(Ordering::Relaxed));
}
