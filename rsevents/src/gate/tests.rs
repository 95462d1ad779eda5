//! The setters' rule of fairness at gates.

use std::pin::Pin;
use std::time::Duration;

use super::Gate;
use super::scenarios::{Ask, Permits};
use crate::fairness::tests::{on_a_new_thread, since};
use crate::queue::Entry;
use crate::raw::scenarios::all_of::all_of;
use crate::raw::scenarios::task::Task;
use crate::sync::testing::step_until;

/// A thread's wait at a gate without permits, to be dropped before the gate. It is called by the next permit, and does
/// not come.
fn does_not_come(gate: &Gate<Permits>) -> Pin<Box<Entry>> {
    // SAFETY: the callers drop it before the gate.
    let entry = Box::pin(unsafe { Entry::new(gate.target(1)) });
    // SAFETY: it is this gate's, new and pinned.
    assert!(!unsafe { gate.pass_or_link(&entry, true) });
    entry
}

fn overtake(gate: &Gate<Permits>) {
    assert!(gate.try_take(1));
    gate.add(1);
}

/// A called wait that does not come does not keep those behind it asleep for ever, also if the gate is watched.
#[test]
fn handed_off_beside_a_called_wait_that_does_not_come() {
    for is_watched in [false, true] {
        let gate = Gate::<Permits>::new(0);
        let nine = Ask(&gate, 9);
        let _watch = is_watched.then(|| Task::queued(all_of(&[&nine])));
        let _called = does_not_come(&gate);
        let second = Task::queued(gate.wait_async(1));
        gate.add(1);
        step_until(|| second.woken() > 0, || overtake(&gate));
    }
}

/// Also if the thread makes the same changes at other gates in turn, where no other wait is queued: wherever in the turn
/// it checks first.
#[test]
fn handed_off_where_the_called_waits_of_several_gates_do_not_come() {
    for place in 0..5 {
        let gates = [(); 5].map(|()| Gate::<Permits>::new(0));
        let _called = gates.each_ref().map(does_not_come);
        let second = Task::queued(gates[place].wait_async(1));
        gates.iter().for_each(|gate| _ = gate.add(1));
        step_until(|| second.woken() > 0, || gates.iter().for_each(overtake));
    }
}

/// Where no other wait is queued, what is due to those of other gates is left to these.
#[test]
fn a_change_counts_as_a_hand_off_only_if_it_is_one() {
    on_a_new_thread(|| {
        let gate = Gate::<Permits>::new(0);
        let _called = does_not_come(&gate);
        gate.add(1);
        step_until(|| since().is_some(), || overtake(&gate));
        let first = since().unwrap();
        step_until(|| first.elapsed() > Duration::from_millis(20), || overtake(&gate));
        (0..200).for_each(|_| overtake(&gate));
        assert_eq!(since(), Some(first));
        assert!(gate.try_take(1));
        let second = Task::queued(gate.wait_async(1));
        gate.add(1);
        step_until(|| second.woken() > 0, || overtake(&gate));
        assert_ne!(since(), Some(first));
    });
}
