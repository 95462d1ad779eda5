//! What holds for single waits, and for those for one of several, holds as well while a wait for all waits for the
//! same objects and does not pass. Only that then more calls take locks. So these are the tests of the other files,
//! and others that compare calls.

mod support;

use std::time::{Duration, Instant};

use rsevents::{Gate, Rule, Signal, wait_all_async, wait_any0};
use support::beside::*;
use support::events::*;
use support::futures::*;
use support::gates::{OfFlag, OfPermits, Request};
use support::limits::*;
use support::several::*;
use support::{
    Event, FOREVER, SHORT, Task, kept, parked, past, rounds, scope, tests_of, unset, waits_for_all,
    watchdog_tests,
};

type Auto = BesideAll<rsevents::AutoResetEvent>;
type Manual = BesideAll<rsevents::ManualResetEvent>;
type Permits = BesideAll<support::gates::Permits>;
type Flag = BesideAll<support::gates::Flag>;
type AutoBesideThread = BesideAll<rsevents::AutoResetEvent, true>;
type ManualBesideThread = BesideAll<rsevents::ManualResetEvent, true>;
type PermitsBesideThread = BesideAll<support::gates::Permits, true>;

tests_of! {
    calls_of_auto = rsevents::AutoResetEvent, calls_of_manual = rsevents::ManualResetEvent,
    calls_of_permits = crate::support::gates::Permits, calls_of_flag = crate::support::gates::Flag:
    calls_beside_a_wait_for_all_return_the_same,
}

tests_of! { auto = crate::Auto, manual = crate::Manual, permits = crate::Permits, flag = crate::Flag:
    c11_c27_c99_a_set_against_the_only_timeout_is_taken_or_kept,
    c16_c31_c85_c86_ping_pong_alternates_strictly_and_publishes,
    c92_a_passed_limit_of_an_event_beside_a_wait_for_all_is_wait0,
    c93_c94_c100_waits_time_out_after_their_limits_and_soon,
    c95_c96_far_limits_block_until_the_set,
    c97_a_timeout_leaves_no_trace,
    c120_c133_a_set_before_the_first_poll_is_kept,
    c121_a_set_wakes_the_first_task_or_all,
    c122_c135_c137_a_released_wait_that_is_dropped_hands_on,
    c124_c155_only_the_newest_waker_is_woken,
    c125_wakers_may_use_the_same_event,
    c126_threads_and_tasks_are_served_alike,
    c127_a_set_does_not_run_the_task,
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
    c161_a_future_of_the_same_task_may_set,
    c162_a_task_may_set_when_an_executor_drops_it,
    c163_a_set_publishes_to_tasks,
    c168_a_thread_times_out_between_two_tasks,
    a_wait_goes_from_a_task_to_a_thread_and_back,
    a_waker_that_panics_keeps_no_other_wait_asleep,
    c109_c110_the_first_that_is_set_wins,
    c112_c189_whichever_is_set_releases_the_wait,
    c112_c185_of_two_that_are_set_one_is_taken,
    c186_c196_a_set_while_the_wait_begins_is_taken_once,
    c188_c190_a_set_while_the_wait_leaves_is_not_lost,
    c188_a_released_wait_that_is_dropped_hands_on,
    c116_the_same_object_may_be_there_several_times,
    c193_waits_in_opposite_orders_both_pass,
    c218_a_set_goes_past_waits_that_have_passed_elsewhere,
    c93_c94_c203_a_wait_that_times_out_leaves_no_trace,
    c11_c203_a_set_against_a_timeout_is_taken_or_kept,
    c28_c99_a_set_of_any_before_the_deadline_wins,
    c198_won_is_called_for_the_winner_only,
    c124_a_set_against_a_new_waker_wakes_the_newest,
    c125_wakers_may_use_the_same_objects,
    a_waker_of_a_wait_for_several_that_panics_keeps_no_other_asleep,
    c160_a_leaked_wait_for_several_takes_one_set,
    c160_a_leaked_wait_for_freed_objects_is_thrown_away,
    c85_c163_a_set_publishes_to_waits_for_several,
}

