//! Waits as futures in the executors that people use: tokio with one thread and with several, smol, and the
//! pool of the crate `futures`.

mod support;

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use futures::FutureExt;
use futures::executor::ThreadPool;
use futures::future::{self, Either};
use futures::task::SpawnExt;
use rsevents::{AutoResetEvent, ManualResetEvent};
use rsevents_extra::{Awaitable, CountdownEvent, Semaphore};
use smol::future::yield_now;
use support::{Race, SHORT, parked, rounds, scope, wait_until_parked, watchdog_tests};
use tokio::runtime::{Builder, Runtime};

/// An executor.
trait Executor: 'static {
    fn block_on<T>(future: impl Future<Output = T>) -> T;
    /// Runs a task. The result tells when it has ended, and has to be kept until then.
    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send;
}

/// The tasks run while a thread blocks on the runtime.
struct TokioCurrentThread;
struct TokioMultiThread;
struct Smol;
struct Futures;

impl Executor for TokioCurrentThread {
    fn block_on<T>(future: impl Future<Output = T>) -> T {
        Builder::new_current_thread().build().unwrap().block_on(future)
    }
    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        tokio::spawn(task).map(Result::unwrap)
    }
}

impl Executor for TokioMultiThread {
    fn block_on<T>(future: impl Future<Output = T>) -> T {
        static RUNTIME: LazyLock<Runtime> =
            LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).build().unwrap());
        RUNTIME.block_on(future)
    }
    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        tokio::spawn(task).map(Result::unwrap)
    }
}

impl Executor for Smol {
    fn block_on<T>(future: impl Future<Output = T>) -> T {
        smol::block_on(future)
    }
    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        smol::spawn(task)
    }
}

impl Executor for Futures {
    fn block_on<T>(future: impl Future<Output = T>) -> T {
        futures::executor::block_on(future)
    }
    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        static POOL: LazyLock<ThreadPool> =
            LazyLock::new(|| ThreadPool::builder().pool_size(2).create().unwrap());
        POOL.spawn_with_handle(task).unwrap()
    }
}

/// Makes a test with a watchdog of each function, for each executor.
macro_rules! for_each_executor {
    ($($test:ident),* $(,)?) => {
        watchdog_tests! { on_tokio_current_thread => $($test: crate::$test::<crate::TokioCurrentThread>),* }
        watchdog_tests! { on_tokio_multi_thread => $($test: crate::$test::<crate::TokioMultiThread>),* }
        watchdog_tests! { on_smol => $($test: crate::$test::<crate::Smol>),* }
        watchdog_tests! { on_futures => $($test: crate::$test::<crate::Futures>),* }
    };
}

for_each_executor! {
    two_tasks_take_turns,
    a_broadcast_reaches_tasks_and_threads,
    tasks_and_threads_take_each_set_once,
    guards_are_held_across_awaits_by_tasks_and_threads,
    a_countdown_ends_for_tasks_and_threads,
    of_two_sets_the_losing_arm_leaves_one,
    joined_waits_keep_their_order,
    a_wait_moves_to_another_executor,
}

/// Whether one poll of the future completes it.
async fn is_ready(future: impl Future) -> bool {
    future::poll_immediate(future).await.is_some()
}

fn two_tasks_take_turns<E: Executor>() {
    let rounds = rounds(2_000);
    let [ping, pong] = [(); 2].map(|()| Arc::new(AutoResetEvent::default()));
    E::block_on(async {
        let (their_ping, their_pong) = (Arc::clone(&ping), Arc::clone(&pong));
        let other = E::spawn(async move {
            for _ in 0..rounds {
                their_ping.wait_async().await;
                their_pong.set();
            }
        });
        for _ in 0..rounds {
            ping.set();
            (&*pong).await;
        }
        other.await;
    });
    assert!(!ping.is_set() && !pong.is_set());
}

fn a_broadcast_reaches_tasks_and_threads<E: Executor>() {
    const TASKS: usize = 20; // more than one batch
    const THREADS: usize = 2;
    for _ in 0..rounds(20) {
        let event = Arc::new(ManualResetEvent::default());
        scope(|scope| {
            scope.spawn_each(THREADS, || event.wait());
            scope.spawn(|| {
                wait_until_parked(&*event, TASKS + THREADS);
                event.set();
                event.reset();
            });
            E::block_on(async {
                let tasks = (0..TASKS).map(|_| E::spawn(event.wait_owned_async()));
                future::join_all(tasks.collect::<Vec<_>>()).await;
            });
        });
        assert!(!event.is_set());
        assert_eq!(Arc::strong_count(&event), 1, "a completed wait keeps the event");
    }
}

