//! Contract 113-117 and 204-217: waits for all of several objects. The tests of a case have its number in their names.
//! What holds for whatever can be set and reset is in `support/all.rs`. `contract_beside_all.rs` has what holds for
//! objects while a wait for all waits for them.

mod support;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rsevents::{
    AutoResetEvent, Awaitable, EventState, Gate, ManualResetEvent, Part, Rule, Signal, WaitAll,
    wait_all, wait_all_async, wait_all_for, wait_all_until, wait_all0, wait_any, wait_any_for,
    wait_any0,
};
use support::all::*;
use support::all_tasks::*;
use support::gates::{
    Flag, Fragile, OfPermits, Permits, Request, fragile_waker, has_panicked, switch,
};
use support::several::pending_any;
use support::{
    Counting, Event, FOREVER, SHORT, Task, allocations, assert_not_unpin, block_on, file_of_panic,
    kept, parked, past, scope, tests_of, unset, wait_until, waits_for_all, watchdog_tests,
};

tests_of! {
    auto = rsevents::AutoResetEvent, manual = rsevents::ManualResetEvent,
    permits = crate::Permits, flag = crate::Flag:
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
    c93_c94_c210_a_wait_for_all_that_times_out_takes_nothing,
    c95_c96_a_far_limit_of_a_wait_for_all_is_none,
    c28_c99_the_last_set_before_the_deadline_wins,
    c116_c211_c228_the_same_object_twice_is_refused,
    won_is_called_for_each_in_their_order,
    won_of_a_wait_for_all_may_panic,
    c124_c130_c155_only_the_newest_waker_for_all_is_woken,
    c124_the_last_set_against_a_new_waker_wakes_the_newest,
    c125_wakers_may_use_the_same_objects_for_all,
    c151_c152_a_completed_wait_for_all_holds_nothing,
    a_waker_for_all_whose_clone_or_drop_panics_loses_nothing,
    a_waker_of_a_wait_for_all_that_panics_keeps_no_other_asleep,
    c160_a_leaked_wait_for_all_takes_one_set_of_each,
    c215_c227_a_waiter_for_all_frees_them,
    c108_c215_the_addresses_are_used_again,
    c216_c217_sets_and_waits_for_all_while_the_table_grows,
    c85_c163_each_set_publishes_to_waits_for_all,
}

tests_of! { only_auto = rsevents::AutoResetEvent, only_permits = crate::Permits:
    c208_a_wait_for_all_comes_before_single_ones,
    waits_for_all_of_one_object_pass_in_their_order,
    c113_c117_c210_forks_are_in_one_hand,
    c204_single_waits_do_not_starve_one_for_all,
}

tests_of! { only_manual = rsevents::ManualResetEvent, only_flag = crate::Flag:
    one_set_releases_all_waits_for_all,
    c29_a_stuck_setter_does_not_hold_up_other_waits_for_all,
    c147_a_waker_may_drop_another_wait_for_all,
}

