//! Timeouts, aborted tasks, and shutdowns of tokio's runtimes.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future;
use rsevents::{AutoResetEvent, ManualResetEvent};
use rsevents_extra::{Awaitable, Semaphore};
use smol::future::yield_now;
use support::{FOREVER, Race, SHORT, parked, rounds, scope, wait_until_parked, watchdog_tests};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{timeout, timeout_at};

watchdog_tests! {
    a_set_before_the_timeout_is_taken,
    a_set_after_the_timeout_is_kept,
    a_set_during_a_timeout_is_never_lost,
    a_timeout_is_exact_for_permits,
    an_aborted_task_hands_its_set_to_a_task,
    an_aborted_task_hands_its_set_to_a_thread,
    an_abort_races_a_set,
    a_blocking_task_sets,
    shutdown_drops_pending_waits,
    c162_a_task_sets_as_it_is_dropped_by_a_shutdown,
    c172_a_thread_outside_sets_for_the_only_worker,
    c172_a_wait_that_blocks_the_only_worker_keeps_the_setter_from_running,
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// Whether one poll of the future completes it.
async fn is_ready(future: impl Future) -> bool {
    future::poll_immediate(future).await.is_some()
}

const LIMIT: Duration = Duration::from_millis(1);

/// The event is set, then the time passes, then the task is polled.
fn a_set_before_the_timeout_is_taken() {
    current_thread().block_on(async {
        for _ in 0..rounds(20) {
            let event = AutoResetEvent::default();
            let mut limited = pin!(timeout(LIMIT, event.wait_async()));
            assert!(!is_ready(&mut limited).await);
            event.set();
            thread::sleep(2 * LIMIT);
            assert!(limited.await.is_ok());
            assert!(!event.is_set());
        }
    });
}

/// The time passes, and the wait is given up. Or the future is dropped with a set that it has not seen.
fn a_set_after_the_timeout_is_kept() {
    current_thread().block_on(async {
        for round in 0..rounds(20) {
            let event = AutoResetEvent::default();
            let mut limited = Box::pin(timeout(LIMIT, event.wait_async()));
            assert!(!is_ready(&mut limited).await);
            if round.is_multiple_of(2) {
                assert!(limited.await.is_err());
                assert_eq!(parked(&event), 0);
                event.set();
            } else {
                event.set();
                assert!(!event.wait0(), "it is the task's");
                drop(limited);
            }
            assert!(event.wait0());
        }
    });
}

/// Sets at about the time when a limit passes.
#[derive(Default)]
struct Aim(AtomicUsize);

impl Aim {
    fn wait(&self) {
        let nanos = self.0.load(Ordering::Relaxed) as u64;
        let end =
            Instant::now() + Duration::from_nanos(fastrand::u64(nanos * 3 / 4..=nanos * 5 / 4));
        while Instant::now() < end {
            std::hint::spin_loop();
        }
    }

    fn learn(&self, came_early: bool) {
        let now = self.0.load(Ordering::Relaxed);
        let better = if came_early { now + 10_000 } else { now - now.div_ceil(50) };
        self.0.store(better.min(5_000_000), Ordering::Relaxed);
    }
}

/// `release` against a wait that gives up after [`LIMIT`]. `after` gets whether that wait has succeeded.
fn races_timeout(release: impl Fn() + Sync, wait: impl Fn(usize) -> bool, after: impl Fn(bool)) {
    let (race, aim) = (Race::new(1_000), Aim::default());
    scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                aim.wait();
                release();
            };
            race.run(part, drop);
        });
        let mut successes = 0;
        let rounds = race.run(wait, |succeeded| {
            aim.learn(succeeded);
            after(succeeded);
            successes += usize::from(succeeded);
        });
        println!("{rounds} races, {successes} waits succeeded");
    });
}

