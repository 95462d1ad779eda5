//! Contract 109-119 and 185-203: waits for one of several objects. The tests of a case have its number in their names.
//! What holds for whatever can be set and reset is in `support/several.rs`.

mod support;

use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use rsevents::{
    AutoResetEvent, Awaitable, Gate, ManualResetEvent, Part, Rule, Signal, WaitAny, wait_any,
    wait_any_async, wait_any_for, wait_any_until, wait_any0,
};
use support::gates::{Flag, Fragile, OfPermits, Permits, Request, has_panicked, switch};
use support::several::*;
use support::{
    Act, Counting, Event, FOREVER, Plain, Probe, SHORT, Task, allocations, assert_not_unpin,
    assert_panics, block_on, file_of_panic, parked, rounds, scope, tests_of, unset, wait_until,
    wait_until_parked, watchdog_tests,
};

tests_of! {
    auto = rsevents::AutoResetEvent, manual = rsevents::ManualResetEvent,
    permits = crate::Permits, flag = crate::Flag:
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
    c193_waits_in_opposite_orders_both_pass,
    c218_a_set_goes_past_waits_that_have_passed_elsewhere,
    c93_c94_c203_a_wait_that_times_out_leaves_no_trace,
    c95_c96_a_far_limit_is_none,
    c11_c203_a_set_against_a_timeout_is_taken_or_kept,
    c28_c99_a_set_of_any_before_the_deadline_wins,
    c198_won_is_called_for_the_winner_only,
    c198_won_may_panic,
    c124_c155_only_the_newest_waker_of_several_is_woken,
    c124_a_set_against_a_new_waker_wakes_the_newest,
    c125_wakers_may_use_the_same_objects,
    c151_c152_a_completed_wait_for_several_holds_nothing,
    a_waker_whose_clone_or_drop_panics_loses_nothing,
    a_waker_of_a_wait_for_several_that_panics_keeps_no_other_asleep,
    c160_a_leaked_wait_for_several_takes_one_set,
    c160_a_leaked_wait_for_freed_objects_is_thrown_away,
    c190_c227_a_waiter_for_several_frees_them,
    c85_c163_a_set_publishes_to_waits_for_several,
}

tests_of! { only_auto = rsevents::AutoResetEvent, only_permits = crate::Permits:
    c194_two_sets_release_two_waits,
    c195_waits_are_released_in_one_order,
    c112_c126_several_events_are_a_semaphore,
}

// A permit is there for all until the queue was served.
tests_of! { only_event = rsevents::AutoResetEvent:
    c185_a_third_thread_takes_only_what_is_left,
}

tests_of! { only_manual = rsevents::ManualResetEvent, only_flag = crate::Flag:
    c119_c197_what_comes_first_wins_over_a_cancellation,
    c99_c145_a_wait_of_a_broadcast_passes_before_it_is_woken,
}

watchdog_tests! {
    c160_a_change_returns_where_a_leaked_wait_was_for_another_object,
    c118_a_token_goes_round_among_threads_and_tasks,
    c192_c200_up_to_eight_objects_need_no_memory,
    c109_objects_of_all_kinds_are_taken_in_order,
    c218_a_kept_request_that_has_passed_elsewhere_lets_others_pass,
    c29_a_thread_that_helps_goes_past_waits_that_have_passed_elsewhere,
    a_signal_may_become_ready_between_two_calls,
    c218_a_change_goes_past_a_member_behind_a_called_wait,
    a_panic_of_the_rule_in_a_setter_leaves_the_member_queued,
    a_panic_of_the_rule_in_the_wait_leaves_no_member,
    a_panic_of_the_rule_at_a_limit_leaves_no_member,
    a_panic_of_a_waker_behind_a_member_does_not_undo_the_wait,
}

/// By two kinds of objects each: what is consumed, and what ends the round.
fn c118_a_token_goes_round_among_threads_and_tasks() {
    pass_a_token_round::<AutoResetEvent, ManualResetEvent>();
    pass_a_token_round::<Permits, Flag>();
}

