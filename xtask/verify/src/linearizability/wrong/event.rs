//! Of both events.

use std::time::Duration;

use super::{Case, DONE, EARLY, NO, RIGHT, WRONG, YES, case};
use crate::linearizability::objects::event::Call::{self, IsSet, Reset, Set, Wait, Wait0};
use crate::spec::{Event, Kind};

const fn wait_for(limit: u64) -> Call {
    Call::WaitFor(Duration::from_micros(limit))
}

const fn wait_until(deadline: u64) -> Call {
    Call::WaitUntil(Duration::from_micros(deadline))
}

pub(super) fn cases() -> Vec<Case<Event>> {
    let mut cases = auto();
    cases.extend(manual());
    cases
}

fn auto() -> Vec<Case<Event>> {
    let unset = || Event::new(Kind::Auto, false);
    let set = || Event::new(Kind::Auto, true);
    vec![
        case("a set is lost", WRONG, unset(), [(0, 0..1, Set, DONE), (1, 2..3, Wait0, NO)]),
        case("a set comes too late", RIGHT, unset(), [(0, 0..3, Set, DONE), (1, 1..2, Wait0, NO)]),
        case("a set is not seen", WRONG, unset(), [(0, 0..1, Set, DONE), (1, 2..3, IsSet, NO)]),
        case(
            "two waits take one set",
            WRONG,
            unset(),
            [(0, 1..2, Set, DONE), (1, 0..3, Wait, YES), (2, 0..3, Wait, YES)],
        ),
        case(
            "two waits take two sets",
            RIGHT,
            unset(),
            [
                (0, 1..2, Set, DONE),
                (0, 3..4, Set, DONE),
                (1, 0..5, Wait, YES),
                (2, 0..5, Wait, YES),
            ],
        ),
        case("nobody set it", WRONG, unset(), [(0, 0..1, Wait0, YES)]),
        case(
            "what it was at first is taken twice",
            WRONG,
            set(),
            [(0, 0..1, Wait0, YES), (1, 0..1, Wait0, YES)],
        ),
        case(
            "what it was at first is taken once",
            RIGHT,
            set(),
            [(0, 0..1, Wait0, YES), (1, 0..1, Wait0, NO)],
        ),
        case(
            "two sets count twice though nobody waits",
            WRONG,
            unset(),
            [
                (0, 0..1, Set, DONE),
                (0, 2..3, Set, DONE),
                (1, 4..5, Wait0, YES),
                (1, 6..7, Wait0, YES),
            ],
        ),
        case(
            "two sets, one of them before a wait that is running",
            RIGHT,
            unset(),
            [
                (0, 0..1, Set, DONE),
                (0, 3..4, Set, DONE),
                (1, 2..5, Wait, YES),
                (1, 6..7, Wait0, YES),
            ],
        ),
        case(
            "a wait wakes after a reset",
            WRONG,
            unset(),
            [(0, 0..1, Set, DONE), (0, 2..3, Reset, DONE), (1, 4..5, Wait, YES)],
        ),
        case(
            "a reset does not revoke a hand-over",
            RIGHT,
            unset(),
            [
                (1, 0..9, Wait, YES),
                (0, 1..2, Set, DONE),
                (0, 3..4, Reset, DONE),
                (0, 5..6, IsSet, NO),
            ],
        ),
        case(
            "a hand-over leaves the event set",
            WRONG,
            unset(),
            [(1, 0..2, Wait, YES), (0, 0..1, Set, DONE), (0, 3..4, IsSet, YES)],
        ),
        case(
            "a set is both taken and kept after a timeout",
            WRONG,
            unset(),
            [(0, 0..9, wait_for(8), YES), (1, 7..10, Set, DONE), (1, 11..12, Wait0, YES)],
        ),
        case(
            "a set is neither taken nor kept after a timeout",
            WRONG,
            unset(),
            [(0, 0..9, wait_for(8), NO), (1, 7..10, Set, DONE), (1, 11..12, Wait0, NO)],
        ),
        case(
            "a set is kept after a timeout",
            RIGHT,
            unset(),
            [(0, 0..9, wait_for(8), NO), (1, 7..10, Set, DONE), (1, 11..12, Wait0, YES)],
        ),
        case(
            "a timeout although the set had returned before the deadline",
            WRONG,
            unset(),
            [(0, 0..9, wait_for(8), NO), (1, 5..6, Set, DONE)],
        ),
        case(
            "a timeout, and the set returned between deadline and return",
            RIGHT,
            unset(),
            [(0, 0..12, wait_for(8), NO), (1, 9..10, Set, DONE)],
        ),
        case(
            "a timeout, and another wait took the set",
            RIGHT,
            unset(),
            [(0, 0..9, wait_for(8), NO), (1, 5..6, Set, DONE), (2, 0..7, Wait, YES)],
        ),
        case("a timeout before its time", EARLY, unset(), [(0, 0..7, wait_for(8), NO)]),
        case(
            "a deadline passes although a set came before",
            WRONG,
            unset(),
            [(0, 0..9, wait_until(5), NO), (1, 1..2, Set, DONE)],
        ),
        case(
            "a deadline passes, and a set came between it and the return",
            RIGHT,
            unset(),
            [(0, 0..9, wait_until(5), NO), (1, 6..7, Set, DONE)],
        ),
        case("a deadline that was not waited for", EARLY, unset(), [(0, 0..4, wait_until(5), NO)]),
        case("a timeout at its time", RIGHT, unset(), [(0, 0..8, wait_for(8), NO)]),
        case(
            "a look that no moment explains",
            WRONG,
            unset(),
            [
                (0, 0..1, Set, DONE),
                (1, 2..3, IsSet, NO),
                (2, 0..5, Wait, YES),
                (0, 4..5, Set, DONE),
                (0, 6..7, IsSet, NO),
            ],
        ),
        // The one that a search would fail which took a reset as soon as it changes nothing.
        case(
            "a reset that could have come first comes between",
            RIGHT,
            unset(),
            [(0, 0..9, Reset, DONE), (1, 1..2, Set, DONE), (1, 3..4, IsSet, NO)],
        ),
    ]
}

