//! Contract 37-58a, and what of 84-106 and 227 concerns the countdown. The tests of a case have its number in their
//! names.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rsevents_extra::{Awaitable, CountdownEvent};
use support::all::*;
use support::all_tasks::*;
use support::beside::*;
use support::futures::*;
use support::limits::*;
use support::several::*;
use support::{
    Event, Plain, Race, SHORT, Wait, assert_panics, blocking_waits, freed_after_any_wait, parked,
    past, queue, release_races_timeout, released_from_the_queue, rounds, scope, spin, tests_of,
    wait, wait_until, watchdog_tests, with_locked, with_watchdog,
};

watchdog_tests! {
    c40_every_kind_of_wait_sees_the_zero,
    c45_reset_to_zero_releases_parked_waiters,
    c45_c99_a_reset_to_zero_beats_later_deadlines,
    c46_parked_waiters_wait_for_the_new_count_after_a_reset,
    c47_c48_last_decrement_against_reset_and_increment,
    c49_c99_last_decrement_against_timeout,
    c41_c50_c55_of_concurrent_decrements_one_is_the_last,
    c56_c84_every_decrement_publishes,
    c57_decrements_that_are_not_the_last_take_no_lock,
    c58a_waiters_parked_at_the_zero_are_released_though_it_is_reset_at_once,
    a_ticket_of_a_thread_that_panics_counts_down,
}

/// A countdown is set at zero, and unset while one decrement is missing.
impl Event for CountdownEvent {
    const CONSUMES: bool = false;
    fn new(is_set: bool) -> Self {
        Self::new((!is_set).into())
    }
    fn set(&self) {
        self.tick();
    }
    fn reset(&self) {
        self.reset(1);
    }
    fn is_set(&self) -> bool {
        self.is_set()
    }
    fn wait_async(&self) -> rsevents::Wait<'_> {
        self.wait_async()
    }
}

tests_of! { countdown = rsevents_extra::CountdownEvent:
    c35_c92_c99_a_passed_limit_is_wait0,
    c93_c94_c100_waits_time_out_after_their_limits_and_soon,
    c95_c96_far_limits_block_until_the_set,
    c97_a_timeout_leaves_no_trace,
    c98_a_wait_that_is_woken_succeeds,
    c28_c99_a_set_before_the_deadline_of_parked_waiters_wins,
}

tests_of! { one_of_several = rsevents_extra::CountdownEvent:
    c109_c110_the_first_that_is_set_wins,
    c92_c111_a_wait_whose_limit_has_passed_takes_nothing,
    c112_c189_whichever_is_set_releases_the_wait,
    c112_c185_of_two_that_are_set_one_is_taken,
    c186_c196_a_set_while_the_wait_begins_is_taken_once,
    c188_c190_a_set_while_the_wait_leaves_is_not_lost,
    c188_a_released_wait_that_is_dropped_hands_on,
    c123_c132_c188_a_dropped_wait_leaves_no_trace,
    c192_the_number_of_objects_has_no_limit,
    c116_the_same_object_may_be_there_several_times,
    c119_c197_what_comes_first_wins_over_a_cancellation,
    c99_c145_a_wait_of_a_broadcast_passes_before_it_is_woken,
    c218_a_set_goes_past_waits_that_have_passed_elsewhere,
    c11_c203_a_set_against_a_timeout_is_taken_or_kept,
    c28_c99_a_set_of_any_before_the_deadline_wins,
    c198_won_is_called_for_the_winner_only,
    c124_a_set_against_a_new_waker_wakes_the_newest,
    c125_wakers_may_use_the_same_objects,
    c160_a_leaked_wait_for_several_takes_one_set,
    c160_a_leaked_wait_for_freed_objects_is_thrown_away,
    c190_c227_a_waiter_for_several_frees_them,
}

tests_of! { all_of_several = rsevents_extra::CountdownEvent:
    c113_c115_all_are_taken_or_none,
    c115_c192_c212_c216_any_number_of_objects,
    c204_c205_the_last_set_releases_the_wait,
    c113_c204_two_sets_at_the_same_time_release_the_wait,
    c204_a_set_while_the_wait_begins_is_not_missed,
    c205_a_set_and_a_reset_while_the_wait_begins,
    c114_c204_others_may_take_what_is_set_meanwhile,
    c117_c207_waits_in_opposite_orders_make_progress,
    c210_a_set_against_a_timeout_takes_all_or_none,
    c210_c214_a_set_against_a_drop_takes_all_or_none,
    c210_the_last_set_against_one_that_takes,
    c214_a_released_wait_for_all_that_is_dropped_hands_on,
    c123_c132_c210_a_dropped_wait_for_all_leaves_no_trace,
    c28_c99_the_last_set_before_the_deadline_wins,
    c116_c211_c228_the_same_object_twice_is_refused,
    won_is_called_for_each_in_their_order,
    c124_the_last_set_against_a_new_waker_wakes_the_newest,
    c125_wakers_may_use_the_same_objects_for_all,
    c160_a_leaked_wait_for_all_takes_one_set_of_each,
    c215_c227_a_waiter_for_all_frees_them,
    one_set_releases_all_waits_for_all,
    c147_a_waker_may_drop_another_wait_for_all,
}

