//! Races on a wait for what a gate gives and for an auto-reset event.

use std::sync::atomic::AtomicPtr;
use std::time::Duration;

use super::several::{Ask, Pair, Shared, add, models, queued_at_the_gate, run, sub};
use super::{
    Permits, Zero, assert_rules, inspect, join_all, on_shared, spawn_on, wait_until_queued,
};
use crate::gate::word::KEPT;
use crate::queue;
use crate::raw::scenarios::all_of::all_of;
use crate::raw::scenarios::task::Task;
use crate::sync::testing::{Arc, SOON, explore_all, explore_up_to, spawn, yield_now};
use crate::sync::{AtomicU8, Ordering};
use crate::{
    AutoResetEvent, EventState, Gate, Rule, wait_all, wait_all_for, wait_all0, wait_any_async,
};

models! { of_permits_and_an_auto = super::Permits:
    add_and_set_against_a_thread(0): explore_up_to(3, 630);
    add_and_set_against_a_task(0): explore_up_to(3, 1_200);
    add_and_set_against_a_parked_task(0): explore_up_to(3, 14);
    add_and_set_against_a_check(0): explore_up_to(3, 340);
    add_and_set_against_timeout(0): explore_up_to(3, 4_900);
    add_and_set_against_drop(0): explore_up_to(3, 240);
    add_against_timeout(0): explore_all(3_400);
    update_against_timeout(0): explore_up_to(3, 530);
    set_against_timeout(1): explore_all(610);
    changes_of_a_watched_gate_count(0): explore_up_to(3, 1_000);
    checks_of_a_watched_gate(0): explore_up_to(3, 10_000);
    add_to_a_watched_gate_publishes(0): explore_up_to(3, 250);
    update_of_a_watched_gate_publishes(0): explore_up_to(3, 370);
    add_before_it_is_watched_publishes(0): explore_up_to(3, 530);
    answers_while_it_becomes_watched(0): explore_up_to(3, 170);
    shared_out(0): explore_up_to(3, 1_800);
    shared_out_by_one_add(0): explore_up_to(3, 2_500);
    too_few_for_it(0): explore_up_to(3, 620);
    offered_permit_is_taken(0): explore_up_to(3, 1_500);
    called_thread_of_a_watched_gate(0): explore_up_to(3, 1_000);
    kept_request_comes_first(1): explore_up_to(3, 400);
    drop_of_a_kept_request(1): explore_up_to(3, 170);
    timeout_beside_a_kept_request(1): explore_up_to(3, 1_000);
    timeout_of_a_kept_request(1): explore_up_to(3, 17);
    check_beside_a_kept_request(1): explore_up_to(3, 370);
    set_beside_a_kept_request(1): explore_up_to(3, 1_800);
    set_beside_a_request_that_ends(1): explore_up_to(3, 660);
    beside_any(0): explore_up_to(2, 2_500);
    first_of_two_leaves(0): explore_up_to(3, 1_800);
    two_by_one_add(0): explore_up_to(2, 1_200);
    freed_by_the_thread(0): explore_up_to(3, 630);
    freed_by_the_task(0): explore_up_to(3, 1_200);
    rules_hold_at_any_moment(0): explore_up_to(3, 2_100);
}

models! { of_a_shared_gate_and_an_auto = super::Zero:
    sub_and_set_against_a_thread(1): explore_up_to(3, 630);
    sub_and_set_against_a_parked_task(1): explore_up_to(3, 14);
    sub_against_timeout(1): explore_all(3_400);
    closed_at_once(1): explore_up_to(3, 15);
    closed_at_once_beside_a_thread(1): explore_up_to(3, 630);
    watched_while_it_is_opened(1): explore_up_to(3, 44);
}

impl<R: Rule> Pair<R> {
    fn wait_for_both(&self, request: u32) {
        let (gate, event) = &self.object;
        wait_all(&[&Ask(gate, request), event]);
        self.assert_both_seen();
    }

    fn assert_both_seen(&self) {
        self.assert_seen(0);
        self.assert_seen(1);
    }
}

/// A task that waits for so much of the gate, and for the event.
fn task<R: Rule>(s: &Pair<R>, request: u32) -> Task<impl Future<Output = ()>> {
    Task::new(async move {
        let (gate, event) = &s.object;
        all_of(&[&Ask(gate, request), event]).await;
    })
}

fn queued<R: Rule>(s: &Pair<R>, request: u32) -> Task<impl Future<Output = ()>> {
    let mut task = task(s, request);
    assert!(!task.is_ready());
    task
}