fn pass_a_token_round<T: Event, S: Event>() {
    const MEMBERS: usize = 64;
    let hops = rounds(10_000);
    let own: Vec<T> = (0..MEMBERS).map(|_| unset()).collect();
    let (stop, hop) = (unset::<S>(), Plain::default());
    let ended = AtomicUsize::new(0);
    let run = |member: usize| {
        let list: [&dyn Signal; 2] = [&own[member], &stop];
        let wait =
            || if member % 2 == 0 { wait_any(&list) } else { block_on(wait_any_async(&list)) };
        while wait() == 0 {
            // Plain memory: there is one token.
            let done = hop.get();
            assert_eq!(done % MEMBERS, member);
            hop.set(done + 1);
            if done < hops {
                own[(member + 1) % MEMBERS].set();
            } else {
                stop.set();
            }
        }
        ended.fetch_add(1, Ordering::Relaxed);
    };
    scope(|scope| {
        for member in 0..MEMBERS {
            let run = &run;
            scope.spawn(move || run(member));
        }
        own[0].set();
    });
    assert_eq!((ended.into_inner(), hop.get()), (MEMBERS, hops + 1));
    assert!(own.iter().all(|own| parked(own) == 0 && !own.is_set()));
    assert!(stop.is_set() && parked(&stop) == 0);
}

/// What is not consumed wins until it is reset.
fn c109_objects_of_all_kinds_are_taken_in_order() {
    let (manual, flag) = (ManualResetEvent::from(true), Flag::new(true));
    let (auto, permits) = (AutoResetEvent::from(true), Permits::new(true));
    let list: [&dyn Signal; 4] = [&flag, &permits, &manual, &auto];
    assert_eq!([(); 2].map(|()| wait_any0(&list)), [Some(0); 2]);
    flag.reset();
    assert_eq!([(); 3].map(|()| wait_any(&list)), [1, 2, 2]);
    manual.reset();
    assert_eq!([(); 2].map(|()| wait_any_for(&list, SHORT)), [Some(3), None]);
    for place in 0..4 {
        let [mut task, mut next] = [(); 2].map(|()| pending_any(&list));
        scope(|scope| {
            let thread = scope.spawn(|| wait_any_for(&list, FOREVER));
            wait_until_parked(&auto, 3);
            let set = || match place {
                0 => flag.set(),
                1 => permits.set(),
                2 => manual.set(),
                _ => auto.set(),
            };
            (0..3).for_each(|_| set());
            assert_eq!(thread.join().unwrap(), Some(place));
        });
        assert_eq!(self::place(&mut task), Some(place));
        assert_eq!(self::place(&mut next), Some(place));
        flag.reset();
        manual.reset();
        assert_eq!(wait_any0(&list), None);
        assert_eq!([parked(&flag), parked(&permits), parked(&manual), parked(&auto)], [0; 4]);
    }
}

