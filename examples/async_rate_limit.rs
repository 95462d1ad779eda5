//! Tasks and threads share one limit: never more than three of them are at work. A task that has waited too
//! long gives up, and takes no permit with it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rsevents_extra::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const LIMIT: u16 = 3;
/// As many tasks wait for ever, and as many have limited patience.
const TASKS: usize = 20;
const PATIENCE: Duration = Duration::from_millis(40);
const THREADS: usize = 4;
const JOBS_OF_EACH: usize = 5;

/// How long a job takes.
const JOB: Duration = Duration::from_millis(5);

static AT_ONCE: Semaphore = Semaphore::new(LIMIT, LIMIT);

/// How many permits are in use.
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static DONE: AtomicUsize = AtomicUsize::new(0);
static GIVEN_UP: AtomicUsize = AtomicUsize::new(0);

fn begin(permits: usize) {
    let in_use = IN_USE.fetch_add(permits, Ordering::Relaxed) + permits;
    assert!(in_use <= LIMIT.into(), "{in_use} in use, {LIMIT} allowed");
}

fn end(permits: usize) {
    IN_USE.fetch_sub(permits, Ordering::Relaxed);
    DONE.fetch_add(1, Ordering::Relaxed);
}

/// Every fourth is a large job, which needs two permits.
async fn patient(number: usize) {
    let permits = if number.is_multiple_of(4) { 2 } else { 1 };
    let _permits = AT_ONCE.wait_many_async(permits).await;
    begin(permits.into());
    sleep(JOB).await; // the permits are held, and no thread is blocked
    end(permits.into());
}

async fn impatient() {
    let Ok(_permit) = timeout(PATIENCE, AT_ONCE.wait_async()).await else {
        GIVEN_UP.fetch_add(1, Ordering::Relaxed);
        return;
    };
    begin(1);
    sleep(JOB).await;
    end(1);
}

fn thread() {
    for _ in 0..JOBS_OF_EACH {
        let _permit = AT_ONCE.wait();
        begin(1);
        thread::sleep(JOB);
        end(1);
    }
}

#[tokio::main]
async fn main() {
    let mut all = JoinSet::new();
    for _ in 0..THREADS {
        all.spawn_blocking(thread);
    }
    for number in 0..TASKS {
        all.spawn(patient(number));
        all.spawn(impatient());
    }
    all.join_all().await;

    let (done, given_up) = (DONE.load(Ordering::Relaxed), GIVEN_UP.load(Ordering::Relaxed));
    assert_eq!(done + given_up, 2 * TASKS + THREADS * JOBS_OF_EACH);
    assert_eq!(AT_ONCE.count(), LIMIT, "all permits are back");
    println!("{done} jobs done, never more than {LIMIT} permits in use; {given_up} tasks gave up");
}
