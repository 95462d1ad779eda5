//! The transition table, on every byte that the truth table allows.

use super::*;
use crate::queue::{Service, Waiting, testing};

/// Whether the byte may be this while the queue's lock is free and this number of waits is queued.
pub(in crate::raw) fn is_valid(byte: u8, queued: usize) -> bool {
    let slot = slot(byte);
    byte & !(QUEUED | UNSET | SLOT) == 0
        && matches!(slot, 0 | OFFERED | BARGED | RESERVED | RESERVED_AND_SET)
        && (byte & QUEUED != 0) == (queued != 0)
        && !(slot == RESERVED_AND_SET && queued != 0)
}

/// All bytes while no, one, or two waits are queued.
fn all() -> impl Iterator<Item = (u8, usize)> {
    (0..=2)
        .flat_map(|queued| (0..=u8::MAX).map(move |byte| (byte, queued)))
        .filter(|(byte, queued)| is_valid(*byte, *queued))
}

/// How many sets the byte holds.
fn sets(byte: u8) -> i32 {
    match slot(byte) {
        0 => i32::from(byte == 0),
        OFFERED | RESERVED => 1,
        RESERVED_AND_SET => 2,
        _ => 0,
    }
}

pub(crate) fn front(queued: usize, is_callable: bool) -> Option<Front> {
    let service = if is_callable { Service::Call } else { Service::HandOff };
    let wait = Waiting { request: 0, service };
    (queued > 0).then(|| testing::front(wait, (queued > 1).then_some(wait)))
}

#[track_caller]
fn assert_moves(before: u8, after: u8, queued: usize, set: i32) {
    assert!(is_valid(after, queued), "{before:#x} -> {after:#x}, {queued} queued");
    assert_eq!(sets(after) - sets(before), set, "{before:#x} -> {after:#x}");
}

#[test]
fn a_wait_that_succeeds_takes_one_set() {
    for (byte, queued) in all() {
        for after in [barge(byte), take(byte)].into_iter().flatten() {
            assert_moves(byte, after, queued, -1);
        }
        if let Some(after) = answer(byte).filter(|_| is_called_or_watched(byte)) {
            assert_moves(byte, after, queued, -1);
            assert!(!is_called_or_watched(after));
        }
        assert_eq!(pass_manual(byte).is_some(), byte == 0);
    }
}

/// Contract 122, 220.
#[test]
fn a_wait_that_is_given_up_takes_nothing_and_has_seen_the_event_unset() {
    for (byte, queued) in all().filter(|(_, queued)| *queued > 0) {
        let after = give_up(byte, queued == 1);
        assert_moves(byte, after, queued - 1, 0);
        assert_ne!(slot(after), OFFERED);
    }
}

/// Contract 219, 220.
#[test]
fn only_a_blocking_wait_barges_and_only_before_the_event_is_seen_unset() {
    for (byte, queued) in all() {
        let is_offered = slot(byte) == OFFERED;
        assert_eq!(barge(byte).is_some(), take(byte).is_some() || is_offered);
        assert_eq!(is_set(byte), byte == 0 || slot(byte) == RESERVED_AND_SET);
        let seen = observe(byte);
        assert_moves(byte, seen, queued, 0);
        assert_eq!(seen == byte, !is_offered);
        assert!(is_set(seen) || barge(seen).is_none(), "{seen:#x}");
        assert_eq!(reset(byte), take(byte).unwrap_or(seen));
        assert!(!is_set(reset(byte)) && barge(reset(byte)).is_none());
    }
}

/// Contract 7, 8, 12, 218, 221: a set coalesces only with one that any wait may take, and only while none is
/// queued.
#[test]
fn a_set_is_delivered_once() {
    for (byte, queued) in all() {
        for (is_callable, must_hand_off) in [(true, false), (true, true), (false, false)] {
            let (after, delivery) = deliver(byte, front(queued, is_callable), must_hand_off);
            let coalesces = queued == 0 && is_set(byte);
            match delivery {
                Delivery::Stored => assert_moves(byte, after, queued, i32::from(!coalesces)),
                Delivery::Called => {
                    assert!(is_callable && !is_called_or_watched(byte));
                    assert_moves(byte, after, queued - 1, 1);
                    assert_eq!(slot(after), OFFERED);
                }
                Delivery::HandedOff => assert_moves(byte, after, queued - 1, 0),
            }
            if let Some(without_lock) = deliver_without_lock(byte) {
                assert!(must_hand_off || (without_lock, Delivery::Stored) == (after, delivery));
            } else {
                assert!(queued > 0);
            }
            let has_barged = slot(byte) == BARGED;
            let is_stored = queued == 0 || has_barged && !must_hand_off;
            assert_eq!(delivery == Delivery::Stored, is_stored, "{byte:#x}");
        }
    }
}

/// A set that was handed off while one was offered: the event has been seen unset.
#[test]
fn after_a_hand_off_no_wait_barges() {
    for (byte, queued) in all() {
        let (after, delivery) = deliver(byte, front(queued, false), false);
        assert!(delivery != Delivery::HandedOff || barge(after).is_none(), "{byte:#x}");
    }
}

/// Contract 220, 223.
#[test]
fn a_wait_that_expires_takes_an_offered_set_at_most() {
    for (byte, queued) in all().filter(|(_, queued)| *queued > 0) {
        let (after, succeeded) = expire(byte, queued == 1);
        assert_moves(byte, after, queued - 1, -i32::from(succeeded));
        assert_eq!(succeeded, slot(byte) == OFFERED);
        assert!(barge(after).is_none());
    }
}

#[test]
fn a_called_waiter_that_finds_its_set_taken_queues_again() {
    for (byte, queued) in all().filter(|(byte, _)| is_called_or_watched(*byte)) {
        assert_eq!(answer(byte).is_none(), slot(byte) == BARGED);
        if answer(byte).is_none() {
            assert_moves(byte, requeue(byte), queued + 1, 0);
            assert!(!is_called_or_watched(requeue(byte)));
        }
    }
}
