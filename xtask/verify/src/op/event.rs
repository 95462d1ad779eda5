//! Both events.

use fastrand::Rng;
use strum::{EnumIter, IntoStaticStr};

use super::{Answer, Answers, Choice, Model, NO_BOOL, Object, YES_OR_NO, limit};
use crate::event::{Event, Kind};
use crate::wait::WaitKind;

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
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

/// An event as a boolean.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventModel {
    /// What a wait does to it.
    pub kind: Kind,
    /// Whether it is set.
    pub is_set: bool,
}

impl Model for EventModel {
    type Operation = Operation;

    const CHOICES: &'static [Choice<Self>] = &[
        |_, _| Set,
        |_, _| Reset,
        |_, _| IsSet,
        |_, _| Wait(WaitKind::Wait0),
        |_, random| Wait(WaitKind::WaitFor(limit(random))),
        |_, random| Wait(WaitKind::WaitUntil(limit(random))),
        |_, _| Wait(WaitKind::Wait),
        |_, _| Wait(WaitKind::WaitAsync),
        |_, random| Wait(WaitKind::WaitAsyncFor(limit(random))),
        |_, random| Wait(WaitKind::WaitAsyncUntilDropped(limit(random))),
    ];
    const OBSERVERS: &'static [Operation] = &[IsSet];

    fn perform(&mut self, operation: Operation, _: &mut usize) -> Option<Answer> {
        Some(match operation {
            Set | Reset => {
                self.is_set = operation == Set;
                Answer::Done
            }
            IsSet => Answer::Is(self.is_set),
            Wait(_) | TryWait(_) => {
                let was_set = self.is_set;
                self.is_set &= self.kind == Kind::Manual;
                Answer::Is(was_set)
            }
        })
    }

    fn is_read_only(&self, operation: Operation, answer: Answer) -> bool {
        match operation {
            Set | Reset => false,
            IsSet => true,
            Wait(_) | TryWait(_) => self.kind == Kind::Manual || answer == Answer::Is(false),
        }
    }

    fn may_release(operation: Operation) -> bool {
        operation == Set
    }

    fn hand_on(&self, _: Operation) -> Vec<(Operation, Answer)> {
        (self.kind == Kind::Auto).then_some((Set, Answer::Done)).into_iter().collect()
    }

    fn rescue(_pending: &[Operation], mut perform: impl FnMut(Operation) -> Answer) {
        if perform(IsSet) == Answer::Is(false) {
            perform(Set);
        }
    }
}

impl<E: Event> Object for E {
    type Model = EventModel;
    type Held<'a> = ();

    fn random(random: &mut Rng) -> EventModel {
        EventModel { kind: E::KIND, is_set: random.bool() }
    }

    fn new(model: &EventModel) -> Self {
        model.is_set.into()
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
