//! Contract 1-36, 85, 86, 99, 102 and 218-223 on an event, or on what behaves like one. Where a case is about one
//! of the two, the test is for that.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use rsevents::{
    AutoResetEvent, Signal, wait_all_for, wait_all_until, wait_all0, wait_any_async, wait_any_for,
    wait_any0,
};

use super::limits::{holder_starves_none, set_and_reset};
use super::{
    Event, FOREVER, Plain, Probe, Race, Task, Wait, mutual_exclusion, parked,
    release_races_timeout, released_from_the_queue, rounds, scope, set, spin, unset, wait,
    wait_until, wait_until_parked,
};

/// Every sequence of five calls on one thread. After each call `is_set` agrees, and takes nothing.
pub(crate) fn c01_c02_c03_c04_c05_c20_c21_c22_c102_calls_agree_with_a_boolean<E: Event>() {
    let waits: [Wait<E>; 5] = [
        |event| event.wait0(),
        |event| event.wait_for(Duration::ZERO),
        |event| event.wait_for(Duration::from_nanos(100)),
        |event| event.wait_until(Instant::now()),
        |event| event.is_set() && wait(event),
    ];
    let choices = 2 + waits.len();
    for initial in [true, false] {
        for sequence in 0..choices.pow(5) {
            let (event, mut is_set) = (E::new(initial), initial);
            for place in 0..5 {
                match sequence / choices.pow(place) % choices {
                    0 => {
                        event.set();
                        is_set = true;
                    }
                    1 => {
                        event.reset();
                        is_set = false;
                    }
                    call => {
                        let succeeded = waits[call - 2](&event);
                        assert_eq!(succeeded, is_set, "call {place} of sequence {sequence}");
                        is_set &= !E::CONSUMES;
                    }
                }
                assert_eq!(event.is_set(), is_set, "after call {place} of sequence {sequence}");
            }
        }
    }
}

/// In each round `waiters` threads are parked on a new event, and `release` releases all of them and leaves the
/// event as `is_set` says.
fn released<E: Event>(times: usize, waiters: usize, is_set: bool, release: fn(&E)) {
    for _ in 0..rounds(times) {
        let event: E = unset();
        released_from_the_queue(&event, &vec![wait; waiters], || release(&event));
        assert_eq!(event.wait0(), is_set);
    }
}

/// And the event is unset afterwards: no other thread gets what is handed off.
pub(crate) fn c06_c07_c08_k_sets_release_k_of_n_parked_waiters<E: Event>() {
    for (n, k) in (0..=8).map(|k| (8, k)).chain([(1, 1)]).chain([(2, 2); 200]) {
        let event: E = unset();
        let released = AtomicUsize::new(0);
        scope(|scope| {
            scope.spawn_each(n, || {
                event.wait();
                released.fetch_add(1, Ordering::Relaxed);
            });
            wait_until_parked(&event, n);
            (0..k).for_each(|_| event.set());
            assert!(!event.wait0());
            assert_eq!(parked(&event), n - k);
            wait_until(|| released.load(Ordering::Relaxed) == k);
            assert!(!event.wait0());
            assert_eq!(parked(&event), n - k);
            (k..n).for_each(|_| event.set());
        });
        assert_eq!(released.into_inner(), n);
        assert!(!event.wait0());
    }
}

pub(crate) fn c09_parked_waiters_are_released_in_fifo_order<E: Event>() {
    const N: usize = 5;
    let event: E = unset();
    let released = AtomicUsize::new(0);
    scope(|scope| {
        for place in 0..N {
            let (event, released) = (&event, &released);
            scope.spawn(move || {
                event.wait();
                assert_eq!(released.fetch_add(1, Ordering::Relaxed), place);
            });
            wait_until_parked(event, place + 1);
        }
        for place in 0..N {
            event.set();
            wait_until(|| released.load(Ordering::Relaxed) == place + 1);
        }
    });
}

pub(crate) fn c10_c99_a_reset_does_not_undo_the_set_of_a_parked_waiter<E: Event>() {
    released(200, 1, false, set_and_reset::<E>);
}

pub(crate) fn c25_c99_set_and_reset_release_all_parked_waiters<E: Event>() {
    released(50, 8, false, set_and_reset::<E>);
}

