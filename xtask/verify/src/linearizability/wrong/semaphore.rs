//! Of the semaphore.

use std::time::Duration;

use super::{Case, EARLY, NO, RIGHT, WRONG, YES, case};
use crate::linearizability::history::Answer::Number;
use crate::linearizability::objects::semaphore::Call::{
    self, Capacity, Count, Forget, GiveBack, TryRelease, Wait, Wait0,
};
use crate::spec::Semaphore;

const fn wait_for(permits: u16, limit: u64) -> Call {
    Call::WaitFor(permits, Duration::from_micros(limit))
}

const fn wait_until(permits: u16, deadline: u64) -> Call {
    Call::WaitUntil(permits, Duration::from_micros(deadline))
}

pub(super) fn cases() -> Vec<Case<Semaphore>> {
    let new = Semaphore::new;
    vec![
        case(
            "a permit is handed out twice",
            WRONG,
            new(1, 1),
            [(0, 0..1, Wait(1), YES), (1, 0..1, Wait0(1), YES)],
        ),
        case(
            "a permit is handed on",
            RIGHT,
            new(1, 1),
            [(0, 0..1, Wait(1), YES), (0, 2..3, GiveBack, Number(1)), (1, 0..4, Wait(1), YES)],
        ),
        case(
            "a permit is handed on before it is given back",
            WRONG,
            new(1, 1),
            [(0, 0..1, Wait(1), YES), (1, 0..2, Wait(1), YES), (0, 3..4, GiveBack, Number(1))],
        ),
        case(
            "a permit is lost",
            WRONG,
            new(1, 1),
            [(0, 0..1, Wait(1), YES), (0, 2..3, GiveBack, Number(1)), (1, 4..5, Wait0(1), NO)],
        ),
        case(
            "a permit is lost to a timeout",
            WRONG,
            new(1, 1),
            [
                (0, 0..1, Wait(1), YES),
                (1, 0..9, wait_for(1, 5), NO),
                (0, 6..7, GiveBack, Number(1)),
                (0, 10..11, Count, Number(0)),
            ],
        ),
        case(
            "a permit is kept after a timeout",
            RIGHT,
            new(1, 1),
            [
                (0, 0..1, Wait(1), YES),
                (1, 0..9, wait_for(1, 5), NO),
                (0, 6..7, GiveBack, Number(1)),
                (0, 10..11, Count, Number(1)),
            ],
        ),
        case(
            "a timeout although a permit came before the deadline",
            WRONG,
            new(0, 2),
            [(0, 0..9, wait_for(1, 5), NO), (1, 1..2, TryRelease(1), YES)],
        ),
        case(
            "a timeout, and the permit came between deadline and return",
            RIGHT,
            new(0, 2),
            [(0, 0..9, wait_for(1, 5), NO), (1, 6..7, TryRelease(1), YES)],
        ),
        case("a timeout before its time", EARLY, new(0, 2), [(0, 0..4, wait_for(1, 5), NO)]),
        case(
            "a refused release changes the count",
            WRONG,
            new(1, 2),
            [(0, 0..1, TryRelease(2), NO), (0, 2..3, Count, Number(2))],
        ),
        case(
            "a refused release changes nothing",
            RIGHT,
            new(1, 2),
            [
                (0, 0..1, TryRelease(2), NO),
                (0, 2..3, Count, Number(1)),
                (0, 4..5, TryRelease(1), YES),
            ],
        ),
        case(
            "a release beyond the maximum, with a permit that is held",
            WRONG,
            new(1, 1),
            [(0, 0..1, Wait(1), YES), (1, 2..3, TryRelease(1), YES)],
        ),
        case(
            "a release within the maximum is refused",
            WRONG,
            new(1, 2),
            [(0, 0..1, Wait(1), YES), (1, 2..3, TryRelease(1), NO)],
        ),
        case(
            "a forgotten permit makes room",
            RIGHT,
            new(1, 1),
            [
                (0, 0..1, Wait(1), YES),
                (0, 2..3, Forget, Number(1)),
                (0, 4..5, Capacity, Number(0)),
                (1, 6..7, TryRelease(1), YES),
            ],
        ),
        case(
            "a forgotten permit comes back",
            WRONG,
            new(1, 1),
            [(0, 0..1, Wait(1), YES), (0, 2..3, Forget, Number(1)), (1, 4..5, Wait0(1), YES)],
        ),
        case(
            "a forgotten permit leaves the capacity",
            WRONG,
            new(1, 1),
            [(0, 0..1, Wait(1), YES), (0, 2..3, Forget, Number(1)), (0, 4..5, Capacity, Number(1))],
        ),
        case("a request for two is served by one", WRONG, new(1, 2), [(0, 0..1, Wait0(2), YES)]),
        case(
            "a request is refused while one for several waits",
            RIGHT,
            new(1, 2),
            [(0, 0..5, Wait(2), YES), (1, 1..2, Wait0(1), NO), (2, 3..4, TryRelease(1), YES)],
        ),
        case(
            "a request is refused before one for several comes",
            WRONG,
            new(1, 2),
            [(1, 0..1, Wait0(1), NO), (0, 2..5, Wait(2), YES), (2, 3..4, TryRelease(1), YES)],
        ),
        case(
            "a request is refused while one for a single permit waits",
            WRONG,
            new(1, 2),
            [(0, 0..5, Wait(1), YES), (1, 6..9, Wait(1), YES), (1, 1..2, Wait0(1), NO)],
        ),
        case(
            "a request is refused while one for several waits in vain",
            RIGHT,
            new(1, 2),
            [(0, 0..5, wait_for(2, 4), NO), (1, 1..2, Wait0(1), NO)],
        ),
        case(
            "a request is refused while one for several waits until a moment that is near",
            RIGHT,
            new(1, 2),
            [(0, 0..5, wait_until(2, 0), NO), (1, 1..2, Wait0(1), NO)],
        ),
        case(
            "a request is refused beside one for several that does not wait",
            WRONG,
            new(1, 2),
            [(0, 0..5, Wait0(2), NO), (1, 1..2, Wait0(1), NO)],
        ),
        case(
            "a request is refused beside one for several that has no time",
            WRONG,
            new(1, 2),
            [(0, 0..5, wait_for(2, 0), NO), (1, 1..2, Wait0(1), NO)],
        ),
        case(
            "more permits are given back than were taken",
            WRONG,
            new(1, 4),
            [(0, 0..1, Wait(1), YES), (0, 2..3, GiveBack, Number(2))],
        ),
        case(
            "more permits are forgotten than were taken",
            WRONG,
            new(1, 4),
            [(0, 0..1, Wait(1), YES), (0, 2..3, Forget, Number(2))],
        ),
        case(
            "more permits are forgotten than there can be",
            WRONG,
            new(1, 4),
            [(0, 0..1, Wait(1), YES), (0, 2..3, Forget, Number(usize::MAX))],
        ),
        case(
            "a deadline passes although a permit came before",
            WRONG,
            new(0, 2),
            [(0, 0..9, wait_until(1, 5), NO), (1, 1..2, TryRelease(1), YES)],
        ),
        case(
            "a deadline passes, and the permit came between it and the return",
            RIGHT,
            new(0, 2),
            [(0, 0..9, wait_until(1, 5), NO), (1, 6..7, TryRelease(1), YES)],
        ),
        case(
            "a deadline that was not waited for",
            EARLY,
            new(0, 2),
            [(0, 0..4, wait_until(1, 5), NO)],
        ),
        case(
            "a timeout, though one for several gave up before the deadline",
            WRONG,
            new(1, 2),
            [(0, 0..3, wait_for(2, 2), NO), (1, 1..9, wait_for(1, 7), NO)],
        ),
    ]
}
