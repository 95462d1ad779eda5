//! Two semaphores, and the guards that they gave out.

use std::sync::Arc;

use either::Either::{Left, Right};
use either::for_both;
use rsevents_extra::Semaphore;
use verify::op::semaphore::{Guard, Operation, SemaphoreModel, merge};
use verify::op::{Answer, Model, TOO_MUCH, unless_refused};
use verify::wait::WaitKind;

use crate::pair::{Made, agree, compare, perform};
use crate::program::{Call, ExclusiveCall, GuardCall, Number, Which};

/// What refusals of guards say, which belong to another semaphore.
const ANOTHER: &str = "semaphore";

/// Two semaphores, and what they should be.
pub(crate) struct Semaphores {
    real: [Arc<Semaphore>; 2],
    models: [SemaphoreModel; 2],
}

/// The semaphores while they are shared with guards.
pub(crate) struct Shared<'a> {
    real: &'a [Arc<Semaphore>; 2],
    models: &'a mut [SemaphoreModel; 2],
    held: Vec<Held<'a>>,
}

/// A guard, and what it should be.
struct Held<'a> {
    guard: Guard<'a>,
    of: Which,
    permits: u16,
}

impl Semaphores {
    /// With the smaller of two numbers as permits, and the larger as maximum.
    pub(crate) fn new(sizes: [(Number, Number); 2]) -> Self {
        let sizes = sizes.map(|(one, other)| {
            let (one, other) = (one.size(), other.size());
            (one.min(other), one.max(other))
        });
        Self {
            real: sizes.map(|(initial, max)| Arc::new(Semaphore::new(initial, max))),
            models: sizes.map(|(initial, max)| SemaphoreModel::new(initial, max)),
        }
    }

    pub(crate) fn share(&mut self) -> Shared<'_> {
        Shared { real: &self.real, models: &mut self.models, held: Vec::new() }
    }

    /// Makes a call of a semaphore without guards. Returns whether it succeeds.
    pub(crate) fn call(&mut self, which: Which, call: ExclusiveCall) -> Result<bool, String> {
        use ExclusiveCall::{Modify, ModifyDown, New, TryModify, TryModifyDown};
        let real = &mut self.real[which as usize];
        let model = &mut self.models[which as usize];
        let (is_done, should_be) = match call {
            New(initial, max) => {
                let (initial, max) = (initial.size(), max.size());
                let made = unless_refused(TOO_MUCH, || Arc::new(Semaphore::new(initial, max)));
                let is_made = made.is_some();
                if let Some(made) = made {
                    (*real, *model) = (made, SemaphoreModel::new(initial, max));
                }
                (is_made, initial <= max)
            }
            Modify(number) | ModifyDown(number) | TryModify(number) | TryModifyDown(number) => {
                let real = Arc::get_mut(real).ok_or("another reference")?;
                let permits = number.permits(model.bounds());
                let is_down = matches!(call, ModifyDown(_) | TryModifyDown(_));
                let change = if is_down {
                    0_i16.saturating_sub_unsigned(permits)
                } else {
                    0_i16.saturating_add_unsigned(permits)
                };
                let is_done = if matches!(call, Modify(_) | ModifyDown(_)) {
                    unless_refused(TOO_MUCH, || real.modify(change)).is_some()
                } else {
                    real.try_modify(change)
                };
                let permits = change.unsigned_abs();
                let answer = if is_down {
                    // As if permits were taken and forgotten.
                    let mut taken = 0;
                    let take = Operation::WaitMany(permits, WaitKind::Wait0);
                    let answer = model.perform(take, &mut taken);
                    model.perform(Operation::Forget, &mut taken);
                    answer
                } else {
                    model.perform(Operation::TryRelease(permits), &mut 0)
                };
                (is_done, answer == Some(Answer::Is(true)))
            }
        };
        agree("it succeeds", is_done, should_be)?;
        Ok(is_done)
    }
}

/// A guard is dropped.
fn give_back(model: &mut SemaphoreModel, permits: u16) {
    let is_right = model.apply(Operation::Drop, Answer::Number(permits.into()));
    assert!(is_right, "more is given back than was taken");
}

impl<'a> Shared<'a> {
    /// Makes a call of a semaphore, or one that ends a guard of either.
    pub(crate) fn call(
        &mut self,
        which: Which,
        guard: u8,
        call: Call<Operation>,
    ) -> Result<Made<Operation>, String> {
        let operation = call.on(&self.models[which as usize]);
        let answer = match operation {
            Operation::Drop | Operation::Panic | Operation::Forget | Operation::Leak => {
                let Some(index) = self.index(guard)? else { return Ok((operation, None)) };
                let Held { guard, of, permits } = self.held.swap_remove(index);
                self.perform(of, operation, Some(guard), permits)?
            }
            _ => self.perform(which, operation, None, operation.demand())?,
        };
        Ok((operation, answer))
    }

