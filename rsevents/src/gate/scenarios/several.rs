//! Races on a wait for what a gate gives or for an auto-reset event.

use std::pin::pin;
use std::sync::atomic::AtomicPtr;

use super::{Permits, Zero, assert_rules, inspect, join_all, shared, spawn_on, wait_until_queued};
use crate::gate::word::{CALLED, KEPT};
use crate::queue::broadcast::stuck;
use crate::raw::scenarios::task::Task;
use crate::sync::testing::{Arc, JoinHandle, SOON, explore_all, explore_up_to, spawn};
use crate::{
    AutoResetEvent, Awaitable, EventState, Gate, Part, Rule, Signal, Wait, wait_any,
    wait_any_async, wait_any_for,
};

pub(super) type Pair<R> = super::Shared<(Gate<R>, AutoResetEvent)>;
pub(super) type Shared<R> = Arc<Pair<R>>;

macro_rules! models {
    ($module:ident = $rule:ty:
        $($race:ident($value:literal): $explore:ident($($number:literal),+);)+) => {
        mod $module {
            $(#[test]
            fn $race() {
                super::$explore($($number,)+ || super::run::<$rule>($value, super::$race));
            })+
        }
    };
}
pub(super) use models;

models! { of_permits_and_an_auto = super::Permits:
    add_and_set_against_a_thread(0): explore_up_to(3, 5_100);
    add_and_set_against_a_task(0): explore_up_to(3, 8_900);
    add_and_set_against_a_parked_task(0): explore_up_to(2, 2_000);
    add_and_set_against_timeout(0): explore_up_to(2, 530);
    add_and_set_against_drop(0): explore_up_to(3, 880);
    add_against_another_waker(0): explore_all(1_700);
    too_few_against_a_set(0): explore_up_to(3, 15_000);
    too_few_against_a_set_and_a_thread(0): explore_up_to(2, 290);
    too_few_and_then_enough(0): explore_up_to(2, 1_600);
    ended_member_before_a_task(0): explore_up_to(2, 1_400);
    ended_member_that_keeps(1): explore_up_to(2, 1_700);
    drop_of_a_member_that_keeps(1): explore_up_to(3, 1_200);
    ended_member_behind_a_called_thread(0): explore_up_to(2, 210);
    ended_member_between_threads(0): explore_up_to(2, 7_300);
    freed_by_the_thread(0): explore_up_to(3, 400);
    freed_by_the_task(0): explore_up_to(3, 760);
    rules_hold_at_any_moment(0): explore_up_to(2, 83);
}

models! { of_a_shared_gate_and_an_auto = super::Zero:
    sub_and_set_against_a_thread(1): explore_up_to(3, 5_700);
    sub_and_set_against_a_task(1): explore_up_to(3, 8_100);
    closed_at_once(1): explore_up_to(2, 1_300);
    woken_thread_wakes_others(1): explore_all(140);
    expired_thread_wakes_others(1): explore_up_to(3, 65);
    expired_thread_against_its_release(1): explore_up_to(3, 260);
}

/// Runs a race on a new gate and an event that is unset. The rules hold at its end.
pub(super) fn run<R: Rule>(value: u64, race: fn(&Shared<R>)) {
    let shared = shared((Gate::new(value), AutoResetEvent::new(EventState::Unset)));
    race(&shared);
    assert_eq!(assert_rules(&shared.object.0), 0);
}

/// A wait for so much of a gate.
pub(in crate::gate) struct Ask<'a, R>(pub(in crate::gate) &'a Gate<R>, pub(in crate::gate) u32);

impl<R: Rule> Signal for Ask<'_, R> {
    fn part(&self) -> Part<'_> {
        self.0.part(self.1)
    }
}

impl<R: Rule> Pair<R> {
    /// Writes, then changes the gate.
    pub(super) fn change(&self, change: impl FnOnce(&Gate<R>) -> u64) {
        self.data[0].set(7);
        change(&self.object.0);
    }

    /// Writes, then sets the event.
    pub(super) fn set(&self) {
        self.data[1].set(7);
        self.object.1.set();
    }

