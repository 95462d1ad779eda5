//! Contract 59-83, and what of 90-106 concerns the semaphore. The number is in each test's name.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents_extra::{Awaitable, Semaphore, SemaphoreGuard, TimeoutError};
use support::{
    Aim, FOREVER, Plain, Race, SHORT, freed_by_its_waiter, has_failed, limits, panic_of, parked,
    parked_in, queues, random_limit, rounds, scope, wait_until, wait_until_parked, watched,
    with_locked,
};

/// Takes all permits that there are, and says how many.
fn drain(semaphore: &Semaphore) -> Vec<SemaphoreGuard<'_>> {
    std::iter::from_fn(|| semaphore.try_wait0().ok()).collect()
}

#[test]
fn c59_new() {
    assert_eq!(Semaphore::new(2, 5).count(), 2);
    assert_eq!(Semaphore::new(5, 5).count(), 5);
    assert_eq!(Semaphore::new(2, 5).max(), 5);
    let empty = Semaphore::new(0, 0);
    assert!(empty.try_wait0().is_err());
    assert!(empty.wait_for(SHORT).is_err());
    assert!(!empty.try_release(1));
    let message = panic_of(|| drop(Semaphore::new(5, 2)));
    assert!(message.contains('5') && message.contains('2'), "{message}");
}

#[test]
fn c60_c61_as_many_waits_as_permits() {
    let semaphore = Semaphore::new(3, 3);
    let mut guards = Vec::new();
    for left in (0..3).rev() {
        guards.push(semaphore.wait());
        assert_eq!(semaphore.count(), left);
    }
    assert!(semaphore.try_wait0().is_err());
    assert!(semaphore.wait_for(SHORT).is_err());
    assert_eq!(semaphore.count(), 0);
    for back in 1..=3 {
        drop(guards.pop());
        assert_eq!(semaphore.count(), back);
    }
}

#[test]
fn c62_release_many() {
    let semaphore = Semaphore::new(0, 10);
    semaphore.release(3);
    assert_eq!(drain(&semaphore).len(), 3);
    semaphore.release(1);
    semaphore.release(1);
    assert_eq!(semaphore.count(), 5);
}

#[test]
fn c63_c65_beyond_the_maximum_changes_nothing() {
    let semaphore = Semaphore::new(1, 3);
    let message = panic_of(|| semaphore.release(3));
    assert!(message.contains('4') && message.contains('3'), "{message}");
    assert_eq!(semaphore.count(), 1);
    assert!(!semaphore.try_release(3));
    assert_eq!(semaphore.count(), 1);
    assert!(semaphore.try_release(2), "room for an exact fill");
    assert_eq!(semaphore.count(), 3);
    assert!(!semaphore.try_release(1));
    assert_eq!(drain(&semaphore).len(), 3);
}

#[test]
fn c64_overflowing_releases_are_refused() {
    let semaphore = Semaphore::new(5, u16::MAX);
    assert!(!semaphore.try_release(u16::MAX));
    let message = panic_of(|| semaphore.release(u16::MAX));
    assert!(message.contains("65540"), "{message}");
    assert_eq!(semaphore.count(), 5);
    assert!(semaphore.try_release(u16::MAX - 5));
    assert_eq!(semaphore.count(), u16::MAX);
}

#[test]
fn c66_release_of_nothing_does_nothing() {
    watched(|| {
        let semaphore = Semaphore::new(0, 1);
        scope(|scope| {
            let waiter = scope.spawn(|| semaphore.wait_for(FOREVER).map(SemaphoreGuard::forget));
            wait_until_parked(&semaphore, 1);
            semaphore.release(0);
            assert!(semaphore.try_release(0));
            assert_eq!(parked(&semaphore), 1);
            semaphore.release(1);
            assert!(waiter.join().unwrap().is_ok());
        });
    });
    let full = Semaphore::new(1, 1);
    full.release(0);
    assert!(full.try_release(0));
}

#[test]
fn c67_held_permits_count_towards_the_maximum() {
    let semaphore = Semaphore::new(1, 1);
    let guard = semaphore.wait();
    assert!(!semaphore.try_release(1));
    drop(guard);
    assert_eq!(semaphore.count(), 1);
}

