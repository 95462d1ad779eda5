//! The semaphore.

use std::mem;
use std::sync::Arc;

use either::Either::{self, Left, Right};
use either::for_both;
use fastrand::Rng;
use rsevents_extra::{OwnedSemaphoreGuard, Semaphore, SemaphoreGuard};
use strum::{EnumIter, IntoStaticStr};

use super::{
    Answer, Answers, Choice, Model, NO_BOOL, Object, Operation as _, TOO_MUCH, YES_OR_NO,
    drop_in_panic, limit, unless_refused,
};
use crate::wait::WaitKind;

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Operation {
    /// `release`
    Release(u16),
    /// `try_release`
    TryRelease(u16),
    /// The semaphore's own methods for one permit.
    Wait(WaitKind),
    /// The methods of the trait.
    TryWait(WaitKind),
    /// The methods for several permits.
    WaitMany(u16, WaitKind),
    /// The methods whose guard keeps the semaphore alive.
    WaitOwned(WaitKind),
    /// Drops the guard of all permits that the thread holds. Answers how many, like the next three.
    Drop,
    /// Drops it while the stack unwinds.
    Panic,
    /// Forgets its permits.
    Forget,
    /// `std::mem::forget`: the permits are held forever.
    Leak,
    /// `count`
    Count,
    /// `capacity`
    Capacity,
    /// `max`
    Max,
}

use Operation::*;

impl Operation {
    /// How many permits it waits for.
    #[must_use]
    pub const fn demand(self) -> u16 {
        match self {
            WaitMany(permits, _) => permits,
            Wait(_) | TryWait(_) | WaitOwned(_) => 1,
            _ => 0,
        }
    }

    /// Whether it may block for several permits.
    fn may_block_for_several(self) -> bool {
        self.may_block() && self.demand() > 1
    }

    /// Whether it may block. A deadline may be in the future when the call begins, however soon it is.
    fn may_block(self) -> bool {
        match self.wait() {
            Some(WaitKind::WaitFor(limit)) => !limit.is_zero(),
            Some(WaitKind::Wait0 | WaitKind::WaitUntilPast) | None => false,
            // A task queues, however short its limit is.
            Some(_) => true,
        }
    }
}

impl super::Operation for Operation {
    fn answers(self) -> Answers {
        match self {
            // It may ask for more than the maximum.
            Release(_) | TryRelease(_) | WaitMany(..) => YES_OR_NO,
            Wait(kind) | TryWait(kind) | WaitOwned(kind) => kind.answers(),
            Drop | Panic | Forget | Leak | Count | Capacity | Max => NO_BOOL,
        }
    }

    fn wait_mut(&mut self) -> Option<&mut WaitKind> {
        match self {
            Wait(kind) | TryWait(kind) | WaitMany(_, kind) | WaitOwned(kind) => Some(kind),
            _ => None,
        }
    }

    fn set_number(&mut self, number: usize) {
        if let Release(permits) | TryRelease(permits) | WaitMany(permits, _) = self {
            *permits = u16::try_from(number).unwrap_or(u16::MAX);
        }
    }
}

/// A semaphore as two numbers. Guards hold its capacity less what is available.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SemaphoreModel {
    available: u16,
    capacity: u16,
    max: u16,
}

impl SemaphoreModel {
    /// A semaphore with this many permits.
    ///
    /// # Panics
    ///
    /// If `initial` is above `max`.
    #[must_use]
    pub const fn new(initial: u16, max: u16) -> Self {
        assert!(initial <= max);
        Self { available: initial, capacity: initial, max }
    }

    fn several(&self, random: &mut Rng) -> u16 {
        random.u16(1..=self.max.min(3))
    }
}

impl Model for SemaphoreModel {
    type Operation = Operation;