    pub(super) fn assert_seen(&self, won: usize) -> usize {
        assert_eq!(self.data[won].get(), 7);
        won
    }

    fn wait(&self, request: u32) -> usize {
        self.assert_seen(wait_any(&[&Ask(&self.object.0, request), &self.object.1]))
    }

    /// Whether the event was set.
    pub(super) fn take_set(&self) -> bool {
        let taken = self.object.1.wait0();
        assert!(!self.object.1.wait0(), "a set too many");
        taken
    }
}

/// A task that waits for so much of the gate, or for the event.
fn task<R: Rule>(s: &Pair<R>, request: u32) -> Task<impl Future<Output = usize> + '_> {
    Task::new(async move {
        let (gate, event) = &s.object;
        s.assert_seen(wait_any_async(&[&Ask(gate, request), event]).await)
    })
}

fn queued<R: Rule>(s: &Pair<R>, request: u32) -> Task<impl Future<Output = usize> + '_> {
    let mut task = task(s, request);
    assert!(!task.is_ready());
    task
}

pub(super) fn queued_at_the_gate<R: Rule>(s: &Pair<R>, request: u32) -> Task<Wait<'_>> {
    Task::queued(s.object.0.wait_async(request))
}

/// One permit was added, and the event was set. One wait has passed, if any.
fn assert_left(s: &Pair<Permits>, won: Option<usize>) {
    assert_eq!(s.object.0.value(), u64::from(won != Some(0)));
    assert_eq!(s.take_set(), won != Some(1));
}

pub(super) fn add(s: &Pair<Permits>) {
    s.change(|gate| gate.add(1));
}

fn add_and_set_against_a_thread(s: &Shared<Permits>) {
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    let won = s.wait(1);
    join_all(setters);
    assert_left(s, Some(won));
}

fn add_and_set_against_a_task(s: &Shared<Permits>) {
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    let won = task(s, 1).finish();
    join_all(setters);
    assert_left(s, Some(won));
}

/// Contract 185: what has not released the wait is there as soon as it was given.
fn add_and_set_against_a_parked_task(s: &Shared<Permits>) {
    let task = queued(s, 1);
    let adder = spawn_on(s, |s| {
        add(s);
        s.object.0.try_take(1)
    });
    let setter = spawn_on(s, |s| {
        s.set();
        s.object.1.wait0()
    });
    let won = task.finish();
    assert_eq!(join_all([adder, setter]), [won != 0, won != 1]);
    assert_eq!((s.object.0.value(), s.take_set()), (0, false));
}

/// Contract 203.
fn add_and_set_against_timeout(s: &Shared<Permits>) {
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    let (gate, event) = &s.object;
    let won = wait_any_for(&[&Ask(gate, 1), event], SOON);
    won.map(|won| s.assert_seen(won));
    join_all(setters);
    assert_left(s, won);
}

/// Contract 188: the permit that the dropped wait was given is there again.
fn add_and_set_against_drop(s: &Shared<Permits>) {
    let task = queued(s, 1);
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    drop(task);
    join_all(setters);
    assert_left(s, None);
}

/// Contract 124.
fn add_against_another_waker(s: &Shared<Permits>) {
    let mut task = queued(s, 1);
    let adder = spawn_on(s, add);
    let old = task.change_waker();
    let was_ready = task.is_ready();
    adder.join().unwrap();
    if was_ready {
        assert!(old.times() + task.woken() <= 1);
    } else {
        assert_eq!(old.times(), 0, "an old waker was woken");
        task.assert_woken();
    }
    assert_eq!(s.object.0.value(), 0);
}

/// The gate lets go of the wait, as there is not enough for it. The set is for it all the same.
fn too_few_against_a_set(s: &Shared<Permits>) {
    let task = queued(s, 2);
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    assert_eq!(task.finish(), 1);
    join_all(setters);
    assert_left(s, Some(1));
}

fn too_few_against_a_set_and_a_thread(s: &Shared<Permits>) {
    let waiter = spawn_on(s, |s| s.wait(2));
    wait_until_queued(&s.object.0, 1);
    let adder = spawn_on(s, add);
    s.set();
    assert_eq!(waiter.join().unwrap(), 1);
    adder.join().unwrap();
    assert_left(s, Some(1));
}

