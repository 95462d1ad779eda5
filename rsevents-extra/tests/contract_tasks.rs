//! Contract 129 and 175-184, and what of 78-90, 157 and 163 concerns tasks: those that wait for permits and
//! countdowns, alone and beside threads. The number is in each test's name. `contract_countdown.rs` has what holds for
//! whatever can be set and reset.

mod support;

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, OwnedWait, Several, Signal, Wait, wait_any_async};
use rsevents_extra::{Awaitable, CountdownEvent, Grant, OwnedSemaphoreGuard, Semaphore};
use support::{
    Act, Aim, Executor, FOREVER, Plain, Probe, Race, SHORT, Task, assert_panics, block_on, kept,
    leak, mutual_exclusion, parked, rounds, scope, spin, wait_until, wait_until_parked,
    waits_for_all, watchdog_tests,
};

watchdog_tests! {
    c78_c90_never_more_holders_than_permits_with_tasks,
    c84_c163_every_decrement_publishes_to_tasks,
    c129_c175_a_dropped_request_gives_back_everything,
    c176_a_small_request_passes_when_the_large_one_before_it_is_dropped,
    c178_a_task_that_does_not_run_holds_back_one_permit,
    c179_a_drop_against_a_release_loses_no_permit,
    c180_a_guard_may_be_dropped_in_a_waker,
    c184_a_thread_behind_a_dropped_request_is_served,
    c82a_a_large_request_of_a_task_keeps_its_place,
    a_task_that_is_dropped_gives_back_its_guard,
    a_request_may_be_queued_and_then_block,
    c76_a_kept_request_passes_beside_a_stuck_release,
    tasks_for_permits_that_run_in_their_wakers_are_not_nested,
    c71_a_task_that_runs_in_its_waker_holds_up_no_thread,
    a_task_that_runs_in_its_waker_holds_up_no_thread_of_a_broadcast,
    a_task_that_runs_in_its_waker_may_release_others,
    c160_a_semaphore_moved_after_a_large_request_was_leaked,
    c160_a_countdown_moved_after_a_wait_was_leaked,
}

/// By threads, tasks, and requests that are dropped when they are released or before.
fn c78_c90_never_more_holders_than_permits_with_tasks() {
    for permits in [1, 3] {
        let semaphore = Semaphore::new(permits, permits);
        mutual_exclusion(permits.into(), 1_000, |critical_section| {
            let guard = match fastrand::u8(..4) {
                0 => semaphore.wait(),
                1 => block_on(semaphore.wait_async()),
                2 => loop {
                    let mut request = Task::new(semaphore.wait_async());
                    if let Poll::Ready(guard) = request.poll() {
                        break guard;
                    }
                    spin(fastrand::usize(..500));
                    if fastrand::bool() {
                        if let Poll::Ready(guard) = request.poll() {
                            break guard;
                        }
                    }
                },
                _ => loop {
                    let limit = Duration::from_micros(fastrand::u64(..80));
                    let mut request = Task::new(semaphore.wait_async());
                    if let Some(guard) = request.future.as_mut().block_for(limit) {
                        break guard;
                    }
                },
            };
            critical_section();
            drop(guard);
        });
        assert_eq!(semaphore.count(), permits);
    }
}

fn c84_c163_every_decrement_publishes_to_tasks() {
    const TICKING: usize = 3;
    for _ in 0..rounds(200) {
        let (countdown, data) =
            (CountdownEvent::new(TICKING), [(); TICKING].map(|()| Plain::default()));
        scope(|scope| {
            for data in &data {
                let countdown = &countdown;
                scope.spawn(move || {
                    data.set(7);
                    countdown.tick();
                });
            }
            block_on(&countdown);
            assert!(data.iter().all(|data| data.get() == 7));
        });
    }
}

