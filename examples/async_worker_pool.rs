//! The worker pool of `worker_pool`, with tasks and threads: a task hands out work through two auto-reset
//! events and one slot. Two other tasks and two threads wait for it in one queue, and each value is handled
//! by exactly one of them. When no more work comes, all of them stop.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, EventState};
use tokio::task;
use tokio::time::{sleep, timeout};

/// The next value. The events order all accesses to it, so relaxed accesses will do.
static SLOT: AtomicU32 = AtomicU32::new(0);
/// The slot holds a value.
static READY: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// A worker has taken the value: the slot is free.
static TAKEN: AutoResetEvent = AutoResetEvent::new(EventState::Unset);

static HANDLED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// How long a worker waits for work before it stops.
const IDLE: Duration = Duration::from_millis(500);
/// How long the work takes.
const WORK: Duration = Duration::from_millis(5);

fn take(worker: &str) {
    let value = SLOT.load(Ordering::Relaxed);
    TAKEN.set();
    println!("{worker} handles {value}");
    HANDLED.lock().unwrap().push(value);
}

fn work_on_thread(worker: &str) {
    while READY.wait_for(IDLE) {
        take(worker);
        thread::sleep(WORK);
    }
    println!("{worker} stops");
}

async fn work(worker: &str) {
    // If the set comes as the time runs out, either the wait succeeds or the set goes to another worker.
    while timeout(IDLE, READY.wait_async()).await.is_ok() {
        take(worker);
        sleep(WORK).await;
    }
    println!("{worker} stops");
}

#[tokio::main]
async fn main() {
    let workers = [
        task::spawn(work("task 1")),
        task::spawn(work("task 2")),
        task::spawn_blocking(|| work_on_thread("thread 1")),
        task::spawn_blocking(|| work_on_thread("thread 2")),
    ];
    let values = [4, 8, 15, 16, 23, 42, 51, 63, 78, 99, 104, 111];
    for value in values {
        SLOT.store(value, Ordering::Relaxed);
        READY.set();
        TAKEN.wait_async().await;
    }
    for worker in workers {
        worker.await.unwrap();
    }

    let mut handled = HANDLED.lock().unwrap().clone();
    handled.sort_unstable();
    assert_eq!(handled, values, "each value exactly once");
    println!("all {} values handled, each exactly once", handled.len());
}
