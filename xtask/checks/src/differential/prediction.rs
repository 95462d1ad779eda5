//! What the model says that a program does.

use super::program::{Effect, Program, Waiting};
use super::subject::Answer;

/// The answer to each step of a program.
#[must_use]
pub fn predict(program: &Program) -> Vec<Answer> {
    let mut waiting = Waiting::new(program);
    let answer = |&(_, step)| match waiting.step(step) {
        Effect::Releases(released) => Answer::Done { released },
        Effect::Passes => Answer::Waited(true),
        Effect::TimesOut => Answer::Waited(false),
        Effect::Blocks => Answer::Blocks,
    };
    program.steps.iter().map(answer).collect()
}
