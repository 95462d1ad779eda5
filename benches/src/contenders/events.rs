//! The crate `events`, for tasks. A thread waits by blocking on the future.

pub(crate) use events::{AutoResetEvent, ManualResetEvent};
use pollster::block_on;

use crate::contender::{Contender, implement};
use crate::objects::{Auto, Manual};

const EVENTS: Contender =
    Contender::new("events", "events, blocking").from("events").absent_from(&["ring", "scale"]);

implement! {
    Auto for AutoResetEvent as event, EVENTS,
    new() = Self::boxed(),
    set = event.set(),
    wait = block_on(event.wait()),
    wait0 -> bool = event.try_wait(),
}

implement! {
    Manual for ManualResetEvent as event, EVENTS,
    new() = Self::boxed(),
    set = event.set(),
    reset = event.reset(),
    wait = block_on(event.wait()),
    wait0 -> bool = event.try_wait(),
}