watchdog_tests! {
    c204_c205_a_set_beside_a_change_that_is_not_served_yet,
    waits_for_all_of_up_to_eight_objects_need_no_memory,
    c204_objects_of_all_kinds_are_taken_at_once,
    c113_c204_requests_of_several_permits_are_taken_together,
    one_change_of_a_gate_releases_several_waits_for_all,
    c211_two_requests_of_one_gate_are_refused,
    a_signal_may_change_between_two_calls_for_all,
    a_panic_of_the_rule_in_a_setter_keeps_the_wait_for_all,
    a_panic_of_the_rule_in_a_wait_for_all_takes_nothing,
    a_rule_and_a_waker_for_all_that_panic_do_not_abort,
    a_panic_of_the_rule_in_any_of_its_calls_breaks_nothing,
    a_wait_for_all_beside_a_request_that_is_kept,
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn waits_for_all_of_up_to_eight_objects_need_no_memory() {
    waits_for_all_of_eight_need_no_memory::<AutoResetEvent>(allocations);
    waits_for_all_of_eight_need_no_memory::<ManualResetEvent>(allocations);
    waits_for_all_of_eight_need_no_memory::<Permits>(allocations);
    waits_for_all_of_eight_need_no_memory::<Flag>(allocations);
}

/// In every form, and without a lock or a place to wait.
#[test]
fn a_wait_for_all_of_nothing_passes() {
    struct Nothing;
    impl Signal for Nothing {
        fn part(&self) -> Part<'_> {
            Part::ready()
        }
    }
    static NOTHING: Nothing = Nothing;
    static OTHER: Nothing = Nothing;
    static EVENT: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
    let lists: [&[&'static dyn Signal]; 3] = [&[], &[&NOTHING], &[&NOTHING, &OTHER, &NOTHING]];
    for list in lists {
        wait_all(list);
        assert!(wait_all0(list));
        assert!(wait_all_for(list, Duration::ZERO) && wait_all_for(list, FOREVER));
        assert!(wait_all_until(list, past()) && wait_all_until(list, Instant::now() + FOREVER));
        assert!(Task::new(wait_all_async(list)).is_ready());
        block_on(wait_all_async(list));
    }
    // Beside others they do not matter.
    let list: [&dyn Signal; 4] = [&NOTHING, &EVENT, &NOTHING, &OTHER];
    assert!(!wait_all0(&list) && !wait_all_for(&list, SHORT));
    let mut task = pending_all(&list);
    EVENT.set();
    assert!(task.is_woken() && task.is_ready() && !EVENT.is_set());
    EVENT.set();
    wait_all(&list);
    assert!(!EVENT.is_set());
}

/// 114: while others take and give back.
fn c204_objects_of_all_kinds_are_taken_at_once() {
    let (auto, manual): (&'static AutoResetEvent, &'static ManualResetEvent) =
        (kept(unset()), kept(unset()));
    let (permits, flag): (&'static Permits, &'static Flag) = (kept(unset()), kept(unset()));
    let list: [&dyn Signal; 4] = [permits, auto, flag, manual];
    let sets: [&(dyn Fn() + Sync); 4] =
        [&|| permits.set(), &|| auto.set(), &|| flag.set(), &|| manual.set()];
    let states = || [permits.is_set(), auto.is_set(), flag.is_set(), manual.is_set()];
    let waiting = || {
        [waits_for_all(permits), waits_for_all(auto), waits_for_all(flag), waits_for_all(manual)]
    };
    let forms: [fn(&[&'static dyn Signal]); 3] = [
        |list| wait_all(list),
        |list| block_on(wait_all_async(list)),
        |list| assert!(wait_all_for(list, FOREVER)),
    ];
    for round in 0..24 {
        let form = forms[round % 3];
        // In each order.
        let mut order = vec![];
        let (mut places, mut number) = (vec![0, 1, 2, 3], round);
        for left in (1..=4).rev() {
            order.push(places.remove(number % left));
            number /= left;
        }
        scope(|scope| {
            let waiter = scope.spawn(|| form(&list));
            wait_until(|| waiting() == [1; 4]);
            for (done, place) in order.iter().enumerate() {
                assert_eq!(states().into_iter().filter(|is_set| *is_set).count(), done);
                sets[*place]();
                if done < 3 {
                    assert!(states()[*place] && !waiter.is_finished());
                    // Taken and given back.
                    if permits.wait0() {
                        permits.set();
                    }
                    if auto.wait0() {
                        auto.set();
                    }
                }
            }
            assert_eq!(states(), [false, false, true, true]);
            waiter.join().unwrap();
        });
        assert_eq!((states(), waiting()), ([false, false, true, true], [0; 4]));
        assert!(!wait_all0(&list));
        flag.reset();
        manual.reset();
    }
}

fn request<R: Rule>(gate: &'static Gate<R>, number: u32) -> &'static Request<'static, R> {
    kept(Request(gate, number))
}

fn gate<R: Rule>(value: u64) -> &'static Gate<R> {
    kept(Gate::new(value))
}

fn c113_c204_requests_of_several_permits_are_taken_together() {
    let [left, right] = [gate::<OfPermits>(1), gate(4)];
    let (two, three) = (request(left, 2), request(right, 3));
    let list: [&dyn Signal; 2] = [two, three];
    let values = || (left.value(), right.value());
    assert!(!wait_all0(&list) && !wait_all_for(&list, SHORT));
    assert_eq!(values(), (1, 4));
    let mut task = pending_all(&list);
    // Each kind of change, and each way to take meanwhile.
    assert!(right.try_take(2));
    assert_eq!(left.add(1), 1);
    assert_eq!((values(), task.is_woken()), ((2, 2), false));
    assert_eq!(left.sub(1), 2);
    assert_eq!(right.update(|value| Some(value + 1)), Ok((2, 3)));
    assert_eq!((values(), task.is_woken()), ((1, 3), false));
    assert_eq!(right.update(|_| None), Err(3));
    assert_eq!(left.swap(5), 1);
    assert!(task.is_woken());
    assert_eq!((values(), task.is_ready()), ((3, 0), true));

    for change in [
        (|gate| _ = gate.add(3)) as fn(&Gate<OfPermits>),
        |gate| _ = gate.swap(3),
        |gate| _ = gate.update(|_| Some(3)),
        |gate| (0..3).for_each(|_| _ = gate.add(1)),
        |gate| _ = gate.sub(u64::MAX - 2), // modulo
    ] {
        left.swap(2);
        scope(|scope| {
            let thread = scope.spawn(|| wait_all(&list));
            wait_until(|| waits_for_all(right) == 1);
            change(right);
            assert_eq!(values(), (0, 0));
            thread.join().unwrap();
        });
    }

    // A drop gives back what each has taken.
    let task = pending_all(&list);
    left.add(4);
    right.add(3);
    assert!(task.is_woken());
    assert_eq!(values(), (2, 0));
    drop(task);
    assert_eq!((values(), waits_for_all(left), waits_for_all(right)), ((4, 3), 0, 0));
}

/// In their order, while there is enough, and then single ones.
fn one_change_of_a_gate_releases_several_waits_for_all() {
    let common = gate::<OfPermits>(0);
    let own: &'static [AutoResetEvent; 4] = kept([true; 4].map(AutoResetEvent::from));
    let requests = [2, 1, 3, 1].map(|number| request(common, number));
    let mut tasks: Vec<_> =
        own.iter().zip(requests).map(|(own, request)| pending_all(&[own, request])).collect();
    let mut single = Task::pending(common.wait_async(1));
    own[1].reset();
    let woken = |tasks: &[Task<WaitAll>]| tasks.iter().map(Task::is_woken).collect::<Vec<_>>();
    common.add(3);
    // The third is too large, and keeps nothing.
    assert_eq!(woken(&tasks), [true, false, false, true]);
    assert_eq!((common.value(), single.is_woken()), (0, false));
    common.add(7);
    assert_eq!(woken(&tasks), [true, false, true, true]);
    assert!(single.is_woken() && single.is_ready());
    assert_eq!(common.value(), 3);
    own[1].set();
    assert!(tasks.iter_mut().all(Task::is_ready));
    assert_eq!((common.value(), waits_for_all(common)), (2, 0));
    assert!(own.iter().all(|own| !own.is_set()));
}

/// Though there may be enough for both. And of one that is open for all.
fn c211_two_requests_of_one_gate_are_refused() {
    let (permits, open) = (gate::<OfPermits>(9), kept(Flag::new(true)));
    let event: &'static AutoResetEvent = kept(AutoResetEvent::from(true));
    let (one, two) = (request(permits, 1), request(permits, 2));
    let lists: [&[&'static dyn Signal]; 3] =
        [&[one, event, two], &[two, two], &[open, event, open]];
    for list in lists {
        let calls: [&dyn Fn(); 5] = [
            &|| wait_all(list),
            &|| _ = wait_all0(list),
            &|| _ = wait_all_for(list, SHORT),
            &|| _ = wait_all_until(list, past()),
            &|| _ = wait_all_async(list),
        ];
        for call in calls {
            assert_eq!(file_of_panic(call), file!());
        }
    }
    assert_eq!((permits.value(), open.is_set(), event.is_set()), (9, true, true));
    assert_eq!((waits_for_all(permits), waits_for_all(open), waits_for_all(event)), (0, 0, 0));
    // One at a time.
    assert!(wait_all0(&[event, two, open]));
    assert_eq!((permits.value(), event.is_set()), (7, false));
}

/// Into another object, or into the same as another one in the list. The wait is refused or waits for one of them, and
/// nothing breaks.
fn a_signal_may_change_between_two_calls_for_all() {
    struct Changing {
        parts: [&'static dyn Signal; 2],
        changes_at: usize,
        calls: AtomicUsize,
    }
    impl Signal for Changing {
        fn part(&self) -> Part<'_> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            self.parts[usize::from(call >= self.changes_at)].part()
        }
    }
    struct Closed;
    impl Signal for Closed {
        fn part(&self) -> Part<'_> {
            Part::ready()
        }
    }
    let events: &'static [AutoResetEvent; 3] = kept([(); 3].map(|()| unset()));
    let [first, second, third] = events;
    for changes_at in 0..8 {
        let seconds: [[&'static dyn Signal; 2]; 4] =
            [[second, first], [first, second], [second, third], [second, kept(Closed)]];
        for parts in seconds {
            for number in 0..4 {
                let changing = kept(Changing { parts, changes_at, calls: AtomicUsize::new(0) });
                let list: [&dyn Signal; 2] = [first, changing];
                let sets = |are_set: bool| {
                    for event in events {
                        if are_set { event.set() } else { event.reset() }
                    }
                };
                _ = catch_unwind(AssertUnwindSafe(|| match number {
                    0 => _ = wait_all_for(&list, Duration::from_micros(100)),
                    1 => {
                        sets(true);
                        _ = wait_all0(&list);
                    }
                    2 => {
                        let mut task = Task::new(wait_all_async(&list));
                        _ = task.is_ready();
                        sets(true);
                        _ = task.is_ready();
                    }
                    _ => {
                        let mut task = Task::new(wait_all_async(&list));
                        _ = task.is_ready();
                        sets(true);
                        drop(task);
                    }
                }));
                sets(false);
                assert!(events.iter().all(|event| !event.is_set()));
                assert!(events.iter().all(|event| (waits_for_all(event), parked(event)) == (0, 0)));
                sets(true);
                assert!(events.iter().all(|event| event.wait0() && !event.wait0()));
            }
        }
    }
}

/// The change itself is made, and its thread need not notice. The next one releases the wait. By a set of the other
/// object, and a change of the gate.
fn a_panic_of_the_rule_in_a_setter_keeps_the_wait_for_all() {
    fn check<E: Event>() {
        for (by_event, gate_is_first) in
            [(false, false), (false, true), (true, false), (true, true)]
        {
            for has_thread in [false, true] {
                let (gate, event) = (gate::<Fragile<0>>(0), kept(unset::<E>()));
                let two = request(gate, 2);
                let mut list: [&dyn Signal; 2] = [event, two];
                if gate_is_first {
                    list.reverse();
                }
                scope(|scope| {
                    let thread = has_thread.then(|| scope.spawn(move || wait_all(&list)));
                    let task = (!has_thread).then(|| pending_all(&list));
                    wait_until(|| (waits_for_all(event), waits_for_all(gate)) == (1, 1));
                    if by_event {
                        gate.add(2);
                    } else {
                        event.set();
                    }
                    switch::<0>(true);
                    _ = has_panicked(|| if by_event { event.set() } else { _ = gate.add(2) });
                    switch::<0>(false);
                    assert_eq!((gate.value(), event.is_set()), (2, true));
                    assert_eq!((waits_for_all(event), waits_for_all(gate)), (1, 1));
                    assert!(task.as_ref().is_none_or(|task| !task.is_woken()));
                    gate.add(1);
                    if let Some(mut task) = task {
                        assert!(task.is_woken() && task.is_ready());
                    }
                    if let Some(thread) = thread {
                        thread.join().unwrap();
                    }
                });
                assert_eq!((gate.value(), event.is_set()), (1, !E::CONSUMES));
                assert_eq!((waits_for_all(event), waits_for_all(gate)), (0, 0));
            }
        }
    }
    check::<AutoResetEvent>();
    check::<ManualResetEvent>();
    check::<Permits>();
    check::<Flag>();
}

/// When it begins, when it is polled, and at its limit.
fn a_panic_of_the_rule_in_a_wait_for_all_takes_nothing() {
    let (gate, events) = (gate::<Fragile<1>>(1), kept([true; 2].map(AutoResetEvent::from)));
    let one = request(gate, 1);
    let list: [&'static dyn Signal; 3] = [&events[0], one, &events[1]];
    let states = || (gate.value(), events[0].is_set(), events[1].is_set());
    let waiting = || [waits_for_all(gate), waits_for_all(&events[0]), waits_for_all(&events[1])];
    switch::<1>(true);
    for wait in [
        (|list| wait_all(list)) as fn(&[&'static dyn Signal]),
        |list| _ = wait_all0(list),
        |list| _ = wait_all_for(list, SHORT),
        |list| _ = wait_all_until(list, past()),
        |list| block_on(wait_all_async(list)),
    ] {
        assert!(has_panicked(|| wait(&list)));
        assert_eq!((states(), waiting()), ((1, true, true), [0; 3]));
    }
    switch::<1>(false);
    events[1].reset();
    for polls_again in [false, true] {
        let mut task = Task::new(wait_all_async(&list));
        switch::<1>(true);
        assert!(has_panicked(|| task.is_ready()));
        switch::<1>(false);
        assert_eq!(states(), (1, true, false));
        if polls_again {
            assert!(!task.is_ready());
            events[1].set();
            assert!(task.is_ready());
            assert_eq!(states(), (0, false, false));
        }
        drop(task);
        assert_eq!(waiting(), [0; 3]);
    }
    // A panic ends a blocked wait, at the latest when it is over.
    gate.add(1);
    events[0].set();
    scope(|scope| {
        let fragile = scope.spawn(|| has_panicked(|| wait_all_for(&list, 20 * SHORT)));
        wait_until(|| waits_for_all(gate) == 1 || fragile.is_finished());
        switch::<1>(true);
        _ = fragile.join().unwrap();
        switch::<1>(false);
    });
    assert_eq!((states(), waiting()), ((1, true, false), [0; 3]));
    events[1].set();
    assert!(wait_all0(&list));
}

/// The rule panics when the wait begins, or when it stores another waker, and then that waker, as it is dropped.
fn a_rule_and_a_waker_for_all_that_panic_do_not_abort() {
    let gate = gate::<Fragile<2>>(0);
    let list: [&'static dyn Signal; 1] = [request(gate, 1)];
    let poll_new = || {
        let mut task = Task::new(wait_all_async(&list));
        task.probe = fragile_waker::<2>();
        task.is_ready()
    };
    assert!(has_panicked(poll_new));
    switch::<2>(false);
    let mut task = pending_all(&list);
    assert!(has_panicked(|| fragile_waker::<2>().poll(task.future.as_mut())));
    switch::<2>(false);
    gate.add(1);
    assert!(task.is_woken() && task.is_ready());
    assert_eq!((gate.value(), waits_for_all(gate)), (0, 0));
}

thread_local! {
    /// At which of the next calls of this thread the rule panics.
    static CALLS_LEFT: Cell<u32> = const { Cell::new(0) };
}

/// Permits with a rule that panics once.
struct PanicsOnce;

impl Rule for PanicsOnce {
    fn take(permits: u64, request: u32) -> Option<u64> {
        match CALLS_LEFT.get() {
            0 => {}
            1 => {
                CALLS_LEFT.set(0);
                panic!("the rule has panicked");
            }
            left => CALLS_LEFT.set(left - 1),
        }
        OfPermits::take(permits, request)
    }
    fn hand_on(permits: u64, request: u32) -> u64 {
        permits + u64::from(request)
    }
}

/// In a wait that could pass, and in a setter that could release it. (A part may have been taken if the same call
/// has not panicked just before.)
fn a_panic_of_the_rule_in_any_of_its_calls_breaks_nothing() {
    let gates = [gate::<PanicsOnce>(0), gate(0)];
    let events: &'static [AutoResetEvent; 3] = kept([(); 3].map(|()| unset()));
    let [first, second] = gates.map(|gate| request(gate, 2));
    let list: [&'static dyn Signal; 5] = [&events[0], first, &events[1], second, &events[2]];
    let waiting =
        || gates.map(waits_for_all).into_iter().chain(events.each_ref().map(waits_for_all));
    let assert_none_is_left = || {
        assert!(waiting().all(|waits| waits == 0));
        for event in events {
            event.reset();
            assert!(!event.is_set());
        }
        for gate in gates {
            gate.swap(0);
            assert_eq!(gate.value(), 0);
        }
    };
    let set_but = |missing: usize| {
        let set = |place: usize| match place {
            0..3 => events[place].set(),
            _ => _ = gates[place - 3].swap(2),
        };
        (0..5).filter(|place| *place != missing).for_each(set);
    };
    let panics_at = |call: u32, run: &dyn Fn()| {
        CALLS_LEFT.set(call);
        let result = catch_unwind(AssertUnwindSafe(run));
        CALLS_LEFT.set(0);
        result.is_err()
    };
    let waits: [fn(&[&'static dyn Signal]); 4] = [
        |list| assert!(wait_all0(list)),
        |list| wait_all(list),
        |list| assert!(wait_all_for(list, FOREVER)),
        |list| block_on(wait_all_async(list)),
    ];
    let mut panics = 0;
    for wait in waits {
        for call in 1.. {
            set_but(usize::MAX);
            let has_panicked = panics_at(call, &|| wait(&list));
            assert_none_is_left();
            panics += usize::from(has_panicked);
            if !has_panicked {
                break;
            }
        }
    }
    let setters: [(usize, &dyn Fn()); 3] = [
        (1, &|| events[1].set()),
        (3, &|| _ = gates[0].add(2)),
        (4, &|| _ = gates[1].update(|_| Some(2))),
    ];
    for (missing, set) in setters {
        for call in 1..12 {
            let mut task = pending_all(&list);
            set_but(missing);
            assert!(!task.is_woken());
            _ = panics_at(call, set);
            panics += usize::from(!task.is_woken());
            while !task.is_woken() {
                set_but(usize::MAX);
            }
            assert!(task.is_ready());
            assert_none_is_left();
        }
    }
    println!("{panics} panics");
    assert!(panics > 6);
}

/// No other request overtakes one that is kept, nor does a wait for all. When that has passed or given up, it gets
/// what is left.
fn a_wait_for_all_beside_a_request_that_is_kept() {
    let (gate, event) = (gate::<OfPermits>(0), kept(unset::<AutoResetEvent>()));
    let list: [&'static dyn Signal; 2] = [event, request(gate, 1)];
    let mut kept = Task::pending(gate.wait_async(3));
    let mut all = pending_all(&list);
    event.set();
    gate.add(2);
    assert!(!kept.is_woken() && !all.is_woken() && event.is_set() && gate.value() == 2);
    assert!(!wait_all0(&list) && !wait_all_for(&list, SHORT));
    event.reset();
    event.set();
    assert!(!all.is_woken());
    gate.add(1);
    assert!(kept.is_woken() && kept.is_ready() && !all.is_woken() && gate.value() == 0);
    gate.add(1);
    assert!(all.is_woken() && all.is_ready() && !event.is_set() && gate.value() == 0);

    // By the same change, and by a drop.
    for is_dropped in [false, true] {
        let mut kept = Task::pending(gate.wait_async(3));
        let mut all = pending_all(&list);
        let mut behind = Task::pending(gate.wait_async(1));
        event.set();
        gate.add(2);
        assert!(!all.is_woken() && !behind.is_woken());
        if is_dropped {
            drop(kept);
            assert!(all.is_woken() && behind.is_woken() && gate.value() == 0);
        } else {
            gate.add(3);
            assert!(kept.is_woken() && kept.is_ready());
            assert!(all.is_woken() && behind.is_woken() && gate.value() == 0);
        }
        assert!(all.is_ready() && behind.is_ready() && !event.is_set());
    }

    // By its deadline.
    scope(|scope| {
        let kept = scope.spawn(|| gate.wait_for(3, SHORT));
        wait_until(|| parked(gate) == 1 || kept.is_finished());
        let mut all = Task::new(wait_all_async(&list));
        event.set();
        gate.add(2);
        _ = all.is_ready();
        assert!(!kept.join().unwrap());
        assert!(all.is_ready());
        assert_eq!((gate.value(), event.is_set()), (1, false));
    });
    // By its deadline, when the wait for all was there before. And by another object, in a wait for any.
    gate.sub(1);
    let other: &'static AutoResetEvent = support::kept(unset());
    let large = request(gate, 3);
    for way in 0..4 {
        let mut all = pending_all(&list);
        let mut any = (way == 3).then(|| pending_any(&[large, other]));
        scope(|scope| {
            let thread = (way < 3).then(|| {
                scope.spawn(move || match way {
                    0 => _ = gate.wait_for(3, SHORT),
                    1 => _ = wait_any(&[large, other]),
                    _ => _ = wait_any_for(&[other, large], SHORT),
                })
            });
            wait_until(|| {
                parked(gate) == 1 || thread.as_ref().is_some_and(|thread| thread.is_finished())
            });
            event.set();
            gate.add(2);
            if way == 1 || way == 3 {
                assert!(!all.is_woken());
                other.set();
            }
            drop(any.take());
            if let Some(thread) = thread {
                thread.join().unwrap();
            }
        });
        other.reset();
        assert!(all.is_woken() && all.is_ready());
        assert_eq!((gate.value(), event.is_set(), parked(gate)), (1, false, 0));
        gate.sub(1);
    }
}

#[test]
fn c157_sizes_and_traits_of_waits_for_all() {
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>() {}
    check::<WaitAll>();
    assert_not_unpin!(WaitAll);
    assert!(size_of::<WaitAll>() < 1100, "as documented");
}

#[test]
fn a_wait_for_all_shows_its_state() {
    static EVENT: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
    static OTHER: AutoResetEvent = AutoResetEvent::new(EventState::Set);
    let mut task = Task::new(wait_all_async(&[&EVENT, &OTHER]));
    assert_eq!(format!("{:?}", task.future), "WaitAll(new)");
    assert!(!task.is_ready());
    assert_eq!(format!("{:?}", task.future), "WaitAll(queued)");
    EVENT.set();
    assert_eq!(format!("{:?}", task.future), "WaitAll(released)");
    assert!(task.is_ready());
    assert_eq!(format!("{:?}", task.future), "WaitAll(completed)");
}

/// 115, as in the test of pevents: all but one of 64, and all of 63.
#[test]
fn c212_as_many_events_as_win32_takes() {
    static EVENTS: [AutoResetEvent; 64] = [const { AutoResetEvent::new(EventState::Set) }; 64];
    let all: Vec<_> = EVENTS.iter().map(|event| event as &'static dyn Signal).collect();
    assert_eq!(wait_any0(&all[63..]), Some(0));
    assert!(!wait_all0(&all) && !wait_all_for(&all, SHORT));
    assert!(EVENTS[..63].iter().all(AutoResetEvent::is_set));
    assert!(wait_all0(&all[..63]) && !wait_all0(&all[..63]));
    assert!(EVENTS.iter().all(|event| !event.is_set()));
    EVENTS.iter().for_each(AutoResetEvent::set);
    wait_all(&all);
    assert_eq!(wait_any0(&all), None);
    EVENTS[5].set();
    assert_eq!(wait_any(&all), 5);
}

/// As [`OfPermits`], but changes by a thread that [`STALLS`] are not served while [`IS_STALLED`].
struct Stalls;

static IS_STALLED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static STALLS: Cell<bool> = const { Cell::new(false) };
}

impl Rule for Stalls {
    fn take(permits: u64, request: u32) -> Option<u64> {
        OfPermits::take(permits, request)
    }
    fn opens(permits: u64) -> bool {
        if STALLS.get() && permits > 0 {
            IS_STALLED.store(true, Ordering::SeqCst);
            wait_until(|| !IS_STALLED.load(Ordering::SeqCst));
        }
        OfPermits::opens(permits)
    }
    fn keeps(request: u32) -> bool {
        OfPermits::keeps(request)
    }
    fn hand_on(permits: u64, request: u32) -> u64 {
        OfPermits::hand_on(permits, request)
    }
}

/// What was added is enough for the first request and for the wait for all. That begins before the request was served.
fn c204_c205_a_set_beside_a_change_that_is_not_served_yet() {
    for gate_is_first in [true, false] {
        let gate: &'static Gate<Stalls> = kept(Gate::new(0));
        let (one, event): (_, &'static AutoResetEvent) = (request(gate, 1), kept(unset()));
        let mut three = Task::pending(gate.wait_async(3));
        scope(|scope| {
            scope.spawn(|| {
                STALLS.set(true);
                gate.add(4);
            });
            wait_until(|| IS_STALLED.load(Ordering::SeqCst));
            assert_eq!(gate.value(), 4);
            let mut signals: [&'static dyn Signal; 2] = [one, event];
            if !gate_is_first {
                signals.reverse();
            }
            let mut all = pending_all(&signals);
            event.set();
            event.reset();
            assert!(three.poll().is_ready() && all.poll().is_ready());
            assert_eq!(gate.value(), 0);
            IS_STALLED.store(false, Ordering::SeqCst);
        });
    }
}
