//! A worker waits for work or for the end, whichever comes first: once as a thread, once as a task, both in the same
//! two queues. The end comes while they wait for work.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, wait_any, wait_any_async};
use tokio::task;
use tokio::time::sleep;

/// There are new values. One set releases one worker.
static WORK: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// There will be no more. Releases both workers, and stays set.
static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);

static VALUES: Mutex<VecDeque<u32>> = Mutex::new(VecDeque::new());
static HANDLED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn work_on_thread() {
    loop {
        let is_over = wait_any(&[&STOP, &WORK]) == 0;
        handle_values("the thread");
        if is_over {
            break;
        }
    }
    println!("the thread stops");
}

async fn work_in_task() {
    loop {
        let is_over = wait_any_async(&[&STOP, &WORK]).await == 0;
        handle_values("the task");
        if is_over {
            break;
        }
    }
    println!("the task stops");
}

/// Handles all that are there: two sets of the event in quick succession may release one wait. A worker that has seen
/// the end sees all values here, as they were there before.
fn handle_values(worker: &str) {
    while let Some(value) = next_value() {
        println!("{worker} handles {value}");
        HANDLED.lock().unwrap().push(value);
    }
}

/// A function, so that the lock is not held longer.
fn next_value() -> Option<u32> {
    VALUES.lock().unwrap().pop_front()
}

#[tokio::main]
async fn main() {
    let thread = thread::spawn(work_on_thread);
    let task = task::spawn(work_in_task());

    let values = [4, 8, 15, 16, 23, 42];
    for value in values {
        VALUES.lock().unwrap().push_back(value);
        WORK.set();
        sleep(Duration::from_millis(20)).await;
    }
    STOP.set(); // both wait
    task.await.unwrap();
    task::spawn_blocking(|| thread.join().unwrap()).await.unwrap();

    let mut handled = HANDLED.lock().unwrap().clone();
    handled.sort_unstable();
    assert_eq!(handled, values, "each value exactly once");
    WORK.set();
    assert!(WORK.wait0(), "no wait was left in the queue, which would have taken this");
    println!("all {} values handled, each exactly once", handled.len());
}
