//! A manual-reset event as a global stop signal: busy threads look at it in passing, an idle thread
//! sleeps on it, and one call of `set` reaches them all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rsevents::{Awaitable, EventState, ManualResetEvent};

static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
static STEPS: AtomicU64 = AtomicU64::new(0);

/// Looking at the event is one load, so it can stand in the innermost loop.
fn compute() {
    while !STOP.is_set() {
        STEPS.fetch_add(1, Ordering::Relaxed);
    }
}

/// A thread that does something now and then sleeps on the event in between: it is up at once when
/// there is to be an end, and costs nothing until then.
fn report() {
    while !STOP.wait_for(Duration::from_millis(50)) {
        println!("{} steps so far", STEPS.load(Ordering::Relaxed));
    }
    println!("the reporter leaves");
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
