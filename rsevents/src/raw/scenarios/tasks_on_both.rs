//! Races with tasks that are the same on both events but for what a wait leaves behind.

use std::pin::pin;
use std::sync::atomic::AtomicPtr;

use super::leaked::with_leaked;
use super::task::Task;
use super::{Event, Shared, assert_rules, join_all, spawn_on, wait_until_queued};
use crate::sync::testing::{Arc, SOON, spawn};
use crate::{EventState, OwnedWait};

/// A wait that can be moved to another thread.
pub(super) fn owned<E: Event>(s: &Arc<Shared<E>>) -> OwnedWait<Shared<E>> {
    OwnedWait::new(Arc::clone(s), |s| s.object.wait_async())
}

/// The only set was made, and one wait has succeeded.
fn assert_left<E: Event>(s: &Shared<E>) {
    assert_eq!(s.object.wait0(), !E::CONSUMES, "one set released two waits, or is lost");
}

/// Contract 119, 163.
pub(super) fn set_against_poll<E: Event>(s: &Arc<Shared<E>>) {
    let setter = spawn_on(s, |s| s.publish(0));
    Task::new(s.object.wait_async()).finish();
    s.assert_published(0);
    setter.join().unwrap();
    assert_left(s);
}

/// Contract 153.
pub(super) fn set_against_enqueue_and_block<E: Event>(s: &Arc<Shared<E>>) {
    let setter = spawn_on(s, |s| s.publish(0));
    let mut wait = pin!(s.object.wait_async());
    if wait.as_mut().enqueue() {
        s.assert_published(0);
    }
    wait.block();
    s.assert_published(0);
    setter.join().unwrap();
    assert_left(s);
}

/// A wait whose limit has passed keeps its place.
pub(super) fn set_against_enqueue_and_limit<E: Event>(s: &Arc<Shared<E>>) {
    let mut wait = pin!(s.object.wait_async());
    assert!(!wait.as_mut().enqueue());
    let setter = spawn_on(s, |s| s.publish(0));
    if wait.as_mut().block_for(SOON).is_none() {
        wait.block();
    }
    s.assert_published(0);
    setter.join().unwrap();
    assert_left(s);
}

/// Check, enqueue, wait, give up: the set stays.
pub(super) fn set_against_given_up<E: Event>(s: &Arc<Shared<E>>) {
    let setter = spawn_on(s, |s| s.publish(0));
    let passed = {
        let mut wait = pin!(s.object.wait_async());
        wait.as_mut().enqueue();
        wait.block_for(SOON).is_some()
    };
    if passed {
        s.assert_published(0);
    }
    setter.join().unwrap();
    assert_eq!(s.object.wait0(), !passed || !E::CONSUMES);
}

/// Contract 124, 155.
pub(super) fn set_against_another_waker<E: Event>(s: &Arc<Shared<E>>) {
    let mut task = Task::queued(s.object.wait_async());
    let setter = spawn_on(s, |s| s.publish(0));
    let old = task.change_waker();
    let was_ready = task.is_ready();
    if was_ready {
        s.assert_published(0);
    }
    setter.join().unwrap();
    if was_ready {
        assert!(old.times() <= 1 && task.woken() == 0);
    } else {
        assert_eq!(old.times(), 0, "an old waker was woken");
        task.assert_woken();
        s.assert_published(0);
    }
    assert_left(s);
}

/// Contract 123, 137.
pub(super) fn set_against_drop<E: Event>(s: &Arc<Shared<E>>) {
    let task = Task::queued(s.object.wait_async());
    let setter = spawn_on(s, |s| s.publish(0));
    drop(task);
    setter.join().unwrap();
    assert!(s.object.wait0(), "lost");
    assert_left(s);
}

/// Contract 135, 142, 163.
pub(super) fn set_against_drop_before_a_task<E: Event>(s: &Arc<Shared<E>>) {
    let [first, second] = [(); 2].map(|()| Task::queued(s.object.wait_async()));
    let setter = spawn_on(s, |s| s.publish(0));
    drop(first);
    second.finish();
    s.assert_published(0);
    setter.join().unwrap();
    assert_left(s);
}