    const CHOICES: &'static [Choice<Self>] = &[
        |_, _| WaitMany(1, WaitKind::Wait),
        |_, random| WaitMany(1, WaitKind::WaitFor(limit(random))),
        |_, random| WaitMany(1, WaitKind::WaitUntil(limit(random))),
        |_, _| WaitMany(1, WaitKind::Wait0),
        |_, _| WaitMany(1, WaitKind::WaitAsync),
        |_, random| WaitMany(1, WaitKind::WaitAsyncFor(limit(random))),
        |_, random| WaitMany(1, WaitKind::WaitAsyncUntilDropped(limit(random))),
        |_, _| Drop,
        |_, _| Drop,
        |_, _| Forget,
        |_, random| TryRelease(random.u16(1..3)),
        |_, _| Count,
        |_, _| Capacity,
    ];
    const LOOSENING: &'static [Choice<Self>] = &[
        |model, random| WaitMany(model.several(random), WaitKind::Wait),
        |model, random| WaitMany(model.several(random), WaitKind::WaitFor(limit(random))),
        |model, random| WaitMany(model.several(random), WaitKind::WaitUntil(limit(random))),
        |model, random| WaitMany(model.several(random), WaitKind::Wait0),
        |model, random| WaitMany(model.several(random), WaitKind::WaitAsync),
        |model, random| WaitMany(model.several(random), WaitKind::WaitAsyncFor(limit(random))),
        |model, random| {
            WaitMany(model.several(random), WaitKind::WaitAsyncUntilDropped(limit(random)))
        },
    ];
    const NEVER: &'static [&'static str] = &["wait_many:no", "wait_many_async:no"];
    const BEFORE_REST: Option<Operation> = Some(Drop);
    const OBSERVERS: &'static [Operation] = &[Count, Capacity, Max];

    fn perform(&mut self, operation: Operation, held: &mut usize) -> Option<Answer> {
        Some(match operation {
            Release(permits) | TryRelease(permits) => {
                let has_room = permits <= self.max - self.capacity;
                if has_room {
                    self.available += permits;
                    self.capacity += permits;
                }
                Answer::Is(has_room)
            }
            Wait(_) | TryWait(_) | WaitMany(..) | WaitOwned(_) => {
                let succeeds = operation.demand() <= self.available;
                if succeeds {
                    self.available -= operation.demand();
                    *held += usize::from(operation.demand());
                }
                Answer::Is(succeeds)
            }
            Drop | Panic | Forget | Leak => {
                // No guard can hold more than all guards do.
                let most = self.capacity - self.available;
                let permits = u16::try_from(*held).ok().filter(|&held| held <= most)?;
                match operation {
                    Leak => {}
                    Forget => self.capacity -= permits,
                    _ => self.available += permits,
                }
                Answer::Number(mem::take(held))
            }
            Count => Answer::Number(self.available.into()),
            Capacity => Answer::Number(self.capacity.into()),
            Max => Answer::Number(self.max.into()),
        })
    }

    fn is_read_only(&self, operation: Operation, answer: Answer) -> bool {
        match operation {
            Count | Capacity | Max => true,
            Drop | Panic | Forget | Leak => false,
            _ => answer == Answer::Is(false),
        }
    }

    fn bounds(&self) -> [usize; 3] {
        [self.available, self.max - self.capacity, self.max].map(usize::from)
    }

    fn refuses(&self, operation: Operation) -> bool {
        operation.demand() > self.max.max(1)
    }

    fn may_release(operation: Operation) -> bool {
        matches!(operation, Release(_) | TryRelease(_) | Drop | Panic)
    }

    /// A request may fail, whatever is available, while one for several permits waits: the semaphore
    /// reserves permits for those. And a task may be given up beside a permit for which a thread was called that
    /// came before it, and which others may take until that is awake.
    fn excuses(&self, other: Operation, operation: Operation, answer: Answer) -> bool {
        let is_task = operation.wait().is_some_and(WaitKind::is_async);
        let may_be_called = is_task && other.may_block();
        operation.demand() > 0
            && answer == Answer::Is(false)
            && (may_be_called || other.may_block_for_several())
    }

    fn hand_on(&self, operation: Operation) -> Vec<(Operation, Answer)> {
        vec![(Drop, Answer::Number(operation.demand().into()))]
    }

    /// Releases what the largest request lacks. No waiter holds a permit, so there is room for it.
    fn rescue(pending: &[Operation], mut perform: impl FnMut(Operation) -> Answer) {
        let demand = pending.iter().map(|operation| operation.demand()).max().unwrap_or(0);
        let Answer::Number(available) = perform(Count) else { return };
        // A count that is not a number of permits is more than any demand. It is judged later.
        let lacking = demand.saturating_sub(available.try_into().unwrap_or(u16::MAX));
        if lacking > 0 {
            perform(TryRelease(lacking));
        }
    }
}

