//! Calls of an event.

use bolero::TypeGenerator;
use strum::{IntoStaticStr, VariantNames};
use verify::event::{Event, state};
use verify::spec;

use crate::wait::Wait;
use crate::{Answer, agree};

/// A call, other than a wait.
#[derive(Clone, Copy, Debug, IntoStaticStr, TypeGenerator, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum EventCall {
    New(bool),
    Set,
    Reset,
}

/// An event, and what it should be.
pub(crate) struct EventPair<E> {
    real: E,
    model: spec::Event,
}

impl<E: Event> EventPair<E> {
    pub(crate) fn new(is_set: bool) -> Self {
        Self { real: E::from(state(is_set)), model: spec::Event::new(E::KIND, is_set) }
    }

    pub(crate) fn call(&mut self, call: EventCall) -> Answer {
        match call {
            EventCall::New(is_set) => *self = Self::new(is_set),
            EventCall::Set => {
                self.real.set();
                self.model.set();
            }
            EventCall::Reset => {
                self.real.reset();
                self.model.reset();
            }
        }
        Answer::Yes
    }

    pub(crate) fn wait(&mut self, wait: Wait, by_bool: bool) -> Result<Answer, String> {
        if wait.is_endless() && !self.model.is_set() {
            return Ok(Answer::Skipped);
        }
        let model = self.model.wait();
        let real = wait.on(&self.real, by_bool)?;
        agree("a wait succeeds", real, model)?;
        Ok(model.into())
    }

    pub(crate) fn compare(&self) -> Result<(), String> {
        agree("is_set", self.real.is_set(), self.model.is_set())
    }
}
