//! Contract 92-100: limits and deadlines. Both events take every test.

mod support;

use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, ManualResetEvent, TimeoutError};
use support::{
    Event, FOREVER, SHORT, limits, parked, queues, scope, set, unset, wait_until_parked, watched,
    while_locked,
};

/// Expands to one test for each event.
macro_rules! for_both {
    ($($name:ident => $test:ident;)*) => {
        mod auto {
            $(#[test] fn $name() { super::watched(super::$test::<super::AutoResetEvent>) })*
        }
        mod manual {
            $(#[test] fn $name() { super::watched(super::$test::<super::ManualResetEvent>) })*
        }
    };
}

for_both! {
    c92_zero_is_wait0 => zero_is_wait0;
    c93_never_early => never_early;
    c94_returns_soon_after => returns_soon_after;
    c95_overlong_limits_mean_for_ever => overlong_limits_mean_for_ever;
    c96_far_limits_block_and_are_woken => far_limits_block_and_are_woken;
    c97_a_timeout_leaves_no_trace => a_timeout_leaves_no_trace;
    c98_a_wait_that_is_woken_succeeds => a_wait_that_is_woken_succeeds;
    c99_a_set_before_the_deadline_wins => a_set_before_the_deadline_wins;
    c99_a_set_before_the_deadline_wins_asleep => a_set_before_the_deadline_wins_asleep;
    c100_deadlines_are_monotonic_instants => deadlines_are_monotonic_instants;
}

fn past() -> Instant {
    Instant::now().checked_sub(Duration::from_millis(1)).expect("the clock has run for a while")
}

fn zero_is_wait0<E: Event>() {
    let event: E = unset();
    assert!(!event.wait_for(Duration::ZERO));
    assert!(!event.wait_until(past()));
    for wait in
        [|e: &E| e.wait_for(Duration::ZERO), |e: &E| e.wait_until(past()), |e: &E| e.wait0()]
    {
        let event: E = set();
        assert!(wait(&event));
        assert_eq!(wait(&event), !E::CONSUMES);
    }
    // It does not even queue for a moment: here the lock of the queue is not released until it returns.
    let event: E = unset();
    while_locked(queues(&event).start, || {
        assert!(!event.wait_for(Duration::ZERO));
        assert!(!event.wait_until(past()));
        assert!(!event.wait0());
    });
}

fn never_early<E: Event>() {
    let event: E = unset();
    limits::never_early(|limit| event.wait_for(limit));
    limits::never_early(|limit| event.wait_until(Instant::now() + limit));
    assert_eq!(parked(&event), 0);
}

fn returns_soon_after<E: Event>() {
    let event: E = unset();
    limits::returns_soon_after(|limit| event.wait_for(limit));
    limits::returns_soon_after(|limit| event.wait_until(Instant::now() + limit));
}

/// Starts one thread for each way to wait, sees all of them parked, and releases them.
fn block_until_set<E: Event>(ways: &[&(dyn Fn(&E) -> bool + Sync)]) {
    let event: E = unset();
    scope(|scope| {
        let waiters: Vec<_> = ways.iter().map(|wait| scope.spawn(|| wait(&event))).collect();
        wait_until_parked(&event, ways.len());
        for _ in ways {
            event.set();
        }
        for waiter in waiters {
            assert!(waiter.join().unwrap());
        }
    });
}

fn overlong_limits_mean_for_ever<E: Event>() {
    block_until_set::<E>(&[
        &|e| e.wait_for(Duration::MAX),
        &|e| e.try_wait_for(Duration::MAX).is_ok(),
        &|e| e.wait_for(Duration::from_secs(u64::MAX / 2)),
        &|e| e.try_wait_for(Duration::from_secs(u64::MAX / 2)).is_ok(),
    ]);
}

fn far_limits_block_and_are_woken<E: Event>() {
    const HOURS: Duration = Duration::from_secs(1000 * 3600);
    const AGES: Duration = Duration::from_secs(i64::MAX as u64 / 2);
    block_until_set::<E>(&[
        &|e| e.wait_for(HOURS),
        &|e| e.wait_until(Instant::now() + HOURS),
        &|e| e.wait_for(AGES),
        &|e| match Instant::now().checked_add(AGES) {
            Some(deadline) => e.wait_until(deadline),
            None => e.wait_for(AGES), // not every clock reaches that far
        },
    ]);
}

fn a_timeout_leaves_no_trace<E: Event>() {
    let event: E = unset();
    assert!(!event.wait_for(SHORT));
    assert_eq!(parked(&event), 0);
    event.set();
    assert!(event.wait0());
    assert_eq!(event.wait0(), !E::CONSUMES);
    event.reset();

    // With somebody else who keeps waiting.
    scope(|scope| {
        let patient = scope.spawn(|| event.wait_for(FOREVER));
        wait_until_parked(&event, 1);
        assert!(!event.wait_for(SHORT));
        assert_eq!(parked(&event), 1);
        event.set();
        assert!(patient.join().unwrap());
    });
}

/// Usually the first set releases the wait. An event whose waiters check again whether it is set may
/// keep it waiting, but not beyond its limit.
/// So there is no second sleep for which a limit could begin anew.
fn a_wait_that_is_woken_succeeds<E: Event>() {
    let event: E = unset();
    let set_and_reset = || {
        event.set();
        event.reset();
    };
    let wait = |limit| event.wait_for(limit);
    assert!(!limits::keeps_one_deadline(&event, wait, set_and_reset), "it slept again");
}

fn a_set_before_the_deadline_wins<E: Event>() {
    let event: E = unset();
    event.set();
    assert_eq!(event.try_wait_until(past()), Ok(()));
    event.reset();
    assert_eq!(event.try_wait_until(past()), Err(TimeoutError));
    scope(|scope| {
        let waiter = scope.spawn(|| event.wait_until(Instant::now() + FOREVER));
        wait_until_parked(&event, 1);
        event.set();
        event.reset();
        assert!(waiter.join().unwrap());
    });
}

fn a_set_before_the_deadline_wins_asleep<E: Event>() {
    const WAITERS: usize = 4;
    let sets = if E::CONSUMES { WAITERS } else { 1 };
    let wait = |event: &E, deadline| event.wait_until(deadline);
    let release = |event: &E| (0..sets).for_each(|_| event.set());
    limits::release_beats_later_deadlines(WAITERS, unset, wait, release);
}

/// A deadline is an `Instant`, and that is the monotonic clock: nothing can set it back.
fn deadlines_are_monotonic_instants<E: Event>() {
    let event: E = unset();
    let deadline = Instant::now() + SHORT;
    assert!(!event.wait_until(deadline));
    assert!(Instant::now() >= deadline);
}