type BesideAll = support::beside::BesideAll<CountdownEvent>;

tests_of! { beside_a_wait_for_all = crate::BesideAll:
    c93_c94_c100_waits_time_out_after_their_limits_and_soon,
    c97_a_timeout_leaves_no_trace,
    c28_c99_a_set_before_the_deadline_of_parked_waiters_wins,
    c121_a_set_wakes_the_first_task_or_all,
    c122_c135_c137_a_released_wait_that_is_dropped_hands_on,
    c125_wakers_may_use_the_same_event,
    c126_threads_and_tasks_are_served_alike,
    c136_a_thread_that_times_out_leaves_the_set_to_a_task,
    c142_a_drop_against_a_set_loses_nothing,
    c151_c152_a_completed_wait_holds_nothing,
    c128_c143_c148_a_wait_after_the_reset_is_not_released,
    c145_during_a_broadcast_all_its_waits_have_passed,
    c112_c185_of_two_that_are_set_one_is_taken,
    c188_c190_a_set_while_the_wait_leaves_is_not_lost,
    c11_c203_a_set_against_a_timeout_is_taken_or_kept,
    c99_c145_a_wait_of_a_broadcast_passes_before_it_is_woken,
}

tests_of! { calls = rsevents_extra::CountdownEvent:
    calls_beside_a_wait_for_all_return_the_same,
}

tests_of! { tasks = rsevents_extra::CountdownEvent:
    c120_c133_a_set_before_the_first_poll_is_kept,
    c121_a_set_wakes_the_first_task_or_all,
    c122_c135_c137_a_released_wait_that_is_dropped_hands_on,
    c123_c132_a_dropped_wait_leaves_no_trace,
    c124_c155_only_the_newest_waker_is_woken,
    c125_wakers_may_use_the_same_event,
    c126_threads_and_tasks_are_served_alike,
    c130_c131_a_poll_with_the_same_waker_changes_nothing,
    c136_a_dropped_task_hands_on_to_a_thread,
    c136_a_thread_that_times_out_leaves_the_set_to_a_task,
    c139_a_reset_leaves_tasks_waiting,
    c141_a_dropped_wait_leaves_the_order_of_others,
    c142_a_drop_against_a_set_loses_nothing,
    c151_c152_a_completed_wait_holds_nothing,
    c153_c154_a_wait_can_be_queued_before_it_is_polled,
    c153_a_thread_can_block_on_a_queued_wait,
    c157_an_owned_wait_keeps_its_event_until_it_completes,
    c160_a_leaked_wait_takes_one_set,
    c160_leaked_waits_of_a_freed_event_are_thrown_away,
    c162_a_task_may_set_when_an_executor_drops_it,
    c168_a_thread_times_out_between_two_tasks,
    a_wait_goes_from_a_task_to_a_thread_and_back,
    a_waker_that_panics_keeps_no_other_wait_asleep,
    c128_c143_c148_a_wait_after_the_reset_is_not_released,
    c145_during_a_broadcast_all_its_waits_have_passed,
    c147_a_waker_may_drop_another_wait_of_the_broadcast,
}

fn is_available(countdown: &CountdownEvent) -> bool {
    let available = countdown.wait0();
    assert_eq!(countdown.is_set(), available);
    assert_eq!(countdown.count() == 0, available);
    assert_eq!(countdown.wait_for(Duration::ZERO), available);
    available
}

#[test]
fn c37_a_new_countdown_is_available_only_at_zero() {
    assert!(is_available(&CountdownEvent::new(0)));
    assert!(!is_available(&CountdownEvent::new(1)));
    assert!(!is_available(&CountdownEvent::new(CountdownEvent::MAX)));
}

#[test]
fn c38_c42_c43_c225_available_after_n_decrements_in_each_round() {
    let countdown = CountdownEvent::new(5);
    for next in [750, 1, 3] {
        for left in (0..countdown.count()).rev() {
            assert!(!is_available(&countdown));
            assert_eq!(countdown.decrement(), left == 0);
            assert_eq!(countdown.count(), left);
        }
        assert!(is_available(&countdown));
        countdown.reset(next);
        assert_eq!(countdown.count(), next);
    }
    (0..3).for_each(|_| countdown.tick());
    assert!(is_available(&countdown));
}