/// Both kinds of guards.
pub type Guard<'a> = Either<SemaphoreGuard<'a>, OwnedSemaphoreGuard>;

/// Merges two guards.
///
/// # Errors
///
/// The other one, if it is of another type.
///
/// # Panics
///
/// If they are of different semaphores.
pub fn merge<'a>(guard: &mut Guard<'a>, other: Guard<'a>) -> Result<(), Guard<'a>> {
    match (guard, other) {
        (Left(guard), Left(other)) => guard.merge(other),
        (Right(guard), Right(other)) => guard.merge(other),
        (_, other) => return Err(other),
    }
    Ok(())
}

impl Object for Arc<Semaphore> {
    type Model = SemaphoreModel;
    /// All permits of a thread in one guard.
    type Held<'a> = Option<Guard<'a>>;

    fn random(random: &mut Rng) -> SemaphoreModel {
        let max = random.u16(1..=4);
        SemaphoreModel::new(random.u16(..=max), max)
    }

    fn new(model: &SemaphoreModel) -> Self {
        Self::new(Semaphore::new(model.available, model.max))
    }

    fn perform<'a>(&'a self, operation: Operation, held: &mut Self::Held<'a>) -> Option<Answer> {
        Some(match operation {
            Release(permits) => {
                Answer::Is(unless_refused(TOO_MUCH, || self.release(permits)).is_some())
            }
            TryRelease(permits) => Answer::Is(self.try_release(permits)),
            Wait(_) | TryWait(_) | WaitMany(..) | WaitOwned(_) => {
                // Only a wait without a limit and a task, for more than the maximum, may panic.
                let may_panic =
                    operation.wait().is_some_and(|kind| kind == WaitKind::Wait || kind.is_async())
                        && operation.demand() > self.max().max(1);
                let guard = if may_panic {
                    unless_refused(TOO_MUCH, || take(self, operation)).flatten()
                } else {
                    take(self, operation)
                };
                Answer::Is(guard.map(|guard| keep(held, guard)).is_some())
            }
            // It would leak the semaphore itself.
            Leak if matches!(held, Some(Right(_))) => return None,
            Drop | Panic | Forget | Leak => {
                let guard = held.take()?;
                let permits = for_both!(&guard, guard => guard.permits()).into();
                match operation {
                    Panic => drop_in_panic(guard),
                    Forget => for_both!(guard, guard => guard.forget()),
                    Leak => mem::forget(guard),
                    _ => drop(guard),
                }
                Answer::Number(permits)
            }
            Count => Answer::Number(self.count().into()),
            Capacity => Answer::Number(self.capacity().into()),
            Max => Answer::Number(self.max().into()),
        })
    }
}

fn take(semaphore: &Arc<Semaphore>, operation: Operation) -> Option<Guard<'_>> {
    match operation {
        WaitMany(permits, kind) => kind.take(semaphore, permits).map(Left),
        WaitOwned(kind) => kind.take_owned(semaphore).map(Right),
        TryWait(kind) => kind.try_wait(&**semaphore).map(Left),
        Wait(kind) => kind.take_one(semaphore).map(Left),
        _ => unreachable!("it takes no permit"),
    }
}

/// Adds a guard to what the thread holds already.
fn keep<'a>(held: &mut Option<Guard<'a>>, guard: Guard<'a>) {
    match held {
        Some(held) => merge(held, guard).expect("a thread keeps one type of guard"),
        None => *held = Some(guard),
    }
}
