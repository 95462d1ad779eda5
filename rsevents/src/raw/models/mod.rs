//! The races of the protocol, by the names that `DESIGN.md` gives them.
//!
//! Every scenario here runs twice: on real threads with `cargo test`, and under loom with
//! `cargo xtask loom`, which explores it to the end. So none may wait for a certain time; a deadline
//! (`SOON`) strikes whenever it likes.

mod auto;
mod manual;
mod parking_lot;

use super::RawEvent;
use crate::state::{PARKED, SET};
use crate::sync::testing::yield_now;
use crate::sync::{self, DEFAULT_UNPARK_TOKEN, FilterOp, Ordering};

/// How many threads are parked, and the byte at that moment.
fn look_under_the_lock(event: &RawEvent) -> (usize, u8) {
    let mut parked = 0;
    let mut byte = 0;
    let count = |_| {
        parked += 1;
        FilterOp::Skip
    };
    let read = |_| {
        byte = event.state.load(Ordering::Relaxed);
        DEFAULT_UNPARK_TOKEN
    };
    // SAFETY: the key is the event's own; the callbacks neither unwind nor call the parking lot.
    unsafe { sync::unpark_filter(event.key(), count, read) };
    (parked, byte)
}

/// The two rules of the truth table, which hold whenever the queue's lock is free.
fn assert_rules(event: &RawEvent) {
    let (parked, byte) = look_under_the_lock(event);
    assert_eq!(byte & PARKED != 0, parked > 0, "the bit and the queue differ: {byte:#b}, {parked}");
    assert_ne!(byte & (PARKED | SET), PARKED | SET, "set, and somebody is parked");
}

fn wait_until_parked(event: &RawEvent, threads: usize) {
    while look_under_the_lock(event).0 != threads {
        yield_now();
    }
}
