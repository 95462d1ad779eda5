//! The countdown.

use fastrand::Rng;
use rsevents_extra::CountdownEvent;
use strum::{EnumIter, IntoStaticStr};

use super::{
    Answer, Answers, Choice, Model, NO_BOOL, Object, TOO_MUCH, YES_OR_NO, drop_in_panic, limit,
    unless_refused,
};
use crate::wait::WaitKind;

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Operation {
    /// `reset`
    Reset(usize),
    /// `increment`
    Increment,
    /// `try_increment`
    TryIncrement,
    /// `increment_by`
    IncrementBy(usize),
    /// `try_increment_by`
    TryIncrementBy(usize),
    /// Adds a task with its ticket, and drops that.
    AddTicket,
    /// `decrement`
    Decrement,
    /// `decrement_by`
    DecrementBy(usize),
    /// `tick`. Answers, like the next two, whether the object is set by it: for one thread only.
    Tick,
    /// Drops a ticket.
    DropTicket,
    /// Drops a ticket while the stack unwinds.
    PanicWithTicket,
    /// `count`
    Count,
    /// `is_set`
    IsSet,
    /// The waits that return a `bool`.
    Wait(WaitKind),
    /// The waits that return a `Result`.
    TryWait(WaitKind),
}

use Operation::*;

impl super::Operation for Operation {
    fn answers(self) -> Answers {
        match self {
            Count => NO_BOOL,
            Wait(kind) | TryWait(kind) => kind.answers(),
            _ => YES_OR_NO,
        }
    }

    fn wait_mut(&mut self) -> Option<&mut WaitKind> {
        match self {
            Wait(kind) | TryWait(kind) => Some(kind),
            _ => None,
        }
    }

    fn set_number(&mut self, number: usize) {
        match self {
            Reset(tasks) | IncrementBy(tasks) | TryIncrementBy(tasks) | DecrementBy(tasks) => {
                *tasks = number;
            }
            _ => {}
        }
    }
}

/// A countdown as a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountdownModel {
    /// How many tasks are outstanding.
    pub count: usize,
}

impl CountdownModel {
    /// The largest count.
    pub const MAX: usize = u32::MAX as usize;

    /// Replaces the count. Returns whether it may be this one; changes nothing if not.
    const fn reset(&mut self, count: usize) -> bool {
        let fits = count <= Self::MAX;
        if fits {
            self.count = count;
        }
        fits
    }

    /// Returns whether there was room; changes nothing if not.
    fn increment_by(&mut self, tasks: usize) -> bool {
        self.count.checked_add(tasks).is_some_and(|count| self.reset(count))
    }

    /// Returns whether that made the count zero.
    const fn decrement_by(&mut self, tasks: usize) -> bool {
        let before = self.count;
        self.count = before.saturating_sub(tasks);
        before > 0 && self.count == 0
    }
}

impl Model for CountdownModel {
    type Operation = Operation;

    const CHOICES: &'static [Choice<Self>] = &[
        |_, _| Decrement,
        |_, _| Decrement,
        |_, random| DecrementBy(random.usize(..4)),
        |_, _| TryIncrement,
        |_, random| Reset(random.usize(..4)),
        |_, _| Count,
        |_, _| Wait(WaitKind::Wait0),
        |_, random| Wait(WaitKind::WaitFor(limit(random))),
        |_, random| Wait(WaitKind::WaitUntil(limit(random))),
        |_, _| Wait(WaitKind::Wait),
        |_, _| Wait(WaitKind::WaitAsync),
        |_, random| Wait(WaitKind::WaitAsyncFor(limit(random))),
        |_, random| Wait(WaitKind::WaitAsyncUntilDropped(limit(random))),
    ];
    const NEVER: &'static [&'static str] = &["try_increment:no", "reset:no"];
    const OBSERVERS: &'static [Operation] = &[Count, IsSet];

    fn perform(&mut self, operation: Operation, _: &mut usize) -> Option<Answer> {
        Some(Answer::Is(match operation {
            Reset(count) => self.reset(count),
            Increment | TryIncrement => self.increment_by(1),
            IncrementBy(tasks) | TryIncrementBy(tasks) => self.increment_by(tasks),
            // The ticket is dropped again.
            AddTicket => self.count < Self::MAX,
            Decrement | Tick | DropTicket | PanicWithTicket => self.decrement_by(1),
            DecrementBy(tasks) => self.decrement_by(tasks),
            Count => return Some(Answer::Number(self.count)),
            IsSet | Wait(_) | TryWait(_) => self.count == 0,
        }))
    }

    fn is_read_only(&self, operation: Operation, _: Answer) -> bool {
        matches!(operation, Count | IsSet | Wait(_) | TryWait(_))
    }

    fn bounds(&self) -> [usize; 3] {
        [self.count, Self::MAX - self.count, Self::MAX]
    }

    fn may_release(operation: Operation) -> bool {
        !matches!(operation, Count | IsSet | Wait(_) | TryWait(_))
    }

    /// Makes exactly the outstanding ticks, the last one by itself.
    fn rescue(_pending: &[Operation], mut perform: impl FnMut(Operation) -> Answer) {
        let Answer::Number(count @ 1..) = perform(Count) else { return };
        if count > 1 {
            perform(DecrementBy(count - 1));
        }
        perform(Decrement);
    }
}

impl Object for CountdownEvent {
    type Model = CountdownModel;
    type Held<'a> = ();

    fn random(random: &mut Rng) -> CountdownModel {
        CountdownModel { count: random.usize(..4) }
    }

    fn new(model: &CountdownModel) -> Self {
        Self::new(model.count)
    }

    fn perform(&self, operation: Operation, (): &mut ()) -> Option<Answer> {
        let is_done = |call: &dyn Fn()| unless_refused(TOO_MUCH, call).is_some();
        let sets = |call: &dyn Fn()| {
            let was_set = self.is_set();
            call();
            !was_set && self.is_set()
        };
        Some(Answer::Is(match operation {
            Reset(count) => is_done(&|| self.reset(count)),
            Increment => is_done(&|| self.increment()),
            TryIncrement => self.try_increment(),
            IncrementBy(tasks) => is_done(&|| self.increment_by(tasks)),
            TryIncrementBy(tasks) => self.try_increment_by(tasks),
            AddTicket => is_done(&|| drop(self.add_ticket())),
            Decrement => self.decrement(),
            DecrementBy(tasks) => self.decrement_by(tasks),
            Tick => sets(&|| self.tick()),
            DropTicket => sets(&|| drop(self.ticket())),
            PanicWithTicket => sets(&|| drop_in_panic(self.ticket())),
            Count => return Some(Answer::Number(self.count())),
            IsSet => self.is_set(),
            Wait(kind) => kind.wait(self),
            TryWait(kind) => kind.try_wait(self).is_some(),
        }))
    }
}
