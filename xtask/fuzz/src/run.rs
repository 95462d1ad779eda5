//! Runs a program on the objects and on their models, side by side.

use std::time::Instant;

use rsevents::ManualResetEvent;
use rsevents_extra::CountdownEvent;
use verify::op::{Answer, Model, Object, Operation, OperationOf, TOO_MUCH, unless_refused};
use verify::spec::{self, Kind};

use crate::program::{Call, NewCall, Program, Step};
use crate::semaphores::{Semaphores, Shared};
use crate::stats::{Stats, Subject};

/// An object, and what it should be.
struct Pair<O: Object> {
    real: O,
    model: O::Model,
}

impl<O: Object> Pair<O> {
    fn new(model: O::Model) -> Self {
        Self { real: O::new(&model), model }
    }

    /// Makes a call. Returns what was called and its answer, if it could be made.
    fn call(&mut self, call: Call<OperationOf<O>>) -> Result<Made<OperationOf<O>>, String> {
        let operation = call.on(&self.model);
        let answer = perform(&self.real, &mut self.model, operation, &mut O::Held::default())?;
        Ok((operation, answer))
    }

    fn compare(&mut self) -> Result<(), String> {
        compare(&self.real, &mut self.model)
    }
}

/// A call and its answer. `None` if it would block, or there is nothing to call it with.
pub(crate) type Made<O> = (O, Option<Answer>);

/// Makes a call, unless it would block, and compares its answer with the model's.
pub(crate) fn perform<'a, O: Object>(
    real: &'a O,
    model: &mut O::Model,
    operation: OperationOf<O>,
    held: &mut O::Held<'a>,
) -> Result<Option<Answer>, String> {
    let limit = operation.wait().map(|wait| wait.limit().filter(|_| !wait.is_endless()));
    if limit == Some(None) && model.blocks(operation) {
        return Ok(None);
    }
    let is_timed = limit.flatten().is_some_and(|limit| !limit.is_zero());
    let start = is_timed.then(Instant::now);
    let Some(answer) = real.perform(operation, held) else { return Ok(None) };
    if let (Answer::Is(false), Some(limit)) = (answer, limit)
        && limit.is_none_or(|limit| start.is_some_and(|start| start.elapsed() < limit))
        && !model.refuses(operation)
    {
        return Err(format!("{operation:?} failed before its deadline"));
    }
    let before = model.clone();
    if model.apply(operation, answer) {
        Ok(Some(answer))
    } else {
        wrong(&before, operation, answer)
    }
}

#[cold]
fn wrong<M: Model, T>(model: &M, operation: M::Operation, answer: Answer) -> Result<T, String> {
    Err(format!("{operation:?} = {answer:?} is wrong: {model:?}"))
}

/// Calls every observer.
pub(crate) fn compare<O: Object>(real: &O, model: &mut O::Model) -> Result<(), String> {
    for &operation in O::Model::OBSERVERS {
        let answer = real.perform(operation, &mut O::Held::default());
        let answer = answer.expect("an observer needs nothing");
        if !model.apply(operation, answer) {
            return wrong(model, operation, answer);
        }
    }
    Ok(())
}

/// The objects that no guard borrows.
struct Unguarded<A: Object> {
    auto: Pair<A>,
    manual: Pair<ManualResetEvent>,
    countdown: Pair<CountdownEvent>,
}

impl<A: Object<Model = spec::Event>> Unguarded<A> {
    fn renew(&mut self, call: NewCall) -> Result<bool, String> {
        match call {
            NewCall::Auto(is_set) => self.auto = Pair::new(spec::Event::new(Kind::Auto, is_set)),
            NewCall::Manual(is_set) => {
                self.manual = Pair::new(spec::Event::new(Kind::Manual, is_set));
            }
            NewCall::Countdown(count) => {
                let count = count.of(self.countdown.model.bounds());
                let real = unless_refused(TOO_MUCH, || CountdownEvent::new(count));
                let fits = count <= spec::Countdown::MAX;
                agree("new makes a countdown", real.is_some(), fits)?;
                let Some(real) = real else { return Ok(false) };
                self.countdown = Pair { real, model: spec::Countdown::new(count) };
            }
        }
        Ok(true)
    }

    fn step(
        &mut self,
        step: Step,
        shared: &mut Shared<'_>,
        stats: &mut Stats,
    ) -> Result<(), String> {
        match step {
            Step::Auto(call) => stats.add(Subject::Auto, self.auto.call(call)?),
            Step::Manual(call) => stats.add(Subject::Manual, self.manual.call(call)?),
            Step::Countdown(call) => stats.add(Subject::Countdown, self.countdown.call(call)?),
            Step::Semaphore(which, guard, call) => {
                stats.add(Subject::Semaphore, shared.call(which, guard, call)?);
            }
            Step::Guard(guard, call) => {
                let answer = shared.call_guard(guard, call)?.map(Answer::Is);
                stats.add(Subject::Guard, (call, answer));
            }
            Step::New(call) => {
                stats.add(Subject::New, (call, Some(Answer::Is(self.renew(call)?))));
            }
            Step::Exclusive(..) => unreachable!("it begins a chunk"),
        }
        Ok(())
    }

    /// Compares every object.
    fn compare(&mut self, shared: &mut Shared<'_>) -> Result<(), String> {
        self.auto.compare()?;
        self.manual.compare()?;
        self.countdown.compare()?;
        shared.compare()
    }
}

/// Runs a program, with `A` as the auto-reset event.
///
/// # Panics
///
/// At the first step after which object and model differ.
pub(crate) fn run<A: Object<Model = spec::Event>>(program: &Program, stats: &mut Stats) {
    let mut unguarded = Unguarded {
        auto: Pair::<A>::new(spec::Event::new(Kind::Auto, program.auto)),
        manual: Pair::new(spec::Event::new(Kind::Manual, program.manual)),
        countdown: Pair::new(spec::Countdown::new(0)),
    };
    let mut semaphores = Semaphores::new(program.semaphores);
    let mut number = 0;
    let mut check = |result: Result<(), String>| {
        number += 1;
        result.unwrap_or_else(|error| panic!("step {number}: {error}"));
    };
    // Guards live until the next call that needs a semaphore without any.
    let is_exclusive = |step: &Step| matches!(step, Step::Exclusive(..));
    for steps in program.steps.chunk_by(|_, next| !is_exclusive(next)) {
        let mut steps = steps.iter().copied().peekable();
        if let Some(Step::Exclusive(which, call)) = steps.next_if(is_exclusive) {
            let called = semaphores.call(which, call);
            check(called.and_then(|answer| {
                stats.add(Subject::Exclusive, (call, Some(Answer::Is(answer))));
                unguarded.compare(&mut semaphores.share())
            }));
        }
        let mut shared = semaphores.share();
        for step in steps {
            let called = unguarded.step(step, &mut shared, stats);
            check(called.and_then(|()| unguarded.compare(&mut shared)));
        }
        shared.drop_guards();
        shared.compare().unwrap_or_else(|error| panic!("all guards are dropped: {error}"));
    }
}

/// Fails if the real object does not answer what the model does.
pub(crate) fn agree<T: PartialEq + std::fmt::Debug>(
    what: &str,
    real: T,
    model: T,
) -> Result<(), String> {
    if real == model { Ok(()) } else { Err(format!("{what}: {real:?}, expected {model:?}")) }
}
