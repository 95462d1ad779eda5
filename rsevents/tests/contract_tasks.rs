//! Contract 120-174: tasks that wait for events, alone and beside threads. The tests of a case have its number in their
//! names. What holds for whatever can be set and reset is in `support/futures.rs`.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::pin;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rsevents::{
    AutoResetEvent, Awaitable, EventState, Finish, Gate, ManualResetEvent, OwnedWait, Rule, Wait,
};
use support::futures::*;
use support::{
    Act, Counting, Event, Executor, Probe, SHORT, Task, allocations, assert_not_unpin, block_on,
    for_both, leak, mutual_exclusion, parked, rounds, scope, set, spin, tests_of, unset,
    wait_until, wait_until_parked, watchdog_tests,
};

for_both! {
    c120_c133_a_set_before_the_first_poll_is_kept,
    c121_a_set_wakes_the_first_task_or_all,
    c122_c135_c137_a_released_wait_that_is_dropped_hands_on,
    c123_c132_a_dropped_wait_leaves_no_trace,
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
    c92_a_new_wait_whose_limit_has_passed_does_not_queue,
    c157_an_owned_wait_keeps_its_event_until_it_completes,
    c160_a_leaked_wait_takes_one_set,
    c160_leaked_waits_of_a_freed_event_are_thrown_away,
    c161_a_future_of_the_same_task_may_set,
    c162_a_task_may_set_when_an_executor_drops_it,
    c163_a_set_publishes_to_tasks,
    c166_waits_that_are_given_up_leave_no_memory_behind,
    c168_a_thread_times_out_between_two_tasks,
    a_wait_goes_from_a_task_to_a_thread_and_back,
    a_waker_that_panics_keeps_no_other_wait_asleep,
}

tests_of! { only_auto = rsevents::AutoResetEvent:
    c134_two_sets_release_two_tasks,
    c167_threads_and_tasks_are_released_in_one_order,
}

tests_of! { only_manual = rsevents::ManualResetEvent:
    c128_c143_c148_a_wait_after_the_reset_is_not_released,
    c145_during_a_broadcast_all_its_waits_have_passed,
    c147_a_waker_may_drop_another_wait_of_the_broadcast,
    a_task_that_runs_wakes_others_of_the_broadcast,
    tasks_that_run_in_their_wakers_are_not_nested,
    a_waker_does_not_hold_up_a_thread_of_the_broadcast,
    of_two_wakers_that_panic_the_first_is_heard,
    a_waker_that_a_woken_thread_calls_may_use_the_event,
}

watchdog_tests! {
    c126_c163_an_event_is_a_mutex_of_threads_and_tasks,
    c158_a_thread_may_set_and_wait_as_it_ends,
    c165_a_broadcast_does_not_hold_up_other_events,
    c171_wait0_takes_no_set_of_a_task,
    c172_a_task_is_released_from_outside_and_one_that_blocks_keeps_others_from_running,
    c173_a_wait_leaves_the_token_of_the_thread,
    c174_blocking_in_a_task_and_running_tasks_in_a_wait,
    references_to_events_are_awaited,
    c160_an_object_moved_after_a_wait_was_leaked,
}

/// With waits that are given up when they are released, or before.
fn c126_c163_an_event_is_a_mutex_of_threads_and_tasks() {
    let mutex: AutoResetEvent = set();
    mutual_exclusion(1, 500, |critical_section| {
        match fastrand::u8(..4) {
            0 => mutex.wait(),
            1 => block_on(&mutex),
            2 => loop {
                let mut task = Task::new(mutex.wait_async());
                if task.is_ready() {
                    break;
                }
                spin(fastrand::usize(..500));
                if fastrand::bool() && task.is_ready() {
                    break;
                }
            },
            _ => loop {
                let limit = Duration::from_micros(fastrand::u64(..80));
                let mut wait = pin!(mutex.wait_async());
                if wait.as_mut().block_for(limit).is_some() {
                    break;
                }
            },
        }
        critical_section();
        mutex.set();
    });
    assert!(mutex.wait0());
    assert!(!mutex.wait0());
}

fn references_to_events_are_awaited() {
    let (auto, manual) = (unset::<AutoResetEvent>(), unset::<ManualResetEvent>());
    awaits(|| auto.set(), &auto);
    awaits(|| manual.set(), &manual);
    assert!(!auto.is_set() && manual.is_set());
}

#[test]
fn c157_sizes_and_traits_of_waits() {
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}
    fn check_owned<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>() {}
    check::<Wait<'_>>();
    check_owned::<OwnedWait<AutoResetEvent>>();
    check_owned::<OwnedWait<ManualResetEvent>>();
    assert_not_unpin!(Wait<'static>, Wait<'static, Boxed>, OwnedWait<AutoResetEvent>);
    assert!(size_of::<Wait<'_>>() <= 64);
    assert!(size_of::<OwnedWait<AutoResetEvent>>() <= 72);
    assert_eq!((size_of::<AutoResetEvent>(), size_of::<ManualResetEvent>()), (1, 1));
    assert_eq!(size_of::<Gate<Never>>(), 8);
}

