//! What of contract 113-117 and 204-217 concerns semaphores and countdowns: waits for all of several objects among
//! which are requests of permits. `contract_countdown.rs` has what holds for whatever can be set and reset.

mod support;

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rsevents::{
    AutoResetEvent, ManualResetEvent, Part, Signal, WaitAll, Won, wait_all, wait_all_async,
    wait_all_for, wait_all_until, wait_all0, wait_any_async, wait_any_for, wait_any0,
};
use rsevents_extra::{Awaitable, CountdownEvent, Request, Semaphore, SemaphoreGuard};
use support::all::{AT_ONCE, BLOCKING, pending_all};
use support::{
    Act, Plain, Probe, Race, SHORT, Task, file_of_panic, kept, parked, past, random_limit,
    release_races_timeout, rounds, scope, spin, unset, wait_until, waits_for_all, watchdog_tests,
};

watchdog_tests! {
    c113_c204_each_request_gets_its_guard,
    c114_c204_permits_and_events_one_after_another,
    c205_a_release_for_a_wait_for_all_cannot_be_taken_by_others,
    c205_a_countdown_that_is_reset_at_once_has_released_the_wait_for_all,
    c46_c114_a_countdown_that_is_reset_before_all_are_there,
    c210_a_release_against_a_timeout_takes_all_or_none,
    c210_c214_a_release_against_a_drop_takes_all_or_none,
    c214_a_released_wait_for_all_that_is_dropped_gives_back,
    c82a_a_wait_for_all_beside_a_large_request,
    c78_c117_never_more_holders_than_permits_of_two_semaphores,
    calls_on_a_semaphore_beside_a_wait_for_all_return_the_same,
    calls_on_a_countdown_beside_a_wait_for_all_return_the_same,
    c215_c227_a_waiter_for_all_frees_a_semaphore_and_a_countdown,
    c198_a_request_may_be_in_several_waits_for_all,
    c204_a_wait_for_all_behind_a_request_that_has_ended_passes,
    c115_permits_that_are_due_to_others_are_there,
    c210_permits_that_are_due_to_others_are_there_at_the_deadline,
    c208_a_wait_for_all_comes_before_a_wait_behind_a_request_that_has_ended,
    c208_a_wait_for_all_passes_before_the_waker_of_a_large_request,
}

fn semaphore(initial: u16, max: u16) -> &'static Semaphore {
    kept(Semaphore::new(initial, max))
}

fn request(semaphore: &'static Semaphore, permits: u16) -> &'static Request<'static> {
    kept(semaphore.request(permits))
}

fn event() -> &'static AutoResetEvent {
    kept(unset())
}

