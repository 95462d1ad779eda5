//! Many threads that are parked at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Threads that all do the same.
pub(crate) struct Waiters {
    waits: Arc<Waits>,
    threads: Vec<JoinHandle<()>>,
}

/// How many waits have begun and ended.
pub(crate) struct Waits {
    threads: usize,
    begun: AtomicUsize,
    ended: AtomicUsize,
    /// How often all threads woke up, and when the last one did. It takes the time itself: the thread that
    /// waits for it may be scheduled late.
    all_awake: Mutex<(usize, Instant)>,
}

impl Waits {
    /// Counts `wait`, in which the calling thread is to be parked.
    pub(crate) fn count(&self, wait: impl FnOnce()) {
        self.begun.fetch_add(1, Ordering::Release);
        wait();
        let ended = self.ended.fetch_add(1, Ordering::AcqRel) + 1;
        if ended.is_multiple_of(self.threads) {
            *self.all_awake.lock().unwrap() = (ended / self.threads, Instant::now());
        }
    }
}

impl Waiters {
    /// Starts `threads` threads, each with its number and the counter of its waits.
    pub(crate) fn start(
        threads: usize,
        work: impl Fn(usize, &Waits) + Clone + Send + 'static,
    ) -> Self {
        let waits = Arc::new(Waits {
            threads,
            begun: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            all_awake: Mutex::new((0, Instant::now())),
        });
        let spawn = |nth| {
            let (waits, work) = (Arc::clone(&waits), work.clone());
            // Small stacks, as there may be thousands.
            let thread = thread::Builder::new().stack_size(64 << 10);
            thread.spawn(move || work(nth, &waits)).unwrap()
        };
        let threads = (0..threads).map(spawn).collect();
        Self { waits, threads }
    }

    /// Waits until every thread is parked for the `nth` time, counted from one.
    pub(crate) fn all_parked(&self, nth: usize) {
        while self.waits.begun.load(Ordering::Acquire) < nth * self.threads.len() {
            thread::sleep(Duration::from_micros(100));
        }
        // All are about to park. Gives them the time: no contender tells how many have.
        let each = Duration::from_micros(5);
        thread::sleep(Duration::from_millis(1) + each * self.threads.len() as u32);
    }

    /// Waits until every thread has woken up for the `nth` time. Returns when the last one did.
    pub(crate) fn all_awake(&self, nth: usize) -> Instant {
        loop {
            thread::sleep(Duration::from_micros(100)); // leaves the processors to the threads
            let (times, when) = *self.waits.all_awake.lock().unwrap();
            if times == nth {
                return when;
            }
        }
    }

    /// Waits until all threads have ended.
    pub(crate) fn join(self) {
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}