fn wait_until_watched<R: Rule>(s: &Pair<R>, waits: usize) {
    let mut watchers = 0;
    while watchers != waits {
        yield_now();
        queue::inspect_all(s.object.0.key(), |seen| watchers = seen);
    }
}

/// One permit was added, and the event was set. The wait for both has passed or not.
fn assert_both_taken(s: &Pair<Permits>, passed: bool) {
    assert_eq!(s.object.0.value(), u64::from(!passed));
    assert_eq!(s.take_set(), !passed);
}

fn add_and_set_against_a_thread(s: &Shared<Permits>) {
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    s.wait_for_both(1);
    join_all(setters);
    assert_both_taken(s, true);
}

fn add_and_set_against_a_task(s: &Shared<Permits>) {
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    task(s, 1).finish();
    s.assert_both_seen();
    join_all(setters);
    assert_both_taken(s, true);
}

/// Contract 204: as soon as both were made, the wait is released.
fn add_and_set_against_a_parked_task(s: &Shared<Permits>) {
    let task = queued(s, 1);
    join_all([spawn_on(s, add), spawn_on(s, Pair::set)]);
    task.assert_woken();
    assert_both_taken(s, true);
}

/// Contract 113.
fn add_and_set_against_a_check(s: &Shared<Permits>) {
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    let (gate, event) = &s.object;
    let passed = wait_all0(&[&Ask(gate, 1), event]);
    join_all(setters);
    assert_both_taken(s, passed);
}

/// Contract 210.
fn add_and_set_against_timeout(s: &Shared<Permits>) {
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    let passed = wait_soon(s);
    join_all(setters);
    assert_both_taken(s, passed);
}

fn wait_soon(s: &Pair<Permits>) -> bool {
    let (gate, event) = &s.object;
    let passed = wait_all_for(&[&Ask(gate, 1), event], SOON);
    if passed {
        s.assert_both_seen();
    }
    passed
}

/// Contract 210, 214.
fn add_and_set_against_drop(s: &Shared<Permits>) {
    let task = queued(s, 1);
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    drop(task);
    join_all(setters);
    assert_both_taken(s, false);
}

/// The addition may meet the mark, and then the word.
fn add_against_timeout(s: &Shared<Permits>) {
    change_against_timeout(s, add);
}

fn update_against_timeout(s: &Shared<Permits>) {
    change_against_timeout(s, update);
}

fn update(s: &Pair<Permits>) {
    s.change(|gate| gate.update(|permits| Some(permits + 1)).map_or(0, |(before, _)| before));
}

fn change_against_timeout(s: &Shared<Permits>, change: fn(&Pair<Permits>)) {
    s.set();
    let adder = spawn_on(s, change);
    let passed = wait_soon(s);
    adder.join().unwrap();
    assert_both_taken(s, passed);
}

fn set_against_timeout(s: &Shared<Permits>) {
    let setter = spawn_on(s, Pair::set);
    let (gate, event) = &s.object;
    let passed = wait_all_for(&[&Ask(gate, 1), event], SOON);
    setter.join().unwrap();
    assert_both_taken(s, passed);
}

/// Each change is made once, whether it meets the word, the mark or the stand-in.
fn changes_of_a_watched_gate_count(s: &Shared<Permits>) {
    let adder = spawn_on(s, |s| s.object.0.add(1));
    let updater = spawn_on(s, |s| s.object.0.update(|permits| Some(permits + 1)).unwrap());
    drop(queued(s, 3));
    let first = adder.join().unwrap();
    let (before, after) = updater.join().unwrap();
    assert_eq!((first + before, after), (1, before + 1));
    assert_eq!(s.object.0.value(), 2);
}

/// Contract 114.
fn checks_of_a_watched_gate(s: &Shared<Permits>) {
    let adder = spawn_on(s, add);
    let waiter = spawn_on(s, |s| {
        let taken = s.object.0.try_take(1) || s.object.0.wait_for(1, SOON);
        if taken {
            s.assert_seen(0);
        }
        u64::from(taken)
    });
    let task = queued(s, 2);
    let seen = s.object.0.value();
    drop(task);
    let taken = waiter.join().unwrap();
    adder.join().unwrap();
    assert!(seen <= 1);
    assert_eq!(s.object.0.value(), 1 - taken);
}

/// What is true of the gate does not change when it becomes watched, or ceases to be.
fn answers_while_it_becomes_watched(s: &Shared<Permits>) {
    let waiter = spawn_on(s, wait_soon);
    let gate = &s.object.0;
    assert_eq!((gate.add(2), gate.value()), (0, 2));
    assert!(gate.try_take(1));
    assert_eq!(gate.update(|permits| permits.checked_sub(1)), Ok((1, 0)));
    assert!(!gate.try_take(1) && !gate.wait_for(1, Duration::ZERO));
    assert!(!waiter.join().unwrap());
    assert_eq!(gate.value(), 0);
}

