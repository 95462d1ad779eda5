//! Contract 82a, 98 and 222 where several threads wait: for which waiter permits are kept, and how long a wait lasts
//! that becomes the front one. The number is in each test's name.

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents_extra::{Awaitable, Semaphore, SemaphoreGuard};
use support::{
    SHORT, limits, parked, rounds, scope, wait_until, wait_until_parked, watchdog_tests,
};

watchdog_tests! {
    c98_becoming_the_front_waiter_does_not_prolong_a_wait,
    c82a_a_large_request_completes_under_a_stream_of_small_ones,
    c82a_large_newcomers_do_not_overtake_a_large_request,
    c82a_a_large_request_holds_back_only_later_ones,
    c222_a_thread_that_takes_again_at_once_does_not_starve_others,
}

/// That the waiter before it leaves does not wake it, and it keeps its deadline.
fn c98_becoming_the_front_waiter_does_not_prolong_a_wait() {
    let proven = limits::a_wake_up_does_not_prolong(rest_after_the_front_waiter_left);
    assert!(proven, "no wait became the front one in time");
}

/// Releases the waiter in front of a wait with a limit when half of that is over. Returns how long the wait
/// lasted after that. `None` if the limit may have passed before, so that the wait may even have got the permit.
fn rest_after_the_front_waiter_left(limit: Duration) -> Option<Duration> {
    let semaphore = Semaphore::new(0, 1);
    scope(|scope| {
        scope.spawn(|| semaphore.wait().forget());
        wait_until_parked(&semaphore, 1);
        let start = Instant::now();
        let waiter = scope.spawn(|| {
            let taken = semaphore.wait_for(limit).map(SemaphoreGuard::forget).is_ok();
            (taken, Instant::now())
        });
        wait_until(|| parked(&semaphore) == 2 || waiter.is_finished());
        thread::sleep(limit / 2);
        let left = Instant::now();
        semaphore.release(1);
        let in_time = start.elapsed() < limit;
        let (taken, ended) = waiter.join().unwrap();
        if taken {
            semaphore.release(1);
        }
        (in_time && !taken).then(|| ended.saturating_duration_since(left))
    })
}

/// Each of three threads takes its next permit before it gives back the last one, so that there are always
/// permits, but never all. If small requests could overtake it, the one for all would never succeed.
fn c82a_a_large_request_completes_under_a_stream_of_small_ones() {
    let semaphore = Semaphore::new(8, 8);
    for _ in 0..rounds(50) {
        let (is_complete, overtook) = (AtomicBool::new(false), AtomicUsize::new(0));
        scope(|scope| {
            let guards = [(); 3].map(|()| semaphore.wait());
            scope.spawn(|| {
                let _all = semaphore.wait_many(8);
                is_complete.store(true, Ordering::Release);
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
                let is_complete = is_complete.load(Ordering::Acquire);
                assert!(is_complete || overtook < 10_000, "the large request starves");
                is_complete
            });
        });
        assert_eq!(semaphore.count(), 8);
    }
}

fn c82a_large_newcomers_do_not_overtake_a_large_request() {
    let semaphore = Semaphore::new(0, 4);
    let overtaken = scope(|scope| {
        let large = scope.spawn(|| semaphore.wait_many(4).forget());
        wait_until_parked(&semaphore, 1);
        semaphore.release(2);
        let overtaken = [1, 2].map(|permits| {
            semaphore.try_wait0_many(permits).is_ok()
                || semaphore.wait_many_for(permits, SHORT).is_ok()
        });
        semaphore.release(2);
        large.join().unwrap();
        overtaken
    });
    assert_eq!(overtaken, [false, false], "by a request for one permit, for two");
}

/// It keeps permits as soon as it is the front waiter, and from later requests only.
fn c82a_a_large_request_holds_back_only_later_ones() {
    for _ in 0..rounds(100) {
        let semaphore = Semaphore::new(0, 4);
        let overtaken = scope(|scope| {
            let small = scope.spawn(|| semaphore.wait().forget());
            wait_until_parked(&semaphore, 1);
            let large = scope.spawn(|| semaphore.wait_many(3).forget());
            wait_until_parked(&semaphore, 2);
            semaphore.release(2);
            small.join().unwrap();
            let overtaken = semaphore.try_wait0().is_ok();
            semaphore.release(2);
            large.join().unwrap();
            overtaken
        });
        assert!(!overtaken);
        assert_eq!(semaphore.count(), 0);
    }
}

fn c222_a_thread_that_takes_again_at_once_does_not_starve_others() {
    let hold = |semaphore: &Semaphore, time| {
        let _guard = semaphore.wait();
        thread::sleep(time);
    };
    let is_held = |semaphore: &Semaphore| semaphore.count() == 0;
    let take_for = |semaphore: &Semaphore, limit| semaphore.wait_for(limit).is_ok();
    limits::holder_starves_none(|| Semaphore::new(1, 1), hold, is_held, take_for);
}
