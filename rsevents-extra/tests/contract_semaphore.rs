//! Contract 59-83, and what of 90-106 and 227 concerns the semaphore. The tests of a case have its number in their
//! names. `contract_semaphore_waiting.rs` has what depends on the order of several waiters.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents_extra::{Awaitable, Semaphore, SemaphoreGuard, TimeoutError};
use support::{
    Act, FOREVER, Probe, SHORT, Wait, assert_panics, freed_by_its_waiter, limits, mutual_exclusion,
    parked, past, random_limit, release_races_timeout, released_from_the_queue, rounds, scope,
    wait_until, watchdog_tests, with_watchdog,
};

watchdog_tests! {
    c72_no_lost_wake_up,
    c73_no_lost_wake_up_among_timed_waits,
    c75_one_deadline_however_often_a_wait_is_woken,
    c76_a_release_that_returned_beats_later_deadlines,
    c76_c99_a_release_just_before_the_deadline_wins,
    c74_c77_as_many_timed_waits_succeed_as_there_are_permits,
    c78_c90_never_more_holders_than_permits,
    c93_c94_timeouts,
    c95_overlong_limits_block_until_the_release,
}

/// Takes all permits that there are.
fn drain(semaphore: &Semaphore) -> Vec<SemaphoreGuard<'_>> {
    std::iter::from_fn(|| semaphore.try_wait0().ok()).collect()
}

/// Whether a permit was taken, for good.
fn taken(guard: Result<SemaphoreGuard<'_>, TimeoutError>) -> bool {
    guard.map(SemaphoreGuard::forget).is_ok()
}

/// A wait that fails only if it is never released.
fn take(semaphore: &Semaphore) -> bool {
    taken(semaphore.wait_for(FOREVER))
}

#[test]
fn c59_new_takes_a_count_up_to_the_maximum() {
    assert_eq!(Semaphore::new(2, 5).count(), 2);
    assert_eq!(Semaphore::new(5, 5).count(), 5);
    assert_eq!(Semaphore::new(2, 5).max(), 5);
    assert_panics(|| drop(Semaphore::new(5, 2)), &["5", "2"]);
}

