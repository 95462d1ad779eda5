//! A main thread hands out work to a pool of three threads, through two auto-reset events and one
//! slot. Each value is handled by exactly one worker, and when no more work comes the pool drains by
//! itself.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, EventState};

/// The next value. The events order all accesses to it: one set releases one thread
/// and publishes what was written before, so relaxed accesses will do.
static SLOT: AtomicU32 = AtomicU32::new(0);
/// The slot holds a value.
static READY: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// A worker has taken the value: the slot is free.
static TAKEN: AutoResetEvent = AutoResetEvent::new(EventState::Unset);

static HANDLED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn work(name: usize) {
    // The set that announces a value releases one worker.
    while READY.wait_for(Duration::from_millis(500)) {
        let value = SLOT.load(Ordering::Relaxed);
        TAKEN.set();

        // From here on the worker may take its time: the others get the next values.
        println!("worker {name} handles {value}");
        HANDLED.lock().unwrap().push(value);
    }
    println!("worker {name} has had no work for half a second, and stops");
}

fn main() {
    let values = [4, 8, 15, 16, 23, 42];
    thread::scope(|scope| {
        for name in 1..=3 {
            scope.spawn(move || work(name));
        }
        for value in values {
            SLOT.store(value, Ordering::Relaxed);
            READY.set();
            TAKEN.wait();
        }
    });

    let mut handled = HANDLED.lock().unwrap().clone();
    handled.sort_unstable();
    assert_eq!(handled, values, "each value exactly once");
    println!("all {} values handled, each exactly once", handled.len());
}
