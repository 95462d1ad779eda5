//! Both events.

use std::time::{Duration, Instant};

use fastrand::Rng;

use super::limit;
use crate::event::{Event, state};
use crate::linearizability::history::Answers::{Other, Yes, YesAndNo};
use crate::linearizability::history::{Answer, Answers, Operation, Waiting};
use crate::linearizability::program::{Choice, Generator};
use crate::linearizability::record::Subject;
use crate::linearizability::search::Spec;
use crate::spec;
use crate::spec::Kind;

/// What can be called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
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
    const METHODS: &'static [(&'static str, Answers)] = &[
        ("set", Other),
        ("reset", Other),
        ("is_set", YesAndNo),
        ("wait0", YesAndNo),
        ("wait_for", YesAndNo),
        ("wait_until", YesAndNo),
        ("wait", Yes),
    ];

    fn method(&self) -> &'static str {
        match self {
            Set => "set",
            Reset => "reset",
            IsSet => "is_set",
            Wait0 => "wait0",
            WaitFor(_) => "wait_for",
            WaitUntil(_) => "wait_until",
            Wait => "wait",
        }
    }

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

impl<E: Event> Subject for E {
    type Model = spec::Event;
    type Held<'a> = ();

    const SETTING: Kind = E::KIND;

    fn new(model: &spec::Event) -> Self {
        state(model.is_set()).into()
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
