//! Races with tasks on a manual-reset event. In a model, a broadcast takes two tasks at a time.

use std::pin::pin;

use super::on_manual::wakes_another;
use super::task::Task;
pub(super) use super::tasks_on_both::*;
use super::{join_all, spawn_on, wait_until_queued};
use crate::sync::testing::{Arc, SOON};
use crate::{Awaitable, ManualResetEvent, Wait};

type Shared = Arc<super::Shared<ManualResetEvent>>;

fn queued<const N: usize>(s: &Shared) -> [Task<Wait<'_>>; N] {
    [(); N].map(|()| Task::queued(s.object.wait_async()))
}

/// Contract 145, 163: once one was seen released, all others are.
pub(super) fn half_a_broadcast(s: &Shared) {
    check_in_a_broadcast(s, [0, 2, 1]);
}

pub(super) fn half_a_broadcast_from_behind(s: &Shared) {
    check_in_a_broadcast(s, [2, 1, 0]);
}

fn check_in_a_broadcast(s: &Shared, order: [usize; 3]) {
    let tasks = queued(s);
    let setter = spawn_on(s, |s| s.publish(0));
    let others = Task::check(tasks, order, || s.assert_published(0));
    setter.join().unwrap();
    others.for_each(Task::assert_woken);
    assert!(s.object.wait0());
}

pub(super) fn drop_of_the_first_in_a_broadcast(s: &Shared) {
    drop_in_a_broadcast(s, 0);
}

pub(super) fn drop_of_an_inner_one_in_a_broadcast(s: &Shared) {
    drop_in_a_broadcast(s, 2);
}

pub(super) fn drop_of_the_last_in_a_broadcast(s: &Shared) {
    drop_in_a_broadcast(s, 3);
}

/// Contract 147, from another thread than the setter's.
fn drop_in_a_broadcast(s: &Shared, place: usize) {
    let mut tasks = queued::<4>(s).map(Some);
    let setter = spawn_on(s, |s| s.object.set());
    tasks[place] = None;
    setter.join().unwrap();
    tasks.into_iter().flatten().for_each(Task::assert_woken);
    assert!(s.object.wait0());
}

/// Contract 128, 143: a wait that begins while the broadcast still runs, and after a reset, is not released by it.
pub(super) fn new_wait_in_a_broadcast(s: &Shared) {
    let [mut first, second, third] = queued(s);
    let setter = spawn_on(s, |s| s.object.set());
    if first.is_ready() {
        s.object.reset();
        let mut new = Task::queued(s.object.wait_async());
        setter.join().unwrap();
        assert!(!new.is_ready() && new.woken() == 0, "released by the set before");
    } else {
        setter.join().unwrap();
        first.assert_woken();
        s.object.reset();
    }
    [second, third].into_iter().for_each(Task::assert_woken);
    assert!(!s.object.wait0());
}

/// Contract 143: a wait leaves the batch or the queue, whichever it is in.
pub(super) fn old_and_new_waits_dropped_in_a_broadcast(s: &Shared) {
    let [mut first, second, third, fourth] = queued(s);
    let setter = spawn_on(s, |s| s.object.set());
    let mut others = vec![second, fourth];
    if first.is_ready() {
        s.object.reset();
        let [new, mut newer] = queued(s);
        drop([new, third]);
        setter.join().unwrap();
        assert!(!newer.is_ready() && newer.woken() == 0, "released by the set before");
        s.object.set();
        newer.assert_woken();
    } else {
        setter.join().unwrap();
        others.extend([first, third]);
    }
    others.into_iter().for_each(Task::assert_woken);
    assert!(s.object.wait0());
}

/// Contract 126: the setter wakes tasks together and threads one by one.
pub(super) fn broadcast_to_a_thread_between_tasks(s: &Shared) {
    let [first] = queued(s);
    let waiter = spawn_on(s, |s| s.object.wait());
    wait_until_queued(&s.object, 2);
    let [third, mut fourth] = queued(s);
    let setter = spawn_on(s, |s| s.object.set());
    let mut others = vec![first, third];
    if !fourth.is_ready() {
        others.push(fourth);
    }
    join_all([waiter, setter]);
    others.into_iter().for_each(Task::assert_woken);
    assert!(s.object.wait0());
}

/// Contract 29: a thread that blocks in such a wait wakes others, as one that waits.
pub(super) fn blocked_wait_wakes_others(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        pin!(s.object.wait_async()).block();
        true
    });
    wait_until_queued(&s.object, 1);
    wakes_another(s, waiter, 1);
}

/// Contract 28, 29: also if its deadline passes inside the broadcast.
pub(super) fn blocked_wait_with_deadline_wakes_others(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        let mut wait = pin!(s.object.wait_async());
        if wait.as_mut().block_for(SOON).is_none() {
            wait.block();
        }
        true
    });
    wait_until_queued(&s.object, 1);
    wakes_another(s, waiter, 1);
}
