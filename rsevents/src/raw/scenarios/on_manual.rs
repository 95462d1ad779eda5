//! Races on a manual-reset event.

pub(super) use super::on_both::ping_pong as ping_pong_with_turns;
pub(super) use super::on_both::*;

use std::pin::pin;

use super::{join_all, spawn_on, wait_until_queued};
use crate::queue::broadcast::stuck;
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
    wait_until_queued(&s.object, 2);
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
    wait_until_queued(&s.object, 1);
    let setter = spawn_on(s, |s| s.object.set());
    s.object.wait();
    s.object.reset();
    assert!(!s.object.wait_for(SOON), "released by the set before");
    join_all([setter, parked]);
    assert!(!s.object.is_set());
}

/// Contract 29: a thread that the setter has woken wakes others, while the setter is stuck.
pub(super) fn woken_thread_wakes_others(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        s.object.wait();
        true
    });
    wait_until_queued(&s.object, 1);
    wakes_another(s, waiter, 1);
}

/// Contract 29, where the thread has a deadline.
pub(super) fn woken_thread_with_deadline_wakes_others(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait_for(SOON));
    wakes_another(s, waiter, 1);
}

/// Contract 28, 29: a thread whose deadline passes inside a broadcast succeeds and wakes others.
pub(super) fn expired_thread_wakes_others(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait_for(SOON));
    wakes_another(s, waiter, 0);
}

/// Queues another wait, and wakes the threads of the first `woken` waits.
pub(super) fn wakes_another(s: &Shared, waiter: JoinHandle<bool>, woken: usize) {
    let other = pin!(s.object.wait_async());
    stuck::wakes_another(other.entry(), waiter, woken);
    // The byte has to follow.
    s.object.set();
}
