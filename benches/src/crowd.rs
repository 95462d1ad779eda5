//! Many threads that sleep at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Threads that all do the same.
#[derive(Debug)]
pub struct Crowd {
    attendance: Arc<Attendance>,
    threads: Vec<JoinHandle<()>>,
}

/// How often a thread was about to go to sleep, and has woken up.
#[derive(Debug)]
pub struct Attendance {
    size: usize,
    arrived: AtomicUsize,
    awake: AtomicUsize,
    /// How often all woke up, and when the last one did. It tells itself, as whoever watches may not
    /// be scheduled then.
    all_awake: Mutex<(usize, Instant)>,
}

impl Attendance {
    /// Tells that the calling thread sleeps in `sleep`.
    ///
    /// # Panics
    ///
    /// If another thread has.
    pub fn asleep_in(&self, sleep: impl FnOnce()) {
        self.arrived.fetch_add(1, Ordering::Release);
        sleep();
        let awake = self.awake.fetch_add(1, Ordering::AcqRel) + 1;
        if awake.is_multiple_of(self.size) {
            *self.all_awake.lock().unwrap() = (awake / self.size, Instant::now());
        }
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
        let attendance = Arc::new(Attendance {
            size,
            arrived: AtomicUsize::new(0),
            awake: AtomicUsize::new(0),
            all_awake: Mutex::new((0, Instant::now())),
        });
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

    /// Waits until every thread has woken up for the `nth` time, and tells when the last one did.
    ///
    /// # Panics
    ///
    /// If one of them has.
    #[must_use]
    pub fn wait_awake(&self, nth: usize) -> Instant {
        loop {
            thread::sleep(Duration::from_micros(100)); // not in the way of those who wake up
            let (times, when) = *self.attendance.all_awake.lock().unwrap();
            if times == nth {
                return when;
            }
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
