//! event-listener's list of listeners beside a flag.

use std::sync::atomic::{AtomicBool, Ordering};

use event_listener::{Event, Listener, listener};

use crate::contender::{COALESCES, Contender, implement};
use crate::objects::{AsyncAuto, AsyncManual, Auto, Manual};

const LISTENER: Contender = Contender::new("event-listener", "event-listener + AtomicBool")
    .from("event_listener")
    .absent_from(&["scale/ten_thousand", "scale/size_manual"]);
const ON_STACK: Contender =
    Contender::new("event-listener-stack", "event-listener + AtomicBool, listeners not boxed")
        .from("event_listener");

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

/// The same, with listeners that are a part of the future.
pub(crate) struct OnStack(Flag);

async fn wait_boxed(is_set: impl Fn() -> bool, event: &Event) {
    while !is_set() {
        let listener = event.listen();
        if is_set() {
            break;
        }
        listener.await;
    }
}

async fn wait_on_stack(is_set: impl Fn() -> bool, event: &Event) {
    while !is_set() {
        listener!(event => listener);
        if is_set() {
            break;
        }
        listener.await;
    }
}

implement! {
    AsyncAuto for Flag as event, LISTENER.lacking(&[COALESCES]),
    new() = Self::default(),
    set = Auto::set(event),
    wait_async -> impl Future<Output = ()> + Send = wait_boxed(|| Auto::wait0(event), &event.1),
    wait = Auto::wait(event),
}

implement! {
    AsyncAuto for OnStack as event, ON_STACK.lacking(&[COALESCES]),
    new() = Self(Flag::default()),
    set = Auto::set(&event.0),
    wait_async -> impl Future<Output = ()> + Send = wait_on_stack(|| Auto::wait0(&event.0), &event.0.1),
    wait = Auto::wait(&event.0),
}

implement! {
    AsyncManual for Flag as event, LISTENER,
    new() = Self::default(),
    set = Manual::set(event),
    reset = Manual::reset(event),
    wait_async -> impl Future<Output = ()> + Send = wait_boxed(|| Manual::wait0(event), &event.1),
}

implement! {
    AsyncManual for OnStack as event, ON_STACK,
    new() = Self(Flag::default()),
    set = Manual::set(&event.0),
    reset = Manual::reset(&event.0),
    wait_async -> impl Future<Output = ()> + Send = wait_on_stack(|| Manual::wait0(&event.0), &event.0.1),
}
