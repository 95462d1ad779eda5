//! A step of a program, and what became of it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::linearizability::history::{Answer, Call, Operation, Pending};
use crate::linearizability::program::Step;

/// A step, and what became of it.
pub(super) struct Slot<O> {
    pub(super) step: Step<O>,
    /// [`NEVER`] until then.
    start: AtomicU64,
    /// `None` if there was nothing to call.
    end: OnceLock<Option<(Answer, u64)>>,
}

const NEVER: u64 = u64::MAX;

impl<O> Slot<O> {
    pub(super) fn new(step: Step<O>) -> Self {
        Self { step, start: AtomicU64::new(NEVER), end: OnceLock::new() }
    }
}

impl<O: Operation> Slot<O> {
    /// The call begins now, and not before.
    pub(super) fn begin(&self, now: u64) {
        self.start.store(now, Ordering::Relaxed);
    }

    /// The call returned.
    pub(super) fn finish(&self, answer: Option<Answer>, now: u64) {
        let is_first = self.end.set(answer.map(|answer| (answer, now))).is_ok();
        assert!(is_first, "each step is taken once");
    }

    /// Whether it is over.
    pub(super) fn is_finished(&self) -> bool {
        self.end.get().is_some()
    }

    /// The call, if it was made and returned.
    pub(super) fn call(&self, thread: usize) -> Option<Call<O>> {
        let &(answer, end) = self.end.get()?.as_ref()?;
        let start = self.start.load(Ordering::Relaxed);
        Some(Call { thread, operation: self.step.operation, answer, start, end })
    }

    /// The call, if it is being made.
    pub(super) fn pending(&self, thread: usize) -> Option<Pending<O>> {
        let start = self.start.load(Ordering::Relaxed);
        let is_pending = start != NEVER && !self.is_finished();
        is_pending.then_some(Pending { thread, operation: self.step.operation, start })
    }
}
