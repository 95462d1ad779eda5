//! An object and its model: the same calls on both, and the same answers.

use std::time::Instant;

use verify::op::{Answer, Model, Object, Operation, OperationOf};

use crate::program::Call;

/// An object, and what it should be.
pub(crate) struct Pair<O: Object> {
    pub(crate) real: O,
    pub(crate) model: O::Model,
}

impl<O: Object> Pair<O> {
    pub(crate) fn new(model: O::Model) -> Self {
        Self { real: O::new(&model), model }
    }

    /// Makes a call. Returns what was called and its answer, if it could be made.
    pub(crate) fn call(
        &mut self,
        call: Call<OperationOf<O>>,
    ) -> Result<Made<OperationOf<O>>, String> {
        let operation = call.on(&self.model);
        let answer = perform(&self.real, &mut self.model, operation, &mut O::Held::default())?;
        Ok((operation, answer))
    }

    pub(crate) fn compare(&mut self) -> Result<(), String> {
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

/// Fails if the real object does not answer what the model does.
pub(crate) fn agree<T: PartialEq + std::fmt::Debug>(
    what: &str,
    real: T,
    model: T,
) -> Result<(), String> {
    if real == model { Ok(()) } else { Err(format!("{what}: {real:?}, expected {model:?}")) }
}