#[test]
fn c68_c69_c70_modify() {
    let mut semaphore = Semaphore::new(2, 5);
    assert!(semaphore.try_modify(2));
    assert_eq!(semaphore.count(), 4);
    assert!(!semaphore.try_modify(2));
    let message = panic_of(|| semaphore.modify(2));
    assert!(message.contains('6') && message.contains('5'), "{message}");
    assert_eq!(semaphore.count(), 4);
    semaphore.modify(-3);
    assert_eq!(semaphore.count(), 1);
    assert!(!semaphore.try_modify(-2));
    assert!(!semaphore.try_modify(i16::MIN));
    let message = panic_of(|| semaphore.modify(-2));
    assert!(message.contains('2') && message.contains('1'), "{message}");
    assert_eq!(semaphore.count(), 1);
    semaphore.modify(0);
    semaphore.modify(4);
    assert_eq!(drain(&semaphore).len(), 5);
}

#[test]
fn c71_k_blocked_and_k_released() {
    watched(|| {
        const K: u16 = 6;
        for at_once in [true, false] {
            let semaphore = Semaphore::new(0, K);
            scope(|scope| {
                for _ in 0..K {
                    scope.spawn(|| semaphore.wait().forget());
                }
                wait_until_parked(&semaphore, K.into());
                if at_once {
                    semaphore.release(K);
                } else {
                    (0..K).for_each(|_| semaphore.release(1));
                }
            });
            assert_eq!(semaphore.count(), 0);
        }
    });
}

/// Eight threads that take, eight permits that come one by one: each thread gets one, each round.
#[test]
fn c72_no_lost_wake_up() {
    watched(|| {
        const N: u16 = 8;
        let rounds = rounds(2_000);
        let semaphore = Semaphore::new(0, N);
        let served = AtomicUsize::new(0);
        scope(|scope| {
            for _ in 0..N {
                scope.spawn(|| {
                    for round in 1..=rounds {
                        semaphore.wait().forget();
                        served.fetch_add(1, Ordering::AcqRel);
                        wait_until(|| served.load(Ordering::Acquire) >= round * usize::from(N));
                    }
                });
            }
            for round in 1..=rounds {
                (0..N).for_each(|_| semaphore.release(1));
                wait_until(|| served.load(Ordering::Acquire) >= round * usize::from(N));
            }
        });
        assert_eq!(semaphore.count(), 0);
        println!("c72: {rounds} rounds");
    });
}

/// Timed waiters, bursts of releases, forgets and drops, and one waiter without a limit, which a lost
/// wake-up would leave asleep. At the end, each permit is accounted for.
#[test]
fn c73_no_lost_wake_up_with_timed_waiters() {
    watched(|| {
        let releases = rounds(20_000);
        let semaphore = Semaphore::new(0, 1_000);
        let (released, forgotten) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let stop = AtomicBool::new(false);
        scope(|scope| {
            let timed = [0, 1, 2, 3].map(|seed| {
                let (semaphore, forgotten, stop) = (&semaphore, &forgotten, &stop);
                scope.spawn(move || {
                    let mut random = fastrand::Rng::with_seed(seed);
                    while !stop.load(Ordering::Relaxed) {
                        let limit = if random.bool() { 1..60 } else { 40..200 };
                        let limit = Duration::from_micros(random.u64(limit));
                        let permits = random.u16(1..=3);
                        let guard = semaphore.wait_many_for(permits, limit);
                        if let Some(guard) = guard.ok().filter(|_| random.bool()) {
                            guard.forget();
                            forgotten.fetch_add(permits.into(), Ordering::Relaxed);
                        }
                    }
                })
            });
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    drop(semaphore.wait());
                }
            });
            let mut random = fastrand::Rng::with_seed(73);
            while released.load(Ordering::Relaxed) < releases {
                let burst = random.u16(1..20);
                if semaphore.try_release(burst) {
                    released.fetch_add(burst.into(), Ordering::Relaxed);
                } else {
                    thread::yield_now(); // all thousand are there, for others to take
                }
            }
            stop.store(true, Ordering::Relaxed);
            for waiter in timed {
                waiter.join().unwrap();
            }
            // Only the waiter without a limit is left, and it needs at most one more permit. If there is
            // one, it must not need another.
            if semaphore.count() == 0 {
                semaphore.release(1);
                released.fetch_add(1, Ordering::Relaxed);
            }
        });
        let (released, forgotten) = (released.into_inner(), forgotten.into_inner());
        assert_eq!(released, forgotten + drain(&semaphore).len());
        println!("c73: {released} released, {forgotten} forgotten");
    });
}

