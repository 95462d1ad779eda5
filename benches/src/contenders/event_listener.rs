//! event-listener's list of listeners beside a flag.

use std::sync::atomic::{AtomicBool, Ordering};

use event_listener::{Event, Listener};

use crate::contender::{COALESCES, Contender, implement};
use crate::objects::{Auto, Manual};

const LISTENER: Contender = Contender::new("event-listener", "event-listener + AtomicBool")
    .from("event_listener")
    .absent_from(&["scale/ten_thousand", "scale/size_manual"]);

pub(crate) type Flag = (AtomicBool, Event);

/// Listens before the last check, so that no set is missed.
fn wait_until(is_set: impl Fn() -> bool, event: &Event) {
    while !is_set() {
        let listener = event.listen();
        if is_set() {
            break;
        }
        listener.wait();
    }
}

implement! {
    Auto for Flag as event, LISTENER.lacking(&[COALESCES]),
    new() = Self::default(),
    set = {
        event.0.store(true, Ordering::Release);
        event.1.notify(1);
    },
    wait = wait_until(|| Auto::wait0(event), &event.1),
    wait0 -> bool = event.0.swap(false, Ordering::Acquire),
}

implement! {
    Manual for Flag as event, LISTENER,
    new() = Self::default(),
    set = {
        event.0.store(true, Ordering::Release);
        event.1.notify(usize::MAX);
    },
    reset = event.0.store(false, Ordering::Release),
    wait = wait_until(|| Manual::wait0(event), &event.1),
    wait0 -> bool = event.0.load(Ordering::Acquire),
}
