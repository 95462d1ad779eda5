//! Programs: how they are made, and what the model predicts of them.

use std::time::Duration;

use fastrand::Rng;

use crate::event::Kind;
use crate::op::event::EventModel;
use crate::op::event::Operation::{self, Reset, Set, Wait};
use crate::op::{Answer, Model, Operation as _};
use crate::wait::WaitKind::{self, Wait0, WaitFor};

/// How many threads a program runs on.
pub(super) const THREADS: usize = 4;

/// How many steps are drawn, before those that release what is still blocked.
const STEPS: std::ops::Range<usize> = 4..24;

/// How many steps there are to one that costs time.
const RARE: u32 = 60;

/// How many programs there are to one that lingers. In the others sets meet threads that are about to park.
const LINGERING: u32 = 4;

/// A limit that expires while a program runs, and one that does not.
const SHORT: WaitKind = WaitFor(Duration::from_millis(1));
const LONG: WaitKind = WaitFor(Duration::from_secs(600));

/// An event's first state, and what threads do to it one after another.
#[derive(Clone, Debug)]
pub struct Program {
    /// What the event is like at first.
    pub event: EventModel,
    /// Whether there is time after each wait that blocks, for one that wrongly does not to return.
    pub lingers: bool,
    /// The steps in their order, each with a number that chooses among the threads that are not blocked.
    pub steps: Vec<(usize, Step)>,
}

/// A step of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A thread makes a call. If that blocks, the others continue.
    Call(Operation),
    /// No thread does anything for a moment, so that all waiters are parked.
    Pause,
}

/// What is observed of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Observed {
    /// A call that does not wait returned, and so did this many waits that it released.
    Released(usize),
    /// A wait returned: whether it succeeded.
    Waited(bool),
    /// A wait blocks.
    Blocks,
    /// A wait that blocked returned without a set that would release it, or without success.
    Wrong,
}

/// The model of the event, and how many threads are blocked on it.
struct Predictor {
    event: EventModel,
    blocked: usize,
}

impl Predictor {
    fn step(&mut self, step: Step) -> Observed {
        let Step::Call(operation) = step else { return Observed::Released(0) };
        let mut succeeds =
            |operation| self.event.perform(operation, &mut 0) != Some(Answer::Is(false));
        let is_done = succeeds(operation);
        match operation.wait() {
            None => {
                let before = self.blocked;
                while self.blocked > 0 && succeeds(Wait(Wait0)) {
                    self.blocked -= 1;
                }
                Observed::Released(before - self.blocked)
            }
            Some(kind) if kind.is_endless() && !is_done => {
                self.blocked += 1;
                Observed::Blocks
            }
            Some(_) => Observed::Waited(is_done),
        }
    }
}

impl Program {
    /// A random program that leaves no thread blocked.
    #[must_use]
    pub fn random(rng: &mut Rng) -> Self {
        let kind = if rng.bool() { Kind::Auto } else { Kind::Manual };
        let event = EventModel { kind, is_set: rng.bool() };
        let lingers = rng.u32(..LINGERING) == 0;
        let mut predictor = Predictor { event: event.clone(), blocked: 0 };
        let mut steps = Vec::new();
        let mut push = |rng: &mut Rng, predictor: &mut Predictor, step| {
            predictor.step(step);
            steps.push((rng.usize(..THREADS), step));
        };
        // Some programs have many waiters, and others many sets.
        let sets = rng.u32(1..6);
        for _ in 0..rng.usize(STEPS) {
            // One thread is left to set the event.
            let step = draw(rng, sets, predictor.blocked + 1 < THREADS);
            push(rng, &mut predictor, step);
        }
        while predictor.blocked > 0 {
            push(rng, &mut predictor, Step::Call(Set));
        }
        // Shows the state in the end.
        push(rng, &mut predictor, Step::Call(Wait(Wait0)));
        Self { event, lingers, steps }
    }

    /// What the model predicts of each step.
    pub(super) fn predict(&self) -> Vec<Observed> {
        let mut predictor = Predictor { event: self.event.clone(), blocked: 0 };
        self.steps.iter().map(|&(_, step)| predictor.step(step)).collect()
    }
}

/// A step, one that cannot block if it may not. Waits block on unset events, so those are made as likely as set
/// ones.
fn draw(rng: &mut Rng, sets: u32, may_block: bool) -> Step {
    if rng.u32(..RARE) == 0 {
        return if rng.bool() { Step::Pause } else { Step::Call(Wait(SHORT)) };
    }
    Step::Call(match rng.u32(..12) {
        drawn if drawn < sets => Set,
        6..8 => Reset,
        8 | 9 if may_block => Wait(WaitKind::Wait),
        10 if may_block => Wait(LONG),
        _ => Wait(Wait0),
    })
}
