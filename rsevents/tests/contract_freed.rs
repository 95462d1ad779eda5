//! Contract 227: a waiter may free the event or the gate as soon as its wait has returned, while the setter is still
//! inside its call. `cargo xtask miri` runs these tests under Miri, which finds what comes too late.

mod support;

use std::cell::Cell;
use std::thread;

use rsevents::{AutoResetEvent, Gate, Rule, wait_all0};
use support::gates::{OfPermits, Request};
use support::{
    Event, address_used_again, for_both, freed_after_any_wait, freed_by_its_waiter, unset,
    wait_until, wait_until_parked, watchdog_tests,
};

for_both! {
    c227_a_waiter_frees_the_event,
    c227_a_parked_waiter_frees_the_event,
    c108_c227_the_address_is_used_again,
}

watchdog_tests! {
    c227_a_waiter_frees_a_gate_that_was_watched,
}

fn c227_a_waiter_frees_the_event<E: Event>() {
    freed_after_any_wait::<E>();
}

/// The setter then has to go through the queue.
fn c227_a_parked_waiter_frees_the_event<E: Event>() {
    let set_parked = |event: &E| {
        wait_until_parked(event, 1);
        event.set();
    };
    freed_by_its_waiter(1, unset::<E>, set_parked, |event| event.wait());
}

fn c108_c227_the_address_is_used_again<E: Event>() {
    address_used_again(unset::<E>, E::set, |event, limit| event.wait_for(limit));
}

thread_local! {
    /// Whether [`Slow`] lets other threads run.
    static IS_SLOW: Cell<bool> = const { Cell::new(false) };
}

/// As [`OfPermits`], but other threads may come between: here also while the queue is locked.
struct Slow;

impl Rule for Slow {
    fn take(permits: u64, request: u32) -> Option<u64> {
        yield_if_slow();
        OfPermits::take(permits, request)
    }
    fn opens(permits: u64) -> bool {
        yield_if_slow();
        OfPermits::opens(permits)
    }
}

fn yield_if_slow() {
    if IS_SLOW.get() {
        (0..100).for_each(|_| thread::yield_now());
    }
}

/// The change finds the gate watched. When it has the lock, that is over, and the change lets a wait pass that needs no
/// lock.
fn c227_a_waiter_frees_a_gate_that_was_watched() {
    let event: AutoResetEvent = unset();
    let wait = |gate: &Gate<Slow>| {
        IS_SLOW.set(true);
        assert!(!wait_all0(&[&Request(gate, 1), &event]));
        IS_SLOW.set(false);
        wait_until(|| gate.try_take(1));
    };
    freed_by_its_waiter(1, || Gate::new(0), slowly(|gate| _ = gate.add(1)), wait);
    let update = slowly(|gate| _ = gate.update(|permits| Some(permits + 1)));
    freed_by_its_waiter(1, || Gate::new(0), update, wait);
}

fn slowly(set: impl Fn(&Gate<Slow>) + Sync) -> impl Fn(&Gate<Slow>) + Sync {
    move |gate| {
        IS_SLOW.set(true);
        set(gate);
    }
}
