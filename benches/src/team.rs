//! Threads that stay: what a thread learns about its waits belongs to the warm-up, as in a program whose
//! threads live longer than a sample.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

use crate::measure::Taken;
use crate::placement::Placement;

/// What one thread does in a sample.
pub type Work = Box<dyn FnOnce() + Send>;

/// A number of threads that work together. They end with it.
#[derive(Debug)]
pub struct Team {
    start: Arc<Barrier>,
    threads: Vec<Sender<Work>>,
    done: Receiver<Shift>,
}

/// From when to when a thread worked. On its own clock, as whoever watches may not be scheduled then.
#[derive(Debug)]
struct Shift {
    start: Instant,
    end: Instant,
}

impl Team {
    /// `size` threads, put where `placement` says.
    ///
    /// # Panics
    ///
    /// In the threads, if that cannot be done: see [`Placement::check`].
    #[must_use]
    pub fn new(size: usize, placement: Placement) -> Self {
        let start = Arc::new(Barrier::new(size + 1));
        let (tell, done) = mpsc::channel();
        let spawn = |nth| {
            let (barrier, tell) = (Arc::clone(&start), tell.clone());
            let (give, work) = mpsc::channel::<Work>();
            thread::spawn(move || {
                placement.apply(nth);
                for work in work {
                    barrier.wait();
                    let start = Instant::now();
                    work();
                    tell.send(Shift { start, end: Instant::now() }).unwrap();
                }
            });
            give
        };
        let threads = (0..size).map(spawn).collect();
        Self { start, threads, done }
    }

    /// Gives each thread its work, and measures from the moment when the first starts until the last is
    /// done.
    ///
    /// # Panics
    ///
    /// If a thread has panicked, or there is not work for all.
    pub fn run(&self, work: impl IntoIterator<Item = Work>) -> Taken {
        let mut work = work.into_iter();
        for thread in &self.threads {
            thread.send(work.next().expect("work for all")).unwrap();
        }
        let cpu = ProcessTime::now();
        self.start.wait();
        let shifts = self.threads.iter().map(|_| self.done.recv().unwrap());
        let whole =
            shifts.reduce(|a, b| Shift { start: a.start.min(b.start), end: a.end.max(b.end) });
        let wall = whole.map_or(Duration::ZERO, |shift| shift.end - shift.start);
        Taken { wall, cpu: cpu.elapsed() }
    }
}
