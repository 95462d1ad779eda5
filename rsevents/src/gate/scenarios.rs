//! The races at a gate, with a rule of permits and one that is shared.
//!
//! As `raw/scenarios`, on real threads and under loom.

mod all_of;
mod on_permits;
mod on_shared;
mod several;
mod tasks_on_permits;
mod tasks_on_shared;

use std::sync::atomic::AtomicPtr;
use std::time::Duration;

pub(super) use self::several::Ask;
use super::word::{AtomicWord, CALLED, KEPT, QUEUED, WATCHED, Word};
use super::{Gate, Rule};
use crate::OwnedWait;
use crate::deadline::Limit;
use crate::queue::{self, Service, Shard};
use crate::raw::scenarios::leaked;
use crate::raw::scenarios::shared::{Shared, join_all, shared, spawn_on};
use crate::raw::scenarios::task::Task;
use crate::sync::Ordering;
use crate::sync::testing::{Arc, SOON, spawn, yield_now};

/// Makes a model of each race on a gate with a value, as `raw/scenarios` does of those on events.
macro_rules! models {
    ($module:ident = $rule:ty, $races:ident:
        $($race:ident($value:literal): $explore:ident($($number:literal),+);)+) => {
        mod $module {
            $(#[test]
            fn $race() {
                crate::sync::testing::$explore($($number,)+ || {
                    super::run::<$rule>($value, super::$races::$race);
                });
            })+
        }
    };
}

models! { permits = super::Permits, on_permits:
    add_against_wait(0): explore_all(120);
    add_against_try_take(0): explore_all(5);
    add_against_timeout(0): explore_all(1_000);
    add_before_the_limit(0): explore_all(2);
    update_against_wait(0): explore_all(270);
    two_adds_against_two_waits(0): explore_up_to(3, 15_000);
    two_adds_against_wait_and_timeout(0): explore_up_to(3, 2_300);
    two_adds_publish_for_both(0): explore_up_to(4, 13_000);
    add_against_two_timeouts(0): explore_up_to(3, 730);
    add_of_two_against_two_waits(0): explore_up_to(3, 1_600);
    overtaken_wait_keeps_its_place(0): explore_up_to(3, 4_900);
    overtaken_wait_is_not_overtaken_again(0): explore_up_to(3, 7_200);
    overtaken_wait_sleeps(0): explore_all(96_000);
    wait_for_several_keeps(1): explore_up_to(3, 13_000);
    wait_for_several_sees_all(0): explore_up_to(3, 2_400);
    timeout_of_a_wait_that_keeps(1): explore_up_to(3, 61);
    timeout_of_the_second(0): explore_up_to(3, 2_000);
    handed_off_beside_called(0): explore_up_to(2, 2_900);
    handed_off_once(0): explore_up_to(1, 2_000);
    add_beside_called(0): explore_up_to(3, 19_000);
    add_of_two_beside_called(0): explore_up_to(3, 22_000);
    update_beside_called(0): explore_up_to(3, 25_000);
    add_of_two_serves_both(0): explore_up_to(3, 18_000);
    add_of_four_serves_both(0): explore_up_to(2, 4_000);
    timeout_behind_a_wait_that_keeps(1): explore_up_to(3, 63);
    try_take_beside_kept(1): explore_up_to(3, 1_200);
    short_limit_beside_kept(0): explore_up_to(3, 590);
    try_take_beside_kept_and_more(1): explore_up_to(3, 1_600);
    zero_limit_beside_kept(1): explore_up_to(3, 1_500);
    freed_by_the_waiter(0): explore_all(850);
    freed_by_the_waiter_that_keeps(0): explore_all(5_200);
    as_a_mutex(1): explore_all(600);
    rules_hold_at_any_moment(0): explore_up_to(3, 29_000);
    gates_and_events_side_by_side(0): explore_up_to(3, 620);
    waits_for_another_object_at_the_address(3): explore_all(1);
}

models! { shared_gate = super::Zero, on_shared:
    last_sub_against_two_waits(1): explore_up_to(3, 1_600);
    two_subs_against_wait(2): explore_up_to(4, 1_300);
    sub_against_timeout(1): explore_all(850);
    sub_before_the_limit(1): explore_all(3);
    update_against_wait(1): explore_all(270);
    closed_at_once(1): explore_up_to(2, 4_700);
    stuck_sub_against_the_next_round(1): explore_all(250);
    stuck_sub_against_the_next_zero(1): explore_up_to(3, 9_600);
    surplus_against_wait(1): explore_up_to(3, 370);
    two_subs_count_both(1): explore_up_to(3, 490);
    woken_thread_wakes_others(1): explore_all(52);
    expired_thread_wakes_others(1): explore_all(7);
    freed_by_the_waiter(1): explore_all(850);
    rules_hold_at_any_moment(1): explore_up_to(2, 9_600);
}

