//! Calls of two semaphores, and of the guards that they gave out.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bolero::TypeGenerator;
use rsevents_extra::{Semaphore, SemaphoreGuard};
use strum::{IntoStaticStr, VariantNames};
use verify::spec;

use crate::guard::{Guard, GuardCall};
use crate::numbers::{Permits, Size};
use crate::refusal::{ANOTHER, TOO_MUCH, unless_refused};
use crate::wait::{Limit, Wait, by_result};
use crate::{Answer, agree};

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TypeGenerator)]
pub(crate) enum Which {
    First,
    Second,
}

/// A call of a semaphore that others may be using.
#[derive(Clone, Copy, Debug, IntoStaticStr, TypeGenerator, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum SemaphoreCall {
    Release(Permits),
    TryRelease(Permits),
    /// For one permit, by the semaphore's own method.
    WaitOne(Wait),
    WaitMany(Permits, Wait),
    WaitOwned(Wait),
}

/// A call of a semaphore that nobody else is using.
#[derive(Clone, Copy, Debug, IntoStaticStr, TypeGenerator, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum AloneCall {
    New(Size, Size),
    Modify(Permits),
    ModifyDown(Permits),
    TryModify(Permits),
    TryModifyDown(Permits),
}

/// Two semaphores, and what they should be.
pub(crate) struct Semaphores {
    real: [Arc<Semaphore>; 2],
    models: [spec::Semaphore; 2],
}