/// Two tasks and two threads take sets until all have been taken. The next set comes when one has been.
fn tasks_and_threads_take_each_set_once<E: Executor>() {
    let sets = rounds(1_000);
    let [ready, taken] = [(); 2].map(|()| Arc::new(AutoResetEvent::default()));
    let stop = Arc::new(ManualResetEvent::default());
    let total = Arc::new(AtomicUsize::new(0));
    scope(|scope| {
        scope.spawn_each(2, || {
            while !stop.is_set() {
                if ready.wait_for(SHORT) {
                    total.fetch_add(1, Ordering::Relaxed);
                    taken.set();
                }
            }
        });
        E::block_on(async {
            let tasks = [(); 2].map(|()| {
                let (ready, taken) = (Arc::clone(&ready), Arc::clone(&taken));
                let (stop, total) = (Arc::clone(&stop), Arc::clone(&total));
                E::spawn(async move {
                    loop {
                        futures::select_biased! {
                            () = stop.wait_async().fuse() => break,
                            () = ready.wait_async().fuse() => {
                                total.fetch_add(1, Ordering::Relaxed);
                                taken.set();
                            }
                        }
                    }
                })
            });
            for _ in 0..sets {
                ready.set();
                taken.wait_async().await;
            }
            stop.set();
            future::join_all(tasks).await;
        });
    });
    assert_eq!(total.load(Ordering::Relaxed), sets);
    assert!(!ready.is_set() && !taken.is_set());
}

/// How many are inside now, and a check that they are never too many.
#[derive(Default)]
struct Inside(AtomicUsize);

impl Inside {
    const MOST: u16 = 3;

    fn enter(&self, permits: u16) {
        let inside = self.0.fetch_add(permits.into(), Ordering::Relaxed) + usize::from(permits);
        assert!(inside <= Self::MOST.into(), "{inside} are inside");
    }

    fn leave(&self, permits: u16) {
        self.0.fetch_sub(permits.into(), Ordering::Relaxed);
    }
}

fn guards_are_held_across_awaits_by_tasks_and_threads<E: Executor>() {
    let rounds = rounds(200);
    let semaphore = Arc::new(Semaphore::new(Inside::MOST, Inside::MOST));
    let inside = Arc::new(Inside::default());
    scope(|scope| {
        scope.spawn_each(2, || {
            for _ in 0..rounds {
                let _permit = semaphore.wait();
                inside.enter(1);
                thread::yield_now();
                inside.leave(1);
            }
        });
        E::block_on(async {
            let tasks = [1, 2, 1, 3].map(|permits| {
                let (semaphore, inside) = (Arc::clone(&semaphore), Arc::clone(&inside));
                E::spawn(async move {
                    for round in 0..rounds {
                        if round.is_multiple_of(2) {
                            let _permits = semaphore.wait_many_async(permits).await;
                            inside.enter(permits);
                            yield_now().await;
                            inside.leave(permits);
                        } else {
                            let _permits = semaphore.wait_many_owned_async(permits).await;
                            inside.enter(permits);
                            yield_now().await;
                            inside.leave(permits);
                        }
                    }
                })
            });
            future::join_all(tasks).await;
        });
    });
    assert_eq!(semaphore.count(), Inside::MOST);
}

fn a_countdown_ends_for_tasks_and_threads<E: Executor>() {
    for _ in 0..rounds(50) {
        let left = Arc::new(CountdownEvent::new(0));
        scope(|scope| {
            let tickets: Vec<_> = (0..8).map(|_| left.add_ticket_owned()).collect();
            scope.spawn_each(2, || left.wait());
            E::block_on(async {
                let waits = [(); 2].map(|()| E::spawn(left.wait_owned_async()));
                let tasks = tickets.into_iter().map(|ticket| {
                    E::spawn(async {
                        yield_now().await;
                        drop(ticket);
                    })
                });
                future::join_all(tasks.collect::<Vec<_>>()).await;
                assert!(left.is_set());
                (&*left).await;
                future::join_all(waits).await;
            });
        });
    }
}