#[test]
fn c74_permits_are_taken_in_a_storm_of_short_waits() {
    watched(|| {
        let semaphore = Semaphore::new(0, 100);
        let left = AtomicUsize::new(100);
        scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while left.load(Ordering::Relaxed) > 0 {
                        if let Ok(guard) = semaphore.wait_for(Duration::from_micros(1)) {
                            guard.forget();
                            left.fetch_sub(1, Ordering::Relaxed);
                        }
                    }
                });
            }
            semaphore.release(100);
        });
        assert_eq!(semaphore.count(), 0);
    });
}

/// Wakes a waiter for a permit that it cannot get: the releasing thread has to wait for the lock of the
/// waiter's queue until another thread, this one, has taken the permit.
fn wake_and_rob(semaphore: &Semaphore) {
    let Some(queue) = queues(semaphore).find(|queue| parked_in(*queue) > 0) else { return };
    scope(|scope| {
        with_locked(queue, |parked| {
            if parked > 0 {
                scope.spawn(|| semaphore.release(1));
                while semaphore.try_wait0().map(SemaphoreGuard::forget).is_err() && !has_failed() {
                    thread::yield_now();
                }
            }
        });
    });
}

#[test]
fn c75_one_deadline_however_often_it_is_woken() {
    watched(|| {
        let semaphore = Semaphore::new(0, 1);
        let wait = |limit| semaphore.wait_for(limit).map(SemaphoreGuard::forget).is_ok();
        let rob = || wake_and_rob(&semaphore);
        assert!(limits::keeps_one_deadline(&semaphore, wait, rob), "no permit was robbed");
    });
}

#[test]
fn c76_a_release_that_returned_beats_later_deadlines() {
    watched(|| {
        let wait = |semaphore: &Semaphore, deadline| {
            semaphore.wait_until(deadline).map(SemaphoreGuard::forget).is_ok()
        };
        for n in [1, 8] {
            let new = || Semaphore::new(0, n);
            let release = |semaphore: &Semaphore| semaphore.release(n);
            limits::release_beats_later_deadlines(n.into(), new, wait, release);
        }
    });
}

/// 76 where it is close: a release aimed at the deadline of the only waiter.
#[test]
fn c76_a_release_just_before_the_deadline_wins() {
    watched(|| {
        let semaphore = Semaphore::new(0, 1);
        let (race, aim) = (Race::new(20_000), Aim::default());
        let (epoch, released_at) = (Instant::now(), AtomicU64::new(0));
        let nanos = |at: Instant| u64::try_from((at - epoch).as_nanos()).unwrap();
        scope(|scope| {
            scope.spawn(|| {
                let mut random = fastrand::Rng::with_seed(76);
                let part = |_| {
                    aim.wait(&mut random);
                    semaphore.release(1);
                    released_at.store(nanos(Instant::now()), Ordering::Relaxed);
                };
                race.run(part, drop);
            });
            let mut random = fastrand::Rng::with_seed(77);
            let part = |_| {
                let deadline = Instant::now() + Duration::from_nanos(random.u64(500..3_000));
                let taken = semaphore.wait_until(deadline).map(SemaphoreGuard::forget).is_ok();
                aim.learn(taken);
                (deadline, taken)
            };
            race.run(part, |(deadline, taken)| {
                let in_time = released_at.load(Ordering::Relaxed) < nanos(deadline);
                assert!(taken || !in_time, "a release before the deadline was missed");
                assert_eq!(semaphore.count(), u16::from(!taken));
                if !taken {
                    semaphore.wait().forget();
                }
            });
        });
    });
}

