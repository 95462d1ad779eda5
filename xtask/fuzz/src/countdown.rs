//! Calls of a countdown.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bolero::TypeGenerator;
use rsevents_extra::CountdownEvent;
use strum::{IntoStaticStr, VariantNames};
use verify::spec;

use crate::numbers::Tasks;
use crate::refusal::{TOO_MUCH, unless_refused};
use crate::wait::Wait;
use crate::{Answer, agree};

/// A call, other than a wait.
#[derive(Clone, Copy, Debug, IntoStaticStr, TypeGenerator, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum CountdownCall {
    New(Tasks),
    Reset(Tasks),
    Increment,
    TryIncrement,
    IncrementBy(Tasks),
    TryIncrementBy(Tasks),
    /// A task is added with its ticket, and done.
    AddTicket,
    Decrement,
    Tick,
    DecrementBy(Tasks),
    DropTicket,
    /// The task panics, and its ticket is dropped while the stack unwinds.
    PanicWithTicket,
}

/// A countdown, and what it should be.
pub(crate) struct CountdownPair {
    real: CountdownEvent,
    model: spec::Countdown,
}

impl CountdownPair {
    pub(crate) fn new() -> Self {
        Self { real: CountdownEvent::new(0), model: spec::Countdown::new(0) }
    }

    pub(crate) fn call(&mut self, call: CountdownCall) -> Result<Answer, String> {
        match call {
            CountdownCall::New(tasks) => self.renew(tasks.number(&self.model)),
            CountdownCall::Reset(tasks) => self.reset(tasks.number(&self.model)),
            CountdownCall::Increment => {
                let real = unless_refused(TOO_MUCH, || self.real.increment());
                answer("increment counts", real.is_some(), self.model.try_increment_by(1))
            }
            CountdownCall::TryIncrement => {
                answer("try_increment", self.real.try_increment(), self.model.try_increment_by(1))
            }
            CountdownCall::IncrementBy(tasks) => {
                let tasks = tasks.number(&self.model);
                let real = unless_refused(TOO_MUCH, || self.real.increment_by(tasks));
                let model = self.model.try_increment_by(tasks);
                answer("increment_by counts", real.is_some(), model)
            }
            CountdownCall::TryIncrementBy(tasks) => {
                let tasks = tasks.number(&self.model);
                let real = self.real.try_increment_by(tasks);
                answer("try_increment_by", real, self.model.try_increment_by(tasks))
            }
            CountdownCall::AddTicket => {
                let real = unless_refused(TOO_MUCH, || drop(self.real.add_ticket()));
                let model = self.model.try_increment_by(1);
                if model {
                    self.model.tick();
                }
                answer("add_ticket counts", real.is_some(), model)
            }
            CountdownCall::Decrement => {
                answer("decrement", self.real.decrement(), self.model.tick())
            }
            CountdownCall::Tick => {
                self.real.tick();
                Ok(self.model.tick().into())
            }
            CountdownCall::DecrementBy(tasks) => {
                let tasks = tasks.number(&self.model);
                let real = self.real.decrement_by(tasks);
                answer("decrement_by", real, self.model.decrement_by(tasks))
            }
            CountdownCall::DropTicket => {
                drop(self.real.ticket());
                Ok(self.model.tick().into())
            }
            CountdownCall::PanicWithTicket => {
                let task = || {
                    let _ticket = self.real.ticket();
                    resume_unwind(Box::new(()));
                };
                catch_unwind(AssertUnwindSafe(task)).unwrap_err();
                Ok(self.model.tick().into())
            }
        }
    }

    fn renew(&mut self, count: usize) -> Result<Answer, String> {
        let real = unless_refused(TOO_MUCH, || CountdownEvent::new(count));
        let fits = count <= spec::Countdown::MAX;
        agree("new makes a countdown", real.is_some(), fits)?;
        if let Some(real) = real {
            *self = Self { real, model: spec::Countdown::new(count) };
        }
        Ok(fits.into())
    }

    fn reset(&mut self, count: usize) -> Result<Answer, String> {
        let real = unless_refused(TOO_MUCH, || self.real.reset(count));
        let fits = count <= spec::Countdown::MAX;
        if fits {
            self.model.reset(count);
        }
        answer("reset is done", real.is_some(), fits)
    }

    pub(crate) fn wait(&mut self, wait: Wait, by_bool: bool) -> Result<Answer, String> {
        let model = self.model.wait();
        if wait.is_endless() && !model {
            return Ok(Answer::Skipped);
        }
        let real = wait.on(&self.real, by_bool)?;
        answer("a wait succeeds", real, model)
    }

    pub(crate) fn compare(&self) -> Result<(), String> {
        agree("count", self.real.count(), self.model.count())?;
        agree("is_set", self.real.is_set(), self.model.wait())
    }
}

fn answer(what: &str, real: bool, model: bool) -> Result<Answer, String> {
    agree(what, real, model)?;
    Ok(model.into())
}
