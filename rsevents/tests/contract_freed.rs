//! Contract 227: a waiter may free the event as soon as its wait has returned, while the setter is still
//! inside `set`. `cargo xtask ci --only miri` runs these tests under Miri, which finds what comes too late.

mod support;

use rsevents::{AutoResetEvent, ManualResetEvent};
use support::{
    Event, freed_by_its_waiter, random_limit, unset, wait_until, wait_until_parked, watched,
};

fn any_wait_may_free<E: Event>() {
    watched(|| {
        freed_by_its_waiter(1, unset::<E>, E::set, |event| event.wait());
        freed_by_its_waiter(1, unset::<E>, E::set, |event| {
            if !event.wait_for(random_limit()) {
                wait_until(|| event.wait0());
            }
        });
    });
}

/// The setter then has to go through the queue.
fn a_parked_wait_may_free<E: Event>() {
    watched(|| {
        let set_parked = |event: &E| {
            wait_until_parked(event, 1);
            event.set();
        };
        freed_by_its_waiter(1, unset::<E>, set_parked, |event| event.wait());
    });
}

#[test]
fn c227_the_waiter_frees_an_auto_reset_event() {
    any_wait_may_free::<AutoResetEvent>();
}

#[test]
fn c227_the_waiter_frees_a_manual_reset_event() {
    any_wait_may_free::<ManualResetEvent>();
}

#[test]
fn c227_a_parked_waiter_frees_an_auto_reset_event() {
    a_parked_wait_may_free::<AutoResetEvent>();
}

#[test]
fn c227_a_parked_waiter_frees_a_manual_reset_event() {
    a_parked_wait_may_free::<ManualResetEvent>();
}
