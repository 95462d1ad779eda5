//! Random programs on one thread, on real objects and on their models: after each step every answer and every
//! count is the same. bolero makes the programs: random ones under `cargo test`, ones that reach new code under
//! `cargo bolero test`. `cargo xtask fuzz` runs either.

#![cfg(test)]

mod pair;
mod program;
mod run;
mod semaphores;
mod stats;
mod tasks;

use program::Program;
use rsevents::AutoResetEvent;
use run::run;
use stats::Stats;

#[test]
fn objects_do_what_their_models_do() {
    let mut stats = Stats::new();
    bolero::check!().with_type::<Program>().for_each(|program: &Program| {
        run::<AutoResetEvent>(program, &mut stats);
        stats.end_input();
    });
    stats.print();
}

// A guided search would report each of its failures.
#[cfg(not(fuzzing))]
#[test]
fn an_event_that_is_not_consumed_is_found() {
    use std::panic::catch_unwind;
    use verify::broken::{Broken, NotConsumed};

    let (mut inputs, mut found) = (0, 0);
    bolero::check!().with_iterations(1_000).with_type::<Program>().for_each(|program: &Program| {
        inputs += 1;
        let ran =
            catch_unwind(|| run::<Broken<AutoResetEvent, NotConsumed>>(program, &mut Stats::new()));
        found += u64::from(ran.is_err());
    });
    assert!(found > 0, "not found by any of {inputs} programs");
}