fn too_few_and_then_enough(s: &Shared<Permits>) {
    let task = queued(s, 2);
    let adder = spawn_on(s, |s| {
        add(s);
        s.object.0.add(1);
    });
    let setter = spawn_on(s, Pair::set);
    let won = task.finish();
    join_all([adder, setter]);
    assert_eq!(s.object.0.value(), if won == 0 { 0 } else { 2 });
    assert_eq!(s.take_set(), won == 0);
}

/// A permit that meets a member whose wait has passed, or is about to, goes to the one behind it.
fn ended_member_before_a_task(s: &Shared<Permits>) {
    let task = queued(s, 1);
    let other = queued_at_the_gate(s, 1);
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    if task.finish() == 0 {
        join_all(setters);
        assert!(s.take_set() && other.woken() == 0);
        s.object.0.add(1);
    } else {
        join_all(setters);
    }
    other.assert_woken();
    assert_eq!((s.object.0.value(), s.take_set()), (0, false));
}

/// While the member is the first, it keeps the permit from the one behind it. When it has ended, it does not.
fn ended_member_that_keeps(s: &Shared<Permits>) {
    let task = queued(s, 2);
    let mut other = queued_at_the_gate(s, 1);
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    let won = task.finish();
    join_all(setters);
    assert!(!inspect(&s.object.0).1.has(KEPT));
    if won == 0 {
        assert!(!other.is_ready() && other.woken() == 0);
        assert!(s.take_set());
        assert_eq!(s.object.0.value(), 0);
    } else {
        other.assert_woken();
        assert!(!s.take_set());
        assert_eq!(s.object.0.value(), 1);
    }
}

/// Contract 176.
fn drop_of_a_member_that_keeps(s: &Shared<Permits>) {
    let task = queued(s, 2);
    let other = queued_at_the_gate(s, 1);
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    drop(task);
    join_all(setters);
    other.assert_woken();
    assert_eq!((s.object.0.value(), s.take_set()), (1, true));
}

/// The thread comes for the first permit. The second one is for the group, or stays.
fn ended_member_behind_a_called_thread(s: &Shared<Permits>) {
    let waiter = spawn_on(s, |s| s.object.0.wait(1));
    wait_until_queued(&s.object.0, 1);
    let task = queued(s, 1);
    let adder = spawn_on(s, |s| {
        add(s);
        s.object.0.add(1);
    });
    s.set();
    let won = task.finish();
    join_all([waiter, adder]);
    assert_left(s, Some(won));
}

/// The same with one more behind it, which is then served instead.
fn ended_member_between_threads(s: &Shared<Permits>) {
    let waiter = spawn_on(s, |s| s.object.0.wait(1));
    wait_until_queued(&s.object.0, 1);
    let task = queued(s, 1);
    let other = spawn_on(s, |s| s.object.0.wait(1));
    wait_until_queued(&s.object.0, 3);
    let setter = spawn_on(s, Pair::set);
    add(s);
    s.object.0.add(1);
    if task.finish() == 0 {
        s.object.0.add(1);
        setter.join().unwrap();
        assert!(s.take_set());
    } else {
        setter.join().unwrap();
    }
    join_all([waiter, other]);
    assert!(!inspect(&s.object.0).1.has(CALLED));
    assert_eq!((s.object.0.value(), s.take_set()), (0, false));
}

/// Contract 227: the gate, and the wait, are freed as soon as it has returned.
fn freed_by_the_thread(_: &Shared<Permits>) {
    freed_after(|gate, event| wait_any(&[&Ask(gate, 2), event]));
}

fn freed_by_the_task(_: &Shared<Permits>) {
    freed_after(|gate, event| Task::new(wait_any_async(&[&Ask(gate, 2), event])).finish());
}

