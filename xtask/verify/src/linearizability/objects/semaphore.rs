//! The semaphore.

use std::time::{Duration, Instant};

use fastrand::Rng;
use rsevents_extra::{SemaphoreGuard, TimeoutError};

use super::limit;
use crate::linearizability::history::Answers::{Other, Yes, YesAndNo};
use crate::linearizability::history::{self, Answer, Answers, Operation, Waiting};
use crate::linearizability::program::{Choice, Generator};
use crate::linearizability::record::Subject;
use crate::linearizability::search::Spec;
use crate::spec::Semaphore;

/// What can be called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    Wait(u16),
    WaitFor(u16, Duration),
    /// With a deadline so far ahead.
    WaitUntil(u16, Duration),
    Wait0(u16),
    /// Drops the guard of all permits that the thread holds. Answers how many.
    GiveBack,
    /// Forgets it.
    Forget,
    TryRelease(u16),
    Count,
    Capacity,
}

use Call::{Capacity, Count, Forget, GiveBack, TryRelease, Wait, Wait0, WaitFor, WaitUntil};

impl Call {
    /// How many permits it asks for.
    const fn request(self) -> u16 {
        match self {
            Wait(permits) | WaitFor(permits, _) | WaitUntil(permits, _) | Wait0(permits) => permits,
            GiveBack | Forget | TryRelease(_) | Count | Capacity => 0,
        }
    }

    /// Whether it waits, while it runs, for several permits that are not there. Who has no time never does;
    /// a deadline may be still to come when the call begins, however soon it is.
    const fn may_wait_for_several(self) -> bool {
        let may_wait = match self {
            Wait(_) | WaitUntil(..) => true,
            WaitFor(_, limit) => !limit.is_zero(),
            Wait0(_) | GiveBack | Forget | TryRelease(_) | Count | Capacity => false,
        };
        may_wait && self.request() > 1
    }
}

impl Operation for Call {
    const METHODS: &'static [(&'static str, Answers)] = &[
        ("wait_many", Yes),
        ("wait_many_for", YesAndNo),
        ("wait_many_until", YesAndNo),
        ("try_wait0_many", YesAndNo),
        ("drop", Other),
        ("forget", Other),
        ("try_release", YesAndNo),
        ("count", Other),
        ("capacity", Other),
    ];

    fn method(&self) -> &'static str {
        match self {
            Wait(_) => "wait_many",
            WaitFor(..) => "wait_many_for",
            WaitUntil(..) => "wait_many_until",
            Wait0(_) => "try_wait0_many",
            GiveBack => "drop",
            Forget => "forget",
            TryRelease(_) => "try_release",
            Count => "count",
            Capacity => "capacity",
        }
    }

    fn waiting(&self) -> Waiting {
        match *self {
            Wait(_) => Waiting::Forever,
            WaitFor(_, limit) | WaitUntil(_, limit) => Waiting::For(limit),
            Wait0(_) | GiveBack | Forget | TryRelease(_) | Count | Capacity => Waiting::Never,
        }
    }
}

impl Spec for Semaphore {
    type Operation = Call;

    fn apply(&mut self, operation: Call, answer: Answer) -> bool {
        let right = match (operation, answer) {
            (Wait(permits) | WaitFor(permits, _) | WaitUntil(permits, _) | Wait0(permits), _) => {
                Answer::Is(self.take(permits))
            }
            (GiveBack | Forget, _) => return self.let_go(operation, answer),
            (TryRelease(permits), _) => Answer::Is(self.release(permits)),
            (Count, _) => Answer::Number(self.available().into()),
            (Capacity, _) => Answer::Number(self.capacity().into()),
        };
        answer == right
    }

    fn only_looks(&self, operation: Call, answer: Answer) -> bool {
        match operation {
            Count | Capacity => true,
            Wait(_) | WaitFor(..) | WaitUntil(..) | Wait0(_) | TryRelease(_) => {
                answer == Answer::Is(false)
            }
            GiveBack | Forget => false,
        }
    }

    /// A request may be refused, whatever is there, while one for several permits waits: the semaphore
    /// promises that those are served in the end, and so keeps for them what there is.
    fn excused(calls: &[history::Call<Call>]) -> u64 {
        let holds_back = |large: &history::Call<Call>, small: &history::Call<Call>| {
            large.operation.may_wait_for_several()
                && large.thread != small.thread
                && !large.is_over_before(small.earliest())
                && !small.is_over_before(large.start)
        };
        let is_excused = |call: &history::Call<Call>| {
            call.operation.request() > 0
                && call.answer == Answer::Is(false)
                && calls.iter().any(|other| holds_back(other, call))
        };
        (0..calls.len())
            .filter(|&index| is_excused(&calls[index]))
            .fold(0, |set, index| set | 1 << index)
    }
}

