//! Of the countdown.

use std::time::Duration;

use super::{Case, DONE, EARLY, NO, RIGHT, WRONG, YES, case};
use crate::linearizability::history::Answer::Number;
use crate::linearizability::objects::countdown::Call::{
    self, Count, DecrementBy, Reset, Tick, TryIncrement, Wait, Wait0,
};
use crate::spec::Countdown;

const fn wait_for(limit: u64) -> Call {
    Call::WaitFor(Duration::from_micros(limit))
}

const fn wait_until(deadline: u64) -> Call {
    Call::WaitUntil(Duration::from_micros(deadline))
}

pub(super) fn cases() -> Vec<Case<Countdown>> {
    let new = Countdown::new;
    vec![
        case(
            "a wait passes before the last tick",
            WRONG,
            new(2),
            [(0, 0..1, Tick, NO), (1, 0..2, Wait, YES), (0, 3..4, Tick, YES)],
        ),
        case(
            "a wait passes at the last tick",
            RIGHT,
            new(2),
            [(0, 0..1, Tick, NO), (1, 0..4, Wait, YES), (0, 3..4, Tick, YES)],
        ),
        case(
            "a tick at zero counts",
            WRONG,
            new(0),
            [(0, 0..1, Tick, NO), (0, 2..3, TryIncrement, YES), (1, 4..5, Wait0, YES)],
        ),
        case(
            "a tick at zero does not count",
            RIGHT,
            new(0),
            [(0, 0..1, Tick, NO), (0, 2..3, TryIncrement, YES), (1, 4..5, Wait0, NO)],
        ),
        case("two ticks are the last", WRONG, new(1), [(0, 0..1, Tick, YES), (1, 0..1, Tick, YES)]),
        case(
            "two ticks are the last of two rounds",
            RIGHT,
            new(1),
            [(0, 0..3, Tick, YES), (1, 1..2, Reset(1), DONE), (2, 0..3, Tick, YES)],
        ),
        case("no tick is the last", WRONG, new(1), [(0, 0..1, Tick, NO), (1, 0..1, Tick, NO)]),
        case("a tick is lost", WRONG, new(2), [(0, 0..1, Tick, NO), (0, 2..3, Count, Number(2))]),
        case(
            "count zero, but unavailable",
            WRONG,
            new(1),
            [(0, 0..9, Tick, YES), (1, 1..2, Count, Number(0)), (1, 3..4, Wait0, NO)],
        ),
        case(
            "available, but a count",
            WRONG,
            new(1),
            [(0, 0..9, Tick, YES), (1, 1..2, Wait0, YES), (1, 3..4, Count, Number(1))],
        ),
        case(
            "count and availability agree while the tick runs",
            RIGHT,
            new(1),
            [
                (0, 0..9, Tick, YES),
                (1, 1..2, Wait0, NO),
                (1, 3..4, Count, Number(0)),
                (1, 5..6, Wait0, YES),
            ],
        ),
        case(
            "the last tick meets a reset, and fires with the new count",
            WRONG,
            new(1),
            [
                (0, 0..2, Tick, YES),
                (1, 0..2, Reset(2), DONE),
                (2, 3..4, Wait0, YES),
                (2, 5..6, Count, Number(2)),
            ],
        ),
        case(
            "the last tick meets a reset, and came first",
            RIGHT,
            new(1),
            [
                (0, 0..2, Tick, YES),
                (1, 0..2, Reset(2), DONE),
                (2, 3..4, Wait0, NO),
                (2, 5..6, Count, Number(2)),
            ],
        ),
        case(
            "the last tick meets a reset, and counts against the new count",
            RIGHT,
            new(1),
            [(0, 0..2, Tick, NO), (1, 0..2, Reset(2), DONE), (2, 3..4, Count, Number(1))],
        ),
        case(
            "who waits at a zero returns though it is armed again at once",
            RIGHT,
            new(1),
            [(1, 0..9, Wait, YES), (0, 1..2, Tick, YES), (0, 3..4, TryIncrement, YES)],
        ),
        case(
            "a wait begun after the arming passes on the zero before it",
            WRONG,
            new(1),
            [(0, 1..2, Tick, YES), (0, 3..4, TryIncrement, YES), (1, 5..9, Wait, YES)],
        ),
        case(
            "a timeout although the zero came before the deadline",
            WRONG,
            new(1),
            [(1, 0..9, wait_for(5), NO), (0, 1..2, Tick, YES)],
        ),
        case(
            "a timeout, and the zero came between deadline and return",
            RIGHT,
            new(1),
            [(1, 0..9, wait_for(5), NO), (0, 6..7, Tick, YES), (1, 10..11, Wait0, YES)],
        ),
        case(
            "a deadline passes although the last tick came before",
            WRONG,
            new(1),
            [(0, 0..9, wait_until(5), NO), (1, 1..2, Tick, YES)],
        ),
        case(
            "a deadline passes, and the last tick came between it and the return",
            RIGHT,
            new(1),
            [(0, 0..9, wait_until(5), NO), (1, 6..7, Tick, YES)],
        ),
        case("a deadline that was not waited for", EARLY, new(1), [(0, 0..4, wait_until(5), NO)]),
        case("a timeout before its time", EARLY, new(1), [(1, 0..4, wait_for(5), NO)]),
        case(
            "a decrement by more than is left wraps",
            WRONG,
            new(2),
            [(0, 0..1, DecrementBy(3), YES), (0, 2..3, Count, Number(Countdown::MAX))],
        ),
        case(
            "a decrement by more than is left brings zero",
            RIGHT,
            new(2),
            [(0, 0..1, DecrementBy(3), YES), (0, 2..3, Count, Number(0))],
        ),
        case(
            "an increment is lost to a tick",
            WRONG,
            new(2),
            [(0, 0..2, Tick, NO), (1, 0..2, TryIncrement, YES), (2, 3..4, Count, Number(1))],
        ),
    ]
}
