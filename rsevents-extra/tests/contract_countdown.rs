//! Contract 37-58a, and what of 92-106 concerns the countdown. The number is in each test's name.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rsevents_extra::{Awaitable, CountdownEvent, TimeoutError};
use support::{
    FOREVER, Plain, Race, SHORT, dawdle, freed_by_its_waiter, limits, panic_of, parked, parked_in,
    queues, random_limit, scope, wait_until, wait_until_parked, watched, while_locked,
};

fn is_available(countdown: &CountdownEvent) -> bool {
    let available = countdown.wait0();
    assert_eq!(countdown.is_set(), available);
    assert_eq!(countdown.count() == 0, available);
    assert_eq!(countdown.wait_for(Duration::ZERO), available);
    available
}

#[test]
fn c37_new_zero_is_available_and_others_are_not() {
    assert!(is_available(&CountdownEvent::new(0)));
    assert!(!is_available(&CountdownEvent::new(1)));
    assert!(!is_available(&CountdownEvent::new(CountdownEvent::MAX)));
}

#[test]
fn c38_n_decrements() {
    let countdown = CountdownEvent::new(5);
    for left in (0..5).rev() {
        assert!(!is_available(&countdown));
        assert_eq!(countdown.decrement(), left == 0);
        assert_eq!(countdown.count(), left);
    }
    assert!(is_available(&countdown));
}

#[test]
fn c39_increments_and_decrements_fire_exactly_at_zero() {
    let countdown = CountdownEvent::new(1);
    for _ in 0..1024 {
        countdown.increment();
    }
    assert_eq!(countdown.count(), 1025);
    assert!(!countdown.decrement_by(1000));
    assert!(!countdown.decrement_by(0));
    for _ in 0..24 {
        assert!(!countdown.decrement());
    }
    assert!(!is_available(&countdown));
    assert!(countdown.decrement());
    assert!(is_available(&countdown));
    countdown.reset(3);
    assert!(countdown.decrement_by(usize::MAX), "as many as there are");
    assert!(!countdown.decrement_by(1));
}

#[test]
fn c40_all_kinds_of_waiters_see_the_zero() {
    watched(|| {
        let countdown = CountdownEvent::new(1);
        scope(|scope| {
            scope.spawn(|| countdown.wait());
            scope.spawn(|| assert!(countdown.wait_for(FOREVER)));
            scope.spawn(|| assert!(countdown.wait_until(Instant::now() + FOREVER)));
            scope.spawn(|| wait_until(|| countdown.wait0()));
            wait_until_parked(&countdown, 3);
            assert!(countdown.decrement());
            scope.spawn(|| countdown.wait());
        });
    });
}

#[test]
fn c41_zero_count_is_availability() {
    watched(|| {
        for _ in 0..500 {
            let countdown = CountdownEvent::new(2);
            scope(|scope| {
                scope.spawn(|| countdown.tick());
                scope.spawn(|| countdown.tick());
                wait_until(|| countdown.count() == 0);
                assert!(countdown.wait0());
            });
        }
    });
}

#[test]
fn c42_c43_reset_after_zero_arms_again() {
    let countdown = CountdownEvent::new(0);
    for count in [750, 1, 3] {
        countdown.reset(count);
        for left in (0..count).rev() {
            assert!(!is_available(&countdown));
            countdown.tick();
            assert_eq!(countdown.count(), left);
        }
        assert!(is_available(&countdown));
    }
}

#[test]
fn c44_increment_at_zero_arms_again() {
    let countdown = CountdownEvent::new(0);
    countdown.increment();
    assert_eq!(countdown.count(), 1);
    assert!(!is_available(&countdown));
    assert!(countdown.decrement());
    assert!(is_available(&countdown));
}

#[test]
fn c40_decrement_by_releases_the_parked() {
    watched(|| {
        let countdown = CountdownEvent::new(5);
        scope(|scope| {
            scope.spawn(|| countdown.wait());
            wait_until_parked(&countdown, 1);
            assert!(countdown.decrement_by(7));
        });
    });
}

#[test]
fn c45_reset_to_zero_releases_the_parked() {
    watched(|| {
        let countdown = CountdownEvent::new(5);
        scope(|scope| {
            scope.spawn(|| countdown.wait());
            scope.spawn(|| assert!(countdown.wait_for(FOREVER)));
            wait_until_parked(&countdown, 2);
            countdown.reset(0);
        });
        assert!(is_available(&countdown));
    });
}

#[test]
fn c46_reset_leaves_the_parked_waiting_for_the_new_count() {
    watched(|| {
        let countdown = CountdownEvent::new(1);
        scope(|scope| {
            scope.spawn(|| countdown.wait());
            wait_until_parked(&countdown, 1);
            countdown.reset(2);
            assert!(!countdown.decrement());
            assert_eq!(parked(&countdown), 1);
            assert!(countdown.decrement());
        });
    });
}