#[test]
fn c60_c61_c67_as_many_waits_succeed_as_there_are_permits() {
    let semaphore = Semaphore::new(3, 3);
    let mut guards = Vec::new();
    for left in (0..3).rev() {
        guards.push(semaphore.wait());
        assert_eq!(semaphore.count(), left);
        assert!(!semaphore.try_release(1), "held permits count towards the maximum");
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
fn c62_release_of_n_permits_is_n_releases_of_one() {
    let semaphore = Semaphore::new(0, 10);
    semaphore.release(3);
    assert_eq!(drain(&semaphore).len(), 3);
    semaphore.release(1);
    semaphore.release(1);
    assert_eq!(semaphore.count(), 5);
}

#[test]
fn c63_c64_c65_a_release_beyond_the_maximum_changes_nothing() {
    for (initial, max, too_many, words) in
        [(1, 3, 3, ["4", "3"]), (5, u16::MAX, u16::MAX, ["65540", "65535"])]
    {
        let semaphore = Semaphore::new(initial, max);
        assert_panics(|| semaphore.release(too_many), &words);
        assert_eq!(semaphore.count(), initial);
        assert!(!semaphore.try_release(too_many));
        assert_eq!(semaphore.count(), initial);
        assert!(semaphore.try_release(max - initial), "room for an exact fill");
        assert_eq!(semaphore.count(), max);
        assert!(!semaphore.try_release(1));
        assert_eq!(drain(&semaphore).len(), max.into());
    }
}

#[test]
fn c66_a_release_of_zero_permits_does_nothing() {
    with_watchdog(|| {
        let semaphore = Semaphore::new(0, 1);
        released_from_the_queue(&semaphore, &[take], || {
            semaphore.release(0);
            assert!(semaphore.try_release(0));
            assert_eq!(parked(&semaphore), 1);
            semaphore.release(1);
        });
    });
    let full = Semaphore::new(1, 1);
    full.release(0);
    assert!(full.try_release(0));
}

#[test]
fn c68_c69_c70_modify_within_zero_and_the_maximum() {
    let mut semaphore = Semaphore::new(2, 5);
    assert!(semaphore.try_modify(2));
    assert_eq!(semaphore.count(), 4);
    assert!(!semaphore.try_modify(2));
    assert_panics(|| semaphore.modify(2), &["6", "5"]);
    assert_eq!(semaphore.count(), 4);
    semaphore.modify(-3);
    assert_eq!(semaphore.count(), 1);
    assert!(!semaphore.try_modify(-2));
    assert!(!semaphore.try_modify(i16::MIN));
    assert_panics(|| semaphore.modify(-2), &["2", "1"]);
    assert_eq!(semaphore.count(), 1);
    semaphore.modify(0);
    semaphore.modify(4);
    assert_eq!(drain(&semaphore).len(), 5);
}

#[test]
fn c71_k_permits_release_k_parked_waiters() {
    with_watchdog(|| {
        const K: u16 = 6;
        for at_once in [1, K] {
            let semaphore = Semaphore::new(0, K);
            released_from_the_queue(&semaphore, &[|s: &_| take(s); K as usize], || {
                (0..K / at_once).for_each(|_| semaphore.release(at_once));
            });
            assert_eq!(semaphore.count(), 0);
        }
    });
}

/// Eight threads that take, eight permits that come one by one: each thread gets one, each round.
fn c72_no_lost_wake_up() {
    const N: u16 = 8;
    let rounds = rounds(2_000);
    let semaphore = Semaphore::new(0, N);
    let taken = AtomicUsize::new(0);
    let end_round = |round| wait_until(|| taken.load(Ordering::Acquire) >= round * usize::from(N));
    scope(|scope| {
        scope.spawn_each(N.into(), || {
            for round in 1..=rounds {
                semaphore.wait().forget();
                taken.fetch_add(1, Ordering::AcqRel);
                end_round(round);
            }
        });
        for round in 1..=rounds {
            (0..N).for_each(|_| semaphore.release(1));
            end_round(round);
        }
    });
    assert_eq!(semaphore.count(), 0);
    println!("{rounds} rounds");
}

/// Timed waiters, bursts of releases, forgets and drops, and one waiter without a limit, which a lost
/// wake-up would leave asleep. At the end, each permit is accounted for.
fn c73_no_lost_wake_up_among_timed_waits() {
    let releases = rounds(20_000);
    let semaphore = Semaphore::new(0, 1_000);
    let mut released = 0;
    let (forgotten, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let take_with_limits = || {
        while !stop.load(Ordering::Relaxed) {
            let limit = if fastrand::bool() { 1..60 } else { 40..200 };
            let limit = Duration::from_micros(fastrand::u64(limit));
            let permits = fastrand::u16(1..=3);
            let guard = semaphore.wait_many_for(permits, limit);
            if let Some(guard) = guard.ok().filter(|_| fastrand::bool()) {
                guard.forget();
                forgotten.fetch_add(permits.into(), Ordering::Relaxed);
            }
        }
    };
    scope(|scope| {
        let timed = [(); 4].map(|()| scope.spawn(take_with_limits));
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                drop(semaphore.wait());
            }
        });
        while released < releases {
            let burst = fastrand::u16(1..20);
            if semaphore.try_release(burst) {
                released += usize::from(burst);
            } else {
                thread::yield_now(); // all thousand are there, for others to take
            }
        }
        stop.store(true, Ordering::Relaxed);
        timed.into_iter().for_each(|waiter| waiter.join().unwrap());
        // Only the waiter without a limit is left, and it needs at most one more permit. If there is
        // one, it must not need another.
        if semaphore.count() == 0 {
            semaphore.release(1);
            released += 1;
        }
    });
    let forgotten = forgotten.load(Ordering::Relaxed);
    assert_eq!(released, forgotten + drain(&semaphore).len());
    println!("{released} released, {forgotten} forgotten");
}

