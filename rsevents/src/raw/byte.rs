//! The byte of an event: its bits, and every step that changes more than `UNSET`, but for a broadcast, which
//! turns all of them off.
//!
//! Each bit that is on is a reason why a wait might not succeed at once, so an event is set, and may be
//! taken, if its byte is zero. Then a set is one instruction, on x86 too: an atomic "and" leaves a flag
//! there that tells whether the result is zero, but it does not return the value before.
//!
//! The functions are pure. They are the columns of the transition table in `docs/protocol.md`; what is
//! done with the queue in the same step is said there and at the callers.

use crate::queue::{Front, Service};

/// At least one wait is in the queue of this event.
pub(super) const QUEUED: u8 = 0x01;

/// There is no set to take. Has a meaning exactly while all other bits are off.
// Not bit 0: for that, LLVM makes a loop of compare-exchange instead of one `lock and` and its flag.
pub(super) const UNSET: u8 = 0x02;

/// The whole byte of an event that is watched: the real one is in its [stand-in](crate::queue::StandIn). Of the
/// steps below, those that may fail return `None` for it, and are then made under the lock. The others are never
/// applied to it.
pub(super) const WATCHED: u8 = 0xc0;

/// What the called waiter will find. Manual events never have one.
///
/// | slot | a set is there for | the next set, if waits are queued | if none is |
/// |---|---|---|---|
/// | none | | calls the front waiter: `OFFERED`, or is handed off, if that is not to be called | sets the event |
/// | `OFFERED` | the called waiter, or a wait that barges | is handed off, and the first one becomes `RESERVED` | `RESERVED_AND_SET` |
/// | `BARGED` | none: a wait has barged | `OFFERED` again, or is handed off, by the setters' rule | `OFFERED` again |
/// | `RESERVED` | the called waiter alone | is handed off | `RESERVED_AND_SET` |
/// | `RESERVED_AND_SET` | the called waiter, and another one for any wait | (then no wait is queued) | coalesces with the latter |
// The sign bit is on in all of them, and in `WATCHED`: one instruction tells on x86 whether a byte is zero and
// whether it has it.
const SLOT: u8 = 0xf0;
const CALLED: u8 = 0x80;
pub(super) const OFFERED: u8 = 0x80;
pub(super) const BARGED: u8 = 0x90;
const RESERVED: u8 = 0xa0;
const RESERVED_AND_SET: u8 = 0xb0;

/// Whether an event with this byte is set, and no waiter has been called.
pub(crate) const fn is_zero(byte: u8) -> bool {
    byte == 0
}

/// Whether the event is watched.
pub(super) const fn is_watched(byte: u8) -> bool {
    byte == WATCHED
}

/// Whether a waiter has been called and has not answered yet, or the event is watched.
pub(super) const fn is_called_or_watched(byte: u8) -> bool {
    byte & CALLED != 0
}

/// Whether waits are queued.
pub(super) const fn has_queued(byte: u8) -> bool {
    byte & QUEUED != 0
}

/// Whether the called waiter's set was taken, by a wait that barged.
pub(super) const fn has_barged(byte: u8) -> bool {
    slot(byte) == BARGED
}

/// Whether a set is offered to the called waiter anew, while others are queued.
pub(super) const fn offers_anew(byte: u8) -> bool {
    byte == BARGED | QUEUED
}

const fn slot(byte: u8) -> u8 {
    byte & SLOT
}

/// `byte` with this slot. If no bit is left, the event is unset: a byte of zero would be a set.
const fn with_slot(byte: u8, slot: u8) -> u8 {
    or_unset(byte & !SLOT & !UNSET | slot)
}

const fn or_unset(byte: u8) -> u8 {
    if byte == 0 { UNSET } else { byte }
}

/// A queue that becomes empty.
const fn without_queue(byte: u8) -> u8 {
    or_unset(byte & !QUEUED & !UNSET)
}

/// What a wait leaves that blocks and is not queued, or `None` if it has to queue.
pub(super) const fn barge(byte: u8) -> Option<u8> {
    match slot(byte) {
        0 if byte == 0 => Some(UNSET),
        OFFERED => Some(with_slot(byte, BARGED)),
        RESERVED_AND_SET => Some(RESERVED),
        _ => None,
    }
}

