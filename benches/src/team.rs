//! Threads that stay: what a thread learns about its waits belongs to the warm-up, as in a program whose
//! threads live longer than a sample.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier};
use std::thread;

use crate::measure::{Stopwatch, Taken};
use crate::placement::Placement;

/// What one thread does in a sample.
pub type Work = Box<dyn FnOnce() + Send>;

/// A number of threads that work together. They end with it.
#[derive(Debug)]
pub struct Team {
    start: Arc<Barrier>,
    threads: Vec<Sender<Work>>,
    done: Receiver<()>,
}

impl Team {
    /// `size` threads, put where `placement` says.
    #[must_use]
    pub fn new(size: usize, placement: Placement) -> Self {
        let start = Arc::new(Barrier::new(size + 1));
        let (tell, done) = mpsc::channel();
        let spawn = |nth| {
            let (start, tell) = (Arc::clone(&start), tell.clone());
            let (give, work) = mpsc::channel::<Work>();
            thread::spawn(move || {
                placement.apply(nth);
                for work in work {
                    start.wait();
                    work();
                    tell.send(()).unwrap();
                }
            });
            give
        };
        let threads = (0..size).map(spawn).collect();
        Self { start, threads, done }
    }

    /// Gives each thread its work, and measures from the moment when all are ready until all are done.
    ///
    /// # Panics
    ///
    /// If a thread has panicked, or there is not work for all.
    pub fn run(&self, work: impl IntoIterator<Item = Work>) -> Taken {
        let mut work = work.into_iter();
        for thread in &self.threads {
            thread.send(work.next().expect("work for all")).unwrap();
        }
        self.start.wait();
        let watch = Stopwatch::start();
        for _ in &self.threads {
            self.done.recv().unwrap();
        }
        watch.stop()
    }
}
