//! What was called, when, and with which answer.

use std::fmt;
use std::time::Duration;

/// How much later than its clock reading a processor may carry out what comes before that reading, and
/// how much earlier what comes after it, in nanoseconds. Calls of two threads are ordered only if they are
/// further apart.
const SKEW: u64 = 100;

/// The most calls of a history: the search keeps a set of them in a word.
pub(crate) const LONGEST: usize = 64;

/// The number of the thread that rescues the others and has the last look.
pub(crate) const CONDUCTOR: usize = 0;

/// A method of an object with its arguments.
pub(crate) trait Operation: Copy + fmt::Debug + Send + Sync + 'static {
    /// Each method, with the answers that should come up.
    const METHODS: &'static [(&'static str, Answers)];

    /// Which of them it calls.
    fn method(&self) -> &'static str;

    /// How long it may block.
    fn waiting(&self) -> Waiting;
}

/// How long a call may block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// Not at all.
    Never,
    /// This long, and if that was not enough it fails.
    For(Duration),
    /// As long as it takes.
    Forever,
}

/// What a call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nothing.
    Done,
    /// Whether it succeeded, or whether something is so.
    Is(bool),
    /// How much there is or was.
    Number(usize),
}

/// Which answers calls of a method have, as far as they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// Whether something is so or has succeeded.
    YesAndNo,
    /// That it has succeeded.
    Yes,
    /// Nothing or a number.
    Other,
}

/// A call that returned. Times are in nanoseconds since a common start.
#[derive(Clone, Debug)]
pub(crate) struct Call<O> {
    /// Who called.
    pub(crate) thread: usize,
    /// What.
    pub(crate) operation: O,
    /// What it returned.
    pub(crate) answer: Answer,
    /// Read from the clock before the call.
    pub(crate) start: u64,
    /// Read from the clock after it.
    pub(crate) end: u64,
}

impl<O: Operation> Call<O> {
    /// The limit of a wait that ended with it.
    #[must_use]
    pub(crate) fn timeout(&self) -> Option<Duration> {
        match self.operation.waiting() {
            Waiting::For(limit) if self.answer == Answer::Is(false) => Some(limit),
            _ => None,
        }
    }

    /// The earliest time at which it may have taken effect. A timeout must be explained by a moment
    /// after the deadline, since a set that came before would have won.
    #[must_use]
    pub(crate) fn earliest(&self) -> u64 {
        self.start + self.timeout().map_or(0, nanoseconds)
    }

    /// Whether it gave up before its deadline.
    #[must_use]
    pub(crate) fn is_early(&self) -> bool {
        self.end < self.earliest()
    }

    /// Whether it was over before this time, on whichever processor.
    #[must_use]
    pub(crate) fn is_over_before(&self, time: u64) -> bool {
        self.end + SKEW < time
    }
}

/// The time that a duration of less than centuries takes.
#[must_use]
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A call that has not returned.
#[derive(Clone, Debug)]
pub(crate) struct Pending<O> {
    /// Who called.
    pub(crate) thread: usize,
    /// What.
    pub(crate) operation: O,
    /// Read from the clock before the call.
    pub(crate) start: u64,
}

/// All calls on one object.
#[derive(Clone, Debug)]
pub(crate) struct History<S, O> {
    initial: S,
    calls: Vec<Call<O>>,
    pending: Vec<Pending<O>>,
}

impl<S, O: Operation> History<S, O> {
    /// The calls on an object that was made like `initial`. Those of one thread come in its order.
    ///
    /// # Panics
    ///
    /// If there are more than [`LONGEST`].
    #[must_use]
    pub(crate) fn new(initial: S, mut calls: Vec<Call<O>>) -> Self {
        assert!(calls.len() <= LONGEST, "a history of {} calls", calls.len());
        // Stable, for clocks that stand still for a call or two. In the order of their ends is nearly
        // always right, so the search seldom has to turn round.
        calls.sort_by_key(|call| call.end);
        Self { initial, calls, pending: Vec::new() }
    }

    /// The same with calls that did not return.
    #[must_use]
    pub(crate) fn with_pending(self, pending: Vec<Pending<O>>) -> Self {
        Self { pending, ..self }
    }

    /// What the object was at first.
    #[must_use]
    pub(crate) const fn initial(&self) -> &S {
        &self.initial
    }

    /// The calls, by their ends, and so also in the order of each thread.
    #[must_use]
    pub(crate) fn calls(&self) -> &[Call<O>] {
        &self.calls
    }

    /// The calls that did not return.
    #[must_use]
    pub(crate) fn pending(&self) -> &[Pending<O>] {
        &self.pending
    }

    /// Whether the call at `first` took effect before the one at `second`.
    #[must_use]
    pub(crate) fn is_before(&self, first: usize, second: usize) -> bool {
        let (one, other) = (&self.calls[first], &self.calls[second]);
        if one.thread == other.thread {
            first < second
        } else {
            one.is_over_before(other.earliest())
        }
    }
}
