//! Contract 35 and 92-100, on whatever can be set and reset, and what semaphores need of it.

use std::time::{Duration, Instant};
use std::{hint, thread};

use super::{
    Event, FOREVER, SHORT, Wait, parked, past, queue, released_from_the_queue, rounds, scope, set,
    unset, wait_until, wait_until_parked, with_locked,
};

pub(crate) fn c35_c92_c99_a_passed_limit_is_wait0<E: Event>() {
    let waits: [Wait<E>; 5] = [
        |event| event.wait0(),
        |event| event.wait_for(Duration::ZERO),
        |event| event.wait_until(Instant::now()),
        |event| event.wait_until(past()),
        |event| event.try_wait_until(past()) == Ok(()),
    ];
    for wait in waits {
        let event: E = set();
        assert!(wait(&event));
        assert_eq!(wait(&event), !E::CONSUMES);
        event.reset();
        assert!(!wait(&event));
        // It does not queue even for a moment: the lock of the queue is held until it returns.
        with_locked(queue(&event), |_| assert!(!wait(&event)));
    }
}

/// A deadline is an `Instant`, and that is the monotonic clock: nothing can set it back.
pub(crate) fn c93_c94_c100_waits_time_out_after_their_limits_and_soon<E: Event>() {
    let event: E = unset();
    times_out_in_time(|limit| event.wait_for(limit));
    times_out_in_time(|limit| event.wait_until(Instant::now() + limit));
    assert_eq!(parked(&event), 0);
}

pub(crate) fn c95_c96_far_limits_block_until_the_set<E: Event>() {
    const HOURS: Duration = Duration::from_secs(1000 * 3600);
    const AGES: Duration = Duration::from_secs(i64::MAX as u64 / 2);
    let waits: [Wait<E>; 8] = [
        |event| event.wait_for(Duration::MAX),
        |event| event.try_wait_for(Duration::MAX).is_ok(),
        |event| event.wait_for(Duration::from_secs(u64::MAX / 2)),
        |event| event.try_wait_for(Duration::from_secs(u64::MAX / 2)).is_ok(),
        |event| event.wait_for(HOURS),
        |event| event.wait_until(Instant::now() + HOURS),
        |event| event.wait_for(AGES),
        |event| match Instant::now().checked_add(AGES) {
            Some(deadline) => event.wait_until(deadline),
            None => event.wait_for(AGES), // not every clock reaches that far
        },
    ];
    let event: E = unset();
    released_from_the_queue(&event, &waits, || waits.iter().for_each(|_| event.set()));
}

pub(crate) fn c97_a_timeout_leaves_no_trace<E: Event>() {
    let event: E = unset();
    assert!(!event.wait_for(SHORT));
    assert_eq!(parked(&event), 0);
    event.set();
    assert!(event.wait0());
    assert_eq!(event.wait0(), !E::CONSUMES);
    event.reset();

    // Beside another waiter, which goes on waiting.
    scope(|scope| {
        let patient = scope.spawn(|| event.wait_for(FOREVER));
        wait_until_parked(&event, 1);
        assert!(!event.wait_for(SHORT));
        assert_eq!(parked(&event), 1);
        event.set();
        assert!(patient.join().unwrap());
    });
}

pub(crate) fn set_and_reset<E: Event>(event: &E) {
    event.set();
    event.reset();
}

/// It has its set although the event is reset at once. So there is no second sleep, for which its limit could begin
/// anew.
pub(crate) fn c98_a_wait_that_is_woken_succeeds<E: Event>() {
    let event: E = unset();
    for _ in 0..rounds(100) {
        scope(|scope| {
            let waiter = scope.spawn(|| event.wait_for(FOREVER));
            wait_until_parked(&event, 1);
            set_and_reset(&event);
            assert!(waiter.join().unwrap());
        });
    }
}

/// Even if the object is reset before the deadline, too.
pub(crate) fn c28_c99_a_set_before_the_deadline_of_parked_waiters_wins<E: Event>() {
    const WAITERS: usize = 16;
    let sets = if E::CONSUMES { WAITERS } else { 1 };
    let wait = |event: &E, deadline| event.wait_until(deadline);
    let set_and_reset = |event: &E| {
        let all_are_parked = parked(event) == WAITERS;
        (0..sets).for_each(|_| event.set());
        event.reset();
        let is_prompt = !all_are_parked || parked(event) == 0;
        assert!(is_prompt, "released some time after set returned");
    };
    release_beats_later_deadlines(WAITERS, unset, parked, wait, set_and_reset);
}

/// Contract 93, 94, with a `wait` that is never released.
///
/// The short limits may pass while a wait spins. Whether it does depends on earlier waits of its thread, so
/// most waits are the first ones of a thread.
pub(crate) fn times_out_in_time(wait: impl Fn(Duration) -> bool + Sync) {
    let time = |limit| {
        let start = Instant::now();
        assert!(!wait(limit), "a wait for {limit:?} succeeded");
        let waited = start.elapsed();
        assert!(waited >= limit, "a wait for {limit:?} returned after {waited:?}");
        waited
    };
    for nanos in [1, 500, 2_000, 5_000, 10_000, 30_000, 70_000] {
        for _ in 0..20 {
            scope(|scope| {
                scope.spawn(|| [(); 4].map(|()| time(Duration::from_nanos(nanos))));
            });
        }
    }
    for millis in [1, 20, 100] {
        time(Duration::from_millis(millis));
    }
    // Where the system counts time in ticks, a wait ends with one: on Windows each 15.6 ms.
    let most = Duration::from_millis(if cfg!(windows) { 20 } else { 5 });
    for limit in [1, 50_000, 1_000_000].map(Duration::from_nanos) {
        // The best of many waits: a single one may find the processor busy.
        let is_soon = (0..50).any(|_| time(limit) < most);
        assert!(is_soon, "each of 50 waits for {limit:?} took {most:?} or longer");
    }
}