fn c129_c175_a_dropped_request_gives_back_everything() {
    let semaphore = Semaphore::new(2, 5);
    let request = Task::pending(semaphore.wait_many_async(3));
    semaphore.release(1);
    assert!(request.is_woken());
    assert_eq!(semaphore.count(), 0);
    drop(request);
    assert_eq!((semaphore.count(), semaphore.capacity()), (3, 3));

    // One that was not released, and one that was released at once.
    drop(Task::pending(semaphore.wait_many_async(4)));
    let mut request = Task::new(semaphore.wait_many_async(2));
    assert!(request.future.as_mut().enqueue());
    assert_eq!(semaphore.count(), 1);
    drop(request);
    assert_eq!((semaphore.count(), semaphore.capacity(), parked(&semaphore)), (3, 3, 0));

    // To others, all or some of it.
    let first = Task::pending(semaphore.wait_many_async(5));
    let mut others = [2, 1, 3].map(|permits| Task::pending(semaphore.wait_many_async(permits)));
    semaphore.release(2);
    assert!(first.is_woken() && !others[0].is_woken());
    drop(first);
    let [first, second, third] = &mut others;
    let Poll::Ready(two) = first.poll() else { panic!("two permits were given back") };
    let Poll::Ready(one) = second.poll() else { panic!("and one more") };
    assert_eq!((two.permits(), one.permits()), (2, 1));
    assert!(!third.is_ready());
    drop(one);
    assert!(third.is_woken() && third.is_ready());
    drop(two);
    assert_eq!((semaphore.count(), semaphore.capacity()), (5, 5));
}

fn c176_a_small_request_passes_when_the_large_one_before_it_is_dropped() {
    let semaphore = Semaphore::new(1, 3);
    let large = Task::pending(semaphore.wait_many_async(3));
    let mut small = Task::pending(semaphore.wait_async());
    drop(large);
    assert!(small.is_woken() && small.is_ready());
    assert_eq!(semaphore.count(), 1);

    // A thread's.
    let large = Task::pending(semaphore.wait_many_async(3));
    scope(|scope| {
        scope.spawn(|| semaphore.wait().forget());
        wait_until_parked(&semaphore, 2);
        drop(large);
    });
    assert_eq!(semaphore.count(), 0);
}

fn c178_a_task_that_does_not_run_holds_back_one_permit() {
    let semaphore = Semaphore::new(0, 3);
    let [stuck, mut second] = [(); 2].map(|()| Task::pending(semaphore.wait_async()));
    scope(|scope| {
        let third = scope.spawn(|| semaphore.wait().forget());
        wait_until_parked(&semaphore, 3);
        semaphore.release(1);
        assert!(stuck.is_woken() && !second.is_woken());
        semaphore.release(1);
        let Poll::Ready(guard) = second.poll() else {
            panic!("the second permit was not passed on")
        };
        guard.forget();
        semaphore.release(1);
        third.join().unwrap();
    });
    drop(stuck);
    assert_eq!((semaphore.count(), semaphore.capacity()), (1, 1));
}

/// In every other round another request is behind the one that is dropped.
fn c179_a_drop_against_a_release_loses_no_permit() {
    let semaphore = Semaphore::new(0, 2);
    let (race, aim) = (Race::new(20_000), Aim::default());
    let begin = |round| {
        let first = Task::pending(semaphore.wait_many_async(2));
        (Some(first), (round % 2 == 0).then(|| Task::pending(semaphore.wait_async())))
    };
    let requests = RefCell::new(begin(1));
    let mut released = 0;
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                spin(100);
                semaphore.release(2);
            };
            race.run(part, drop);
        });
        let part = |round| {
            aim.wait();
            let first = requests.borrow_mut().0.take().expect("begun");
            (round, first.cancel())
        };
        race.run(part, |(round, first)| {
            let (_, second) = requests.take();
            if let Some(mut second) = second {
                assert!(second.is_ready(), "a permit is lost, or a wake-up");
            }
            assert_eq!((semaphore.count(), semaphore.capacity()), (2, 2));
            aim.learn(first.wakes() == 0);
            released += first.wakes();
            semaphore.wait_many(2).forget();
            requests.replace(begin(round + 1));
        })
    });
    println!("{rounds} races, {released} requests were released before they were dropped");
}

fn c180_a_guard_may_be_dropped_in_a_waker() {
    let semaphore = Arc::new(Semaphore::new(1, 2));
    let guard = Mutex::new(Some(semaphore.wait_owned()));
    let drops = Probe::with(move |act| {
        if act == Act::Wake {
            drop(guard.lock().unwrap().take());
        }
    });
    let mut first = Task::pending_with(semaphore.wait_async(), drops);
    let mut second = Task::pending(semaphore.wait_async());
    semaphore.release(1);
    assert!(first.is_woken() && second.is_woken());
    assert!(first.is_ready() && second.is_ready());
    assert_eq!(semaphore.count(), 2);
}