fn c192_c200_up_to_eight_objects_need_no_memory() {
    up_to_eight_objects_need_no_memory::<AutoResetEvent>(allocations);
    up_to_eight_objects_need_no_memory::<ManualResetEvent>(allocations);
    up_to_eight_objects_need_no_memory::<Permits>(allocations);
    up_to_eight_objects_need_no_memory::<Flag>(allocations);
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// In every form.
#[test]
fn c111_c201_a_wait_for_one_of_nothing_is_refused() {
    let calls: [&dyn Fn(); 6] = [
        &|| _ = wait_any(&[]),
        &|| _ = wait_any0(&[]),
        &|| _ = wait_any_for(&[], SHORT),
        &|| _ = wait_any_for(&[], Duration::ZERO),
        &|| _ = wait_any_until(&[], Instant::now() + SHORT),
        &|| _ = wait_any_async(&[]),
    ];
    for (number, call) in calls.into_iter().enumerate() {
        assert_panics(call, &["one of no objects"]);
        assert_eq!(file_of_panic(call), file!(), "call {number}");
    }
}

struct LargeOnes;

impl Rule for LargeOnes {
    fn take(permits: u64, request: u32) -> Option<u64> {
        OfPermits::take(permits, request)
    }
    fn keeps(request: u32) -> bool {
        request > 2
    }
}

/// Nothing overtakes it while it waits at the front. When it has passed by another object, the queue is served as
/// if it had never been there.
fn c218_a_kept_request_that_has_passed_elsewhere_lets_others_pass() {
    let gate = Gate::<OfPermits>::new(1);
    let event: AutoResetEvent = unset();
    let [two, three] = [2, 3].map(|number| Request(&gate, number));
    let begin = || {
        let task = pending_any(&[&two, &event]);
        assert!(!gate.try_take(1) && wait_any0(&[&Request(&gate, 1)]).is_none());
        task
    };

    // By what comes next, and before its own thread has run.
    let mut kept = begin();
    let mut small = Task::pending(gate.wait_async(1));
    event.set();
    gate.add(1);
    assert!(small.is_woken() && small.is_ready());
    assert_eq!((gate.value(), parked(&gate)), (1, 0));
    assert_eq!(place(&mut kept), Some(1));

    // The next one is kept instead.
    let mut kept = begin();
    let mut large = pending_any(&[&event, &three]);
    let mut small = Task::pending(gate.wait_async(1));
    event.set();
    gate.add(1);
    assert_eq!(parked(&gate), 2);
    assert!(!large.is_woken() && !small.is_woken() && !gate.try_take(1));
    gate.add(2);
    assert!(large.is_woken() && small.is_woken() && small.is_ready());
    assert_eq!((place(&mut kept), place(&mut large)), (Some(1), Some(1)));
    assert_eq!((gate.value(), parked(&gate)), (0, 0));

    // Or none is.
    let gate = Gate::<LargeOnes>::new(0);
    let three = Request(&gate, 3);
    let mut kept = pending_any(&[&three, &event]);
    let mut behind = Task::pending(gate.wait_async(2));
    event.set();
    gate.add(1);
    assert!(gate.try_take(1), "nothing keeps it");
    gate.add(2);
    assert!(behind.is_woken() && behind.is_ready());
    assert_eq!((place(&mut kept), gate.value(), parked(&gate)), (Some(1), 0, 0));

    // Or when it is polled, dropped, or its thread runs.
    let gate = Gate::<OfPermits>::new(0);
    let two = Request(&gate, 2);
    let begin = || pending_any(&[&two, &event]);
    let ways: [fn(Task<WaitAny<'_>>); 2] =
        [|mut task| assert_eq!(place(&mut task), Some(1)), |task| drop(task)];
    for leave in ways {
        gate.add(1);
        let kept = begin();
        let mut small = Task::pending(gate.wait_async(1));
        event.set();
        leave(kept);
        assert!(small.is_woken() && small.is_ready());
        assert_eq!((gate.value(), parked(&gate)), (0, 0));
        event.reset();
    }
    gate.add(1);
    scope(|scope| {
        let kept = scope.spawn(|| wait_any(&[&two, &event]));
        wait_until_parked(&event, 1);
        let small = scope.spawn(|| gate.wait(1));
        wait_until_parked(&gate, 2);
        event.set();
        small.join().unwrap();
        assert_eq!(kept.join().unwrap(), 1);
    });

    // Or its deadline passes.
    gate.add(1);
    scope(|scope| {
        let kept = scope.spawn(|| wait_any_for(&[&two, &event], SHORT));
        let mut small = Task::new(gate.wait_async(1));
        wait_until(|| parked(&event) == 1 || kept.is_finished());
        let passed = small.is_ready();
        assert_eq!(kept.join().unwrap(), None);
        assert!(passed || small.is_woken() && small.is_ready());
    });
    assert_eq!((gate.value(), parked(&gate), parked(&event)), (0, 0, 0));
}

/// A thread is called, and left in the queue. Behind it is a wait that has passed by another object.
fn c218_a_change_goes_past_a_member_behind_a_called_wait() {
    for round in 0..rounds(300) {
        let gate = Gate::<OfPermits>::new(0);
        let event: AutoResetEvent = unset();
        let one = Request(&gate, 1);
        scope(|scope| {
            let called = scope.spawn(|| gate.wait(1));
            wait_until_parked(&gate, 1);
            let mut elsewhere = pending_any(&[&one, &event]);
            let mut behind = pending_any(&[&event, &one]);
            event.set();
            if round % 2 == 0 {
                gate.add(2);
            } else {
                gate.add(1);
                gate.add(1);
            }
            called.join().unwrap();
            // The called thread serves it, at the latest.
            assert!(behind.is_woken());
            assert_eq!((place(&mut behind), place(&mut elsewhere)), (Some(1), Some(1)));
        });
        assert_eq!((gate.value(), parked(&gate), parked(&event)), (0, 0, 0));
        assert!(!event.is_set());
    }
}

/// The change itself is made. Another object may release the wait, or the next change.
fn a_panic_of_the_rule_in_a_setter_leaves_the_member_queued() {
    for by_event in [false, true] {
        for has_thread in [false, true] {
            let gate = Gate::<Fragile<0>>::new(0);
            let event: AutoResetEvent = unset();
            let request = Request(&gate, 2);
            let list: [&dyn Signal; 2] = [&event, &request];
            scope(|scope| {
                let thread = has_thread.then(|| scope.spawn(move || wait_any(&list)));
                let task = (!has_thread).then(|| pending_any(&list));
                wait_until_parked(&gate, 1);
                switch::<0>(true);
                assert!(has_panicked(|| gate.add(2)));
                switch::<0>(false);
                assert_eq!((gate.value(), parked(&gate), parked(&event)), (2, 1, 1));
                if by_event {
                    event.set();
                } else {
                    gate.add(1);
                }
                let winner = usize::from(!by_event);
                if let Some(mut task) = task {
                    assert!(task.is_woken());
                    assert_eq!(place(&mut task), Some(winner));
                }
                assert!(thread.is_none_or(|thread| thread.join().unwrap() == winner));
            });
            assert_eq!((gate.value(), event.is_set()), (if by_event { 2 } else { 1 }, false));
            assert_eq!((parked(&gate), parked(&event)), (0, 0));
        }
    }
}

/// Nor is anything taken. At the first check, at a later one, and when it is queued.
fn a_panic_of_the_rule_in_the_wait_leaves_no_member() {
    let gate = Gate::<Fragile<1>>::new(0);
    let event: AutoResetEvent = unset();
    let request = Request(&gate, 1);
    let list: [&dyn Signal; 3] = [&event, &request, &event];
    switch::<1>(true);
    for wait in [
        (|list| Some(wait_any(list))) as fn(&[&dyn Signal]) -> _,
        wait_any0,
        |list| wait_any_for(list, SHORT),
        |list| Some(block_on(wait_any_async(list))),
    ] {
        gate.add(1);
        assert!(has_panicked(|| wait(&list)));
        assert_eq!((gate.value(), parked(&gate), parked(&event)), (1, 0, 0));
        gate.sub(1);
    }
    switch::<1>(false);
    for polls_again in [false, true] {
        let mut task = pending_any(&list);
        switch::<1>(true);
        assert!(has_panicked(|| task.poll()));
        switch::<1>(false);
        if polls_again {
            assert_eq!(place(&mut task), None);
            gate.add(1);
            assert_eq!(place(&mut task), Some(1));
        }
        drop(task);
        assert_eq!((gate.value(), parked(&gate), parked(&event)), (0, 0, 0));
    }

    // The waker's clone comes between the first check and the step by which it is queued. A later poll goes on from
    // there.
    for way in 0..4 {
        let clones = Probe::with(|act| {
            if act == Act::Clone {
                switch::<1>(true);
            }
        });
        let mut task = Task { future: Box::pin(wait_any_async(&list)), probe: clones };
        assert!(has_panicked(|| task.poll()));
        assert_eq!((parked(&gate), parked(&event)), (0, 1));
        switch::<1>(false);
        match way {
            0 => event.set(),
            1 => {
                assert_eq!(place(&mut task), None);
                assert_eq!((parked(&gate), parked(&event)), (1, 2));
                gate.add(1);
            }
            2 => _ = gate.add(1),
            _ => {}
        }
        if way < 3 {
            assert_eq!(task.is_woken(), way < 2);
            assert_eq!(place(&mut task), Some(usize::from(way > 0)));
        }
        drop(task);
        assert_eq!((gate.value(), parked(&gate), parked(&event)), (0, 0, 0));
        assert!(!event.is_set());
    }
}

fn a_panic_of_the_rule_at_a_limit_leaves_no_member() {
    wait_until(|| {
        switch::<2>(false);
        let (gate, event) = (Gate::<Fragile<2>>::new(0), unset::<AutoResetEvent>());
        let request = Request(&gate, 2);
        scope(|scope| {
            let list: [&dyn Signal; 3] = [&event, &request, &event];
            let fragile = scope.spawn(move || has_panicked(|| wait_any_for(&list, 20 * SHORT)));
            wait_until(|| parked(&gate) == 1 || fragile.is_finished());
            let mut behind = Task::pending(gate.wait_async(1));
            switch::<2>(true);
            let has_panicked = fragile.join().unwrap();
            assert_eq!((parked(&gate), parked(&event)), (1, 0));
            gate.add(1);
            assert!(behind.is_woken() && behind.is_ready());
            assert_eq!((gate.value(), parked(&gate)), (0, 0));
            has_panicked
        })
    });
}

/// A member that leaves lets the wait behind it pass, and the waker of that panics.
fn a_panic_of_a_waker_behind_a_member_does_not_undo_the_wait() {
    let gate = Gate::<OfPermits>::new(1);
    let [event, other] = [(); 2].map(|()| unset::<AutoResetEvent>());
    let two = Request(&gate, 2);
    let list: [&dyn Signal; 3] = [&two, &event, &other];
    let panics = Probe::panicking;
    for is_dropped in [false, true] {
        let mut task = pending_any(&list);
        let mut small = Task::pending_with(gate.wait_async(1), panics());
        event.set();
        if is_dropped {
            let mut task = Some(task);
            assert_panics(|| drop(task.take()), &["the waker has panicked"]);
            assert!(event.wait0(), "what it had got was not handed on");
        } else {
            assert_panics(|| _ = task.poll(), &["the waker has panicked"]);
            assert_eq!(place(&mut task), Some(1));
        }
        assert!(small.is_woken() && small.is_ready());
        assert_eq!((gate.value(), event.is_set()), (0, false));
        assert_eq!((parked(&gate), parked(&event), parked(&other)), (0, 0, 0));
        gate.add(1);
    }
    // A thread that gets such a panic has handed on what it had got.
    scope(|scope| {
        let thread =
            scope.spawn(|| assert_panics(|| _ = wait_any(&list), &["the waker has panicked"]));
        wait_until_parked(&other, 1);
        let mut small = Task::pending_with(gate.wait_async(1), panics());
        event.set();
        thread.join().unwrap();
        assert!(small.is_woken() && small.is_ready() && event.wait0());
    });
    assert_eq!((parked(&gate), parked(&event), parked(&other)), (0, 0, 0));
}

#[test]
fn c157_sizes_and_traits_of_waits_for_several() {
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}
    check::<WaitAny<'_>>();
    check::<Part<'_>>();
    assert_not_unpin!(WaitAny<'static>);
    assert!(size_of::<WaitAny<'_>>() < 750, "as documented");
}

#[test]
fn a_wait_for_several_shows_its_state() {
    let event: AutoResetEvent = unset();
    let mut task = Task::new(wait_any_async(&[&event, &event]));
    assert_eq!(format!("{:?}", task.future), "WaitAny(new)");
    assert!(!task.is_ready());
    assert_eq!(format!("{:?}", task.future), "WaitAny(queued)");
    event.set();
    assert_eq!(format!("{:?}", task.future), "WaitAny(released)");
    assert!(task.is_ready());
    assert_eq!(format!("{:?}", task.future), "WaitAny(completed)");
}

/// The setter is held up by the waker of the first wait. The first thread, which it has woken before, wakes the
/// last one.
fn c29_a_thread_that_helps_goes_past_waits_that_have_passed_elsewhere() {
    let event = ManualResetEvent::default();
    let own: Vec<AutoResetEvent> = (0..100).map(|_| unset()).collect();
    let lists: Vec<[&dyn Signal; 2]> = own.iter().map(|own| [own as _, &event as _]).collect();
    let (go, told) = mpsc::channel::<()>();
    let told = Mutex::new(told);
    let holds_up = Probe::with(move |act| {
        if act == Act::Wake {
            let _ = told.lock().unwrap().recv();
        }
    });
    let _first = Task::pending_with(event.wait_async(), holds_up);
    scope(|scope| {
        let go = go;
        scope.spawn(|| event.wait());
        wait_until_parked(&event, 2);
        let _ended: Vec<_> = lists.iter().map(|list| pending_any(list)).collect();
        own.iter().for_each(AutoResetEvent::set);
        let last = scope.spawn(|| event.wait());
        wait_until_parked(&event, own.len() + 3);
        let setter = scope.spawn(|| event.set());
        wait_until(|| last.is_finished());
        assert!(!setter.is_finished());
        drop(go);
    });
}

/// As one that is closed meanwhile.
fn a_signal_may_become_ready_between_two_calls() {
    struct Closing {
        event: AutoResetEvent,
        calls: AtomicUsize,
    }
    impl Signal for Closing {
        fn part(&self) -> Part<'_> {
            match self.calls.fetch_add(1, Ordering::Relaxed) {
                0 => self.event.part(),
                _ => Part::ready(),
            }
        }
    }
    let other: AutoResetEvent = unset();
    for _ in 0..8 {
        // So that the next wait of this thread does not spin.
        assert!(!other.wait_for(SHORT));
    }
    let closing = Closing { event: unset(), calls: AtomicUsize::new(0) };
    assert_eq!(wait_any_for(&[&other, &closing], FOREVER), Some(1));
}

/// Two gates with different rules, one after the other at one address. The wait for the first one was leaked.
enum Either {
    First(Gate<OfPermits>),
    Second(Gate<OfTickets>),
}

/// Another rule that says the same.
struct OfTickets;

impl Rule for OfTickets {
    fn take(tickets: u64, request: u32) -> Option<u64> {
        OfPermits::take(tickets, request)
    }
    fn hand_on(tickets: u64, request: u32) -> u64 {
        OfPermits::hand_on(tickets, request)
    }
}

/// It had passed by another object, and its member is the first in the queue of the address.
fn c160_a_change_returns_where_a_leaked_wait_was_for_another_object() {
    let mut place = Box::new(Either::First(Gate::new(0)));
    let Either::First(first) = &*place else { unreachable!() };
    let (ask, other) = (Request(first, 1), unset::<AutoResetEvent>());
    let leaked = pending_any(&[&ask, &other]);
    other.set();
    mem::forget(leaked);
    let second = Gate::new(0);
    mem::forget(Task::pending(second.wait_async(1)));
    *place = Either::Second(second); // as one with a queue
    let Either::Second(second) = &*place else { unreachable!() };
    second.add(1);
    assert_eq!(second.value(), 1);
}
