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

/// A set of numbers of effects.
type Set = u128;

/// A search. Each uses the memory of the one before.
#[derive(Debug)]
pub(crate) struct Search<M: Model> {
    /// Which effects were left in which state, and led nowhere.
    seen: HashSet<(Set, M)>,
}

/// What happens at one instant. A call may have several effects, in any order.
#[derive(Debug)]
struct Effect<O> {
    /// The number of the call.
    call: usize,
    what: What<O>,
    /// The effects that come before this one.
    before: Set,
}

#[derive(Debug)]
enum What<O> {
    /// This call, with this answer.
    Call(O, Answer),
    /// A task that was dropped had done nothing before, or it was released once.
    Dropped(Vec<Release<O>>),
}

/// The release of a task that is dropped later.
#[derive(Debug)]
struct Release<O> {
    operation: O,
    /// The effects that come before the release.
    before: Set,
    /// What the drop does then.
    hand_ons: Set,
}

impl<M: Model> Search<M> {
    pub(crate) fn new() -> Self {
        Self { seen: HashSet::new() }
    }

    /// Finds what is wrong with a history all of whose calls returned.
    pub(crate) fn check(&mut self, history: &History<M>) -> Option<Violation> {
        if history.calls.iter().any(Call::is_early) {
            return Some(Violation::Early);
        }
        let effects = effects(history);
        self.seen.clear();
        let is_explained = self.explain(&effects, all(&effects), &history.initial);
        (!is_explained).then_some(Violation::NoOrder)
    }

    /// Whether the effects that are left can follow `state`.
    fn explain(&mut self, effects: &[Effect<M::Operation>], left: Set, state: &M) -> bool {
        if left == 0 {
            return true;
        }
        if !self.seen.insert((left, state.clone())) {
            return false;
        }
        for index in members(left) {
            let Effect { what, before, .. } = &effects[index];
            let rest = left & !(1 << index);
            let may_come = before & left == 0;
            match what {
                What::Call(operation, answer) => {
                    let mut next = state.clone();
                    if may_come && next.apply(*operation, *answer) {
                        let is_explained = self.explain(effects, rest, &next);
                        // If it may come now, it need not be tried later.
                        if is_explained || state.is_read_only(*operation, *answer) {
                            return is_explained;
                        }
                    }
                }
                What::Dropped(releases) => {
                    let hand_ons = releases.iter().fold(0, |all, release| all | release.hand_ons);
                    for release in releases {
                        let mut next = state.clone();
                        if release.before & left == 0
                            && next.apply(release.operation, Answer::Is(true))
                            && self.explain(effects, rest & !hand_ons | release.hand_ons, &next)
                        {
                            return true;
                        }
                    }
                    if may_come && self.explain(effects, rest & !hand_ons, state) {
                        return true;
                    }
                }
            }
        }
        false
    }
}

/// What is to be explained.
fn effects<M: Model>(history: &History<M>) -> Vec<Effect<M::Operation>> {
    let History { initial, calls } = history;
    let mut effects = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let mut released_by = Vec::new();
        for (operation, answer) in M::parts(call.operation, call.answer.expect(RETURNED)) {
            let is_excused = calls.iter().any(|other| is_excused(initial, other, call, operation));
            if !(is_excused || was_dropped_unseen(call)) {
                let what = What::Call(operation, answer);
                effects.push(Effect { call: index, what, before: 0 });
            } else if was_dropped(call) {
                // One that was pending at its limit, while nothing set the object, was not released.
                released_by.push(operation);
            }
        }
        push_drop(&mut effects, index, initial, released_by);
    }
    assert!(effects.len() <= Set::BITS as usize, "a history of {} effects", effects.len());
    let those = |precedes: &dyn Fn(usize) -> bool| {
        let indices = 0..effects.len();
        indices
            .filter(|&index| precedes(effects[index].call))
            .fold(0, |set, index| set | 1 << index)
    };
    let before: Vec<Set> = effects
        .iter()
        .map(|effect| those(&|first| history.is_before(first, effect.call)))
        .collect();
    let before_start: Vec<Set> = effects
        .iter()
        .map(|effect| those(&|first| history.is_before_start(first, effect.call)))
        .collect();
    for ((effect, before), before_start) in effects.iter_mut().zip(before).zip(before_start) {
        effect.before |= before;
        if let What::Dropped(releases) = &mut effect.what {
            releases.iter_mut().for_each(|release| release.before = before_start);
        }
    }
    effects
}

/// The effects of the drop of a task that one of these waits may have released.
fn push_drop<M: Model>(
    effects: &mut Vec<Effect<M::Operation>>,
    call: usize,
    initial: &M,
    released_by: Vec<M::Operation>,
) {
    let dropped = effects.len();
    let mut hand_ons = Vec::new();
    let mut releases = Vec::new();
    for operation in released_by {
        let first = dropped + 1 + hand_ons.len();
        hand_ons.extend(initial.hand_on(operation));
        let set = (first..dropped + 1 + hand_ons.len()).fold(0, |set, index| set | 1 << index);
        // Otherwise it makes no difference whether it was released.
        if set != 0 {
            releases.push(Release { operation, before: 0, hand_ons: set });
        }
    }
    if releases.is_empty() {
        return;
    }
    effects.push(Effect { call, what: What::Dropped(releases), before: 0 });
    effects.extend(hand_ons.into_iter().map(|(operation, answer)| {
        let what = What::Call(operation, answer);
        Effect { call, what, before: 1 << dropped }
    }));
}

/// Whether a call of `other` at the same time lets this wait fail in whichever state.
fn is_excused<M: Model>(
    initial: &M,
    other: &Call<M::Operation>,
    call: &Call<M::Operation>,
    operation: M::Operation,
) -> bool {
    let answer = call.answer.expect(RETURNED);
    call.overlaps(other)
        && M::parts(other.operation, other.answer.expect(RETURNED)).into_iter().any(|(part, _)| {
            // It may be pending at last although others see what is set: a task is released by the call that sets.
            let is_late = was_dropped(call) && (M::may_release(part) || was_dropped(other));
            M::have_object_in_common(part, operation)
                && (is_late || initial.excuses(part, operation, answer))
        })
}

/// The set of all.
fn all<O>(effects: &[Effect<O>]) -> Set {
    (0..effects.len()).fold(0, |set, index| set | 1 << index)
}

/// Whether it is the wait of a task that did not become ready.
fn was_dropped<O: Operation>(call: &Call<O>) -> bool {
    call.answer == Some(Answer::Is(false)) && call.operation.wait().is_some_and(WaitKind::is_async)
}

/// Whether its answer does not tell that there was nothing to take: the task was dropped at its limit without a last
/// poll.
fn was_dropped_unseen<O: Operation>(call: &Call<O>) -> bool {
    let kind = call.operation.wait();
    was_dropped(call) && matches!(kind, Some(WaitKind::WaitAsyncUntilDropped(_)))
}

/// The numbers of the bits that are on.
fn members(mut set: Set) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = set.trailing_zeros() as usize;
        set &= set.wrapping_sub(1);
        (lowest < Set::BITS as usize).then_some(lowest)
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
