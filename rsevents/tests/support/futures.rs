//! Contract 120-168 on whatever can be set and reset. [`Event::CONSUMES`] tells whether a set is for one wait.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use rsevents::{OwnedWait, Wait};

use super::{
    Act, Aim, Event, Executor, Plain, Probe, Race, SHORT, Task, assert_panics, assert_set_once,
    block_on, leak, parked, past, queue, rounds, scope, spin, unset, wait_until, wait_until_parked,
    with_locked,
};

/// More than a broadcast takes from the queue at a time.
pub(crate) const MANY: usize = 40;

struct SetsOnDrop<'a, E: Event>(&'a E);

impl<E: Event> Drop for SetsOnDrop<'_, E> {
    fn drop(&mut self) {
        self.0.set();
    }
}

pub(crate) fn pending<E: Event, const N: usize>(event: &E) -> [Task<Wait<'_>>; N] {
    [(); N].map(|()| Task::pending(event.wait_async()))
}

fn owned<E: Event>(event: &Arc<E>) -> OwnedWait<E> {
    OwnedWait::new(Arc::clone(event), |event| event.wait_async())
}

pub(crate) fn c120_c133_a_set_before_the_first_poll_is_kept<E: Event>() {
    let event: E = unset();
    let mut tasks = [(); 2].map(|()| Task::new(event.wait_async()));
    event.set();
    assert!(tasks[0].is_ready());
    assert_eq!(tasks[0].probe.clones(), 0);
    assert_eq!(tasks[1].is_ready(), !E::CONSUMES);
    assert_eq!(event.is_set(), !E::CONSUMES);
}

pub(crate) fn c121_a_set_wakes_the_first_task_or_all<E: Event>() {
    let event: E = unset();
    let mut tasks: [_; MANY] = pending(&event);
    for released in 0..MANY {
        if released == 0 || E::CONSUMES {
            event.set();
        }
        for (place, task) in tasks.iter().enumerate() {
            let is_released = place <= released || !E::CONSUMES;
            assert_eq!(task.probe.wakes(), usize::from(is_released));
        }
        assert!(tasks[released].is_ready());
    }
    assert_eq!(event.is_set(), !E::CONSUMES);
    assert!(tasks.iter().all(|task| task.probe.wakes() == 1));
}

pub(crate) fn c122_c135_c137_a_released_wait_that_is_dropped_hands_on<E: Event>() {
    let event: E = unset();
    let [first, mut second] = pending(&event);
    event.set();
    drop(first);
    assert_eq!(second.probe.wakes(), 1);
    assert!(second.is_ready());
    assert_eq!(event.is_set(), !E::CONSUMES);
    event.reset();
    let [last] = pending(&event);
    event.set();
    drop(last);
    assert_set_once(&event);
}

pub(crate) fn c123_c132_a_dropped_wait_leaves_no_trace<E: Event>() {
    let event: E = unset();
    // Not even the lock is taken.
    with_locked(queue(&event), |_| drop(Task::new(event.wait_async())));
    let [first, second] = pending(&event);
    let probe = first.cancel();
    assert_eq!((probe.clones(), probe.drops(), probe.wakes()), (1, 1, 0));
    assert_eq!(parked(&event), 1);
    drop(second);
    assert_eq!(parked(&event), 0);
    // Which takes no lock, as no wait is queued.
    with_locked(queue(&event), |_| event.set());
    assert_set_once(&event);
}

/// 155: the second poll is another thread's.
pub(crate) fn c124_c155_only_the_newest_waker_is_woken<E: Event>() {
    let event: E = unset();
    let [mut task] = pending(&event);
    let newest = Probe::new();
    scope(|scope| {
        let poll = || assert!(newest.poll(task.future.as_mut()).is_pending());
        scope.spawn(poll).join().unwrap();
    });
    assert_eq!((task.probe.clones(), task.probe.drops()), (1, 1));
    event.set();
    assert_eq!((task.probe.wakes(), newest.wakes(), newest.drops()), (0, 1, 0));
    assert!(task.is_ready());
}

pub(crate) fn c125_wakers_may_use_the_same_event<E: Event>() {
    let uses: [Use<E, OwnedWait<E>>; 5] = [
        |event, _| event.set(),
        |event, _| event.reset(),
        |event, _| _ = event.wait0(),
        |event, _| _ = Task::new(owned(event)).is_ready(),
        |event, _| _ = format!("{event:?}"),
    ];
    try_in_wakers(&uses, unset, owned, E::set, |event| {
        event.reset();
        assert!(!event.is_set());
        let [mut next] = pending(event);
        event.set();
        event.set();
        assert!(next.is_ready());
    });
}

/// What a waker does with the object that it is of, or with another wait for that.
pub(crate) type Use<O, F> = fn(&Arc<O>, &Mutex<Option<Task<F>>>);