/// At once and later, by threads and tasks.
fn c113_c204_each_request_gets_its_guard() {
    let [small, large] = [2, 5].map(|permits| semaphore(permits, 5));
    let manual: &'static ManualResetEvent = kept(unset());
    let [two, three] = [request(small, 2), request(large, 3)];
    let nothing = request(small, 0);
    let list: [&'static dyn Signal; 5] = [two, nothing, manual, three, nothing];
    let assert_guards = || {
        assert_eq!((small.count(), large.count()), (0, 2));
        let guards = [two, three].map(|request| request.take().expect("one each"));
        assert_eq!(guards.each_ref().map(SemaphoreGuard::permits), [2, 3]);
        assert!(two.take().is_none() && three.take().is_none());
        assert!((0..2).all(|_| nothing.take().is_some()) && nothing.take().is_none());
        drop(guards);
        assert_eq!((small.count(), large.count()), (2, 5));
    };
    for form in BLOCKING.into_iter().chain(AT_ONCE) {
        for fails in AT_ONCE {
            manual.reset();
            assert!(!fails(&list) && !wait_all_for(&list, Duration::from_micros(10)));
            manual.set();
            small.wait().forget();
            assert!(!fails(&list) && !wait_all_for(&list, Duration::from_micros(10)));
            assert_eq!((small.count(), large.count()), (1, 5));
            small.release(1);
        }
        assert!([two, three, nothing].iter().all(|request| request.take().is_none()));
        assert!(form(&list));
        assert_guards();
    }
    for form in BLOCKING {
        for last in 0..3 {
            manual.reset();
            let guards = (small.wait(), large.wait_many(3));
            scope(|scope| {
                let waiter = scope.spawn(|| form(&list));
                wait_until(|| waits_for_all(manual) == 1);
                let mut guards = (Some(guards.0), Some(guards.1));
                for place in (0..3).filter(|place| *place != last).chain([last]) {
                    assert!(two.take().is_none() && three.take().is_none());
                    match place {
                        0 => drop(guards.0.take()),
                        1 => drop(guards.1.take()),
                        _ => manual.set(),
                    }
                }
                assert_eq!((small.count(), large.count()), (0, 2));
                assert!(waiter.join().unwrap());
            });
            assert_guards();
        }
    }
    assert_eq!([small, large].map(waits_for_all), [0; 2]);
    assert_eq!(waits_for_all(manual), 0);
}

/// Others take and give back meanwhile.
fn c114_c204_permits_and_events_one_after_another() {
    let (permits, auto) = (semaphore(0, 4), event());
    let manual: &'static ManualResetEvent = kept(unset());
    let two = request(permits, 2);
    let list: [&'static dyn Signal; 3] = [two, auto, manual];
    for by_task in [false, true] {
        scope(|scope| {
            let thread = (!by_task).then(|| scope.spawn(|| wait_all(&list)));
            let mut task = by_task.then(|| pending_all(&list));
            wait_until(|| waits_for_all(manual) == 1);
            permits.release(2);
            auto.set();
            // What is there can be taken, and given back.
            let one = permits.try_wait0().expect("nothing is reserved");
            manual.set();
            assert!(auto.is_set() && permits.count() == 1);
            manual.reset();
            assert!(auto.wait0());
            drop(one);
            assert_eq!(permits.count(), 2);
            let both = permits.wait_many(2);
            manual.set();
            auto.set();
            assert!(auto.is_set());
            assert_eq!((permits.count(), waits_for_all(permits)), (0, 1));
            // The drop of a guard is the last.
            drop(both);
            assert_eq!((permits.count(), auto.is_set(), manual.is_set()), (0, false, true));
            if let Some(thread) = thread {
                thread.join().unwrap();
            }
            assert!(task.as_mut().is_none_or(Task::is_ready));
        });
        two.take().expect("the wait has passed").forget();
        manual.reset();
    }
    assert_eq!((permits.count(), permits.capacity()), (0, 0));
}

/// By another thread that takes a permit as soon as there is one.
fn c205_a_release_for_a_wait_for_all_cannot_be_taken_by_others() {
    let (permits, manual) = (semaphore(0, 1), kept(ManualResetEvent::from(true)));
    let one = request(permits, 1);
    let taken = AtomicUsize::new(0);
    let rounds = rounds(5_000);
    scope(|scope| {
        scope.repeat(|| {
            if let Ok(guard) = permits.try_wait0() {
                guard.forget();
                taken.fetch_add(1, Ordering::Relaxed);
            }
        });
        for _ in 0..rounds {
            let mut task = pending_all(&[manual, one]);
            // It is the wait's, before it can be seen.
            permits.release(1);
            assert!(task.is_woken() && task.is_ready());
            one.take().unwrap().forget();
        }
    });
    assert_eq!((taken.into_inner(), permits.count()), (0, 0));
}

fn c205_a_countdown_that_is_reset_at_once_has_released_the_wait_for_all() {
    let (countdown, auto): (&'static CountdownEvent, _) = (kept(CountdownEvent::new(2)), event());
    let list: [&'static dyn Signal; 2] = [countdown, auto];
    for round in 0..rounds(200) {
        countdown.reset(2);
        auto.set();
        scope(|scope| {
            let thread = (round % 2 == 0).then(|| scope.spawn(|| wait_all(&list)));
            let mut task = (round % 2 == 1).then(|| pending_all(&list));
            wait_until(|| waits_for_all(countdown) == 1);
            assert!(!countdown.decrement() && auto.is_set());
            assert!(countdown.decrement(), "it was the last one");
            assert!(!auto.is_set());
            match round % 3 {
                0 => countdown.reset(1),
                1 => countdown.increment(),
                _ => assert!(countdown.try_increment_by(2)),
            }
            let later = pending_all(&list);
            auto.set();
            assert!(!later.is_woken());
            if let Some(thread) = thread {
                thread.join().unwrap();
            }
            assert!(task.as_mut().is_none_or(Task::is_ready));
            drop(later);
            assert!(auto.wait0());
        });
        assert!(countdown.count() > 0 && waits_for_all(countdown) == 0);
    }
}

/// The wait waits for the new count.
fn c46_c114_a_countdown_that_is_reset_before_all_are_there() {
    let (countdown, auto): (&'static CountdownEvent, _) = (kept(CountdownEvent::new(2)), event());
    let mut task = pending_all(&[auto, countdown]);
    assert!(countdown.decrement_by(2) && countdown.is_set() && !task.is_woken());
    countdown.reset(3);
    auto.set();
    countdown.increment();
    assert_eq!((countdown.count(), auto.is_set(), task.is_woken()), (4, true, false));
    assert!(!countdown.decrement_by(3));
    {
        let _ticket = countdown.ticket();
        assert!(!task.is_woken());
    }
    assert!(task.is_woken() && task.is_ready() && !auto.is_set());
    assert_eq!((countdown.count(), countdown.is_set()), (0, true));
    // A reset to zero, too.
    countdown.reset(7);
    auto.set();
    let mut task = pending_all(&[auto, countdown]);
    countdown.reset(0);
    assert!(task.is_woken() && task.is_ready() && !auto.is_set());
}

fn c210_a_release_against_a_timeout_takes_all_or_none() {
    let (permits, auto) = (semaphore(0, 2), event());
    let two = request(permits, 2);
    release_races_timeout(
        10_000,
        permits,
        |permits| {
            auto.set();
            permits.release(2);
        },
        |_, limit| wait_all_for(&[auto, two], limit),
        |_, deadline| wait_all_until(&[two, auto], deadline),
        |permits, succeeded| {
            let guard = two.take();
            let left = if succeeded { 0 } else { 2 };
            assert_eq!((permits.count(), auto.is_set()), (left, !succeeded), "a part was taken");
            assert_eq!(guard.is_some(), succeeded);
            assert!(succeeded || wait_all0(&[auto, two]));
            guard.or_else(|| two.take()).expect("released").forget();
            assert_eq!((permits.count(), waits_for_all(permits)), (0, 0));
        },
    );
}

fn c210_c214_a_release_against_a_drop_takes_all_or_none() {
    let (permits, auto) = (semaphore(0, 2), event());
    let two = request(permits, 2);
    let race = Race::new(20_000);
    let begin = || Some(pending_all(&[two, auto]));
    let task = RefCell::new(begin());
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                spin(fastrand::usize(..200));
                permits.release(2);
            };
            race.run(part, drop);
        });
        let part = |round: usize| {
            if round % 2 == 0 {
                auto.set();
            }
            spin(fastrand::usize(..200));
            drop(task.take());
            round % 2 == 0
        };
        race.run(part, |has_set| {
            assert!(two.take().is_none());
            assert_eq!((permits.count(), auto.is_set()), (2, has_set), "a part was lost");
            permits.wait_many(2).forget();
            auto.reset();
            task.replace(begin());
        })
    });
    println!("{rounds} races");
}