/// What was written before a change of a watched gate is visible to a wait that passes by it without a lock, when
/// the gate is not watched any more.
fn add_to_a_watched_gate_publishes(s: &Shared<Permits>) {
    let task = queued(s, 1);
    change_against_moves(s, add, || drop(task));
}

/// An update does not change the mark.
fn update_of_a_watched_gate_publishes(s: &Shared<Permits>) {
    let task = queued(s, 1);
    change_against_moves(s, update, || drop(task));
}

/// The other way round, too.
fn add_before_it_is_watched_publishes(s: &Shared<Permits>) {
    change_against_moves(s, add, || drop(queued(s, 1)));
}

fn change_against_moves(s: &Shared<Permits>, change: fn(&Pair<Permits>), moves: impl FnOnce()) {
    let adder = spawn_on(s, change);
    let waiter = spawn_on(s, |s| s.object.0.try_take(1) && s.assert_seen(0) == 0);
    moves();
    let taken = waiter.join().unwrap();
    adder.join().unwrap();
    assert_eq!(s.object.0.value(), u64::from(!taken));
}

/// One permit for the wait for both, one for a thread.
fn shared_out(s: &Shared<Permits>) {
    s.set();
    let task = queued(s, 1);
    let waiter = spawn_on(s, |s| s.object.0.wait(1));
    wait_until_queued(&s.object.0, 1);
    let adder = spawn_on(s, |s| s.object.0.add(1));
    s.object.0.add(1);
    task.finish();
    waiter.join().unwrap();
    adder.join().unwrap();
    assert_both_taken(s, true);
}

/// Contract 208: the wait for both comes before the thread, and before the task that came first.
fn shared_out_by_one_add(s: &Shared<Permits>) {
    s.set();
    let other = queued_at_the_gate(s, 1);
    let task = queued(s, 1);
    let waiter = spawn_on(s, |s| s.object.0.wait(1));
    wait_until_queued(&s.object.0, 2);
    let adder = spawn_on(s, |s| s.object.0.add(2));
    task.finish();
    other.finish();
    s.object.0.add(1);
    waiter.join().unwrap();
    adder.join().unwrap();
    assert_both_taken(s, true);
}

/// It reserves nothing: what is not enough for it goes to the thread.
fn too_few_for_it(s: &Shared<Permits>) {
    s.set();
    let mut task = queued(s, 2);
    let waiter = spawn_on(s, |s| s.object.0.wait(1));
    wait_until_queued(&s.object.0, 1);
    let adder = spawn_on(s, |s| s.object.0.add(1));
    waiter.join().unwrap();
    assert!(!task.is_ready());
    s.object.0.add(2);
    task.assert_woken();
    adder.join().unwrap();
    assert_both_taken(s, true);
}

/// What the thread was called for, the wait for both may take. The thread gets the next one.
fn offered_permit_is_taken(s: &Shared<Permits>) {
    let waiter = spawn_on(s, |s| s.object.0.wait(1));
    wait_until_queued(&s.object.0, 1);
    s.set();
    let adder = spawn_on(s, |s| {
        add(s);
        s.object.0.add(1);
    });
    s.wait_for_both(1);
    join_all([waiter, adder]);
    assert_both_taken(s, true);
}

/// The gate becomes watched, or ceases to be, while a called thread is on its way.
fn called_thread_of_a_watched_gate(s: &Shared<Permits>) {
    let waiter = spawn_on(s, |s| {
        s.object.0.wait(1);
        s.assert_seen(0);
    });
    wait_until_queued(&s.object.0, 1);
    let adder = spawn_on(s, add);
    drop(queued(s, 1));
    join_all([waiter, adder]);
    assert_both_taken(s, true);
}

/// While a request is kept, the wait for both does not pass before it.
fn kept_request_comes_first(s: &Shared<Permits>) {
    s.set();
    let other = queued_at_the_gate(s, 2);
    let mut task = queued(s, 1);
    let adder = spawn_on(s, |s| s.object.0.add(1));
    assert!(!task.is_ready());
    other.finish();
    adder.join().unwrap();
    assert!(!task.is_ready() && task.woken() == 0);
    s.object.0.add(1);
    task.assert_woken();
    assert_both_taken(s, true);
}