/// Each use, and a poll and the drop of the other wait, in each call of a waker. `check` gets the object at the
/// end. The waker is still there then, and its drop uses the object once more.
pub(crate) fn try_in_wakers<O, F>(
    uses: &[Use<O, F>],
    unset: fn() -> O,
    wait: fn(&Arc<O>) -> F,
    set: fn(&O),
    check: fn(&O),
) where
    O: Send + Sync + 'static,
    F: Future + Send + 'static,
{
    let of_the_other: [Use<O, F>; 2] = [
        |_, other| {
            if let Some(mut other) = other.lock().unwrap().take() {
                _ = other.is_ready();
            }
        },
        |_, other| drop(other.lock().unwrap().take()),
    ];
    // And whether another waker polls before this one, and after it.
    let acts = [
        (Act::Clone, false, false),
        (Act::Clone, true, false),
        (Act::Drop, false, false),
        (Act::Drop, false, true),
        (Act::Wake, false, false),
    ];
    for (act, before, after) in acts {
        for &use_it in uses.iter().chain(&of_the_other) {
            let object = Arc::new(unset());
            let other = Mutex::new(Some(Task::pending(wait(&object))));
            let hook = {
                let object = Arc::clone(&object);
                move |now| {
                    if now == act {
                        use_it(&object, &other);
                    }
                }
            };
            let mut task = Task { future: Box::pin(wait(&object)), probe: Probe::with(hook) };
            if before {
                assert!(Probe::new().poll(task.future.as_mut()).is_pending());
            }
            let is_ready = task.is_ready();
            assert!(!is_ready || act == Act::Clone);
            if after {
                _ = Probe::new().poll(task.future.as_mut());
            }
            // The other wait may be the first one.
            for _ in 0..2 {
                if act == Act::Wake {
                    set(&object);
                }
            }
            let probe = task.cancel();
            assert!(probe.count(act) > 0, "{act:?} was not tried");
            check(&object);
        }
    }
}

pub(crate) fn c126_threads_and_tasks_are_served_alike<E: Event>() {
    const EACH: usize = 10;
    for _ in 0..rounds(20) {
        let (event, passed) = (unset::<E>(), AtomicUsize::new(0));
        let pass = || _ = passed.fetch_add(1, Ordering::Relaxed);
        scope(|scope| {
            scope.spawn_each(EACH, || {
                event.wait();
                pass();
            });
            scope.spawn(|| {
                let mut executor = Executor::new();
                for _ in 0..EACH {
                    executor.spawn(async {
                        event.wait_async().await;
                        pass();
                    });
                }
                executor.run();
            });
            wait_until_parked(&event, 2 * EACH);
            let sets = if E::CONSUMES { 2 * EACH } else { 1 };
            (0..sets).for_each(|_| event.set());
        });
        assert_eq!(passed.into_inner(), 2 * EACH);
        assert_eq!(event.is_set(), !E::CONSUMES);
    }
}

pub(crate) fn c127_a_set_does_not_run_the_task<E: Event>() {
    let (event, has_run) = (unset::<E>(), AtomicBool::new(false));
    let mut executor = Executor::new();
    executor.spawn(async {
        event.wait_async().await;
        has_run.store(true, Ordering::Relaxed);
    });
    executor.run_until_stalled();
    event.set();
    assert!(!has_run.load(Ordering::Relaxed));
    executor.run_until_stalled();
    assert!(has_run.load(Ordering::Relaxed));
}

/// Of what is not consumed. 148: the later wait begins in the midst of the broadcast, in a waker.
pub(crate) fn c128_c143_c148_a_wait_after_the_reset_is_not_released<E: Event>() {
    let event = Arc::new(unset::<E>());
    let later = Arc::new(Mutex::new(None));
    let begin_later = {
        let (event, later) = (Arc::clone(&event), Arc::clone(&later));
        move |act| {
            if act == Act::Wake {
                event.reset();
                *later.lock().unwrap() = Some(Task::pending(owned(&event)));
            }
        }
    };
    let first = Task::pending_with(owned(&event), Probe::with(begin_later));
    let others: [_; MANY] = pending(&*event);
    event.set();
    for mut task in others {
        assert!(task.is_woken() && task.is_ready());
    }
    drop(first);
    let mut later = later.lock().unwrap().take().expect("the waker has begun it");
    assert!(!later.is_woken() && !later.is_ready() && !event.is_set());
    event.set();
    assert!(later.is_woken() && later.is_ready());

    // And the same one after another.
    event.reset();
    let before: [_; 2] = pending(&*event);
    event.set();
    event.reset();
    let [mut after] = pending(&*event);
    assert!(before.into_iter().all(|mut task| task.is_ready()));
    assert!(!after.is_woken() && !after.is_ready());
}

pub(crate) fn c130_c131_a_poll_with_the_same_waker_changes_nothing<E: Event>() {
    let event: E = unset();
    let [mut first, mut second] = pending(&event);
    assert!(!first.is_ready() && !first.is_ready());
    assert_eq!((first.probe.clones(), first.probe.drops()), (1, 0));
    event.set();
    assert!(first.is_woken());
    assert_eq!(second.is_woken(), !E::CONSUMES);
    assert!(first.is_ready());
    assert_eq!(second.is_ready(), !E::CONSUMES);
    assert_eq!((first.probe.clones(), first.probe.drops(), first.probe.wakes()), (1, 0, 1));
}

/// Of what is consumed. In every other round another thread polls all the time.
pub(crate) fn c134_two_sets_release_two_tasks<E: Event>() {
    for round in 0..rounds(200) {
        let event: E = unset();
        let mut tasks: [_; 2] = pending(&event);
        let is_set_twice = AtomicBool::new(round % 2 == 0);
        let set_twice = || {
            event.set();
            event.set();
            is_set_twice.store(true, Ordering::Release);
        };
        if round % 2 == 0 {
            set_twice();
        }
        let mut are_ready = [false; 2];
        scope(|scope| {
            if round % 2 == 1 {
                scope.spawn(set_twice);
            }
            let mut is_last = false;
            while !is_last {
                is_last = is_set_twice.load(Ordering::Acquire);
                for (task, is_ready) in tasks.iter_mut().zip(&mut are_ready) {
                    *is_ready = *is_ready || task.is_ready();
                }
            }
        });
        assert_eq!(are_ready, [true, true], "two sets merged");
        assert!(!event.is_set());
    }
}

