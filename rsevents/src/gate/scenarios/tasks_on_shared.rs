//! Races with tasks on a shared gate, which is open while its value is zero.

use std::pin::pin;

use super::on_shared::{close, wakes_another};
use super::{
    Zero, assert_rules, freed_by_the_task as freed, join_all, owned, spawn_on, wait_until_queued,
};
use crate::raw::scenarios::task::Task;
use crate::sync::testing::{Arc, spawn};
use crate::{Gate, Wait};

type Shared = Arc<super::Shared<Gate<Zero>>>;

fn queued<const N: usize>(s: &Shared) -> [Task<Wait<'_>>; N] {
    [(); N].map(|()| Task::queued(s.object.wait_async(0)))
}

/// Contract 163.
pub(super) fn sub_against_poll(s: &Shared) {
    let sub = spawn_on(s, |s| s.publish(0, |gate| assert_eq!(gate.sub(1), 1)));
    Task::new(s.object.wait_async(0)).finish();
    s.assert_published(0);
    sub.join().unwrap();
    assert!(s.object.try_take(0));
}

/// Contract 145: once one was seen released, all others are.
pub(super) fn half_a_release(s: &Shared) {
    let tasks = queued(s);
    let sub = spawn_on(s, |s| s.publish(0, |gate| assert_eq!(gate.sub(1), 1)));
    let others = Task::check(tasks, [2, 0, 1], || s.assert_published(0));
    sub.join().unwrap();
    others.for_each(Task::assert_woken);
    assert!(s.object.try_take(0));
}

pub(super) fn drop_in_a_release(s: &Shared) {
    let [first, second, third] = queued(s);
    let sub = spawn_on(s, |s| s.object.sub(1));
    drop(second);
    sub.join().unwrap();
    [first, third].into_iter().for_each(Task::assert_woken);
    assert!(s.object.try_take(0));
}

/// Contract 58a: closed again as soon as it is seen open. All that were queued are released, and no later one.
pub(super) fn closed_at_once(s: &Shared) {
    let tasks = queued::<3>(s);
    let sub = spawn_on(s, |s| s.object.sub(1));
    if s.object.try_take(0) {
        close(&s.object);
        let [mut new] = queued(s);
        tasks.into_iter().for_each(|task| task.finish());
        sub.join().unwrap();
        assert!(!new.is_ready() && new.woken() == 0, "released by the zero before");
    } else {
        sub.join().unwrap();
        tasks.into_iter().for_each(Task::assert_woken);
    }
}

/// The same by a thread that was released by the zero, with a drop in between.
pub(super) fn stuck_sub_against_a_drop_and_the_next_round(s: &Shared) {
    let [mut first, second] = queued(s);
    let stuck = spawn_on(s, |s| s.object.sub(1));
    if first.is_ready() {
        close(&s.object);
        drop(second);
        let [mut new] = queued(s);
        stuck.join().unwrap();
        assert!(!new.is_ready() && new.woken() == 0, "released by the round before");
    } else {
        stuck.join().unwrap();
        [first, second].into_iter().for_each(Task::assert_woken);
    }
}

/// Contract 29: a thread that blocks in such a wait wakes others, as one that waits.
pub(super) fn blocked_wait_wakes_others(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        pin!(s.object.wait_async(0)).block();
        true
    });
    wait_until_queued(&s.object, 1);
    wakes_another(s, waiter, 1);
}

pub(super) fn freed_by_the_task(_: &Shared) {
    freed::<Zero>(1, 0, |gate| {
        gate.sub(1);
    });
}

pub(super) fn rules_hold_at_any_moment(s: &Shared) {
    let tasks = [(); 2].map(|()| Task::queued(owned(s, 0)));
    let droppers = tasks.map(|task| spawn(move || drop(task)));
    s.object.sub(1);
    assert_rules(&s.object);
    join_all(droppers);
    assert!(s.object.try_take(0));
}

/// A leaked wait of a gate that is gone is not released by another one at its address.
pub(super) fn leaked_wait_at_the_address(_: &Shared) {
    super::with_leaked_wait::<Zero>(1, |gate, pointer| {
        // SAFETY: it is joined before the gate goes.
        let sub = spawn(move || unsafe { &*pointer.into_inner() }.sub(1));
        let [first, second] = [(); 2].map(|()| Task::new(gate.wait_async(0)));
        first.finish();
        second.finish();
        sub.join().unwrap();
        close(gate);
    });
}
