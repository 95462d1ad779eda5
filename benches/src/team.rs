//! Threads that stay: what a thread learns about its waits belongs to the warm-up, as in a program whose
//! threads live longer than a sample.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

use crate::measure::Taken;
use crate::placement::Placement;

/// What one thread does in a sample.
pub type Work = Box<dyn FnOnce() + Send>;

/// A number of threads that work together. They end with it.
#[derive(Debug)]
pub struct Team {
    start: Arc<Barrier>,
    threads: Vec<(Sender<Work>, JoinHandle<()>)>,
    done: Receiver<Shift>,
}

/// From when to when a thread worked, and how much. It tells itself, as whoever watches may not be
/// scheduled then, and works as well.
#[derive(Debug)]
struct Shift {
    start: Instant,
    end: Instant,
    cpu: Duration,
}

impl Shift {
    fn of(work: Work) -> Self {
        let (cpu, start) = (ThreadTime::now(), Instant::now());
        work();
        Self { start, end: Instant::now(), cpu: cpu.elapsed() }
    }

    /// Both, from the first start to the last end.
    fn with(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
            cpu: self.cpu + other.cpu,
        }
    }
}

impl Team {
    /// `size` threads, put where `placement` says.
    /// That must be possible, see [`Placement::check`].
    ///
    /// # Panics
    ///
    /// If so many threads cannot be had.
    #[must_use]
    pub fn new(size: usize, placement: Placement) -> Self {
        let start = Arc::new(Barrier::new(size + 1));
        let (tell, done) = mpsc::channel();
        let spawn = |nth| {
            let (barrier, tell) = (Arc::clone(&start), tell.clone());
            let (give, work) = mpsc::channel::<Work>();
            let thread = thread::spawn(move || {
                placement.apply(nth);
                for work in work {
                    barrier.wait();
                    tell.send(Shift::of(work)).unwrap();
                }
            });
            (give, thread)
        };
        let threads = (0..size).map(spawn).collect();
        Self { start, threads, done }
    }

    /// Gives each thread its work, and measures from the moment when the first starts until the last is
    /// done.
    ///
    /// # Panics
    ///
    /// If there is not work for all.
    pub fn run(&self, work: impl IntoIterator<Item = Work>) -> Taken {
        let mut work = work.into_iter();
        for (thread, _) in &self.threads {
            thread.send(work.next().expect("work for all")).unwrap();
        }
        self.start.wait();
        let shifts = self.threads.iter().map(|_| self.done.recv().unwrap());
        match shifts.reduce(Shift::with) {
            Some(whole) => Taken { wall: whole.end - whole.start, cpu: whole.cpu },
            None => Taken::NOTHING,
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        for (thread, handle) in self.threads.drain(..) {
            drop(thread); // no more work
            let _panicked = handle.join();
        }
    }
}