#[test]
fn c39_available_exactly_when_decrements_equal_increments() {
    let countdown = CountdownEvent::new(1);
    for _ in 0..1024 {
        countdown.increment();
    }
    assert_eq!(countdown.count(), 1025);
    assert!(!countdown.decrement_by(1000));
    assert!(!countdown.decrement_by(0));
    for _ in 0..24 {
        assert!(!countdown.decrement());
    }
    assert!(!is_available(&countdown));
    assert!(countdown.decrement());
    assert!(is_available(&countdown));
    countdown.reset(3);
    assert!(countdown.decrement_by(usize::MAX), "as many as there are");
    assert!(!countdown.decrement_by(1));
}

fn c40_every_kind_of_wait_sees_the_zero() {
    for count in [1, 5] {
        let countdown = CountdownEvent::new(count);
        scope(|scope| {
            scope.spawn(|| wait_until(|| countdown.wait0()));
            released_from_the_queue(&countdown, &blocking_waits(), || {
                // The last task alone, or more than there are.
                let is_last =
                    if count == 1 { countdown.decrement() } else { countdown.decrement_by(9) };
                assert!(is_last);
            });
            scope.spawn(|| countdown.wait());
        });
    }
}

#[test]
fn c44_c50_c51_surplus_decrements_have_no_effect_on_a_later_increment() {
    let countdown = CountdownEvent::new(0);
    for surplus in [0, 1, 1_000] {
        for _ in 0..surplus {
            assert!(!countdown.decrement());
            assert!(is_available(&countdown));
        }
        countdown.increment();
        assert_eq!(countdown.count(), 1);
        assert!(!is_available(&countdown));
        assert!(countdown.decrement());
        assert!(is_available(&countdown));
    }
}

fn c45_reset_to_zero_releases_parked_waiters() {
    let countdown = CountdownEvent::new(5);
    released_from_the_queue(&countdown, &blocking_waits(), || countdown.reset(0));
    assert!(is_available(&countdown));
}

fn c46_parked_waiters_wait_for_the_new_count_after_a_reset() {
    let countdown = CountdownEvent::new(1);
    released_from_the_queue(&countdown, &[wait], || {
        countdown.reset(2);
        assert!(!countdown.decrement());
        assert_eq!(parked(&countdown), 1);
        assert!(countdown.decrement());
    });
}

fn c47_c48_last_decrement_against_reset_and_increment() {
    let race = Race::new(20_000);
    let countdown = CountdownEvent::new(1);
    let was_last = AtomicBool::new(false);
    scope(|scope| {
        scope.spawn(|| {
            let part = |_| was_last.store(countdown.decrement(), Ordering::Relaxed);
            race.run(part, drop);
        });
        let part = |_| {
            spin(fastrand::usize(..20));
            let resets = fastrand::bool();
            if resets {
                countdown.reset(2)
            } else {
                countdown.increment()
            }
            resets
        };
        race.run(part, |resets| {
            let was_last = was_last.load(Ordering::Relaxed);
            assert_eq!(countdown.count(), if resets && was_last { 2 } else { 1 });
            assert!(!is_available(&countdown));
            countdown.reset(1);
        });
    });
}

fn c45_c99_a_reset_to_zero_beats_later_deadlines() {
    release_beats_later_deadlines(
        4,
        || CountdownEvent::new(3),
        parked,
        |countdown, deadline| countdown.wait_until(deadline),
        |countdown| countdown.reset(0),
    );
}

fn c49_c99_last_decrement_against_timeout() {
    release_races_timeout(
        20_000,
        &CountdownEvent::new(1),
        |countdown| assert!(countdown.decrement()),
        |countdown, limit| {
            let succeeded = countdown.wait_for(limit);
            assert!(!succeeded || countdown.count() == 0);
            succeeded
        },
        |countdown, deadline| countdown.wait_until(deadline),
        |countdown, _| {
            assert!(countdown.wait0(), "the zero is lost");
            countdown.reset(1);
        },
    );
}

#[test]
fn c52_c53_counts_above_the_maximum_are_refused() {
    const MAX: usize = CountdownEvent::MAX;
    assert!(MAX >= u32::MAX as usize);
    let countdown = CountdownEvent::new(MAX);
    assert!(!countdown.try_increment());
    let words = [(MAX as u64 + 1).to_string(), MAX.to_string()];
    let words = words.each_ref().map(String::as_str);
    assert_panics(|| countdown.increment(), &words);
    // A pointer of 32 bits has no greater number.
    if let Some(too_many) = MAX.checked_add(1) {
        assert_panics(|| drop(CountdownEvent::new(too_many)), &words);
        assert_panics(|| countdown.reset(too_many), &words);
    }
    assert_eq!(countdown.count(), MAX);
    countdown.tick();
    assert!(countdown.try_increment());
    assert_eq!(countdown.count(), MAX);
}