struct Boxed(Box<u8>);

impl Finish for Boxed {
    type Output = u8;
    fn finish(&mut self) -> u8 {
        *self.0
    }
}

struct Never;

impl Rule for Never {
    fn take(_: u64, _: u32) -> Option<u64> {
        None
    }
}

#[test]
fn a_wait_yields_what_it_finishes_with() {
    assert_eq!(block_on(Wait::ready().with(Boxed(Box::new(7)))), 7);
    let event: AutoResetEvent = unset();
    let mut task = Task::pending(event.wait_async().with(Boxed(Box::new(8))));
    event.set();
    assert_eq!(task.future.as_mut().block(), 8);
    drop(Task::pending(event.wait_async().with(Boxed(Box::new(9)))));
    assert_eq!(parked(&event), 0);
}

#[test]
fn a_wait_shows_its_state() {
    let event: AutoResetEvent = unset();
    let mut task = Task::new(event.wait_async());
    assert_eq!(format!("{:?}", task.future), "Wait(new)");
    assert!(!task.is_ready());
    assert_eq!(format!("{:?}", task.future), "Wait(queued)");
    event.set();
    assert_eq!(format!("{:?}", task.future), "Wait(released)");
    assert!(task.is_ready());
    assert_eq!(format!("{:?}", task.future), "Wait(completed)");
}

/// In the destructor of a thread-local value, by blocking and as a task.
fn c158_a_thread_may_set_and_wait_as_it_ends() {
    static ASKED: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
    static ANSWERED: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
    static DONE: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
    struct AtExit;
    impl Drop for AtExit {
        fn drop(&mut self) {
            ASKED.set();
            ANSWERED.wait();
            let mut wait = pin!(ANSWERED.wait_async());
            assert!(!wait.as_mut().enqueue());
            ASKED.set();
            wait.block();
            drop(Task::pending(ANSWERED.wait_async()));
            DONE.set();
        }
    }
    thread_local! {
        static AT_EXIT: AtExit = const { AtExit };
    }
    async fn ask(event: &AutoResetEvent) {
        event.wait_async().await;
    }
    scope(|scope| {
        scope.spawn(|| AT_EXIT.with(|_| ()));
        for _ in 0..2 {
            block_on(ask(&ASKED));
            ANSWERED.set();
        }
        block_on(&DONE);
    });
    assert!(!ASKED.is_set() && !ANSWERED.is_set());
}

/// While a waker of the broadcast runs, waits for other events are begun, released and given up: those of many
/// events, so that some share its lock.
fn c165_a_broadcast_does_not_hold_up_other_events() {
    let tasks = rounds(100_000).max(40);
    let others: Vec<AutoResetEvent> = (0..rounds(2_000).max(40)).map(|_| unset()).collect();
    let event: ManualResetEvent = unset();
    let are_done = Arc::new(AtomicBool::new(false));
    let mut pending = vec![Task::pending_with(event.wait_async(), Probe::stuck(&are_done))];
    pending.extend((1..tasks).map(|_| Task::pending(event.wait_async())));
    scope(|scope| {
        scope.spawn(|| event.set());
        wait_until(|| pending[0].is_woken());
        for other in &others {
            let [mut released, given_up] = [(); 2].map(|()| Task::pending(other.wait_async()));
            other.set();
            assert!(released.is_ready());
            drop(given_up);
            other.set();
            assert!(other.wait0());
        }
        are_done.store(true, Ordering::Relaxed);
    });
    assert!(pending.iter_mut().all(|task| task.is_woken() && task.is_ready()));
    println!("{tasks} tasks, {} other events", others.len());
}

