//! The races of the protocol, as `docs/protocol.md` lists them.
//!
//! Every scenario here runs twice: on real threads with `cargo test`, and under loom with
//! `cargo xtask loom`, which explores it to the end. So none may wait for a certain time: a deadline
//! (`SOON`) may pass at any moment.

mod on_auto;
mod on_both;
mod on_manual;
mod parking_lot;
mod shared;

use self::shared::{Shared, join_all, shared, spawn_on};
use super::RawEvent;
use crate::deadline::Limit;
use crate::state::{self, PARKED, UNSET};
use crate::sync::filter::{FilterOp, unpark_filter};
use crate::sync::testing::{Arc, JoinHandle, yield_now};
use crate::sync::{self, DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN, Ordering, ParkResult};
use crate::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError};

/// Makes a model of each race on an event: with all its executions, or those with a number of
/// preemptions where it would not end within minutes. The last number is how many there are, at least.
macro_rules! models {
    ($module:ident = $event:ty, $races:ident:
        $($race:ident: $explore:ident($($number:literal),+);)+) => {
        mod $module {
            $(#[test]
            fn $race() {
                let race = super::$races::$race;
                crate::sync::testing::$explore($($number,)+ move || super::run::<$event>(race));
            })+
        }
    };
}

models! { auto = crate::AutoResetEvent, on_auto:
    set_against_wait: explore_all(15);
    set_against_wait0: explore_all(8);
    set_against_timeout: explore_all(140);
    freed_by_the_waiter: explore_all(250);
    set_before_the_limit: explore_all(2);
    two_sets_against_two_parked: explore_up_to(3, 25_000);
    two_sets_against_one_parked: explore_all(12_000);
    two_sets_against_timeout: explore_all(6_700);
    set_against_two_timeouts: explore_all(37_000);
    reset_against_hand_over: explore_all(64);
    reset_against_wait: explore_all(11);
    set_against_reset: explore_all(69);
    coalesced_sets_publish_for_both: explore_all(270);
    coalesced_sets_after_a_timeout_publish_for_both: explore_all(99_000);
    set_on_set_against_wait0: explore_all(230);
    as_a_mutex: explore_all(14);
    ping_pong: explore_all(23_000);
    rules_hold_at_any_moment: explore_up_to(3, 5_700);
}

models! { manual = crate::ManualResetEvent, on_manual:
    set_against_two_waits: explore_up_to(5, 15_000);
    set_against_wait0: explore_all(3);
    set_against_timeout: explore_all(160);
    freed_by_the_waiter: explore_all(300);
    set_before_the_limit: explore_all(2);
    four_released_wake_each_other: explore_up_to(1, 140_000);
    two_released_wake_each_other: explore_up_to(3, 4_200);
    the_released_wake_each_other_before_a_deadline: explore_up_to(3, 520);
    set_wakes_all_without_help: explore_up_to(1, 500);
    a_deadline_wakes_the_released: explore_all(6);
    set_against_wait_and_timeout: explore_up_to(5, 10_000);
    set_and_reset_against_two_parked: explore_up_to(4, 55_000);
    set_and_reset_against_new_wait: explore_all(16);
    set_and_reset_against_parked_and_new_wait: explore_up_to(5, 18_000);
    ping_pong_with_turns: explore_all(36_000);
    two_sets_against_two_parked: explore_up_to(3, 68_000);
    two_sets_publish_for_both: explore_all(270);
    two_sets_after_a_timeout_publish_for_both: explore_all(96_000);
    set_against_reset: explore_all(77);
    reset_and_set_against_wait_and_timeout: explore_up_to(5, 45_000);
    rules_hold_at_any_moment: explore_up_to(3, 27_000);
}

/// Runs a race on a new event that is unset. The rules hold at its end.
fn run<E: Event>(race: fn(&Arc<Shared<E>>)) {
    let shared = shared(E::from(EventState::Unset));
    race(&shared);
    assert_rules(&shared.object);
}

/// What the scenarios need of both events.
trait Event:
    for<'a> Awaitable<'a, T = (), Error = TimeoutError> + From<EventState> + Send + Sync + 'static
{
    /// Whether a wait that succeeds makes the event unset.
    const CONSUMES: bool;
    fn raw(&self) -> &RawEvent;
    fn set(&self);
    fn reset(&self);
    fn wait_until_limit(&self, limit: &dyn Fn() -> Limit) -> bool;
}

macro_rules! event {
    ($event:ty, consumes: $consumes:literal, $wait:ident) => {
        impl Event for $event {
            const CONSUMES: bool = $consumes;
            fn raw(&self) -> &RawEvent {
                &self.event
            }
            fn set(&self) {
                self.set();
            }
            fn reset(&self) {
                self.reset();
            }
            fn wait_until_limit(&self, limit: &dyn Fn() -> Limit) -> bool {
                self.event.$wait(limit)
            }
        }
    };
}

event!(AutoResetEvent, consumes: true, wait_one);
event!(ManualResetEvent, consumes: false, wait_all);

impl<E: Event> Shared<E> {
    /// Writes, then sets.
    fn publish(&self, place: usize) {
        self.data[place].set(7);
        self.object.set();
    }

    fn assert_published(&self, place: usize) {
        assert_eq!(self.data[place].get(), 7);
    }
}

/// Two threads that publish, and then count themselves in a way that orders nothing.
fn spawn_publishers<E: Event>(shared: &Arc<Shared<E>>) -> [JoinHandle<()>; 2] {
    [0, 1].map(|place| {
        spawn_on(shared, move |s| {
            s.publish(place);
            s.note.fetch_add(1, Ordering::Relaxed);
        })
    })
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

/// How many threads are parked, and the byte at that moment.
fn inspect_under_the_lock(event: &RawEvent) -> (usize, u8) {
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
    let (parked, byte) = inspect_under_the_lock(event.raw());
    assert_eq!(byte & PARKED != 0, parked > 0, "the bit and the queue differ: {byte:#b}, {parked}");
    assert_eq!(byte & !(PARKED | UNSET), 0, "no such bits: {byte:#b}");
}

/// For threads that stay parked until the caller goes on.
fn wait_until_parked(event: &impl Event, threads: usize) {
    assert!(threads > 0);
    while inspect_under_the_lock(event.raw()).0 != threads {
        yield_now();
    }
    assert!(event.raw().has_parked());
}