#[test]
fn c47_c48_last_tick_against_reset_and_increment() {
    watched(|| {
        let race = Race::new(20_000);
        let countdown = CountdownEvent::new(1);
        let was_last = AtomicBool::new(false);
        scope(|scope| {
            scope.spawn(|| {
                let part = |_| was_last.store(countdown.decrement(), Ordering::Relaxed);
                race.run(part, drop);
            });
            let mut random = fastrand::Rng::with_seed(47);
            let part = |_| {
                dawdle(random.usize(..20));
                let resets = random.bool();
                if resets {
                    countdown.reset(2)
                } else {
                    countdown.increment()
                }
                resets
            };
            race.run(part, |resets| {
                let was_last = was_last.load(Ordering::Relaxed);
                assert_eq!(countdown.count(), if resets && was_last { 2 } else { 1 });
                assert!(!is_available(&countdown));
                countdown.reset(1);
            });
        });
    });
}

#[test]
fn c49_last_tick_against_timeout() {
    watched(|| {
        let race = Race::new(20_000);
        let countdown = CountdownEvent::new(1);
        scope(|scope| {
            scope.spawn(|| race.run(|_| assert!(countdown.decrement()), drop));
            let mut random = fastrand::Rng::with_seed(49);
            let part = |_| {
                let woken = countdown.wait_for(Duration::from_nanos(random.u64(1..1_000)));
                assert!(!woken || countdown.count() == 0);
            };
            race.run(part, |()| {
                assert!(countdown.wait0(), "the zero is lost");
                countdown.reset(1);
            });
        });
    });
}

#[test]
fn c50_c51_ticks_at_zero_have_no_effect() {
    let countdown = CountdownEvent::new(1);
    assert!(countdown.decrement());
    for _ in 0..1_000 {
        assert!(!countdown.decrement());
        assert!(is_available(&countdown));
    }
    countdown.increment();
    assert_eq!(countdown.count(), 1);
    assert!(!is_available(&countdown));
    assert!(countdown.decrement());
}

#[test]
fn c50_surplus_ticks_of_many_threads_leave_no_trace() {
    watched(|| {
        let countdown = CountdownEvent::new(0);
        scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..5_000).for_each(|_| assert!(!countdown.decrement())));
            }
        });
        assert!(is_available(&countdown));
        countdown.increment();
        assert_eq!(countdown.count(), 1);
    });
}

#[test]
fn c52_increment_at_the_maximum_is_refused() {
    let countdown = CountdownEvent::new(CountdownEvent::MAX);
    assert!(!countdown.try_increment());
    let message = panic_of(|| countdown.increment());
    assert!(message.contains(&(CountdownEvent::MAX as u64 + 1).to_string()), "{message}");
    assert!(message.contains(&CountdownEvent::MAX.to_string()), "{message}");
    assert_eq!(countdown.count(), CountdownEvent::MAX);
    countdown.tick();
    assert!(countdown.try_increment());
    assert_eq!(countdown.count(), CountdownEvent::MAX);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn c53_counts_above_the_maximum_are_refused() {
    assert!(CountdownEvent::MAX >= u32::MAX as usize);
    let countdown = CountdownEvent::new(3);
    let above = CountdownEvent::MAX + 1;
    for message in
        [panic_of(|| drop(CountdownEvent::new(above))), panic_of(|| countdown.reset(above))]
    {
        assert!(message.contains(&above.to_string()), "{message}");
        assert!(message.contains(&CountdownEvent::MAX.to_string()), "{message}");
    }
    assert_eq!(countdown.count(), 3);
}

#[test]
fn c54_c93_c94_timeouts() {
    watched(|| {
        let countdown = CountdownEvent::new(2);
        limits::never_early(|limit| countdown.wait_for(limit));
        limits::returns_soon_after(|limit| countdown.wait_for(limit));
        assert_eq!(countdown.count(), 2);
        assert_eq!(parked(&countdown), 0);
    });
}

#[test]
fn c55_concurrent_ticks_fire_once() {
    watched(|| {
        for (threads, ticks) in [(4, 500), (32, 2)] {
            for _ in 0..20 {
                let countdown = CountdownEvent::new(threads * ticks);
                let fired = AtomicUsize::new(0);
                scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| {
                            for _ in 0..ticks {
                                fired.fetch_add(countdown.decrement().into(), Ordering::Relaxed);
                            }
                        });
                    }
                    countdown.wait();
                    assert_eq!(countdown.count(), 0);
                });
                assert_eq!(fired.into_inner(), 1);
            }
        }
    });
}

#[test]
fn c56_c84_every_tick_publishes() {
    watched(|| {
        for _ in 0..500 {
            let countdown = CountdownEvent::new(3);
            let data: [Plain; 3] = Default::default();
            scope(|scope| {
                for mine in &data {
                    let countdown = &countdown;
                    scope.spawn(move || {
                        mine.set(7);
                        countdown.tick();
                    });
                }
                countdown.wait();
                assert!(data.iter().all(|data| data.get() == 7));
            });
        }
    });
}

