//! Whether some order of the calls explains their answers.
//!
//! The search of J. M. Wing and C. Gong ("Testing and verifying concurrent objects", 1993): take any call
//! that none of the others precedes, see whether the sequential object answers the same, go on with the
//! rest, and turn round at a dead end. With the memory of G. Lowe ("Testing for linearizability", 2017): what
//! is left to explain depends on the calls that are left and on the object's state alone, so a pair
//! of these that led nowhere is not tried again.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;

use super::history::{Answer, Call, History, Operation};

/// A sequential object.
pub(crate) trait Spec: Clone + Eq + Hash + fmt::Debug + Send + Sync + 'static {
    /// What can be called.
    type Operation: Operation;

    /// Makes a call. Returns whether `answer` is what it returns; if not, the object is of no more use.
    fn apply(&mut self, operation: Self::Operation, answer: Answer) -> bool;

    /// Whether such a call with this answer leaves the object as it is, whatever it is.
    fn only_looks(&self, operation: Self::Operation, answer: Answer) -> bool;

    /// The calls that need no explanation, as bits, as less is promised of them than one instant at which
    /// they take effect. Which these are and why stands with the object that has any.
    fn excused(_calls: &[Call<Self::Operation>]) -> u64 {
        0
    }
}

/// A history of a sequential object's counterpart.
pub(crate) type HistoryOf<S> = History<S, <S as Spec>::Operation>;

/// What is wrong with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// No order of the calls explains the answers.
    NoOrder,
    /// A wait gave up before its deadline.
    Early,
    /// A call did not return although nothing held it back.
    Stall,
}

impl Violation {
    /// In words.
    #[must_use]
    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::NoOrder => "no order of the calls explains their answers",
            Self::Early => "a wait gave up before its deadline",
            Self::Stall => "a call did not return although nothing held it back",
        }
    }
}

/// The memory of searches, which serves again.
#[derive(Debug)]
pub(crate) struct Search<S> {
    /// Calls that were left, and the state.
    seen: HashSet<(u64, S)>,
    /// For each call, those that precede it.
    before: Vec<u64>,
}

impl<S> Default for Search<S> {
    fn default() -> Self {
        Self { seen: HashSet::new(), before: Vec::new() }
    }
}

impl<S: Spec> Search<S> {
    /// Looks for what is wrong with a history all of whose calls returned.
    pub(crate) fn check(&mut self, history: &HistoryOf<S>) -> Option<Violation> {
        if history.calls().iter().any(Call::is_early) {
            Some(Violation::Early)
        } else if !self.finds_order(history) {
            Some(Violation::NoOrder)
        } else {
            None
        }
    }

    fn finds_order(&mut self, history: &HistoryOf<S>) -> bool {
        let calls = history.calls();
        let all = (0..calls.len()).fold(0, |set, index| set | 1 << index);
        self.seen.clear();
        self.before.clear();
        self.before.extend((0..calls.len()).map(|second| {
            members(all)
                .filter(|&first| history.is_before(first, second))
                .fold(0, |set, first| set | 1 << first)
        }));
        self.explain(calls, all & !S::excused(calls), history.initial())
    }

    /// Whether the calls that are left can follow `state`.
    fn explain(&mut self, calls: &[Call<S::Operation>], left: u64, state: &S) -> bool {
        if left == 0 {
            return true;
        }
        if !self.seen.insert((left, state.clone())) {
            return false;
        }
        for index in members(left) {
            if self.before[index] & left != 0 {
                continue;
            }
            let Call { operation, answer, .. } = calls[index];
            let mut next = state.clone();
            if !next.apply(operation, answer) {
                continue;
            }
            let rest = left & !(1 << index);
            if state.only_looks(operation, answer) {
                // A look that may come now is in nobody's way, so it need not be tried later.
                return self.explain(calls, rest, state);
            }
            if self.explain(calls, rest, &next) {
                return true;
            }
        }
        false
    }
}

/// The numbers of the bits that are on.
fn members(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = set.trailing_zeros() as usize;
        set &= set.wrapping_sub(1);
        (lowest < 64).then_some(lowest)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::linearizability::objects::countdown::Call as Countdown;
    use crate::spec;

    /// What threads that all call at once may have seen of a countdown from 100: so many ticks each, and
    /// what was left at the end.
    fn ticks(threads: usize, ticks: u64, left: usize) -> HistoryOf<spec::Countdown> {
        let tick = |thread| {
            (0..ticks).map(move |time| Call {
                thread,
                operation: Countdown::Tick,
                answer: Answer::Is(false),
                start: time,
                end: time + 1,
            })
        };
        let mut calls: Vec<_> = (0..threads).flat_map(tick).collect();
        let (operation, answer) = (Countdown::Count, Answer::Number(left));
        calls.push(Call { thread: 0, operation, answer, start: 1_000, end: 1_001 });
        History::new(spec::Countdown::new(100), calls)
    }

    /// In as many orders as these calls have, nobody could look for a wrong one.
    #[test]
    fn what_led_nowhere_is_not_tried_again() {
        let mut search = Search::default();
        assert_eq!(search.check(&ticks(4, 15, 40)), None);
        assert_eq!(search.check(&ticks(4, 15, 39)), Some(Violation::NoOrder));
    }

    #[test]
    fn calls_that_are_hardly_apart_have_no_order() {
        let history = |pause: u64| {
            let call = |thread, operation, answer, start| Call {
                thread,
                operation,
                answer,
                start,
                end: start + 10,
            };
            let tick = call(0, Countdown::Tick, Answer::Is(true), 0);
            let look = call(1, Countdown::Count, Answer::Number(1), 10 + pause);
            HistoryOf::<spec::Countdown>::new(spec::Countdown::new(1), vec![tick, look])
        };
        let mut search = Search::default();
        assert_eq!(search.check(&history(50)), None);
        assert_eq!(search.check(&history(500)), Some(Violation::NoOrder));
    }

    #[test]
    fn a_limit_that_passes_on_time_is_not_early() {
        let limit = Duration::from_nanos(100);
        let history = |end| {
            let (operation, answer) = (Countdown::WaitFor(limit), Answer::Is(false));
            let call = Call { thread: 0, operation, answer, start: 7, end };
            HistoryOf::<spec::Countdown>::new(spec::Countdown::new(1), vec![call])
        };
        let mut search = Search::default();
        assert_eq!(search.check(&history(107)), None);
        assert_eq!(search.check(&history(106)), Some(Violation::Early));
    }

    #[test]
    fn members_are_the_bits_in_order() {
        assert_eq!(members(0).next(), None);
        assert!(members(1 | 1 << 5 | 1 << 63).eq([0, 5, 63]));
        assert!(members(u64::MAX).eq(0..64));
    }
}
