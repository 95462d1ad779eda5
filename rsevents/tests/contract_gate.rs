//! Gates, and types that are waited for by one. Where a test is of a case of the contract, its name has the number.

mod support;

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rsevents::{Awaitable, Gate, Rule};
use support::futures::*;
use support::gates::{
    Flag, Fragile, MAY_PANIC, OfFlag, OfPermits, Permits, fragile_waker, has_panicked, switch,
};
use support::limits::*;
use support::{
    Act, Event, FOREVER, Probe, SHORT, Task, address_used_again, assert_panics,
    freed_by_its_waiter, leak, parked, queue, random_limit, scope, tests_of, unset, wait_until,
    wait_until_parked, watchdog_tests, with_locked,
};

tests_of! { permits = crate::Permits, flag = crate::Flag:
    c35_c92_c99_a_passed_limit_is_wait0,
    c93_c94_c100_waits_time_out_after_their_limits_and_soon,
    c95_c96_far_limits_block_until_the_set,
    c97_a_timeout_leaves_no_trace,
}

tests_of! { only_flag = crate::Flag:
    c98_a_wait_that_is_woken_succeeds,
    c28_c99_a_set_before_the_deadline_of_parked_waiters_wins,
}

tests_of! { permits_of_tasks = crate::Permits, flag_of_tasks = crate::Flag:
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
    c92_a_new_wait_whose_limit_has_passed_does_not_queue,
    c157_an_owned_wait_keeps_its_event_until_it_completes,
    c160_a_leaked_wait_takes_one_set,
    c160_leaked_waits_of_a_freed_event_are_thrown_away,
    c162_a_task_may_set_when_an_executor_drops_it,
    c168_a_thread_times_out_between_two_tasks,
    a_wait_goes_from_a_task_to_a_thread_and_back,
    a_waker_that_panics_keeps_no_other_wait_asleep,
    c163_a_set_publishes_to_tasks,
}

tests_of! { only_permits_of_tasks = crate::Permits:
    c134_two_sets_release_two_tasks,
    c167_threads_and_tasks_are_released_in_one_order,
}

tests_of! { only_flag_of_tasks = crate::Flag:
    c128_c143_c148_a_wait_after_the_reset_is_not_released,
    c145_during_a_broadcast_all_its_waits_have_passed,
    c147_a_waker_may_drop_another_wait_of_the_broadcast,
    a_task_that_runs_wakes_others_of_the_broadcast,
    tasks_that_run_in_their_wakers_are_not_nested,
    a_waker_does_not_hold_up_a_thread_of_the_broadcast,
    of_two_wakers_that_panic_the_first_is_heard,
}

watchdog_tests! {
    c98_an_overtaken_wait_keeps_its_deadline,
    c227_a_waiter_frees_the_gate,
    c108_c227_the_address_of_a_gate_is_used_again,
    a_wait_takes_at_its_limit_what_the_first_cannot,
    a_change_takes_the_lock_only_if_a_wait_may_pass,
    a_panic_of_the_rule_in_a_setter_leaves_the_waits_queued,
    a_panic_of_the_rule_in_a_called_wait_removes_it,
    a_panic_of_the_rule_at_a_limit_removes_the_wait,
    a_panic_of_the_rule_before_a_wait_is_queued,
    a_panic_of_a_waker_in_a_called_wait_loses_no_permit,
    a_waker_whose_drop_panics_loses_no_permit,
    two_wakers_that_panic_in_one_drop_do_not_abort,
    a_rule_and_a_waker_that_panic_do_not_abort,
    a_waker_whose_drop_panics_at_a_limit_loses_no_permit,
    a_panic_of_a_waker_at_a_limit_makes_no_permit,
    c99_a_check_of_a_queued_wait_finds_a_change_that_has_not_served_it,
}