models! { tasks_and_permits = super::Permits, tasks_on_permits:
    add_against_poll(0): explore_all(86);
    add_against_enqueue_and_limit(0): explore_all(1_900);
    add_against_given_up(0): explore_all(3_400);
    add_against_another_waker(0): explore_all(17);
    add_against_drop(0): explore_all(47);
    add_against_drop_before_a_task(0): explore_all(590);
    add_against_drop_before_a_thread(0): explore_up_to(3, 860);
    add_against_drop_and_timeout(0): explore_up_to(3, 2_900);
    add_to_a_task_against_try_take(0): explore_all(5);
    drop_behind_called(0): explore_up_to(3, 580);
    add_against_drop_behind_called(0): explore_up_to(2, 220);
    several_against_try_take(1): explore_all(430);
    drop_of_several_against_add(1): explore_all(78);
    drop_of_several_serves_others(1): explore_all(1);
    drop_of_several_before_a_thread(1): explore_up_to(3, 2_900);
    drop_of_several_before_several(1): explore_all(610);
    freed_by_the_task(0): explore_all(86);
    freed_by_the_task_that_keeps(0): explore_all(86);
    rules_hold_at_any_moment(1): explore_up_to(2, 1_000);
    leaked_wait_at_the_address(0): explore_all(86);
}

models! { tasks_and_shared_gate = super::Zero, tasks_on_shared:
    sub_against_poll(1): explore_all(63);
    half_a_release(1): explore_all(130);
    drop_in_a_release(1): explore_all(54);
    closed_at_once(1): explore_all(180);
    stuck_sub_against_a_drop_and_the_next_round(1): explore_all(41);
    blocked_wait_wakes_others(1): explore_all(71);
    freed_by_the_task(1): explore_all(63);
    rules_hold_at_any_moment(1): explore_up_to(3, 1_400);
    leaked_wait_at_the_address(1): explore_all(63);
}

/// The value is a number of permits. A wait for several keeps.
pub(super) struct Permits;

impl Rule for Permits {
    fn take(permits: u64, request: u32) -> Option<u64> {
        permits.checked_sub(u64::from(request))
    }
    fn opens(permits: u64) -> bool {
        permits > 0
    }
    fn hand_on(permits: u64, request: u32) -> u64 {
        permits + u64::from(request)
    }
    fn keeps(request: u32) -> bool {
        request > 1
    }
}

/// Open while the value is zero, or less than that.
pub(super) struct Zero;

impl Zero {
    fn is_negative(value: u64) -> bool {
        value > Gate::<Self>::MAX / 2
    }
}

impl Rule for Zero {
    fn take(value: u64, _: u32) -> Option<u64> {
        Self::opens(value).then_some(value)
    }
    fn opens(value: u64) -> bool {
        value == 0 || Self::is_negative(value)
    }
    const SHARED: bool = true;
}

/// Runs a race on a new gate. The rules hold at its end, where no wait is queued.
fn run<R: Rule>(value: u64, race: fn(&Arc<Shared<Gate<R>>>)) {
    let shared = shared(Gate::new(value));
    race(&shared);
    assert_eq!(assert_rules(&shared.object), 0);
}

/// The rules of the truth table, which hold whenever the queue's lock is free. Returns how many waits are queued.
fn assert_rules<R: Rule>(gate: &Gate<R>) -> usize {
    let mut shard = queue::lock(gate.key());
    let (front, queued) = (shard.front(gate.key()), shard.len(gate.key()));
    let word = settled_word(gate, &shard);
    drop(shard);
    assert_eq!(word.has(QUEUED), queued > 0, "{:#x}", word.0);
    assert_eq!(
        word.has(KEPT),
        front.is_some_and(|front| front.first.service == Service::Keep),
        "{:#x}",
        word.0
    );
    assert!(word.has(QUEUED) || !word.has(CALLED), "{:#x}", word.0);
    assert!(!(word.has(CALLED) && word.has(KEPT)), "{:#x}", word.0);
    queued
}