/// Contract 222: a thread holds an object that is set, for however long, gives it back and takes it again at once.
/// `take_for` takes it and gives it back, within a limit, and returns whether it has.
pub(crate) fn holder_starves_none<O: Sync>(
    new: impl Fn() -> O,
    hold: impl Fn(&O, Duration) + Sync,
    is_held: impl Fn(&O) -> bool,
    take_for: impl Fn(&O, Duration) -> bool,
) {
    const LIMIT: Duration = Duration::from_secs(1);
    for time in [30_000, 1_000, 100].map(Duration::from_micros) {
        let object = new();
        scope(|scope| {
            scope.repeat(|| hold(&object, time));
            for _ in 0..6 {
                wait_until(|| is_held(&object));
                assert!(take_for(&object, LIMIT), "starved by a thread that holds it for {time:?}");
            }
        });
        assert!(take_for(&object, Duration::ZERO), "it was not given back");
    }
}

/// Contract 75, 98. Wakes a wait with a limit when half of that is over, and takes what it was woken for before it
/// does: `overtake` returns whether that succeeded.
pub(crate) fn an_overtaken_wait_keeps_its_deadline<O: Sync>(
    new: impl Fn() -> O,
    wait_for: impl Fn(&O, Duration) -> bool + Sync,
    overtake: impl Fn(&O) -> bool,
) {
    let once = |limit| {
        let object = new();
        scope(|scope| {
            let waiter = scope.spawn(|| (wait_for(&object, limit), Instant::now()));
            wait_until(|| parked(&object) == 1 || waiter.is_finished());
            thread::sleep(limit / 2);
            let overtaken = Instant::now();
            let was_overtaken = overtake(&object);
            let (passed, ended) = waiter.join().unwrap();
            (was_overtaken && !passed).then(|| ended.saturating_duration_since(overtaken))
        })
    };
    // A waiter that wakes up on the other core at once may come first, many times in a row.
    let rest = |limit| (0..50).find_map(|_| once(limit));
    assert!(a_wake_up_does_not_prolong(rest), "no wait was overtaken");
}

/// Contract 98. `rest` is how long a wait with a limit lasted after it was woken for the last time, or `None` if
/// it was not woken in time.
///
/// A wait that begins anew after each wake-up ends a whole limit after the last one, or later. So one
/// wait that ends sooner is proof, which is what `true` says. The limits grow because a busy system may
/// delay threads for longer than the first of them.
pub(crate) fn a_wake_up_does_not_prolong(rest: impl Fn(Duration) -> Option<Duration>) -> bool {
    let mut report = String::new();
    for limit in (0..7).map(|doublings| Duration::from_millis(10 << doublings)) {
        match rest(limit) {
            Some(rest) if rest < limit => return true,
            Some(rest) => report += &format!("\n{limit:?}: {rest:?} after the last wake-up"),
            None => {}
        }
    }
    assert!(report.is_empty(), "each wait began anew when it was woken:{report}");
    false
}

/// Contract 28, 76, 99: `waiters` threads wait with the same deadline, and `parked` tells how many are parked.
/// `release`, which is enough for all of them, returns before it. Then all waits succeed, even where a thread runs
/// only after the deadline.
///
/// Releases at different times before the deadline, until there were enough rounds in which a wait ended
/// after it. One is enough if these are rare.
pub(crate) fn release_beats_later_deadlines<O: Sync>(
    waiters: usize,
    new: impl Fn() -> O,
    parked: impl Fn(&O) -> usize,
    wait: impl Fn(&O, Instant) -> bool + Sync,
    release: impl Fn(&O),
) {
    const LEAST: Duration = Duration::from_millis(1);
    // A short spin after a sleep: a thread that spins for long is preempted when it should release.
    const SPIN: Duration = Duration::from_micros(100);
    const LONG_ENOUGH: Duration = Duration::from_millis(250);
    let start = Instant::now();
    let mut limit = LEAST;
    let mut close_rounds = 0;
    // Up to a millisecond before the deadline, or more where releases take that long.
    let mut shifts = 10..20;
    while close_rounds < 5 && (close_rounds == 0 || start.elapsed() < LONG_ENOUGH) {
        let object = new();
        let deadline = Instant::now() + limit;
        let shift = fastrand::u32(shifts.clone());
        let at = deadline - Duration::from_nanos(1 << shift);
        let wait = || (wait(&object, deadline), Instant::now());
        let are_parked = || parked(&object) == waiters;
        let (were_parked, in_time, waits) = scope(|scope| {
            let waits: Vec<_> = (0..waiters).map(|_| scope.spawn(wait)).collect();
            while Instant::now() < at && !are_parked() {
                thread::yield_now();
            }
            let were_parked = are_parked();
            thread::sleep(at.saturating_duration_since(Instant::now() + SPIN));
            while Instant::now() < at {
                hint::spin_loop();
            }
            release(&object);
            let in_time = Instant::now() < deadline;
            let waits = waits.into_iter().map(|wait| wait.join().unwrap());
            (were_parked, in_time, waits.collect::<Vec<_>>())
        });
        if !were_parked {
            limit *= 2;
            continue;
        }
        limit = LEAST.max(limit - limit / 8);
        if in_time {
            let all_succeeded = waits.iter().all(|(succeeded, _)| *succeeded);
            assert!(all_succeeded, "a release before the deadline was missed");
            close_rounds += usize::from(waits.iter().any(|(_, end)| *end > deadline));
        } else if shift + 1 == shifts.end {
            shifts.end += 1;
        }
    }
}