/// Contract 176: when it leaves, the wait for both passes.
fn drop_of_a_kept_request(s: &Shared<Permits>) {
    s.set();
    let other = queued_at_the_gate(s, 2);
    let task = queued(s, 1);
    let adder = spawn_on(s, |s| s.object.0.add(1));
    drop(other);
    task.finish();
    adder.join().unwrap();
    assert_eq!((s.object.0.value(), s.take_set()), (1, false));
}

fn timeout_of_a_kept_request(s: &Shared<Permits>) {
    s.set();
    let waiter = spawn_on(s, |s| s.object.0.wait_for(2, SOON));
    let (gate, event) = &s.object;
    wait_all(&[&Ask(gate, 1), event]);
    assert!(!waiter.join().unwrap());
    assert_both_taken(s, true);
}

/// It must not fail while the permit that it needs is seen, and due to another one.
fn check_beside_a_kept_request(s: &Shared<Permits>) {
    s.set();
    let other = queued_at_the_gate(s, 2);
    let adder = spawn_on(s, |s| s.object.0.add(2));
    let (gate, event) = &s.object;
    let seen = gate.value();
    let passed = wait_all0(&[&Ask(gate, 1), event]);
    assert!(passed || seen < 3, "it was due to another one");
    other.finish();
    adder.join().unwrap();
    assert_both_taken(s, passed);
}

/// Nor must one that has begun miss a set of the other object.
fn set_beside_a_kept_request(s: &Shared<Permits>) {
    let other = queued_at_the_gate(s, 2);
    let adder = spawn_on(s, |s| s.object.0.add(2));
    let (gate, event) = &s.object;
    let seen = gate.value();
    let mut task = queued(s, 1);
    s.set();
    event.reset();
    let passed = task.is_ready();
    assert!(passed || seen < 3, "it was due to another one");
    drop(task);
    other.finish();
    adder.join().unwrap();
    assert_eq!((gate.value(), event.is_set()), (u64::from(!passed), false));
}

/// The first wait in the queue passes by another event. From then on it keeps nothing.
fn set_beside_a_request_that_ends(s: &Shared<Permits>) {
    let both = Arc::new((AutoResetEvent::new(EventState::Unset), AtomicU8::new(0)));
    let (other, has_ended) = &*both;
    let (gate, event) = &s.object;
    let ask = Ask(gate, 2);
    let any = Task::queued(wait_any_async(&[&ask, other]));
    let mut task = queued(s, 1);
    let setter = spawn({
        let both = Arc::clone(&both);
        move || {
            both.0.set();
            both.1.store(1, Ordering::Release);
        }
    });
    let has_ended = has_ended.load(Ordering::Acquire) == 1;
    s.set();
    event.reset();
    let passed = task.woken() > 0;
    assert!(passed || !has_ended, "a permit was kept for a wait that has passed");
    assert_eq!(any.finish(), 1);
    setter.join().unwrap();
    assert_eq!(task.is_ready(), passed);
    assert_eq!((gate.value(), event.is_set()), (u64::from(!passed), false));
}

fn timeout_beside_a_kept_request(s: &Shared<Permits>) {
    s.set();
    let other = queued_at_the_gate(s, 2);
    let adder = spawn_on(s, |s| s.object.0.add(2));
    let (gate, event) = &s.object;
    let seen = gate.value();
    let passed = wait_all_for(&[&Ask(gate, 1), event], SOON);
    assert!(passed || seen < 3, "it was due to another one");
    other.finish();
    adder.join().unwrap();
    assert_both_taken(s, passed);
}

/// The first of the two is for the wait for any, whichever it is.
fn beside_any(s: &Shared<Permits>) {
    let (gate, event) = &s.object;
    let ask = Ask(gate, 1);
    let any = Task::queued(wait_any_async(&[&ask, event]));
    let task = queued(s, 1);
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    let won = s.assert_seen(any.finish());
    assert_eq!(task.woken(), 0);
    if won == 0 {
        _ = gate.add(1)
    } else {
        event.set()
    }
    task.finish();
    join_all(setters);
    assert_both_taken(s, true);
}

/// What stands in for the word moves to the second wait.
fn first_of_two_leaves(s: &Shared<Permits>) {
    let [first, second] = [(); 2].map(|()| queued(s, 1));
    let setters = [spawn_on(s, add), spawn_on(s, Pair::set)];
    drop(first);
    second.finish();
    join_all(setters);
    assert_both_taken(s, true);
}

