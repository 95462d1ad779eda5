//! Contract 198 and what of 109-203 concerns semaphores and countdowns: waits for one of several objects among
//! which are requests of permits. `contract_countdown.rs` has what holds for whatever can be set and reset.

mod support;

use std::cell::RefCell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, ManualResetEvent, Part, Signal, Won};
use rsevents_extra::{
    Awaitable, CountdownEvent, Request, Semaphore, wait_any, wait_any_async, wait_any_for,
    wait_any_until, wait_any0,
};
use support::several::{pending_any, place, signals};
use support::{
    Act, FOREVER, Probe, Race, SHORT, Task, assert_panics, block_on, file_of_panic,
    mutual_exclusion, parked, release_races_timeout, rounds, scope, spin, unset, wait_until_parked,
    watchdog_tests,
};

watchdog_tests! {
    c218_a_thread_that_comes_after_a_request_has_ended_passes,
    c109_c198_the_guard_is_that_of_the_winner,
    c112_c198_a_parked_wait_gets_the_guard_of_the_winner,
    c78_c112_never_more_holders_than_permits_of_several_semaphores,
    c188_c198_a_request_that_is_dropped_gives_back,
    c190_c198_a_release_while_the_wait_leaves_is_not_lost,
    c203_a_release_against_a_timeout_is_taken_or_kept,
    c82a_c218_a_large_request_is_kept_until_its_wait_has_passed,
    c46_c112_a_countdown_that_is_reset_meanwhile,
    c58a_c189_a_countdown_that_is_reset_at_once_has_released_the_wait,
    c198_a_request_may_be_waited_for_several_times,
}

/// At once. The permits of the others are as they were.
fn c109_c198_the_guard_is_that_of_the_winner() {
    let [small, large] = [2, 5].map(|permits| Semaphore::new(permits, 5));
    let event: AutoResetEvent = unset();
    let [three, one, two] = [small.request(3), large.request(1), small.request(2)];
    let list: [&dyn Signal; 4] = [&event, &three, &one, &two];
    assert_eq!(wait_any(&list), 2);
    assert_eq!((small.count(), large.count()), (2, 4));
    assert!(three.take().is_none() && two.take().is_none());
    let guard = one.take().expect("the winner's");
    assert!(one.take().is_none(), "a second guard");
    assert_eq!(guard.permits(), 1);
    drop(guard);
    assert_eq!((small.count(), large.count()), (2, 5));

    // In each form.
    type Form = fn(&[&dyn Signal]) -> Option<usize>;
    let waits: [Form; 5] = [
        wait_any0,
        |list| wait_any_for(list, Duration::ZERO),
        |list| wait_any_for(list, FOREVER),
        |list| wait_any_until(list, Instant::now() + FOREVER),
        |list| Some(block_on(wait_any_async(list))),
    ];
    for wait in waits {
        assert_eq!(wait(&list), Some(2));
        assert!([&three, &two].into_iter().all(|request| request.take().is_none()));
        assert_eq!((small.count(), large.count()), (2, 4));
        assert_eq!(one.take().map(|guard| guard.permits()), Some(1));
        let request = small.request(3);
        assert_eq!(wait_any_for(&[&request, &event], SHORT), None);
        assert!(request.take().is_none());
        assert_eq!((small.count(), large.count()), (2, 5));
    }
}

/// A thread and a task.
fn c112_c198_a_parked_wait_gets_the_guard_of_the_winner() {
    let (left, right) = (Semaphore::new(0, 9), Semaphore::new(1, 9));
    let stop: ManualResetEvent = unset();
    for by_left in [true, false] {
        let [one, two] = [left.request(1), right.request(2)];
        let list: [&dyn Signal; 3] = [&one, &two, &stop];
        let release = || if by_left { left.release(1) } else { right.release(1) };
        let (request, other) = if by_left { (&one, &two) } else { (&two, &one) };
        let counts = (left.count(), right.count());
        let assert_won = |winner| {
            assert_eq!(winner, usize::from(!by_left));
            assert!(other.take().is_none());
            let guard = request.take().expect("the winner's");
            assert_eq!(guard.permits(), if by_left { 1 } else { 2 });
            assert_eq!((left.count(), right.count()), (0, u16::from(by_left)));
            // As before.
            guard.forget();
            assert!(request.take().is_none());
            if !by_left {
                right.release(1);
            }
            assert_eq!((left.count(), right.count()), counts);
        };
        scope(|scope| {
            let thread = scope.spawn(|| wait_any(&list));
            wait_until_parked(&stop, 1);
            assert_eq!((left.count(), right.count()), counts);
            release();
            assert_won(thread.join().unwrap());
        });
        let mut task = pending_any(&list);
        release();
        assert!(task.is_woken() && one.take().is_none() && two.take().is_none());
        assert_won(place(&mut task).expect("it was released"));
    }
}