#[test]
fn c181_a_request_above_the_maximum_is_refused_by_the_call() {
    for max in [0, 1, 2] {
        let semaphore = Arc::new(Semaphore::new(0, max));
        assert_panics(|| drop(semaphore.wait_many_async(3)), &["3 is more than"]);
        assert_panics(|| drop(semaphore.wait_many_owned_async(3)), &["3 is more than"]);
        // One permit is never refused: it waits for ever.
        drop(Task::pending(semaphore.wait_async()));
        drop(Task::pending(semaphore.wait_owned_async()));
        assert_eq!((Arc::strong_count(&semaphore), parked(&*semaphore)), (1, 0));
    }
}

fn c184_a_thread_behind_a_dropped_request_is_served() {
    for permits in [1, 2] {
        for is_released in [false, true] {
            let semaphore = Semaphore::new(0, 2);
            let request = Task::pending(semaphore.wait_many_async(permits));
            scope(|scope| {
                scope.spawn(|| semaphore.wait_many(permits).forget());
                wait_until_parked(&semaphore, 2);
                if is_released {
                    semaphore.release(permits);
                    assert!(request.is_woken());
                    drop(request);
                } else {
                    drop(request);
                    semaphore.release(permits);
                }
            });
            assert_eq!((semaphore.count(), semaphore.capacity()), (0, 0));
        }
    }
}

fn c82a_a_large_request_of_a_task_keeps_its_place() {
    let semaphore = Semaphore::new(2, 4);
    let mut large = Task::pending(semaphore.wait_many_async(3));
    let mut small = Task::pending(semaphore.wait_async());
    assert!(semaphore.try_wait0().is_err() && semaphore.wait_for(SHORT).is_err());
    assert_eq!(semaphore.count(), 2);
    // Nothing is asked for.
    let Poll::Ready(nothing) = Task::new(semaphore.wait_many_async(0)).poll() else {
        panic!("a request for nothing waits");
    };
    assert_eq!(nothing.permits(), 0);
    drop(nothing);
    assert!(Task::new(semaphore.wait_many_async(0)).future.as_mut().enqueue());
    assert_eq!(block_on(Arc::new(Semaphore::new(0, 0)).wait_many_owned_async(0)).permits(), 0);
    assert!(semaphore.try_wait0_many(0).is_ok());
    assert!(semaphore.wait_many_for(0, FOREVER).is_ok());
    assert!(semaphore.wait_many_until(0, Instant::now() + FOREVER).is_ok());
    assert_eq!(semaphore.wait_many(0).permits(), 0);
    assert!(!large.is_woken() && !small.is_woken());
    semaphore.release(1);
    assert!(large.is_woken() && !small.is_woken());
    let Poll::Ready(guard) = large.poll() else { panic!("three permits were there") };
    assert_eq!((guard.permits(), semaphore.count()), (3, 0));
    drop(guard);
    assert!(small.is_woken() && small.is_ready());
    assert_eq!(semaphore.count(), 3);
}

#[test]
fn c157_sizes_and_traits_of_requests() {
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}
    fn check_owned<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>() {}
    check::<Wait<'_, Grant<&Semaphore>>>();
    check_owned::<OwnedWait<Semaphore, Grant<Arc<Semaphore>>>>();
    check_owned::<OwnedWait<CountdownEvent>>();
    assert_eq!((size_of::<Semaphore>(), size_of::<CountdownEvent>()), (8, 8));
    assert!(size_of::<Wait<'_, Grant<&Semaphore>>>() <= 80);
    assert!(size_of::<OwnedWait<Semaphore, Grant<Arc<Semaphore>>>>() <= 88);
}

#[test]
fn c157_an_owned_request_keeps_its_semaphore_until_its_guard_is_dropped() {
    let semaphore = Arc::new(Semaphore::new(0, 3));
    let mut request = Task::pending(semaphore.wait_many_owned_async(3));
    let dropped = Task::pending(semaphore.wait_owned_async());
    semaphore.release(3);
    let weak = Arc::downgrade(&semaphore);
    drop((semaphore, dropped));
    let Poll::Ready(guard) = request.poll() else { panic!("three permits were there") };
    assert_panics(|| _ = request.poll(), &["completed before"]);
    assert_eq!((weak.strong_count(), guard.permits()), (1, 3));
    let semaphore: Arc<Semaphore> = weak.upgrade().expect("the guard keeps it");
    drop::<OwnedSemaphoreGuard>(guard);
    assert_eq!((semaphore.count(), Arc::strong_count(&semaphore)), (3, 1));

    // Released, and dropped as the last owner.
    let all = block_on(semaphore.wait_many_owned_async(3));
    let request = Task::pending(semaphore.wait_owned_async());
    drop((all, semaphore));
    assert!(request.is_woken() && weak.strong_count() > 0);
    drop(request);
    assert_eq!(weak.strong_count(), 0);

    let countdown = Arc::new(CountdownEvent::new(1));
    let mut wait = Task::pending(countdown.wait_owned_async());
    assert_eq!(Arc::strong_count(&countdown), 2);
    countdown.tick();
    assert!(wait.is_ready());
    assert_eq!(Arc::strong_count(&countdown), 1);
}

