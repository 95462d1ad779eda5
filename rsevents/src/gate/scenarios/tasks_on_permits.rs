//! Races with tasks on a gate whose value is a number of permits.

use std::pin::pin;

use super::{
    Permits, assert_rules, freed_by_the_task as freed, inspect, join_all, owned, spawn_on,
    wait_until_queued,
};
use crate::gate::word::KEPT;
use crate::raw::scenarios::task::Task;
use crate::sync::testing::{Arc, SOON, spawn};
use crate::{Gate, Wait};

type Shared = Arc<super::Shared<Gate<Permits>>>;

impl super::Shared<Gate<Permits>> {
    /// Writes, then adds.
    fn add_many(&self, permits: u64) {
        self.publish(0, |gate| {
            gate.add(permits);
        });
    }
}

fn queued(s: &Shared, request: u32) -> Task<Wait<'_>> {
    Task::queued(s.object.wait_async(request))
}

/// Contract 119, 163.
pub(super) fn add_against_poll(s: &Shared) {
    let adder = spawn_on(s, |s| s.add_many(1));
    Task::new(s.object.wait_async(1)).finish();
    s.assert_published(0);
    adder.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// Contract 153. A wait whose limit has passed keeps its place.
pub(super) fn add_against_enqueue_and_limit(s: &Shared) {
    let adder = spawn_on(s, |s| s.add_many(1));
    let mut wait = pin!(s.object.wait_async(1));
    wait.as_mut().enqueue();
    if wait.as_mut().block_for(SOON).is_none() {
        wait.block();
    }
    s.assert_published(0);
    adder.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// The permit stays.
pub(super) fn add_against_given_up(s: &Shared) {
    let adder = spawn_on(s, |s| s.add_many(1));
    let passed = {
        let mut wait = pin!(s.object.wait_async(1));
        wait.as_mut().enqueue();
        wait.block_for(SOON).is_some()
    };
    if passed {
        s.assert_published(0);
    }
    adder.join().unwrap();
    assert_eq!(s.object.value(), u64::from(!passed));
}

/// Contract 124.
pub(super) fn add_against_another_waker(s: &Shared) {
    let mut task = queued(s, 1);
    let adder = spawn_on(s, |s| s.add_many(1));
    let old = task.change_waker();
    let was_ready = task.is_ready();
    adder.join().unwrap();
    if was_ready {
        assert!(old.times() <= 1 && task.woken() == 0);
    } else {
        assert_eq!(old.times(), 0, "an old waker was woken");
        task.assert_woken();
    }
    assert_eq!(s.object.value(), 0);
}

/// Contract 123, 129, 179.
pub(super) fn add_against_drop(s: &Shared) {
    let task = queued(s, 1);
    let adder = spawn_on(s, |s| s.add_many(1));
    drop(task);
    adder.join().unwrap();
    assert!(s.object.try_take(1));
    s.assert_published(0);
    assert_eq!(s.object.value(), 0);
}

/// Contract 122, 163.
pub(super) fn add_against_drop_before_a_task(s: &Shared) {
    add_against_drop_of_the_first(s, 1);
}

/// Both ask for so much. The value is enough for one of them in the end.
fn add_against_drop_of_the_first(s: &Shared, request: u32) {
    let [first, second] = [(); 2].map(|()| queued(s, request));
    let adder = spawn_on(s, |s| s.add_many(1));
    drop(first);
    second.finish();
    s.assert_published(0);
    adder.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// Contract 136, 163, 184.
pub(super) fn add_against_drop_before_a_thread(s: &Shared) {
    let task = queued(s, 1);
    let waiter = spawn_on(s, |s| {
        s.object.wait(1);
        s.assert_published(0);
    });
    wait_until_queued(&s.object, 2);
    let adder = spawn_on(s, |s| s.add_many(1));
    drop(task);
    join_all([waiter, adder]);
    assert_eq!(s.object.value(), 0);
}

/// Contract 136, 179: with a thread before or behind it whose deadline passes.
pub(super) fn add_against_drop_and_timeout(s: &Shared) {
    let timed = spawn_on(s, |s| s.object.wait_for(1, SOON));
    let task = queued(s, 1);
    let adder = spawn_on(s, |s| s.add_many(1));
    drop(task);
    let passed = timed.join().unwrap();
    adder.join().unwrap();
    assert_eq!(s.object.value(), u64::from(!passed));
}

/// The first wait gets its permit at once, unless another one has taken it before it was served.
pub(super) fn add_to_a_task_against_try_take(s: &Shared) {
    let mut task = queued(s, 1);
    let adder = spawn_on(s, |s| s.add_many(1));
    let taken = s.object.try_take(1);
    adder.join().unwrap();
    if taken {
        assert!(task.woken() == 0 && !task.is_ready());
        s.object.add(1);
    }
    task.assert_woken();
    assert_eq!(s.object.value(), 0);
}

/// A task behind a called thread gets what that does not need, and its drop gives it back.
pub(super) fn drop_behind_called(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait(1));
    wait_until_queued(&s.object, 1);
    let task = queued(s, 1);
    s.object.add(1);
    s.object.add(1);
    drop(task);
    waiter.join().unwrap();
    assert_eq!(s.object.value(), 1);
}

/// The same against the change, and with a thread that barges.
pub(super) fn add_against_drop_behind_called(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait(1));
    wait_until_queued(&s.object, 1);
    let task = queued(s, 1);
    let adder = spawn_on(s, |s| {
        s.object.add(1);
        s.object.add(1);
    });
    drop(task);
    let taken = s.object.try_take(1);
    waiter.join().unwrap();
    adder.join().unwrap();
    assert_eq!(s.object.value(), u64::from(!taken));
}

/// Contract 82a: a task that asks for several keeps its place, and gets all at once.
pub(super) fn several_against_try_take(s: &Shared) {
    let task = queued(s, 2);
    let adder = spawn_on(s, |s| s.add_many(1));
    assert!(!s.object.try_take(1));
    task.finish();
    s.assert_published(0);
    adder.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// Contract 175, 176: whether it had got its permits or not, those behind it are served.
pub(super) fn drop_of_several_against_add(s: &Shared) {
    let (several, one) = (queued(s, 2), queued(s, 1));
    let adder = spawn_on(s, |s| s.object.add(1));
    drop(several);
    adder.join().unwrap();
    one.assert_woken();
    assert_eq!(s.object.value(), 1);
}

/// Contract 176: also without a change.
pub(super) fn drop_of_several_serves_others(s: &Shared) {
    let (several, one) = (Task::queued(owned(s, 2)), queued(s, 1));
    spawn(move || drop(several)).join().unwrap();
    one.assert_woken();
    assert_eq!(s.object.value(), 0);
}

/// Contract 176, 184: with a thread behind it.
pub(super) fn drop_of_several_before_a_thread(s: &Shared) {
    let several = Task::queued(owned(s, 2));
    let waiter = spawn_on(s, |s| s.object.wait(1));
    let dropper = spawn(move || drop(several));
    assert!(s.object.add(1) < 3);
    waiter.join().unwrap();
    dropper.join().unwrap();
    assert!(!inspect(&s.object).1.has(KEPT));
    assert_eq!(s.object.value(), 1);
}

/// Two that keep, of which the first is dropped.
pub(super) fn drop_of_several_before_several(s: &Shared) {
    add_against_drop_of_the_first(s, 2);
}

pub(super) fn freed_by_the_task(_: &Shared) {
    freed::<Permits>(0, 1, |gate| {
        gate.add(1);
    });
}

pub(super) fn freed_by_the_task_that_keeps(_: &Shared) {
    freed::<Permits>(0, 2, |gate| {
        gate.add(2);
    });
}

/// The truth table, checked during a change and two drops.
pub(super) fn rules_hold_at_any_moment(s: &Shared) {
    let tasks = [2, 1].map(|request| Task::queued(owned(s, request)));
    let droppers = tasks.map(|task| spawn(move || drop(task)));
    s.object.add(1);
    assert_rules(&s.object);
    join_all(droppers);
    assert_eq!(s.object.value(), 2);
}

/// A leaked wait of a gate that is gone takes nothing from another one at its address.
pub(super) fn leaked_wait_at_the_address(_: &Shared) {
    super::with_leaked_wait::<Permits>(0, |gate, pointer| {
        // SAFETY: it is joined before the gate goes.
        let adder = spawn(move || unsafe { &*pointer.into_inner() }.add(2));
        let [first, second] = [(); 2].map(|()| Task::new(gate.wait_async(1)));
        first.finish();
        drop(second);
        gate.wait(1);
        adder.join().unwrap();
        assert_eq!(gate.value(), 0);
    });
}
