//! The transition table, on every word that the truth table allows with a small value.

use core::iter;

use super::*;
use crate::gate::scenarios::{Permits, Zero};
use crate::queue::testing;

const REQUESTS: core::ops::Range<u32> = 1..4;

/// Whether the word may be this while the queue's lock is free and these waits are the first in the queue.
fn is_valid(word: Word, front: Option<Front>) -> bool {
    let bits = word.0 & !(u64::MAX << SHIFT);
    match front.map(|front| front.first.service) {
        None => bits == 0,
        Some(Service::Call) => bits == QUEUED || bits == QUEUED | CALLED,
        Some(Service::HandOff) => bits == QUEUED,
        Some(Service::Keep) => bits == QUEUED | KEPT,
        Some(Service::Broadcast) => unreachable!("no gate that is shared"),
    }
}

fn waiting() -> impl Iterator<Item = Waiting> {
    let services = [Service::Call, Service::HandOff, Service::Keep];
    REQUESTS.flat_map(move |request| services.map(|service| Waiting { request, service }))
}

/// None, or one that waits.
fn perhaps() -> impl Iterator<Item = Option<Waiting>> {
    iter::once(None).chain(waiting().map(Some))
}

fn fronts() -> impl Iterator<Item = Option<Front>> {
    let front = |first| perhaps().map(move |second| Some(testing::front(first, second)));
    iter::once(None).chain(waiting().flat_map(front))
}

/// All words, each with every front of the queue that it may have.
fn all() -> impl Iterator<Item = (Word, Option<Front>)> {
    let words = (0..1 << SHIFT).flat_map(|bits| (0..8).map(move |n| Word(n << SHIFT | bits)));
    words
        .flat_map(|word| fronts().map(move |front| (word, front)))
        .filter(|(word, front)| is_valid(*word, *front))
}

/// All words with waits in the queue.
fn all_queued() -> impl Iterator<Item = (Word, Front)> {
    all().filter_map(|(word, front)| Some((word, front?)))
}

/// The front once its first wait has left. The one behind the second is not known, and need not be.
fn behind(front: Front) -> Option<Front> {
    front.second.map(|first| testing::front(first, None))
}

#[track_caller]
fn assert_leads(before: Word, after: Word, front: Option<Front>, taken: u32) {
    assert!(is_valid(after, front), "{:#x} -> {:#x}", before.0, after.0);
    assert_eq!(
        before.value() - after.value(),
        u64::from(taken),
        "{:#x} -> {:#x}",
        before.0,
        after.0
    );
}

#[test]
fn the_bits_are_not_part_of_the_value() {
    let largest = u64::MAX >> SHIFT;
    for (word, _) in all() {
        for value in [0, 1, 1 << 40, largest] {
            let changed = word.with_value(value);
            assert_eq!(changed.value(), value);
            assert_eq!(changed.0 ^ value << SHIFT, word.0 & !(u64::MAX << SHIFT));
            assert_eq!(Word::new(value).0, value << SHIFT);
        }
    }
    for bit in [QUEUED, CALLED, KEPT] {
        assert!(bit.is_power_of_two() && bit < 1 << SHIFT);
        assert!(Word(bit).has(bit) && !Word(!bit).has(bit));
    }
}

#[test]
fn a_wait_takes_what_it_asks_for_or_nothing() {
    for ((word, front), request) in all().flat_map(|each| REQUESTS.map(move |n| (each, n))) {
        let taken = word.taken::<Permits>(request);
        assert_eq!(taken.is_some(), word.value() >= u64::from(request));
        if let Some(after) = taken {
            assert_leads(word, after, front, request);
        }
    }
}

#[test]
fn only_the_first_wait_passes_where_it_keeps() {
    for ((word, _), request) in all().flat_map(|each| REQUESTS.map(move |n| (each, n))) {
        let expected = word.taken::<Permits>(request).filter(|_| !word.has(KEPT));
        assert!(word.passed::<Permits>(request) == expected, "{:#x}", word.0);
    }
}

#[test]
fn a_wait_that_queues_is_first_only_in_an_empty_queue() {
    for ((word, front), last) in all().flat_map(|each| waiting().map(move |last| (each, last))) {
        let after = word.queued(last.service);
        assert_leads(word, after, front.or(Some(testing::front(last, None))), 0);
        assert!(front.is_none() || after == word);
    }
}

#[test]
fn after_the_first_wait_the_next_one_is_first_and_sleeps() {
    for (word, front) in all_queued() {
        let after = word.without_first(front.second);
        assert_leads(word, after, behind(front), 0);
        assert!(!after.has(CALLED));
    }
}

#[test]
fn a_called_wait_that_was_overtaken_sleeps_as_the_first() {
    for (word, front) in all_queued().filter(|(word, _)| word.has(CALLED)) {
        for service in [Service::Call, Service::Keep] {
            let first = Waiting { service, ..front.first };
            let after = word.overtaken(service);
            assert_leads(word, after, Some(testing::front(first, front.second)), 0);
            assert!(!after.has(CALLED));
        }
    }
}

#[test]
fn a_wait_is_served_if_the_value_is_enough() {
    for (word, front) in all_queued() {
        let first = u64::from(front.first.request);
        for must_hand_off in [false, true] {
            let served = word.served::<Permits>(front, must_hand_off);
            let Some((after, step)) = served else {
                let second = front.second.map(|second| u64::from(second.request));
                let needed = if word.has(CALLED) {
                    // What the first may take is not for the second.
                    second.map(|second| if must_hand_off { second } else { first + second })
                } else {
                    Some(first)
                };
                assert!(needed.is_none_or(|needed| word.value() < needed), "{:#x}", word.0);
                continue;
            };
            match step {
                Served::First => {
                    assert!(front.first.service != Service::Call);
                    assert_leads(word, after, behind(front), front.first.request);
                }
                Served::FirstCalled => {
                    assert!(!word.has(CALLED) && word.value() >= first);
                    assert_leads(word, after, Some(front), 0);
                    assert!(after.has(CALLED));
                }
                Served::Second => {
                    let second = front.second.expect("there is one").request;
                    assert!(word.has(CALLED));
                    assert_leads(word, after, Some(front), second);
                    assert!(must_hand_off || after.value() >= first, "{:#x}", word.0);
                    assert!(after.has(CALLED));
                }
            }
        }
    }
}

#[test]
fn where_a_shared_gate_opens_its_queue_is_released() {
    for (word, _) in all().filter(|(word, front)| front.is_none() || !word.has(KEPT | CALLED)) {
        let is_open = word.value() == 0;
        assert_eq!(word.passed::<Zero>(1).is_some(), is_open);
        assert!(word.passed::<Zero>(1).is_none_or(|after| after == word));
        let opened = word.opened::<Zero>();
        assert_eq!(opened.is_some(), is_open);
        if let Some(after) = opened {
            assert_leads(word, after, None, 0);
        }
    }
}