tests_of! { auto_or_manual = crate::Auto, manual_or_auto = crate::Manual, only_flag = crate::Flag:
    c01_c02_c03_c04_c05_c20_c21_c22_c102_calls_agree_with_a_boolean,
    c98_a_wait_that_is_woken_succeeds,
    c28_c99_a_set_before_the_deadline_of_parked_waiters_wins,
}

tests_of! { only_auto = crate::Auto:
    c06_c07_c08_k_sets_release_k_of_n_parked_waiters,
    c09_parked_waiters_are_released_in_fifo_order,
    c10_c99_a_reset_does_not_undo_the_set_of_a_parked_waiter,
    c12_two_sets_against_a_timed_wait_leave_at_most_one,
    c18_a_reset_leaves_waiters_parked_for_the_next_set,
    c13_c14_wait0_on_a_set_event_never_fails_under_contention,
    c218_each_set_releases_one_wait_with_barging_and_without,
    c219_c221_a_waiter_whose_set_was_taken_still_waits_and_counts,
    c220_after_the_event_was_seen_unset_no_wait_barges,
    c220_after_a_task_has_found_the_event_unset_no_wait_barges,
    c220_after_a_task_has_given_up_no_wait_barges,
    c220_after_a_wait_for_several_has_checked_or_given_up_no_wait_barges,
    c219_a_wait_for_several_takes_an_offered_set,
    c220_a_wait_for_several_whose_time_runs_out_takes_nothing,
    c208_c219_a_wait_for_all_takes_an_offered_set,
    c223_a_barged_wait_times_out_and_consumes_nothing,
    c223_a_task_takes_an_offered_set_at_its_limit,
    c185_a_third_thread_takes_only_what_is_left,
}

tests_of! { auto_or_permits = crate::Auto, permits_or_auto = crate::Permits:
    c15_auto_event_as_a_mutex,
    c17_each_set_is_taken_once_by_short_timeouts,
    c222_a_thread_that_takes_again_at_once_does_not_starve_others,
    c134_two_sets_release_two_tasks,
    c167_threads_and_tasks_are_released_in_one_order,
    c194_two_sets_release_two_waits,
    c195_waits_are_released_in_one_order,
    c112_c126_several_events_are_a_semaphore,
}

tests_of! { manual_or_flag = crate::Manual, flag_or_manual = crate::Flag:
    c23_c24_one_set_releases_parked_and_later_waiters,
    c25_c99_set_and_reset_release_all_parked_waiters,
    c26_a_wait_not_yet_queued_may_miss_set_and_reset_but_not_the_next_set,
    c34_ten_sets_release_ten_waiters,
    c30_c32_a_wait_after_the_reset_is_not_released_by_the_set_before,
    c33_the_last_set_or_reset_decides,
    c128_c143_c148_a_wait_after_the_reset_is_not_released,
    c145_during_a_broadcast_all_its_waits_have_passed,
    c147_a_waker_may_drop_another_wait_of_the_broadcast,
    a_task_that_runs_wakes_others_of_the_broadcast,
    tasks_that_run_in_their_wakers_are_not_nested,
    a_waker_does_not_hold_up_a_thread_of_the_broadcast,
    of_two_wakers_that_panic_the_first_is_heard,
    c119_c197_what_comes_first_wins_over_a_cancellation,
    c99_c145_a_wait_of_a_broadcast_passes_before_it_is_woken,
}

// Beside that of a thread.
tests_of! {
    auto_beside_thread = crate::AutoBesideThread, manual_beside_thread = crate::ManualBesideThread,
    permits_beside_thread = crate::PermitsBesideThread:
    c11_c27_c99_a_set_against_the_only_timeout_is_taken_or_kept,
    c97_a_timeout_leaves_no_trace,
    c121_a_set_wakes_the_first_task_or_all,
    c126_threads_and_tasks_are_served_alike,
    c141_a_dropped_wait_leaves_the_order_of_others,
    c142_a_drop_against_a_set_loses_nothing,
    c112_c185_of_two_that_are_set_one_is_taken,
    c188_c190_a_set_while_the_wait_leaves_is_not_lost,
}