#[test]
fn c77_as_many_succeed_as_there_are_releases() {
    watched(|| {
        for (initial, released) in [(0, 25_u16), (5, 0)] {
            let semaphore = Semaphore::new(initial, 50);
            let (succeeded, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
            scope(|scope| {
                for _ in 0..50 {
                    scope.spawn(|| {
                        // Again and again, until all permits are known to be gone.
                        while semaphore
                            .wait_for(Duration::from_millis(1))
                            .map(SemaphoreGuard::forget)
                            .is_err()
                        {
                            if succeeded.load(Ordering::Relaxed) == usize::from(initial + released)
                            {
                                failed.fetch_add(1, Ordering::Relaxed);
                                return;
                            }
                        }
                        succeeded.fetch_add(1, Ordering::Relaxed);
                    });
                }
                (0..released).for_each(|_| semaphore.release(1));
            });
            assert_eq!(succeeded.into_inner(), usize::from(initial + released));
            assert_eq!(failed.into_inner(), 50 - usize::from(initial + released));
            assert_eq!(semaphore.count(), 0);
        }
        let semaphore = Semaphore::new(5, 5);
        scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|| drop(semaphore.wait_for(FOREVER).unwrap()));
            }
        });
        assert_eq!(semaphore.count(), 5);
    });
}

#[test]
fn c78_c90_as_a_mutex_and_never_more_than_n() {
    watched(|| {
        for permits in [1_u16, 3] {
            let semaphore = Semaphore::new(permits, permits);
            let (inside, counter) = (AtomicUsize::new(0), Plain::default());
            let rounds = rounds(2_000);
            scope(|scope| {
                for _ in 0..6 {
                    scope.spawn(|| {
                        for _ in 0..rounds {
                            let _guard = semaphore.wait();
                            let others = inside.fetch_add(1, Ordering::Relaxed);
                            assert!(others < permits.into());
                            if permits == 1 {
                                counter.set(counter.get() + 1);
                            }
                            inside.fetch_sub(1, Ordering::Relaxed);
                        }
                    });
                }
            });
            assert_eq!(semaphore.count(), permits);
            assert!(permits > 1 || counter.get() == 6 * rounds);
        }
    });
}

#[test]
fn c106_guards_show_their_permits() {
    let semaphore = Arc::new(Semaphore::new(3, 3));
    assert_eq!(format!("{:?}", semaphore.wait_many(2)), "SemaphoreGuard(2)");
    assert_eq!(format!("{:?}", semaphore.wait_owned()), "OwnedSemaphoreGuard(1)");
}

#[test]
fn c79_forget_makes_room() {
    let semaphore = Semaphore::new(2, 2);
    semaphore.wait().forget();
    assert_eq!((semaphore.count(), semaphore.capacity()), (1, 1));
    semaphore.release(1);
    assert_eq!((semaphore.count(), semaphore.capacity()), (2, 2));
    assert!(!semaphore.try_release(1));
}

#[test]
fn c80_a_leaked_guard_holds_for_ever() {
    let semaphore = Semaphore::new(2, 2);
    std::mem::forget(semaphore.wait());
    assert_eq!(semaphore.count(), 1);
    assert!(!semaphore.try_release(1));
    drop(semaphore.wait());
    assert_eq!(semaphore.count(), 1);
}

#[test]
fn c81_unwinding_gives_back() {
    let semaphore = Semaphore::new(1, 1);
    panic_of(|| {
        let _guard = semaphore.wait();
        panic!("on purpose");
    });
    assert_eq!(semaphore.count(), 1);
    drop(semaphore.wait());
}

#[test]
fn c82_failed_waits_change_nothing() {
    let semaphore = Semaphore::new(1, 3);
    assert!(semaphore.try_wait0_many(2).is_err());
    assert!(semaphore.wait_many_for(2, SHORT).is_err());
    assert!(semaphore.wait_many_until(2, Instant::now()).is_err());
    assert_eq!(semaphore.count(), 1);
    assert!(semaphore.try_release(2));
    assert_eq!(drain(&semaphore).len(), 3);
}

