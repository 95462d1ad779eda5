//! Many threads that are parked at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Threads that all do the same.
pub(crate) struct Waiters {
    waits: Arc<Waits>,
    threads: Vec<JoinHandle<()>>,
    all_awake: Receiver<Instant>,
}

/// How many waits have begun and ended.
pub(crate) struct Waits {
    threads: usize,
    begun: AtomicUsize,
    ended: AtomicUsize,
    /// When the last thread woke up. It takes the time itself: the thread that waits for it may be scheduled
    /// late.
    all_awake: Sender<Instant>,
}

impl Waits {
    /// Counts `wait`, in which the calling thread is to be parked.
    pub(crate) fn count(&self, wait: impl FnOnce()) {
        self.begun.fetch_add(1, Ordering::Release);
        wait();
        let ended = self.ended.fetch_add(1, Ordering::AcqRel) + 1;
        if ended.is_multiple_of(self.threads) {
            self.all_awake.send(Instant::now()).unwrap();
        }
    }
}

impl Waiters {
    /// Starts `threads` threads, each with its number and the counter of its waits.
    pub(crate) fn start(
        threads: usize,
        work: impl Fn(usize, &Waits) + Clone + Send + 'static,
    ) -> Self {
        let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (last, all_awake) = mpsc::channel();
        let waits = Arc::new(Waits { threads, begun, ended, all_awake: last });
        let spawn = |nth| {
            let (waits, work) = (Arc::clone(&waits), work.clone());
            // Small stacks, as there may be thousands.
            let thread = thread::Builder::new().stack_size(64 << 10);
            thread.spawn(move || work(nth, &waits)).unwrap()
        };
        let threads = (0..threads).map(spawn).collect();
        Self { waits, threads, all_awake }
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

    /// Waits until every thread has woken up once more. Returns when the last one did.
    pub(crate) fn all_awake(&self) -> Instant {
        self.all_awake.recv().unwrap()
    }

    /// Waits until all threads have ended.
    pub(crate) fn join(self) {
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}
