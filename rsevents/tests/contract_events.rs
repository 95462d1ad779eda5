//! Contract 1-36 and 92-102: both events. The number is in each test's name. `contract_races.rs` has the cases in
//! which threads race, `support/limits.rs` those about limits and deadlines.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent};
use support::limits::*;
use support::{
    Event, Wait, for_both, parked, queues, released_from_the_queue, rounds, scope, unset, wait,
    wait_until, wait_until_parked, watched_tests, with_locked,
};

for_both! {
    c01_c02_c03_c04_c05_c20_c21_c22_c102_calls_agree_with_a_boolean,
    c35_c92_c99_a_passed_limit_is_wait0,
    c93_c94_c100_waits_time_out_after_their_limits_and_soon,
    c95_c96_far_limits_block_until_the_set,
    c97_a_timeout_leaves_no_trace,
    c98_a_wait_that_is_woken_succeeds,
    c28_c99_a_set_before_the_deadline_of_parked_waiters_wins,
}

watched_tests! {
    c06_c07_c08_k_sets_release_k_of_n_parked_waiters,
    c09_parked_waiters_are_released_in_fifo_order,
    c10_c99_a_reset_does_not_revoke_a_hand_off,
    c12_two_sets_against_a_timed_wait_leave_at_most_one,
    c18_a_reset_leaves_waiters_parked_for_the_next_set,
    c23_c24_one_set_releases_parked_and_later_waiters,
    c25_c99_set_and_reset_release_all_parked_waiters,
    c26_a_wait_not_yet_queued_may_miss_set_and_reset_but_not_the_next_set,
    c29_no_set_returns_before_the_waiters_are_released,
    c34_ten_sets_release_ten_waiters,
}

/// Every sequence of five calls on one thread. After each call `is_set` agrees, and takes nothing.
fn c01_c02_c03_c04_c05_c20_c21_c22_c102_calls_agree_with_a_boolean<E: Event>() {
    let waits: [Wait<E>; 5] = [
        |event| event.wait0(),
        |event| event.wait_for(Duration::ZERO),
        |event| event.wait_for(Duration::from_nanos(100)),
        |event| event.wait_until(Instant::now()),
        |event| event.is_set() && wait(event),
    ];
    let choices = 2 + waits.len();
    for initial in [true, false] {
        for sequence in 0..choices.pow(5) {
            let (event, mut is_set) = (E::new(initial), initial);
            for place in 0..5 {
                match sequence / choices.pow(place) % choices {
                    0 => {
                        event.set();
                        is_set = true;
                    }
                    1 => {
                        event.reset();
                        is_set = false;
                    }
                    call => {
                        let succeeded = waits[call - 2](&event);
                        assert_eq!(succeeded, is_set, "call {place} of sequence {sequence}");
                        is_set &= !E::CONSUMES;
                    }
                }
                assert_eq!(event.is_set(), is_set, "after call {place} of sequence {sequence}");
            }
        }
    }
}

#[test]
fn c19_c36_one_byte_static_and_unwind_safe() {
    static AUTO: AutoResetEvent = AutoResetEvent::new(EventState::Set);
    static MANUAL: ManualResetEvent = ManualResetEvent::new(EventState::Set);
    fn check<E: Event + UnwindSafe + RefUnwindSafe>(event: &'static E) {
        assert_eq!((size_of::<E>(), align_of::<E>()), (1, 1));
        assert!(!std::mem::needs_drop::<E>());
        assert!(event.wait0());
    }
    check(&AUTO);
    check(&MANUAL);
}

/// In each round `waiters` threads are parked on a new event, and `release` releases all of them and leaves the
/// event as `is_set` says.
fn released<E: Event>(times: usize, waiters: usize, is_set: bool, release: fn(&E)) {
    for _ in 0..rounds(times) {
        let event: E = unset();
        released_from_the_queue(&event, &vec![wait; waiters], || release(&event));
        assert_eq!(event.wait0(), is_set);
    }
}

/// And the event is unset afterwards: no other thread gets what is handed off.
fn c06_c07_c08_k_sets_release_k_of_n_parked_waiters() {
    for (n, k) in (0..=8).map(|k| (8, k)).chain([(1, 1)]).chain([(2, 2); 200]) {
        let event: AutoResetEvent = unset();
        let released = AtomicUsize::new(0);
        scope(|scope| {
            scope.spawn_each(n, || {
                event.wait();
                released.fetch_add(1, Ordering::Relaxed);
            });
            wait_until_parked(&event, n);
            (0..k).for_each(|_| event.set());
            assert!(!event.wait0());
            assert_eq!(parked(&event), n - k);
            wait_until(|| released.load(Ordering::Relaxed) == k);
            assert!(!event.wait0());
            assert_eq!(parked(&event), n - k);
            (k..n).for_each(|_| event.set());
        });
        assert_eq!(released.into_inner(), n);
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

fn c10_c99_a_reset_does_not_revoke_a_hand_off() {
    released(200, 1, false, set_and_reset::<AutoResetEvent>);
}

fn c25_c99_set_and_reset_release_all_parked_waiters() {
    released(50, 8, false, set_and_reset::<ManualResetEvent>);
}

fn c12_two_sets_against_a_timed_wait_leave_at_most_one() {
    for _ in 0..rounds(500) {
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

fn c18_a_reset_leaves_waiters_parked_for_the_next_set() {
    released(1, 2, false, |event: &AutoResetEvent| {
        event.reset();
        assert_eq!(parked(event), 2);
        event.set();
        assert_eq!(parked(event), 1);
        event.reset();
        assert_eq!(parked(event), 1);
        event.set();
    });
}

fn c23_c24_one_set_releases_parked_and_later_waiters() {
    released(1, 16, true, |event: &ManualResetEvent| {
        event.set();
        assert_eq!(parked(event), 0);
        scope(|scope| scope.spawn_each(4, || event.wait()));
    });
}

fn c26_a_wait_not_yet_queued_may_miss_set_and_reset_but_not_the_next_set() {
    for _ in 0..rounds(200) {
        let event: ManualResetEvent = unset();
        scope(|scope| {
            scope.spawn(|| event.wait());
            event.set();
            event.reset();
            event.set();
        });
    }
}

/// 29: here all setters are stuck before they can release the waiters, and so none may return and rely on
/// another one. (That released waiters wake each other, and that a set wakes them without their help, is
/// tested in the scenarios of `raw` and `queue`.)
fn c29_no_set_returns_before_the_waiters_are_released() {
    let event: ManualResetEvent = unset();
    let returned = AtomicUsize::new(0);
    let mut too_early = 0;
    scope(|scope| {
        scope.spawn_each(2, || event.wait());
        wait_until_parked(&event, 2);
        with_locked(queues(&event).start, |_| {
            scope.spawn_each(3, || {
                event.set();
                returned.fetch_add(1, Ordering::Relaxed);
            });
            (0..100).for_each(|_| thread::yield_now());
            too_early = returned.load(Ordering::Relaxed);
        });
    });
    assert_eq!(too_early, 0, "sets returned though both waiters were still in the queue");
}

fn c34_ten_sets_release_ten_waiters() {
    for _ in 0..rounds(20) {
        let event: ManualResetEvent = unset();
        let left = AtomicUsize::new(0);
        scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| {
                    event.wait();
                    left.fetch_add(1, Ordering::Relaxed);
                });
                scope.spawn(|| event.set());
            }
            wait_until(|| left.load(Ordering::Relaxed) == 10);
        });
        assert!(event.wait0());
    }
}