pub(crate) fn c12_two_sets_against_a_timed_wait_leave_at_most_one<E: Event>() {
    for _ in 0..rounds(500) {
        let event: E = unset();
        let succeeded = scope(|scope| {
            let waiter = scope.spawn(|| event.wait_for(Duration::from_micros(50)));
            event.set();
            event.set();
            waiter.join().unwrap()
        });
        let is_left = event.wait0();
        assert!(succeeded || is_left);
        assert!(!event.wait0(), "a set that was never made");
    }
}

pub(crate) fn c18_a_reset_leaves_waiters_parked_for_the_next_set<E: Event>() {
    released(1, 2, false, |event: &E| {
        event.reset();
        assert_eq!(parked(event), 2);
        event.set();
        assert_eq!(parked(event), 1);
        event.reset();
        assert_eq!(parked(event), 1);
        event.set();
    });
}

pub(crate) fn c23_c24_one_set_releases_parked_and_later_waiters<E: Event>() {
    released(1, 16, true, |event: &E| {
        event.set();
        assert_eq!(parked(event), 0);
        scope(|scope| scope.spawn_each(4, || event.wait()));
    });
}

pub(crate) fn c26_a_wait_not_yet_queued_may_miss_set_and_reset_but_not_the_next_set<E: Event>() {
    for _ in 0..rounds(200) {
        let event: E = unset();
        scope(|scope| {
            scope.spawn(|| event.wait());
            event.set();
            event.reset();
            event.set();
        });
    }
}

pub(crate) fn c34_ten_sets_release_ten_waiters<E: Event>() {
    for _ in 0..rounds(20) {
        let event: E = unset();
        let left = AtomicUsize::new(0);
        scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| {
                    event.wait();
                    left.fetch_add(1, Ordering::Relaxed);
                });
                scope.spawn(|| event.set());
            }
            wait_until(|| left.load(Ordering::Relaxed) == 10);
        });
        assert!(event.wait0());
    }
}

pub(crate) fn c11_c27_c99_a_set_against_the_only_timeout_is_taken_or_kept<E: Event>() {
    let event: E = unset();
    release_races_timeout(
        20_000,
        &event,
        E::set,
        |event, limit| event.wait_for(limit),
        |event, deadline| event.wait_until(deadline),
        |event, succeeded| {
            assert_eq!(event.wait0(), !(succeeded && E::CONSUMES), "taken twice, or lost");
            event.reset();
        },
    );
}

pub(crate) fn c13_c14_wait0_on_a_set_event_never_fails_under_contention<E: Event>() {
    let rounds = rounds(50_000);
    let event: E = set();
    scope(|scope| {
        for _ in 0..16 {
            scope.repeat(|| event.set());
        }
        for _ in 0..rounds {
            assert!(event.wait0());
            event.set();
        }
    });
    println!("{rounds} rounds");
}

pub(crate) fn c15_auto_event_as_a_mutex<E: Event>() {
    let mutex: E = set();
    mutual_exclusion(1, 3_000, |critical_section| {
        match fastrand::u8(..3) {
            0 => mutex.wait(),
            1 => while !mutex.wait_for(Duration::from_micros(fastrand::u64(..80))) {},
            _ => wait_until(|| mutex.wait0()),
        }
        critical_section();
        mutex.set();
    });
    assert!(mutex.wait0());
    assert!(!mutex.wait0());
}

