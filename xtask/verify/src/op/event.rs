//! Both events.

use fastrand::Rng;
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};

use super::{Answer, Answers, Choice, Model, NO_BOOL, Object, YES_OR_NO, limit};
use crate::event::{Event, state};
use crate::spec;
use crate::spec::Kind;
use crate::wait::WaitKind;

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumDiscriminants, EnumIter, IntoStaticStr)]
#[strum_discriminants(name(Method), vis())]
#[strum(serialize_all = "snake_case")]
pub enum Operation {
    /// `set`
    Set,
    /// `reset`
    Reset,
    /// `is_set`
    IsSet,
    /// The waits that return a `bool`.
    Wait(WaitKind),
    /// The waits that return a `Result`.
    TryWait(WaitKind),
}

use Operation::{IsSet, Reset, Set, TryWait, Wait};

impl super::Operation for Operation {
    fn method(self) -> usize {
        Method::from(self) as usize
    }

    fn answers(self) -> Answers {
        match self {
            Set | Reset => NO_BOOL,
            IsSet => YES_OR_NO,
            Wait(kind) | TryWait(kind) => kind.answers(),
        }
    }

    fn wait_mut(&mut self) -> Option<&mut WaitKind> {
        match self {
            Wait(kind) | TryWait(kind) => Some(kind),
            Set | Reset | IsSet => None,
        }
    }
}

impl Model for spec::Event {
    type Operation = Operation;

    const CHOICES: &'static [Choice<Self>] = &[
        |_, _| Set,
        |_, _| Reset,
        |_, _| IsSet,
        |_, _| Wait(WaitKind::Wait0),
        |_, random| Wait(WaitKind::WaitFor(limit(random))),
        |_, random| Wait(WaitKind::WaitUntil(limit(random))),
        |_, _| Wait(WaitKind::Wait),
    ];
    const OBSERVERS: &'static [Operation] = &[IsSet];

    fn perform(&mut self, operation: Operation, _: &mut usize) -> Option<Answer> {
        Some(match operation {
            Set => {
                self.set();
                Answer::Done
            }
            Reset => {
                self.reset();
                Answer::Done
            }
            IsSet => Answer::Is(self.is_set()),
            Wait(_) | TryWait(_) => Answer::Is(self.wait()),
        })
    }

    fn is_read_only(&self, operation: Operation, answer: Answer) -> bool {
        match operation {
            Set | Reset => false,
            IsSet => true,
            Wait(_) | TryWait(_) => self.kind() == Kind::Manual || answer == Answer::Is(false),
        }
    }

    fn rescue(_pending: &[Operation], mut perform: impl FnMut(Operation) -> Answer) {
        if perform(IsSet) == Answer::Is(false) {
            perform(Set);
        }
    }
}

impl<E: Event> Object for E {
    type Model = spec::Event;
    type Held<'a> = ();

    fn random(random: &mut Rng) -> spec::Event {
        spec::Event::new(E::KIND, random.bool())
    }

    fn new(model: &spec::Event) -> Self {
        state(model.is_set()).into()
    }

    fn perform(&self, operation: Operation, (): &mut ()) -> Option<Answer> {
        Some(match operation {
            Set => {
                self.set();
                Answer::Done
            }
            Reset => {
                self.reset();
                Answer::Done
            }
            IsSet => Answer::Is(self.is_set()),
            Wait(kind) => Answer::Is(kind.wait(self)),
            TryWait(kind) => Answer::Is(kind.try_wait(self).is_some()),
        })
    }
}
