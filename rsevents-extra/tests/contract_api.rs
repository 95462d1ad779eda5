//! Contract 52, 59, 224-226 and 228, and the methods that yield owned guards and tickets.

mod support;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rsevents_extra::{
    Awaitable, CountdownEvent, CountdownTicket, OwnedCountdownTicket, OwnedSemaphoreGuard,
    Semaphore, TimeoutError,
};
use support::{
    SHORT, Waitable, assert_panics, file_of_panic, parked, scope, wait_until_parked,
    watchdog_tests, with_watchdog,
};

watchdog_tests! {
    c59_c228_a_maximum_of_zero_waits_for_ever,
}

/// 59, 228: with a maximum of zero, a wait without a limit never returns and never panics.
fn c59_c228_a_maximum_of_zero_waits_for_ever() {
    let semaphore: &Arc<Semaphore> = Box::leak(Box::new(Arc::new(Semaphore::new(0, 0))));
    // These threads end with the process.
    thread::spawn(|| drop(semaphore.wait()));
    thread::spawn(|| drop(semaphore.wait_many(1)));
    thread::spawn(|| drop(semaphore.wait_owned()));
    thread::spawn(|| drop(Awaitable::wait(&**semaphore)));
    thread::spawn(|| drop(Awaitable::try_wait(&**semaphore)));
    wait_until_parked(&**semaphore, 5);
    assert!(!semaphore.try_release(1));
    semaphore.release(0);
    assert_eq!(parked(&**semaphore), 5);

    let start = Instant::now();
    assert_eq!(semaphore.wait_for(SHORT).map(drop), Err(TimeoutError));
    assert!(start.elapsed() >= SHORT);
    assert!(semaphore.try_wait0().is_err());
    assert_eq!(semaphore.wait_many(0).permits(), 0);
}

#[test]
fn c228_more_than_the_maximum_is_refused() {
    for max in [0, 1, 2] {
        let semaphore = Semaphore::new(0, max);
        assert_panics(|| drop(semaphore.wait_many(3)), &["3 is more than"]);
        assert!(semaphore.wait_many_for(3, Duration::MAX).is_err());
        assert!(semaphore.wait_many_until(3, Instant::now() + Duration::from_secs(3600)).is_err());
        assert!(semaphore.try_wait0_many(3).is_err());
        assert_eq!(semaphore.count(), 0);
    }
}

#[test]
fn c228_a_panic_points_at_the_caller() {
    let (one, other) = (Arc::new(Semaphore::new(1, 1)), Arc::new(Semaphore::new(1, 1)));
    let full = Arc::new(CountdownEvent::new(CountdownEvent::MAX));
    let too_many = CountdownEvent::MAX.saturating_add(1);
    let mut calls: Vec<Box<dyn Fn()>> = vec![
        Box::new(|| drop(Semaphore::new(2, 1))),
        Box::new(|| drop(one.wait_many(2))),
        Box::new(|| drop(one.wait_many_async(2))),
        Box::new(|| drop(one.wait_many_owned_async(2))),
        Box::new(|| one.release(1)),
        Box::new(|| Semaphore::new(1, 1).modify(1)),
        Box::new(|| Semaphore::new(1, 1).modify(-2)),
        Box::new(|| one.wait().merge(other.wait())),
        Box::new(|| one.wait_owned().merge(other.wait_owned())),
        Box::new(|| drop(one.wait().into_owned(Arc::clone(&other)))),
        Box::new(|| full.increment()),
        Box::new(|| full.increment_by(1)),
        Box::new(|| drop(full.add_ticket())),
        Box::new(|| drop(full.add_ticket_owned())),
    ];
    if too_many > CountdownEvent::MAX {
        calls.push(Box::new(|| drop(CountdownEvent::new(too_many))));
        calls.push(Box::new(|| full.reset(too_many)));
    }
    for (number, call) in calls.iter().enumerate() {
        assert_eq!(file_of_panic(call), file!(), "call {number}");
    }
    assert_eq!((one.count(), other.count(), full.count()), (1, 1, CountdownEvent::MAX));
}