/// 57: ticks return although the lock of the waiters' queue is held all the time. (That each is one
/// operation is for the eye to see, in `decrement`.)
#[test]
fn c57_ticks_take_no_lock() {
    watched(|| {
        let countdown = CountdownEvent::new(1);
        let queue = scope(|scope| {
            scope.spawn(|| countdown.wait());
            wait_until_parked(&countdown, 1);
            let queue = queues(&countdown).find(|queue| parked_in(*queue) > 0).unwrap();
            countdown.tick();
            queue
        });
        while_locked(queue, || {
            countdown.reset(20);
            assert!(!countdown.decrement());
            assert!(!countdown.decrement_by(10));
            countdown.increment();
            assert_eq!(countdown.count(), 10);
            assert!(!countdown.wait0());
        });
    });
}

#[test]
fn c58_dropping_an_unfired_countdown() {
    drop(CountdownEvent::new(10));
    assert!(!std::mem::needs_drop::<CountdownEvent>());
}

#[test]
fn c58a_armed_again_at_once() {
    watched(|| {
        for _ in 0..200 {
            let countdown = CountdownEvent::new(1);
            scope(|scope| {
                let waiters: Vec<_> =
                    (0..3).map(|_| scope.spawn(|| countdown.wait_for(FOREVER))).collect();
                wait_until_parked(&countdown, 3);
                assert!(countdown.decrement());
                countdown.reset(1);
                for waiter in waiters {
                    assert!(waiter.join().unwrap());
                }
                assert!(!countdown.wait_for(Duration::from_micros(10)));
            });
        }
    });
}

#[test]
fn c95_c96_overlong_and_far_limits() {
    watched(|| {
        let countdown = CountdownEvent::new(1);
        scope(|scope| {
            scope.spawn(|| assert!(countdown.wait_for(Duration::MAX)));
            scope.spawn(|| assert!(countdown.wait_for(Duration::from_secs(u64::MAX))));
            scope.spawn(|| assert_eq!(countdown.try_wait_for(Duration::MAX), Ok(())));
            scope.spawn(|| assert!(countdown.wait_for(Duration::from_secs(3_600_000))));
            wait_until_parked(&countdown, 4);
            countdown.tick();
        });
    });
}

#[test]
fn c99_zero_beats_an_expired_limit() {
    let countdown = CountdownEvent::new(0);
    let past = Instant::now().checked_sub(SHORT).unwrap();
    assert!(countdown.wait_until(past));
    countdown.increment();
    assert!(!countdown.wait_until(past));
    assert_eq!(countdown.try_wait_until(past), Err(TimeoutError));
}

#[test]
fn c99_a_zero_before_the_deadline_wins() {
    watched(|| {
        let wait = |countdown: &CountdownEvent, deadline| countdown.wait_until(deadline);
        let finish = |countdown: &CountdownEvent| countdown.reset(0);
        limits::release_beats_later_deadlines(4, || CountdownEvent::new(1), wait, finish);
    });
}

#[test]
fn c106_shape() {
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe + std::fmt::Debug + 'static>(_: &T) {}
    static COUNTDOWN: CountdownEvent = CountdownEvent::new(3);
    check(&COUNTDOWN);
    check(&COUNTDOWN.ticket());
    assert!(size_of::<CountdownEvent>() <= 16);
    assert_eq!(format!("{COUNTDOWN:?}"), "CountdownEvent(2)");
}

#[test]
fn tickets_tick_when_a_worker_panics() {
    watched(|| {
        let countdown = CountdownEvent::new(2);
        scope(|scope| {
            scope.spawn(|| {
                panic_of(|| {
                    let _ticket = countdown.ticket();
                    panic!("on purpose");
                })
            });
            scope.spawn(|| drop(countdown.ticket()));
            countdown.wait();
        });
    });
}

/// 227 does not hold here yet: the last tick sets an event of the countdown after its zero can be seen. Under Miri this fails:
///
/// ```text
/// export RSEVENTS_STRESS=0.1
/// export MIRIFLAGS="-Zmiri-env-forward=RSEVENTS_STRESS -Zmiri-preemption-rate=0.2"
/// cargo +nightly miri test -p rsevents-extra c227 -- --ignored
/// ```
#[test]
#[ignore = "the last tick sets an event after the zero is seen; the rebuild on the core's queue removes this mark"]
fn c227_the_waiter_frees_a_countdown() {
    watched(|| {
        let one = || CountdownEvent::new(1);
        freed_by_its_waiter(1, one, CountdownEvent::tick, |countdown| countdown.wait());
        freed_by_its_waiter(1, one, CountdownEvent::tick, |countdown| {
            if !countdown.wait_for(random_limit()) {
                wait_until(|| countdown.wait0());
            }
        });
    });
}
