//! 42 tasks on four threads. The main thread waits for the end with a limit of one second, and reports how
//! many tasks are left each time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rsevents_extra::{Awaitable, CountdownEvent};

const TASKS: usize = 42;

static LEFT: CountdownEvent = CountdownEvent::new(TASKS);
static NEXT: AtomicUsize = AtomicUsize::new(0);
static DONE: AtomicUsize = AtomicUsize::new(0);

fn work() {
    while NEXT.fetch_add(1, Ordering::Relaxed) < TASKS {
        // Ticks when it is dropped: even if the task panicked, the main thread would not wait for ever.
        let _ticket = LEFT.ticket();
        thread::sleep(Duration::from_millis(250));
        DONE.fetch_add(1, Ordering::Relaxed);
    }
}

fn main() {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
        while !LEFT.wait_for(Duration::from_secs(1)) {
            println!("{} of {TASKS} tasks left", LEFT.count());
        }
        // Every tick publishes what came before it, so relaxed accesses will do.
        assert_eq!(DONE.load(Ordering::Relaxed), TASKS);
    });
    assert_eq!(LEFT.count(), 0);
    println!("all {TASKS} tasks done");
}
