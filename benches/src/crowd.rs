//! Many threads that sleep at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Threads that all do the same.
#[derive(Debug)]
pub struct Crowd {
    attendance: Arc<Attendance>,
    threads: Vec<JoinHandle<()>>,
}

/// How often a thread was about to go to sleep, and has woken up.
#[derive(Debug, Default)]
pub struct Attendance {
    arrived: AtomicUsize,
    awake: AtomicUsize,
}

impl Attendance {
    /// Tells that the calling thread sleeps in `sleep`.
    pub fn asleep_in(&self, sleep: impl FnOnce()) {
        self.arrived.fetch_add(1, Ordering::Release);
        sleep();
        self.awake.fetch_add(1, Ordering::Release);
    }
}

impl Crowd {
    /// Starts `size` threads, each with its number and a way to tell when it sleeps.
    ///
    /// # Panics
    ///
    /// If so many threads cannot be had.
    pub fn assemble(
        size: usize,
        work: impl Fn(usize, &Attendance) + Clone + Send + 'static,
    ) -> Self {
        let attendance = Arc::<Attendance>::default();
        let spawn = |nth| {
            let (attendance, work) = (Arc::clone(&attendance), work.clone());
            // Small stacks, as there may be thousands.
            let thread = thread::Builder::new().stack_size(64 << 10);
            thread.spawn(move || work(nth, &attendance)).unwrap()
        };
        let threads = (0..size).map(spawn).collect();
        Self { attendance, threads }
    }

    /// Waits until every thread sleeps for the `nth` time, counted from one.
    pub fn wait_asleep(&self, nth: usize) {
        while self.attendance.arrived.load(Ordering::Acquire) < nth * self.threads.len() {
            thread::sleep(Duration::from_micros(100));
        }
        // Now all are about to sleep. Let them get there: no contender tells how many have.
        let each = Duration::from_micros(5);
        thread::sleep(Duration::from_millis(1) + each * self.threads.len() as u32);
    }

    /// Waits until every thread has woken up for the `nth` time.
    pub fn wait_awake(&self, nth: usize) {
        while self.attendance.awake.load(Ordering::Acquire) < nth * self.threads.len() {
            thread::yield_now(); // not in the way of those who wake up
        }
    }

    /// Waits until all have come to their end.
    ///
    /// # Panics
    ///
    /// If one of them has.
    pub fn dismiss(self) {
        for thread in self.threads {
            thread.join().unwrap();
        }
    }
}