watchdog_tests! {
    calls_on_a_gate_beside_a_wait_for_all_return_the_same,
    an_event_is_used_in_every_way_beside_waits_for_all,
}

pub(crate) fn c92_a_passed_limit_of_an_event_beside_a_wait_for_all_is_wait0<E: Event>() {
    let waits: [fn(&E) -> bool; 5] = [
        |event| event.wait0(),
        |event| event.wait_for(Duration::ZERO),
        |event| event.wait_until(Instant::now()),
        |event| event.wait_until(past()),
        |event| event.try_wait_until(past()) == Ok(()),
    ];
    for wait in waits {
        let event = E::new(true);
        assert!(wait(&event));
        assert_eq!(wait(&event), !E::CONSUMES);
        event.reset();
        assert!(!wait(&event));
        // It does not queue behind another one, either.
        let task = Task::pending(event.wait_async());
        assert!(!wait(&event));
        assert_eq!((parked(&event), task.is_woken()), (1, false));
    }
}

/// A request that the rule keeps at the front, among others.
struct Kept;

impl Rule for Kept {
    fn take(permits: u64, request: u32) -> Option<u64> {
        OfPermits::take(permits, request)
    }
    fn keeps(request: u32) -> bool {
        request == 3
    }
    fn hand_on(permits: u64, request: u32) -> u64 {
        permits + u64::from(request)
    }
}

/// Random calls of one thread, and tasks. With several rules.
fn calls_on_a_gate_beside_a_wait_for_all_return_the_same() {
    same_calls::<OfPermits>();
    same_calls::<OfFlag>();
    same_calls::<Kept>();
}