/// As after any other wake-up.
fn c98_an_overtaken_wait_keeps_its_deadline() {
    let wait = |permits: &Permits, limit| permits.gate.wait_for(1, limit);
    an_overtaken_wait_keeps_its_deadline(unset::<Permits>, wait, |permits| {
        permits.gate.add(1);
        permits.gate.try_take(1)
    });
}

fn c227_a_waiter_frees_the_gate() {
    let new = || Gate::<OfPermits>::new(0);
    let add = |gate: &Gate<OfPermits>| {
        gate.add(1);
    };
    freed_by_its_waiter(1, new, add, |gate| gate.wait(1));
    freed_by_its_waiter(2, new, add, |gate| gate.wait(2));
    freed_by_its_waiter(1, new, add, |gate| {
        if !gate.wait_for(1, random_limit()) {
            gate.wait(1);
        }
    });
    let closed = || Gate::<OfFlag>::new(0);
    let open = |gate: &Gate<OfFlag>| {
        gate.add(1);
    };
    freed_by_its_waiter(1, closed, open, |gate| gate.wait(0));
}

fn a_change_takes_the_lock_only_if_a_wait_may_pass() {
    let flag: Flag = unset();
    let queue = queue(&flag);
    with_locked(queue, |_| {
        assert_eq!(flag.gate.add(1), 0);
        assert_eq!(flag.gate.update(|value| value.checked_sub(1)), Ok((1, 0)));
    });
    scope(|scope| {
        scope.spawn(|| flag.gate.wait(0));
        wait_until_parked(&flag, 1);
        with_locked(queue, |parked| {
            assert_eq!((flag.gate.add(2), parked), (0, 1));
            assert_eq!(flag.gate.update(|value| Some(value + 1)), Ok((2, 3)));
        });
        flag.set();
    });
}

/// The value is not enough for the first wait, which does not keep others from overtaking it.
fn a_wait_takes_at_its_limit_what_the_first_cannot() {
    let gate = Gate::<Unordered>::new(0);
    scope(|scope| {
        scope.spawn(|| gate.wait(2));
        wait_until_parked(&gate, 1);
        let second = scope.spawn(|| gate.wait_for(1, SHORT));
        wait_until(|| parked(&gate) == 2 || second.is_finished());
        gate.add(1);
        let in_time = !second.is_finished();
        let taken = second.join().unwrap();
        assert!(taken || !in_time);
        gate.add(1 + u64::from(taken));
    });
    assert_eq!(gate.value(), 0);
}

fn c108_c227_the_address_of_a_gate_is_used_again() {
    address_used_again(unset::<Permits>, Permits::set, |permits, limit| permits.wait_for(limit));
    address_used_again(unset::<Flag>, Flag::set, |flag, limit| flag.wait_for(limit));
}

#[test]
fn a_check_of_a_queued_wait_takes_what_the_first_cannot() {
    for check in CHECKS {
        let gate = Gate::<Unordered>::new(0);
        let [mut first, mut second] = [2, 1].map(|request| Task::pending(gate.wait_async(request)));
        gate.add(1);
        assert!(!check(&mut first) && check(&mut second));
        assert_eq!((gate.value(), parked(&gate)), (0, 1));
        gate.add(2);
        assert!(check(&mut first));
        assert_eq!((gate.value(), parked(&gate)), (0, 0));

        // Not if the first one keeps it.
        let gate = Gate::<OfPermits>::new(0);
        let [mut first, mut second] = [2, 1].map(|request| Task::pending(gate.wait_async(request)));
        gate.add(1);
        assert!(!check(&mut second) && !check(&mut first));
        gate.add(1);
        assert!(check(&mut first) && !check(&mut second));
        assert_eq!((gate.value(), parked(&gate)), (0, 1));
    }
}

