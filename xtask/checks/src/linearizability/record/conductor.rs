//! The thread that sees that a batch comes to its end.
//!
//! It sleeps until a history is *at rest*: each thread is done or in a wait without a limit. Then it rescues
//! those who wait, by calls that belong to the history. It does so only if the object itself says that it
//! is not available, with no more than those who wait need, and not again before one of them has returned.
//! So a wake-up that got lost is either missing in the end, or the batch stalls.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::{OperationOf, Recorded, Subject};
use crate::linearizability::history::{Answer, CONDUCTOR, Call, History, Operation, Waiting};
use crate::linearizability::program::Generator;

/// How often to look for a history at rest if nobody tells of one, and whether all goes on.
const LOOK: Duration = Duration::from_millis(20);

/// What it knows.
pub(super) struct Conductor<S: Subject> {
    batch: Arc<Batch<S>>,
    /// Its own calls for each history.
    calls: Vec<Vec<Call<OperationOf<S>>>>,
    /// The history that was rescued last, and how many of those who rested had returned then.
    rescued: Option<(usize, usize)>,
}

impl<S: Subject> Conductor<S> {
    pub(super) fn new(batch: Arc<Batch<S>>) -> Self {
        let calls = vec![Vec::new(); batch.runs.len()];
        Self { batch, calls, rescued: None }
    }

    /// Helps until all are done. If nothing happens for as long as `patience`, returns the history that
    /// does not go on.
    pub(super) fn supervise(&mut self, patience: Duration) -> Result<(), Box<Recorded<S>>> {
        let mut seen = self.signs_of_life();
        let mut since = Instant::now();
        while !self.batch.is_over() {
            self.help();
            thread::park_timeout(LOOK);
            let now = self.signs_of_life();
            if seen != now {
                (seen, since) = (now, Instant::now());
            } else if since.elapsed() > patience {
                return Err(Box::new(self.stalled()));
            }
        }
        Ok(())
    }

    /// The number of the history that is being made.
    fn current(&self) -> usize {
        // When all are done with the last one, that one.
        (self.batch.arrivals() / self.batch.threads).min(self.batch.runs.len() - 1)
    }

    /// Something that changes with each call.
    fn signs_of_life(&self) -> [usize; 2] {
        let steps = self.batch.runs[self.current()].threads.iter().flatten();
        [self.batch.arrivals(), steps.filter(|slot| slot.is_finished()).count()]
    }

    /// Rescues those who wait if nobody else will.
    fn help(&mut self) {
        let index = self.current();
        let run = &self.batch.runs[index];
        // Before the look at who is active: a return in between would not be rescued twice then.
        let returns = run.returns.load(Ordering::Acquire);
        let is_at_rest = run.active.load(Ordering::Acquire) == 0;
        let pending = run.pending().into_iter().map(|pending| pending.operation);
        let resting: Vec<_> =
            pending.filter(|operation| operation.waiting() == Waiting::Forever).collect();
        if is_at_rest && !resting.is_empty() && self.rescued != Some((index, returns)) {
            self.rescued = Some((index, returns));
            let batch = Arc::clone(&self.batch);
            S::rescue(&resting, |operation| self.perform(&batch, index, operation));
        }
    }

    /// Makes a call that belongs to a history.
    fn perform(&mut self, batch: &Batch<S>, index: usize, operation: OperationOf<S>) -> Answer {
        let start = batch.now();
        let object = &batch.runs[index].object;
        let answer = object.perform(operation, &mut S::Held::default());
        let answer = answer.expect("it needs nothing");
        let end = batch.now();
        self.calls[index].push(Call { thread: CONDUCTOR, operation, answer, start, end });
        answer
    }

    pub(super) fn look_at_the_end(&mut self) {
        let batch = Arc::clone(&self.batch);
        for index in 0..batch.runs.len() {
            for &operation in S::Model::LAST {
                self.perform(&batch, index, operation);
            }
        }
    }

    fn stalled(&self) -> Recorded<S> {
        let index = self.current();
        self.history(index).with_pending(self.batch.runs[index].pending())
    }

    pub(super) fn history(&self, index: usize) -> Recorded<S> {
        let run = &self.batch.runs[index];
        let mut calls = run.calls();
        calls.extend_from_slice(&self.calls[index]);
        History::new(run.model.clone(), calls)
    }
}
