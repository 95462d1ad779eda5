//! Programs: how they are made, and what the model predicts of them.

use std::time::Duration;

use fastrand::Rng;

use super::Model;
use crate::op::several::Operation::{self, Reset, Set, Wait, WaitAll, WaitAny};
use crate::op::several::{OneModel, digits};
use crate::op::{Answer, Model as _, Operation as _};
use crate::wait::WaitKind::{self, Wait0, WaitFor};

/// How many threads a program runs on.
pub(super) const THREADS: usize = 4;

/// The most objects of a program. A list of them is a number with a digit for each.
pub(super) const MOST: usize = 8;

/// How many steps are drawn, before those that release what is still blocked.
const STEPS: std::ops::Range<usize> = 4..24;

/// How many sets there are to one object at most, to release what is still blocked.
const SETS: usize = 8;

/// How many steps there are to one that costs time.
const RARE: u32 = 60;

/// How many programs there are to one that lingers. In the others sets meet threads that are about to park.
const LINGERING: u32 = 4;

/// A limit that expires while a program runs, and one that does not.
const SHORT: WaitKind = WaitFor(Duration::from_millis(1));
const LONG: WaitKind = WaitFor(Duration::from_secs(600));

/// The first states of some objects, and what threads do to them one after another.
#[derive(Clone, Debug)]
pub struct Program {
    /// What the objects are like at first.
    pub objects: Model,
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

/// A wait that was blocked, and what it returned.
pub(super) type Return = (Operation, Answer);

/// What is observed of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Observed {
    /// A call that does not wait returned, and so did these waits that it released. [In order](in_order).
    Released(Vec<Return>),
    /// A wait returned.
    Waited(Answer),
    /// A wait blocks.
    Blocks,
    /// A wait that blocked returned without a set that would release it, or with another answer.
    Wrong,
}

/// The same order for the same waits. In which they return is not determined.
pub(super) fn in_order(mut returns: Vec<Return>) -> Vec<Return> {
    returns.sort_by_key(|returned| format!("{returned:?}"));
    returns
}

/// The model of the objects, and the waits that are blocked. Their order is not known: which of them has begun to wait
/// first is a matter of the scheduler.
#[derive(Clone, Debug)]
struct Predictor {
    objects: Model,
    blocked: Vec<Operation>,
}

/// What a set has led to: the objects, and the waits that it has released.
type Outcome = (Model, Vec<Return>);

impl Predictor {
    /// What is observed of a step. `None` if that depends on which wait comes first.
    fn step(&mut self, step: Step) -> Option<Observed> {
        let Step::Call(operation) = step else { return Some(Observed::Released(Vec::new())) };
        let answer = self.perform(operation);
        match operation.wait() {
            None => self.release().map(Observed::Released),
            Some(kind) if kind.is_endless() && answer == Answer::Is(false) => {
                self.blocked.push(operation);
                Some(Observed::Blocks)
            }
            Some(_) => Some(Observed::Waited(answer)),
        }
    }

    fn perform(&mut self, operation: Operation) -> Answer {
        self.objects.perform(operation, &mut 0).expect("programs reset events only")
    }

    /// Lets all waits pass that can. `None` if there is more than one outcome.
    fn release(&mut self) -> Option<Vec<Return>> {
        let mut outcomes = Vec::new();
        self.explore(Vec::new(), &mut outcomes);
        let (objects, returns) = outcomes.pop().expect("there is an outcome");
        if outcomes.iter().any(|other| *other != (objects.clone(), returns.clone())) {
            return None;
        }
        for (released, _) in &returns {
            let place = self.blocked.iter().position(|blocked| blocked == released);
            self.blocked.swap_remove(place.expect("it was blocked"));
        }
        self.objects = objects;
        Some(returns)
    }

    /// Adds the outcome of each order in which the waits may pass, after `returns`.
    fn explore(&self, returns: Vec<Return>, outcomes: &mut Vec<Outcome>) {
        let mut is_last = true;
        for place in 0..self.blocked.len() {
            let mut next = self.clone();
            let wait = next.blocked.swap_remove(place);
            let answer = next.perform(wait);
            if answer != Answer::Is(false) {
                is_last = false;
                next.explore(returns.iter().copied().chain([(wait, answer)]).collect(), outcomes);
            }
        }
        if is_last {
            outcomes.push((self.objects.clone(), in_order(returns)));
        }
    }
}