pub(crate) fn c136_a_dropped_task_hands_on_to_a_thread<E: Event>() {
    for _ in 0..rounds(100) {
        let event: E = unset();
        let [task] = pending(&event);
        scope(|scope| {
            scope.spawn(|| event.wait());
            wait_until_parked(&event, 2);
            event.set();
            assert_eq!(parked(&event), usize::from(E::CONSUMES));
            drop(task);
        });
        assert_eq!(event.is_set(), !E::CONSUMES);
    }
}

pub(crate) fn c136_a_thread_that_times_out_leaves_the_set_to_a_task<E: Event>() {
    let (event, succeeded) = (unset::<E>(), AtomicBool::new(false));
    let race = Race::new(5_000);
    let behind = RefCell::new(None);
    let mut passed = 0;
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                let limit = Duration::from_nanos(fastrand::u64(1..20_000));
                succeeded.store(event.wait_for(limit), Ordering::Relaxed);
            };
            race.run(part, drop);
        });
        let part = |_| {
            // The thread may be queued by then.
            (0..fastrand::usize(..100)).find(|_| parked(&event) > 0);
            behind.replace(Some(Task::new(event.wait_async())));
            let is_ready = behind.borrow_mut().as_mut().is_some_and(Task::is_ready);
            spin(fastrand::usize(..5_000));
            if !is_ready {
                event.set();
            }
            is_ready
        };
        race.run(part, |was_ready| {
            assert!(!was_ready, "ready without a set");
            let thread = succeeded.load(Ordering::Relaxed);
            let task = behind.take().is_some_and(|mut task| task.is_ready());
            assert!(if E::CONSUMES { task != thread } else { task }, "taken twice, or lost");
            assert_eq!(event.is_set(), !E::CONSUMES);
            event.reset();
            passed += usize::from(thread);
        })
    });
    println!("{rounds} races, the thread has passed in {passed}");
}

pub(crate) fn c139_a_reset_leaves_tasks_waiting<E: Event>() {
    let event: E = unset();
    let [mut task] = pending(&event);
    event.reset();
    assert!(!task.is_woken() && !task.is_ready());
    event.set();
    assert!(task.is_woken() && task.is_ready());
}

/// The first of three, the second, the last, and then of two.
pub(crate) fn c141_a_dropped_wait_leaves_the_order_of_others<E: Event>() {
    for dropped in 0..3 {
        let event: E = unset();
        let tasks: [_; 3] = pending(&event);
        let mut tasks = Vec::from(tasks);
        drop(tasks.remove(dropped));
        let [mut last] = pending(&event);
        let [first, second] = &mut tasks[..] else { unreachable!("two are left") };
        for (released, task) in [first, second].into_iter().enumerate() {
            assert!(!task.is_woken() || (released > 0 && !E::CONSUMES));
            event.set();
            assert!(task.is_woken() && task.is_ready());
        }
        assert_eq!(last.is_woken(), !E::CONSUMES);
        event.set();
        assert!(last.is_ready());
        assert_eq!(event.is_set(), !E::CONSUMES);
    }
}

/// In every other round another task is behind the one that is dropped.
pub(crate) fn c142_a_drop_against_a_set_loses_nothing<E: Event>() {
    let event: E = unset();
    let (race, aim) = (Race::new(20_000), Aim::default());
    let begin = |round| {
        let first = Task::pending(event.wait_async());
        (Some(first), (round % 2 == 0).then(|| Task::pending(event.wait_async())))
    };
    let tasks = RefCell::new(begin(1));
    let mut released = 0;
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                spin(100);
                event.set();
            };
            race.run(part, drop);
        });
        let part = |round| {
            aim.wait();
            let first = tasks.borrow_mut().0.take().expect("begun");
            (round, first.cancel())
        };
        race.run(part, |(round, first)| {
            let (_, second) = tasks.take();
            let passed = second.map(|mut second| second.is_ready());
            let is_left = event.wait0();
            let right = if E::CONSUMES { passed != Some(is_left) } else { passed != Some(false) };
            assert!(right && (is_left || passed.is_some()), "taken twice, or lost");
            aim.learn(first.wakes() == 0);
            released += first.wakes();
            event.reset();
            tasks.replace(begin(round + 1));
        })
    });
    println!("{rounds} races, {released} waits were released before they were dropped");
}

