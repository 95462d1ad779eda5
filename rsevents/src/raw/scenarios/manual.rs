//! Races on a manual-reset event.

use super::{
    assert_rules, join_all, park_without_helping, shared, spawn_on, spawn_publishers,
    wait_until_parked,
};
use crate::sync::testing::{Arc, SOON, explore_all, explore_up_to, spawn};
use crate::sync::{Ordering, RequeueOp};
use crate::{Awaitable, EventState, ManualResetEvent};

/// Contract 23, 24, 85.
#[test]
fn set_against_two_waits() {
    explore_up_to(5, 15_000, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let waiters = [(); 2].map(|()| {
            spawn_on(&shared, |s| {
                s.event.wait();
                s.assert_published(0);
            })
        });
        shared.data[0].set(7);
        shared.event.set();
        join_all(waiters);
        assert!(shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 85.
#[test]
fn set_against_wait0() {
    explore_all(3, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let setter = spawn_on(&shared, |s| s.publish(0));
        if shared.event.wait0() {
            shared.assert_published(0);
            assert!(shared.event.is_set());
        }
        setter.join().unwrap();
        assert!(shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 27, 85: the set outlives the timeout, and publishes to who comes back for it.
#[test]
fn set_against_timeout() {
    explore_all(160, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let setter = spawn_on(&shared, |s| s.publish(0));
        if !shared.event.wait_for(SOON) {
            shared.event.wait();
        }
        shared.assert_published(0);
        setter.join().unwrap();
        assert!(shared.event.wait0(), "the set is lost");
        assert_rules(&shared.event);
    });
}

#[test]
fn freed_by_the_waiter() {
    explore_all(300, super::freed_by_the_waiter::<ManualResetEvent>);
}

#[test]
fn set_before_the_limit() {
    explore_all(2, || {
        let shared =
            super::set_before_the_limit::<ManualResetEvent>(|event, limit| event.wait_all(limit));
        assert!(shared.event.wait0(), "the set is lost");
    });
}

/// Contract 29: `N` waiters, and a set that wakes the first of them and is stuck then. The released
/// waiters wake each other.
fn the_released_wake_each_other<const N: usize>() {
    let shared = shared::<ManualResetEvent>(EventState::Unset);
    let waiters = [(); N].map(|()| {
        spawn_on(&shared, |s| {
            s.event.wait();
            s.assert_published(0);
        })
    });
    wait_until_parked(&shared.event, N);
    shared.data[0].set(7);
    assert!(!shared.event.event.set_if_none_parked());
    let result = shared.event.event.release(RequeueOp::UnparkOneRequeueRest);
    assert_eq!(result.requeued_threads, N - 1);
    join_all(waiters);
}

#[test]
fn four_released_wake_each_other() {
    explore_up_to(1, 140_000, the_released_wake_each_other::<4>);
}

#[test]
fn two_released_wake_each_other() {
    explore_up_to(3, 4_200, the_released_wake_each_other::<2>);
}

/// Contract 29: a waiter that has a deadline helps as well.
#[test]
fn the_released_wake_each_other_before_a_deadline() {
    explore_up_to(3, 520, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let timed = spawn_on(&shared, |s| s.event.wait_for(SOON));
        let untimed = spawn_on(&shared, |s| s.event.wait());
        if !shared.event.event.set_if_none_parked() {
            shared.event.event.release(RequeueOp::UnparkOneRequeueRest);
        }
        timed.join().unwrap();
        untimed.join().unwrap();
        assert!(shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 29: a set wakes all that it released by itself, even if those that are awake do not help.
#[test]
fn set_wakes_all_without_help() {
    explore_up_to(1, 500, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let waiters = [(); 3].map(|()| {
            spawn_on(&shared, |s| assert!(park_without_helping(&s.event.event).is_unparked()))
        });
        wait_until_parked(&shared.event, 3);
        shared.event.set();
        join_all(waiters);
        assert!(shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 28, 29, 85: who has been released is let through when its time is up, though nobody has
/// woken it yet.
#[test]
fn a_deadline_wakes_the_released() {
    explore_all(6, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let waiter = spawn_on(&shared, |s| {
            let released = s.event.wait_for(SOON);
            if released {
                s.assert_published(0);
            }
            released
        });
        shared.data[0].set(7);
        let was_parked = !shared.event.event.set_if_none_parked()
            && shared.event.event.release(RequeueOp::RequeueAll).requeued_threads == 1;
        assert!(waiter.join().unwrap() || !was_parked, "the set is lost");
        assert_rules(&shared.event);
    });
}

/// Contract 28: who times out does not take the set away from who sleeps on.
#[test]
fn set_against_wait_and_timeout() {
    explore_up_to(5, 10_000, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let patient = spawn_on(&shared, |s| s.event.wait());
        let hasty = spawn_on(&shared, |s| s.event.wait_for(SOON));
        shared.event.set();
        assert!(shared.event.wait0());
        patient.join().unwrap();
        hasty.join().unwrap();
        assert!(shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 25: a pulse.
#[test]
fn set_and_reset_against_two_parked() {
    explore_up_to(4, 55_000, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let waiters = [(); 2].map(|()| spawn_on(&shared, |s| s.event.wait()));
        wait_until_parked(&shared.event, 2);
        shared.event.set();
        shared.event.reset();
        join_all(waiters);
        assert!(!shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 30, 32: whoever was let through and has reset is not let through by the same set again,
/// even while that is still running.
#[test]
fn set_and_reset_against_new_wait() {
    explore_all(16, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let setter = spawn_on(&shared, |s| s.event.set());
        shared.event.wait();
        shared.event.reset();
        assert!(!shared.event.wait0());
        assert!(!shared.event.wait_for(SOON), "one set let two consecutive waits through");
        setter.join().unwrap();
        assert!(!shared.event.is_set());
        assert_rules(&shared.event);
    });
}

/// Contract 30, with a sleeper for whose sake the set takes the long way.
#[test]
fn set_and_reset_against_parked_and_new_wait() {
    explore_up_to(5, 18_000, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let sleeper = spawn_on(&shared, |s| s.event.wait());
        wait_until_parked(&shared.event, 1);
        let setter = spawn_on(&shared, |s| s.event.set());
        shared.event.wait();
        shared.event.reset();
        assert!(!shared.event.wait_for(SOON), "released by the set before");
        setter.join().unwrap();
        sleeper.join().unwrap();
        assert!(!shared.event.is_set());
        assert_rules(&shared.event);
    });
}

/// Contract 31: never woken out of turn.
#[test]
fn ping_pong_with_turns() {
    explore_all(36_000, || {
        let ping = shared::<ManualResetEvent>(EventState::Unset);
        let pong = shared::<ManualResetEvent>(EventState::Unset);
        let other = spawn({
            let (ping, pong) = (Arc::clone(&ping), Arc::clone(&pong));
            move || {
                for round in 0..2 {
                    ping.event.wait();
                    ping.event.reset();
                    assert_eq!(ping.data[0].get(), 2 * round + 1, "out of turn");
                    ping.data[0].set(2 * round + 2);
                    pong.event.set();
                }
            }
        });
        for round in 0..2 {
            ping.data[0].set(2 * round + 1);
            ping.event.set();
            pong.event.wait();
            pong.event.reset();
            assert_eq!(ping.data[0].get(), 2 * round + 2, "out of turn");
        }
        other.join().unwrap();
        assert_rules(&ping.event);
        assert_rules(&pong.event);
    });
}

/// Contract 33, 34: two setters, two sleepers.
#[test]
fn two_sets_against_two_parked() {
    // 4 s with 3 preemptions; without a bound, no end within minutes.
    explore_up_to(3, 68_000, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let waiters = [(); 2].map(|()| spawn_on(&shared, |s| s.event.wait()));
        wait_until_parked(&shared.event, 2);
        let setter = spawn_on(&shared, |s| s.event.set());
        shared.event.set();
        join_all(waiters);
        setter.join().unwrap();
        assert!(shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 88. That both have set is learned in a way that orders nothing.
#[test]
fn two_sets_publish_for_both() {
    explore_all(270, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let setters = spawn_publishers(&shared);
        if shared.note.load(Ordering::Relaxed) == 2 {
            // A wait may see the older of the two sets: its load is not bound to see the newest
            // state until some order says so. A reset is.
            shared.event.reset();
            shared.assert_published(0);
            shared.assert_published(1);
        }
        join_all(setters);
        assert_rules(&shared.event);
    });
}

/// Contract 88, where one of the sets has gone to release a sleeper that has just given up.
#[test]
fn two_sets_after_a_timeout_publish_for_both() {
    explore_all(96_000, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let setters = spawn_publishers(&shared);
        if !shared.event.wait_for(SOON) && shared.note.load(Ordering::Relaxed) == 2 {
            shared.event.reset(); // as above
            shared.assert_published(0);
            shared.assert_published(1);
        }
        join_all(setters);
        assert_rules(&shared.event);
    });
}

/// Contract 89.
#[test]
fn set_against_reset() {
    explore_all(77, super::set_against_reset::<ManualResetEvent>);
}

/// Contract 33: the last operation decides, whoever sleeps and whoever gives up meanwhile.
#[test]
fn reset_and_set_against_wait_and_timeout() {
    explore_up_to(5, 45_000, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let patient = spawn_on(&shared, |s| s.event.wait());
        let hasty = spawn_on(&shared, |s| s.event.wait_for(SOON));
        shared.event.reset();
        shared.event.set();
        patient.join().unwrap();
        hasty.join().unwrap();
        assert!(shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// The truth table, looked at while a set, a timeout and a reset happen.
#[test]
fn rules_hold_at_any_moment() {
    // 3 s with 3 preemptions; without a bound, no end within minutes.
    explore_up_to(3, 27_000, || {
        let shared = shared::<ManualResetEvent>(EventState::Unset);
        let waiters = [(); 2].map(|()| spawn_on(&shared, |s| s.event.wait_for(SOON)));
        let setter = spawn_on(&shared, |s| {
            s.event.set();
            s.event.reset();
        });
        assert_rules(&shared.event);
        join_all(waiters);
        setter.join().unwrap();
        assert_rules(&shared.event);
    });
}