/// One change lets two waits for all pass, as far as it is enough.
fn two_by_one_add(s: &Shared<Permits>) {
    s.set();
    let task = queued(s, 1);
    let ask = Ask(&s.object.0, 2);
    let other = Task::queued(all_of(&[&ask]));
    let adder = spawn_on(s, |s| s.object.0.add(2));
    let updater = spawn_on(s, |s| s.object.0.update(|permits| Some(permits + 1)).is_ok());
    task.finish();
    other.finish();
    adder.join().unwrap();
    assert!(updater.join().unwrap());
    assert_both_taken(s, true);
}

/// Contract 215, 227: the gate, and the wait, are freed as soon as it has returned.
fn freed_by_the_thread(_: &Shared<Permits>) {
    freed_after(|gate, event| wait_all(&[&Ask(gate, 1), event]));
}

fn freed_by_the_task(_: &Shared<Permits>) {
    freed_after(|gate, event| Task::new(all_of(&[&Ask(gate, 1), event])).finish());
}

fn freed_after(wait: fn(&Gate<Permits>, &AutoResetEvent)) {
    let event = AutoResetEvent::new(EventState::Unset);
    let pair = Box::into_raw(Box::new((Gate::<Permits>::new(0), event)));
    let setters = [0, 1].map(|place| {
        let pointer = AtomicPtr::new(pair);
        spawn(move || {
            // SAFETY: the pair is freed once the wait has returned, which both let pass. That they no longer access
            // it then is what is explored.
            let pair = unsafe { &*pointer.into_inner() };
            if place == 0 { _ = pair.0.add(1) } else { pair.1.set() }
        })
    });
    // SAFETY: it is freed only below.
    let (gate, event) = unsafe { &*pair };
    wait(gate, event);
    // SAFETY: it came from a box, and the wait for the only other accesses has returned.
    drop(unsafe { Box::from_raw(pair) });
    join_all(setters);
}

/// The truth table, checked during both changes and a wait that may be given up.
fn rules_hold_at_any_moment(s: &Shared<Permits>) {
    let waiter = spawn_on(s, wait_soon);
    let adder = spawn_on(s, add);
    s.set();
    assert_rules(&s.object.0);
    let passed = waiter.join().unwrap();
    adder.join().unwrap();
    assert!(!inspect(&s.object.0).1.has(KEPT));
    assert_both_taken(s, passed);
}

fn sub_and_set_against_a_thread(s: &Shared<Zero>) {
    let setters = [spawn_on(s, sub), spawn_on(s, Pair::set)];
    s.wait_for_both(0);
    join_all(setters);
    assert!(!s.take_set() && s.object.0.try_take(0));
}

fn sub_and_set_against_a_parked_task(s: &Shared<Zero>) {
    let task = queued(s, 0);
    join_all([spawn_on(s, sub), spawn_on(s, Pair::set)]);
    task.assert_woken();
    assert!(!s.take_set() && s.object.0.try_take(0));
}

fn sub_against_timeout(s: &Shared<Zero>) {
    s.set();
    let setter = spawn_on(s, sub);
    let (gate, event) = &s.object;
    let passed = wait_all_for(&[&Ask(gate, 0), event], SOON);
    if passed {
        s.assert_both_seen();
    }
    setter.join().unwrap();
    assert_eq!(s.take_set(), !passed);
    assert_eq!(s.object.0.value(), 0);
}

/// Contract 58a, 205: all that wait are released although the gate is closed again, and no later one.
fn closed_at_once(s: &Shared<Zero>) {
    s.set();
    let first = queued_at_the_gate(s, 0);
    let task = queued(s, 0);
    let setter = spawn_on(s, sub_and_close);
    task.finish();
    setter.join().unwrap();
    first.assert_woken();
    assert!(!s.take_set() && !s.object.0.try_take(0));
}

fn closed_at_once_beside_a_thread(s: &Shared<Zero>) {
    s.set();
    let waiter = spawn_on(s, |s| s.object.0.wait(0));
    wait_until_queued(&s.object.0, 1);
    let other = spawn_on(s, |s| s.wait_for_both(0));
    wait_until_watched(s, 1);
    sub_and_close(s);
    join_all([waiter, other]);
    assert!(!s.take_set() && !s.object.0.try_take(0));
}

fn sub_and_close(s: &Pair<Zero>) {
    sub(s);
    on_shared::close(&s.object.0);
}

/// The gate was opened, and its queue is about to be released, when it becomes watched.
fn watched_while_it_is_opened(s: &Shared<Zero>) {
    let first = queued_at_the_gate(s, 0);
    let setter = spawn_on(s, sub_and_close);
    drop(queued(s, 0));
    setter.join().unwrap();
    first.assert_woken();
    assert!(!s.object.0.try_take(0));
}