/// With two semaphores and single waits. A guard is dropped with its request, or before.
fn c78_c112_never_more_holders_than_permits_of_several_semaphores() {
    for most in [1, 3] {
        let semaphores = [1, most - 1].map(|permits| Semaphore::new(permits, 3));
        mutual_exclusion(most.into(), 500, |critical_section| {
            let first = fastrand::usize(..2);
            let requests = [0, 1].map(|place| semaphores[(first + place) % 2].request(1));
            let list = signals(&requests);
            let single = match fastrand::u8(..5) {
                0 => {
                    wait_any(&list);
                    None
                }
                1 => {
                    block_on(wait_any_async(&list));
                    None
                }
                2 => {
                    let limit = || Duration::from_micros(fastrand::u64(..80));
                    while wait_any_for(&list, limit()).is_none() {}
                    None
                }
                3 => loop {
                    let mut task = Task::new(wait_any_async(&list));
                    if task.is_ready() {
                        break None;
                    }
                    spin(fastrand::usize(..500));
                    if fastrand::bool() && task.is_ready() {
                        break None;
                    }
                },
                _ => Some(semaphores[0].wait()),
            };
            let take = || requests.iter().find_map(Request::take);
            let guard = fastrand::bool().then(take).flatten();
            critical_section();
            drop((guard, single));
        });
        assert_eq!(semaphores.each_ref().map(Semaphore::count), [1, most - 1]);
        assert_eq!(semaphores.each_ref().map(parked), [0, 0]);
    }
}

/// Released or not, polled or not.
fn c188_c198_a_request_that_is_dropped_gives_back() {
    let (semaphore, event) = (Semaphore::new(0, 5), unset::<AutoResetEvent>());
    let request = semaphore.request(2);
    let mut behind = Task::pending(semaphore.wait_async());
    // Of a task that was released and is dropped.
    let task = pending_any(&[&request, &event]);
    semaphore.release(3);
    assert!(task.is_woken() && behind.is_woken() && behind.is_ready());
    assert_eq!(semaphore.count(), 1);
    drop(task);
    assert!(request.take().is_none());
    assert_eq!(semaphore.count(), 3);
    // Of one that has passed.
    assert_eq!(wait_any(&[&event, &request]), 1);
    assert_eq!(semaphore.count(), 1);
    drop(request);
    assert_eq!(semaphore.count(), 3);
    // Of one that has passed by another object.
    let request = semaphore.request(4);
    let mut task = pending_any(&[&request, &event]);
    event.set();
    assert_eq!(place(&mut task), Some(1));
    assert!(request.take().is_none());
    drop(task);
    drop(request);
    assert_eq!((semaphore.count(), parked(&semaphore)), (3, 0));
}

/// The event has released it, and it completes or is dropped meanwhile.
fn c190_c198_a_release_while_the_wait_leaves_is_not_lost() {
    let (semaphore, event) = (Semaphore::new(0, 2), unset::<AutoResetEvent>());
    let race = Race::new(20_000);
    let two = semaphore.request(2);
    let begin = || {
        let task = pending_any(&[&two, &event]);
        event.set();
        Some(task)
    };
    let task = RefCell::new(begin());
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                spin(fastrand::usize(..200));
                semaphore.release(2);
            };
            race.run(part, drop);
        });
        let part = |round| {
            let mut task = task.take().expect("begun");
            spin(fastrand::usize(..200));
            if round % 2 == 0 {
                assert_eq!(place(&mut task), Some(1));
            }
            drop(task);
            round
        };
        race.run(part, |round| {
            assert!(two.take().is_none());
            semaphore.try_wait0_many(2).expect("a release was lost").forget();
            assert_eq!((event.wait0(), parked(&semaphore)), (round % 2 == 1, 0));
            task.replace(begin());
        })
    });
    println!("{rounds} races");
}

fn c203_a_release_against_a_timeout_is_taken_or_kept() {
    let semaphore = Semaphore::new(0, 1);
    let event: AutoResetEvent = unset();
    let request = semaphore.request(1);
    release_races_timeout(
        10_000,
        &semaphore,
        |semaphore| semaphore.release(1),
        |_, limit| wait_any_for(&[&event, &request], limit).is_some(),
        |_, deadline| wait_any_until(&[&event, &request], deadline).is_some(),
        |semaphore, succeeded| {
            let guard = request.take();
            assert_eq!((guard.is_some(), semaphore.count()), (succeeded, u16::from(!succeeded)));
            let guard = guard.or_else(|| semaphore.try_wait0().ok());
            guard.expect("released").forget();
            assert_eq!((parked(semaphore), parked(&event)), (0, 0));
        },
    );
}

