//! Calls of an event.

use bolero::TypeGenerator;
use checks::spec;
use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError};
use strum::{IntoStaticStr, VariantNames};

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

/// What both events have in common.
pub(crate) trait Event:
    From<EventState> + for<'a> Awaitable<'a, T = (), Error = TimeoutError>
{
    const KIND: spec::Kind;
    fn set(&self);
    fn reset(&self);
    fn is_set(&self) -> bool;
}

macro_rules! event {
    ($name:ident, $kind:ident) => {
        impl Event for $name {
            const KIND: spec::Kind = spec::Kind::$kind;

            fn set(&self) {
                self.set();
            }

            fn reset(&self) {
                self.reset();
            }

            fn is_set(&self) -> bool {
                self.is_set()
            }
        }
    };
}

event!(AutoResetEvent, Auto);
event!(ManualResetEvent, Manual);

/// An event, and what it should be.
pub(crate) struct EventPair<E> {
    real: E,
    model: spec::Event,
}

impl<E: Event> EventPair<E> {
    pub(crate) fn new(is_set: bool) -> Self {
        let state = if is_set { EventState::Set } else { EventState::Unset };
        Self { real: E::from(state), model: spec::Event::new(E::KIND, is_set) }
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
