//! Races on an auto-reset event.

use super::{assert_rules, wait_until_parked};
use crate::sync::Ordering;
use crate::sync::testing::{Arc, AtomicUsize, Plain, SOON, explore_all, explore_up_to, spawn};
use crate::{AutoResetEvent, Awaitable, EventState};

/// An event, and plain memory that only the event orders.
struct Shared {
    event: AutoResetEvent,
    data: [Plain; 2],
}

fn shared(state: EventState) -> Arc<Shared> {
    Arc::new(Shared { event: AutoResetEvent::new(state), data: Default::default() })
}

/// Contract 6, 86.
#[test]
fn set_against_wait() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let setter = spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.data[0].set(7);
                shared.event.set();
            }
        });
        shared.event.wait();
        assert_eq!(shared.data[0].get(), 7);
        assert!(!shared.event.wait0());
        setter.join().unwrap();
        assert_rules(&shared.event.event);
    });
}

/// Contract 3, 86, 102.
#[test]
fn set_against_wait0() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let setter = spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.data[0].set(7);
                shared.event.set();
            }
        });
        let seen = shared.event.is_set();
        if seen {
            assert_eq!(shared.data[0].get(), 7);
        }
        let taken = shared.event.wait0();
        assert!(taken || !seen, "a peek consumed");
        if taken {
            assert_eq!(shared.data[0].get(), 7);
        }
        setter.join().unwrap();
        assert_eq!(shared.event.wait0(), !taken);
        assert_rules(&shared.event.event);
    });
}

/// Contract 11, 86, 97. The one who timed out comes back for what it missed, and it is there.
#[test]
fn set_against_timeout() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let setter = spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.data[0].set(7);
                shared.event.set();
            }
        });
        if !shared.event.wait_for(SOON) {
            shared.event.wait();
        }
        assert_eq!(shared.data[0].get(), 7);
        setter.join().unwrap();
        assert!(!shared.event.wait0(), "one set let two waits through");
        assert_rules(&shared.event.event);
    });
}

/// Contract 7, 8.
#[test]
fn two_sets_against_two_parked() {
    explore_up_to(3, 1, || {
        let shared = shared(EventState::Unset);
        let waiters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            spawn(move || shared.event.wait())
        });
        wait_until_parked(&shared.event.event, 2);
        let setter = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.set()
        });
        shared.event.set();
        for waiter in waiters {
            waiter.join().unwrap();
        }
        setter.join().unwrap();
        assert!(!shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 6, 87: of two sets, the parked thread takes one and the event keeps the other.
#[test]
fn two_sets_against_one_parked() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let waiter = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.wait()
        });
        wait_until_parked(&shared.event.event, 1);
        let setter = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.set()
        });
        shared.event.set();
        waiter.join().unwrap();
        setter.join().unwrap();
        assert!(shared.event.wait0());
        assert!(!shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 12.
#[test]
fn two_sets_against_timeout() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let setters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            spawn(move || shared.event.set())
        });
        let waited = usize::from(shared.event.wait_for(SOON));
        for setter in setters {
            setter.join().unwrap();
        }
        let left = usize::from(shared.event.wait0());
        assert!((1..=2).contains(&(waited + left)));
        assert!(!shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 17.
#[test]
fn set_against_two_timeouts() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let waiters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            spawn(move || shared.event.wait_for(SOON))
        });
        shared.event.set();
        let waited: usize = waiters.into_iter().map(|w| usize::from(w.join().unwrap())).sum();
        let left = usize::from(shared.event.wait0());
        assert_eq!(waited + left, 1);
        assert_rules(&shared.event.event);
    });
}

/// Contract 10.
#[test]
fn reset_against_hand_over() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let waiter = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.wait()
        });
        wait_until_parked(&shared.event.event, 1);
        shared.event.set();
        shared.event.reset();
        waiter.join().unwrap();
        assert!(!shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 18: a reset does not make the sleeper invisible to the next set.
#[test]
fn reset_against_wait() {
    explore_all(1, || {
        let shared = shared(EventState::Set);
        let waiter = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.wait()
        });
        shared.event.reset();
        shared.event.set();
        waiter.join().unwrap();
        assert_rules(&shared.event.event);
    });
}

/// Contract 89: reset, look for work again, wait.
#[test]
fn set_against_reset() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let work = Arc::new(AtomicUsize::new(0));
        let setter = spawn({
            let (shared, work) = (Arc::clone(&shared), Arc::clone(&work));
            move || {
                work.store(1, Ordering::Relaxed);
                shared.event.set();
            }
        });
        shared.event.reset();
        if work.load(Ordering::Relaxed) == 0 {
            shared.event.wait(); // never returns if the reset has swallowed the news
        }
        setter.join().unwrap();
        assert_rules(&shared.event.event);
    });
}

/// Contract 87. That both have set is learned in a way that orders nothing.
#[test]
fn coalesced_sets_publish_for_both() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let done = Arc::new(AtomicUsize::new(0));
        let setters = [0, 1].map(|i| {
            let (shared, done) = (Arc::clone(&shared), Arc::clone(&done));
            spawn(move || {
                shared.data[i].set(7);
                shared.event.set();
                done.fetch_add(1, Ordering::Relaxed);
            })
        });
        if done.load(Ordering::Relaxed) == 2 {
            shared.event.wait();
            assert_eq!(shared.data[0].get() + shared.data[1].get(), 14);
            assert!(!shared.event.wait0());
        }
        for setter in setters {
            setter.join().unwrap();
        }
        assert_rules(&shared.event.event);
    });
}

/// Contract 13: a set that changes nothing does not make a wait0 fail.
#[test]
fn set_on_set_against_wait0() {
    explore_all(1, || {
        let shared = shared(EventState::Set);
        let setters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            spawn(move || shared.event.set())
        });
        assert!(shared.event.wait0());
        for setter in setters {
            setter.join().unwrap();
        }
        assert_rules(&shared.event.event);
    });
}

/// Contract 15, with one that waits in vain now and then.
#[test]
fn as_a_mutex() {
    explore_all(1, || {
        let shared = shared(EventState::Set);
        let other = spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.event.wait();
                shared.data[0].set(shared.data[0].get() + 1);
                shared.event.set();
            }
        });
        let mine = shared.event.wait_for(SOON);
        if mine {
            shared.data[0].set(shared.data[0].get() + 1);
            shared.event.set();
        }
        other.join().unwrap();
        assert!(shared.event.wait0());
        assert_eq!(shared.data[0].get(), 1 + usize::from(mine));
        assert_rules(&shared.event.event);
    });
}

/// Contract 16.
#[test]
fn ping_pong() {
    explore_all(1, || {
        let ping = shared(EventState::Unset);
        let pong = shared(EventState::Unset);
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
        assert_rules(&ping.event.event);
        assert_rules(&pong.event.event);
    });
}

/// The truth table, looked at while a set, a timeout and a wait happen.
#[test]
fn rules_hold_at_any_moment() {
    explore_up_to(3, 1, || {
        let shared = shared(EventState::Unset);
        let waiters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            spawn(move || shared.event.wait_for(SOON))
        });
        let setter = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.set()
        });
        assert_rules(&shared.event.event);
        for waiter in waiters {
            waiter.join().unwrap();
        }
        setter.join().unwrap();
        assert_rules(&shared.event.event);
    });
}
