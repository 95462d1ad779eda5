//! An auto-reset event as a mutex: a wait locks it, a set unlocks it.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use crossbeam_utils::CachePadded;

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::{Stopwatch, Taken};
use crate::objects::Mutex;
use crate::placement::Placement::TwoCores;
use crate::workers::Workers;

const ABOUT: &str = "\
Threads on two cores increment four shared counters, over and over, each time between a wait and a set of an
auto-reset event that begins as set, and work for about 0.1 µs in between: the time of one passage. Mutexes and a
semaphore of one permit do the same. (Without that work a lock is the faster the longer one thread keeps the others
out.)";

/// Multiplications between two passages, each of which waits for the one before: four to five cycles.
const WORK: u32 = 64;

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("mutex", "Event as a mutex", ABOUT);
    for threads in [2, 8] {
        let title = format!("Passage, {threads} threads");
        // Elsewhere the scheduler may run them one after another on one core, where they hardly meet.
        let row = &mut bench.row(&format!("threads_{threads}"), &title).pinned(TwoCores);
        let workers = &Workers::new(threads + 1, TwoCores);
        each!(mutex: measure(row, workers));
    }
}

fn measure<M: Mutex>(row: &mut Row<'_>, workers: &Workers) {
    let observer = workers.size - 1;
    row.measure(M::CONTENDER, |times| {
        let load = Arc::new(Load::<M>::new());
        let (result, observed) = mpsc::channel();
        let shared = Arc::clone(&load);
        workers.run_all(move |nth| {
            if nth == observer {
                result.send(shared.observe()).unwrap();
            } else {
                shared.pass_until_stopped();
            }
        });
        load.check();
        let (taken, passages) = observed.recv().unwrap();
        taken.scaled(times, passages)
    });
}

/// Runs for a time, not for a number of passages: the first thread could be done with its share before the
/// others have started.
struct Load<M> {
    protected: CachePadded<Protected<M>>,
    stop: AtomicBool,
    /// Of all threads, when they have stopped.
    passages: AtomicU64,
}

/// Counters beside the mutex that protects them.
struct Protected<M> {
    mutex: M,
    counters: [AtomicU64; 4],
}

impl<M: Mutex> Load<M> {
    fn new() -> Self {
        let protected = Protected { mutex: M::new(), counters: Default::default() };
        Self {
            protected: CachePadded::new(protected),
            stop: AtomicBool::new(false),
            passages: AtomicU64::new(0),
        }
    }

    fn pass_until_stopped(&self) {
        let Protected { mutex, counters } = &*self.protected;
        let mut passages = 0;
        while !self.stop.load(Ordering::Relaxed) {
            mutex.with_lock(|| {
                for counter in counters {
                    // Not one atomic step: that is what the mutex is for.
                    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                }
            });
            passages += 1;
            black_box((0..WORK).fold(1.0, |product, _| black_box(product * 1.000_1)));
        }
        self.passages.fetch_add(passages, Ordering::Relaxed);
    }

    /// What passages took for a while, and how many there were. Then stops the threads.
    fn observe(&self) -> (Taken, u64) {
        let passages = || self.protected.counters[0].load(Ordering::Relaxed);
        thread::sleep(Duration::from_millis(3)); // all threads are there
        let (watch, before) = (Stopwatch::start(), passages());
        loop {
            thread::sleep(Duration::from_millis(10));
            let (taken, passages) = (watch.stop(), passages() - before);
            // None, if a thread was interrupted all the time while it had the mutex.
            if passages > 0 {
                self.stop.store(true, Ordering::Relaxed);
                return (taken, passages);
            }
        }
    }

    /// Each increment of each counter is there.
    fn check(&self) {
        let passages = self.passages.load(Ordering::Relaxed);
        for counter in &self.protected.counters {
            let counted = counter.load(Ordering::Relaxed);
            assert_eq!(counted, passages, "two threads had the mutex at once");
        }
    }
}
