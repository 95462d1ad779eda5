//! Contract 1-19: the auto-reset event. The number is in each test's name.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};

use rsevents::{AutoResetEvent, Awaitable, EventState};
use support::{FOREVER, SHORT, parked, scope, set, unset, wait_until, wait_until_parked, watched};

#[test]
fn c01_new_set_lets_one_through() {
    let event = AutoResetEvent::new(EventState::Set);
    assert!(event.wait0());
    assert!(!event.wait0());
}

#[test]
fn c02_new_unset_lets_nobody_through() {
    let event = AutoResetEvent::new(EventState::Unset);
    assert!(!event.wait0());
    assert!(!event.wait_for(SHORT));
}

#[test]
fn c03_set_lets_one_later_wait_through() {
    let event: AutoResetEvent = unset();
    event.set();
    event.wait();
    assert!(!event.wait0());
    event.set();
    assert!(event.wait_for(SHORT));
    assert!(!event.wait_for(SHORT));
}

#[test]
fn c04_sets_coalesce_while_nobody_waits() {
    let event: AutoResetEvent = unset();
    event.set();
    event.set();
    assert!(event.wait0());
    assert!(!event.wait0());
}

#[test]
fn c05_reset_unsets_and_is_idempotent() {
    let event: AutoResetEvent = unset();
    event.reset();
    assert!(!event.wait0());
    event.set();
    event.reset();
    assert!(!event.wait0());
    event.reset();
    event.reset();
    assert!(!event.wait0());
    event.set();
    assert!(event.wait0());
}

#[test]
fn c06_hand_over_leaves_the_event_unset() {
    watched(|| {
        let event: AutoResetEvent = unset();
        scope(|scope| {
            scope.spawn(|| event.wait());
            wait_until_parked(&event, 1);
            event.set();
            assert!(!event.wait0(), "a third party got hold of a hand-over");
        });
        assert!(!event.wait0());
    });
}

#[test]
fn c07_two_sets_release_two_parked() {
    watched(|| {
        for _ in 0..200 {
            let event: AutoResetEvent = unset();
            scope(|scope| {
                scope.spawn(|| event.wait());
                scope.spawn(|| event.wait());
                wait_until_parked(&event, 2);
                event.set();
                event.set();
            });
            assert!(!event.wait0());
        }
    });
}

#[test]
fn c08_k_sets_release_k_of_n_parked() {
    watched(|| {
        const N: usize = 8;
        for k in 0..=N {
            let event: AutoResetEvent = unset();
            let released = AtomicUsize::new(0);
            scope(|scope| {
                for _ in 0..N {
                    scope.spawn(|| {
                        event.wait();
                        released.fetch_add(1, Ordering::Relaxed);
                    });
                }
                wait_until_parked(&event, N);
                for _ in 0..k {
                    event.set();
                }
                assert_eq!(parked(&event), N - k);
                wait_until(|| released.load(Ordering::Relaxed) == k);
                assert!(!event.wait0());
                assert_eq!(parked(&event), N - k);
                for _ in k..N {
                    event.set();
                }
            });
            assert_eq!(released.into_inner(), N);
            assert!(!event.wait0());
        }
    });
}

#[test]
fn c09_parked_are_released_in_order_of_arrival() {
    watched(|| {
        const N: usize = 5;
        let event: AutoResetEvent = unset();
        let released = AtomicUsize::new(0);
        scope(|scope| {
            for place in 0..N {
                let (event, released) = (&event, &released);
                scope.spawn(move || {
                    event.wait();
                    assert_eq!(released.fetch_add(1, Ordering::Relaxed), place);
                });
                wait_until_parked(event, place + 1);
            }
            for place in 0..N {
                event.set();
                wait_until(|| released.load(Ordering::Relaxed) == place + 1);
            }
        });
    });
}

#[test]
fn c10_reset_does_not_revoke_a_hand_over() {
    watched(|| {
        for _ in 0..200 {
            let event: AutoResetEvent = unset();
            scope(|scope| {
                let waiter = scope.spawn(|| event.wait_for(FOREVER));
                wait_until_parked(&event, 1);
                event.set();
                event.reset();
                assert!(waiter.join().unwrap());
            });
            assert!(!event.wait0());
        }
    });
}

#[test]
fn c12_two_sets_against_a_timed_wait_leave_nothing_behind() {
    watched(|| {
        for _ in 0..500 {
            let event: AutoResetEvent = unset();
            let waited = scope(|scope| {
                let waiter = scope.spawn(|| event.wait_for(std::time::Duration::from_micros(50)));
                event.set();
                event.set();
                waiter.join().unwrap()
            });
            let left = event.wait0();
            assert!(waited || left);
            assert!(!event.wait0(), "a phantom signal");
        }
    });
}

// 11, 13, 15 and 17 are races: `stress.rs` runs them, and the models explore them.

#[test]
fn c14_wait0_on_a_set_event_never_fails() {
    let event: AutoResetEvent = set();
    for _ in 0..100_000 {
        assert!(event.wait0());
        event.set();
    }
}

#[test]
fn c16_ping_pong_alternates_strictly() {
    watched(|| {
        const ROUNDS: usize = 10_000;
        let ping: AutoResetEvent = unset();
        let pong: AutoResetEvent = unset();
        let (pings, pongs) = (AtomicUsize::new(0), AtomicUsize::new(0));
        scope(|scope| {
            scope.spawn(|| {
                for round in 1..=ROUNDS {
                    ping.wait();
                    assert_eq!(pings.load(Ordering::Relaxed), round);
                    assert_eq!(pongs.fetch_add(1, Ordering::Relaxed), round - 1);
                    pong.set();
                }
            });
            for round in 1..=ROUNDS {
                assert_eq!(pings.fetch_add(1, Ordering::Relaxed), round - 1);
                ping.set();
                pong.wait();
                assert_eq!(pongs.load(Ordering::Relaxed), round);
            }
        });
        assert!(!ping.wait0());
        assert!(!pong.wait0());
    });
}

#[test]
fn c18_reset_leaves_the_parked_asleep_for_the_next_set() {
    watched(|| {
        let event: AutoResetEvent = unset();
        scope(|scope| {
            scope.spawn(|| event.wait());
            scope.spawn(|| event.wait());
            wait_until_parked(&event, 2);
            event.reset();
            assert_eq!(parked(&event), 2);
            event.set();
            assert_eq!(parked(&event), 1);
            event.reset();
            assert_eq!(parked(&event), 1);
            event.set();
        });
        assert!(!event.wait0());
    });
}

#[test]
fn c19_one_byte_static_and_harmless() {
    static EVENT: AutoResetEvent = AutoResetEvent::new(EventState::Set);
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>(_: &T) {}
    check(&EVENT);
    assert_eq!(size_of::<AutoResetEvent>(), 1);
    assert_eq!(align_of::<AutoResetEvent>(), 1);
    assert!(!std::mem::needs_drop::<AutoResetEvent>());
    assert!(EVENT.wait0());
}
