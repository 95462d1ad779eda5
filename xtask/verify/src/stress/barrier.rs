//! A barrier between rounds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::worker::Worker;

/// A barrier for a fixed number of threads. What is lost in a round cannot be made up for by the next one: a
/// thread that still waits for it does not arrive.
#[derive(Debug)]
pub(super) struct Barrier {
    threads: u64,
    arrived: AtomicU64,
    /// How often all have arrived.
    passed: AtomicU64,
    is_over: AtomicBool,
}

impl Barrier {
    pub(super) fn new(threads: usize) -> Self {
        let [arrived, passed] = [const { AtomicU64::new(0) }; 2];
        Self { threads: threads as u64, arrived, passed, is_over: AtomicBool::new(false) }
    }

    /// Returns when all have arrived.
    pub(super) fn wait(&self, worker: &Worker<'_>) {
        let arrived = self.arrived.fetch_add(1, Ordering::AcqRel) + 1;
        let number = arrived.div_ceil(self.threads);
        if arrived == number * self.threads {
            // The last one decides for all, while none can be at the next barrier. However late it is, there
            // is a first round.
            self.is_over.store(number > 1 && worker.harness.is_over(), Ordering::Relaxed);
            self.passed.store(number, Ordering::Release);
        }
        worker.until(|| self.passed.load(Ordering::Acquire) >= number);
    }

    /// Ends a round. Returns when all have arrived: whether there is another one, which is the same for all.
    pub(super) fn next_round(&self, worker: &Worker<'_>) -> bool {
        self.wait(worker);
        worker.end_round();
        !self.is_over.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::super::harness::Harness;
    use super::Barrier;

    #[test]
    fn all_threads_end_after_the_same_round_which_may_be_the_first() {
        const THREADS: usize = 3;
        for rounds in [1, 100] {
            let (harness, barrier) = (Harness::new("test"), Barrier::new(THREADS));
            let arrived = AtomicUsize::new(0);
            let work = &|worker: &super::Worker<'_>| {
                for round in 1.. {
                    if round == rounds {
                        harness.stop();
                    }
                    arrived.fetch_add(1, Ordering::Relaxed);
                    let goes_on = barrier.next_round(worker);
                    assert!(arrived.load(Ordering::Relaxed) >= THREADS * round);
                    if !goes_on {
                        break;
                    }
                }
            };
            thread::scope(|scope| {
                harness.spawn(scope, THREADS, "member", work);
            });
            let arrived = arrived.into_inner();
            assert!(arrived.is_multiple_of(THREADS) && arrived >= THREADS * rounds.max(2));
        }
    }
}