/// Waits for one of two events. Returns whether that is the first.
async fn select(kind: usize, a: &AutoResetEvent, b: &AutoResetEvent) -> bool {
    match kind {
        0 => tokio::select! { () = a.wait_async() => true, () = b.wait_async() => false },
        1 => tokio::select! { biased; () = a.wait_async() => true, () = b.wait_async() => false },
        2 => tokio::select! { biased; () = b.wait_async() => false, () = a.wait_async() => true },
        3 => futures::select! {
            () = a.wait_async().fuse() => true,
            () = b.wait_async().fuse() => false,
        },
        4 => futures::select_biased! {
            () = b.wait_async().fuse() => false,
            () = a.wait_async().fuse() => true,
        },
        _ => match future::select(pin!(a.wait_async()), pin!(b.wait_async())).await {
            Either::Left(_) => true,
            Either::Right(_) => false,
        },
    }
}

const SELECTS: usize = 6;

/// Both events are set while a task waits for one of them: before it waits, while it does, in both orders.
fn of_two_sets_the_losing_arm_leaves_one<E: Executor>() {
    let [a, b] = [(); 2].map(|()| AutoResetEvent::default());
    let check = |is_first: bool| {
        assert_eq!((a.wait0(), b.wait0()), (!is_first, is_first), "one set each, one taken");
    };
    // Steered. Both are set when the task is polled again, so an arm that was given its set loses.
    let steered = async {
        for round in 0..rounds(2_000) {
            let mut selected = pin!(select(round % SELECTS, &a, &b));
            assert!(!is_ready(&mut selected).await);
            let [first, second] =
                if (round / SELECTS).is_multiple_of(2) { [&a, &b] } else { [&b, &a] };
            first.set();
            second.set();
            check(selected.await);
            assert_eq!(parked(&a) + parked(&b), 0);
        }
    };
    E::block_on(steered);

    let race = Race::new(3_000);
    let firsts = AtomicUsize::new(0);
    scope(|scope| {
        scope.spawn(|| {
            let part = |round: usize| {
                let [first, second] = if round.is_multiple_of(2) { [&a, &b] } else { [&b, &a] };
                support::spin(fastrand::usize(..2_000));
                first.set();
                support::spin(fastrand::usize(..50));
                second.set();
            };
            race.run(part, drop);
        });
        race.run(
            |round| E::block_on(select(round % SELECTS, &a, &b)),
            |is_first| {
                check(is_first);
                firsts.fetch_add(usize::from(is_first), Ordering::Relaxed);
            },
        );
    });
}

/// Contract 131: a poll that another future of the same task has caused changes nothing.
fn joined_waits_keep_their_order<E: Executor>() {
    for round in 0..rounds(200) {
        let event = AutoResetEvent::default();
        let order = Mutex::new(Vec::new());
        let numbered = async |number| {
            event.wait_async().await;
            order.lock().unwrap().push(number);
        };
        let sets = async {
            for _ in 0..3 {
                for _ in 0..round % 4 {
                    yield_now().await; // polls all of them
                }
                event.set();
            }
        };
        E::block_on(async {
            if round.is_multiple_of(2) {
                tokio::join!(numbered(1), numbered(2), numbered(3), sets);
            } else {
                futures::join!(numbered(1), numbered(2), numbered(3), sets);
            }
        });
        let mut order = order.into_inner().unwrap();
        if !round.is_multiple_of(4) {
            assert_eq!(order, [1, 2, 3]);
        }
        order.sort_unstable();
        assert_eq!(order, [1, 2, 3]);
        assert!(!event.is_set());
    }
}

/// Contract 155: only the executor that polled it last is woken.
fn a_wait_moves_to_another_executor<E: Executor>() {
    for round in 0..rounds(100) {
        let event = Arc::new(AutoResetEvent::default());
        let mut wait = Box::pin(event.wait_owned_async());
        E::block_on(async { assert!(!is_ready(&mut wait).await) });
        scope(|scope| {
            let setter = Arc::clone(&event);
            let (polled, is_polled) = std::sync::mpsc::channel();
            scope.spawn(move || {
                if round.is_multiple_of(2) {
                    is_polled.recv().unwrap(); // else at any time
                }
                setter.set();
            });
            let there = async move {
                let was_ready = is_ready(&mut wait).await;
                let _ = polled.send(());
                if !was_ready {
                    wait.await;
                }
            };
            if round % 4 < 2 {
                E::block_on(async { E::spawn(there).await });
            } else {
                smol::block_on(there);
            }
        });
        assert!(!event.is_set());
        assert_eq!(Arc::strong_count(&event), 1);
    }
}