    fn perform(
        &mut self,
        of: Which,
        operation: Operation,
        mut slot: Option<Guard<'a>>,
        permits: u16,
    ) -> Result<Option<Answer>, String> {
        let real: &'a Arc<Semaphore> = &self.real[of as usize];
        let answer = perform(real, &mut self.models[of as usize], operation, &mut slot)?;
        self.held.extend(slot.map(|guard| Held { guard, of, permits }));
        Ok(answer)
    }

    /// The place of a guard. If there is none, takes a permit of each semaphore first that has one.
    fn index(&mut self, guard: u8) -> Result<Option<usize>, String> {
        if self.held.is_empty() {
            for which in [Which::First, Which::Second] {
                self.perform(which, Operation::WaitMany(1, WaitKind::Wait0), None, 1)?;
            }
        }
        Ok(usize::from(guard).checked_rem(self.held.len()))
    }

    /// Makes a call of one of the guards.
    pub(crate) fn call_guard(
        &mut self,
        guard: u8,
        call: GuardCall,
    ) -> Result<Option<bool>, String> {
        let Some(index) = self.index(guard)? else { return Ok(None) };
        match call {
            GuardCall::Split(part) => self.split(index, part).map(Some),
            GuardCall::Merge(other) => self.merge(index, other),
            GuardCall::IntoOwned { of_another } => self.make_owned(index, of_another),
        }
    }

    fn split(&mut self, index: usize, part: Number) -> Result<bool, String> {
        let held = &mut self.held[index];
        let permits = part.permits([held.permits.into(); 3]);
        let part = match &mut held.guard {
            Left(guard) => guard.split(permits).map(Left),
            Right(guard) => guard.split(permits).map(Right),
        };
        let fits = permits <= held.permits;
        agree("split makes a guard", part.is_some(), fits)?;
        if let Some(guard) = part {
            held.permits -= permits;
            let of = held.of;
            self.held.push(Held { guard, of, permits });
        }
        Ok(fits)
    }

    fn merge(&mut self, index: usize, other: u8) -> Result<Option<bool>, String> {
        let other = usize::from(other) % self.held.len();
        if index == other {
            return Ok(None);
        }
        // The first keeps its place: the last takes the place of the one that is removed.
        let index = if index == self.held.len() - 1 { other } else { index };
        let Held { guard, of, permits } = self.held.swap_remove(other);
        let held = &mut self.held[index];
        let is_of_one = held.of == of;
        match unless_refused(ANOTHER, || merge(&mut held.guard, guard)) {
            Some(Err(guard)) => {
                self.held.push(Held { guard, of, permits });
                return Ok(None);
            }
            real => agree("merge is done", real.is_some(), is_of_one)?,
        }
        if is_of_one {
            held.permits += permits;
        } else {
            give_back(&mut self.models[of as usize], permits);
        }
        Ok(Some(is_of_one))
    }

    fn make_owned(&mut self, index: usize, of_another: bool) -> Result<Option<bool>, String> {
        let Held { guard, of, permits } = self.held.swap_remove(index);
        let Left(guard) = guard else {
            self.held.push(Held { guard, of, permits });
            return Ok(None);
        };
        let semaphore = &self.real[(of as usize + usize::from(of_another)) % 2];
        let real = unless_refused(ANOTHER, || guard.into_owned(Arc::clone(semaphore)));
        agree("into_owned is done", real.is_some(), !of_another)?;
        match real {
            Some(guard) => self.held.push(Held { guard: Right(guard), of, permits }),
            None => give_back(&mut self.models[of as usize], permits),
        }
        Ok(Some(!of_another))
    }

    pub(crate) fn drop_guards(&mut self) {
        for Held { guard, of, permits } in self.held.drain(..) {
            drop(guard);
            give_back(&mut self.models[of as usize], permits);
        }
    }

    pub(crate) fn compare(&mut self) -> Result<(), String> {
        self.real
            .iter()
            .zip(&mut *self.models)
            .try_for_each(|(real, model)| compare(real, model))?;
        self.held.iter().try_for_each(|held| {
            agree("permits", for_both!(&held.guard, guard => guard.permits()), held.permits)
        })
    }
}