/// A gate that is moved after a wait was leaked, which would be the first one.
#[test]
fn c160_a_gate_that_was_moved_gives_what_it_has() {
    let takes: [fn(&Gate<OfPermits>) -> bool; 4] = [
        |gate| gate.try_take(1),
        |gate| gate.wait_for(1, Duration::ZERO),
        |gate| gate.wait_for(1, SHORT),
        |gate| Task::new(gate.wait_async(1)).is_ready(),
    ];
    for take in takes {
        let gate = Box::new(Gate::new(0));
        assert!(Probe::new().poll(leak(gate.wait_async(2))).is_pending());
        let moved = *gate;
        moved.add(2);
        assert!(take(&moved));
        assert!(moved.try_take(1) && !moved.try_take(1));
    }
}

/// The wait that was leaked did not keep its place.
#[test]
fn c82a_c160_nothing_overtakes_a_large_request_at_a_gate_that_was_moved() {
    let gate = Box::new(Gate::<OfPermits>::new(0));
    assert!(Probe::new().poll(leak(gate.wait_async(1))).is_pending());
    let moved = *gate;
    moved.add(2);
    let mut large = Task::pending(moved.wait_async(3));
    assert!(!moved.try_take(1));
    moved.add(1);
    assert!(large.is_woken() && large.is_ready());
}