/// Of what is not consumed. In the midst of the broadcast all waits that it releases have passed, also when another
/// one is queued after a reset. Every third one is dropped.
pub(crate) fn c145_during_a_broadcast_all_its_waits_have_passed<E: Event>() {
    for resets in [false, true] {
        let event = Arc::new(unset::<E>());
        let others = Arc::new(Mutex::new(Vec::<Task<OwnedWait<E>>>::new()));
        let results = Arc::new(Mutex::new((None, Vec::new())));
        let poll_others = {
            let (event, others) = (Arc::clone(&event), Arc::clone(&others));
            let results = Arc::clone(&results);
            move |act| {
                if act != Act::Wake {
                    return;
                }
                let mut results = results.lock().unwrap();
                if resets {
                    event.reset();
                    results.0 = Some(Task::pending(owned(&event)));
                }
                for (place, mut other) in others.lock().unwrap().drain(..).enumerate() {
                    if place % 3 != 0 {
                        // Half of them are first asked without being completed.
                        let may_pass =
                            (place % 2 == 0) == resets || other.future.as_mut().enqueue();
                        let is_ready = may_pass && Task::is_ready(&mut other);
                        results.1.push((is_ready, other.probe));
                    }
                }
            }
        };
        let first = Task::pending_with(owned(&event), Probe::with(poll_others));
        others.lock().unwrap().extend((0..MANY).map(|_| Task::pending(owned(&event))));
        event.set();
        drop(first);
        let (later, ready) = std::mem::take(&mut *results.lock().unwrap());
        assert_eq!(ready.len(), MANY - MANY.div_ceil(3));
        for (is_ready, probe) in ready {
            assert!(is_ready);
            assert_eq!(probe.clones(), probe.drops() + probe.wakes(), "a waker was kept");
        }
        assert_eq!(event.is_set(), !resets);
        if let Some(mut later) = later {
            assert!(!later.is_woken() && !later.is_ready());
            assert_eq!(parked(&*event), 1);
            event.set();
            assert!(later.is_woken() && later.is_ready());
        }
    }
}

/// Of what is not consumed: a thread that a broadcast wakes may wake tasks itself.
pub(crate) fn a_waker_that_a_woken_thread_calls_may_use_the_event<E: Event>() {
    let (event, has_passed) = (Arc::new(unset::<E>()), Arc::new(AtomicBool::new(false)));
    let setter = thread::current().id();
    scope(|scope| {
        scope.spawn(|| {
            event.wait();
            has_passed.store(true, Ordering::Relaxed);
        });
        wait_until_parked(&*event, 1);
        let tasks = [(); MANY].map(|()| {
            let (event, has_passed) = (Arc::clone(&event), Arc::clone(&has_passed));
            let future = owned(&event);
            let hook = move |act| {
                if act == Act::Wake && thread::current().id() == setter {
                    wait_until(|| has_passed.load(Ordering::Relaxed));
                } else if act == Act::Wake {
                    event.reset();
                    drop(Task::pending(owned(&event))); // takes the lock of the queue
                }
            };
            Task::pending_with(future, Probe::with(hook))
        });
        event.set();
        assert!(tasks.iter().all(Task::is_woken));
    });
}

/// Of what is not consumed: one that the setter has woken before it is stuck in another's waker.
pub(crate) fn a_task_that_runs_wakes_others_of_the_broadcast<E: Event>() {
    let (event, goes_on) = (unset::<E>(), Arc::new(AtomicBool::new(false)));
    let [mut first] = pending(&event);
    let stuck = stuck(&event, &goes_on);
    let mut others: [_; MANY] = pending(&event);
    scope(|scope| {
        scope.spawn(|| event.set());
        wait_until(|| stuck.is_woken());
        let mut woken = 0;
        let mut next = &mut first;
        // Each of them wakes those that are taken at a time.
        for _ in 0..2 {
            assert!(next.is_woken() && next.is_ready());
            let are_woken = others.iter().filter(|task| task.is_woken()).count();
            assert!(woken < are_woken);
            assert!(woken > 0 || are_woken < MANY / 2);
            woken = are_woken;
            next = others.iter_mut().find(|task| task.is_woken()).expect("it has woken some");
        }
        goes_on.store(true, Ordering::Relaxed);
    });
    assert!(others.iter().all(|task| task.probe.wakes() == 1));
}

/// Of what is not consumed. Some executors poll a task in its waker. There it wakes no others, whose wakers would do
/// the same, one inside of the other.
pub(crate) fn tasks_that_run_in_their_wakers_are_not_nested<E: Event>() {
    thread_local! {
        static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
    }
    struct Inline<E: Event> {
        wait: Mutex<Pin<Box<OwnedWait<E>>>>,
        has_passed: AtomicBool,
    }
    impl<E: Event> Inline<E> {
        fn poll(self: &Arc<Self>) {
            let waker = Waker::from(Arc::clone(self));
            let mut wait = self.wait.lock().unwrap();
            let is_ready = wait.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            self.has_passed.store(is_ready, Ordering::Relaxed);
        }
    }
    impl<E: Event> Wake for Inline<E> {
        fn wake(self: Arc<Self>) {
            assert!(!IS_RUNNING.replace(true), "a task runs inside of another one");
            self.poll();
            IS_RUNNING.set(false);
        }
    }
    let event = Arc::new(unset::<E>());
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let wait = Mutex::new(Box::pin(owned(&event)));
            let task = Arc::new(Inline { wait, has_passed: AtomicBool::new(false) });
            task.poll();
            task
        })
        .collect();
    event.set();
    assert!(tasks.iter().all(|task| task.has_passed.load(Ordering::Relaxed)));
}

/// Of what is not consumed. The task was queued before the thread.
pub(crate) fn a_waker_does_not_hold_up_a_thread_of_the_broadcast<E: Event>() {
    let (event, goes_on) = (unset::<E>(), Arc::new(AtomicBool::new(false)));
    let stuck = stuck(&event, &goes_on);
    scope(|scope| {
        let thread = scope.spawn(|| event.wait());
        wait_until_parked(&event, 2);
        scope.spawn(|| event.set());
        thread.join().unwrap();
        goes_on.store(true, Ordering::Relaxed);
    });
    assert!(stuck.is_woken());
}