fn manual() -> Vec<Case<Event>> {
    let unset = || Event::new(Kind::Manual, false);
    let set = || Event::new(Kind::Manual, true);
    vec![
        case(
            "a set releases all",
            RIGHT,
            unset(),
            [
                (1, 0..5, Wait, YES),
                (2, 0..6, wait_for(4), YES),
                (0, 1..2, Set, DONE),
                (3, 7..8, Wait0, YES),
            ],
        ),
        case("a wait consumes", WRONG, set(), [(0, 0..1, Wait0, YES), (0, 2..3, Wait0, NO)]),
        case(
            "a pulse releases a wait whose return comes later",
            RIGHT,
            unset(),
            [(1, 0..9, Wait, YES), (0, 1..2, Set, DONE), (0, 3..4, Reset, DONE)],
        ),
        case(
            "a pulse releases a wait begun after it",
            WRONG,
            unset(),
            [(0, 1..2, Set, DONE), (0, 3..4, Reset, DONE), (1, 5..9, Wait, YES)],
        ),
        case(
            "a pulse releases a wait begun after its reset, though the set still runs",
            WRONG,
            unset(),
            [
                (0, 0..9, Set, DONE),
                (1, 1..2, Wait, YES),
                (1, 3..4, Reset, DONE),
                (1, 5..6, Wait, YES),
            ],
        ),
        case(
            "a set that still runs comes after the reset",
            RIGHT,
            unset(),
            [
                (0, 0..9, Set, DONE),
                (1, 1..2, Wait0, NO),
                (1, 3..4, Reset, DONE),
                (1, 5..6, Wait, YES),
            ],
        ),
        case(
            "a timeout takes the set with it",
            WRONG,
            unset(),
            [(0, 0..9, wait_for(5), NO), (1, 6..7, Set, DONE), (1, 10..11, IsSet, NO)],
        ),
        case(
            "a timeout although the set had returned before the deadline",
            WRONG,
            unset(),
            [(0, 0..9, wait_for(5), NO), (1, 1..2, Set, DONE), (1, 10..11, Reset, DONE)],
        ),
        case(
            "a timeout although set and reset came before the deadline, parked too late",
            RIGHT,
            unset(),
            [(0, 0..9, wait_for(5), NO), (1, 1..2, Set, DONE), (1, 3..4, Reset, DONE)],
        ),
        case("a reset is lost", WRONG, set(), [(0, 0..1, Reset, DONE), (1, 2..3, IsSet, YES)]),
        case(
            "set and reset side by side: either may be the last",
            RIGHT,
            unset(),
            [(0, 0..2, Set, DONE), (1, 0..2, Reset, DONE), (2, 3..4, IsSet, YES)],
        ),
        case(
            "set and reset side by side: two opinions which was the last",
            WRONG,
            unset(),
            [
                (0, 0..2, Set, DONE),
                (1, 0..2, Reset, DONE),
                (2, 3..4, IsSet, YES),
                (3, 5..6, IsSet, NO),
            ],
        ),
    ]
}
