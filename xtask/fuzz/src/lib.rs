//! Random programs on one thread, on real objects and on the models of `verify::spec`: after each step
//! every answer and every count is the same. bolero makes the programs: random ones under `cargo test`,
//! ones that reach new code under `cargo bolero test`. `cargo xtask fuzz` runs either, and reads what
//! this prints about itself.

#![cfg(test)]

mod countdown;
mod event;
mod guard;
mod numbers;
mod play;
mod program;
mod refusal;
mod seen;
mod semaphore;
mod wait;
// A search would take each of its failures for one.
#[cfg(not(fuzzing))]
mod wrong;

use program::Program;
use rsevents::AutoResetEvent;

#[test]
fn objects_do_what_their_models_do() {
    bolero::check!().with_type::<Program>().for_each(|program: &Program| {
        let answers = play::run::<AutoResetEvent>(program);
        seen::note(program, &answers);
    });
    seen::print();
}

/// What a step made known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// It would block, or there is nothing that it could be done with.
    Skipped,
}

impl From<bool> for Answer {
    fn from(answer: bool) -> Self {
        if answer { Self::Yes } else { Self::No }
    }
}

/// Fails if the real object does not say what the model does.
fn agree<T: PartialEq + std::fmt::Debug>(what: &str, real: T, model: T) -> Result<(), String> {
    if real == model {
        Ok(())
    } else {
        Err(format!("{what}: {real:?}, and {model:?} would be right"))
    }
}
