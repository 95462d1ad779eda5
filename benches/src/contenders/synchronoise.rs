//! synchronoise's events, on a queue of thread handles.

use std::time::Duration;

pub(crate) use synchronoise::{CountdownEvent, SignalEvent};

use crate::contender::{COALESCES, Contender, implement};
use crate::objects::{Auto, Countdown, Manual};

const LEAVES_HANDLES: &str = "each wait leaves a handle in a queue, even if it does not park";

const SYNCHRONOISE: Contender = Contender::new("synchronoise", "synchronoise")
    .from("synchronoise")
    .lacking(&[LEAVES_HANDLES])
    .absent_from(&[
        "uncontended/auto_set_wait0",
        "uncontended/auto_wait0_unset",
        "uncontended/manual_wait_set",
        "ring",
        "dispatch",
        "mutex",
        "scale",
    ]);

implement! {
    Auto for SignalEvent as event, SYNCHRONOISE.lacking(&[COALESCES, LEAVES_HANDLES]),
    new() = Self::auto(false),
    set = event.signal(),
    wait = event.wait(),
    wait0 -> bool = event.wait_timeout(Duration::ZERO),
}

implement! {
    Manual for SignalEvent as event, SYNCHRONOISE,
    new() = Self::manual(false),
    set = event.signal(),
    reset = event.reset(),
    wait = event.wait(),
    wait0 -> bool = event.status(),
}

implement! {
    Countdown for CountdownEvent as countdown, SYNCHRONOISE,
    new(ticks: usize) = Self::new(ticks),
    tick = {
        countdown.decrement().unwrap();
    },
    wait = countdown.wait(),
}
