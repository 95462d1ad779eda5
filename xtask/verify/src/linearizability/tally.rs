//! Checking recorded histories, and counting what was in them.

use std::num::NonZero;
use std::ops::AddAssign;
use std::thread;

use report::Stats;

use super::history::{Answer, Call, Operation, Waiting};
use super::kinds::Kinds;
use super::search::{HistoryOf, Search, Spec, Violation};
use super::table;

/// A wait that succeeds after more nanoseconds than these has slept, or spun for long.
const BLOCKED: u64 = 10_000;

/// What was checked, and found.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Histories that were checked.
    pub histories: u64,
    /// Calls in them.
    pub operations: u64,
    /// Waits that succeeded, but not at once.
    pub blocked: u64,
    /// Waits that failed at the end of their limit.
    pub timeouts: u64,
    /// How often each kind of call came up.
    pub kinds: Kinds,
    /// Histories that are wrong.
    pub violations: u64,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
}

/// A history that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(super) violation: Violation,
    /// For people.
    pub text: String,
}

impl Tally {
    /// A single history that is wrong.
    pub(super) fn of_violation<S: Spec>(violation: Violation, history: &HistoryOf<S>) -> Self {
        let mut tally = Self::of_none::<S>();
        tally.count(history);
        tally.note(violation, history);
        tally
    }

    /// The report of an object of which this was checked.
    #[must_use]
    pub fn stats(&self, object: &str) -> Stats {
        let counts = [
            ("operations", self.operations),
            ("histories", self.histories),
            ("blocked waits", self.blocked),
            ("timeouts", self.timeouts),
        ];
        Stats::new(object, &counts, &[("violations", self.violations)], self.kinds.outcomes())
    }

    fn of_none<S: Spec>() -> Self {
        Self { kinds: Kinds::expected::<S::Operation>(), ..Self::default() }
    }

    fn count<S: Spec>(&mut self, history: &HistoryOf<S>) {
        let calls = history.calls();
        self.histories += 1;
        self.operations += calls.len() as u64;
        self.blocked += calls.iter().filter(|call| has_blocked(call)).count() as u64;
        self.timeouts += calls.iter().filter(|call| call.timeout().is_some()).count() as u64;
        calls.iter().for_each(|call| self.kinds.note(call));
    }

    fn note<S: Spec>(&mut self, violation: Violation, history: &HistoryOf<S>) {
        self.violations += 1;
        let text = format!("{}\n{}", violation.describe(), table::render::<S>(history));
        self.findings.push(Finding { violation, text });
    }
}

fn has_blocked<O: Operation>(call: &Call<O>) -> bool {
    call.operation.waiting() != Waiting::Never
        && call.answer == Answer::Is(true)
        && call.end - call.start > BLOCKED
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.operations += other.operations;
        self.blocked += other.blocked;
        self.timeouts += other.timeouts;
        self.kinds.add(other.kinds);
        self.violations += other.violations;
        self.findings.extend(other.findings);
    }
}

/// Checks histories on all processors.
pub(super) fn check<S: Spec>(histories: &[HistoryOf<S>]) -> Tally {
    let jobs = thread::available_parallelism().map_or(1, NonZero::get);
    let share = histories.len().div_ceil(jobs).max(1);
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let check = |share| scope.spawn(move || check_share::<S>(share));
        let checkers: Vec<_> = histories.chunks(share).map(check).collect();
        for checker in checkers {
            tally += checker.join().expect("a search panicked");
        }
    });
    tally
}

fn check_share<S: Spec>(histories: &[HistoryOf<S>]) -> Tally {
    let mut search = Search::default();
    let mut tally = Tally::of_none::<S>();
    for history in histories {
        tally.count::<S>(history);
        if let Some(violation) = search.check(history) {
            tally.note::<S>(violation, history);
        }
    }
    tally
}