fn a_set_during_a_timeout_is_never_lost() {
    let event = Arc::new(AutoResetEvent::default());
    let (current, multi) = (current_thread(), multi_thread(1));
    let wait = |round: usize| {
        let limit = tokio::time::Instant::now() + LIMIT;
        match round % 4 {
            0 => current.block_on(async { timeout(LIMIT, event.wait_async()).await.is_ok() }),
            1 => current.block_on(async { timeout_at(limit, &*event).await.is_ok() }),
            2 => {
                let wait = event.wait_owned_async();
                let task = multi.spawn(async { timeout(LIMIT, wait).await.is_ok() });
                multi.block_on(task).unwrap()
            }
            _ => smol::block_on(async {
                futures::select! {
                    () = event.wait_async().fuse() => true,
                    _ = smol::Timer::after(LIMIT).fuse() => false,
                }
            }),
        }
    };
    let after = |succeeded: bool| {
        assert_eq!(event.wait0(), !succeeded, "one set: taken, or still there");
        assert_eq!(parked(&*event), 0);
    };
    races_timeout(|| event.set(), wait, after);
}

/// The same, with three permits of which one is there.
fn a_timeout_is_exact_for_permits() {
    let semaphore = Arc::new(Semaphore::new(1, 3));
    let current = current_thread();
    let wait = |round: usize| {
        current.block_on(async {
            if round.is_multiple_of(2) {
                timeout(LIMIT, semaphore.wait_many_async(3)).await.map(|it| it.forget()).is_ok()
            } else {
                let wait = semaphore.wait_many_owned_async(3);
                timeout(LIMIT, wait).await.map(|it| it.forget()).is_ok()
            }
        })
    };
    let after = |succeeded| {
        assert_eq!(semaphore.count(), if succeeded { 0 } else { 3 });
        if succeeded {
            semaphore.release(1);
        } else {
            semaphore.wait_many(2).forget();
        }
    };
    races_timeout(|| semaphore.release(2), wait, after);
}

/// Contract 122, 135: the task is not polled between the set and its end.
fn an_aborted_task_hands_its_set_to_a_task() {
    current_thread().block_on(async {
        for _ in 0..rounds(100) {
            let event = Arc::new(AutoResetEvent::default());
            let [first, second] = [(); 2].map(|()| tokio::spawn(event.wait_owned_async()));
            while parked(&*event) < 2 {
                yield_now().await;
            }
            event.set();
            first.abort();
            assert!(first.await.unwrap_err().is_cancelled());
            second.await.unwrap();
            assert!(!event.is_set());
        }
    });
}

/// Contract 136, 184.
fn an_aborted_task_hands_its_set_to_a_thread() {
    current_thread().block_on(async {
        for _ in 0..rounds(100) {
            let event = Arc::new(AutoResetEvent::default());
            let task = tokio::spawn(event.wait_owned_async());
            while parked(&*event) < 1 {
                yield_now().await;
            }
            let waiter = Arc::clone(&event);
            let thread = thread::spawn(move || waiter.wait_for(FOREVER));
            wait_until_parked(&*event, 2);
            event.set();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            assert!(thread.join().unwrap());
            assert!(!event.is_set());
        }
    });
}

fn an_abort_races_a_set() {
    let runtime = multi_thread(2);
    let mut aborted = 0;
    let rounds = rounds(2_000);
    for round in 0..rounds {
        let event = Arc::new(AutoResetEvent::default());
        let task = runtime.spawn(event.wait_owned_async());
        if !round.is_multiple_of(4) {
            wait_until_parked(&*event, 1); // else at any time
        }
        event.set();
        support::spin(fastrand::usize(..1_000));
        task.abort();
        let has_taken = runtime.block_on(task).is_ok();
        assert_eq!(event.wait0(), !has_taken, "one set: taken, or still there");
        aborted += usize::from(!has_taken);
    }
    println!("{aborted} of {rounds} aborted");
}

