use super::{CountdownEvent, REST, ROUND, count, round, with_count};
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

/// Contract 58a: who sleeps for the end of one round is not disturbed by those of the next three.
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
