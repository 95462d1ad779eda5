//! Both events.

use std::time::{Duration, Instant};

use fastrand::Rng;
use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent};

use super::limit;
use crate::linearizability::history::{Answer, Operation, Waiting};
use crate::linearizability::program::{Choice, Generator};
use crate::linearizability::record::Subject;
use crate::linearizability::search::Spec;
use crate::spec;
use crate::spec::Kind;

/// What can be called.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "they are called like the methods")]
pub enum Call {
    Set,
    Reset,
    IsSet,
    Wait0,
    WaitFor(Duration),
    /// With a deadline so far ahead.
    WaitUntil(Duration),
    Wait,
}

use Call::{IsSet, Reset, Set, Wait, Wait0, WaitFor, WaitUntil};

impl Operation for Call {
    fn waiting(&self) -> Waiting {
        match *self {
            WaitFor(limit) | WaitUntil(limit) => Waiting::For(limit),
            Wait => Waiting::Forever,
            Set | Reset | IsSet | Wait0 => Waiting::Never,
        }
    }
}

impl Spec for spec::Event {
    type Operation = Call;

    fn apply(&mut self, operation: Call, answer: Answer) -> bool {
        let right = match operation {
            Set => {
                self.set();
                Answer::Done
            }
            Reset => {
                self.reset();
                Answer::Done
            }
            IsSet => Answer::Is(self.is_set()),
            Wait0 | WaitFor(_) | WaitUntil(_) | Wait => Answer::Is(self.wait()),
        };
        answer == right
    }

    fn only_looks(&self, operation: Call, answer: Answer) -> bool {
        match operation {
            Set | Reset => false,
            IsSet => true,
            Wait0 | WaitFor(_) | WaitUntil(_) | Wait => {
                self.kind() == Kind::Manual || answer == Answer::Is(false)
            }
        }
    }
}

impl Generator for spec::Event {
    type Setting = Kind;

    const PLAIN: &'static [Choice<Self>] = &[
        |_, _| Set,
        |_, _| Reset,
        |_, _| IsSet,
        |_, _| Wait0,
        |_, random| WaitFor(limit(random)),
        |_, random| WaitUntil(limit(random)),
        |_, _| Wait,
    ];
    const LAST: &'static [Call] = &[IsSet];

    fn random(kind: Kind, random: &mut Rng) -> Self {
        Self::new(kind, random.bool())
    }
}

/// An event that is to be tested.
#[expect(missing_docs, reason = "they are called like those of the events")]
pub trait Event: Send + Sync + 'static {
    const KIND: Kind;

    fn new(is_set: bool) -> Self;
    fn set(&self);
    fn reset(&self);
    fn is_set(&self) -> bool;
    fn wait0(&self) -> bool;
    fn wait_for(&self, limit: Duration) -> bool;
    fn wait_until(&self, deadline: Instant) -> bool;
    fn wait(&self);
}

macro_rules! real {
    ($event:ty, $kind:expr) => {
        impl Event for $event {
            const KIND: Kind = $kind;

            fn new(is_set: bool) -> Self {
                Self::new(if is_set { EventState::Set } else { EventState::Unset })
            }

            fn set(&self) {
                self.set();
            }

            fn reset(&self) {
                self.reset();
            }

            fn is_set(&self) -> bool {
                self.is_set()
            }

            fn wait0(&self) -> bool {
                Awaitable::wait0(self)
            }

            fn wait_for(&self, limit: Duration) -> bool {
                Awaitable::wait_for(self, limit)
            }

            fn wait_until(&self, deadline: Instant) -> bool {
                Awaitable::wait_until(self, deadline)
            }

            fn wait(&self) {
                Awaitable::wait(self);
            }
        }
    };
}

real!(AutoResetEvent, Kind::Auto);
real!(ManualResetEvent, Kind::Manual);

impl<E: Event> Subject for E {
    type Model = spec::Event;
    type Held<'a> = ();

    const SETTING: Kind = E::KIND;

    fn new(model: &spec::Event) -> Self {
        E::new(model.is_set())
    }

    fn perform(&self, operation: Call, (): &mut ()) -> Option<Answer> {
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
            Wait0 => Answer::Is(self.wait0()),
            WaitFor(limit) => Answer::Is(self.wait_for(limit)),
            WaitUntil(limit) => Answer::Is(self.wait_until(Instant::now() + limit)),
            Wait => {
                self.wait();
                Answer::Is(true)
            }
        })
    }

    fn rescue(_pending: &[Call], mut perform: impl FnMut(Call) -> Answer) {
        if perform(IsSet) == Answer::Is(false) {
            perform(Set);
        }
    }
}
