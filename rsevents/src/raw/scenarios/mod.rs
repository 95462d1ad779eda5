//! The races of the protocol, as `docs/protocol.md` lists them.
//!
//! Every scenario here runs twice: on real threads with `cargo test`, and under loom with
//! `cargo xtask loom`, which explores it to the end. So none may wait for a certain time; a deadline
//! (`SOON`) strikes whenever it likes.

mod auto;
mod manual;
mod parking_lot;

use std::cell::Cell;
use std::sync::atomic::AtomicPtr;
use std::time::Duration;

use super::RawEvent;
use crate::deadline::Limit;
use crate::state::{self, PARKED, UNSET};
use crate::sync::filter::{FilterOp, unpark_filter};
use crate::sync::testing::{Arc, AtomicUsize, JoinHandle, Plain, SOON, spawn, yield_now};
use crate::sync::{self, DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN, Ordering, ParkResult};
use crate::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError};

/// What the scenarios need of both events.
trait Event:
    for<'a> Awaitable<'a, T = (), Error = TimeoutError> + From<EventState> + Send + Sync + 'static
{
    fn raw(&self) -> &RawEvent;
    fn set(&self);
    fn reset(&self);
}

impl Event for AutoResetEvent {
    fn raw(&self) -> &RawEvent {
        &self.event
    }

    fn set(&self) {
        self.set();
    }

    fn reset(&self) {
        self.reset();
    }
}

impl Event for ManualResetEvent {
    fn raw(&self) -> &RawEvent {
        &self.event
    }

    fn set(&self) {
        self.set();
    }

    fn reset(&self) {
        self.reset();
    }
}

/// An event, and plain memory for which only the event makes an order.
struct Shared<E> {
    event: E,
    data: [Plain; 2],
    /// Accessed relaxed: tells something, but orders nothing.
    note: AtomicUsize,
}

fn shared<E: Event>(state: EventState) -> Arc<Shared<E>> {
    Arc::new(Shared { event: E::from(state), data: Default::default(), note: AtomicUsize::new(0) })
}

impl<E: Event> Shared<E> {
    /// Writes, then sets.
    fn publish(&self, place: usize) {
        self.data[place].set(7);
        self.event.set();
    }

    fn assert_published(&self, place: usize) {
        assert_eq!(self.data[place].get(), 7);
    }
}

fn spawn_on<E: Event, T: Send + 'static>(
    shared: &Arc<Shared<E>>,
    run: impl FnOnce(&Shared<E>) -> T + Send + 'static,
) -> JoinHandle<T> {
    let shared = Arc::clone(shared);
    spawn(move || run(&shared))
}

/// Two threads that publish, and note in a way that orders nothing that they have.
fn spawn_publishers<E: Event>(shared: &Arc<Shared<E>>) -> [JoinHandle<()>; 2] {
    [0, 1].map(|place| {
        spawn_on(shared, move |s| {
            s.publish(place);
            s.note.fetch_add(1, Ordering::Relaxed);
        })
    })
}

fn join_all<T, const N: usize>(threads: [JoinHandle<T>; N]) -> [T; N] {
    threads.map(|thread| thread.join().unwrap())
}

/// Reset, look for work again, wait: the news of work that came with a set must not go with the reset.
fn set_against_reset<E: Event>() {
    let shared = shared::<E>(EventState::Unset);
    let setter = spawn_on(&shared, |s| {
        s.note.store(1, Ordering::Relaxed);
        s.event.set();
    });
    shared.event.reset();
    if shared.note.load(Ordering::Relaxed) == 0 {
        shared.event.wait(); // never returns if the news is gone
    }
    setter.join().unwrap();
    assert_rules(&shared.event);
}

/// Contract 92, 99: a set that comes after the first check of a wait, and before the wait finds that its
/// limit has passed, is in time. Returns the event after that wait.
fn set_before_the_limit<E: Event>(
    wait: fn(&RawEvent, &dyn Fn() -> Limit) -> bool,
) -> Arc<Shared<E>> {
    let shared = shared::<E>(EventState::Unset);
    let setter = Cell::new(Some(spawn_on(&shared, |s| s.event.set())));
    let join_setter = || setter.take().map_or((), |setter| setter.join().unwrap());
    let limit = || {
        join_setter();
        Limit::For(Duration::ZERO)
    };
    assert!(wait(shared.event.raw(), &limit));
    join_setter();
    assert!(!shared.event.raw().has_parked());
    assert_rules(&shared.event);
    shared
}

/// Parks as a wait does, but wakes no others when it is woken: a thread that is released and not
/// scheduled.
fn park_without_helping(event: &RawEvent) -> ParkResult {
    let validate = || {
        let park = |state| state::pass_or_park(state, 0);
        !state::is_set(event.update(UNSET, Ordering::Acquire, park))
    };
    // SAFETY: the key is the event's own; the callbacks neither unwind nor call the parking lot.
    unsafe { sync::park(event.key(), validate, || {}, |_, _| {}, DEFAULT_PARK_TOKEN, None) }
}

/// Contract 227: the waiter frees the event as soon as its wait has returned. The first wait may leave the
/// queue while the setter, which has found it parked, is about to lock the queue.
fn freed_by_the_waiter<E: Event>() {
    let event = Box::into_raw(Box::new(E::from(EventState::Unset)));
    let shared = AtomicPtr::new(event);
    // SAFETY: the waiter frees the event once its wait has returned, which takes this set. That the set
    // no longer accesses the event then is what is explored.
    let setter = spawn(move || unsafe { &*shared.into_inner() }.set());
    {
        // SAFETY: the event is freed only below.
        let event = unsafe { &*event };
        if !event.wait_for(SOON) {
            event.wait();
        }
    }
    // SAFETY: it came from a box, and the wait for the only other access has returned.
    drop(unsafe { Box::from_raw(event) });
    setter.join().unwrap();
}

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
    unsafe { unpark_filter(event.key(), count, read) };
    (parked, byte)
}

/// The two rules of the truth table, which hold whenever the queue's lock is free.
fn assert_rules(event: &impl Event) {
    let (parked, byte) = look_under_the_lock(event.raw());
    assert_eq!(byte & PARKED != 0, parked > 0, "the bit and the queue differ: {byte:#b}, {parked}");
    assert_eq!(byte & !(PARKED | UNSET), 0, "no such bits: {byte:#b}");
}

/// For threads that stay parked until the caller goes on.
fn wait_until_parked(event: &impl Event, threads: usize) {
    assert!(threads > 0);
    while look_under_the_lock(event.raw()).0 != threads {
        yield_now();
    }
    assert!(event.raw().has_parked());
}