/// While it is the first one, nothing overtakes it. When its wait has passed by another object, others pass.
fn c82a_c218_a_large_request_is_kept_until_its_wait_has_passed() {
    let (semaphore, event) = (Semaphore::new(2, 4), unset::<AutoResetEvent>());
    let [large, one] = [semaphore.request(3), semaphore.request(1)];
    let mut task = pending_any(&[&large, &event]);
    let mut small = Task::pending(semaphore.wait_async());
    assert!(semaphore.try_wait0().is_err() && semaphore.wait_for(SHORT).is_err());
    assert_eq!((wait_any0(&[&one]), wait_any_for(&[&one, &event], SHORT)), (None, None));
    assert_eq!(semaphore.count(), 2);
    semaphore.release(1);
    assert!(task.is_woken() && !small.is_woken());
    assert_eq!((place(&mut task), semaphore.count()), (Some(0), 0));
    // Its guard is with the request.
    assert!(!small.is_ready());
    drop(large.take());
    assert!(small.is_woken() && small.is_ready());
    assert_eq!(semaphore.count(), 3);

    let four = semaphore.request(4);
    let mut task = pending_any(&[&four, &event]);
    let mut small = pending_any(&[&event, &one]);
    event.set();
    semaphore.release(0);
    assert_eq!(place(&mut task), Some(1));
    assert!(four.take().is_none() && small.is_woken());
    assert_eq!((place(&mut small), semaphore.count()), (Some(1), 2));
    drop(small);
    drop(one);
    assert_eq!(semaphore.count(), 3);
}

/// A proof that a wait has passed by something else makes no guard.
#[test]
fn c198_a_proof_of_another_wait_makes_no_guard() {
    /// Waits for one thing, and tells another that it has won.
    struct Forged<'a>(&'a dyn Signal, &'a dyn Signal);
    impl Signal for Forged<'_> {
        fn part(&self) -> Part<'_> {
            self.0.part()
        }
        fn won(&self, won: Won<'_>) {
            self.1.won(won);
        }
    }
    let [semaphore, other] = [(); 2].map(|()| Semaphore::new(5, 5));
    let (event, countdown) = (ManualResetEvent::from(true), CountdownEvent::new(0));
    let request = semaphore.request(2);
    let (same_number, other_number) = (other.request(2), semaphore.request(1));
    let nothing = semaphore.request(0);
    for source in [&event as &dyn Signal, &countdown, &same_number, &other_number, &nothing] {
        let forged = Forged(source, &request);
        assert_eq!(wait_any(&[&forged]), 0);
        assert_eq!(block_on(wait_any_async(&[&forged])), 0);
        assert!(request.take().is_none());
    }
    drop(request);
    // No guard has what those waits have taken.
    assert_eq!((semaphore.count(), other.count()), (3, 1));

    // One that has taken the same makes one.
    let [first, second] = [(); 2].map(|()| semaphore.request(2));
    assert_eq!(wait_any(&[&Forged(&first, &second)]), 0);
    assert!(first.take().is_none());
    assert_eq!(second.take().map(|guard| guard.permits()), Some(2));
    assert!(second.take().is_none());
    assert_eq!(semaphore.count(), 3);
}

/// They are more than the waiter behind them needs, and its waker panics.
#[test]
fn c198_a_dropped_request_gives_back_all_permits_although_a_waker_panics() {
    let semaphore = Semaphore::new(3, 3);
    let request = semaphore.request(1);
    for _ in 0..3 {
        assert_eq!(wait_any(&[&request]), 0);
    }
    let probe = Probe::with(|act| assert!(act != Act::Wake, "the waker"));
    let mut task = Box::pin(semaphore.wait_async());
    assert!(probe.poll(task.as_mut()).is_pending());
    assert_panics(|| drop(request), &["the waker"]);
    assert!(probe.poll(task.as_mut()).is_ready());
    drop(task);
    assert_eq!((semaphore.count(), semaphore.capacity()), (3, 3));
}