/// It holds the guard while it waits for something else.
fn a_task_that_is_dropped_gives_back_its_guard() {
    let (semaphore, done) = (Semaphore::new(2, 2), CountdownEvent::new(1));
    let entered = AtomicUsize::new(0);
    for ends in [true, false] {
        let mut executor = Executor::new();
        for _ in 0..3 {
            executor.spawn(async {
                let _guard = semaphore.wait_async().await;
                entered.fetch_add(1, Ordering::Relaxed);
                (&done).await;
            });
        }
        executor.run_until_stalled();
        assert_eq!((entered.swap(0, Ordering::Relaxed), semaphore.count()), (2, 0));
        if ends {
            done.tick();
            executor.run();
            assert_eq!(entered.swap(0, Ordering::Relaxed), 1);
            done.reset(1);
        }
        drop(executor);
        assert_eq!((semaphore.count(), parked(&semaphore), parked(&done)), (2, 0, 0));
    }
}

/// As a thread uses it, with and without a limit.
fn a_request_may_be_queued_and_then_block() {
    let (semaphore, has_expired) = (Semaphore::new(0, 2), AtomicBool::new(false));
    let mut request = Task::new(semaphore.wait_many_async(2));
    assert!(!request.future.as_mut().enqueue());
    let mut behind = Task::pending(semaphore.wait_async());
    let guard = scope(|scope| {
        scope.spawn(|| {
            semaphore.release(1);
            wait_until(|| has_expired.load(Ordering::Relaxed));
            semaphore.release(1);
        });
        assert!(request.future.as_mut().block_for(SHORT).is_none());
        has_expired.store(true, Ordering::Relaxed);
        request.future.as_mut().block()
    });
    assert_eq!((guard.permits(), semaphore.count(), behind.is_woken()), (2, 0, false));
    drop(guard);
    assert!(behind.is_ready());
    assert_eq!(semaphore.count(), 2);
}

/// A task that runs in its waker, as in some executors.
struct Inline {
    future: Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>,
    has_passed: AtomicBool,
}

thread_local! {
    /// How many of them run inside of each other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

impl Inline {
    /// A task that waits.
    fn pending(future: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        let future = Mutex::new(Box::pin(future) as _);
        let task = Arc::new(Self { future, has_passed: AtomicBool::new(false) });
        task.poll();
        assert!(!task.has_passed());
        task
    }

    fn poll(self: &Arc<Self>) {
        let waker = Waker::from(Arc::clone(self));
        let mut future = self.future.lock().unwrap();
        if future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            self.has_passed.store(true, Ordering::Relaxed);
        }
    }

    fn has_passed(&self) -> bool {
        self.has_passed.load(Ordering::Relaxed)
    }
}

impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        DEPTH.set(DEPTH.get() + 1);
        // Two, where the first one sets or releases itself.
        assert!(DEPTH.get() <= 2, "a task runs inside of others");
        self.poll();
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Whatever such a task does with permits that are due to the others, but to give some back itself.
fn tasks_for_permits_that_run_in_their_wakers_are_not_nested() {
    const TASKS: u16 = 300;
    type Part = fn(&'static Semaphore) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    let waits: [Part; 4] = [
        |semaphore| Box::pin(async move { mem::forget(semaphore.wait_many_async(2).await) }),
        |semaphore| Box::pin(async move { mem::forget([semaphore].wait_any_async().await) }),
        |semaphore| Box::pin(async move { mem::forget([semaphore].wait_all_async().await) }),
        |semaphore| {
            let request = kept(semaphore.request(2));
            Box::pin(async move { _ = wait_any_async(&[request as &dyn Signal]).await })
        },
    ];
    let more: [Part; 4] = [
        |semaphore| Box::pin(async move { mem::forget(semaphore.try_wait0()) }),
        |semaphore| Box::pin(async move { mem::forget([semaphore].wait_all0()) }),
        |semaphore| Box::pin(async move { mem::forget(semaphore.wait_many_async(2).await) }),
        |semaphore| Box::pin(async move { mem::forget([semaphore].wait_all_async().await) }),
    ];
    for (wait, more) in waits.iter().flat_map(|wait| more.map(|more| (*wait, more))) {
        let semaphore: &'static Semaphore = kept(Semaphore::new(0, 4 * TASKS));
        let task = |_| {
            Inline::pending(async move {
                wait(semaphore).await;
                more(semaphore).await;
            })
        };
        let tasks: Vec<_> = (0..TASKS).map(task).collect();
        semaphore.release(4 * TASKS);
        assert!(tasks.iter().all(|task| task.has_passed()));
    }
}