fn same_calls<R: Rule>() {
    const TASKS: usize = 5;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let [beside, without]: [&'static Gate<R>; 2] = [(); 2].map(|()| kept(Gate::new(0)));
    let gates = [beside, without];
    let never: &'static rsevents::AutoResetEvent = kept(unset());
    let requests = [1, 2, 9].map(|number| kept(Request(beside, number)));
    for round in 0..rounds(500) {
        // One that never has enough, and one that often has.
        let list = |request: usize| -> [&'static dyn Signal; 2] {
            if round % 2 == 0 { [never, requests[request]] } else { [requests[request], never] }
        };
        for gate in gates {
            gate.swap(0);
        }
        let waits = [0, 1, 2].map(|request| Task::pending(wait_all_async(&list(request))));
        assert_eq!(waits_for_all(beside), 3);
        let mut tasks = [const { None::<[Task<_>; 2]> }; TASKS];
        for step in 0..60 {
            let number = random.u64(0..4);
            let request = random.u32(1..4);
            let place = random.usize(..TASKS);
            let call = random.u8(..14);
            let results = match call {
                0..3 => gates.map(|gate| gate.add(number)),
                3 if without.value() >= number && !R::SHARED => gates.map(|gate| gate.sub(number)),
                4 => gates.map(|gate| gate.swap(number)),
                5 => gates.map(|gate| {
                    let change = |value: u64| value.checked_sub(number);
                    match gate.update(change) {
                        Ok((before, after)) => 1 << 32 | before << 16 | after,
                        Err(value) => value,
                    }
                }),
                6 => gates.map(|gate| gate.try_take(request).into()),
                7 => gates.map(|gate| gate.wait_for(request, Duration::ZERO).into()),
                8 => gates.map(|gate| gate.wait_for(request, Duration::from_nanos(1)).into()),
                9 => gates.map(|gate| {
                    wait_any0(&[never, &Request(gate, request)]).map_or(7, |place| place as u64)
                }),
                10 | 11 => {
                    let mut pair = tasks[place]
                        .take()
                        .unwrap_or_else(|| gates.map(|gate| Task::new(gate.wait_async(request))));
                    let are_ready = pair.each_mut().map(|task| task.is_ready());
                    if !are_ready[0] {
                        tasks[place] = Some(pair);
                    }
                    are_ready.map(u64::from)
                }
                12 => {
                    drop(tasks[place].take());
                    [0; 2]
                }
                _ => gates.map(|gate| gate.update(|_| None).unwrap_err()),
            };
            let at = format!("step {step}, call {call} of round {round}, seed {seed}");
            assert_eq!(results[0], results[1], "{at}");
            assert_eq!(beside.value(), without.value(), "{at}");
            assert_eq!(format!("{beside:?}"), format!("{without:?}"), "{at}");
            assert_eq!(parked(beside), parked(without), "{at}");
            let woken = |place: usize| -> Vec<_> {
                tasks.iter().flatten().map(|pair| pair[place].probe.wakes()).collect()
            };
            assert_eq!(woken(0), woken(1), "{at}");
        }
        assert!(waits.iter().all(|wait| !wait.is_woken()));
        drop(waits);
        assert_eq!(waits_for_all(beside), 0);
    }
}

/// By several threads at the same time, while waits for all come, pass, time out and go.
fn an_event_is_used_in_every_way_beside_waits_for_all() {
    fn check<E: Event>() {
        let events: &'static [E; 2] = kept([(); 2].map(|()| unset()));
        let [event, other] = events;
        let uses: [fn(&'static E); 11] = [
            |event| event.wait(),
            |event| _ = event.wait0(),
            |event| _ = event.wait_for(Duration::from_micros(fastrand::u64(..100))),
            |event| _ = event.is_set(),
            |event| _ = format!("{event:?}"),
            |event| event.reset(),
            |event| support::block_on(event.wait_async()),
            |event| _ = Task::new(event.wait_async()).is_ready(),
            |event| _ = rsevents::wait_any(&[event]),
            |event| _ = wait_any0(&[event]),
            |event| _ = rsevents::wait_any_for(&[event, event], Duration::from_micros(30)),
        ];
        let rounds = rounds(300);
        scope(|scope| {
            // So that nothing waits for ever.
            scope.repeat(|| {
                event.set();
                std::thread::yield_now();
            });
            scope.repeat(|| {
                other.set();
                std::thread::yield_now();
                other.reset();
            });
            scope.repeat(|| {
                let list: [&dyn Signal; 2] = [other, event];
                match fastrand::u8(..3) {
                    0 => _ = rsevents::wait_all0(&list),
                    1 => _ = rsevents::wait_all_for(&list, Duration::from_micros(100)),
                    _ => {
                        let mut task = Task::new(wait_all_async(&list));
                        if !task.is_ready() {
                            std::thread::yield_now();
                            _ = task.is_ready();
                        }
                    }
                }
            });
            let waiter = scope.spawn(|| {
                let list: [&dyn Signal; 2] = [event, other];
                (0..rounds).for_each(|_| assert!(rsevents::wait_all_for(&list, FOREVER)));
            });
            let users = [(); 3].map(|()| {
                scope.spawn(|| (0..rounds).for_each(|_| uses[fastrand::usize(..uses.len())](event)))
            });
            users.into_iter().chain([waiter]).for_each(|user| user.join().unwrap());
        });
        events.iter().for_each(E::reset);
        assert!(events.iter().all(|it| (waits_for_all(it), parked(it)) == (0, 0)));
        // Set once, taken once.
        event.set();
        assert!(event.wait_for(SHORT));
        assert_eq!(event.wait0(), !E::CONSUMES);
    }
    check::<rsevents::AutoResetEvent>();
    check::<rsevents::ManualResetEvent>();
    check::<support::gates::Permits>();
    check::<support::gates::Flag>();
}