/// Contract 136, 163.
pub(super) fn set_against_drop_before_a_thread<E: Event>(s: &Arc<Shared<E>>) {
    let task = Task::queued(s.object.wait_async());
    let waiter = spawn_on(s, |s| {
        s.object.wait();
        s.assert_published(0);
    });
    wait_until_queued(&s.object, 2);
    let setter = spawn_on(s, |s| s.publish(0));
    drop(task);
    join_all([waiter, setter]);
    assert_left(s);
}

/// Contract 136, 142: with a thread before or behind it whose deadline passes.
pub(super) fn set_against_drop_and_timeout<E: Event>(s: &Arc<Shared<E>>) {
    let timed = spawn_on(s, |s| s.object.wait_for(SOON));
    let task = Task::queued(s.object.wait_async());
    let setter = spawn_on(s, |s| s.publish(0));
    drop(task);
    let passed = timed.join().unwrap();
    setter.join().unwrap();
    assert_eq!(s.object.wait0(), !passed || !E::CONSUMES);
}

/// The truth table, checked during a set and a drop.
pub(super) fn rules_hold_at_any_moment<E: Event>(s: &Arc<Shared<E>>) {
    let tasks = [(); 2].map(|()| Task::queued(owned(s)));
    let droppers = tasks.map(|task| spawn(move || drop(task)));
    s.object.set();
    assert_rules(&s.object);
    join_all(droppers);
    assert!(s.object.wait0());
}

/// Contract 227, with a task.
pub(super) fn freed_by_the_task<E: Event>(_: &Arc<Shared<E>>) {
    with_event(|event: &E, pointer: Pointer<E>| {
        // SAFETY: it is freed once this wait has completed, which takes the set.
        let setter = spawn(move || unsafe { &*pointer.into_inner() }.set());
        Task::new(event.wait_async()).finish();
        setter
    })
    .join()
    .unwrap();
}

/// A leaked wait of an event that is gone takes nothing from another one at its address.
pub(super) fn leaked_wait_at_the_address<E: Event>(_: &Arc<Shared<E>>) {
    with_leaked_wait(|event: &E, pointer| {
        // SAFETY: it is joined before the event goes.
        let setter = spawn(move || unsafe { &*pointer.into_inner() }.set());
        event.wait();
        setter.join().unwrap();
        assert_eq!(event.wait0(), !E::CONSUMES);
    });
}

/// The same with tasks.
pub(super) fn leaked_wait_at_the_address_against_drop<E: Event>(_: &Arc<Shared<E>>) {
    with_leaked_wait(|event: &E, pointer| {
        let [first, second] = [(); 2].map(|()| Task::queued(event.wait_async()));
        // SAFETY: it is joined before the event goes.
        let setter = spawn(move || unsafe { &*pointer.into_inner() }.set());
        drop(first);
        second.finish();
        setter.join().unwrap();
        assert_eq!(event.wait0(), !E::CONSUMES);
    });
}

type Pointer<E> = AtomicPtr<E>;

/// Calls `call` with an event, and frees it when that returns.
fn with_event<E: Event, R>(call: impl FnOnce(&E, Pointer<E>) -> R) -> R {
    let event = Box::into_raw(Box::new(E::from(EventState::Unset)));
    // SAFETY: it is freed only below.
    let result = call(unsafe { &*event }, AtomicPtr::new(event));
    // SAFETY: it came from a box, and `call` sees to all other accesses.
    drop(unsafe { Box::from_raw(event) });
    result
}

/// Calls `call` with an event at whose address another one was, with a wait that was leaked.
fn with_leaked_wait<E: Event>(call: impl FnOnce(&E, Pointer<E>)) {
    with_event(|event: &E, mut pointer| {
        with_leaked(event.wait_async(), || {
            let place = *pointer.get_mut();
            // SAFETY: nothing uses the old event any more, as the wait is leaked.
            unsafe { place.drop_in_place() };
            // SAFETY: nothing is there now.
            unsafe { place.write(E::from(EventState::Unset)) };
            // SAFETY: see above.
            let event = unsafe { &*place };
            call(event, pointer);
            event.reset();
            drop(Task::queued(event.wait_async()));
            assert_rules(event);
        });
    });
}