/// The semaphores as long as they are shared with guards.
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
    pub(crate) fn new(sizes: [(Size, Size); 2]) -> Self {
        let sizes = sizes.map(|(one, other)| {
            let (one, other) = (one.number(), other.number());
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

    pub(crate) fn call(&mut self, which: Which, call: AloneCall) -> Result<Answer, String> {
        let (permits, is_down, may_panic) = match call {
            AloneCall::New(initial, max) => {
                return self.renew(which, initial.number(), max.number());
            }
            AloneCall::Modify(permits) => (permits, false, true),
            AloneCall::ModifyDown(permits) => (permits, true, true),
            AloneCall::TryModify(permits) => (permits, false, false),
            AloneCall::TryModifyDown(permits) => (permits, true, false),
        };
        let real = Arc::get_mut(&mut self.real[which as usize]).ok_or("somebody else has it")?;
        let model = &mut self.models[which as usize];
        let permits = permits.number(model);
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
        Ok(model.into())
    }

    fn renew(&mut self, which: Which, initial: u16, max: u16) -> Result<Answer, String> {
        let real = unless_refused(TOO_MUCH, || Semaphore::new(initial, max));
        let fits = initial <= max;
        agree("new makes a semaphore", real.is_some(), fits)?;
        if let Some(real) = real {
            self.real[which as usize] = Arc::new(real);
            self.models[which as usize] = spec::Semaphore::new(initial, max);
        }
        Ok(fits.into())
    }
}

impl<'a> Shared<'a> {
    pub(crate) fn call(&mut self, which: Which, call: SemaphoreCall) -> Result<Answer, String> {
        let real = &*self.real[which as usize];
        let model = &mut self.models[which as usize];
        match call {
            SemaphoreCall::Release(permits) => {
                let permits = permits.number(model);
                let real = unless_refused(TOO_MUCH, || real.release(permits)).is_some();
                let model = model.release(permits);
                agree("release is done", real, model)?;
                Ok(model.into())
            }
            SemaphoreCall::TryRelease(permits) => {
                let permits = permits.number(model);
                let (real, model) = (real.try_release(permits), model.release(permits));
                agree("try_release", real, model)?;
                Ok(model.into())
            }
            SemaphoreCall::WaitOne(wait) => {
                self.take(which, 1, wait, |limit| wait_one(real, limit).map(Guard::Borrowed))
            }
            SemaphoreCall::WaitMany(permits, wait) => {
                let permits = permits.number(model);
                let call = |limit| wait_many(real, permits, limit).map(Guard::Borrowed);
                self.take(which, permits, wait, call)
            }
            SemaphoreCall::WaitOwned(wait) => {
                let real = &self.real[which as usize];
                self.take(which, 1, wait, |limit| wait_owned(real, limit))
            }
        }
    }

    /// Waits for one permit through the trait.
    pub(crate) fn wait(&mut self, which: Which, wait: Wait) -> Result<Answer, String> {
        let real = &*self.real[which as usize];
        self.take(which, 1, wait, |limit| by_result(real, limit).map(Guard::Borrowed))
    }

    /// Makes the call unless it would block, and keeps the guard.
    fn take(
        &mut self,
        of: Which,
        permits: u16,
        wait: Wait,
        call: impl FnOnce(Limit) -> Option<Guard<'a>>,
    ) -> Result<Answer, String> {
        let model = &mut self.models[of as usize];
        let is_refused = model.refuses(permits);
        if wait.is_endless() && permits > model.available() && !is_refused {
            return Ok(Answer::Skipped);
        }
        let model = model.take(permits);
        let guard = match wait {
            Wait::Unlimited if is_refused => {
                unless_refused(TOO_MUCH, || call(Limit::Unlimited)).flatten()
            }
            _ if is_refused => call(wait.limit()), // at once, however much time there is
            _ => wait.timed(call)?,
        };
        agree("a wait succeeds", guard.is_some(), model)?;
        self.held.extend(guard.map(|guard| Held { guard, of, permits }));
        Ok(model.into())
    }

    /// Does something with one of the guards.
    pub(crate) fn call_guard(&mut self, which: u8, call: GuardCall) -> Result<Answer, String> {
        if self.held.is_empty() {
            return Ok(Answer::Skipped);
        }
        let index = usize::from(which) % self.held.len();
        let Held { guard, permits, .. } = &self.held[index];
        match call {
            GuardCall::Split(part) => self.split(index, part.number(*permits)),
            GuardCall::Merge(other) => self.merge(index, other),
            GuardCall::IntoOwned { of_another } => self.make_owned(index, of_another),
            // It would leak the semaphore itself.
            GuardCall::Leak if matches!(guard, Guard::Owned(_)) => Ok(Answer::Skipped),
            GuardCall::Drop | GuardCall::Panic | GuardCall::Forget | GuardCall::Leak => {
                self.let_go(index, call);
                Ok(Answer::Yes)
            }
        }
    }

    fn let_go(&mut self, index: usize, call: GuardCall) {
        let Held { guard, of, permits } = self.held.swap_remove(index);
        let model = &mut self.models[of as usize];
        match call {
            GuardCall::Leak => mem::forget(guard),
            GuardCall::Forget => {
                guard.forget();
                model.forget(permits);
            }
            GuardCall::Panic => {
                guard.drop_in_a_panic();
                model.give_back(permits);
            }
            _ => {
                drop(guard);
                model.give_back(permits);
            }
        }
    }

    fn split(&mut self, index: usize, permits: u16) -> Result<Answer, String> {
        let held = &mut self.held[index];
        let part = held.guard.split(permits);
        let fits = permits <= held.permits;
        agree("split makes a guard", part.is_some(), fits)?;
        if let Some(guard) = part {
            held.permits -= permits;
            let of = held.of;
            self.held.push(Held { guard, of, permits });
        }
        Ok(fits.into())
    }

    fn merge(&mut self, index: usize, other: u8) -> Result<Answer, String> {
        let other = usize::from(other) % self.held.len();
        if index == other || !self.held[index].guard.is_of_one_type_with(&self.held[other].guard) {
            return Ok(Answer::Skipped);
        }
        // The first keeps its place: the last takes the place of the one that is removed.
        let index = if index == self.held.len() - 1 { other } else { index };
        let Held { guard, of, permits } = self.held.swap_remove(other);
        let held = &mut self.held[index];
        let is_of_one = held.of == of;
        let real = unless_refused(ANOTHER, || held.guard.merge(guard));
        agree("merge is done", real.is_some(), is_of_one)?;
        if is_of_one {
            held.permits += permits;
        } else {
            self.models[of as usize].give_back(permits);
        }
        Ok(is_of_one.into())
    }

    fn make_owned(&mut self, index: usize, of_another: bool) -> Result<Answer, String> {
        let Held { guard, of, permits } = self.held.swap_remove(index);
        let guard = match guard {
            Guard::Borrowed(guard) => guard,
            Guard::Owned(_) => {
                self.held.push(Held { guard, of, permits });
                return Ok(Answer::Skipped);
            }
        };
        let semaphore = &self.real[(of as usize + usize::from(of_another)) % 2];
        let real = unless_refused(ANOTHER, || guard.into_owned(Arc::clone(semaphore)));
        agree("into_owned is done", real.is_some(), !of_another)?;
        match real {
            Some(guard) => self.held.push(Held { guard: Guard::Owned(guard), of, permits }),
            None => self.models[of as usize].give_back(permits),
        }
        Ok((!of_another).into())
    }

    /// Drops every guard.
    pub(crate) fn give_all_back(&mut self) {
        for Held { guard, of, permits } in self.held.drain(..) {
            drop(guard);
            self.models[of as usize].give_back(permits);
        }
    }

    pub(crate) fn compare(&self) -> Result<(), String> {
        for (real, model) in self.real.iter().zip(&*self.models) {
            agree("count", real.count(), model.available())?;
            agree("capacity", real.capacity(), model.capacity())?;
            agree("max", real.max(), model.max())?;
        }
        self.held.iter().try_for_each(|held| agree("permits", held.guard.permits(), held.permits))
    }
}

/// The methods for one permit.
fn wait_one(semaphore: &Semaphore, limit: Limit) -> Option<SemaphoreGuard<'_>> {
    match limit {
        Limit::Unlimited => Some(semaphore.wait()),
        Limit::Nothing => semaphore.try_wait0_many(1).ok(),
        Limit::For(duration) => semaphore.wait_for(duration).ok(),
        Limit::Until(deadline) => semaphore.wait_until(deadline).ok(),
    }
}

/// The methods whose guard keeps the semaphore alive.
fn wait_owned<'a>(semaphore: &Arc<Semaphore>, limit: Limit) -> Option<Guard<'a>> {
    let guard = match limit {
        Limit::Unlimited => semaphore.wait_owned(),
        Limit::Nothing => semaphore.wait_owned_for(Duration::ZERO).ok()?,
        Limit::For(duration) => semaphore.wait_owned_for(duration).ok()?,
        Limit::Until(deadline) => semaphore.wait_owned_until(deadline).ok()?,
    };
    Some(Guard::Owned(guard))
}

/// The methods for several permits.
fn wait_many(semaphore: &Semaphore, permits: u16, limit: Limit) -> Option<SemaphoreGuard<'_>> {
    match limit {
        Limit::Unlimited => Some(semaphore.wait_many(permits)),
        Limit::Nothing => semaphore.try_wait0_many(permits).ok(),
        Limit::For(duration) => semaphore.wait_many_for(permits, duration).ok(),
        Limit::Until(deadline) => semaphore.wait_many_until(permits, deadline).ok(),
    }
}
