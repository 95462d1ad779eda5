//! What the model says that a program does.

use super::program::{Program, Step, THREADS};
use super::subject::Answer;
use crate::spec::Event;

/// The answer to each step of a program.
#[must_use]
pub(crate) fn predict(program: &Program) -> Vec<Answer> {
    let mut predictor = Predictor::new(program);
    program.steps.iter().map(|&(_, step)| predictor.step(step)).collect()
}

/// The model of the event, and how many threads are blocked on it.
pub(super) struct Predictor {
    event: Event,
    blocked: usize,
}

impl Predictor {
    /// Before the first step of the program.
    pub(super) fn new(program: &Program) -> Self {
        Self { event: Event::new(program.kind, program.is_set), blocked: 0 }
    }

    /// How many threads are blocked.
    pub(super) fn blocked(&self) -> usize {
        self.blocked
    }

    /// Whether one more may block: then somebody is left to set the event.
    pub(super) fn may_block(&self) -> bool {
        self.blocked + 1 < THREADS
    }

    /// The answer to the next step.
    pub(super) fn step(&mut self, step: Step) -> Answer {
        match step {
            Step::Set => {
                self.event.set();
                let before = self.blocked;
                while self.blocked > 0 && self.event.wait() {
                    self.blocked -= 1;
                }
                Answer::Done { released: before - self.blocked }
            }
            Step::Reset => {
                self.event.reset();
                Answer::Done { released: 0 }
            }
            Step::Pause => Answer::Done { released: 0 },
            Step::Wait(_) if self.event.wait() => Answer::Waited(true),
            Step::Wait(limit) if limit.passes() => Answer::Waited(false),
            Step::Wait(_) => {
                self.blocked += 1;
                Answer::Blocks
            }
        }
    }
}