#[test]
fn c198_a_request_for_nothing_passes_at_once() {
    let semaphore = Semaphore::new(1, 2);
    let event: AutoResetEvent = unset();
    let nothing = semaphore.request(0);
    // Also if nothing overtakes the first one.
    let mut kept = Task::pending(semaphore.wait_many_async(2));
    assert_eq!(wait_any(&[&event, &nothing]), 1);
    assert_eq!(wait_any0(&[&nothing, &event]), Some(0));
    assert_eq!(block_on(wait_any_async(&[&event, &nothing])), 1);
    assert!((0..3).all(|_| nothing.take().is_some_and(|guard| guard.permits() == 0)));
    assert!(nothing.take().is_none() && !kept.is_ready());
}

#[test]
fn c181_c228_a_request_above_the_maximum_is_refused() {
    let (semaphore, none) = (Semaphore::new(1, 2), Semaphore::new(0, 0));
    let calls: [&dyn Fn(); 2] = [&|| drop(semaphore.request(3)), &|| drop(none.request(2))];
    for call in calls {
        assert_eq!(file_of_panic(call), file!());
    }
    assert_panics(calls[0], &["3", "2"]);
    let one = none.request(1);
    assert_eq!(wait_any_for(&[&one], SHORT), None);
    assert_eq!((semaphore.count(), none.count()), (1, 0));
}

/// By one thread after another, and by several at the same time.
fn c198_a_request_may_be_waited_for_several_times() {
    let (semaphore, event) = (Semaphore::new(4, 6), unset::<AutoResetEvent>());
    let two = semaphore.request(2);
    assert_eq!([(); 2].map(|()| wait_any(&[&two, &event])), [0, 0]);
    assert_eq!(wait_any0(&[&two, &two]), None);
    let guard = two.take().expect("the first");
    let taken = AtomicUsize::new(0);
    scope(|scope| {
        scope.spawn_each(4, || {
            assert_eq!(wait_any(&[&event, &two]), 1);
            let guard = two.take().expect("each wait leaves one");
            assert_eq!(guard.permits(), 2);
            taken.fetch_add(1, Ordering::Relaxed);
            drop(guard);
        });
        wait_until_parked(&event, 4);
        drop(guard);
    });
    assert_eq!((taken.into_inner(), semaphore.count()), (4, 2));
    drop(two);
    assert_eq!(semaphore.count(), 4);
}

/// Parked waits wait for the new count.
fn c46_c112_a_countdown_that_is_reset_meanwhile() {
    let [countdown, other] = [2, 1].map(CountdownEvent::new);
    scope(|scope| {
        let thread = scope.spawn(|| wait_any(&[&other, &countdown]));
        let mut task = pending_any(&[&countdown, &other]);
        wait_until_parked(&countdown, 2);
        countdown.tick();
        countdown.reset(3);
        countdown.increment();
        (0..3).for_each(|_| countdown.tick());
        assert!(!task.is_woken() && !task.is_ready() && parked(&countdown) == 2);
        countdown.reset(0);
        assert!(task.is_woken());
        assert_eq!((place(&mut task), thread.join().unwrap()), (Some(0), 1));
    });
    assert_eq!((countdown.count(), other.count()), (0, 1));
    assert_eq!((parked(&countdown), parked(&other)), (0, 0));
}

/// And one that begins later waits for the next zero.
fn c58a_c189_a_countdown_that_is_reset_at_once_has_released_the_wait() {
    for _ in 0..rounds(200) {
        let (countdown, event) = (CountdownEvent::new(1), unset::<AutoResetEvent>());
        scope(|scope| {
            let thread = scope.spawn(|| wait_any(&[&event, &countdown]));
            let mut task = pending_any(&[&countdown, &event]);
            wait_until_parked(&countdown, 2);
            countdown.tick();
            countdown.reset(1);
            let mut later = pending_any(&[&event, &countdown]);
            assert_eq!((place(&mut task), thread.join().unwrap()), (Some(0), 1));
            assert!(!later.is_woken() && !later.is_ready());
            event.set();
            assert_eq!(place(&mut later), Some(0));
        });
        assert_eq!((countdown.count(), parked(&countdown), parked(&event)), (1, 0, 0));
    }
}

#[test]
fn c157_sizes_and_traits_of_requests_for_several() {
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}
    check::<Request<'_>>();
    let semaphore = Semaphore::new(1, 1);
    assert_eq!(format!("{:?}", semaphore.request(1)), "Request { permits: 1, .. }");
}

/// The request has passed elsewhere, and is still the first in the queue.
fn c218_a_thread_that_comes_after_a_request_has_ended_passes() {
    let (semaphore, other) = (Semaphore::new(1, 9), AutoResetEvent::default());
    let three = semaphore.request(3);
    let any = Task::pending(wait_any_async(&[&three, &other]));
    other.set();
    drop(semaphore.wait());
    drop(any);
}