fn c75_one_deadline_however_often_a_wait_is_woken() {
    let wait = |semaphore: &Semaphore, limit| taken(semaphore.wait_for(limit));
    limits::an_overtaken_wait_keeps_its_deadline(
        || Semaphore::new(0, 1),
        wait,
        |semaphore| {
            semaphore.release(1);
            taken(semaphore.try_wait0())
        },
    );
}

fn c76_a_release_that_returned_beats_later_deadlines() {
    for n in [1, 8] {
        let new = || Semaphore::new(0, n);
        let wait = |semaphore: &Semaphore, deadline| taken(semaphore.wait_until(deadline));
        let release = |semaphore: &Semaphore| semaphore.release(n);
        limits::release_beats_later_deadlines(n.into(), new, parked, wait, release);
    }
}

/// 76 where it is close: a release aimed at the deadline of the only waiter.
fn c76_c99_a_release_just_before_the_deadline_wins() {
    release_races_timeout(
        20_000,
        &Semaphore::new(0, 1),
        |semaphore| semaphore.release(1),
        |semaphore, limit| taken(semaphore.wait_for(limit)),
        |semaphore, deadline| taken(semaphore.wait_until(deadline)),
        |semaphore, succeeded| {
            assert_eq!(semaphore.count(), u16::from(!succeeded));
            drain(semaphore).into_iter().for_each(SemaphoreGuard::forget);
        },
    );
}

/// Threads wait again and again, until all permits are known to be gone.
fn c74_c77_as_many_timed_waits_succeed_as_there_are_permits() {
    const MICRO: Duration = Duration::from_micros(1);
    for (threads, limit, initial, released, at_once) in
        [(50, 1_000 * MICRO, 0, 25, 1), (50, 1_000 * MICRO, 5, 0, 1), (4, MICRO, 0, 100, 100)]
    {
        let permits = usize::from(initial + released);
        let semaphore = Semaphore::new(initial, 100);
        let succeeded = AtomicUsize::new(0);
        scope(|scope| {
            scope.spawn_each(threads, || {
                while succeeded.load(Ordering::Relaxed) < permits {
                    let taken = taken(semaphore.wait_for(limit));
                    succeeded.fetch_add(taken.into(), Ordering::Relaxed);
                }
            });
            (0..released / at_once).for_each(|_| semaphore.release(at_once));
        });
        assert_eq!(succeeded.load(Ordering::Relaxed), permits);
        assert_eq!(semaphore.count(), 0);
    }
    let semaphore = Semaphore::new(5, 5);
    scope(|scope| scope.spawn_each(50, || drop(semaphore.wait_for(FOREVER).unwrap())));
    assert_eq!(semaphore.count(), 5);
}

fn c78_c90_never_more_holders_than_permits() {
    for permits in [1, 3] {
        let semaphore = Semaphore::new(permits, permits);
        mutual_exclusion(permits.into(), 2_000, |critical_section| {
            let _guard = semaphore.wait();
            critical_section();
        });
        assert_eq!(semaphore.count(), permits);
    }
}

#[test]
fn c79_forget_makes_room_for_a_release() {
    let semaphore = Semaphore::new(2, 2);
    semaphore.wait().forget();
    assert_eq!((semaphore.count(), semaphore.capacity()), (1, 1));
    semaphore.release(1);
    assert_eq!((semaphore.count(), semaphore.capacity()), (2, 2));
    assert!(!semaphore.try_release(1));
}

#[test]
fn c80_a_leaked_guard_holds_its_permit() {
    let semaphore = Semaphore::new(2, 2);
    std::mem::forget(semaphore.wait());
    assert_eq!(semaphore.count(), 1);
    assert!(!semaphore.try_release(1));
    drop(semaphore.wait());
    assert_eq!(semaphore.count(), 1);
}

#[test]
fn c81_unwinding_gives_the_permit_back() {
    let semaphore = Semaphore::new(1, 1);
    let panics = || {
        let _guard = semaphore.wait();
        panic!("on purpose");
    };
    assert_panics(panics, &["on purpose"]);
    assert_eq!(semaphore.count(), 1);
    drop(semaphore.wait());
}