impl Semaphore {
    /// What becomes of a guard. Returns whether it can have held so many permits.
    fn let_go(&mut self, operation: Call, answer: Answer) -> bool {
        let Answer::Number(permits) = answer else { return false };
        let Some(permits) = u16::try_from(permits).ok().filter(|&some| some <= self.held()) else {
            return false;
        };
        match operation {
            Forget => self.forget(permits),
            _ => self.give_back(permits),
        }
        true
    }

    /// As many permits as one may wait for.
    fn some(&self, random: &mut Rng) -> u16 {
        random.u16(1..=self.max().min(3))
    }
}

impl Generator for Semaphore {
    type Setting = ();

    const PLAIN: &'static [Choice<Self>] = &[
        |_, _| Wait(1),
        |_, random| WaitFor(1, limit(random)),
        |_, random| WaitUntil(1, limit(random)),
        |_, _| Wait0(1),
        |_, _| GiveBack,
        |_, _| GiveBack,
        |_, _| Forget,
        |_, random| TryRelease(random.u16(1..3)),
        |_, _| Count,
        |_, _| Capacity,
    ];
    const LOOSENING: &'static [Choice<Self>] = &[
        |model, random| Wait(model.some(random)),
        |model, random| WaitFor(model.some(random), limit(random)),
        |model, random| WaitUntil(model.some(random), limit(random)),
        |model, random| Wait0(model.some(random)),
    ];
    const BEFORE_REST: Option<Call> = Some(GiveBack);
    const LAST: &'static [Call] = &[Count, Capacity];

    fn random((): (), random: &mut Rng) -> Self {
        let max = random.u16(1..=4);
        Self::new(random.u16(..=max), max)
    }
}

impl Subject for rsevents_extra::Semaphore {
    type Model = Semaphore;
    /// All permits of a thread in one guard.
    type Held<'a> = Option<SemaphoreGuard<'a>>;

    const SETTING: () = ();

    fn new(model: &Semaphore) -> Self {
        Self::new(model.available(), model.max())
    }

    fn perform<'a>(
        &'a self,
        operation: Call,
        held: &mut Option<SemaphoreGuard<'a>>,
    ) -> Option<Answer> {
        Some(match operation {
            Wait(permits) => keep(held, Ok(self.wait_many(permits))),
            WaitFor(permits, limit) => keep(held, self.wait_many_for(permits, limit)),
            WaitUntil(permits, limit) => {
                keep(held, self.wait_many_until(permits, Instant::now() + limit))
            }
            Wait0(permits) => keep(held, self.try_wait0_many(permits)),
            GiveBack => let_go(held.take()?, drop),
            Forget => let_go(held.take()?, SemaphoreGuard::forget),
            TryRelease(permits) => Answer::Is(self.try_release(permits)),
            Count => Answer::Number(self.count().into()),
            Capacity => Answer::Number(self.capacity().into()),
        })
    }

    /// What the largest request lacks. Nobody who sleeps holds anything, so there is room for it.
    fn rescue(pending: &[Call], mut perform: impl FnMut(Call) -> Answer) {
        let request = pending.iter().map(|call| call.request()).max().unwrap_or(0);
        let Answer::Number(available) = perform(Count) else { return };
        // A count that is no number of permits is more than anybody asks for. It is judged later.
        let lacking = request.saturating_sub(available.try_into().unwrap_or(u16::MAX));
        if lacking > 0 {
            perform(TryRelease(lacking));
        }
    }
}

/// Puts a guard to what the thread holds already.
fn keep<'a>(
    held: &mut Option<SemaphoreGuard<'a>>,
    guard: Result<SemaphoreGuard<'a>, TimeoutError>,
) -> Answer {
    let is_taken = guard.is_ok();
    match (held.as_mut(), guard) {
        (Some(held), Ok(guard)) => held.merge(guard),
        (None, Ok(guard)) => *held = Some(guard),
        (_, Err(TimeoutError)) => {}
    }
    Answer::Is(is_taken)
}

fn let_go<'a>(guard: SemaphoreGuard<'a>, how: impl FnOnce(SemaphoreGuard<'a>)) -> Answer {
    let permits = guard.permits().into();
    how(guard);
    Answer::Number(permits)
}
