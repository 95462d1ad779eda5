//! The thread that sees that a batch comes to its end.
//!
//! It sleeps until a history is *at rest*: each thread is done or in a wait without a limit. Then it rescues
//! those who wait, by calls that belong to the history. It does so only if the object itself says that it
//! is not available, with no more than those who wait need, and not again before one of them has returned.
//! So a wake-up that got lost is either missing in the end, or the batch stalls.
//!
//! What it calls may be as wrong as the rest and never return. So others [watch](super::supervisor) over it.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::Subject;
use super::batch::Batch;
use crate::linearizability::history::{Operation, Waiting};
use crate::linearizability::program::Generator;

/// How often to look for a history at rest if nobody tells of one.
const LOOK: Duration = Duration::from_millis(20);

/// What it knows.
pub(super) struct Conductor<'a, S: Subject> {
    batch: &'a Batch<S>,
    /// The history that was rescued last, and how many of those who rested had returned then.
    rescued: Option<(usize, usize)>,
}

impl<'a, S: Subject> Conductor<'a, S> {
    pub(super) const fn new(batch: &'a Batch<S>) -> Self {
        Self { batch, rescued: None }
    }

    /// Helps until all are done, and has a last look at each object.
    pub(super) fn conduct(&mut self) {
        self.batch.be_conductor();
        while !self.batch.is_over() {
            self.help();
            thread::park_timeout(LOOK);
        }
        for index in 0..self.batch.runs.len() {
            for &operation in S::Model::LAST {
                self.batch.aid(index, operation);
            }
        }
    }

    /// Rescues those who wait if nobody else will.
    fn help(&mut self) {
        let index = self.batch.current();
        let run = &self.batch.runs[index];
        // Before the look at who is active: a return in between would not be rescued twice then.
        let returns = run.returns.load(Ordering::Acquire);
        let is_at_rest = run.active.load(Ordering::Acquire) == 0;
        let pending = run.pending().into_iter().map(|pending| pending.operation);
        let resting: Vec<_> =
            pending.filter(|operation| operation.waiting() == Waiting::Forever).collect();
        if is_at_rest && !resting.is_empty() && self.rescued != Some((index, returns)) {
            self.rescued = Some((index, returns));
            S::rescue(&resting, |operation| self.batch.aid(index, operation));
        }
    }
}