/// Nor is any allocated for a wait.
fn c166_waits_that_are_given_up_leave_no_memory_behind<E: Event>() {
    let (event, rounds) = (unset::<E>(), rounds(50_000));
    let probe = Probe::new();
    let before = allocations();
    for _ in 0..rounds {
        assert!(probe.poll(pin!(event.wait_async())).is_pending());
    }
    assert_eq!(parked(&event), 0);
    assert_eq!((probe.clones(), probe.drops(), probe.wakes()), (rounds, rounds, 0));
    for _ in 0..rounds {
        let mut wait = pin!(event.wait_async());
        assert!(probe.poll(wait.as_mut()).is_pending());
        event.set();
        assert!(probe.poll(wait).is_ready());
        event.reset();
    }
    // Where other tests wait for many objects, this thread may be the one that makes the table larger.
    let allocations = allocations() - before;
    assert!(allocations < 20 + rounds / 10, "{allocations} allocations by {rounds} waits");
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Not even for a moment is a set that is handed over there for another.
fn c171_wait0_takes_no_set_of_a_task() {
    let event: AutoResetEvent = unset();
    scope(|scope| {
        for _ in 0..2 {
            scope.repeat(|| assert!(!event.wait0(), "took a set that was a task's"));
        }
        for _ in 0..rounds(20_000) {
            let [mut first, mut second] = [(); 2].map(|()| Task::pending(event.wait_async()));
            event.set();
            assert!(first.is_ready());
            event.set();
            assert!(second.is_ready());
        }
    });
}

/// With an executor of one thread.
fn c172_a_task_is_released_from_outside_and_one_that_blocks_keeps_others_from_running() {
    let event: AutoResetEvent = unset();
    let results = Mutex::new(Vec::new());
    scope(|scope| {
        scope.spawn(|| {
            wait_until_parked(&event, 1);
            event.set();
        });
        let mut executor = Executor::new();
        executor.spawn(event.wait_async());
        executor.run();

        // The task that would set it cannot run meanwhile.
        executor.spawn(async { results.lock().unwrap().push(event.wait_for(SHORT)) });
        executor.spawn(async { event.set() });
        executor.run();
    });
    assert_eq!(results.into_inner().unwrap(), [false]);
    assert!(event.wait0());
}

/// Which is what `thread::park` waits for, and is the user's.
fn c173_a_wait_leaves_the_token_of_the_thread() {
    for _ in 0..rounds(20) {
        let event: AutoResetEvent = unset();
        let waits: [fn(&AutoResetEvent); 3] = [
            |event| event.wait(),
            |event| pin!(event.wait_async()).block(),
            |event| {
                let mut wait = pin!(event.wait_async());
                assert!(!wait.as_mut().enqueue());
                while wait.as_mut().block_for(SHORT).is_none() {}
            },
        ];
        for wait in waits {
            let is_set = AtomicBool::new(false);
            scope(|scope| {
                scope.spawn(|| {
                    thread::current().unpark();
                    wait(&event);
                    assert!(is_set.load(Ordering::Relaxed), "passed without a set");
                    thread::park(); // returns at once
                });
                wait_until_parked(&event, 1);
                is_set.store(true, Ordering::Relaxed);
                event.set();
            });
        }
    }
}

/// A task that blocks, and a waker, called by a set, that runs tasks and waits.
fn c174_blocking_in_a_task_and_running_tasks_in_a_wait() {
    let [outer, inner, innermost] = [(); 3].map(|()| unset::<AutoResetEvent>());
    scope(|scope| {
        scope.spawn(|| {
            for event in [&outer, &inner, &innermost] {
                wait_until_parked(event, 1);
                event.set();
            }
        });
        block_on(async {
            outer.wait_async().await;
            inner.wait();
            block_on(innermost.wait_async());
        });
    });
    let [event, other] = [(); 2].map(|()| Arc::new(unset::<AutoResetEvent>()));
    let runs = {
        let (event, other) = (Arc::clone(&event), Arc::clone(&other));
        Probe::with(move |act| {
            if act == Act::Wake {
                other.wait();
                block_on(event.wait_async());
            }
        })
    };
    let mut task = Task::pending_with(event.wait_async(), runs);
    scope(|scope| {
        scope.spawn(|| event.set());
        wait_until_parked(&*other, 1);
        other.set();
        wait_until_parked(&*event, 1);
        event.set();
    });
    assert!(task.is_ready() && !event.is_set());
}

/// An object brings its waits' bit along where it is moved, and may find there leaked waits for an object of
/// another type. They take no wait of its own with them.
fn c160_an_object_moved_after_a_wait_was_leaked() {
    enum Place {
        Auto(AutoResetEvent),
        Manual(ManualResetEvent),
    }
    fn poll_leaked(wait: Wait<'_>) {
        assert!(Probe::new().poll(leak(wait)).is_pending());
    }
    let address = |place: &Place| match place {
        Place::Auto(event) => ptr::from_ref(event).addr(),
        Place::Manual(event) => ptr::from_ref(event).addr(),
    };
    let mut place = Box::new(Place::Auto(unset()));
    for _ in 0..3 {
        let Place::Auto(event) = &*place else { unreachable!() };
        poll_leaked(event.wait_async());
        let before = address(&place);
        let event: ManualResetEvent = unset();
        poll_leaked(event.wait_async());
        *place = Place::Manual(event);
        assert_eq!(address(&place), before);
        let Place::Manual(event) = &*place else { unreachable!() };
        for _ in 0..2 {
            let [mut first, mut second] = pending(event);
            assert!(!first.is_ready() && !second.is_ready());
            drop(first);
            let [mut third] = pending(event);
            event.set();
            assert!(second.is_ready() && third.is_ready());
            event.reset();
        }

        let event: AutoResetEvent = unset();
        poll_leaked(event.wait_async());
        *place = Place::Auto(event);
        let Place::Auto(event) = &*place else { unreachable!() };
        let [mut first, second] = pending(event);
        drop(second);
        while !first.is_woken() {
            event.set(); // leaked waits take some
        }
        assert!(first.is_ready());
    }
}