fn a_blocking_task_sets() {
    for runtime in [current_thread(), multi_thread(1)] {
        let event = Arc::new(AutoResetEvent::default());
        for _ in 0..rounds(200) {
            let (setter, waiter) = (Arc::clone(&event), event.wait_owned_async());
            runtime.block_on(async {
                let waiter = tokio::spawn(waiter);
                let setter = tokio::task::spawn_blocking(move || setter.set());
                waiter.await.unwrap();
                setter.await.unwrap();
            });
            assert!(!event.is_set());
        }
    }
}

fn shutdown_drops_pending_waits() {
    for round in 0..rounds(20) {
        let runtime = if round.is_multiple_of(2) { current_thread() } else { multi_thread(2) };
        let event = Arc::new(AutoResetEvent::default());
        let manual = Arc::new(ManualResetEvent::default());
        let semaphore = Arc::new(Semaphore::new(1, 3));
        runtime.block_on(async {
            for _ in 0..10 {
                tokio::spawn(event.wait_owned_async());
                tokio::spawn(manual.wait_owned_async());
                tokio::spawn(semaphore.wait_many_owned_async(3));
            }
            while [parked(&*event), parked(&*manual), parked(&*semaphore)] != [10; 3] {
                yield_now().await;
            }
            event.set(); // may be the first task's, which may not run any more
        });
        drop(runtime);
        assert_eq!([parked(&*event), parked(&*manual), parked(&*semaphore)], [0; 3]);
        assert_eq!([Arc::strong_count(&event), Arc::strong_count(&manual)], [1; 2]);
        assert_eq!(Arc::strong_count(&semaphore), 1);
        assert_eq!(semaphore.count(), 1);
        let _permit = semaphore.wait();
        if round.is_multiple_of(2) {
            assert!(event.wait0(), "no task ran between the set and the shutdown");
        }
    }
}

/// Sets the event when it is dropped.
struct SetOnDrop(Arc<AutoResetEvent>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}

/// The first waits in the queue are those of other tasks of the runtime. Some are dropped before the set; one that is
/// dropped after it hands it on.
fn c162_a_task_sets_as_it_is_dropped_by_a_shutdown() {
    const TASKS: usize = 5;
    for round in 0..rounds(50) {
        let runtime = if round.is_multiple_of(2) { current_thread() } else { multi_thread(2) };
        let event = Arc::new(AutoResetEvent::default());
        let sets_at = round / 2 % TASKS;
        for number in 0..TASKS {
            if number == sets_at {
                let sets = SetOnDrop(Arc::clone(&event));
                runtime.spawn(async move {
                    let _sets = sets;
                    future::pending::<()>().await;
                });
            } else {
                runtime.spawn(event.wait_owned_async());
            }
        }
        runtime.block_on(async {
            while parked(&*event) < TASKS - 1 {
                yield_now().await;
            }
        });
        scope(|scope| {
            scope.spawn(|| assert!(event.wait_for(FOREVER), "the set of the shutdown is lost"));
            wait_until_parked(&*event, TASKS);
            drop(runtime);
        });
        assert!(!event.is_set());
        assert_eq!(Arc::strong_count(&event), 1);
    }
}

fn c172_a_thread_outside_sets_for_the_only_worker() {
    for runtime in [current_thread(), multi_thread(1)] {
        for _ in 0..rounds(100) {
            let event = Arc::new(AutoResetEvent::default());
            let task = runtime.spawn(event.wait_owned_async());
            let setter = Arc::clone(&event);
            let thread = thread::spawn(move || setter.set());
            runtime.block_on(task).unwrap();
            thread.join().unwrap();
        }
    }
}

fn c172_a_wait_that_blocks_the_only_worker_keeps_the_setter_from_running() {
    for runtime in [current_thread(), multi_thread(1)] {
        let event = Arc::new(AutoResetEvent::default());
        let (waiter, setter) = (Arc::clone(&event), Arc::clone(&event));
        let task = runtime.spawn(async move {
            let setter = tokio::spawn(async move { setter.set() });
            assert!(!waiter.wait_for(10 * SHORT), "the setter has no thread to run on");
            waiter.wait_async().await;
            setter.await.unwrap();
        });
        runtime.block_on(task).unwrap();
    }
}
