//! Whether some order of the calls explains their answers.
//!
//! The search of J. M. Wing and C. Gong ("Testing and verifying concurrent objects", 1993): take any call
//! that none of the others precedes, see whether the sequential object answers the same, go on with the
//! rest, and turn round at a dead end. With the memory of G. Lowe ("Testing for linearizability", 2017): what
//! is left to explain depends on the calls that are left and on the object's state alone, so a pair
//! of these that led nowhere is not tried again.

use std::collections::HashSet;

use strum::IntoStaticStr;

use super::history::{Call, History};
use crate::op::Model;

/// What is wrong with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
pub enum Violation {
    /// No order of the calls explains the answers.
    #[strum(serialize = "no order of the calls explains their answers")]
    NoOrder,
    /// A wait timed out before its deadline.
    #[strum(serialize = "a wait timed out before its deadline")]
    Early,
    /// A call did not return although nothing held it back.
    #[strum(serialize = "a call did not return although nothing held it back")]
    Stall,
}

const RETURNED: &str = "only histories are searched all of whose calls returned";

/// A search. Each uses the memory of the one before.
#[derive(Debug)]
pub(crate) struct Search<M> {
    /// Calls that were left, and the state.
    seen: HashSet<(u64, M)>,
    /// For each call, those that precede it.
    before: Vec<u64>,
}

impl<M: Model> Search<M> {
    pub(crate) fn new() -> Self {
        Self { seen: HashSet::new(), before: Vec::new() }
    }

    /// Finds what is wrong with a history all of whose calls returned.
    pub(crate) fn check(&mut self, history: &History<M>) -> Option<Violation> {
        if history.calls.iter().any(Call::is_early) {
            Some(Violation::Early)
        } else if !self.finds_order(history) {
            Some(Violation::NoOrder)
        } else {
            None
        }
    }

    fn finds_order(&mut self, history: &History<M>) -> bool {
        let calls = &history.calls;
        let those = |condition: &dyn Fn(usize) -> bool| {
            (0..calls.len())
                .filter(|&index| condition(index))
                .fold(0, |set, index| set | 1 << index)
        };
        self.seen.clear();
        self.before.clear();
        self.before.extend(
            (0..calls.len()).map(|second| those(&|first| history.is_before(first, second))),
        );
        let excuses = |other: &Call<M::Operation>, call: &Call<M::Operation>| {
            let answer = call.answer.expect(RETURNED);
            call.overlaps(other) && M::excuses(other.operation, call.operation, answer)
        };
        let to_explain = those(&|index| !calls.iter().any(|other| excuses(other, &calls[index])));
        self.explain(calls, to_explain, &history.initial)
    }

    /// Whether the calls that are left can follow `state`.
    fn explain(&mut self, calls: &[Call<M::Operation>], left: u64, state: &M) -> bool {
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
            let answer = answer.expect(RETURNED);
            let mut next = state.clone();
            if !next.apply(operation, answer) {
                continue;
            }
            let rest = left & !(1 << index);
            if state.is_read_only(operation, answer) {
                // If it may come now, it need not be tried later.
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
    use super::*;
    use crate::linearizability::histories::{RIGHT, WRONG, parse};
    use crate::op::countdown::CountdownModel;

    /// Four threads tick 15 times each, all at once. Too many orders to try each of them.
    #[test]
    fn what_led_nowhere_is_not_tried_again() {
        let history = |left: usize| {
            let mut text = String::new();
            for thread in 0..4 {
                (0..15).for_each(|time| {
                    text += &format!("{thread} {time}-{} decrement:no; ", time + 1)
                });
            }
            parse(CountdownModel { count: 100 }, &format!("{text} 0 1000-1001 count={left}"))
        };
        assert_eq!(Search::new().check(&history(40)), RIGHT);
        assert_eq!(Search::new().check(&history(39)), WRONG);
    }

    #[test]
    fn calls_closer_than_the_skew_have_no_order() {
        let history = |pause: u64| {
            let mut history: History<_> =
                parse(CountdownModel { count: 1 }, "0 0-1 decrement:yes; 1 1-2 count=1");
            history.calls[1].start += pause;
            history
        };
        assert_eq!(Search::new().check(&history(50)), RIGHT);
        assert_eq!(Search::new().check(&history(500)), WRONG);
    }

    #[test]
    fn a_wait_that_ends_at_its_deadline_is_not_early() {
        let mut history = parse(CountdownModel { count: 1 }, "0 7-12 wait_for(5):no");
        assert_eq!(Search::new().check(&history), RIGHT);
        history.calls[0].end -= 1;
        assert_eq!(Search::new().check(&history), Some(Violation::Early));
    }
}
