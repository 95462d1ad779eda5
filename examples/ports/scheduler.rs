//! The loop of an index scheduler: it sleeps until tasks are registered, but looks for them from time to time all
//! the same, and once at its start, as its last run may have left some. So the event is set at first.

use std::mem;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, EventState};
use synchronoise::SignalEvent;

/// Set when there may be tasks. A wait resets it.
trait WakeUp: Send + Sync {
    fn new() -> Self;
    fn set(&self);
    fn wait_for(&self, limit: Duration) -> bool;
}

/// Before.
impl WakeUp for SignalEvent {
    fn new() -> Self {
        Self::auto(true)
    }

    fn set(&self) {
        self.signal();
    }

    fn wait_for(&self, limit: Duration) -> bool {
        self.wait_timeout(limit)
    }
}

/// After.
impl WakeUp for AutoResetEvent {
    fn new() -> Self {
        Self::new(EventState::Set)
    }

    fn set(&self) {
        self.set();
    }

    fn wait_for(&self, limit: Duration) -> bool {
        Awaitable::wait_for(self, limit)
    }
}

struct Scheduler<W> {
    wake_up: W,
    registered: Mutex<Vec<u32>>,
    processed: Mutex<Vec<u32>>,
    is_stopped: AtomicBool,
}

impl<W: WakeUp> Scheduler<W> {
    /// With tasks that an earlier run has left.
    fn new(left: Vec<u32>) -> Self {
        Self {
            wake_up: W::new(),
            registered: Mutex::new(left),
            processed: Mutex::default(),
            is_stopped: AtomicBool::new(false),
        }
    }

    fn register(&self, task: u32) {
        self.registered.lock().unwrap().push(task);
        self.wake_up.set();
    }

    fn stop(&self) {
        // Published by the set.
        self.is_stopped.store(true, Ordering::Relaxed);
        self.wake_up.set();
    }

    /// Processes tasks until it is stopped. Looks for them every `tick`, and when some are registered.
    fn run(&self, tick: Duration) {
        while !self.is_stopped.load(Ordering::Relaxed) {
            let _is_registered = self.wake_up.wait_for(tick);
            let tasks = mem::take(&mut *self.registered.lock().unwrap());
            self.processed.lock().unwrap().extend(tasks);
        }
    }

    /// Returns once as many tasks have been processed.
    fn process(&self, count: usize) {
        while self.processed.lock().unwrap().len() < count {
            thread::yield_now();
        }
    }
}

fn tasks_are_processed<W: WakeUp>() {
    let scheduler = Scheduler::<W>::new(vec![0, 1]);
    thread::scope(|scope| {
        // No tick comes in this test: the event alone wakes it up.
        scope.spawn(|| scheduler.run(Duration::from_secs(3600)));
        scheduler.process(2);
        for task in 2..100 {
            scheduler.register(task);
        }
        scheduler.process(100);
        scheduler.stop();
    });
    assert!(scheduler.processed.into_inner().unwrap().into_iter().eq(0..100));
}

fn ticks_find_tasks_too<W: WakeUp>() {
    let scheduler = Scheduler::<W>::new(Vec::new());
    thread::scope(|scope| {
        scope.spawn(|| scheduler.run(Duration::from_millis(1)));
        // By another process, say, which cannot set the event.
        scheduler.registered.lock().unwrap().push(7);
        scheduler.process(1);
        scheduler.stop();
    });
}

#[test]
fn before() {
    tasks_are_processed::<SignalEvent>();
    ticks_find_tasks_too::<SignalEvent>();
}

#[test]
fn after() {
    tasks_are_processed::<AutoResetEvent>();
    ticks_find_tasks_too::<AutoResetEvent>();
}