impl Program {
    /// A random program that leaves no thread blocked.
    #[must_use]
    pub fn random(rng: &mut Rng) -> Self {
        let used = rng.usize(1..=MOST);
        let objects: Vec<_> = (0..used).map(|_| OneModel::random(rng)).collect();
        Self::random_on(&Model::new(&objects), rng)
    }

    /// A random program on these objects.
    pub(super) fn random_on(objects: &Model, rng: &mut Rng) -> Self {
        // Some begin with waits of which no sets release one before the others.
        std::iter::repeat_with(|| Self::attempt(objects, rng)).flatten().next().expect("no end")
    }

    fn attempt(objects: &Model, rng: &mut Rng) -> Option<Self> {
        let lingers = rng.u32(..LINGERING) == 0;
        let mut predictor = Predictor { objects: objects.clone(), blocked: Vec::new() };
        let mut steps = Vec::new();
        // A step with more than one outcome is left out.
        let mut push = |rng: &mut Rng, predictor: &mut Predictor, step| {
            let mut next = predictor.clone();
            if next.step(step).is_some() {
                *predictor = next;
                steps.push((rng.usize(..THREADS), step));
            }
        };
        // Some programs have many waiters, and others many sets.
        let sets = rng.u32(1..6);
        for _ in 0..rng.usize(STEPS) {
            // One thread is left to set the objects.
            let step = draw(objects, rng, sets, predictor.blocked.len() + 1 < THREADS);
            push(rng, &mut predictor, step);
        }
        let used = objects.objects().len();
        for _ in 0..SETS * used {
            if predictor.blocked.is_empty() {
                break;
            }
            let set = Set(rng.usize(1..=used));
            push(rng, &mut predictor, Step::Call(set));
        }
        if !predictor.blocked.is_empty() {
            return None;
        }
        // Shows the state in the end.
        for number in 1..=used {
            push(rng, &mut predictor, Step::Call(Wait(number, Wait0)));
        }
        Some(Self { objects: objects.clone(), lingers, steps })
    }

    /// What the model predicts of each step.
    ///
    /// # Panics
    ///
    /// If that of a step is not determined.
    pub(super) fn predict(&self) -> Vec<Observed> {
        let mut predictor = Predictor { objects: self.objects.clone(), blocked: Vec::new() };
        let predict = |&(_, step)| predictor.step(step).expect("an outcome that is determined");
        self.steps.iter().map(predict).collect()
    }
}

/// A step, one that cannot block if it may not. Waits block on unset objects, so those are made as likely as set ones.
fn draw(objects: &Model, rng: &mut Rng, sets: u32, may_block: bool) -> Step {
    if rng.u32(..RARE) == 0 {
        return if rng.bool() { Step::Pause } else { Step::Call(draw_wait(objects, rng, SHORT)) };
    }
    let number = rng.usize(1..=objects.objects().len());
    let is_event = matches!(objects.objects()[number - 1], OneModel::Event(_));
    Step::Call(match rng.u32(..12) {
        drawn if drawn < sets => Set(number),
        6..8 if is_event => Reset(number),
        8 | 9 if may_block => draw_wait(objects, rng, WaitKind::Wait),
        10 if may_block => draw_wait(objects, rng, LONG),
        _ => draw_wait(objects, rng, Wait0),
    })
}

/// A wait of this kind for one object, for any or for all of several.
fn draw_wait(objects: &Model, rng: &mut Rng, kind: WaitKind) -> Operation {
    let mut numbers: Vec<_> = (1..=objects.objects().len()).collect();
    rng.shuffle(&mut numbers);
    // Mostly few, as a wait for many objects always passes if it is for any of them, and never if it is for all.
    let most = if rng.bool() { numbers.len() } else { numbers.len().min(3) };
    numbers.truncate(rng.usize(1..=most));
    match rng.u32(..3) {
        0 => Wait(numbers[0], kind),
        1 => WaitAny(digits(numbers), kind),
        _ => WaitAll(digits(numbers), kind),
    }
}
