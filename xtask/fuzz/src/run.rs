//! Runs a program on the objects and on their models, side by side.

use std::time::Instant;

use rsevents::ManualResetEvent;
use rsevents_extra::CountdownEvent;
use verify::op::{
    Answer, Model, Object, Operation, OperationOf, Outcome, TOO_MUCH, unless_refused,
};
use verify::spec::{self, Kind};

use crate::program::{Call, ExclusiveCall, Program, Step};
use crate::semaphores::{Semaphores, Shared};

/// An outcome of which object. `None` if the step would block, or there is nothing to do it with.
pub(crate) type Ran = Option<(&'static str, Outcome)>;

/// An object, and what it should be.
struct Pair<O: Object> {
    real: O,
    model: O::Model,
}

impl<O: Object> Pair<O> {
    fn new(model: O::Model) -> Self {
        Self { real: O::new(&model), model }
    }

    fn call(&mut self, name: &'static str, call: Call<OperationOf<O>>) -> Result<Ran, String> {
        let operation = call.on(&self.model);
        let answer = perform(&self.real, &mut self.model, operation, &mut O::Held::default())?;
        Ok(answer.map(|answer| (name, Outcome::of(operation, answer))))
    }

    fn compare(&mut self) -> Result<(), String> {
        compare(&self.real, &mut self.model)
    }
}

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
    fn call_exclusive(
        &mut self,
        semaphores: &mut Semaphores,
        call: ExclusiveCall,
    ) -> Result<Ran, String> {
        let answer = match call {
            ExclusiveCall::NewAuto(is_set) => {
                self.auto = Pair::new(spec::Event::new(Kind::Auto, is_set));
                true
            }
            ExclusiveCall::NewManual(is_set) => {
                self.manual = Pair::new(spec::Event::new(Kind::Manual, is_set));
                true
            }
            ExclusiveCall::NewCountdown(count) => {
                let count = count.of(self.countdown.model.bounds());
                let real = unless_refused(TOO_MUCH, || CountdownEvent::new(count));
                let fits = count <= spec::Countdown::MAX;
                agree("new makes a countdown", real.is_some(), fits)?;
                if let Some(real) = real {
                    self.countdown = Pair { real, model: spec::Countdown::new(count) };
                }
                fits
            }
            ExclusiveCall::NewSemaphore(which, initial, max) => {
                semaphores.renew(which, initial.size(), max.size())?
            }
            ExclusiveCall::Modify(which, permits) => {
                semaphores.modify(which, permits, false, true)?
            }
            ExclusiveCall::ModifyDown(which, permits) => {
                semaphores.modify(which, permits, true, true)?
            }
            ExclusiveCall::TryModify(which, permits) => {
                semaphores.modify(which, permits, false, false)?
            }
            ExclusiveCall::TryModifyDown(which, permits) => {
                semaphores.modify(which, permits, true, false)?
            }
        };
        Ok(Some(("exclusive", Outcome::named(call.into(), answer))))
    }

    fn step(&mut self, step: Step, shared: &mut Shared<'_>) -> Result<Ran, String> {
        match step {
            Step::Auto(call) => self.auto.call("auto", call),
            Step::Manual(call) => self.manual.call("manual", call),
            Step::Countdown(call) => self.countdown.call("countdown", call),
            Step::Semaphore(which, guard, call) => shared.call(which, guard, call),
            Step::Guard(guard, call) => shared.call_guard(guard, call),
            Step::Exclusive(..) => unreachable!("it begins a chunk"),
        }
    }

    /// The outcome, if it is right and every object is what it should be.
    fn checked(&mut self, ran: Result<Ran, String>, shared: &mut Shared<'_>, step: usize) -> Ran {
        let ran = ran.and_then(|ran| {
            self.auto.compare()?;
            self.manual.compare()?;
            self.countdown.compare()?;
            shared.compare()?;
            Ok(ran)
        });
        ran.unwrap_or_else(|error| panic!("step {step}: {error}"))
    }
}

/// Runs a program, with `A` as the auto-reset event, and returns what became of each step.
///
/// # Panics
///
/// At the first step after which object and model differ.
pub(crate) fn run<A: Object<Model = spec::Event>>(program: &Program) -> Vec<Ran> {
    let mut unguarded = Unguarded {
        auto: Pair::<A>::new(spec::Event::new(Kind::Auto, program.auto)),
        manual: Pair::new(spec::Event::new(Kind::Manual, program.manual)),
        countdown: Pair::new(spec::Countdown::new(0)),
    };
    let mut semaphores = Semaphores::new(program.semaphores);
    let mut all = Vec::with_capacity(program.steps.len());
    // Guards live until the next call that needs a semaphore without any.
    let is_exclusive = |step: &Step| matches!(step, Step::Exclusive(..));
    for steps in program.steps.chunk_by(|_, next| !is_exclusive(next)) {
        let mut steps = steps.iter().copied().peekable();
        if let Some(Step::Exclusive(call)) = steps.next_if(is_exclusive) {
            let ran = unguarded.call_exclusive(&mut semaphores, call);
            all.push(unguarded.checked(ran, &mut semaphores.share(), all.len() + 1));
        }
        let mut shared = semaphores.share();
        for step in steps {
            let ran = unguarded.step(step, &mut shared);
            all.push(unguarded.checked(ran, &mut shared, all.len() + 1));
        }
        shared.drop_guards();
        shared.compare().unwrap_or_else(|error| panic!("all guards are dropped: {error}"));
    }
    all
}

/// Fails if the real object does not answer what the model does.
pub(crate) fn agree<T: PartialEq + std::fmt::Debug>(
    what: &str,
    real: T,
    model: T,
) -> Result<(), String> {
    if real == model { Ok(()) } else { Err(format!("{what}: {real:?}, expected {model:?}")) }
}
