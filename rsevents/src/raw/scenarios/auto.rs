//! Races on an auto-reset event.

use super::{assert_rules, join_all, shared, spawn_on, spawn_publishers, wait_until_parked};
use crate::sync::Ordering;
use crate::sync::testing::{Arc, SOON, explore_all, explore_up_to, spawn};
use crate::{AutoResetEvent, Awaitable, EventState};

/// Contract 6, 86.
#[test]
fn set_against_wait() {
    explore_all(15, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let setter = spawn_on(&shared, |s| s.publish(0));
        shared.event.wait();
        shared.assert_published(0);
        assert!(!shared.event.wait0());
        setter.join().unwrap();
        assert_rules(&shared.event);
    });
}

/// Contract 3, 86, 102.
#[test]
fn set_against_wait0() {
    explore_all(8, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let setter = spawn_on(&shared, |s| s.publish(0));
        let seen = shared.event.is_set();
        if seen {
            shared.assert_published(0);
        }
        let taken = shared.event.wait0();
        assert!(taken || !seen, "a peek consumed");
        if taken {
            shared.assert_published(0);
        }
        setter.join().unwrap();
        assert_eq!(shared.event.wait0(), !taken);
        assert_rules(&shared.event);
    });
}

/// Contract 11, 86, 97. The one who timed out comes back for what it missed, and it is there.
#[test]
fn set_against_timeout() {
    explore_all(140, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let setter = spawn_on(&shared, |s| s.publish(0));
        if !shared.event.wait_for(SOON) {
            shared.event.wait();
        }
        shared.assert_published(0);
        setter.join().unwrap();
        assert!(!shared.event.wait0(), "one set let two waits through");
        assert_rules(&shared.event);
    });
}

#[test]
fn freed_by_the_waiter() {
    explore_all(250, super::freed_by_the_waiter::<AutoResetEvent>);
}

#[test]
fn set_before_the_limit() {
    explore_all(2, || {
        let shared =
            super::set_before_the_limit::<AutoResetEvent>(|event, limit| event.wait_one(limit));
        assert!(!shared.event.wait0(), "one set released two waits");
    });
}