/// A task whose waker returns when it `goes_on`.
fn stuck<'a, E: Event>(event: &'a E, goes_on: &Arc<AtomicBool>) -> Task<Wait<'a>> {
    Task::pending_with(event.wait_async(), Probe::stuck(goes_on))
}

/// Of what is not consumed. What the second panic carries panics, too, when it is dropped.
pub(crate) fn of_two_wakers_that_panic_the_first_is_heard<E: Event>() {
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("the payload has panicked");
        }
    }
    let panics: [fn(); 2] = [|| panic!("the first waker has panicked"), || panic_any(Payload)];
    let event: E = unset();
    let mut tasks = panics.map(|panics| {
        let hook = move |act| {
            if act == Act::Wake {
                panics();
            }
        };
        Task::pending_with(event.wait_async(), Probe::with(hook))
    });
    let mut others: [_; MANY] = pending(&event);
    assert_panics(|| event.set(), &["the first waker"]);
    assert!(tasks.iter_mut().chain(&mut others).all(|task| task.is_woken() && task.is_ready()));
    assert!(event.is_set());
}

/// Of what is not consumed.
pub(crate) fn c147_a_waker_may_drop_another_wait_of_the_broadcast<E: Event>() {
    const LAST: usize = MANY - 1;
    // Some are released already, others are not, and of these it is the first, the last, or another.
    let pairs = [(0, 1), (1, 0), (0, 16), (15, 25), (0, LAST), (17, 16), (16, 17), (LAST, 20)];
    for (dropping, dropped) in pairs {
        let event = Arc::new(unset::<E>());
        let victim = Arc::new(Mutex::new(None));
        let mut others = Vec::new();
        for place in 0..MANY {
            if place == dropped {
                *victim.lock().unwrap() = Some(Task::pending(owned(&event)));
            } else if place == dropping {
                let victim = Arc::clone(&victim);
                let drop_victim = move |act| {
                    if act == Act::Wake {
                        drop(victim.lock().unwrap().take());
                    }
                };
                let probe = Probe::with(drop_victim);
                others.push(Task::pending_with(owned(&event), probe));
            } else {
                others.push(Task::pending(owned(&event)));
            }
        }
        event.set();
        assert!(victim.lock().unwrap().is_none());
        assert!(others.iter_mut().all(|task| task.probe.wakes() == 1 && task.is_ready()));
        assert_eq!(parked(&*event), 0);
    }
}