#[test]
fn c82a_many_or_nothing_and_bad_amounts() {
    let semaphore = Semaphore::new(3, 5);
    assert_eq!(semaphore.wait_many(0).permits(), 0);
    assert_eq!(semaphore.count(), 3);
    let guard = semaphore.wait_many(3);
    assert_eq!((guard.permits(), semaphore.count()), (3, 0));
    drop(guard);
    assert_eq!(semaphore.count(), 3);

    let start = Instant::now();
    assert_eq!(semaphore.wait_many_for(6, FOREVER).map(drop), Err(TimeoutError));
    assert!(start.elapsed() < FOREVER);
    let message = panic_of(|| drop(semaphore.wait_many(6)));
    assert!(message.contains('6') && message.contains('5'), "{message}");
    assert_eq!(semaphore.count(), 3);
}

/// A large request holds back those that come after it, not those that came before.
#[test]
fn c82a_only_a_larger_request_that_came_first_holds_back() {
    watched(|| {
        let semaphore = Semaphore::new(0, 3);
        scope(|scope| {
            let first = scope.spawn(|| semaphore.wait_for(FOREVER).map(SemaphoreGuard::forget));
            wait_until_parked(&semaphore, 1);
            let large =
                scope.spawn(|| semaphore.wait_many_for(3, FOREVER).map(SemaphoreGuard::forget));
            wait_until_parked(&semaphore, 2);
            semaphore.release(1);
            assert!(first.join().unwrap().is_ok(), "who came first is served first");

            semaphore.release(2);
            wait_until_parked(&semaphore, 1);
            assert!(semaphore.try_wait0().is_err(), "two of three are kept for the large one");
            semaphore.release(1);
            assert!(large.join().unwrap().is_ok());
            assert_eq!(semaphore.count(), 0);
        });
    });
}

/// Each of three threads takes its next permit before it gives back the last one, so that there are always
/// permits, but never all. If small requests could overtake it, the one for all would never succeed.
#[test]
fn c82a_served_in_the_end_under_a_stream_of_small_requests() {
    watched(|| {
        let semaphore = Semaphore::new(8, 8);
        for _ in 0..rounds(50) {
            let (is_served, overtook) = (AtomicBool::new(false), AtomicUsize::new(0));
            scope(|scope| {
                let guards = [(); 3].map(|()| semaphore.wait());
                scope.spawn(|| {
                    let _all = semaphore.wait_many(8);
                    is_served.store(true, Ordering::Release);
                });
                wait_until_parked(&semaphore, 1);
                for guard in guards {
                    let (semaphore, overtook) = (&semaphore, &overtook);
                    let mut guard = Some(guard);
                    scope.repeat(move || {
                        // If it is held back, it gives up the permit that it has.
                        let next = semaphore.wait_for(Duration::from_micros(50)).ok();
                        overtook.fetch_add(next.is_some().into(), Ordering::Relaxed);
                        drop(std::mem::replace(&mut guard, next));
                    });
                }
                wait_until(|| {
                    // In this order: those that come afterwards do not overtake it.
                    let overtook = overtook.load(Ordering::Relaxed);
                    let is_served = is_served.load(Ordering::Acquire);
                    assert!(is_served || overtook < 10_000, "the large request starves");
                    is_served
                });
            });
            assert_eq!(semaphore.count(), 8);
        }
    });
}

/// 83: and the compiler warns of it where it is not said outright, which is tested in the documentation
/// of `Semaphore`.
#[test]
fn c83_a_guard_that_is_not_kept_gives_back_at_once() {
    let semaphore = Semaphore::new(1, 1);
    let _ = semaphore.wait();
    assert_eq!(semaphore.count(), 1);
}

#[test]
fn c93_c94_timeouts() {
    watched(|| {
        let semaphore = Semaphore::new(1, 2);
        for permits in [1, 2] {
            let _guard = semaphore.wait_many_for(2 - permits, SHORT);
            limits::never_early(|limit| semaphore.wait_many_for(permits, limit).is_ok());
            limits::returns_soon_after(|limit| semaphore.wait_many_for(permits, limit).is_ok());
        }
    });
}

#[test]
fn c95_overlong_limits_mean_for_ever() {
    watched(|| {
        let semaphore = Semaphore::new(0, 2);
        scope(|scope| {
            scope.spawn(|| semaphore.wait_for(Duration::MAX).unwrap().forget());
            let seconds = || semaphore.try_wait_for(Duration::from_secs(u64::MAX));
            scope.spawn(move || seconds().unwrap().forget());
            wait_until_parked(&semaphore, 2);
            semaphore.release(2);
        });
    });
}

