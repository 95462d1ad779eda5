//! Random programs on one thread, on real objects and on their models: after each step every answer and every
//! count is the same. bolero makes the programs: random ones under `cargo test`, ones that reach new code under
//! `cargo bolero test`. `cargo xtask fuzz` runs either.

#![cfg(test)]

mod program;
mod run;
mod semaphores;
mod stats;

use program::Program;
use rsevents::AutoResetEvent;

#[test]
fn objects_do_what_their_models_do() {
    bolero::check!().with_type::<Program>().for_each(|program: &Program| {
        stats::add(&run::run::<AutoResetEvent>(program));
    });
    stats::print();
}

// A guided search would report each of its failures.
#[cfg(not(fuzzing))]
#[test]
fn an_event_that_is_not_consumed_is_found() {
    use std::panic::catch_unwind;
    use std::sync::atomic::{AtomicU64, Ordering};

    use verify::broken::{Broken, NotConsumed};

    const INPUTS: usize = 1_000;
    let [inputs, found] = [const { AtomicU64::new(0) }; 2];
    bolero::check!().with_iterations(INPUTS).with_type::<Program>().for_each(
        |program: &Program| {
            inputs.fetch_add(1, Ordering::Relaxed);
            let is_found = catch_unwind(|| run::run::<Broken<NotConsumed>>(program)).is_err();
            found.fetch_add(is_found.into(), Ordering::Relaxed);
        },
    );
    let (inputs, found) = (inputs.into_inner(), found.into_inner());
    assert!(found > 0, "not found by any of {inputs} programs");
}
