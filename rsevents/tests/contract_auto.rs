//! Contract 6-18: the auto-reset event. The number is in each test's name. `contract_races.rs` has 11, 13 and
//! 15-17; what both events have in common is in `contract_events.rs`.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable};
use support::{
    parked, released_from_the_queue, scope, set, unset, wait, wait_until, wait_until_parked,
    watched_tests,
};

watched_tests! {
    c06_a_hand_off_leaves_the_event_unset,
    c07_two_sets_release_two_parked_waiters,
    c08_k_sets_release_k_of_n_parked_waiters,
    c09_parked_waiters_are_released_in_fifo_order,
    c10_a_reset_does_not_revoke_a_hand_off,
    c12_two_sets_against_a_timed_wait_leave_at_most_one,
    c18_a_reset_leaves_waiters_parked_for_the_next_set,
}

fn c06_a_hand_off_leaves_the_event_unset() {
    let event: AutoResetEvent = unset();
    released_from_the_queue(&event, &[wait], || {
        event.set();
        assert!(!event.wait0(), "a third thread took what was handed off");
    });
    assert!(!event.wait0());
}

fn c07_two_sets_release_two_parked_waiters() {
    for _ in 0..200 {
        let event: AutoResetEvent = unset();
        released_from_the_queue(&event, &[wait; 2], || {
            event.set();
            event.set();
        });
        assert!(!event.wait0());
    }
}

fn c08_k_sets_release_k_of_n_parked_waiters() {
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
            (0..k).for_each(|_| event.set());
            assert_eq!(parked(&event), N - k);
            wait_until(|| released.load(Ordering::Relaxed) == k);
            assert!(!event.wait0());
            assert_eq!(parked(&event), N - k);
            (k..N).for_each(|_| event.set());
        });
        assert_eq!(released.into_inner(), N);
        assert!(!event.wait0());
    }
}

fn c09_parked_waiters_are_released_in_fifo_order() {
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
}

fn c10_a_reset_does_not_revoke_a_hand_off() {
    for _ in 0..200 {
        let event: AutoResetEvent = unset();
        released_from_the_queue(&event, &[wait], || {
            event.set();
            event.reset();
        });
        assert!(!event.wait0());
    }
}

fn c12_two_sets_against_a_timed_wait_leave_at_most_one() {
    for _ in 0..500 {
        let event: AutoResetEvent = unset();
        let succeeded = scope(|scope| {
            let waiter = scope.spawn(|| event.wait_for(Duration::from_micros(50)));
            event.set();
            event.set();
            waiter.join().unwrap()
        });
        let is_left = event.wait0();
        assert!(succeeded || is_left);
        assert!(!event.wait0(), "a set that was never made");
    }
}

#[test]
fn c14_wait0_on_a_set_event_never_fails() {
    let event: AutoResetEvent = set();
    for _ in 0..100_000 {
        assert!(event.wait0());
        event.set();
    }
}

fn c18_a_reset_leaves_waiters_parked_for_the_next_set() {
    let event: AutoResetEvent = unset();
    released_from_the_queue(&event, &[wait; 2], || {
        event.reset();
        assert_eq!(parked(&event), 2);
        event.set();
        assert_eq!(parked(&event), 1);
        event.reset();
        assert_eq!(parked(&event), 1);
        event.set();
    });
    assert!(!event.wait0());
}
