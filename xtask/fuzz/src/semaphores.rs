//! Two semaphores, and the guards that they gave out.

use std::sync::Arc;

use rsevents_extra::Semaphore;
use verify::op::semaphore::{Guard, Operation};
use verify::op::{Model, Outcome, TOO_MUCH, unless_refused};
use verify::spec;

use crate::program::{Call, GuardCall, Number, Which};
use crate::run::{Ran, agree, compare, perform};

/// What refusals of guards say, which belong to another semaphore.
const ANOTHER: &str = "semaphore";

/// Two semaphores, and what they should be.
pub(crate) struct Semaphores {
    real: [Arc<Semaphore>; 2],
    models: [spec::Semaphore; 2],
}

/// The semaphores while they are shared with guards.
pub(crate) struct Shared<'a> {
    real: &'a [Arc<Semaphore>; 2],
    models: &'a mut [spec::Semaphore; 2],
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
            models: sizes.map(|(initial, max)| spec::Semaphore::new(initial, max)),
        }
    }

    pub(crate) fn share(&mut self) -> Shared<'_> {
        Shared { real: &self.real, models: &mut self.models, held: Vec::new() }
    }

    pub(crate) fn modify(
        &mut self,
        which: Which,
        permits: Number,
        is_down: bool,
        may_panic: bool,
    ) -> Result<bool, String> {
        let real = Arc::get_mut(&mut self.real[which as usize]).ok_or("another reference")?;
        let model = &mut self.models[which as usize];
        let permits = permits.permits(model.bounds());
        let change = if is_down {
            0_i16.saturating_sub_unsigned(permits)
        } else {
            0_i16.saturating_add_unsigned(permits)
        };
        let real = if may_panic {
            unless_refused(TOO_MUCH, || real.modify(change)).is_some()
        } else {
            real.try_modify(change)
        };
        let permits = change.unsigned_abs();
        let model = if is_down { model.take_away(permits) } else { model.release(permits) };
        agree("modify is done", real, model)?;
        Ok(model)
    }

    pub(crate) fn renew(&mut self, which: Which, initial: u16, max: u16) -> Result<bool, String> {
        let real = unless_refused(TOO_MUCH, || Semaphore::new(initial, max));
        let fits = initial <= max;
        agree("new makes a semaphore", real.is_some(), fits)?;
        if let Some(real) = real {
            self.real[which as usize] = Arc::new(real);
            self.models[which as usize] = spec::Semaphore::new(initial, max);
        }
        Ok(fits)
    }
}

impl<'a> Shared<'a> {
    /// Makes a call of a semaphore, or one that ends a guard of either.
    pub(crate) fn call(
        &mut self,
        which: Which,
        guard: u8,
        call: Call<Operation>,
    ) -> Result<Ran, String> {
        let operation = call.on(&self.models[which as usize]);
        let (mut slot, of, permits) = match operation {
            Operation::Drop | Operation::Panic | Operation::Forget | Operation::Leak => {
                let Some(index) = self.index(guard) else { return Ok(None) };
                let Held { guard, of, permits } = self.held.swap_remove(index);
                (Some(guard), of, permits)
            }
            _ => (None, which, operation.demand()),
        };
        let real: &'a Arc<Semaphore> = &self.real[of as usize];
        let answer = perform(real, &mut self.models[of as usize], operation, &mut slot)?;
        self.held.extend(slot.map(|guard| Held { guard, of, permits }));
        Ok(answer.map(|answer| ("semaphore", Outcome::of(operation, answer))))
    }

    fn index(&self, guard: u8) -> Option<usize> {
        usize::from(guard).checked_rem(self.held.len())
    }

    /// Makes a call of one of the guards.
    pub(crate) fn call_guard(&mut self, guard: u8, call: GuardCall) -> Result<Ran, String> {
        let Some(index) = self.index(guard) else { return Ok(None) };
        let answer = match call {
            GuardCall::Split(part) => self.split(index, part).map(Some),
            GuardCall::Merge(other) => self.merge(index, other),
            GuardCall::IntoOwned { of_another } => self.make_owned(index, of_another),
        };
        Ok(answer?.map(|answer| ("guard", Outcome::named(call.into(), answer))))
    }

    fn split(&mut self, index: usize, part: Number) -> Result<bool, String> {
        let held = &mut self.held[index];
        let permits = part.permits([held.permits.into(); 3]);
        let part = held.guard.split(permits);
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
        match unless_refused(ANOTHER, || held.guard.merge(guard)) {
            Some(Err(guard)) => {
                self.held.push(Held { guard, of, permits });
                return Ok(None);
            }
            real => agree("merge is done", real.is_some(), is_of_one)?,
        }
        if is_of_one {
            held.permits += permits;
        } else {
            self.models[of as usize].give_back(permits);
        }
        Ok(Some(is_of_one))
    }

    fn make_owned(&mut self, index: usize, of_another: bool) -> Result<Option<bool>, String> {
        let Held { guard, of, permits } = self.held.swap_remove(index);
        let Guard::Borrowed(guard) = guard else {
            self.held.push(Held { guard, of, permits });
            return Ok(None);
        };
        let semaphore = &self.real[(of as usize + usize::from(of_another)) % 2];
        let real = unless_refused(ANOTHER, || guard.into_owned(Arc::clone(semaphore)));
        agree("into_owned is done", real.is_some(), !of_another)?;
        match real {
            Some(guard) => self.held.push(Held { guard: Guard::Owned(guard), of, permits }),
            None => self.models[of as usize].give_back(permits),
        }
        Ok(Some(!of_another))
    }

    pub(crate) fn drop_guards(&mut self) {
        for Held { guard, of, permits } in self.held.drain(..) {
            drop(guard);
            self.models[of as usize].give_back(permits);
        }
    }

    pub(crate) fn compare(&mut self) -> Result<(), String> {
        self.real
            .iter()
            .zip(&mut *self.models)
            .try_for_each(|(real, model)| compare(real, model))?;
        self.held.iter().try_for_each(|held| agree("permits", held.guard.permits(), held.permits))
    }
}
