//! Contract 1-36 and 92-102: both events. The number is in each test's name. `contract_races.rs` has the cases in
//! which threads race, `support/events.rs` and `support/limits.rs` the tests that other objects have, too.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent};
use support::events::*;
use support::limits::*;
use support::{
    Event, for_both, queue, scope, tests_of, unset, wait_until_parked, watchdog_tests, with_locked,
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

tests_of! { only_auto = rsevents::AutoResetEvent:
    c06_c07_c08_k_sets_release_k_of_n_parked_waiters,
    c09_parked_waiters_are_released_in_fifo_order,
    c10_c99_a_reset_does_not_undo_the_set_of_a_parked_waiter,
    c12_two_sets_against_a_timed_wait_leave_at_most_one,
    c18_a_reset_leaves_waiters_parked_for_the_next_set,
}

tests_of! { only_manual = rsevents::ManualResetEvent:
    c23_c24_one_set_releases_parked_and_later_waiters,
    c25_c99_set_and_reset_release_all_parked_waiters,
    c26_a_wait_not_yet_queued_may_miss_set_and_reset_but_not_the_next_set,
    c34_ten_sets_release_ten_waiters,
}

watchdog_tests! {
    c29_no_set_returns_before_the_waiters_are_released,
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
        with_locked(queue(&event), |_| {
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
