//! The races of events, as `docs/protocol.md` lists them.
//!
//! Every scenario here runs twice: on real threads with `cargo test`, and under loom with
//! `cargo xtask loom`, which explores it to the end or up to a number of preemptions. So none may wait for a
//! certain time: a deadline (`SOON`) may pass at any moment.

pub(crate) mod all_of;
pub(crate) mod leaked;
mod on_auto;
mod on_both;
mod on_manual;
mod on_slot;
mod on_watched;
mod plain;
mod program;
mod several;
pub(crate) mod shared;
pub(crate) mod task;
mod tasks_on_auto;
mod tasks_on_both;
mod tasks_on_manual;

use self::shared::{Shared, join_all, shared, spawn_on};
use super::byte::tests::is_valid;
use super::{RawEvent, byte};
use crate::deadline::Limit;
use crate::queue;
use crate::sync::Ordering;
use crate::sync::testing::{Arc, JoinHandle, yield_now};
use crate::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError, Wait};

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
    set_against_wait: explore_all(29);
    set_against_wait0: explore_all(16);
    set_against_timeout: explore_all(2_300);
    freed_by_the_waiter: explore_all(2_300);
    set_before_the_limit: explore_all(4);
    set_before_the_limit_by_the_clock: explore_all(9);
    two_sets_against_two_parked: explore_up_to(3, 50_000);
    two_sets_against_one_parked: explore_up_to(5, 23_000);
    two_sets_against_timeout: explore_up_to(5, 23_000);
    set_against_two_timeouts: explore_up_to(5, 36_000);
    reset_against_hand_over: explore_all(1_300);
    reset_against_wait: explore_all(30);
    set_against_reset: explore_all(120);
    set_against_reset_of_a_set_event: explore_all(120);
    reset_after_the_set_was_undone: explore_all(24);
    coalesced_sets_publish_for_both: explore_all(280);
    coalesced_sets_after_a_timeout_publish_for_both: explore_up_to(5, 52_000);
    set_on_set_against_wait0: explore_all(240);
    as_a_mutex: explore_all(77);
    ping_pong: explore_up_to(8, 71_000);
    rules_hold_at_any_moment: explore_up_to(3, 16_000);
}

models! { manual = crate::ManualResetEvent, on_manual:
    set_against_two_waits: explore_up_to(5, 42_000);
    set_against_wait0: explore_all(6);
    set_against_timeout: explore_all(1_500);
    freed_by_the_waiter: explore_all(1_500);
    set_before_the_limit: explore_all(6);
    set_before_the_limit_by_the_clock: explore_all(11);
    set_against_wait_and_timeout: explore_up_to(5, 62_000);
    set_and_reset_against_two_parked: explore_up_to(4, 100_000);
    set_and_reset_against_new_wait: explore_all(190);
    set_and_reset_against_parked_and_new_wait: explore_up_to(5, 83_000);
    ping_pong_with_turns: explore_up_to(6, 43_000);
    two_sets_against_two_parked: explore_up_to(3, 89_000);
    two_sets_publish_for_both: explore_all(280);
    two_sets_after_a_timeout_publish_for_both: explore_up_to(5, 27_000);
    set_against_reset: explore_all(320);
    set_against_reset_of_a_set_event: explore_all(320);
    reset_after_the_set_was_undone: explore_all(24);
    reset_and_set_against_wait_and_timeout: explore_up_to(4, 17_000);
    woken_thread_wakes_others: explore_all(53);
    woken_thread_with_deadline_wakes_others: explore_all(77);
    expired_thread_wakes_others: explore_all(14);
    rules_hold_at_any_moment: explore_up_to(3, 57_000);
}

models! { tasks_and_auto = crate::AutoResetEvent, tasks_on_auto:
    set_against_poll: explore_all(62);
    set_against_enqueue_and_block: explore_all(210);
    set_against_enqueue_and_limit: explore_all(290);
    set_against_given_up: explore_all(12_000);
    set_against_another_waker: explore_all(12);
    set_against_drop: explore_all(58);
    set_against_drop_before_a_task: explore_all(81);
    set_against_drop_before_a_thread: explore_up_to(3, 230);
    set_against_drop_and_timeout: explore_up_to(3, 2_600);
    two_sets_against_drop: explore_up_to(3, 3_100);
    drop_against_wait0: explore_all(3);
    drop_against_drop: explore_all(56);
    moved_task_against_set: explore_up_to(3, 58);
    rules_hold_at_any_moment: explore_up_to(3, 3_800);
    leaked_wait_at_the_address: explore_all(74);
    leaked_wait_at_the_address_against_drop: explore_all(81);
    freed_by_the_task: explore_all(62);
}

