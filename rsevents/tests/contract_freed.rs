//! Contract 227: a waiter may free the event as soon as its wait has returned, while the setter is still
//! inside `set`. `cargo xtask miri` runs these tests under Miri, which finds what comes too late.

mod support;

use support::{
    Event, address_used_again, for_both, freed_after_any_wait, freed_by_its_waiter, unset,
    wait_until_parked,
};

for_both! {
    c227_a_waiter_frees_the_event,
    c227_a_parked_waiter_frees_the_event,
    c108_c227_the_address_is_used_again,
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
