//! The crate `events`, for tasks. A thread waits by blocking on the future.

pub(crate) use events::{AutoResetEvent, ManualResetEvent};
use pollster::block_on;

use crate::contender::{BLOCKS_ON_FUTURE, Contender, implement};
use crate::objects::{AsyncAuto, AsyncManual, Auto, Manual};

const EVENTS: Contender =
    Contender::new("events", "events").from("events").absent_from(&["ring", "scale"]);
const BLOCKING: Contender = EVENTS.lacking(&[BLOCKS_ON_FUTURE]);

implement! {
    Auto for AutoResetEvent as event, BLOCKING,
    new() = Self::boxed(),
    set = event.set(),
    wait = block_on(event.wait()),
    wait0 -> bool = event.try_wait(),
}

implement! {
    Manual for ManualResetEvent as event, BLOCKING,
    new() = Self::boxed(),
    set = event.set(),
    reset = event.reset(),
    wait = block_on(event.wait()),
    wait0 -> bool = event.try_wait(),
}

implement! {
    AsyncAuto for AutoResetEvent as event, EVENTS,
    new() = Self::boxed(),
    set = event.set(),
    wait_async -> impl Future<Output = ()> + Send = event.wait(),
    wait = block_on(event.wait()),
}

implement! {
    AsyncManual for ManualResetEvent as event, EVENTS,
    new() = Self::boxed(),
    set = event.set(),
    reset = event.reset(),
    wait_async -> impl Future<Output = ()> + Send = event.wait(),
}
