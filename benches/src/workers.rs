//! Threads that stay from sample to sample: what a thread learns about its waits belongs to the warm-up, as
//! in a program whose threads live long.

use std::cell::OnceCell;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

use crate::measure::Taken;
use crate::placement::Placement;

/// What one thread does in a sample.
pub(crate) type Work = Box<dyn FnOnce() + Send>;

/// A number of threads, which start when there is work.
pub(crate) struct Workers {
    pub(crate) size: usize,
    placement: Placement,
    started: OnceCell<Started>,
}

struct Started {
    start: Arc<Barrier>,
    threads: Vec<(Sender<Work>, JoinHandle<()>)>,
    done: Receiver<Span>,
}

/// From when to when a thread worked, and how much. Threads take the time themselves: the one that waits for
/// them may be scheduled late.
struct Span {
    start: Instant,
    end: Instant,
    cpu: Duration,
}

impl Span {
    fn of(work: Work) -> Self {
        let (cpu, start) = (ThreadTime::now(), Instant::now());
        work();
        Self { start, end: Instant::now(), cpu: cpu.elapsed() }
    }

    /// From the first start to the last end.
    fn with(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
            cpu: self.cpu + other.cpu,
        }
    }
}

impl Workers {
    /// `size` threads, placed as `placement` says.
    pub(crate) fn new(size: usize, placement: Placement) -> Self {
        Self { size, placement, started: OnceCell::new() }
    }

    /// Gives each thread its work, and measures from the first start to the last end.
    pub(crate) fn run(&self, work: impl IntoIterator<Item = Work>) -> Taken {
        let Started { start, threads, done } = self.started.get_or_init(|| self.start());
        let mut work = work.into_iter();
        for (thread, _) in threads {
            thread.send(work.next().expect("work for all")).unwrap();
        }
        start.wait();
        let whole = threads.iter().map(|_| done.recv().unwrap()).reduce(Span::with);
        let Span { start, end, cpu } = whole.expect("a thread");
        Taken::new(end - start, cpu)
    }

    /// Gives each thread the same work, with its number.
    pub(crate) fn run_all(&self, work: impl Fn(usize) + Send + Sync + 'static) -> Taken {
        let work = Arc::new(work);
        self.run((0..self.size).map(|nth| {
            let work = Arc::clone(&work);
            Box::new(move || work(nth)) as Work
        }))
    }

    fn start(&self) -> Started {
        let (size, placement) = (self.size, self.placement);
        let start = Arc::new(Barrier::new(size + 1));
        let (finished, done) = mpsc::channel();
        let spawn = |nth| {
            let (barrier, finished) = (Arc::clone(&start), finished.clone());
            let (give, work) = mpsc::channel::<Work>();
            let thread = thread::spawn(move || {
                placement.apply(nth);
                for work in work {
                    barrier.wait();
                    finished.send(Span::of(work)).unwrap();
                }
            });
            (give, thread)
        };
        let threads = (0..size).map(spawn).collect();
        Started { start, threads, done }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        for (give, thread) in self.threads.drain(..) {
            drop(give); // no more work
            let _panicked = thread.join();
        }
    }
}
