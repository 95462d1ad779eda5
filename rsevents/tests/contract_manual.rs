//! Contract 20-36: the manual-reset event. The number is in each test's name.

mod support;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents::{Awaitable, EventState, ManualResetEvent};
use support::limits::release_beats_later_deadlines;
use support::{
    FOREVER, SHORT, parked, queues, scope, unset, wait_until, wait_until_parked, watched,
    while_locked,
};

#[test]
fn c20_set_is_not_consumed() {
    let event = ManualResetEvent::new(EventState::Set);
    for _ in 0..3 {
        assert!(event.wait0());
        assert!(event.wait_for(SHORT));
        event.wait();
    }
}

#[test]
fn c21_new_unset_lets_nobody_through() {
    let event = ManualResetEvent::new(EventState::Unset);
    assert!(!event.wait0());
    assert!(!event.wait_for(SHORT));
    assert!(!event.is_set());
}

#[test]
fn c22_set_and_reset_are_idempotent() {
    let event: ManualResetEvent = unset();
    for _ in 0..50 {
        event.set();
        assert!(event.wait0());
        event.set();
        assert!(event.wait0());
        event.reset();
        assert!(!event.wait0());
        event.reset();
        assert!(!event.wait0());
    }
}

#[test]
fn c23_one_set_releases_all_parked() {
    watched(|| {
        const N: usize = 16;
        let event: ManualResetEvent = unset();
        scope(|scope| {
            for _ in 0..N {
                scope.spawn(|| event.wait());
            }
            wait_until_parked(&event, N);
            event.set();
            assert_eq!(parked(&event), 0);
        });
        assert!(event.wait0());
    });
}

#[test]
fn c24_threads_that_come_after_the_set_pass() {
    watched(|| {
        let event: ManualResetEvent = unset();
        event.set();
        scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| event.wait());
            }
        });
    });
}

#[test]
fn c25_a_pulse_releases_all_who_were_parked() {
    watched(|| {
        const N: usize = 8;
        for _ in 0..50 {
            let event: ManualResetEvent = unset();
            scope(|scope| {
                let waiters: Vec<_> =
                    (0..N).map(|_| scope.spawn(|| event.wait_for(FOREVER))).collect();
                wait_until_parked(&event, N);
                event.set();
                event.reset();
                for waiter in waiters {
                    assert!(waiter.join().unwrap());
                }
            });
            assert!(!event.wait0());
        }
    });
}

#[test]
fn c26_a_wait_not_yet_parked_may_miss_a_pulse_but_not_a_set() {
    watched(|| {
        for _ in 0..200 {
            let event: ManualResetEvent = unset();
            scope(|scope| {
                scope.spawn(|| event.wait());
                event.set();
                event.reset(); // whether that was early or late, the next set counts
                event.set();
            });
        }
    });
}

/// Even if the event is reset before the deadline, too.
#[test]
fn c28_a_set_that_returned_beats_later_deadlines() {
    watched(|| {
        let set_and_reset = |event: &ManualResetEvent| {
            event.set();
            event.reset();
            assert_eq!(parked(event), 0, "released when set returns, not some time later");
        };
        let wait = |event: &ManualResetEvent, deadline| event.wait_until(deadline);
        release_beats_later_deadlines(16, unset, wait, set_and_reset);
    });
}

/// 29: here all setters are stuck before they can release the waiters, and so none may return and rely on
/// another one. (That the released wake each other, and that a set wakes them without their help, is
/// tested in `raw`.)
#[test]
fn c29_no_set_returns_before_the_waiters_are_released() {
    watched(|| {
        let event: ManualResetEvent = unset();
        let returned = AtomicUsize::new(0);
        let mut too_early = 0;
        scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| event.wait());
            }
            wait_until_parked(&event, 2);
            while_locked(queues(&event).start, || {
                for _ in 0..3 {
                    scope.spawn(|| {
                        event.set();
                        returned.fetch_add(1, Ordering::Relaxed);
                    });
                }
                (0..100).for_each(|_| thread::yield_now());
                too_early = returned.load(Ordering::Relaxed);
            });
        });
        assert_eq!(too_early, 0, "sets returned though both waiters were still in the queue");
    });
}

#[test]
fn c32_one_set_does_not_pass_two_waits_with_a_reset_between() {
    watched(|| {
        for _ in 0..50 {
            let event: ManualResetEvent = unset();
            scope(|scope| {
                let waiter = scope.spawn(|| {
                    event.wait();
                    event.reset();
                    event.wait_for(Duration::from_micros(100))
                });
                wait_until_parked(&event, 1);
                event.set();
                assert!(!waiter.join().unwrap());
            });
        }
    });
}

// 27, 30, 31 and 33 are races: `stress.rs` runs them, and the models explore them.

#[test]
fn c34_ten_setters_ten_waiters() {
    watched(|| {
        for _ in 0..20 {
            let event: ManualResetEvent = unset();
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
    });
}

#[test]
fn c35_a_set_event_beats_an_expired_limit() {
    let event = ManualResetEvent::new(EventState::Set);
    assert!(event.wait_for(Duration::ZERO));
    assert!(event.wait_until(Instant::now()));
    assert!(event.wait_until(Instant::now().checked_sub(Duration::from_secs(1)).unwrap()));
}

#[test]
fn c36_one_byte_static_and_harmless() {
    static EVENT: ManualResetEvent = ManualResetEvent::new(EventState::Set);
    fn check<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>(_: &T) {}
    check(&EVENT);
    assert_eq!(size_of::<ManualResetEvent>(), 1);
    assert_eq!(align_of::<ManualResetEvent>(), 1);
    assert!(!std::mem::needs_drop::<ManualResetEvent>());
    assert!(EVENT.wait0());
}