/// Such a task waits for what a thread does that is behind it in the queue.
fn c71_a_task_that_runs_in_its_waker_holds_up_no_thread() {
    type OfTask = fn(&'static Semaphore) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    type OfThread = fn(&Semaphore);
    let one: OfTask = |semaphore| Box::pin(async { mem::forget(semaphore.wait_async().await) });
    let two: OfTask =
        |semaphore| Box::pin(async { mem::forget(semaphore.wait_many_async(2).await) });
    let any: OfTask =
        |semaphore| Box::pin(async move { mem::forget([semaphore].wait_any_async().await) });
    let all: OfTask =
        |semaphore| Box::pin(async move { mem::forget([semaphore].wait_all_async().await) });
    let thread_one: OfThread = |semaphore| drop(semaphore.wait());
    let thread_any: OfThread = |semaphore| drop([semaphore].wait_any());
    let thread_all: OfThread = |semaphore| drop([semaphore].wait_all());
    // The task comes first in each case.
    for (wait, between, thread) in [
        (one, None, thread_one),
        (one, None, thread_any),
        (any, Some(one), thread_one),
        (two, None, thread_one),
        (two, None, thread_all),
        (all, Some(all), thread_all),
    ] {
        let semaphore: &'static Semaphore = kept(Semaphore::new(0, 9));
        let done = Arc::new(AutoResetEvent::default());
        let task = Inline::pending({
            let done = Arc::clone(&done);
            async move {
                wait(semaphore).await;
                assert!(done.wait_for(FOREVER), "the thread sleeps beside a permit");
            }
        });
        let between = between.map(|between| Inline::pending(between(semaphore)));
        let queued = 2 + usize::from(between.is_some());
        scope(|scope| {
            scope.spawn(|| {
                thread(semaphore);
                done.set();
            });
            wait_until(|| parked(semaphore) + waits_for_all(semaphore) == queued);
            semaphore.release(3);
            assert!(task.has_passed() && between.is_none_or(|task| task.has_passed()));
        });
    }
}

/// Nor behind more tasks than a broadcast takes at a time.
fn a_task_that_runs_in_its_waker_holds_up_no_thread_of_a_broadcast() {
    const MORE: usize = 40;
    let countdown: &'static CountdownEvent = kept(CountdownEvent::new(1));
    let done = Arc::new(AutoResetEvent::default());
    let first = Inline::pending({
        let done = Arc::clone(&done);
        async move {
            countdown.wait_async().await;
            assert!(done.wait_for(FOREVER), "the thread sleeps on");
        }
    });
    let others = [(); MORE].map(|()| Inline::pending(countdown.wait_async()));
    scope(|scope| {
        scope.spawn(|| {
            countdown.wait();
            done.set();
        });
        wait_until_parked(countdown, MORE + 2);
        countdown.tick();
    });
    assert!(first.has_passed() && others.iter().all(|task| task.has_passed()));
}

/// A release that such a task makes returns when all have run that it has released.
fn a_task_that_runs_in_its_waker_may_release_others() {
    let semaphore: &'static Semaphore = kept(Semaphore::new(0, 9));
    let event: &'static AutoResetEvent = kept(AutoResetEvent::default());
    let others: Arc<Mutex<Vec<Arc<Inline>>>> = Arc::default();
    let first = Inline::pending({
        let others = Arc::clone(&others);
        async move {
            event.wait_async().await;
            semaphore.release(3);
            assert!(others.lock().unwrap().iter().all(|task| task.has_passed()));
        }
    });
    let other = || Inline::pending(async { mem::forget(semaphore.wait_async().await) });
    others.lock().unwrap().extend((0..3).map(|_| other()));
    event.set();
    assert!(first.has_passed());
}

/// What has kept permits for itself is gone.
fn c160_a_semaphore_moved_after_a_large_request_was_leaked() {
    let semaphore = Semaphore::new(1, 9);
    assert!(Probe::new().poll(leak(semaphore.wait_many_async(3))).is_pending());
    let semaphore: &Semaphore = kept(semaphore);
    assert!([semaphore].wait_all_for(SHORT).is_some());
    assert!([semaphore].wait_any_for(SHORT).is_some());
    assert!(semaphore.wait_for(SHORT).is_ok());
}

/// Waits for two permits. Returns whether it has passed.
type WaitUntil = fn(&Semaphore, Instant) -> bool;

/// The release has served one task, and is stuck in its waker. What it brought for the others is there, and they
/// find it: a task when it is polled, a thread when its limit has passed.
fn c76_a_kept_request_passes_beside_a_stuck_release() {
    let waits: [WaitUntil; 3] = [
        |semaphore, deadline| semaphore.wait_many_until(2, deadline).is_ok(),
        |semaphore, deadline| [&semaphore.request(2)].wait_any_until(deadline).is_some(),
        |semaphore, deadline| [&semaphore.request(2)].wait_all_until(deadline).is_some(),
    ];
    assert!(passes_beside_a_stuck_release(None));
    for wait in waits {
        // On a slow machine the limit may pass before the release.
        let mut limit = SHORT;
        while !passes_beside_a_stuck_release(Some((limit, wait))) {
            limit *= 2;
        }
    }
}

/// `wait`: the limit of a thread, and how it waits. If there is none, a task waits. Returns whether the limit has passed
/// after the release.
fn passes_beside_a_stuck_release(wait: Option<(Duration, WaitUntil)>) -> bool {
    thread_local! {
        static IS_RELEASING: Cell<bool> = const { Cell::new(false) };
    }
    let semaphore = &Semaphore::new(0, 9);
    let (is_stuck, may_go_on) = (AtomicBool::new(false), AtomicBool::new(false));
    let (is_stuck, may_go_on) = (&*Box::leak(Box::new(is_stuck)), &*Box::leak(Box::new(may_go_on)));
    let stuck = Probe::with(move |act| {
        if act == Act::Wake {
            is_stuck.store(true, Ordering::Release);
            // The thread whose limit passes may be the one that lets the task pass.
            wait_until(|| !IS_RELEASING.get() || may_go_on.load(Ordering::Acquire));
        }
    });
    let is_in_time = scope(|scope| {
        let _first = Task::pending_with(semaphore.wait_async(), stuck);
        let mut kept = Task::new(semaphore.wait_many_async(2));
        let release = || {
            scope.spawn(|| {
                IS_RELEASING.set(true);
                semaphore.release(4);
            });
            wait_until(|| is_stuck.load(Ordering::Acquire));
        };
        let is_in_time = if let Some((limit, wait)) = wait {
            let deadline = Instant::now() + limit;
            let thread = scope.spawn(move || wait(semaphore, deadline));
            let is_there = || parked(semaphore) + waits_for_all(semaphore) == 2;
            wait_until(|| is_there() || thread.is_finished());
            release();
            let is_in_time = Instant::now() < deadline;
            let has_passed = thread.join().unwrap();
            assert!(has_passed || !is_in_time);
            is_in_time
        } else {
            assert!(kept.poll().is_pending());
            release();
            assert_eq!(semaphore.count(), 3);
            assert!(kept.is_ready());
            true
        };
        may_go_on.store(true, Ordering::Release);
        is_in_time
    });
    assert_eq!(semaphore.count(), 4);
    is_in_time
}

/// It says that waits are queued, but they are not where it is now.
fn c160_a_countdown_moved_after_a_wait_was_leaked() {
    let countdown = CountdownEvent::new(1);
    assert!(Probe::new().poll(leak(countdown.wait_async())).is_pending());
    let countdown = Box::new(countdown);
    countdown.tick();
    countdown.reset(1);
    assert!(!countdown.wait0());
    countdown.tick();
    assert!(countdown.wait0());
}
