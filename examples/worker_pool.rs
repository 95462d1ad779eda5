//! A main thread hands out work to a pool of three threads, through two auto-reset events and one
//! slot. Each value is handled by exactly one worker, and when no more work comes the pool drains by
//! itself.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, EventState};

/// Where the next value lies. The events order all accesses to it: one set lets one thread through
/// and shows it what was written before, so relaxed accesses will do.
static SLOT: AtomicU32 = AtomicU32::new(0);
/// A value lies in the slot. An event is a single byte, and a `static` needs nothing more than this.
static READY: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// A worker has taken the value: the slot is free.
static TAKEN: AutoResetEvent = AutoResetEvent::new(EventState::Unset);

static HANDLED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn work(name: usize) {
    // The set that announces a value lets one worker through.
    while READY.wait_for(Duration::from_millis(500)) {
        let value = SLOT.load(Ordering::Relaxed);
        TAKEN.set();

        // From here on the worker may take its time: the others get the next values.
        println!("worker {name} handles {value}");
        HANDLED.lock().unwrap().push(value);
    }
    println!("worker {name} has had nothing to do for half a second, and leaves");
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