pub(crate) fn c151_c152_a_completed_wait_holds_nothing<E: Event>() {
    let event: E = unset();
    event.set();
    let mut never_queued = Task::new(event.wait_async());
    assert!(never_queued.is_ready());
    event.reset();
    let [mut kept] = pending(&event);
    event.set();
    assert!(kept.is_ready());
    event.reset();
    let [mut next] = pending(&event);
    event.set();
    assert!(next.is_ready());
    event.reset();
    event.set();
    let probe = &kept.probe;
    assert_eq!(probe.clones(), probe.drops() + probe.wakes());
    let uses: [fn(Pin<&mut Wait<'_>>); 5] = [
        |wait| _ = Probe::new().poll(wait),
        |wait| _ = wait.enqueue(),
        |wait| wait.block(),
        |wait| _ = wait.block_for(Duration::ZERO),
        |wait| _ = wait.block_until(past()),
    ];
    for use_again in uses {
        for wait in [&mut kept, &mut never_queued] {
            assert_panics(|| use_again(wait.future.as_mut()), &["completed before"]);
        }
    }
    drop([kept, never_queued]);
    assert_set_once(&event);
}

pub(crate) fn c153_c154_a_wait_can_be_queued_before_it_is_polled<E: Event>() {
    let new = |event| Task::new(E::wait_async(event));
    let event: E = unset();
    // In line, before one that was polled.
    let mut first = new(&event);
    assert!(!first.future.as_mut().enqueue() && !first.future.as_mut().enqueue());
    assert_eq!(parked(&event), 1);
    let [mut second] = pending(&event);
    event.set();
    assert_eq!(second.is_woken(), !E::CONSUMES);
    assert!(first.future.as_mut().enqueue() && first.is_ready());
    assert_eq!((first.probe.clones(), first.probe.wakes()), (0, 0));
    event.set();
    assert!(second.is_ready());
    event.reset();

    // Dropped, with another behind it and without.
    let mut first = new(&event);
    assert!(!first.future.as_mut().enqueue());
    let [mut second] = pending(&event);
    event.set();
    drop(first);
    assert!(second.is_woken() && second.is_ready());
    event.reset();
    let mut only = new(&event);
    assert!(!only.future.as_mut().enqueue());
    event.set();
    drop(only);
    assert_set_once(&event);

    // On a set event.
    event.reset();
    event.set();
    for then in [drop, |mut task: Task<Wait<'_>>| assert!(task.is_ready())] {
        event.reset();
        event.set();
        let mut task = new(&event);
        assert!(task.future.as_mut().enqueue() && task.future.as_mut().enqueue());
        assert_eq!(event.is_set(), !E::CONSUMES);
        then(task);
    }
    assert_eq!(event.is_set(), !E::CONSUMES);
    let mut task = new(&event);
    event.reset();
    event.set();
    assert!(task.future.as_mut().enqueue());
    drop(task);
    assert_set_once(&event);
}

/// It joins the queue, checks something of its own, and blocks.
pub(crate) fn c153_a_thread_can_block_on_a_queued_wait<E: Event>() {
    let (event, checked) = (unset::<E>(), AtomicBool::new(false));
    let mut task = Task::new(event.wait_async());
    assert!(!task.future.as_mut().enqueue());
    let [mut second] = pending(&event);
    assert_eq!(task.future.as_mut().block_for(SHORT), None);
    assert_eq!(task.future.as_mut().block_until(past()), None);
    assert_eq!(task.future.as_mut().block_for(Duration::ZERO), None);
    scope(|scope| {
        scope.spawn(|| {
            wait_until(|| checked.load(Ordering::Relaxed));
            event.set();
        });
        checked.store(true, Ordering::Relaxed);
        task.future.as_mut().block();
    });
    assert_eq!(second.is_ready(), !E::CONSUMES);

    // Released before it blocks.
    let event: E = unset();
    for _ in 0..2 {
        let mut task = Task::new(event.wait_async());
        assert!(!task.future.as_mut().enqueue());
        event.set();
        task.future.as_mut().block();
        event.reset();
    }
    // New, on a set event.
    event.set();
    Task::new(event.wait_async()).future.as_mut().block();
    assert_eq!(event.is_set(), !E::CONSUMES);
}

/// Neither does it wait for the lock, unless others are queued.
pub(crate) fn c92_a_new_wait_whose_limit_has_passed_does_not_queue<E: Event>() {
    type Block = fn(Pin<&mut Wait<'_>>) -> Option<()>;
    let blocks: [Block; 2] =
        [|wait| wait.block_for(Duration::ZERO), |wait| wait.block_until(past())];
    for block in blocks {
        let event: E = unset();
        let mut task = Task::new(event.wait_async());
        with_locked(queue(&event), |_| assert_eq!(block(task.future.as_mut()), None));
        let [mut first] = pending(&event);
        assert_eq!(block(task.future.as_mut()), None);
        assert_eq!(parked(&event), 1);
        assert!(!task.is_ready());
        event.set();
        assert!(first.is_ready());
        assert_eq!(task.is_woken(), !E::CONSUMES);
        event.set();
        assert_eq!(block(task.future.as_mut()), Some(()));

        let mut set = Task::new(event.wait_async());
        event.set();
        assert_eq!(block(set.future.as_mut()), Some(()));
        assert_eq!(event.is_set(), !E::CONSUMES);
        assert_panics(|| _ = set.poll(), &["completed before"]);
    }
}

/// A wait that a task has polled, then a thread, then a task again.
pub(crate) fn a_wait_goes_from_a_task_to_a_thread_and_back<E: Event>() {
    let event: E = unset();
    let [mut task] = pending(&event);
    let [mut behind] = pending(&event);
    assert_eq!(task.future.as_mut().block_for(SHORT), None);
    assert_eq!((task.probe.clones(), task.probe.drops()), (1, 1));
    let newest = Probe::new();
    assert!(newest.poll(task.future.as_mut()).is_pending());
    event.set();
    assert_eq!((task.probe.wakes(), newest.wakes()), (0, 1));
    assert_eq!(behind.is_woken(), !E::CONSUMES);
    assert!(task.is_ready());
    event.set();
    assert!(behind.is_ready());
    event.reset();

    let [mut task] = pending(&event);
    scope(|scope| {
        let Task { future, probe } = &mut task;
        scope.spawn(|| {
            wait_until(|| probe.drops() == 1); // the thread is about to sleep
            event.set();
        });
        future.as_mut().block();
    });
    assert_eq!((task.probe.drops(), task.probe.wakes()), (1, 0));
}

pub(crate) fn c157_an_owned_wait_keeps_its_event_until_it_completes<E: Event>() {
    let event = Arc::new(unset::<E>());
    let is_shared = || Arc::strong_count(&event) > 1;
    let mut task = Task::pending(owned(&event));
    event.set();
    assert!(is_shared() && task.is_ready() && !is_shared());
    assert_panics(|| _ = task.poll(), &["completed before"]);
    event.reset();
    let task = Task::pending(owned(&event));
    assert!(is_shared());
    drop(task);
    assert!(!is_shared());
    for blocks in [
        |wait: Pin<&mut OwnedWait<E>>| wait.block(),
        |wait: Pin<&mut OwnedWait<E>>| wait.block_for(SHORT).unwrap(),
        |wait: Pin<&mut OwnedWait<E>>| wait.block_until(past()).unwrap(),
    ] {
        let mut task = Task::new(owned(&event));
        assert!(!task.future.as_mut().enqueue());
        assert_eq!(task.future.as_mut().block_for(Duration::ZERO), None);
        event.set();
        assert!(task.future.as_mut().enqueue() && is_shared());
        blocks(task.future.as_mut());
        assert!(!is_shared());
        event.reset();
    }
    // The last owner: the event is freed at the end of the wait, or by its drop.
    for completes in [true, false] {
        let last = Arc::new(unset::<E>());
        let mut task = Task::pending(owned(&last));
        last.set();
        let weak = Arc::downgrade(&last);
        drop(last);
        assert!(weak.strong_count() == 1 && (!completes || task.is_ready()));
        assert_eq!(weak.strong_count(), usize::from(!completes));
        drop(task);
        assert_eq!(weak.strong_count(), 0);
    }
}

pub(crate) fn c160_a_leaked_wait_takes_one_set<E: Event>() {
    let (event, probe) = (unset::<E>(), Probe::new());
    assert!(probe.poll(leak(event.wait_async())).is_pending());
    let [mut next] = pending(&event);
    event.set();
    assert_eq!(probe.wakes(), 1);
    assert_eq!(next.is_woken(), !E::CONSUMES);
    event.set();
    assert!(next.is_woken() && next.is_ready());
    assert_eq!(event.is_set(), !E::CONSUMES);
}

/// Waits that were leaked, and whose event was freed, have no effect on a new event at that address.
pub(crate) fn c160_leaked_waits_of_a_freed_event_are_thrown_away<E: Event>() {
    let mut place = Box::new(unset::<E>());
    let uses: [fn(&E); 5] = [
        |event| {
            event.set();
            assert_set_once(event);
        },
        |event| {
            let [mut first, mut second] = pending(event);
            assert_eq!(parked(event), 2);
            event.set();
            assert!(first.is_ready());
            assert_eq!(second.is_ready(), !E::CONSUMES);
        },
        |event| {
            scope(|scope| {
                scope.spawn(|| event.wait());
                wait_until_parked(event, 1);
                event.set();
            });
            assert_eq!(event.is_set(), !E::CONSUMES);
        },
        |event| {
            drop::<[_; 2]>(pending(event));
            assert_eq!(parked(event), 0);
            event.set();
            assert_set_once(event);
        },
        |event| {
            assert!(!event.wait_for(SHORT));
            event.set();
            assert_set_once(event);
        },
    ];
    for ghosts in [2, 3, 20] {
        for use_it in uses {
            *place = unset();
            let probes: Vec<_> = (0..ghosts).map(|_| Probe::new()).collect();
            for probe in &probes {
                assert!(probe.poll(leak(place.wait_async())).is_pending());
            }
            *place = unset();
            use_it(&place);
            assert!(probes.iter().all(|probe| probe.wakes() == 0), "a leaked wait was released");
        }
    }
}

/// As by `join!` and `select!`: the second future of a task sets what the first one waits for.
pub(crate) fn c161_a_future_of_the_same_task_may_set<E: Event>() {
    let (event, polls) = (unset::<E>(), AtomicUsize::new(0));
    let mut executor = Executor::new();
    executor.spawn(async {
        let mut wait = Box::pin(event.wait_async());
        std::future::poll_fn(|context| {
            let poll = wait.as_mut().poll(context);
            if polls.fetch_add(1, Ordering::Relaxed) == 0 {
                assert!(poll.is_pending());
                event.set();
                return Poll::Pending;
            }
            poll
        })
        .await;
    });
    executor.run_until_stalled();
    assert_eq!(polls.load(Ordering::Relaxed), 2);
    assert_eq!(event.is_set(), !E::CONSUMES);
}

/// Of three tasks, the first sets the event when it is dropped, with its own wait behind it or still queued.
pub(crate) fn c162_a_task_may_set_when_an_executor_drops_it<E: Event>() {
    for waits_first in [true, false] {
        let event: E = unset();
        let mut executor = Executor::new();
        let event = &event;
        executor.spawn(async move {
            let wait = event.wait_async();
            if waits_first {
                let _guard = SetsOnDrop(event);
                wait.await;
            } else {
                let mut wait = Box::pin(wait);
                let guard = SetsOnDrop(event); // dropped before the wait
                wait.as_mut().await;
                drop(guard);
            }
        });
        for _ in 0..2 {
            executor.spawn(event.wait_async());
        }
        executor.run_until_stalled();
        assert_eq!(parked(event), 3);
        drop(executor);
        assert_eq!(parked(event), 0);
        assert_set_once(event);
    }
}

/// Directly, with two sets that coalesce, and through a wait that was dropped.
pub(crate) fn c163_a_set_publishes_to_tasks<E: Event>() {
    for round in 0..rounds(600) {
        let (event, data) = (unset::<E>(), [Plain::default(), Plain::default()]);
        // Neither orders anything.
        let (sets, has_queued) = (AtomicUsize::new(0), AtomicBool::new(false));
        let has_passed = &AtomicBool::new(false);
        let set = |data: &Plain| {
            data.set(7);
            event.set();
            sets.fetch_add(1, Ordering::Relaxed);
        };
        let kind = round % 3;
        scope(|scope| {
            let dropped = (kind == 2).then(|| Task::pending(event.wait_async()));
            scope.spawn(|| {
                if kind == 1 {
                    wait_until(|| sets.load(Ordering::Relaxed) == 2);
                }
                let mut task = Task::new(event.wait_async());
                has_queued.store(!task.future.as_mut().enqueue(), Ordering::Relaxed);
                block_on(task.future.as_mut());
                has_passed.store(true, Ordering::Relaxed);
                assert_eq!(data[0].get(), 7);
                if kind == 1 {
                    if !E::CONSUMES {
                        event.reset(); // as for 88
                    }
                    assert_eq!(data[1].get(), 7);
                }
            });
            if let Some(dropped) = dropped {
                wait_until(|| has_queued.load(Ordering::Relaxed));
                scope.spawn(move || {
                    // A poll of the other one may be faster at a gate.
                    wait_until(|| dropped.is_woken() || has_passed.load(Ordering::Relaxed));
                    drop(dropped);
                });
            }
            scope.spawn(|| set(&data[0]));
            if kind == 1 {
                scope.spawn(|| {
                    wait_until(|| sets.load(Ordering::Relaxed) == 1);
                    set(&data[1]);
                });
            }
        });
    }
}

/// Of what is consumed.
pub(crate) fn c167_threads_and_tasks_are_released_in_one_order<E: Event>() {
    for _ in 0..rounds(20) {
        let event: E = unset();
        scope(|scope| {
            let wait = || {
                let queued = parked(&event);
                let thread = scope.spawn(|| event.wait());
                wait_until_parked(&event, queued + 1);
                thread
            };
            let first = wait();
            let [mut second] = pending(&event);
            let third = wait();
            let [mut fourth] = pending(&event);
            let set = |left| {
                event.set();
                wait_until_parked(&event, left);
            };
            set(3);
            first.join().unwrap();
            assert!(!second.is_woken() && !third.is_finished() && !fourth.is_woken());
            set(2);
            assert!(second.is_woken() && !third.is_finished() && !fourth.is_woken());
            set(1);
            third.join().unwrap();
            assert!(!fourth.is_woken());
            set(0);
            assert!(fourth.is_woken() && second.is_ready() && fourth.is_ready());
        });
        assert!(!event.is_set());
    }
}

pub(crate) fn c168_a_thread_times_out_between_two_tasks<E: Event>() {
    let event: E = unset();
    let [mut first] = pending(&event);
    let mut second = scope(|scope| {
        let thread = scope.spawn(|| event.wait_for(SHORT));
        wait_until(|| parked(&event) == 2 || thread.is_finished());
        let [second] = pending(&event);
        assert!(!thread.join().unwrap());
        second
    });
    assert_eq!(parked(&event), 2);
    event.set();
    assert!(first.is_woken() && first.is_ready());
    assert_eq!(second.is_woken(), !E::CONSUMES);
    event.set();
    assert!(second.is_woken() && second.is_ready());
    event.reset();
    event.set();
    assert_set_once(&event);
}

/// Beside tasks, and beside tasks and threads. The setter gets the panic, or a thread that it has woken and that helps
/// to wake the others.
pub(crate) fn a_waker_that_panics_keeps_no_other_wait_asleep<E: Event>() {
    let panicking = Probe::panicking;
    let panics = |call: &dyn Fn()| usize::from(catch_unwind(AssertUnwindSafe(call)).is_err());
    for has_threads in [false, true] {
        let event: E = unset();
        scope(|scope| {
            let mut tasks = Vec::new();
            let mut threads = Vec::new();
            for place in 0..MANY {
                match place {
                    3 | 20 => tasks.push(Task::pending_with(event.wait_async(), panicking())),
                    _ if has_threads && place % 5 == 0 => {
                        threads.push(scope.spawn(|| panics(&|| event.wait())));
                    }
                    _ => tasks.push(Task::pending(event.wait_async())),
                }
                wait_until_parked(&event, place + 1);
            }
            let sets = if E::CONSUMES { MANY } else { 1 };
            let in_setter: usize = (0..sets).map(|_| panics(&|| event.set())).sum();
            let in_threads: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
            assert!((1..=2).contains(&(in_setter + in_threads)));
            assert!(tasks.iter_mut().all(|task| task.is_woken() && task.is_ready()));
            assert!(has_threads || in_setter == if E::CONSUMES { 2 } else { 1 });
            if E::CONSUMES {
                // A thread whose wait has panicked has handed on what it had got.
                assert!((0..in_threads).all(|_| event.wait0()));
            }
        });
        assert_eq!(event.is_set(), !E::CONSUMES);
    }

    let event: E = unset();
    // While a panic unwinds, a second one does not abort the process.
    let [first] = pending(&event);
    let mut second = Task::pending_with(event.wait_async(), panicking());
    _ = catch_unwind(AssertUnwindSafe(|| event.set()));
    assert_panics(
        || {
            let _dropped = first;
            panic!("the first panic");
        },
        &["the first panic"],
    );
    assert!(second.is_woken() && second.is_ready());

    // Nor if the waker of a wait that is dropped panics when it is dropped itself.
    event.reset();
    let Task { future, probe } =
        Task::pending_with(event.wait_async(), Probe::panicking_once(Act::Drop));
    assert_panics(
        || {
            let _dropped = future;
            panic!("the first panic");
        },
        &["the first panic"],
    );
    assert_eq!((probe.drops(), parked(&event)), (1, 0));

    // Nor in a set that a destructor makes.
    event.reset();
    let mut third = Task::pending_with(event.wait_async(), panicking());
    assert_panics(
        || {
            let _dropped = SetsOnDrop(&event);
            panic!("the first panic");
        },
        &["the first panic"],
    );
    assert!(third.is_woken() && third.is_ready());

    // If nothing unwinds, a drop that wakes such a waker does.
    event.reset();
    let [first] = pending(&event);
    let mut second = Task::pending_with(event.wait_async(), panicking());
    let in_setter = panics(&|| event.set());
    assert_eq!(in_setter, usize::from(!E::CONSUMES));
    let result = catch_unwind(AssertUnwindSafe(|| drop(first)));
    assert_eq!(result.is_err(), E::CONSUMES);
    assert!(second.is_woken() && second.is_ready());
}

/// Of events: `(&event).await`.
pub(crate) fn awaits<'a, R: IntoFuture<Output = ()> + 'a>(set: impl Fn(), event: R) {
    let done = AtomicBool::new(false);
    let mut executor = Executor::new();
    executor.spawn(async {
        event.await;
        done.store(true, Ordering::Relaxed);
    });
    executor.run_until_stalled();
    assert!(!done.load(Ordering::Relaxed));
    set();
    executor.run();
}
