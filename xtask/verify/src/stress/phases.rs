//! Phases in which every wait must succeed, or none.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};

use super::waits;
use super::worker::Worker;
use crate::wait::WaitKind;

/// Phases, counted from zero, and how far each waiter has come. Only one thread may advance them.
#[derive(Debug)]
pub(super) struct Phases<const WAITERS: usize> {
    now: AtomicU64,
    /// How a wait has to end that begins and ends in the phase of this number, if that is known.
    expected: fn(u64) -> Option<bool>,
    /// The last phase in which each waiter began a wait.
    begun: [AtomicU64; WAITERS],
    /// The last phase in which a wait of each waiter had to succeed, and did.
    succeeded: [AtomicU64; WAITERS],
    is_over: AtomicBool,
}

impl<const WAITERS: usize> Phases<WAITERS> {
    pub(super) fn new(expected: fn(u64) -> Option<bool>) -> Self {
        let [begun, succeeded] = [const { [const { AtomicU64::new(0) }; WAITERS] }; 2];
        Self { now: AtomicU64::new(0), expected, begun, succeeded, is_over: AtomicBool::new(false) }
    }

    /// Begins the next phase.
    pub(super) fn advance(&self) {
        self.now.fetch_add(1, Ordering::Release);
        // A thread that sees what happens from now on sees that the phase is over, also after a wait that
        // fails and so does not acquire.
        fence(Ordering::SeqCst);
    }

    /// Waits until every waiter has begun a wait in this phase, which has to be one in which waits fail.
    pub(super) fn until_all_have_begun(&self, worker: &Worker<'_>) {
        self.until_all_are_here(worker, &self.begun);
    }

    /// Waits until a wait of every waiter has succeeded in this phase, which has to be one in which they do.
    pub(super) fn until_all_have_succeeded(&self, worker: &Worker<'_>) {
        self.until_all_are_here(worker, &self.succeeded);
    }

    fn until_all_are_here(&self, worker: &Worker<'_>, waiters: &[AtomicU64]) {
        let now = self.now.load(Ordering::Relaxed);
        worker.until(|| waiters.iter().all(|waiter| waiter.load(Ordering::Acquire) == now));
    }

    /// Ends the waiters. To be called in a phase in which waits succeed.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// What a waiter does: calls `wait`, which returns whether it succeeded, until all is over. Just before a
    /// phase in which waits fail, they have a limit: no waiter sleeps from there until it is over.
    pub(super) fn wait_repeatedly(
        &self,
        worker: &Worker<'_>,
        mut wait: impl FnMut(WaitKind) -> bool,
    ) {
        let harness = worker.harness;
        while !self.is_over.load(Ordering::Relaxed) {
            let before = self.now.load(Ordering::Acquire);
            self.begun[worker.index].store(before, Ordering::Release);
            let will_fail = (self.expected)(before + 1) == Some(false);
            let succeeded = wait(if will_fail { waits::limited() } else { waits::any() });
            fence(Ordering::SeqCst); // with the one in `advance`
            let after = self.now.load(Ordering::Acquire);
            let expected = (self.expected)(before).filter(|_| before == after);
            harness.lost_unless(expected != Some(true) || succeeded, "a wait failed");
            harness.doubled_unless(expected != Some(false) || !succeeded, "a wait succeeded");
            if succeeded && expected == Some(true) {
                self.succeeded[worker.index].store(after, Ordering::Release);
                // More waits would succeed in the same way.
                let is_over = || self.is_over.load(Ordering::Relaxed);
                worker.until(|| self.now.load(Ordering::Relaxed) != after || is_over());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::harness::Harness;
    use super::super::stats::Counter;
    use super::super::status::Status;
    use super::{Ordering, Phases, Worker};

    /// The faults that are found if a waiter's only wait succeeds or not, in a phase of this expectation that may
    /// end meanwhile.
    fn faults(expected: fn(u64) -> Option<bool>, succeeds: bool, ends: bool) -> [u64; 2] {
        let harness = Harness::new("test");
        let worker = Worker::new(&harness, Status::leak("tester"), 0);
        let phases = Phases::<1>::new(expected);
        phases.wait_repeatedly(&worker, |_| {
            phases.end();
            if ends {
                phases.advance();
            }
            succeeds
        });
        [Counter::Lost, Counter::Doubled].map(|fault| harness.total(fault))
    }

    #[test]
    fn waits_are_judged_by_their_phase() {
        for succeeds in [true, false] {
            assert_eq!(faults(|_| None, succeeds, false), [0, 0]);
            assert_eq!(faults(|_| Some(true), succeeds, false), [u64::from(!succeeds), 0]);
            assert_eq!(faults(|_| Some(false), succeeds, false), [0, u64::from(succeeds)]);
            assert_eq!(faults(|_| Some(true), succeeds, true), [0, 0]);
            assert_eq!(faults(|_| Some(false), succeeds, true), [0, 0]);
        }
    }

    /// A thread that waits until all have begun in a phase in which waits fail does not wait for ever, as no
    /// waiter sleeps over its beginning.
    #[test]
    fn waits_just_before_they_fail_have_a_limit() {
        let harness = Harness::new("test");
        let worker = Worker::new(&harness, Status::leak("tester"), 0);
        let phases = Phases::<1>::new(|phase| [None, Some(false)][phase as usize % 2]);
        let mut waits = Vec::new();
        phases.wait_repeatedly(&worker, |kind| {
            let before = phases.begun[0].load(Ordering::Relaxed);
            waits.push((before, kind.limit().is_some()));
            if waits.len() == 200 {
                phases.end();
            }
            phases.advance();
            false
        });
        assert!(waits.iter().all(|&(phase, is_limited)| is_limited || phase % 2 == 1));
        assert!(waits.iter().any(|&(_, is_limited)| !is_limited));
        assert_eq!(phases.begun[0].load(Ordering::Relaxed), 199);
    }
}
