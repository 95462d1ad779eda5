//! Whether some order of the calls explains their answers.
//!
//! The search of J. M. Wing and C. Gong ("Testing and verifying concurrent objects", 1993): take any call
//! that none of the others precedes, see whether the sequential object answers the same, go on with the
//! rest, and turn round at a dead end. With the memory of G. Lowe ("Testing for linearizability", 2017): what
//! is left to explain depends on the calls that are left and on the object's state alone, so a pair
//! of these that led nowhere is not tried again.
//!
//! A task that is dropped has done nothing, or it was released and hands on what it took, at another instant.

use std::collections::HashSet;

use strum::IntoStaticStr;

use super::history::{Call, History};
use crate::op::{Answer, Model, Operation};
use crate::wait::WaitKind;

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
    /// Calls that were left, those of them that were released, and the state.
    seen: HashSet<(u64, u64, M)>,
    /// For each call, those that precede it.
    before: Vec<u64>,
    /// For each wait of a task that was dropped, those that precede its release, if it was released. `None` if it is
    /// another call, or the drop of a task that was released has no effect.
    before_release: Vec<Option<u64>>,
    /// The calls that may fail in whichever state.
    excused: u64,
}

impl<M: Model> Search<M> {
    pub(crate) fn new() -> Self {
        Self { seen: HashSet::new(), before: Vec::new(), before_release: Vec::new(), excused: 0 }
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
        self.excused = those(&|index| {
            let call = &calls[index];
            was_dropped_unseen(call)
                || calls
                    .iter()
                    .any(|other| excuses(other, call) || may_release_late::<M>(other, call))
        });
        // One that was pending at its limit, while nothing set the object, was not released.
        self.before_release.clear();
        self.before_release.extend((0..calls.len()).map(|second| {
            let call = &calls[second];
            let may_be_released = was_dropped(call)
                && self.excused & 1 << second != 0
                && history.initial.hand_on(call.operation).is_some();
            may_be_released.then(|| those(&|first| history.is_before_start(first, second)))
        }));
        let to_explain = those(&|_| true);
        self.explain(calls, to_explain, 0, &history.initial)
    }

    /// Whether the calls that are left can follow `state`. Those in `released` are waits of tasks that have taken
    /// something, and hand it on when they are dropped.
    fn explain(
        &mut self,
        calls: &[Call<M::Operation>],
        left: u64,
        released: u64,
        state: &M,
    ) -> bool {
        if left == 0 {
            return true;
        }
        if !self.seen.insert((left, released, state.clone())) {
            return false;
        }
        for index in members(left) {
            let this = 1 << index;
            let Call { operation, answer, .. } = calls[index];
            let answer = answer.expect(RETURNED);
            let may_be_released = self.before_release[index];
            let mut next = state.clone();
            if may_be_released.is_some_and(|before| before & left == 0)
                && released & this == 0
                && next.apply(operation, Answer::Is(true))
                && self.explain(calls, left, released | this, &next)
            {
                return true;
            }
            if self.before[index] & left != 0 {
                continue;
            }
            let rest = left & !this;
            let mut next = state.clone();
            if released & this != 0 {
                let (call, answer) = state.hand_on(operation).expect("something was taken");
                if next.apply(call, answer) && self.explain(calls, rest, released & !this, &next) {
                    return true;
                }
                continue;
            }
            let is_excused = self.excused & this != 0;
            if !is_excused && !next.apply(operation, answer) {
                continue;
            }
            if is_excused || state.is_read_only(operation, answer) {
                let is_explained = self.explain(calls, rest, released, state);
                // If it may come now, it need not be tried later.
                if is_explained || may_be_released.is_none() {
                    return is_explained;
                }
            } else if self.explain(calls, rest, released, &next) {
                return true;
            }
        }
        false
    }
}

/// Whether it is the wait of a task that did not become ready.
fn was_dropped<O: Operation>(call: &Call<O>) -> bool {
    call.answer == Some(Answer::Is(false)) && call.operation.wait().is_some_and(WaitKind::is_async)
}

/// Whether it may be pending at last although others see what `other` has set: a task is released by the call that sets.
fn may_release_late<M: Model>(other: &Call<M::Operation>, call: &Call<M::Operation>) -> bool {
    let may_release = M::may_release(other.operation) || was_dropped(other);
    was_dropped(call) && may_release && call.overlaps(other)
}

/// Whether it does not tell that there was nothing to take, as nothing looked when the limit had passed.
fn was_dropped_unseen<O: Operation>(call: &Call<O>) -> bool {
    let kind = call.operation.wait();
    was_dropped(call) && matches!(kind, Some(WaitKind::WaitAsyncUntilDropped(_)))
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
