//! A main thread hands out work to a pool of three threads, through two auto-reset events and one
//! slot of plain memory. Each value is handled by exactly one worker, and when no more work comes the
//! pool drains by itself.

use std::cell::UnsafeCell;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, EventState};

/// Where the next value lies. Only the events below say whose turn it is to touch it.
struct Slot(UnsafeCell<u32>);

// SAFETY: the main thread writes only before `READY.set()` and after `TAKEN.wait()`; a worker reads
// only between `READY.wait_for()` and `TAKEN.set()`. One set lets one thread through and shows it all
// that was written before, so the turns neither overlap nor miss each other's writes.
unsafe impl Sync for Slot {}

static SLOT: Slot = Slot(UnsafeCell::new(0));
/// A value lies in the slot. An event is a single byte, and a `static` needs nothing more than this.
static READY: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// A worker has taken the value: the slot is free.
static TAKEN: AutoResetEvent = AutoResetEvent::new(EventState::Unset);

static HANDLED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn work(name: usize) {
    // The set that announces a value wakes one worker, whoever has waited longest.
    while READY.wait_for(Duration::from_millis(500)) {
        // SAFETY: it is this worker's turn, see `Slot`.
        let value = unsafe { *SLOT.0.get() };
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
            // SAFETY: it is the main thread's turn, see `Slot`.
            unsafe { *SLOT.0.get() = value };
            READY.set();
            TAKEN.wait();
        }
    });

    let mut handled = HANDLED.lock().unwrap().clone();
    handled.sort_unstable();
    assert_eq!(handled, values, "each value exactly once");
    println!("all {} values handled, each exactly once", handled.len());
}
