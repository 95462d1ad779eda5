//! Contract 23-34: the manual-reset event. The number is in each test's name. `contract_races.rs` has 27 and
//! 30-33, `contract_time.rs` has 28 and 35; what both events have in common is in `contract_events.rs`.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rsevents::{Awaitable, ManualResetEvent};
use support::{
    parked, queues, released_from_the_queue, scope, unset, wait, wait_until, wait_until_parked,
    watched_tests, with_locked,
};

watched_tests! {
    c23_one_set_releases_all_parked_waiters,
    c24_threads_that_come_after_the_set_do_not_block,
    c25_set_and_reset_release_all_parked_waiters,
    c26_a_wait_not_yet_queued_may_miss_set_and_reset_but_not_the_next_set,
    c29_no_set_returns_before_the_waiters_are_released,
    c34_ten_sets_release_ten_waiters,
}

fn c23_one_set_releases_all_parked_waiters() {
    let event: ManualResetEvent = unset();
    released_from_the_queue(&event, &[wait; 16], || {
        event.set();
        assert_eq!(parked(&event), 0);
    });
    assert!(event.wait0());
}

fn c24_threads_that_come_after_the_set_do_not_block() {
    let event: ManualResetEvent = unset();
    event.set();
    scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| event.wait());
        }
    });
}

fn c25_set_and_reset_release_all_parked_waiters() {
    for _ in 0..50 {
        let event: ManualResetEvent = unset();
        released_from_the_queue(&event, &[wait; 8], || {
            event.set();
            event.reset();
        });
        assert!(!event.wait0());
    }
}

fn c26_a_wait_not_yet_queued_may_miss_set_and_reset_but_not_the_next_set() {
    for _ in 0..200 {
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
/// tested in `raw`.)
fn c29_no_set_returns_before_the_waiters_are_released() {
    let event: ManualResetEvent = unset();
    let returned = AtomicUsize::new(0);
    let mut too_early = 0;
    scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| event.wait());
        }
        wait_until_parked(&event, 2);
        with_locked(queues(&event).start, |_| {
            for _ in 0..3 {
                scope.spawn(|| {
                    event.set();
                    returned.fetch_add(1, Ordering::Relaxed);
                });
            }
            (0..100).for_each(|_| thread::yield_now());
            too_early = returned.load(Ordering::Relaxed);
        });
    });
    assert_eq!(too_early, 0, "sets returned though both waiters were still in the queue");
}

fn c34_ten_sets_release_ten_waiters() {
    for _ in 0..20 {
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