/// The permit goes to a task whose waker panics as well.
#[test]
fn c81_unwinding_gives_the_permit_to_a_task_whose_waker_panics() {
    let semaphore = Semaphore::new(1, 1);
    let guard = semaphore.wait();
    let probe = Probe::with(|act| assert!(act != Act::Wake, "the waker"));
    let mut task = Box::pin(semaphore.wait_async());
    assert!(probe.poll(task.as_mut()).is_pending());
    let panics = || {
        let _guard = guard;
        panic!("on purpose");
    };
    assert_panics(panics, &["on purpose"]);
    assert!(probe.poll(task.as_mut()).is_ready());
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
fn c82a_wait_many_takes_all_or_nothing() {
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
    assert_panics(|| drop(semaphore.wait_many(6)), &["6", "5"]);
    assert_eq!(semaphore.count(), 3);
}

/// 83: and the compiler warns of it where it is not said outright, which is tested in the documentation
/// of `Semaphore`.
#[test]
fn c83_an_unused_guard_gives_back_at_once() {
    let semaphore = Semaphore::new(1, 1);
    let _ = semaphore.wait();
    assert_eq!(semaphore.count(), 1);
}

fn c93_c94_timeouts() {
    let semaphore = Semaphore::new(1, 2);
    for permits in [1, 2] {
        let _guard = semaphore.wait_many_for(2 - permits, SHORT);
        limits::times_out_in_time(|limit| semaphore.wait_many_for(permits, limit).is_ok());
    }
}

fn c95_overlong_limits_block_until_the_release() {
    let semaphore = Semaphore::new(0, 2);
    let waits: [Wait<Semaphore>; 2] = [
        |semaphore| taken(semaphore.wait_for(Duration::MAX)),
        |semaphore| taken(semaphore.try_wait_for(Duration::from_secs(u64::MAX))),
    ];
    released_from_the_queue(&semaphore, &waits, || semaphore.release(2));
}

#[test]
fn c99_a_permit_beats_a_passed_limit() {
    let semaphore = Semaphore::new(1, 1);
    let guard = semaphore.wait_until(past()).unwrap();
    assert!(semaphore.wait_until(past()).is_err());
    drop(guard);
    assert!(semaphore.wait_for(Duration::ZERO).is_ok());
}

fn generic<'a, A: Awaitable<'a, Error = TimeoutError>>(awaitable: &'a A) -> Option<A::T> {
    awaitable.try_wait_for(SHORT).ok()
}

#[test]
fn c101_c106_traits_and_size() {
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

    let semaphore = Arc::new(Semaphore::new(3, 3));
    assert_eq!(format!("{:?}", semaphore.wait_many(2)), "SemaphoreGuard(2)");
    assert_eq!(format!("{:?}", semaphore.wait_owned()), "OwnedSemaphoreGuard(1)");
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
    assert_panics(|| semaphore.wait().merge(other.wait()), &["different"]);
    assert_eq!((semaphore.count(), other.count()), (4, 1));
}

#[test]
fn owned_guards_keep_the_semaphore_alive() {
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
    assert_panics(|| drop(one.wait().into_owned(Arc::clone(&two))), &[]);
    assert_eq!((one.count(), two.count()), (1, 1));
}

#[test]
fn c227_a_waiter_frees_the_semaphore() {
    with_watchdog(|| {
        let none = || Semaphore::new(0, 2);
        let release = |semaphore: &Semaphore| semaphore.release(1);
        freed_by_its_waiter(1, none, release, |semaphore| semaphore.wait().forget());
        freed_by_its_waiter(1, none, release, |semaphore| {
            if !taken(semaphore.wait_for(random_limit())) {
                semaphore.wait().forget();
            }
        });
        // Two releases, of which the first to be taken need not be the first to be made.
        freed_by_its_waiter(2, none, release, |semaphore| {
            semaphore.wait().forget();
            semaphore.wait().forget();
        });
    });
}
