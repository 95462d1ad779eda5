//! Races on a shared gate, which is open while its value is zero.

use core::pin::pin;

use super::{
    Zero, assert_rules, freed_after_wait, join_all, spawn_on, wait_until_called, wait_until_queued,
};
use crate::Gate;
use crate::queue::broadcast::stuck;
use crate::sync::testing::{Arc, JoinHandle, SOON};

type Shared = Arc<super::Shared<Gate<Zero>>>;

pub(super) fn close(gate: &Gate<Zero>) {
    assert_eq!(gate.update(|value| (value == 0).then_some(1)), Ok((0, 1)));
}

/// Contract 44, 49.
pub(super) fn last_sub_against_two_waits(s: &Shared) {
    let waiters = [(); 2].map(|()| {
        spawn_on(s, |s| {
            s.object.wait(0);
            s.assert_published(0);
        })
    });
    s.publish(0, |gate| assert_eq!(gate.sub(1), 1));
    join_all(waiters);
    assert!(s.object.try_take(0));
}

/// Contract 84: the wait sees what came before each, and so does the last.
pub(super) fn two_subs_against_wait(s: &Shared) {
    let subs = [0, 1].map(|place| {
        spawn_on(s, move |s| {
            s.data[place].set(7);
            if s.object.sub(1) == 1 {
                s.assert_published(1 - place);
            }
        })
    });
    s.object.wait(0);
    s.assert_published(0);
    s.assert_published(1);
    join_all(subs);
}

pub(super) fn sub_against_timeout(s: &Shared) {
    let sub = spawn_on(s, |s| s.publish(0, |gate| assert_eq!(gate.sub(1), 1)));
    if !s.object.wait_for(0, SOON) {
        s.object.wait(0);
    }
    s.assert_published(0);
    sub.join().unwrap();
    assert!(s.object.try_take(0));
}

/// Contract 92, 99.
pub(super) fn sub_before_the_limit(s: &Shared) {
    let mut sub = Some(spawn_on(s, |s| s.object.sub(1)));
    let mut join = || sub.take().map_or((), |sub| assert_eq!(sub.join().unwrap(), 1));
    assert!(wait_until_called(&s.object, &mut join));
    join();
}

pub(super) fn update_against_wait(s: &Shared) {
    let opener = spawn_on(s, |s| {
        s.publish(0, |gate| assert_eq!(gate.update(|_| Some(0)), Ok((1, 0))));
    });
    s.object.wait(0);
    s.assert_published(0);
    opener.join().unwrap();
}

/// Contract 58a: opened and closed at once, it lets all waits pass that were queued, and no later one.
pub(super) fn closed_at_once(s: &Shared) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait(0)));
    wait_until_queued(&s.object, 2);
    let opener = spawn_on(s, |s| s.object.sub(1));
    if s.object.try_take(0) {
        close(&s.object);
        assert!(!s.object.wait_for(0, SOON));
        join_all(waiters);
        opener.join().unwrap();
        assert!(!s.object.try_take(0));
    } else {
        join_all(waiters);
        opener.join().unwrap();
    }
}

/// Contract 58a: the last sub is preempted before it releases, while the next round has begun and has a waiter.
pub(super) fn stuck_sub_against_the_next_round(s: &Shared) {
    let stuck = spawn_on(s, |s| s.object.sub(1));
    s.object.wait(0);
    close(&s.object);
    assert!(!s.object.wait_for(0, SOON), "released by the round before");
    stuck.join().unwrap();
    assert!(!s.object.try_take(0));
}

/// The same with a wait of another thread that is released by one of the zeros.
pub(super) fn stuck_sub_against_the_next_zero(s: &Shared) {
    let stuck = spawn_on(s, |s| s.object.sub(1));
    let waiter = spawn_on(s, |s| s.object.wait(0));
    s.object.wait(0);
    close(&s.object);
    assert_eq!(s.object.sub(1), 1);
    join_all([waiter]);
    stuck.join().unwrap();
    assert!(s.object.try_take(0));
}

/// Contract 50, 51: below zero it stays open, until it is put back.
pub(super) fn surplus_against_wait(s: &Shared) {
    let put_back = |gate: &Gate<Zero>| {
        let before = gate.sub(1);
        if before != 1 {
            let _ = gate.update(|value| Zero::is_negative(value).then_some(0));
        }
        before == 1
    };
    let sub = spawn_on(s, move |s| put_back(&s.object));
    let waiter = spawn_on(s, |s| s.object.wait(0));
    let mine = put_back(&s.object);
    assert_ne!(sub.join().unwrap(), mine);
    assert!(s.object.try_take(0));
    waiter.join().unwrap();
    assert_eq!(s.object.value(), 0);
}

/// Contract 29: a thread that the setter has woken wakes others, while the setter is stuck.
pub(super) fn woken_thread_wakes_others(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        s.object.wait(0);
        true
    });
    wait_until_queued(&s.object, 1);
    wakes_another(s, waiter, 1);
}

/// Contract 28, 29: a thread whose deadline passes inside a broadcast succeeds and wakes others.
pub(super) fn expired_thread_wakes_others(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait_for(0, SOON));
    wakes_another(s, waiter, 0);
}

/// As in `raw/scenarios`.
pub(super) fn wakes_another(s: &Shared, waiter: JoinHandle<bool>, woken: usize) {
    let other = pin!(s.object.wait_async(0));
    stuck::wakes_another(other.entry(), waiter, woken);
    // The word has to follow.
    assert!(s.object.word.change(|word| Some(word.without_first(None))).is_ok());
}

/// While the queue is released, another change counts.
pub(super) fn two_subs_count_both(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait(0));
    wait_until_queued(&s.object, 1);
    let sub = spawn_on(s, |s| s.object.sub(1));
    s.object.sub(1);
    sub.join().unwrap();
    waiter.join().unwrap();
    assert_eq!(s.object.value(), Gate::<Zero>::MAX);
}

pub(super) fn freed_by_the_waiter(_: &Shared) {
    freed_after_wait::<Zero>(1, 0, |gate| {
        gate.sub(1);
    });
}

pub(super) fn rules_hold_at_any_moment(s: &Shared) {
    let waiters = [(); 2].map(|()| spawn_on(s, |s| s.object.wait_for(0, SOON)));
    let other = spawn_on(s, |s| {
        s.object.sub(1);
        close(&s.object);
    });
    assert_rules(&s.object);
    join_all(waiters);
    other.join().unwrap();
    assert!(!s.object.try_take(0));
}
