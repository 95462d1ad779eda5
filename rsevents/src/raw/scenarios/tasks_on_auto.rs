//! Races with tasks on an auto-reset event.

use super::task::Task;
pub(super) use super::tasks_on_both::*;
use super::{join_all, spawn_on};
use crate::sync::testing::{Arc, spawn};
use crate::{AutoResetEvent, Awaitable};

type Shared = Arc<super::Shared<AutoResetEvent>>;

/// Contract 134, 142: each set is one, also where the dropped wait had got one.
pub(super) fn two_sets_against_drop(s: &Shared) {
    let [first, second] = [(); 2].map(|()| Task::queued(s.object.wait_async()));
    let setters = [(); 2].map(|()| spawn_on(s, |s| s.object.set()));
    drop(first);
    second.finish();
    join_all(setters);
    assert!(s.object.wait0());
    assert!(!s.object.wait0());
}

/// Contract 137, 163: the set that is handed on publishes what the first setter wrote.
pub(super) fn drop_against_wait0(s: &Shared) {
    let task = Task::queued(owned(s));
    s.publish(0);
    let dropper = spawn(move || drop(task));
    if s.object.wait0() {
        s.assert_published(0);
        dropper.join().unwrap();
        assert!(!s.object.wait0());
    } else {
        dropper.join().unwrap();
        assert!(s.object.wait0());
    }
}

/// Contract 135, 137: of two waits that were given the same set, one after the other.
pub(super) fn drop_against_drop(s: &Shared) {
    let [first, second] = [(); 2].map(|()| Task::queued(owned(s)));
    s.object.set();
    let dropper = spawn(move || drop(first));
    drop(second);
    dropper.join().unwrap();
    assert!(s.object.wait0());
    assert!(!s.object.wait0());
}

/// Contract 155: polled by one thread and then by another.
pub(super) fn moved_task_against_set(s: &Shared) {
    let mut task = Task::queued(owned(s));
    let setter = spawn_on(s, |s| s.publish(0));
    let old = task.change_waker();
    let other = spawn_on(s, move |s| {
        task.finish();
        s.assert_published(0);
    });
    join_all([setter, other]);
    assert!(old.times() <= 1);
    assert!(!s.object.wait0());
}