/// 225, 226: a caller may pass them on as functions.
#[test]
fn c225_c226_reset_tick_wait_and_release_return_nothing() {
    let tick: fn(&CountdownEvent) = CountdownEvent::tick;
    let reset: fn(&CountdownEvent, usize) = CountdownEvent::reset;
    let wait: fn(&CountdownEvent) = |countdown| countdown.wait();
    let release: fn(&Semaphore, u16) = Semaphore::release;
    let (countdown, semaphore) = (CountdownEvent::new(2), Semaphore::new(0, 1));
    reset(&countdown, 1);
    tick(&countdown);
    wait(&countdown);
    release(&semaphore, 1);
    assert!(countdown.is_set() && semaphore.count() == 1);
}

#[test]
fn c52_increments_by_several_are_all_or_nothing() {
    let countdown = CountdownEvent::default();
    assert!(countdown.is_set());
    countdown.increment_by(0);
    assert!(countdown.try_increment_by(0));
    assert!(countdown.is_set(), "nothing was added");
    countdown.increment_by(3);
    assert_eq!(countdown.count(), 3);
    assert!(countdown.try_increment_by(CountdownEvent::MAX - 4));
    for refused in [2, CountdownEvent::MAX, usize::MAX] {
        assert!(!countdown.try_increment_by(refused));
        assert_panics(|| countdown.increment_by(refused), &["count after increment: "]);
        assert_eq!(countdown.count(), CountdownEvent::MAX - 1);
    }
    countdown.increment_by(1);
    assert!(!countdown.decrement_by(CountdownEvent::MAX - 1));
    assert!(countdown.decrement());
}

#[test]
fn tickets_can_add_to_the_count_and_own_the_countdown() {
    fn check<T: Send + Sync + std::fmt::Debug + 'static>(_: &T) {}
    with_watchdog(|| {
        let countdown = Arc::new(CountdownEvent::new(1));
        let first: CountdownTicket<'_> = countdown.add_ticket();
        let second: OwnedCountdownTicket = countdown.add_ticket_owned();
        let third = countdown.ticket_owned();
        check(&second);
        assert_eq!(countdown.count(), 3);
        drop(first);
        assert_eq!(countdown.count(), 2);
        scope(|scope| {
            for ticket in [second, third] {
                scope.spawn(move || drop(ticket));
            }
            countdown.wait();
        });
        assert!(countdown.is_set());

        let last = countdown.add_ticket_owned();
        let weak = Arc::downgrade(&countdown);
        drop(countdown);
        assert_eq!(weak.upgrade().unwrap().count(), 1);
        drop(last);
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn owned_waits_have_limits() {
    let semaphore = Arc::new(Semaphore::new(1, 1));
    let far = Instant::now() + Duration::from_secs(3600);
    let guard: OwnedSemaphoreGuard = semaphore.wait_owned_for(Duration::MAX).unwrap();
    assert_eq!(semaphore.count(), 0);
    let start = Instant::now();
    assert_eq!(semaphore.wait_owned_for(SHORT).map(drop), Err(TimeoutError));
    assert!(start.elapsed() >= SHORT);
    assert_eq!(semaphore.wait_owned_until(start).map(drop), Err(TimeoutError));
    drop(guard);
    assert_eq!(semaphore.wait_owned_until(far).unwrap().permits(), 1);
    assert_eq!(semaphore.count(), 1);
    assert_eq!(Arc::strong_count(&semaphore), 1);
}

/// A shared pointer is waited on like a countdown. That to a semaphore keeps the semaphore's own
/// methods, which yield guards.
#[test]
fn c224_shared_pointers() {
    fn is_available(object: &impl Waitable) -> bool {
        object.wait0()
    }
    assert!(is_available(&Arc::new(CountdownEvent::default())));
    let semaphore = Arc::new(Semaphore::new(1, 1));
    let guard = semaphore.wait_for(SHORT).unwrap();
    assert_eq!(guard.permits(), 1);
    drop(guard);
    assert_eq!(semaphore.wait_until(Instant::now()).unwrap().permits(), 1);
    assert_eq!(semaphore.try_wait0().unwrap().permits(), 1);
}