models! { tasks_and_manual = crate::ManualResetEvent, tasks_on_manual:
    set_against_poll: explore_all(63);
    set_against_enqueue_and_block: explore_all(420);
    set_against_enqueue_and_limit: explore_all(740);
    set_against_given_up: explore_all(5_700);
    set_against_another_waker: explore_all(12);
    set_against_drop: explore_all(31);
    set_against_drop_before_a_task: explore_all(130);
    set_against_drop_before_a_thread: explore_up_to(3, 370);
    set_against_drop_and_timeout: explore_up_to(3, 6_600);
    half_a_broadcast: explore_all(130);
    half_a_broadcast_from_behind: explore_all(94);
    drop_of_the_first_in_a_broadcast: explore_all(42);
    drop_of_an_inner_one_in_a_broadcast: explore_all(41);
    drop_of_the_last_in_a_broadcast: explore_all(41);
    new_wait_in_a_broadcast: explore_all(15);
    old_and_new_waits_dropped_in_a_broadcast: explore_all(160);
    broadcast_to_a_thread_between_tasks: explore_up_to(3, 510);
    blocked_wait_wakes_others: explore_all(71);
    blocked_wait_with_deadline_wakes_others: explore_all(13_000);
    rules_hold_at_any_moment: explore_up_to(3, 1_300);
    leaked_wait_at_the_address: explore_all(130);
    leaked_wait_at_the_address_against_drop: explore_all(130);
    freed_by_the_task: explore_all(63);
}

/// Runs a race on a new event that is unset. The rules hold at its end.
fn run<E: Event>(race: fn(&Arc<Shared<E>>)) {
    let shared = shared(E::from(EventState::Unset));
    race(&shared);
    assert_rules(&shared.object);
}

/// What the scenarios need of both events.
pub(crate) trait Event:
    for<'a> Awaitable<'a, T = (), Error = TimeoutError> + From<EventState> + Send + Sync + 'static
{
    /// Whether a wait that succeeds makes the event unset.
    const CONSUMES: bool;
    fn raw(&self) -> &RawEvent;
    fn set(&self);
    fn reset(&self);
    fn wait_until_limit(&self, limit: &dyn Fn() -> Limit) -> bool;
    fn wait_async(&self) -> Wait<'_>;
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
            fn wait_async(&self) -> Wait<'_> {
                self.wait_async()
            }
        }
    };
}

event!(AutoResetEvent, consumes: true, wait_auto);
event!(ManualResetEvent, consumes: false, wait_manual);

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

/// How many waits are queued, and the byte at that moment, or what stands in for it.
fn inspect_under_the_lock(event: &RawEvent) -> (usize, u8) {
    let mut shard = queue::lock(event.key());
    let is_marked = byte::is_watched(event.state.load(Ordering::Relaxed));
    assert_eq!(is_marked, shard.is_watched(), "the mark says otherwise");
    (shard.len(event.key()), event.state_in(&shard).load(Ordering::Relaxed))
}

/// The rules of the truth table, which hold whenever the queue's lock is free.
fn assert_rules(event: &impl Event) {
    let (queued, byte) = inspect_under_the_lock(event.raw());
    assert!(is_valid(byte, queued), "not in the truth table: {byte:#b}, {queued} queued");
}

/// How many waits for all wait for the event.
fn watchers(event: &impl Event) -> usize {
    let mut seen = 0;
    queue::inspect_all(event.raw().key(), |watchers| seen = watchers);
    seen
}

/// For threads that stay queued until the caller goes on.
fn wait_until_queued(event: &impl Event, waits: usize) {
    while inspect_under_the_lock(event.raw()).0 != waits {
        yield_now();
    }
}