#[test]
fn c54_failed_waits_leave_the_count_as_it_is() {
    let countdown = CountdownEvent::new(2);
    let waits: [(Wait<CountdownEvent>, _); 2] = [
        (|countdown| countdown.wait_for(SHORT), SHORT),
        (|countdown| countdown.wait_until(past()), Duration::ZERO),
    ];
    for (wait, limit) in waits {
        let start = Instant::now();
        assert!(!wait(&countdown));
        assert!(start.elapsed() >= limit, "too early");
        assert_eq!((countdown.count(), parked(&countdown)), (2, 0));
    }
}

/// A count of zero means that it is available, and surplus decrements leave no trace.
fn c41_c50_c55_of_concurrent_decrements_one_is_the_last() {
    for (rounds, threads, ticks, count) in
        [(500, 2, 1, 2), (20, 4, 500, 2_000), (20, 32, 2, 64), (1, 8, 5_000, 0)]
    {
        for _ in 0..rounds {
            let countdown = CountdownEvent::new(count);
            let last = AtomicUsize::new(0);
            scope(|scope| {
                scope.spawn_each(threads, || {
                    for _ in 0..ticks {
                        last.fetch_add(countdown.decrement().into(), Ordering::Relaxed);
                    }
                });
                scope.spawn(|| {
                    wait_until(|| countdown.count() == 0);
                    assert!(countdown.wait0());
                });
                countdown.wait();
                assert_eq!(countdown.count(), 0);
            });
            assert_eq!(last.into_inner(), count.min(1));
            assert!(is_available(&countdown));
            countdown.increment();
            assert_eq!(countdown.count(), 1);
        }
    }
}

fn c56_c84_every_decrement_publishes() {
    for _ in 0..rounds(500) {
        let countdown = CountdownEvent::new(3);
        let data: [Plain; 3] = Default::default();
        scope(|scope| {
            for mine in &data {
                let countdown = &countdown;
                scope.spawn(move || {
                    mine.set(7);
                    countdown.tick();
                });
            }
            countdown.wait();
            assert!(data.iter().all(|data| data.get() == 7));
        });
    }
}

/// 57: they return although the lock of the waiters' queue is held all the time. (That each is one
/// operation is for the eye to see, in `decrement`.)
fn c57_decrements_that_are_not_the_last_take_no_lock() {
    let countdown = CountdownEvent::new(20);
    released_from_the_queue(&countdown, &[wait], || {
        with_locked(queue(&countdown), |waits| {
            assert_eq!(waits, 1);
            assert!(!countdown.decrement());
            assert!(!countdown.decrement_by(10));
            countdown.increment();
            assert_eq!(countdown.count(), 10);
            assert!(!countdown.wait0());
        });
        assert!(countdown.decrement_by(10));
    });
    with_locked(queue(&countdown), |_| assert!(!countdown.decrement())); // at zero
}

#[test]
fn c58_dropping_an_unfinished_countdown_does_not_block() {
    drop(CountdownEvent::new(10));
    assert!(!std::mem::needs_drop::<CountdownEvent>());
}

fn c58a_waiters_parked_at_the_zero_are_released_though_it_is_reset_at_once() {
    for _ in 0..rounds(200) {
        let countdown = CountdownEvent::new(1);
        released_from_the_queue(&countdown, &[wait; 3], || {
            assert!(countdown.decrement());
            countdown.reset(1);
        });
        assert!(!countdown.wait_for(Duration::from_micros(10)));
    }
}

#[test]
fn c106_traits_and_size() {
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe + std::fmt::Debug + 'static>(_: &T) {}
    static COUNTDOWN: CountdownEvent = CountdownEvent::new(3);
    check(&COUNTDOWN);
    check(&COUNTDOWN.ticket());
    assert!(size_of::<CountdownEvent>() <= 16);
    assert_eq!(format!("{COUNTDOWN:?}"), "CountdownEvent(2)");
}

fn a_ticket_of_a_thread_that_panics_counts_down() {
    let countdown = CountdownEvent::new(2);
    scope(|scope| {
        scope.spawn(|| {
            let panics = || {
                let _ticket = countdown.ticket();
                panic!("on purpose");
            };
            assert_panics(panics, &["on purpose"]);
        });
        scope.spawn(|| drop(countdown.ticket()));
        countdown.wait();
    });
}

#[test]
fn c227_a_waiter_frees_the_countdown() {
    with_watchdog(freed_after_any_wait::<CountdownEvent>);
}
