//! Races on a manual-reset event.

pub(super) use super::on_both::ping_pong as ping_pong_with_turns;
pub(super) use super::on_both::*;

use super::{join_all, park_without_helping, spawn_on, wait_until_parked};
use crate::sync::RequeueOp;
use crate::sync::testing::{Arc, JoinHandle, SOON};
use crate::{Awaitable, ManualResetEvent};

type Shared = Arc<super::Shared<ManualResetEvent>>;

fn spawn_readers<const N: usize>(s: &Shared) -> [JoinHandle<()>; N] {
    [(); N].map(|()| {
        spawn_on(s, |s| {
            s.object.wait();
            s.assert_published(0);
        })
    })
}

fn spawn_timed_and_untimed(s: &Shared) -> [JoinHandle<()>; 2] {
    let timed = spawn_on(s, |s| {
        s.object.wait_for(SOON);
    });
    [timed, spawn_on(s, |s| s.object.wait())]
}

/// Contract 23, 24, 85.
pub(super) fn set_against_two_waits(s: &Shared) {
    let waiters = spawn_readers::<2>(s);
    s.publish(0);
    join_all(waiters);
    assert!(s.object.wait0());
}

/// Contract 85.
pub(super) fn set_against_wait0(s: &Shared) {
    let setter = spawn_on(s, |s| s.publish(0));
    if s.object.wait0() {
        s.assert_published(0);
        assert!(s.object.is_set());
    }
    setter.join().unwrap();
    assert!(s.object.wait0());
}

/// Contract 29: `N` waiters, and a set that wakes the first of them and is preempted then. The released
/// waiters wake each other.
fn the_released_wake_each_other<const N: usize>(s: &Shared) {
    let waiters = spawn_readers::<N>(s);
    wait_until_parked(&s.object, N);
    s.data[0].set(7);
    assert!(!s.object.event.set_if_none_parked());
    let result = s.object.event.release(RequeueOp::UnparkOneRequeueRest);
    assert_eq!(result.requeued_threads, N - 1);
    join_all(waiters);
}

pub(super) fn four_released_wake_each_other(s: &Shared) {
    the_released_wake_each_other::<4>(s);
}

pub(super) fn two_released_wake_each_other(s: &Shared) {
    the_released_wake_each_other::<2>(s);
}

/// Contract 29: a waiter that has a deadline helps as well.
pub(super) fn the_released_wake_each_other_before_a_deadline(s: &Shared) {
    let waiters = spawn_timed_and_untimed(s);
    if !s.object.event.set_if_none_parked() {
        s.object.event.release(RequeueOp::UnparkOneRequeueRest);
    }
    join_all(waiters);
    assert!(s.object.wait0());
}

/// Contract 29: a set wakes all that it released by itself, even if those that are awake do not help.
pub(super) fn set_wakes_all_without_help(s: &Shared) {
    let waiters = [(); 3]
        .map(|()| spawn_on(s, |s| assert!(park_without_helping(&s.object.event).is_unparked())));
    wait_until_parked(&s.object, 3);
    s.object.set();
    join_all(waiters);
    assert!(s.object.wait0());
}

/// Contract 28, 29, 85: a released waiter whose deadline passes before its wake-up succeeds.
pub(super) fn a_deadline_wakes_the_released(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        let released = s.object.wait_for(SOON);
        if released {
            s.assert_published(0);
        }
        released
    });
    s.data[0].set(7);
    let was_parked = !s.object.event.set_if_none_parked()
        && s.object.event.release(RequeueOp::RequeueAll).requeued_threads == 1;
    assert!(waiter.join().unwrap() || !was_parked, "the set is lost");
}

/// Contract 28: a timeout does not take the set away from the other waiter.
pub(super) fn set_against_wait_and_timeout(s: &Shared) {
    let waiters = spawn_timed_and_untimed(s);
    s.object.set();
    assert!(s.object.wait0());
    join_all(waiters);
    assert!(s.object.wait0());
}

/// Contract 33: the last operation decides, whatever the waiters do meanwhile.
pub(super) fn reset_and_set_against_wait_and_timeout(s: &Shared) {
    let waiters = spawn_timed_and_untimed(s);
    s.object.reset();
    s.object.set();
    join_all(waiters);
    assert!(s.object.wait0());
}

/// Contract 25: a pulse.
pub(super) fn set_and_reset_against_two_parked(s: &Shared) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait()));
    wait_until_parked(&s.object, 2);
    s.object.set();
    s.object.reset();
    join_all(waiters);
    assert!(!s.object.wait0());
}

/// Contract 30, 32: a waiter that was released and has reset the event is not released by the same set
/// again, even while that is still running.
pub(super) fn set_and_reset_against_new_wait(s: &Shared) {
    let setter = spawn_on(s, |s| s.object.set());
    s.object.wait();
    s.object.reset();
    assert!(!s.object.wait0());
    assert!(!s.object.wait_for(SOON), "one set released two consecutive waits");
    setter.join().unwrap();
    assert!(!s.object.is_set());
}

/// Contract 30, where the set also has to release a parked waiter.
pub(super) fn set_and_reset_against_parked_and_new_wait(s: &Shared) {
    let parked = spawn_on(s, |s| s.object.wait());
    wait_until_parked(&s.object, 1);
    let setter = spawn_on(s, |s| s.object.set());
    s.object.wait();
    s.object.reset();
    assert!(!s.object.wait_for(SOON), "released by the set before");
    join_all([setter, parked]);
    assert!(!s.object.is_set());
}