#[test]
fn c99_a_permit_beats_an_expired_limit() {
    let semaphore = Semaphore::new(1, 1);
    let past = Instant::now().checked_sub(SHORT).unwrap();
    let guard = semaphore.wait_until(past).unwrap();
    assert!(semaphore.wait_until(past).is_err());
    drop(guard);
    assert!(semaphore.wait_for(Duration::ZERO).is_ok());
}

fn generic<'a, A: Awaitable<'a, Error = TimeoutError>>(awaitable: &'a A) -> Option<A::T> {
    awaitable.try_wait_for(SHORT).ok()
}

#[test]
fn c101_c106_shape() {
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe + std::fmt::Debug + 'static>(_: &T) {}
    static SEMAPHORE: Semaphore = Semaphore::new(1, 2);
    check(&SEMAPHORE);
    check(&SEMAPHORE.wait());
    assert!(size_of::<Semaphore>() <= 16);
    assert!(!std::mem::needs_drop::<Semaphore>());
    assert_eq!(format!("{SEMAPHORE:?}"), "Semaphore { count: 1, capacity: 1, max: 2 }");

    let guard = generic(&SEMAPHORE).unwrap();
    assert!(generic(&SEMAPHORE).is_none());
    drop(guard);
    drop(Awaitable::wait(&SEMAPHORE));
    assert_eq!(SEMAPHORE.count(), 1);
}

#[test]
fn guards_split_and_merge() {
    let semaphore = Semaphore::new(5, 5);
    let mut guard = semaphore.wait_many(5);
    assert!(guard.split(6).is_none());
    let two = guard.split(2).unwrap();
    assert_eq!((guard.permits(), two.permits()), (3, 2));
    drop(two);
    assert_eq!(semaphore.count(), 2);
    guard.merge(semaphore.wait_many(2));
    assert_eq!((guard.permits(), semaphore.count()), (5, 0));
    guard.split(1).unwrap().forget();
    drop(guard);
    assert_eq!(semaphore.count(), 4);

    let other = Semaphore::new(1, 1);
    let message = panic_of(|| semaphore.wait().merge(other.wait()));
    assert!(message.contains("different"), "{message}");
    assert_eq!((semaphore.count(), other.count()), (4, 1));
}

#[test]
fn owned_guards_keep_the_semaphore() {
    let semaphore = Arc::new(Semaphore::new(2, 2));
    let weak = Arc::downgrade(&semaphore);
    let owned = semaphore.wait_owned();
    let other = semaphore.wait().into_owned(Arc::clone(&semaphore));
    drop(semaphore);
    thread::spawn(move || drop(owned)).join().unwrap();
    assert_eq!(weak.upgrade().unwrap().count(), 1);
    drop(other);
    assert!(weak.upgrade().is_none());

    let (one, two) = (Arc::new(Semaphore::new(1, 1)), Arc::new(Semaphore::new(1, 1)));
    panic_of(|| drop(one.wait().into_owned(Arc::clone(&two))));
    assert_eq!((one.count(), two.count()), (1, 1));
}

/// 227 does not hold here yet: see `contract_countdown`.
#[test]
#[ignore = "a release sets an event after its permit can be taken; the rebuild on the core's queue removes this mark"]
fn c227_the_waiter_frees_a_semaphore() {
    watched(|| {
        let none = || Semaphore::new(0, 2);
        let release = |semaphore: &Semaphore| semaphore.release(1);
        freed_by_its_waiter(1, none, release, |semaphore| semaphore.wait().forget());
        freed_by_its_waiter(1, none, release, |semaphore| {
            match semaphore.wait_for(random_limit()) {
                Ok(permit) => permit.forget(),
                Err(_) => semaphore.wait().forget(),
            }
        });
        // Two releases, of which the first to be taken need not be the first to be made.
        freed_by_its_waiter(2, none, release, |semaphore| {
            semaphore.wait().forget();
            semaphore.wait().forget();
        });
    });
}