/// To others, or to all of another wait. No guard was made.
fn c214_a_released_wait_for_all_that_is_dropped_gives_back() {
    let [left, right] = [(); 2].map(|()| semaphore(0, 5));
    let [two, three] = [request(left, 2), request(right, 3)];
    let list: [&'static dyn Signal; 2] = [two, three];
    let released = || {
        let task = pending_all(&list);
        left.release(2);
        right.release(3);
        assert!(task.is_woken());
        assert_eq!((left.count(), right.count()), (0, 0));
        task
    };
    let task = released();
    drop(task);
    assert_eq!((left.count(), right.count()), (2, 3));
    assert!(two.take().is_none() && three.take().is_none());
    left.wait_many(2).forget();
    right.wait_many(3).forget();

    let task = released();
    let mut single = Task::pending(left.wait_many_async(2));
    drop(task);
    assert!(single.is_woken() && single.is_ready());
    assert_eq!((left.count(), right.count()), (2, 3));
    left.wait_many(2).forget();
    right.wait_many(3).forget();

    let task = released();
    let mut next = pending_all(&list);
    drop(task);
    assert!(next.is_woken() && next.is_ready());
    assert_eq!((left.count(), right.count()), (0, 0));
    [two, three].iter().for_each(|request| request.take().expect("it has passed").forget());
    // Room for as many was never lost.
    assert_eq!([left, right].map(|it| it.count() + it.capacity()), [0; 2]);
    assert!(left.try_release(5) && right.try_release(5));
}

/// That one is kept for single requests. A wait for all gets what is there when all is.
fn c82a_a_wait_for_all_beside_a_large_request() {
    let (permits, auto) = (semaphore(0, 9), event());
    let one = request(permits, 1);
    let mut large = Task::pending(permits.wait_many_async(3));
    let mut all = pending_all(&[one, auto]);
    permits.release(2);
    assert!(permits.try_wait0().is_err(), "kept for the large one");
    assert_eq!((permits.count(), all.is_woken(), large.is_woken()), (2, false, false));
    permits.release(2);
    assert!(large.is_woken() && large.is_ready() && !all.is_woken());
    // The large one's guard is dropped at once.
    assert_eq!(permits.count(), 4);
    auto.set();
    assert!(all.is_woken() && all.is_ready());
    drop(one.take());
    assert_eq!((permits.count(), auto.is_set()), (4, false));
}

/// Of each of two, and both at once.
fn c78_c117_never_more_holders_than_permits_of_two_semaphores() {
    const PERMITS: [u16; 2] = [1, 2];
    let semaphores = PERMITS.map(|permits| semaphore(permits, 2));
    let (inside, counter) = ([(); 2].map(|()| AtomicUsize::new(0)), Plain::default());
    let rounds = rounds(500);
    let counted = AtomicUsize::new(0);
    scope(|scope| {
        scope.spawn_each(6, || {
            for _ in 0..rounds {
                let requests: [Request<'_>; 2] = semaphores.map(|it| it.request(1));
                let order = if fastrand::bool() { [0, 1] } else { [1, 0] };
                let list = order.map(|place| &requests[place] as &dyn Signal);
                let (mut single, mut is_in) = (None, [true; 2]);
                match fastrand::u8(..5) {
                    0 => wait_all(&list),
                    1 => while !wait_all_for(&list, random_limit()) {},
                    2 => {
                        while !wait_all0(&list) {
                            thread::yield_now();
                        }
                    }
                    3 => {
                        let place = fastrand::usize(..2);
                        single = Some(semaphores[place].wait());
                        is_in[1 - place] = false;
                    }
                    _ => {
                        let found = loop {
                            if let Some(place) = wait_any_for(&list, random_limit()) {
                                break order[place];
                            }
                        };
                        is_in[1 - found] = false;
                    }
                }
                for place in (0..2).filter(|place| is_in[*place]) {
                    let others = inside[place].fetch_add(1, Ordering::Relaxed);
                    assert!(others < PERMITS[place].into(), "too many threads are inside");
                }
                if is_in[0] {
                    counter.set(counter.get() + 1);
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                if fastrand::u8(..50) == 0 {
                    thread::yield_now();
                    spin(5_000);
                }
                for place in (0..2).filter(|place| is_in[*place]) {
                    inside[place].fetch_sub(1, Ordering::Relaxed);
                }
                // Some by the guards, some by the requests.
                let guards = fastrand::bool().then(|| requests.each_ref().map(Request::take));
                drop((guards, single, requests));
            }
        });
    });
    assert_eq!(counter.get(), counted.into_inner());
    assert_eq!(semaphores.map(Semaphore::count), PERMITS);
    assert_eq!(semaphores.map(|it| (waits_for_all(it), parked(it))), [(0, 0); 2]);
}

#[test]
fn c211_c228_two_requests_of_one_semaphore_are_refused() {
    let (permits, countdown): (_, &'static CountdownEvent) =
        (semaphore(9, 9), kept(CountdownEvent::new(0)));
    let [one, two] = [1, 2].map(|number| request(permits, number));
    let lists: [&[&'static dyn Signal]; 3] =
        [&[one, countdown, two], &[one, one], &[countdown, one, countdown]];
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
    assert!(one.take().is_none() && two.take().is_none());
    assert_eq!((permits.count(), countdown.count(), waits_for_all(permits)), (9, 0, 0));
    let nothing = request(permits, 0);
    assert!(wait_all0(&[nothing, one, nothing, countdown]));
    assert_eq!((permits.count(), one.take().map(|guard| guard.permits())), (8, Some(1)));
}

/// A proof of one object of the wait makes no guard of another one.
#[test]
fn c198_each_proof_of_a_wait_for_all_makes_one_guard() {
    /// Waits for one thing, and tells another that it has won.
    struct Forged(&'static dyn Signal, &'static dyn Signal);
    impl Signal for Forged {
        fn part(&self) -> Part<'_> {
            self.0.part()
        }
        fn won(&self, won: Won<'_>) {
            self.1.won(won);
        }
    }
    let [permits, other] = [(); 2].map(|()| semaphore(5, 5));
    let [two, of_other] = [permits, other].map(|semaphore| request(semaphore, 2));
    let forged: &'static Forged = kept(Forged(of_other, two));
    let list: [&'static dyn Signal; 2] = [two, forged];
    assert!(wait_all0(&list));
    assert_eq!(two.take().map(|guard| guard.permits()), Some(2));
    assert!(two.take().is_none() && of_other.take().is_none());
    // What the wait has taken from the other has no guard.
    assert_eq!((permits.count(), other.count()), (5, 3));
}

/// At the same time, by threads, and one after another.
fn c198_a_request_may_be_in_several_waits_for_all() {
    let (permits, manual) = (semaphore(4, 6), kept(ManualResetEvent::from(true)));
    let two = request(permits, 2);
    let list: [&'static dyn Signal; 2] = [manual, two];
    assert!(wait_all0(&list) && wait_all0(&list) && !wait_all0(&list));
    let guard = two.take().expect("the first");
    let taken = AtomicUsize::new(0);
    scope(|scope| {
        scope.spawn_each(4, || {
            wait_all(&list);
            let guard = two.take().expect("each wait leaves one");
            assert_eq!(guard.permits(), 2);
            taken.fetch_add(1, Ordering::Relaxed);
            drop(guard);
        });
        wait_until(|| waits_for_all(manual) == 4);
        drop(guard);
    });
    assert_eq!((taken.into_inner(), permits.count()), (4, 2));
    drop(two.take());
    assert_eq!(permits.count(), 4);
}

/// Random calls of one thread, and tasks. Refusals included.
fn calls_on_a_semaphore_beside_a_wait_for_all_return_the_same() {
    const TASKS: usize = 4;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let never = event();
    for round in 0..rounds(500) {
        let max = random.u16(1..6);
        let both = [(); 2].map(|()| Arc::new(Semaphore::new(max / 2, max)));
        // SAFETY: the wait is dropped before the semaphore.
        let beside: &'static Semaphore = unsafe { &*Arc::as_ptr(&both[0]) };
        let wanted = [beside.request(1), beside.request(max)].map(Arc::new);
        // SAFETY: as before.
        let [one, most]: [&'static Request<'static>; 2] =
            wanted.each_ref().map(|request| unsafe { &*Arc::as_ptr(request) });
        let waits =
            [[never as &'static dyn Signal, one], [most, never]].map(|list| pending_all(&list));
        {
            let [beside, without] = both.each_ref().map(|semaphore| &**semaphore);
            let semaphores = [beside, without];
            let mut guards: Vec<[SemaphoreGuard<'_>; 2]> = Vec::new();
            let mut tasks = [const { None::<[Task<_>; 2]> }; TASKS];
            for step in 0..60 {
                let number = random.u16(0..4);
                let few = number.min(max);
                let place = random.usize(..TASKS);
                let call = random.u8(..12);
                let mut take = |pair: [Option<SemaphoreGuard<'static>>; 2]| -> [u64; 2] {
                    // They borrow the semaphores of this round.
                    let results = pair
                        .each_ref()
                        .map(|guard| guard.as_ref().map_or(9, |guard| u64::from(guard.permits())));
                    if let [Some(first), Some(second)] = pair {
                        guards.push([first, second]);
                    }
                    results
                };
                // SAFETY: the guards are dropped before the semaphores.
                let of: [&'static Semaphore; 2] =
                    semaphores.map(|semaphore| unsafe { &*std::ptr::from_ref(semaphore) });
                let results: [u64; 2] = match call {
                    0..2 => of.map(|it| it.try_release(number).into()),
                    2 => take(of.map(|it| it.try_wait0().ok())),
                    3 => take(of.map(|it| it.try_wait0_many(few).ok())),
                    4 => take(of.map(|it| it.wait_for(Duration::from_nanos(1)).ok())),
                    5 => take(of.map(|it| it.wait_many_for(few, Duration::ZERO).ok())),
                    6 if !guards.is_empty() => {
                        drop(guards.swap_remove(random.usize(..guards.len())));
                        [0; 2]
                    }
                    7 if !guards.is_empty() => {
                        guards.pop().unwrap().into_iter().for_each(SemaphoreGuard::forget);
                        [0; 2]
                    }
                    8 => of.map(|it| {
                        let request = it.request(few);
                        let place = wait_any0(&[never, &request]);
                        request.take().into_iter().for_each(SemaphoreGuard::forget);
                        place.map_or(9, |place| place as u64)
                    }),
                    9 | 10 => {
                        let mut pair = tasks[place]
                            .take()
                            .unwrap_or_else(|| of.map(|it| Task::new(it.wait_many_async(few))));
                        // The guard of one that passes is dropped.
                        let are_ready = pair.each_mut().map(|task| task.is_ready());
                        if !are_ready[0] {
                            tasks[place] = Some(pair);
                        }
                        are_ready.map(u64::from)
                    }
                    11 => {
                        drop(tasks[place].take());
                        [0; 2]
                    }
                    _ => [0; 2],
                };
                let at = format!("step {step}, call {call} of round {round}, seed {seed}");
                assert_eq!(results[0], results[1], "{at}");
                assert_eq!(beside.count(), without.count(), "{at}");
                assert_eq!(beside.capacity(), without.capacity(), "{at}");
                assert_eq!(format!("{beside:?}"), format!("{without:?}"), "{at}");
                assert_eq!(parked(beside), parked(without), "{at}");
                let woken = |place: usize| -> Vec<_> {
                    tasks.iter().flatten().map(|pair| pair[place].probe.wakes()).collect()
                };
                assert_eq!(woken(0), woken(1), "{at}");
            }
        }
        assert!(waits.iter().all(|wait| !wait.is_woken()));
        drop(waits);
        assert_eq!(waits_for_all(&*both[0]), 0);
    }
}

/// Random calls of one thread, and tasks. Refusals included.
fn calls_on_a_countdown_beside_a_wait_for_all_return_the_same() {
    const TASKS: usize = 4;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let never = event();
    let both: [&'static CountdownEvent; 2] = [(); 2].map(|()| kept(CountdownEvent::new(0)));
    let [beside, without] = both;
    for round in 0..rounds(500) {
        both.iter().for_each(|countdown| countdown.reset(3));
        let list: [&'static dyn Signal; 2] =
            if round % 2 == 0 { [never, beside] } else { [beside, never] };
        let wait = pending_all(&list);
        let mut tasks = [const { None::<[Task<_>; 2]> }; TASKS];
        for step in 0..60 {
            let number = random.usize(0..4);
            let place = random.usize(..TASKS);
            let call = random.u8(..13);
            let results: [usize; 2] = match call {
                0..3 => both.map(|it| it.decrement().into()),
                3 => both.map(|it| it.decrement_by(number).into()),
                4 => both.map(|it| it.try_increment().into()),
                5 => both.map(|it| it.try_increment_by(number).into()),
                6 => both.map(|it| it.try_increment_by(CountdownEvent::MAX).into()),
                7 => both.map(|it| {
                    it.reset(number);
                    0
                }),
                8 => both.map(|it| it.wait0().into()),
                9 => both.map(|it| it.wait_for(Duration::from_nanos(1)).into()),
                10 | 11 => {
                    let mut pair = tasks[place]
                        .take()
                        .unwrap_or_else(|| both.map(|it| Task::new(it.wait_async())));
                    let are_ready = pair.each_mut().map(|task| task.is_ready());
                    if !are_ready[0] {
                        tasks[place] = Some(pair);
                    }
                    are_ready.map(usize::from)
                }
                _ => {
                    drop(tasks[place].take());
                    [0; 2]
                }
            };
            let at = format!("step {step}, call {call} of round {round}, seed {seed}");
            assert_eq!(results[0], results[1], "{at}");
            assert_eq!(beside.count(), without.count(), "{at}");
            assert_eq!(beside.is_set(), without.is_set(), "{at}");
            assert_eq!(format!("{beside:?}"), format!("{without:?}"), "{at}");
            assert_eq!(parked(beside), parked(without), "{at}");
            let woken = |place: usize| -> Vec<_> {
                tasks.iter().flatten().map(|pair| pair[place].probe.wakes()).collect()
            };
            assert_eq!(woken(0), woken(1), "{at}");
            assert_eq!(waits_for_all(beside), 1, "{at}");
            // Back to where a round begins.
            if beside.count() > 100 {
                both.iter().for_each(|it| it.reset(2));
            }
        }
        assert!(!wait.is_woken());
    }
}

/// With guards that were forgotten. Each has a thread that releases or ticks it.
fn c215_c227_a_waiter_for_all_frees_a_semaphore_and_a_countdown() {
    for _ in 0..rounds(500) {
        let objects = Box::into_raw(Box::new((Semaphore::new(0, 1), CountdownEvent::new(1))));
        let address = objects.expose_provenance();
        let begun = AtomicBool::new(false);
        let of_thread = || {
            while !begun.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
            spin(fastrand::usize(..200));
            std::ptr::with_exposed_provenance::<(Semaphore, CountdownEvent)>(address)
        };
        scope(|scope| {
            // SAFETY: it is freed once the wait has passed, which takes this release.
            scope.spawn(|| unsafe { &(*of_thread()).0 }.release(1));
            // SAFETY: the same for this tick.
            scope.spawn(|| unsafe { &(*of_thread()).1 }.tick());
            {
                // SAFETY: they are freed below.
                let (semaphore, countdown) = unsafe { &*objects };
                let one = semaphore.request(1);
                begun.store(true, Ordering::Release);
                wait_all(&[&one, countdown]);
                one.take().expect("it has passed").forget();
            }
            // SAFETY: it came from a box, and each thread has made its call take effect.
            drop(unsafe { Box::from_raw(objects) });
        });
    }
}

/// A wait for any that has passed by another object, whose request for three permits is still the first of this
/// semaphore.
fn ended(semaphore: &'static Semaphore) -> Task<impl Future<Output = usize>> {
    let other = event();
    let task = Task::pending(wait_any_async(&[request(semaphore, 3), other]));
    other.set();
    assert!(task.is_woken());
    task
}

/// It is in the queue until it is polled or dropped. What is there is not enough for it.
fn c204_a_wait_for_all_behind_a_request_that_has_ended_passes() {
    let on: &'static ManualResetEvent = kept(true.into());
    for form in BLOCKING.into_iter().chain(AT_ONCE) {
        let permits = semaphore(1, 9);
        let task = ended(permits);
        let one = request(permits, 1);
        assert!(form(&[one, on]) && one.take().is_some());
        drop(task);
    }
    // It ends when the other wait has begun.
    let (permits, other, last) = (semaphore(1, 9), event(), event());
    let any = Task::pending(wait_any_async(&[request(permits, 3), other]));
    let mut all = pending_all(&[request(permits, 1), last]);
    other.set();
    last.set();
    last.reset(); // it was the last object (205)
    assert!(all.poll().is_ready());
    drop(any);
    // The last set ends it.
    let (permits, last) = (semaphore(1, 9), kept(ManualResetEvent::from(false)));
    let any = Task::pending(wait_any_async(&[request(permits, 3), last]));
    let mut all = pending_all(&[request(permits, 1), last]);
    last.set();
    last.reset();
    assert!(all.poll().is_ready());
    drop(any);
}

/// Calls `act` while both semaphores have three permits, of which two are due to a task that they have not let pass yet:
/// in the waker of the task before it.
fn with_permits_due(both: [&'static Semaphore; 2], act: impl Fn() + Send + Sync + 'static) {
    let [first, second] = both;
    let of_second = Probe::with(move |it| {
        if it == Act::Wake {
            assert_eq!(both.map(Semaphore::count), [3, 3]);
            act();
        }
    });
    let of_first = Probe::with(move |it| {
        if it == Act::Wake {
            second.release(5);
        }
    });
    let probes = [of_first, of_second];
    let mut tasks = both.map(|it| [(); 2].map(|()| Box::pin(it.wait_many_async(2))));
    for (probe, [task, next]) in probes.iter().zip(&mut tasks) {
        assert!(probe.poll(task.as_mut()).is_pending());
        assert!(Probe::new().poll(next.as_mut()).is_pending());
    }
    first.release(5);
    assert!(probes.iter().all(|probe| probe.wakes() == 1));
}

fn c115_permits_that_are_due_to_others_are_there() {
    let both = [(); 2].map(|()| semaphore(0, 9));
    with_permits_due(both, move || {
        assert!(wait_all0(&both.map(|it| -> &dyn Signal { request(it, 1) })))
    });
}

fn c210_permits_that_are_due_to_others_are_there_at_the_deadline() {
    // The limit may pass before the permits are there.
    let passes_in_time = || {
        let both = [(); 2].map(|()| semaphore(0, 9));
        let waiter = thread::spawn(move || {
            wait_all_for(&both.map(|it| -> &dyn Signal { request(it, 1) }), 2 * SHORT)
        });
        let waiter = Arc::new(waiter);
        let is_over = Arc::clone(&waiter);
        wait_until(|| waits_for_all(both[0]) == 1 || is_over.is_finished());
        with_permits_due(both, move || wait_until(|| is_over.is_finished()));
        Arc::into_inner(waiter).unwrap().join().unwrap()
    };
    assert!((0..50).any(|_| passes_in_time()));
}

fn c208_a_wait_for_all_comes_before_a_wait_behind_a_request_that_has_ended() {
    let on: &'static ManualResetEvent = kept(true.into());
    let (permits, other) = (semaphore(0, 9), event());
    let any = Task::pending(wait_any_async(&[request(permits, 3), other]));
    let one = request(permits, 1);
    let mut all = pending_all(&[one, on]);
    let mut single = Task::pending(permits.wait_async());
    other.set();
    permits.release(1);
    assert!(all.poll().is_ready() && single.poll().is_pending());
    drop(one.take());
    assert!(single.poll().is_ready());
    drop(any);
}

/// The waker lets a later wait for all look for itself.
fn c208_a_wait_for_all_passes_before_the_waker_of_a_large_request() {
    let on: &'static ManualResetEvent = kept(true.into());
    let permits = semaphore(0, 9);
    let mut large = Box::pin(permits.wait_many_async(3));
    let later = Arc::new(Mutex::new(None::<Task<WaitAll>>));
    let is_early = Arc::new(AtomicBool::new(false));
    let probe = Probe::with({
        let (later, is_early) = (Arc::clone(&later), Arc::clone(&is_early));
        move |act| {
            if act == Act::Wake {
                let is_ready =
                    later.lock().unwrap().as_mut().is_some_and(|later| later.poll().is_ready());
                is_early.store(is_ready, Ordering::Relaxed);
            }
        }
    });
    assert!(probe.poll(large.as_mut()).is_pending());
    let mut first = pending_all(&[request(permits, 2), on]);
    later.lock().unwrap().replace(pending_all(&[request(permits, 2), on]));
    permits.release(5);
    assert!(probe.poll(large.as_mut()).is_ready() && first.poll().is_ready());
    assert!(!is_early.load(Ordering::Relaxed));
}
