//! The countdown.

use std::time::{Duration, Instant};

use fastrand::Rng;
use rsevents_extra::{Awaitable, CountdownEvent};

use super::limit;
use crate::linearizability::history::Answers::{Other, Yes, YesAndNo};
use crate::linearizability::history::{Answer, Answers, Operation, Waiting};
use crate::linearizability::program::{Choice, Generator};
use crate::linearizability::record::Subject;
use crate::linearizability::search::Spec;
use crate::spec::Countdown;

/// What can be called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    Tick,
    DecrementBy(usize),
    TryIncrement,
    Reset(usize),
    Count,
    Wait0,
    WaitFor(Duration),
    /// With a deadline so far ahead.
    WaitUntil(Duration),
    Wait,
}

use Call::{Count, DecrementBy, Reset, Tick, TryIncrement, Wait, Wait0, WaitFor, WaitUntil};

impl Operation for Call {
    const METHODS: &'static [(&'static str, Answers)] = &[
        ("tick", YesAndNo),
        ("decrement_by", YesAndNo),
        ("try_increment", Yes),
        ("reset", Other),
        ("count", Other),
        ("wait0", YesAndNo),
        ("wait_for", YesAndNo),
        ("wait_until", YesAndNo),
        ("wait", Yes),
    ];

    fn method(&self) -> &'static str {
        match self {
            Tick => "tick",
            DecrementBy(_) => "decrement_by",
            TryIncrement => "try_increment",
            Reset(_) => "reset",
            Count => "count",
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
            Tick | DecrementBy(_) | TryIncrement | Reset(_) | Count | Wait0 => Waiting::Never,
        }
    }
}

impl Spec for Countdown {
    type Operation = Call;

    fn apply(&mut self, operation: Call, answer: Answer) -> bool {
        let right = match operation {
            Tick => Answer::Is(self.tick()),
            DecrementBy(tasks) => Answer::Is(self.decrement_by(tasks)),
            TryIncrement => Answer::Is(self.try_increment_by(1)),
            Reset(count) => {
                self.reset(count);
                Answer::Done
            }
            Count => Answer::Number(self.count()),
            Wait0 | WaitFor(_) | WaitUntil(_) | Wait => Answer::Is(self.wait()),
        };
        answer == right
    }

    fn only_looks(&self, operation: Call, _: Answer) -> bool {
        matches!(operation, Count | Wait0 | WaitFor(_) | WaitUntil(_) | Wait)
    }
}

impl Generator for Countdown {
    type Setting = ();

    const PLAIN: &'static [Choice<Self>] = &[
        |_, _| Tick,
        |_, _| Tick,
        |_, random| DecrementBy(random.usize(..4)),
        |_, _| TryIncrement,
        |_, random| Reset(random.usize(..4)),
        |_, _| Count,
        |_, _| Wait0,
        |_, random| WaitFor(limit(random)),
        |_, random| WaitUntil(limit(random)),
        |_, _| Wait,
    ];
    const LAST: &'static [Call] = &[Count];

    fn random((): (), random: &mut Rng) -> Self {
        Self::new(random.usize(..4))
    }
}

impl Subject for CountdownEvent {
    type Model = Countdown;
    type Held<'a> = ();

    const SETTING: () = ();

    fn new(model: &Countdown) -> Self {
        Self::new(model.count())
    }

    fn perform(&self, operation: Call, (): &mut ()) -> Option<Answer> {
        Some(match operation {
            Tick => Answer::Is(self.decrement()),
            DecrementBy(tasks) => Answer::Is(self.decrement_by(tasks)),
            TryIncrement => Answer::Is(self.try_increment()),
            Reset(count) => {
                self.reset(count);
                Answer::Done
            }
            Count => Answer::Number(self.count()),
            Wait0 => Answer::Is(self.wait0()),
            WaitFor(limit) => Answer::Is(self.wait_for(limit)),
            WaitUntil(limit) => Answer::Is(self.wait_until(Instant::now() + limit)),
            Wait => {
                self.wait();
                Answer::Is(true)
            }
        })
    }

    /// Exactly the outstanding ticks, the last one by itself.
    fn rescue(_pending: &[Call], mut perform: impl FnMut(Call) -> Answer) {
        let Answer::Number(count @ 1..) = perform(Count) else { return };
        if count > 1 {
            perform(DecrementBy(count - 1));
        }
        perform(Tick);
    }
}