pub(crate) fn c17_each_set_is_taken_once_by_short_timeouts<E: Event>() {
    let sets = rounds(5_000);
    let event: E = unset();
    let taken = AtomicUsize::new(0);
    scope(|scope| {
        for _ in 0..4 {
            scope.repeat(|| {
                if event.wait_for(Duration::from_micros(fastrand::u64(1..50))) {
                    taken.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for set in 1..=sets {
            event.set();
            wait_until(|| taken.load(Ordering::Relaxed) >= set);
            assert_eq!(taken.load(Ordering::Relaxed), set);
        }
    });
    assert_eq!(taken.into_inner(), sets);
    assert!(!event.wait0());
    println!("{sets} sets");
}

/// With each kind of wait. In the last calls, threads that are parked.
pub(crate) fn c16_c31_c85_c86_ping_pong_alternates_strictly_and_publishes<E: Event>() {
    let waits: [Wait<E>; 4] = [
        |event| event.wait0(),
        |event| event.wait_for(Duration::from_micros(10)),
        wait,
        |event| event.try_wait().is_ok(),
    ];
    for wait in waits {
        ping_pong(1_000, usize::MAX, wait);
    }
    ping_pong::<E>(20_000, 100, wait);
    ping_pong::<E>(1_000, 1, wait);
}

/// Two threads and two events, and plain memory that tells whose turn it is, and that only the events order. In
/// every `parking`th round each thread waits until the other one is parked before it sets, otherwise it sets at
/// once.
fn ping_pong<E: Event>(times: usize, parking: usize, wait: Wait<E>) {
    let rounds = rounds(times);
    let events: [E; 2] = [unset(), unset()];
    let turn = Plain::default();
    let take_turns = |player: usize| {
        let (mine, other) = (&events[player], &events[1 - player]);
        for round in 0..rounds {
            wait_until(|| wait(mine));
            assert_eq!(turn.get(), 2 * round + player, "woken out of turn");
            turn.set(turn.get() + 1);
            // After the accesses, because a reset acquires too.
            if !E::CONSUMES {
                mine.reset();
            }
            if (round + 1) % parking == 0 && round + player + 1 < rounds {
                wait_until_parked(other, 1);
            }
            other.set();
        }
    };
    scope(|scope| {
        scope.spawn(|| take_turns(1));
        events[0].set();
        take_turns(0);
    });
    assert_eq!(turn.get(), 2 * rounds);
    // The last turn's set is left.
    assert!(events[0].is_set() && !events[1].is_set());
    println!("{rounds} rounds");
}

/// In every other round the first wait is parked. In some, the second one is long enough to park.
pub(crate) fn c30_c32_a_wait_after_the_reset_is_not_released_by_the_set_before<E: Event>() {
    let event: E = unset();
    let race = Race::new(2_000);
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |round| {
                event.wait();
                event.reset();
                let limit = if round % 40 == 0 { 100_000 } else { 500 };
                let again = event.wait_for(Duration::from_nanos(limit));
                assert!(!again, "released by the set before");
            };
            race.run(part, drop);
        });
        let part = |round| {
            if round % 2 == 0 {
                wait_until_parked(&event, 1);
            }
            event.set();
        };
        race.run(part, |()| assert!(!event.is_set()))
    });
    println!("{rounds} rounds");
}

pub(crate) fn c33_the_last_set_or_reset_decides<E: Event>() {
    const WAITERS: usize = 3;
    let rounds = rounds(30);
    for _ in 0..rounds {
        let event: E = unset();
        let (stop, left) = (AtomicBool::new(false), AtomicUsize::new(0));
        let wait_again_and_again = || {
            while !stop.load(Ordering::Relaxed) {
                event.wait_for(Duration::from_micros(fastrand::u64(..30)));
            }
            event.wait();
            left.fetch_add(1, Ordering::Relaxed);
        };
        let set_and_reset = || {
            for _ in 0..1_000 {
                if fastrand::bool() {
                    event.set()
                } else {
                    event.reset()
                }
                spin(fastrand::usize(..50));
            }
        };
        scope(|scope| {
            scope.spawn_each(WAITERS, wait_again_and_again);
            let setters = [(); 3].map(|()| scope.spawn(set_and_reset));
            setters.into_iter().for_each(|setter| setter.join().unwrap());
            event.reset();
            assert!(!event.wait0());
            stop.store(true, Ordering::Relaxed);
            wait_until_parked(&event, WAITERS);
            assert!(!event.wait0());
            event.set();
            assert!(event.wait0());
            assert_eq!(parked(&event), 0);
            wait_until(|| left.load(Ordering::Relaxed) == WAITERS);
        });
        assert!(event.wait_for(FOREVER));
    }
    println!("{rounds} rounds");
}

/// Long enough to queue.
const BRIEF: Duration = Duration::from_micros(50);

