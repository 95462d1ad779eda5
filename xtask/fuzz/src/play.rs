//! Runs a program on the objects and on their models, side by side.

use rsevents::ManualResetEvent;
use verify::event::Event;

use crate::Answer;
use crate::countdown::CountdownPair;
use crate::event::EventPair;
use crate::program::{Object, Program, Step};
use crate::semaphore::{Semaphores, Shared};

/// The objects that no guard borrows.
struct Unguarded<A> {
    auto: EventPair<A>,
    manual: EventPair<ManualResetEvent>,
    countdown: CountdownPair,
}

/// Runs a program, with `A` as the auto-reset event, and returns what each step made known.
///
/// # Panics
///
/// At the first step after which object and model differ.
pub(crate) fn run<A: Event>(program: &Program) -> Vec<Answer> {
    let mut unguarded = Unguarded {
        auto: EventPair::<A>::new(program.auto),
        manual: EventPair::new(program.manual),
        countdown: CountdownPair::new(),
    };
    let mut semaphores = Semaphores::new(program.semaphores);
    let mut answers = Vec::with_capacity(program.steps.len());
    // Guards live until somebody needs a semaphore for himself.
    for steps in program.steps.chunk_by(|_, next| !next.is_alone()) {
        let mut steps = steps.iter().copied().peekable();
        if let Some(Step::Alone(which, call)) = steps.next_if(|step| step.is_alone()) {
            let answer = semaphores.call(which, call);
            answers.push(checked(answer, &unguarded, &semaphores.share(), answers.len()));
        }
        let mut shared = semaphores.share();
        for step in steps {
            let answer = play(step, &mut unguarded, &mut shared);
            answers.push(checked(answer, &unguarded, &shared, answers.len()));
        }
        shared.give_all_back();
        shared.compare().unwrap_or_else(|error| panic!("all guards are dropped: {error}"));
    }
    answers
}

fn play<A: Event>(
    step: Step,
    unguarded: &mut Unguarded<A>,
    shared: &mut Shared<'_>,
) -> Result<Answer, String> {
    let Unguarded { auto, manual, countdown } = unguarded;
    match step {
        Step::Auto(call) => Ok(auto.call(call)),
        Step::Manual(call) => Ok(manual.call(call)),
        Step::Countdown(call) => countdown.call(call),
        Step::Semaphore(which, call) => shared.call(which, call),
        Step::Guard(which, call) => shared.call_guard(which, call),
        Step::Alone(..) => unreachable!("it begins a chunk"),
        Step::Await(object, wait) => match object {
            Object::Auto { by_bool } => auto.wait(wait, by_bool),
            Object::Manual { by_bool } => manual.wait(wait, by_bool),
            Object::Countdown { by_bool } => countdown.wait(wait, by_bool),
            Object::Semaphore(which) => shared.wait(which, wait),
        },
    }
}

/// The answer, if it is right and every count is.
fn checked<A: Event>(
    answer: Result<Answer, String>,
    unguarded: &Unguarded<A>,
    shared: &Shared<'_>,
    steps_before: usize,
) -> Answer {
    let Unguarded { auto, manual, countdown } = unguarded;
    let compared = [auto.compare(), manual.compare(), countdown.compare(), shared.compare()];
    match answer.and_then(|answer| compared.into_iter().collect::<Result<(), _>>().map(|()| answer))
    {
        Ok(answer) => answer,
        Err(error) => panic!("step {}: {error}", steps_before + 1),
    }
}