fn freed_after(wait: fn(&Gate<Permits>, &AutoResetEvent) -> usize) {
    for place in [0, 1] {
        let event = AutoResetEvent::new(EventState::Unset);
        let pair = Box::into_raw(Box::new((Gate::<Permits>::new(1), event)));
        let pointer = AtomicPtr::new(pair);
        let setter = spawn(move || {
            // SAFETY: the pair is freed once the wait has returned, which this lets pass. That this no longer
            // accesses it then is what is explored.
            let pair = unsafe { &*pointer.into_inner() };
            if place == 0 { _ = pair.0.add(1) } else { pair.1.set() }
        });
        // SAFETY: it is freed only below.
        let (gate, event) = unsafe { &*pair };
        assert_eq!(wait(gate, event), place);
        // SAFETY: it came from a box, and the wait for the only other access has returned.
        drop(unsafe { Box::from_raw(pair) });
        setter.join().unwrap();
    }
}

/// The truth table, checked during both changes and a wait that may be given up.
fn rules_hold_at_any_moment(s: &Shared<Permits>) {
    let waiter = spawn_on(s, |s| {
        let (gate, event) = &s.object;
        wait_any_for(&[&Ask(gate, 2), event], SOON)
    });
    let adder = spawn_on(s, |s| s.object.0.add(2));
    s.object.1.set();
    assert_rules(&s.object.0);
    let won = waiter.join().unwrap();
    adder.join().unwrap();
    assert_eq!(s.object.0.value(), if won == Some(0) { 0 } else { 2 });
    assert_eq!(s.take_set(), won != Some(1));
}

pub(super) fn sub(s: &Pair<Zero>) {
    s.change(|gate| gate.sub(1));
}

fn sub_and_set_against_a_thread(s: &Shared<Zero>) {
    let setters = [spawn_on(s, sub), spawn_on(s, Pair::set)];
    let won = s.wait(0);
    join_all(setters);
    assert_eq!(s.take_set(), won != 1);
    assert!(s.object.0.try_take(0));
}

fn sub_and_set_against_a_task(s: &Shared<Zero>) {
    let setters = [spawn_on(s, sub), spawn_on(s, Pair::set)];
    let won = task(s, 0).finish();
    join_all(setters);
    assert_eq!(s.take_set(), won != 1);
    assert!(s.object.0.try_take(0));
}

/// Contract 58a, 189: all that were queued are released although the gate is closed again, and no later one.
fn closed_at_once(s: &Shared<Zero>) {
    let first = queued_at_the_gate(s, 0);
    let task = queued(s, 0);
    let setters = [
        spawn_on(s, |s| {
            sub(s);
            super::on_shared::close(&s.object.0);
        }),
        spawn_on(s, Pair::set),
    ];
    let won = task.finish();
    join_all(setters);
    first.assert_woken();
    assert_eq!(s.take_set(), won != 1);
    let mut new = queued(s, 0);
    assert!(!new.is_ready());
}

/// Contract 29: a thread that was woken for a member wakes others, while the one that has opened the gate is stuck.
fn woken_thread_wakes_others(s: &Shared<Zero>) {
    let waiter = spawn_on(s, |s| wait_any(&[&s.object.1, &Ask(&s.object.0, 0)]) == 1);
    wait_until_queued(&s.object.0, 1);
    wakes_another(s, waiter, 1);
}

/// Contract 28, 29: also one whose deadline passes meanwhile, which is a success.
fn expired_thread_wakes_others(s: &Shared<Zero>) {
    expired_in_a_release(s, 0);
}

/// The same where the one that has opened the gate is about to wake that thread.
fn expired_thread_against_its_release(s: &Shared<Zero>) {
    expired_in_a_release(s, 1);
}

fn expired_in_a_release(s: &Shared<Zero>, woken: usize) {
    let waiter =
        spawn_on(s, |s| wait_any_for(&[&s.object.1, &Ask(&s.object.0, 0)], SOON).is_some());
    wakes_another(s, waiter, woken);
}

fn wakes_another(s: &Pair<Zero>, waiter: JoinHandle<bool>, woken: usize) {
    let other = pin!(s.object.0.wait_async(0));
    stuck::wakes_another(other.entry(), waiter, woken);
    // The word has to follow.
    assert!(s.object.0.word.change(|word| Some(word.without_first(None))).is_ok());
}