/// Contract 7, 8.
#[test]
fn two_sets_against_two_parked() {
    // 3 s with 3 preemptions; without a bound, no end within minutes.
    explore_up_to(3, 25_000, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let waiters = [(); 2].map(|()| spawn_on(&shared, |s| s.event.wait()));
        wait_until_parked(&shared.event, 2);
        let setter = spawn_on(&shared, |s| s.event.set());
        shared.event.set();
        join_all(waiters);
        setter.join().unwrap();
        assert!(!shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 6, 87: of two sets, the parked thread takes one and the event keeps the other.
#[test]
fn two_sets_against_one_parked() {
    explore_all(12_000, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let waiter = spawn_on(&shared, |s| s.event.wait());
        wait_until_parked(&shared.event, 1);
        let setter = spawn_on(&shared, |s| s.event.set());
        shared.event.set();
        waiter.join().unwrap();
        setter.join().unwrap();
        assert!(shared.event.wait0());
        assert!(!shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 12.
#[test]
fn two_sets_against_timeout() {
    explore_all(6_700, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let setters = [(); 2].map(|()| spawn_on(&shared, |s| s.event.set()));
        let waited = usize::from(shared.event.wait_for(SOON));
        join_all(setters);
        let left = usize::from(shared.event.wait0());
        assert!((1..=2).contains(&(waited + left)));
        assert!(!shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 17.
#[test]
fn set_against_two_timeouts() {
    explore_all(37_000, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let waiters = [(); 2].map(|()| spawn_on(&shared, |s| s.event.wait_for(SOON)));
        shared.event.set();
        let waited: usize = waiters.into_iter().map(|w| usize::from(w.join().unwrap())).sum();
        let left = usize::from(shared.event.wait0());
        assert_eq!(waited + left, 1);
        assert_rules(&shared.event);
    });
}

/// Contract 10.
#[test]
fn reset_against_hand_over() {
    explore_all(64, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let waiter = spawn_on(&shared, |s| s.event.wait());
        wait_until_parked(&shared.event, 1);
        shared.event.set();
        shared.event.reset();
        waiter.join().unwrap();
        assert!(!shared.event.wait0());
        assert_rules(&shared.event);
    });
}

/// Contract 18: a reset does not make the sleeper invisible to the next set.
#[test]
fn reset_against_wait() {
    explore_all(11, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let waiter = spawn_on(&shared, |s| s.event.wait());
        shared.event.reset();
        shared.event.set();
        waiter.join().unwrap();
        assert_rules(&shared.event);
    });
}

/// Contract 89.
#[test]
fn set_against_reset() {
    explore_all(69, super::set_against_reset::<AutoResetEvent>);
}

/// Contract 87. That both have set is learned in a way that orders nothing.
#[test]
fn coalesced_sets_publish_for_both() {
    explore_all(270, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let setters = spawn_publishers(&shared);
        if shared.note.load(Ordering::Relaxed) == 2 {
            shared.event.wait();
            shared.assert_published(0);
            shared.assert_published(1);
            assert!(!shared.event.wait0());
        }
        join_all(setters);
        assert_rules(&shared.event);
    });
}

/// Contract 87, where one of the sets has gone to look for a sleeper that has just given up.
#[test]
fn coalesced_sets_after_a_timeout_publish_for_both() {
    explore_all(99_000, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let setters = spawn_publishers(&shared);
        if !shared.event.wait_for(SOON) && shared.note.load(Ordering::Relaxed) == 2 {
            shared.event.wait();
            shared.assert_published(0);
            shared.assert_published(1);
        }
        join_all(setters);
        assert_rules(&shared.event);
    });
}

/// Contract 13: a set that changes nothing does not make a wait0 fail.
#[test]
fn set_on_set_against_wait0() {
    explore_all(230, || {
        let shared = shared::<AutoResetEvent>(EventState::Set);
        let setters = [(); 2].map(|()| spawn_on(&shared, |s| s.event.set()));
        assert!(shared.event.wait0());
        join_all(setters);
        assert_rules(&shared.event);
    });
}

/// Contract 15, with one that waits in vain now and then.
#[test]
fn as_a_mutex() {
    explore_all(14, || {
        let shared = shared::<AutoResetEvent>(EventState::Set);
        let other = spawn_on(&shared, |s| {
            s.event.wait();
            s.data[0].set(s.data[0].get() + 1);
            s.event.set();
        });
        let mine = shared.event.wait_for(SOON);
        if mine {
            shared.data[0].set(shared.data[0].get() + 1);
            shared.event.set();
        }
        other.join().unwrap();
        assert!(shared.event.wait0());
        assert_eq!(shared.data[0].get(), 1 + usize::from(mine));
        assert_rules(&shared.event);
    });
}

/// Contract 16.
#[test]
fn ping_pong() {
    explore_all(23_000, || {
        let ping = shared::<AutoResetEvent>(EventState::Unset);
        let pong = shared::<AutoResetEvent>(EventState::Unset);
        let other = spawn({
            let (ping, pong) = (Arc::clone(&ping), Arc::clone(&pong));
            move || {
                for round in 0..2 {
                    ping.event.wait();
                    assert_eq!(ping.data[0].get(), 2 * round);
                    ping.data[0].set(2 * round + 1);
                    pong.event.set();
                }
            }
        });
        for round in 0..2 {
            ping.data[0].set(2 * round);
            ping.event.set();
            pong.event.wait();
            assert_eq!(ping.data[0].get(), 2 * round + 1);
        }
        other.join().unwrap();
        assert_rules(&ping.event);
        assert_rules(&pong.event);
    });
}

/// The truth table, looked at while a set, a timeout and a wait happen.
#[test]
fn rules_hold_at_any_moment() {
    // 1 s with 3 preemptions; without a bound, no end within minutes.
    explore_up_to(3, 5_700, || {
        let shared = shared::<AutoResetEvent>(EventState::Unset);
        let waiters = [(); 2].map(|()| spawn_on(&shared, |s| s.event.wait_for(SOON)));
        let setter = spawn_on(&shared, |s| s.event.set());
        assert_rules(&shared.event);
        join_all(waiters);
        setter.join().unwrap();
        assert_rules(&shared.event);
    });
}