/// How many waits are queued, and the word at that moment.
fn inspect<R: Rule>(gate: &Gate<R>) -> (usize, Word) {
    let mut shard = queue::lock(gate.key());
    (shard.len(gate.key()), settled_word(gate, &shard))
}

/// The word, or what stands in for it.
fn settled_word<R: Rule>(gate: &Gate<R>, shard: &Shard) -> Word {
    let word = |word: &AtomicWord| Word((**word).load(Ordering::Relaxed));
    assert_eq!(word(&gate.word).has(WATCHED), shard.is_watched(), "the mark says otherwise");
    word(gate.word_in(shard))
}

/// For threads that stay queued until the caller goes on.
fn wait_until_queued<R: Rule>(gate: &Gate<R>, waits: usize) {
    while inspect(gate).0 != waits {
        yield_now();
    }
}

/// The limit of a wait passes once `call` has returned.
fn wait_until_called<R: Rule>(gate: &Gate<R>, call: impl FnOnce()) -> bool {
    gate.wait_within(1, || {
        call();
        Limit::For(Duration::ZERO)
    })
}

/// Contract 227: the waiter frees the gate as soon as its wait has returned. The first wait may leave the queue
/// while the setter, which has found it queued, is about to lock the queue.
fn freed_after_wait<R: Rule>(value: u64, request: u32, change: fn(&Gate<R>)) {
    let gate = Box::into_raw(Box::new(Gate::<R>::new(value)));
    let pointer = AtomicPtr::new(gate);
    // SAFETY: the waiter frees the gate once its wait has returned, which this change lets pass. That the change
    // no longer accesses the gate then is what is explored.
    let setter = spawn(move || change(unsafe { &*pointer.into_inner() }));
    {
        // SAFETY: the gate is freed only below.
        let gate = unsafe { &*gate };
        if !gate.wait_for(request, SOON) {
            gate.wait(request);
        }
    }
    // SAFETY: it came from a box, and the wait for the only other access has returned.
    drop(unsafe { Box::from_raw(gate) });
    setter.join().unwrap();
}

/// Contract 227, with a task.
fn freed_by_the_task<R: Rule>(value: u64, request: u32, change: fn(&Gate<R>)) {
    with_gate(value, |gate: &Gate<R>, pointer| {
        // SAFETY: it is freed once this wait has completed, which this change lets pass.
        let setter = spawn(move || change(unsafe { &*pointer.into_inner() }));
        Task::new(gate.wait_async(request)).finish();
        setter
    })
    .join()
    .unwrap();
}

/// Calls `call` with a gate, and frees it when that returns.
fn with_gate<R: Rule, T>(value: u64, call: impl FnOnce(&Gate<R>, AtomicPtr<Gate<R>>) -> T) -> T {
    let gate = Box::into_raw(Box::new(Gate::<R>::new(value)));
    // SAFETY: it is freed only below.
    let result = call(unsafe { &*gate }, AtomicPtr::new(gate));
    // SAFETY: it came from a box, and `call` sees to all other accesses.
    drop(unsafe { Box::from_raw(gate) });
    result
}

/// Calls `call` with a gate at whose address another one was, with a wait that was leaked.
fn with_leaked_wait<R: Rule>(value: u64, call: impl FnOnce(&Gate<R>, AtomicPtr<Gate<R>>)) {
    with_gate(value, |gate: &Gate<R>, mut pointer| {
        leaked::with_leaked(gate.wait_async(1), || {
            let place = *pointer.get_mut();
            // SAFETY: nothing uses the old gate any more, as the wait is leaked.
            unsafe { place.drop_in_place() };
            // SAFETY: nothing is there now.
            unsafe { place.write(Gate::new(value)) };
            // SAFETY: see above.
            let gate = unsafe { &*place };
            call(gate, pointer);
            drop(Task::queued(gate.wait_async(1)));
            assert_rules(gate);
        });
    });
}

/// A wait that can be moved to another thread.
fn owned<R: Rule>(s: &Arc<Shared<Gate<R>>>, request: u32) -> OwnedWait<Shared<Gate<R>>> {
    OwnedWait::new(Arc::clone(s), move |s| s.object.wait_async(request))
}

impl<R: Rule> Shared<Gate<R>> {
    fn publish(&self, place: usize, change: impl FnOnce(&Gate<R>)) {
        self.data[place].set(7);
        change(&self.object);
    }

    fn assert_published(&self, place: usize) {
        assert_eq!(self.data[place].get(), 7);
    }
}