/// What a wait for a manual event leaves, or `None` if it has to queue.
pub(super) const fn pass_manual(byte: u8) -> Option<u8> {
    if byte == 0 { Some(0) } else { None }
}

/// What a wait leaves that does not block, or `None` if it fails. Then [`observe`] applies.
pub(super) const fn take(byte: u8) -> Option<u8> {
    match slot(byte) {
        0 if byte == 0 => Some(UNSET),
        RESERVED_AND_SET => Some(RESERVED),
        _ => None,
    }
}

/// The event is found unset: the set that the called waiter was offered is its alone from now on. (If a
/// later wait barged, it would take a set of an event that was unset before, and not set since.)
pub(super) const fn observe(byte: u8) -> u8 {
    if slot(byte) == OFFERED { with_slot(byte, RESERVED) } else { byte }
}

/// What a reset leaves: it takes the set that a wait that does not block would take.
pub(super) const fn reset(byte: u8) -> u8 {
    match take(byte) {
        Some(after) => after,
        None => observe(byte),
    }
}

/// Whether any wait could take a set.
pub(super) const fn is_set(byte: u8) -> bool {
    take(byte).is_some()
}

/// What a wait leaves that is given up while it is queued: it has failed, so the event is found unset.
pub(super) const fn give_up(byte: u8, was_last: bool) -> u8 {
    observe(leave(byte, was_last))
}

/// What becomes of a set that the first step has not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The byte has it.
    Stored,
    /// The front waiter leaves the queue and is called: it may take the set, if no other wait is faster.
    Called,
    /// The front waiter leaves the queue with the set.
    HandedOff,
}

/// Delivers a set under the queue's lock. `must_hand_off` forbids to offer it anew while waits are queued.
pub(super) const fn deliver(byte: u8, front: Option<Front>, must_hand_off: bool) -> (u8, Delivery) {
    let Some(front) = front else {
        return (store(byte), Delivery::Stored);
    };
    match slot(byte) {
        BARGED if !must_hand_off => (with_slot(byte, OFFERED), Delivery::Stored),
        0 if matches!(front.first.service, Service::Call) => {
            (with_slot(leave(byte, front.is_last()), OFFERED), Delivery::Called)
        }
        _ => (observe(leave(byte, front.is_last())), Delivery::HandedOff),
    }
}

/// What a set leaves that needs no lock, or `None` if it does.
pub(super) const fn deliver_without_lock(byte: u8) -> Option<u8> {
    match slot(byte) {
        BARGED => Some(with_slot(byte, OFFERED)),
        WATCHED => None,
        _ if byte & QUEUED == 0 => Some(store(byte)),
        _ => None,
    }
}

/// A set while no wait is queued, or no more.
const fn store(byte: u8) -> u8 {
    let byte = byte & !QUEUED;
    match slot(byte) {
        0 => 0,
        BARGED => with_slot(byte, OFFERED),
        _ => with_slot(byte, RESERVED_AND_SET),
    }
}

/// A wait leaves the queue.
const fn leave(byte: u8, was_last: bool) -> u8 {
    if was_last { without_queue(byte) } else { byte }
}

/// What the called waiter leaves that takes its set, or `None` if another wait has barged or the event is watched.
pub(super) const fn answer(byte: u8) -> Option<u8> {
    match slot(byte) {
        BARGED | WATCHED => None,
        RESERVED_AND_SET => Some(0),
        _ => Some(with_slot(byte, 0)),
    }
}

/// The called waiter joins the queue again, after a wait that barged.
pub(super) const fn requeue(byte: u8) -> u8 {
    with_slot(byte | QUEUED, 0)
}

/// A wait whose deadline has passed leaves the queue, and whether it takes a set: one that was offered.
pub(super) const fn expire(byte: u8, was_last: bool) -> (u8, bool) {
    let byte = leave(byte, was_last);
    if slot(byte) == OFFERED { (with_slot(byte, BARGED), true) } else { (byte, false) }
}

#[cfg(test)]
pub(super) mod tests;