/// Parks `waiters` threads that make this wait, calls `race`, and repeats that until it returns `true`.
fn until_barged<E: Event>(
    waiters: usize,
    wait: Wait<E>,
    race: impl Fn(&E, Vec<ScopedJoinHandle<'_, bool>>) -> bool,
) {
    wait_until(|| {
        let event: E = unset();
        scope(|scope| {
            let waiters = (0..waiters).map(|parked| {
                let waiter = scope.spawn(|| wait(&event));
                wait_until(|| self::parked(&event) > parked || waiter.is_finished());
                waiter
            });
            race(&event, waiters.collect())
        })
    });
}

pub(crate) fn c218_each_set_releases_one_wait_with_barging_and_without<E: Event>() {
    const WAITERS: usize = 4;
    const SETS: usize = 3;
    until_barged(WAITERS, wait, |event: &E, _| {
        let mut barged = 0;
        for _ in 0..SETS {
            event.set();
            barged += usize::from(event.wait_for(BRIEF));
        }
        wait_until_parked(event, WAITERS + barged - SETS);
        assert!(!event.wait0());
        assert_eq!(parked(event), WAITERS + barged - SETS, "one set released two waits");
        while parked(event) > 0 {
            event.set();
        }
        barged > 0
    });
}

/// 98, too: after two more sets its wait has succeeded, and the event is set.
pub(crate) fn c219_c221_a_waiter_whose_set_was_taken_still_waits_and_counts<E: Event>() {
    until_barged(1, wait, |event: &E, waiters| {
        event.set();
        let has_barged = event.wait_for(BRIEF);
        if has_barged {
            event.set();
            event.set();
        }
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
        assert_eq!(event.wait0(), has_barged, "two sets merged, or one is lost");
        assert!(!event.wait0());
        has_barged
    });
}

pub(crate) fn c220_after_the_event_was_seen_unset_no_wait_barges<E: Event>() {
    let see_unset: [fn(&E); 13] = [
        |event| assert!(!event.wait0()),
        |event| assert!(!event.is_set()),
        |event| assert!(!event.wait_for(Duration::ZERO)),
        |event| assert!(!event.wait_until(Instant::now())),
        |event| assert_eq!(pin!(event.wait_async()).block_for(Duration::ZERO), None),
        |event| assert_eq!(pin!(event.wait_async()).block_until(Instant::now()), None),
        |event| assert_eq!(wait_any0(&[event]), None),
        |event| assert_eq!(wait_any_for(&[event], Duration::ZERO), None),
        |event| assert!(!wait_all0(&[event])),
        |event| assert!(!wait_all_for(&[&AutoResetEvent::from(true), event], Duration::ZERO)),
        |event| assert!(!wait_all_until(&[event], Instant::now())),
        |event| assert!(format!("{event:?}").contains("Unset")),
        |event| event.reset(),
    ];
    for _ in 0..rounds(5) {
        for see_unset in see_unset {
            until_barged(1, wait, |event: &E, waiters| {
                event.set();
                see_unset(event);
                assert!(!event.wait_for(BRIEF), "took a set of an event that had been seen unset");
                waiters.into_iter().all(|waiter| waiter.join().unwrap())
            });
        }
    }
}

/// The task is behind the called waiter, and its limit has not passed at its first check.
pub(crate) fn c220_after_a_task_has_found_the_event_unset_no_wait_barges<E: Event>() {
    let checks: [fn(&mut Task<rsevents::Wait<'_>>); 5] = [
        |task| assert!(!task.is_ready()),
        |task| assert!(Probe::new().poll(task.future.as_mut()).is_pending()),
        |task| assert!(!task.future.as_mut().enqueue()),
        |task| assert_eq!(task.future.as_mut().block_for(Duration::from_nanos(1)), None),
        |task| {
            assert!(!task.is_ready());
            assert_eq!(task.future.as_mut().block_for(Duration::ZERO), None);
        },
    ];
    for _ in 0..rounds(5) {
        for check in checks {
            until_barged(1, wait, |event: &E, waiters| {
                let mut task = Task::pending(event.wait_async());
                event.set();
                check(&mut task);
                assert!(!event.wait_for(BRIEF), "took a set that a wait before it did not get");
                assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
                event.set();
                assert!(task.is_ready());
                true
            });
        }
    }
}

/// Its wait is dropped behind the called waiter, and before another one or not.
pub(crate) fn c220_after_a_task_has_given_up_no_wait_barges<E: Event>() {
    for round in 0..rounds(20) {
        until_barged(1, wait, |event: &E, waiters| {
            let dropped = Task::pending(event.wait_async());
            let behind = (round % 2 == 0).then(|| Task::pending(event.wait_async()));
            event.set();
            drop(dropped);
            assert!(!event.wait_for(BRIEF), "took a set that a wait before it did not get");
            assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
            event.set();
            assert!(behind.map_or_else(|| event.wait0(), |mut behind| behind.is_ready()));
            true
        });
    }
}

/// It is behind the called waiter. It is polled, or dropped.
pub(crate) fn c220_after_a_wait_for_several_has_checked_or_given_up_no_wait_barges<E: Event>() {
    let quiet: E = unset();
    for round in 0..rounds(20) {
        until_barged(1, wait, |event: &E, waiters| {
            let [mut checks, gives_up] = [[&quiet as &dyn Signal, event], [event, &quiet]]
                .map(|list| Task::pending(wait_any_async(&list)));
            event.set();
            if round % 2 == 0 {
                assert!(!checks.is_ready());
            } else {
                drop(gives_up);
            }
            assert!(!event.wait_for(BRIEF), "took a set that a wait before it did not get");
            assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
            event.set();
            assert_eq!(checks.poll(), Poll::Ready(1));
            true
        });
    }
}

/// At its first check, as any other blocking wait. One that is queued does not.
pub(crate) fn c219_a_wait_for_several_takes_an_offered_set<E: Event>() {
    let quiet: E = unset();
    until_barged(1, wait, |event: &E, waiters| {
        event.set();
        let has_barged = wait_any_for(&[&quiet, event], BRIEF).is_some();
        if has_barged {
            event.set();
        }
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
        assert!(!event.wait0(), "one set released two waits");
        has_barged
    });
}

/// The set is for the thread before it, also while that is on its way.
pub(crate) fn c220_a_wait_for_several_whose_time_runs_out_takes_nothing<E: Event>() {
    for _ in 0..rounds(100) {
        let [event, quiet]: [E; 2] = [unset(), unset()];
        scope(|scope| {
            let first = scope.spawn(|| event.wait_for(FOREVER));
            wait_until_parked(&event, 1);
            let several = scope.spawn(|| {
                let limit = Duration::from_micros(fastrand::u64(50..300));
                wait_any_for(&[&quiet, &event], limit)
            });
            wait_until(|| parked(&event) == 2 || several.is_finished());
            spin(fastrand::usize(..5_000));
            event.set();
            assert_eq!(several.join().unwrap(), None);
            assert!(first.join().unwrap());
        });
    }
}

/// If all of its objects are there, as any other blocking wait.
pub(crate) fn c208_c219_a_wait_for_all_takes_an_offered_set<E: Event>() {
    until_barged(1, wait, |event: &E, waiters| {
        let other = AutoResetEvent::from(false);
        event.set();
        assert!(!wait_all_for(&[event, &other], Duration::from_nanos(1)));
        other.set();
        let has_barged = wait_all_for(&[&other, event], BRIEF);
        assert_eq!(other.is_set(), !has_barged);
        if has_barged {
            event.set();
        }
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
        assert!(!event.wait0(), "one set released two waits");
        has_barged
    });
}

pub(crate) fn c222_a_thread_that_takes_again_at_once_does_not_starve_others<E: Event>() {
    let hold = |mutex: &E, time| {
        mutex.wait();
        thread::sleep(time);
        mutex.set();
    };
    let take_for = |mutex: &E, limit| {
        let is_taken = mutex.wait_for(limit);
        if is_taken {
            mutex.set();
        }
        is_taken
    };
    holder_starves_none(set::<E>, hold, |mutex| !mutex.is_set(), take_for);
}

pub(crate) fn c223_a_barged_wait_times_out_and_consumes_nothing<E: Event>() {
    let wait: Wait<E> = |event| event.wait_for(Duration::from_millis(20));
    until_barged(1, wait, |event: &E, waiters| {
        event.set();
        let has_barged = event.wait_for(BRIEF);
        for waiter in waiters {
            let succeeded = waiter.join().unwrap();
            assert_eq!(succeeded, !has_barged && !event.wait0());
        }
        assert!(!event.wait0());
        has_barged
    });
}

pub(crate) fn c223_a_task_takes_an_offered_set_at_its_limit<E: Event>() {
    until_barged(1, wait, |event: &E, waiters| {
        let mut task = Task::pending(event.wait_async());
        event.set();
        let has_barged = task.future.as_mut().block_for(Duration::ZERO).is_some();
        assert!(!event.wait0());
        if has_barged {
            event.set();
        }
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
        assert!(!event.wait0());
        has_barged
    });
}
