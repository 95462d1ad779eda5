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
///
/// Where there are several objects, each is searched by itself: if for each some order explains its calls, one order
/// explains them all (M. P. Herlihy and J. M. Wing, "Linearizability", 1990). Only one of them may have released a task that
/// is dropped, so the search of one goes on with the search of the next.
#[derive(Debug)]
pub(crate) struct Search<M: Model> {
    /// What led nowhere.
    seen: HashSet<Seen<M>>,
    /// For each call, those that precede it.
    before: Vec<u64>,
    /// For each call, those that were over when it began.
    before_start: Vec<u64>,
    parts: Vec<Part<M::Operation>>,
}

/// The number of the object, the calls that are left, those of them that were released, those that were released by an
/// object before, and the state.
type Seen<M> = (usize, u64, u64, u64, M);

/// What the calls do to one of the objects.
#[derive(Debug)]
struct Part<O> {
    /// By the number of the call.
    calls: Vec<Option<(O, Answer)>>,
    /// Those that do something.
    to_explain: u64,
    /// Those that may fail in whichever state.
    excused: u64,
    /// Waits of tasks that were dropped, which this object may have released, and whose drop has an effect then.
    releasable: u64,
    /// Those of them that the objects behind this one may have released.
    also_behind: u64,
}

impl<O: Copy> Part<O> {
    fn call(&self, index: usize) -> (O, Answer) {
        self.calls[index].expect("only calls that do something are left")
    }
}

impl<M: Model> Search<M> {
    pub(crate) fn new() -> Self {
        Self {
            seen: HashSet::new(),
            before: Vec::new(),
            before_start: Vec::new(),
            parts: Vec::new(),
        }
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
        let all = |precedes: fn(&History<M>, usize, usize) -> bool| {
            (0..calls.len())
                .map(move |second| set_of(calls.len(), |first| precedes(history, first, second)))
        };
        self.seen.clear();
        self.before.clear();
        self.before.extend(all(History::is_before));
        self.before_start.clear();
        self.before_start.extend(all(History::is_before_start));
        self.parts.clear();
        self.parts.extend((0..M::OBJECTS).map(|object| Part::new(history, object)));
        let mut behind = 0;
        for part in self.parts.iter_mut().rev() {
            part.also_behind = part.releasable & behind;
            behind |= part.releasable;
        }
        self.explain_object(0, 0, &history.initial)
    }

    /// Whether the calls of this object and of those behind it can be explained. Those in `spent` were released by an object
    /// before.
    fn explain_object(&mut self, object: usize, spent: u64, initial: &M) -> bool {
        let Some(part) = self.parts.get(object) else { return true };
        let at = At { object, left: part.to_explain, released: 0, spent, initial };
        self.explain(at, initial)
    }

    /// Whether the calls that are left can follow `state`.
    fn explain(&mut self, at: At<'_, M>, state: &M) -> bool {
        let At { object, left, released, spent, initial } = at;
        if left == 0 {
            return self.explain_object(object + 1, spent, initial);
        }
        if !self.seen.insert((object, left, released, spent, state.clone())) {
            return false;
        }
        for index in members(left) {
            let this = 1 << index;
            let part = &self.parts[object];
            let (operation, answer) = part.call(index);
            let may_be_released = part.releasable & this != 0 && spent & this == 0;
            let is_excused = part.excused & this != 0;
            let also_behind = part.also_behind & this;
            let mut next = state.clone();
            if may_be_released
                && self.before_start[index] & left == 0
                && released & this == 0
                && next.apply(operation, Answer::Is(true))
                && self.explain(At { released: released | this, ..at }, &next)
            {
                return true;
            }
            if self.before[index] & left != 0 {
                continue;
            }
            let rest = At { left: left & !this, ..at };
            let mut next = state.clone();
            if released & this != 0 {
                let (call, answer) = state.hand_on(operation).expect("something was taken");
                let rest = At { released: released & !this, spent: spent | also_behind, ..rest };
                if next.apply(call, answer) && self.explain(rest, &next) {
                    return true;
                }
                continue;
            }
            if !is_excused && !next.apply(operation, answer) {
                continue;
            }
            if is_excused || state.is_read_only(operation, answer) {
                let is_explained = self.explain(rest, state);
                // If it may come now, it need not be tried later.
                if is_explained || !may_be_released {
                    return is_explained;
                }
            } else if self.explain(rest, &next) {
                return true;
            }
        }
        false
    }
}

/// How far a search has come.
struct At<'a, M> {
    object: usize,
    /// The calls of the object that are left.
    left: u64,
    /// Those of them that are waits of tasks which have taken something, and hand it on when they are dropped.
    released: u64,
    /// Those that another object has released, and no object behind may.
    spent: u64,
    /// What all objects were at first.
    initial: &'a M,
}

impl<M> Clone for At<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for At<'_, M> {}

impl<O: Operation> Part<O> {
    fn new<M: Model<Operation = O>>(history: &History<M>, object: usize) -> Self {
        let History { initial, calls: all } = history;
        let calls: Vec<_> = all
            .iter()
            .map(|call| M::part(call.operation, call.answer.expect(RETURNED), object))
            .collect();
        let those = |condition: &dyn Fn(&Call<O>, O, Answer) -> bool| {
            set_of(all.len(), |index| {
                calls[index]
                    .is_some_and(|(operation, answer)| condition(&all[index], operation, answer))
            })
        };
        let excused = those(&|call, operation, answer| {
            was_dropped_unseen(call)
                || all.iter().zip(&calls).any(|(other, part)| {
                    let Some((other_operation, _)) = *part else { return false };
                    let may_release = M::may_release(other_operation) || was_dropped(other);
                    // It may be pending at last although others see what is set: a task is released by the call that sets.
                    let is_late = was_dropped(call) && may_release;
                    call.overlaps(other)
                        && (is_late || initial.excuses(other_operation, operation, answer))
                })
        });
        // One that was pending at its limit, while nothing set the object, was not released.
        let releasable = excused
            & those(&|call, operation, _| {
                was_dropped(call) && initial.hand_on(operation).is_some()
            });
        let to_explain = those(&|_, _, _| true);
        Self { calls, to_explain, excused, releasable, also_behind: 0 }
    }
}

/// The set of the numbers for which the condition holds.
fn set_of(number: usize, condition: impl Fn(usize) -> bool) -> u64 {
    (0..number).filter(|&index| condition(index)).fold(0, |set, index| set | 1 << index)
}

/// Whether it is the wait of a task that did not become ready.
fn was_dropped<O: Operation>(call: &Call<O>) -> bool {
    call.answer == Some(Answer::Is(false)) && call.operation.wait().is_some_and(WaitKind::is_async)
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
