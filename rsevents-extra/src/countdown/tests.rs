use std::thread;
use std::time::{Duration, Instant};

use rsevents::Awaitable;

use super::{CountdownEvent, REST, ROUND, count, round, with_count};
use crate::deadline::Deadline;
use crate::sync::Ordering;

/// Contract 50: not even inside. A debt that grew with each surplus tick would one day be a count.
#[test]
fn surplus_ticks_leave_no_debt() {
    let countdown = CountdownEvent::new(1);
    for _ in 0..10 {
        countdown.tick();
        assert_eq!(countdown.word.load(Ordering::Relaxed) & REST, REST);
    }
}

/// Contract 58a: a waiter for the end of one round is not woken by the ends of the next three.
#[test]
fn four_rounds_have_an_end_each() {
    let countdown = CountdownEvent::new(1);
    let end = |number: u64| std::ptr::from_ref(countdown.end_of_round(number * ROUND));
    for first in [0, 1, 7, u64::from(u32::MAX >> 1) - 3] {
        for second in 1..4 {
            assert_ne!(end(first), end(first + second), "{first} and {second} more");
        }
    }
}

#[test]
fn a_zero_is_a_new_round_and_nothing_else_is() {
    for start in [1, 2, CountdownEvent::MAX as u64] {
        let word = with_count(7 * ROUND, start);
        assert_eq!(count(word), start);
        let zero = with_count(word, 0);
        assert_eq!(count(zero), 0);
        assert_ne!(round(zero), round(word));
        assert_eq!(with_count(zero, 0), zero);
        for next in [1, 2, CountdownEvent::MAX as u64] {
            assert_eq!(round(with_count(word, next)), round(word));
            assert_eq!(round(with_count(zero, next)), round(zero));
        }
    }
    assert_eq!(with_count(1, 0), (1_u64 << 33).wrapping_neg() | REST, "the last round wraps");
}

/// Contract 98: a wait that the end of an earlier round wakes keeps its deadline. With its whole limit anew it
/// would last that long afterwards, at least. One may last so long on a busy machine; the longer the limit,
/// the less likely.
#[test]
fn a_wake_up_does_not_prolong_a_wait() {
    let mut report = String::new();
    for limit in (0..7).map(|doubled| Duration::from_millis(10 << doubled)) {
        match rest_after_a_wake_up(limit) {
            Some(rest) if rest < limit * 3 / 4 => return,
            rest => report += &format!("\n{limit:?}: {rest:?} more"),
        }
    }
    panic!("each wait began anew when it was woken:{report}");
}

/// Contract 49, 99: a zero that came in time ends a wait, although its set is undone when the deadline passes.
#[test]
fn a_zero_before_the_deadline_needs_no_set() {
    let countdown = CountdownEvent::new(1);
    let start = countdown.word.load(Ordering::Relaxed);
    assert!(countdown.decrement());
    // By a waiter that the end of an earlier round has woken. It will set it again.
    countdown.end_of_round(start).reset();
    assert!(countdown.sleep_until_zero(start, Deadline::At(Instant::now())));
}

/// Wakes a wait with a limit when half of that is over, as the last tick of an earlier round does that comes
/// late. Returns how long the wait lasted after that, or `None` if its limit may have passed before.
fn rest_after_a_wake_up(limit: Duration) -> Option<Duration> {
    let countdown = CountdownEvent::new(1);
    let end = countdown.end_of_round(countdown.word.load(Ordering::Relaxed));
    thread::scope(|scope| {
        let start = Instant::now();
        let waiter = scope.spawn(|| {
            assert!(!countdown.wait_for(limit));
            Instant::now()
        });
        thread::sleep(limit / 2);
        let woken = Instant::now();
        end.set();
        // The waiter resets it when it goes on waiting.
        while end.is_set() && !waiter.is_finished() {
            thread::yield_now();
        }
        let in_time = !end.is_set() && start.elapsed() < limit;
        let ended = waiter.join().unwrap();
        in_time.then(|| ended.saturating_duration_since(woken))
    })
}
