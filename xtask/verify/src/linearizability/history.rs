//! What was called, when, and with which answer.

use std::time::Duration;

use crate::op::{Answer, Model, Operation};
use crate::wait::WaitKind;

/// How much later than its clock reading a processor may carry out what comes before that reading, and
/// how much earlier what comes after it, in nanoseconds. Calls of two threads are ordered only if they are
/// further apart.
const SKEW: u64 = 100;

/// The most calls of a history: the search keeps a set of them in a word.
pub const LONGEST: usize = 64;

/// The thread that rescues the others and makes the last calls.
pub const CONDUCTOR: usize = 0;

/// When a call returned that has not.
pub const NEVER: u64 = u64::MAX;

/// A call. Times are in nanoseconds since a common start.
#[derive(Clone, Debug)]
pub struct Call<O> {
    /// Which thread called.
    pub thread: usize,
    /// What.
    pub operation: O,
    /// What it returned. `None` if it has not.
    pub answer: Option<Answer>,
    /// Read from the clock before the call.
    pub start: u64,
    /// Read from the clock after it, or [`NEVER`].
    pub end: u64,
}

impl<O: Operation> Call<O> {
    /// The limit of a wait that timed out.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        let wait = self.operation.wait().filter(|_| self.answer == Some(Answer::Is(false)));
        wait.and_then(WaitKind::limit)
    }

    /// The earliest time at which it may have taken effect. A timeout must be explained by a moment
    /// after the deadline, since a set that came before would have won.
    #[must_use]
    pub fn earliest(&self) -> u64 {
        self.start + self.timeout().map_or(0, nanoseconds)
    }

    /// Whether it gave up before its deadline.
    #[must_use]
    pub fn is_early(&self) -> bool {
        self.end < self.earliest()
    }

    /// Whether another thread made `other` at the same time.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        other.thread != self.thread
            && !other.is_over_before(self.earliest())
            && !self.is_over_before(other.start)
    }

    /// Whether it was over before this time, on whichever processor.
    #[must_use]
    pub fn is_over_before(&self, time: u64) -> bool {
        self.end + SKEW < time
    }
}

/// The time that a duration of less than centuries takes.
#[must_use]
pub fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// All calls on one object.
#[derive(Clone, Debug)]
pub struct History<M: Model> {
    /// What the object was at first.
    pub initial: M,
    /// The calls by their ends, and so also in the order of each thread.
    pub calls: Vec<Call<M::Operation>>,
}

impl<M: Model> History<M> {
    /// The calls on an object that was made like `initial`. Those of one thread come in its order.
    ///
    /// # Panics
    ///
    /// If there are more than [`LONGEST`].
    #[must_use]
    pub fn new(initial: M, mut calls: Vec<Call<M::Operation>>) -> Self {
        assert!(calls.len() <= LONGEST, "a history of {} calls", calls.len());
        // Stable, for clocks that stand still for a call or two. The order of the ends is nearly always
        // right, so the search seldom has to backtrack.
        calls.sort_by_key(|call| call.end);
        Self { initial, calls }
    }

    /// Whether the call at `first` took effect before the one at `second`.
    #[must_use]
    pub fn is_before(&self, first: usize, second: usize) -> bool {
        self.is_before_time(first, second, self.calls[second].earliest())
    }

    /// Whether the call at `first` took effect before the one at `second` began.
    #[must_use]
    pub fn is_before_start(&self, first: usize, second: usize) -> bool {
        self.is_before_time(first, second, self.calls[second].start)
    }

    fn is_before_time(&self, first: usize, second: usize, time: u64) -> bool {
        let (one, other) = (&self.calls[first], &self.calls[second]);
        if one.thread == other.thread { first < second } else { one.is_over_before(time) }
    }

    /// A line for each call, by the times at which they began, indented by thread.
    #[must_use]
    pub fn render(&self) -> String {
        let mut calls: Vec<_> = self.calls.iter().collect();
        calls.sort_by_key(|call| call.start);
        let line = |&Call { thread, operation, answer, start, end }: &Call<M::Operation>| {
            let (end, answer) = answer.map_or_else(
                || ("never".to_owned(), "...".to_owned()),
                |answer| (end.to_string(), format!("= {answer:?}")),
            );
            let indent = thread * 8;
            format!("{start:>12} {end:>12}  {:indent$}{thread}: {operation:?} {answer}\n", "")
        };
        let lines: String = calls.into_iter().map(line).collect();
        let initial = &self.initial;
        format!("at first: {initial:?}; start ns, end ns, thread (0 is the conductor):\n{lines}")
    }
}
