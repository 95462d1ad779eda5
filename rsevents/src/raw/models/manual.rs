//! Races on a manual-reset event.

use super::{assert_rules, wait_until_parked};
use crate::sync::Ordering;
use crate::sync::testing::{Arc, AtomicUsize, Plain, SOON, explore_all, explore_up_to, spawn};
use crate::{Awaitable, EventState, ManualResetEvent};

/// An event, and plain memory that only the event orders.
struct Shared {
    event: ManualResetEvent,
    data: [Plain; 2],
}

fn shared(state: EventState) -> Arc<Shared> {
    Arc::new(Shared { event: ManualResetEvent::new(state), data: Default::default() })
}

/// Contract 23, 24, 85.
#[test]
fn set_against_two_waits() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let waiters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            spawn(move || {
                shared.event.wait();
                assert_eq!(shared.data[0].get(), 7);
            })
        });
        shared.data[0].set(7);
        shared.event.set();
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert!(shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 85.
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
        if shared.event.wait0() {
            assert_eq!(shared.data[0].get(), 7);
            assert!(shared.event.is_set());
        }
        setter.join().unwrap();
        assert!(shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 27, 85: the set outlives the timeout, and publishes to who comes back for it.
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
        assert!(shared.event.wait0(), "the set is lost");
        assert_rules(&shared.event.event);
    });
}

/// Contract 28: who times out does not take the set away from who sleeps on.
#[test]
fn set_against_wait_and_timeout() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let patient = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.wait()
        });
        let hasty = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.wait_for(SOON)
        });
        shared.event.set();
        assert!(shared.event.wait0());
        patient.join().unwrap();
        hasty.join().unwrap();
        assert!(shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 25: a pulse.
#[test]
fn set_and_reset_against_two_parked() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let waiters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            spawn(move || shared.event.wait())
        });
        wait_until_parked(&shared.event.event, 2);
        shared.event.set();
        shared.event.reset();
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert!(!shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 30, 32: whoever was let through and has reset is not let through by the same set again,
/// even while that is still running.
#[test]
fn set_and_reset_against_new_wait() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let setter = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.set()
        });
        shared.event.wait();
        shared.event.reset();
        assert!(!shared.event.wait0());
        assert!(!shared.event.wait_for(SOON), "one set let two consecutive waits through");
        setter.join().unwrap();
        assert!(!shared.event.is_set());
        assert_rules(&shared.event.event);
    });
}

/// Contract 30 with the new wait in a thread of its own, and another one that sleeps through.
#[test]
fn set_and_reset_against_parked_and_new_wait() {
    explore_all(1, || {
        let shared = shared(EventState::Unset);
        let resetter = spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.event.wait();
                shared.event.reset();
                shared.event.wait_for(SOON)
            }
        });
        wait_until_parked(&shared.event.event, 1);
        shared.event.set();
        let passed_again = resetter.join().unwrap();
        assert!(!passed_again);
        assert!(!shared.event.is_set());
        assert_rules(&shared.event.event);
    });
}

/// Contract 31: never woken out of turn.
#[test]
fn ping_pong_with_turns() {
    explore_all(1, || {
        let ping = shared(EventState::Unset);
        let pong = shared(EventState::Unset);
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
        assert_rules(&ping.event.event);
        assert_rules(&pong.event.event);
    });
}

/// Contract 33, 34: two setters, two sleepers.
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
        assert!(shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// Contract 88. That both have set is learned in a way that orders nothing.
#[test]
fn two_sets_publish_for_both() {
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
        // A read-modify-write, since only that is sure to see the newest state without an order.
        if done.load(Ordering::Relaxed) == 2 {
            shared.event.reset();
            assert_eq!(shared.data[0].get() + shared.data[1].get(), 14);
        }
        for setter in setters {
            setter.join().unwrap();
        }
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

/// Contract 33: the last operation decides, whoever sleeps and whoever gives up meanwhile.
#[test]
fn reset_and_set_against_wait_and_timeout() {
    explore_all(1, || {
        let shared = shared(EventState::Set);
        let patient = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.wait()
        });
        let hasty = spawn({
            let shared = Arc::clone(&shared);
            move || shared.event.wait_for(SOON)
        });
        shared.event.reset();
        shared.event.set();
        patient.join().unwrap();
        hasty.join().unwrap();
        assert!(shared.event.wait0());
        assert_rules(&shared.event.event);
    });
}

/// The truth table, looked at while a set, a timeout and a reset happen.
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
            move || {
                shared.event.set();
                shared.event.reset();
            }
        });
        assert_rules(&shared.event.event);
        for waiter in waiters {
            waiter.join().unwrap();
        }
        setter.join().unwrap();
        assert_rules(&shared.event.event);
    });
}