/// Whether the wait passes.
type Check = fn(&mut Task<rsevents::Wait<'_>>) -> bool;

const CHECKS: [Check; 5] = [
    |task| task.is_ready(),
    |task| Probe::new().poll(task.future.as_mut()).is_ready(),
    |task| task.future.as_mut().enqueue() && task.is_ready(),
    |task| task.future.as_mut().block_for(Duration::ZERO).is_some(),
    |task| task.future.as_mut().block_for(Duration::from_nanos(1)).is_some(),
];

/// The change is made, and its thread has not come to serve the queue.
fn c99_a_check_of_a_queued_wait_finds_a_change_that_has_not_served_it() {
    thread_local! {
        static IS_SLOW: Cell<bool> = const { Cell::new(false) };
    }
    static HAS_CHANGED: AtomicBool = AtomicBool::new(false);
    static GOES_ON: AtomicBool = AtomicBool::new(false);
    struct Slow<const SHARED: bool>;
    impl<const SHARED: bool> Rule for Slow<SHARED> {
        const SHARED: bool = SHARED;
        fn take(value: u64, request: u32) -> Option<u64> {
            let left = value.checked_sub(request.into())?;
            Some(if SHARED { value } else { left })
        }
        fn keeps(request: u32) -> bool {
            request > 1
        }
        fn opens(value: u64) -> bool {
            if IS_SLOW.get() {
                HAS_CHANGED.store(true, Ordering::Relaxed);
                wait_until(|| GOES_ON.load(Ordering::Relaxed));
            }
            value > 0
        }
    }
    fn meanwhile<const SHARED: bool>(added: u64, gate: &Gate<Slow<SHARED>>, call: impl FnOnce()) {
        HAS_CHANGED.store(false, Ordering::Relaxed);
        GOES_ON.store(false, Ordering::Relaxed);
        scope(|scope| {
            scope.spawn(|| {
                IS_SLOW.set(true);
                gate.add(added);
            });
            wait_until(|| HAS_CHANGED.load(Ordering::Relaxed) && gate.value() == added);
            call();
            GOES_ON.store(true, Ordering::Relaxed);
        });
    }
    fn finds_it<const SHARED: bool>(check: Check) {
        let gate = Gate::<Slow<SHARED>>::new(0);
        let mut task = Task::pending(gate.wait_async(1));
        meanwhile(1, &gate, || assert!(check(&mut task) && !task.is_woken()));
        assert_eq!((gate.value(), parked(&gate)), (u64::from(SHARED), 0));
        // It has completed, and keeps no waker.
        assert_eq!(task.probe.clones(), task.probe.drops());
        // Which takes no lock, as no wait is queued.
        with_locked(queue(&gate), |_| _ = gate.add(1));
    }
    for check in CHECKS {
        finds_it::<false>(check);
        finds_it::<true>(check);
    }

    // A wait that was released serves the next one, too. If the waker of that panics, it passes when it is polled
    // again.
    let gate = Gate::<Slow<false>>::new(0);
    let mut released = Task::pending(gate.wait_async(1));
    let panics = Probe::panicking();
    let mut next = Task::pending_with(gate.wait_async(1), panics);
    gate.add(1);
    meanwhile(1, &gate, || assert_panics(|| _ = released.poll(), &["the waker has panicked"]));
    assert!(released.is_ready() && next.is_woken() && next.is_ready());
    assert_eq!((gate.value(), parked(&gate)), (0, 0));

    // And so does an attempt beside a wait that keeps others from overtaking it.
    let mut first = Task::pending(gate.wait_async(2));
    meanwhile(3, &gate, || assert!(gate.try_take(1)));
    assert!(first.is_woken() && first.is_ready());
    assert_eq!((gate.value(), parked(&gate)), (0, 0));
}

#[test]
fn a_task_that_needs_more_does_not_keep_its_place_unless_its_request_does() {
    let gate: Gate<Unordered> = Gate::new(1);
    let mut wait = std::pin::pin!(gate.wait_async(2));
    assert!(!wait.as_mut().enqueue());
    assert!(gate.try_take(1));
}

#[test]
fn a_large_request_waits_for_all_that_it_asks_for() {
    let gate: Gate<OfPermits> = Gate::new(0);
    let mut wait = std::pin::pin!(gate.wait_async(u32::MAX));
    assert!(!wait.as_mut().enqueue());
    gate.add(u64::from(u32::MAX) - 1);
    assert!(!wait.as_mut().enqueue());
    gate.add(1);
    assert!(wait.as_mut().enqueue());
    assert_eq!(gate.value(), 0);
}

#[test]
fn a_value_above_the_maximum_is_refused() {
    let gate = Gate::<OfPermits>::new(3);
    let above = Gate::<OfPermits>::MAX + 1;
    assert_panics(|| _ = gate.update(|_| Some(above)), &["above the largest"]);
    assert_eq!(gate.value(), 3);
    assert_panics(|| _ = Gate::<OfPermits>::new(above), &["above the largest"]);
    assert_eq!(gate.update(|value| Some(above - value)), Ok((3, above - 3)));
    assert_eq!((gate.swap(4), gate.value()), (above - 3, 4));
    assert_panics(|| _ = gate.swap(above), &["above the largest"]);
    assert_eq!(gate.value(), 4);
}

#[test]
fn the_value_wraps_and_nothing_else_changes() {
    const MAX: u64 = Gate::<OfPermits>::MAX;
    let gate = Gate::<OfPermits>::new(MAX);
    assert_eq!(gate.add(1), MAX);
    assert_eq!(gate.sub(2), 0);
    assert_eq!(gate.add(u64::MAX), MAX - 1);
    assert_eq!((gate.value(), MAX), (MAX - 2, (1 << 59) - 1));
    assert!(gate.try_take(1) && gate.wait_for(u32::MAX, SHORT));
    assert_eq!(gate.update(|_| None), Err(MAX - 3 - u64::from(u32::MAX)));
    assert_eq!(format!("{:?}", Gate::<OfPermits>::new(7)), "Gate(7)");
}

/// The change itself is made. The next one serves the waits.
fn a_panic_of_the_rule_in_a_setter_leaves_the_waits_queued() {
    for request in [1, 2] {
        let gate = Gate::<Fragile<0>>::new(0);
        scope(|scope| {
            let waiters = [(); 2].map(|()| scope.spawn(|| gate.wait(request)));
            wait_until_parked(&gate, 2);
            switch::<0>(true);
            assert!(has_panicked(|| gate.add(3)));
            switch::<0>(false);
            assert_eq!((gate.value(), parked(&gate)), (3, 2));
            gate.add(1);
            waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        });
        assert_eq!(gate.value(), 4 - 2 * u64::from(request));
    }
}

/// It takes nothing, and those behind it are served, at the latest by the next change.
fn a_panic_of_the_rule_in_a_called_wait_removes_it() {
    let gate = Gate::<Fragile<1>>::new(0);
    scope(|scope| {
        let fragile = scope.spawn(|| has_panicked(|| gate.wait(1)));
        wait_until_parked(&gate, 1);
        let other = scope.spawn(|| gate.wait(1));
        wait_until_parked(&gate, 2);
        switch::<1>(true);
        gate.add(1);
        assert!(fragile.join().unwrap());
        gate.add(1);
        other.join().unwrap();
    });
    assert_eq!((gate.value(), parked(&gate)), (1, 0));
    assert!(gate.try_take(1));
}

fn a_panic_of_the_rule_at_a_limit_removes_the_wait() {
    wait_until(|| {
        switch::<2>(false);
        let gate = Gate::<Fragile<2>>::new(0);
        scope(|scope| {
            let fragile = scope.spawn(|| has_panicked(|| gate.wait_for(2, 20 * SHORT)));
            let other = scope.spawn(|| gate.wait_for(1, FOREVER));
            wait_until(|| parked(&gate) == 2 || fragile.is_finished());
            switch::<2>(true);
            let has_panicked = fragile.join().unwrap();
            wait_until_parked(&gate, 1);
            gate.add(1);
            assert!(other.join().unwrap());
            assert_eq!((gate.value(), parked(&gate)), (0, 0));
            has_panicked
        })
    });
}

fn a_panic_of_the_rule_before_a_wait_is_queued() {
    let gate = Gate::<Fragile<3>>::new(1);
    switch::<3>(true);
    assert!(has_panicked(|| gate.wait(1)));
    assert!(has_panicked(|| gate.wait_for(1, SHORT)));
    assert!(has_panicked(|| gate.try_take(1)));
    assert_eq!((gate.value(), parked(&gate)), (1, 0));
    assert!(gate.try_take(1));
}

/// A called wait that passes serves the next one if a change has not done that yet, and the waker of that panics.
/// Here the change is made while the called wait asks the rule, under the lock.
fn a_panic_of_a_waker_in_a_called_wait_loses_no_permit() {
    struct Steered;
    static GATE: Gate<Steered> = Gate::new(0);
    static IS_CALLED: AtomicBool = AtomicBool::new(false);
    static ASKS: AtomicBool = AtomicBool::new(false);
    impl Rule for Steered {
        fn take(permits: u64, request: u32) -> Option<u64> {
            if MAY_PANIC.get() && IS_CALLED.swap(false, Ordering::Relaxed) {
                ASKS.store(true, Ordering::Relaxed);
                wait_until(|| GATE.value() == 2);
            }
            OfPermits::take(permits, request)
        }
        fn hand_on(permits: u64, request: u32) -> u64 {
            OfPermits::hand_on(permits, request)
        }
    }
    scope(|scope| {
        let called = scope.spawn(|| has_panicked(|| GATE.wait(1)));
        wait_until_parked(&GATE, 1);
        let panics = Probe::panicking();
        let mut task = Task::pending_with(GATE.wait_async(1), panics);
        IS_CALLED.store(true, Ordering::Relaxed);
        scope.spawn(|| GATE.add(1)); // which may need the lock once more
        wait_until(|| ASKS.load(Ordering::Relaxed));
        GATE.add(1);
        assert!(called.join().unwrap());
        assert!(task.is_woken() && task.is_ready());
    });
    assert_eq!((GATE.value(), parked(&GATE)), (1, 0));
}

/// No request keeps its place.
struct Unordered;

impl Rule for Unordered {
    fn take(permits: u64, request: u32) -> Option<u64> {
        OfPermits::take(permits, request)
    }
    fn hand_on(permits: u64, request: u32) -> u64 {
        OfPermits::hand_on(permits, request)
    }
}

/// It is dropped with a wait that has passed in `enqueue`.
fn a_waker_whose_drop_panics_loses_no_permit() {
    let gate = Gate::<Unordered>::new(0);
    let mut large = Task::pending(gate.wait_async(2));
    let mut small = Task::pending_with(gate.wait_async(1), Probe::panicking_once(Act::Drop));
    gate.add(1);
    assert!(small.future.as_mut().enqueue());
    assert!(has_panicked(|| drop(small.future)));
    assert_eq!(gate.value(), 1);
    gate.add(1);
    assert!(large.is_woken() && large.is_ready());
}

/// A wait that is dropped lets another one pass, whose waker panics, and then its own waker panics when it is dropped:
/// as it leaves the queue, and as it hands on what it has got.
fn two_wakers_that_panic_in_one_drop_do_not_abort() {
    let panicking = Probe::panicking_once;
    let gate = Gate::<OfPermits>::new(1);
    let large = Task::pending_with(gate.wait_async(2), panicking(Act::Drop));
    let mut small = Task::pending_with(gate.wait_async(1), panicking(Act::Wake));
    assert!(has_panicked(|| drop(large.future)));
    assert!(small.is_woken() && small.is_ready());

    let gate = Gate::<Unordered>::new(0);
    let large = Task::pending(gate.wait_async(2));
    let mut small = Task::pending_with(gate.wait_async(1), panicking(Act::Drop));
    let mut next = Task::pending_with(gate.wait_async(1), panicking(Act::Wake));
    gate.add(1);
    assert!(small.future.as_mut().enqueue());
    drop(large);
    assert!(has_panicked(|| drop(small.future)));
    assert!(next.is_woken() && next.is_ready());
}

/// The rule panics when the wait is queued, or when it stores another waker, and then that waker, as it is dropped.
fn a_rule_and_a_waker_that_panic_do_not_abort() {
    let gate = Gate::<Fragile<4>>::new(0);
    let poll_new = || {
        let mut task = Task::new(gate.wait_async(1));
        task.probe = fragile_waker::<4>();
        task.is_ready()
    };
    assert!(has_panicked(poll_new));
    switch::<4>(false);
    let mut task = Task::pending(gate.wait_async(1));
    assert!(has_panicked(|| fragile_waker::<4>().poll(task.future.as_mut())));
    switch::<4>(false);
    gate.add(1);
    assert!(task.is_woken() && task.is_ready());
    assert_eq!((gate.value(), parked(&gate)), (0, 0));
}

/// The rule has panicked when the wait was to be queued, so it still has the waker.
fn a_waker_whose_drop_panics_at_a_limit_loses_no_permit() {
    let gate = Gate::<Fragile<5>>::new(0);
    let mut task = Task::new(gate.wait_async(1));
    task.probe = fragile_waker::<5>();
    assert!(has_panicked(|| task.is_ready()));
    switch::<5>(false);
    gate.add(1);
    assert!(has_panicked(|| task.future.as_mut().block_for(Duration::ZERO)));
    drop(task.future);
    assert!(gate.try_take(1));
}

/// A wait gives up at its limit, which lets the one behind it pass, and the waker of that panics.
fn a_panic_of_a_waker_at_a_limit_makes_no_permit() {
    wait_until(|| {
        let gate = Gate::<OfPermits>::new(1);
        scope(|scope| {
            let fragile = scope.spawn(|| has_panicked(|| gate.wait_for(2, SHORT)));
            wait_until(|| parked(&gate) == 1 || fragile.is_finished());
            let panics = Probe::panicking();
            let mut task = Task { future: Box::pin(gate.wait_async(1)), probe: panics };
            let is_behind = !task.is_ready();
            assert_eq!(fragile.join().unwrap(), is_behind);
            assert_eq!((gate.value(), parked(&gate)), (0, 0));
            assert!(!is_behind || task.is_ready());
            is_behind
        })
    });
}
