//! Objects that are broken on purpose, to see that each engine finds it. They share no code with ours, so ours
//! need not be right for these to be found.

use std::marker::PhantomData;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rsevents_extra::{CountdownEvent, Semaphore};

use crate::event::Event;
use crate::linearizability::record::CONDUCTOR_NAME;
use crate::op::event::Operation::{IsSet, Reset, Set, Wait};
use crate::op::semaphore::Operation::{Drop, Forget};
use crate::op::several::{self, Several, numbers};
use crate::op::{Answer, Model, Object, Operation as _, OperationOf};
use crate::wait::WaitKind;

/// The model of `O` behind a mutex.
#[derive(Debug)]
pub struct Locked<O: Object> {
    model: Mutex<O::Model>,
    changed: Condvar,
}

impl<O: Object> Locked<O> {
    /// Locks the model when the operation does not block any more, or its limit has expired.
    fn wait(&self, operation: OperationOf<O>) -> MutexGuard<'_, O::Model> {
        let start = Instant::now();
        let limit = operation.wait().and_then(WaitKind::limit).unwrap_or(Duration::MAX);
        let left = || limit.saturating_sub(start.elapsed());
        let mut model = self.model.lock().unwrap();
        while model.blocks(operation) && !left().is_zero() {
            model = self.changed.wait_timeout(model, left()).unwrap().0;
        }
        model
    }
}

/// A call of a thread that holds this many permits.
#[derive(Debug)]
pub struct Call<'a, O: Object> {
    object: &'a Locked<O>,
    operation: OperationOf<O>,
    held: &'a mut usize,
}

impl<O: Object> Call<'_, O> {
    /// Makes it as it should be.
    fn make(&mut self) -> Option<Answer> {
        self.make_another(self.operation)
    }

    /// Makes it, and another one after a wait that succeeds or not.
    fn make_and(&mut self, succeeds: bool, another: OperationOf<O>) -> Option<Answer> {
        let answer = self.make();
        if self.operation.wait().is_some() && answer == Some(Answer::Is(succeeds)) {
            thread::yield_now();
            self.make_another(another);
        }
        answer
    }

    fn make_another(&mut self, operation: OperationOf<O>) -> Option<Answer> {
        let answer = self.object.wait(operation).perform(operation, self.held);
        self.object.changed.notify_all();
        answer
    }
}

/// What is broken: a call of `O` that may go wrong.
pub trait Fault<O: Object>: Send + Sync + 'static {
    /// Makes it.
    fn perform(call: Call<'_, O>) -> Option<Answer>;
}

/// An object with a fault.
#[derive(Debug)]
pub struct Broken<O: Object, F>(Locked<O>, PhantomData<F>);

impl<O: Object, F: Fault<O>> Object for Broken<O, F> {
    type Model = O::Model;
    /// Permits.
    type Held<'a> = usize;

    fn random(random: &mut Rng) -> O::Model {
        O::random(random)
    }

    fn new(model: &O::Model) -> Self {
        let (model, changed) = (Mutex::new(model.clone()), Condvar::new());
        Self(Locked { model, changed }, PhantomData)
    }

    fn perform(&self, operation: OperationOf<O>, held: &mut usize) -> Option<Answer> {
        F::perform(Call { object: &self.0, operation, held })
    }
}

/// A wait checks the event and then takes the set, so that two may take the same one.
#[derive(Debug)]
pub struct CheckThenTake;

impl<E: Event> Fault<E> for CheckThenTake {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        if call.operation.wait().is_none() {
            return call.make();
        }
        drop(call.object.wait(call.operation));
        let succeeds = call.make_another(IsSet) == Some(Answer::Is(true));
        if succeeds {
            thread::yield_now();
            call.make_another(Reset);
        }
        Some(Answer::Is(succeeds))
    }
}

/// A wait that times out resets the event.
#[derive(Debug)]
pub struct ResetOnTimeout;

impl<E: Event> Fault<E> for ResetOnTimeout {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        call.make_and(false, Reset)
    }
}

/// A timed wait ends after half its time.
#[derive(Debug)]
pub struct HalfLimit;

impl<E: Event> Fault<E> for HalfLimit {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        if let Some(kind) = call.operation.wait_mut()
            && let Some(limit) = kind.limit()
        {
            *kind = kind.with_limit(limit / 2);
        }
        call.make()
    }
}

/// A wait does not consume the set.
#[derive(Debug)]
pub struct NotConsumed;

impl<E: Event> Fault<E> for NotConsumed {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        call.make_and(true, Set)
    }
}

/// Half of the sets do nothing.
#[derive(Debug)]
pub struct SetLost;

impl<E: Event> Fault<E> for SetLost {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        let is_lost = call.operation == Set && fastrand::bool();
        if is_lost { Some(Answer::Done) } else { call.make() }
    }
}

/// A wait that times out reports success.
#[derive(Debug)]
pub struct NoTimeout;

impl<E: Event> Fault<E> for NoTimeout {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        let answer = call.make();
        if call.operation.wait().is_some() { Some(Answer::Is(true)) } else { answer }
    }
}

/// A wait that has time returns by itself after a moment, as if it had succeeded.
#[derive(Debug)]
pub struct ReturnsByItself;

impl<E: Event> Fault<E> for ReturnsByItself {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        if call.operation.wait().is_none_or(|kind| kind == WaitKind::Wait0) {
            return call.make();
        }
        call.make_another(Wait(WaitKind::WaitFor(Duration::from_micros(5))));
        Some(Answer::Is(true))
    }
}

/// A reset does nothing.
#[derive(Debug)]
pub struct NoReset;

impl<E: Event> Fault<E> for NoReset {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        if call.operation == Reset { Some(Answer::Done) } else { call.make() }
    }
}

/// A task that is dropped may have taken a set, which is lost.
#[derive(Debug)]
pub struct DropSwallows;

impl<E: Event> Fault<E> for DropSwallows {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        let is_task = call.operation.wait().is_some_and(WaitKind::is_async);
        let wait0 = Wait(WaitKind::Wait0);
        if is_task { call.make_and(false, wait0) } else { call.make() }
    }
}

/// A task that is dropped may have taken a set, which it hands on. This is right.
#[derive(Debug)]
pub struct DropHandsOn;

impl<E: Event> Fault<E> for DropHandsOn {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        let answer = call.make();
        let is_task = call.operation.wait().is_some_and(WaitKind::is_async);
        let take = Wait(WaitKind::Wait0);
        if is_task
            && answer == Some(Answer::Is(false))
            && call.make_another(take) == Some(Answer::Is(true))
        {
            thread::yield_now();
            call.make_another(Set);
        }
        answer
    }
}

/// A set releases waits for a while: also those that begin after a reset that undoes it.
#[derive(Debug)]
pub struct ReleasesNewcomers;

impl<E: Event> Fault<E> for ReleasesNewcomers {
    fn perform(mut call: Call<'_, E>) -> Option<Answer> {
        if call.operation == Set {
            call.make();
            thread::yield_now();
        }
        call.make()
    }
}

/// A waiter that blocks is never woken, so that no rescue helps.
#[derive(Debug)]
pub struct NoWakeUp;

impl Fault<CountdownEvent> for NoWakeUp {
    fn perform(mut call: Call<'_, CountdownEvent>) -> Option<Answer> {
        let blocks = call.object.model.lock().unwrap().blocks(call.operation);
        while blocks && call.operation.wait() == Some(WaitKind::Wait) {
            thread::park();
        }
        call.make()
    }
}

/// No call of the conductor returns.
#[derive(Debug)]
pub struct NoAnswerToConductor;

impl Fault<CountdownEvent> for NoAnswerToConductor {
    fn perform(mut call: Call<'_, CountdownEvent>) -> Option<Answer> {
        while thread::current().name() == Some(CONDUCTOR_NAME) {
            thread::park();
        }
        call.make()
    }
}

/// A guard of several permits gives back one less.
#[derive(Debug)]
pub struct PermitLost;

impl Fault<Arc<Semaphore>> for PermitLost {
    fn perform(mut call: Call<'_, Arc<Semaphore>>) -> Option<Answer> {
        if call.operation != Drop || *call.held < 2 {
            return call.make();
        }
        Call { object: call.object, operation: Forget, held: &mut 1 }.make();
        let answer = Answer::Number(*call.held);
        *call.held -= 1;
        call.make_another(Drop);
        Some(answer)
    }
}

impl<const N: usize> Call<'_, Several<N>> {
    /// After a wait for any that has succeeded: takes what there is from the objects behind the winner too. Returns
    /// which.
    fn take_more(&mut self, answer: Option<Answer>) -> Vec<usize> {
        let several::Operation::WaitAny(list, _) = self.operation else { return Vec::new() };
        let Some(Answer::Number(winner)) = answer else { return Vec::new() };
        numbers(list).skip(winner + 1).filter(|&number| self.take(number)).collect()
    }

    /// Takes from this object, if there is something.
    fn take(&mut self, number: usize) -> bool {
        let wait0 = several::Operation::Wait(number, WaitKind::Wait0);
        self.make_another(wait0) == Some(Answer::Is(true))
    }

    /// Sets again what such a wait has taken, or the first `most` objects of that.
    fn hand_on(&mut self, wait: several::Operation, most: usize) {
        let hand_ons = self.object.model.lock().unwrap().hand_on(wait);
        for (set, _) in hand_ons.into_iter().take(most) {
            thread::yield_now();
            self.make_another(set);
        }
    }

    /// Makes the call. If it is a wait for all of a task that is dropped, that may have taken something, and sets the
    /// first `most` objects again.
    fn make_and_hand_on(&mut self, most: usize) -> Option<Answer> {
        let answer = self.make();
        if let several::Operation::WaitAll(list, kind) = self.operation
            && kind.is_async()
            && answer == Some(Answer::Is(false))
        {
            let wait0 = several::Operation::WaitAll(list, WaitKind::Wait0);
            if self.make_another(wait0) == Some(Answer::Is(true)) {
                self.hand_on(wait0, most);
            }
        }
        answer
    }
}

/// A wait for any takes from all that are available, and puts back what it does not choose.
#[derive(Debug)]
pub struct PutsBack;

impl Fault<Several> for PutsBack {
    fn perform(mut call: Call<'_, Several>) -> Option<Answer> {
        let answer = call.make();
        let others = call.take_more(answer);
        thread::yield_now();
        for number in others {
            call.make_another(several::Operation::Set(number));
        }
        answer
    }
}

/// A wait for any takes from all that are available, and chooses one.
#[derive(Debug)]
pub struct ConsumesAll;

impl<const N: usize> Fault<Several<N>> for ConsumesAll {
    fn perform(mut call: Call<'_, Several<N>>) -> Option<Answer> {
        let answer = call.make();
        call.take_more(answer);
        answer
    }
}

/// A task that waits for any and is dropped may have taken something, which it hands on. This is right.
#[derive(Debug)]
pub struct AnyDropHandsOn;

impl Fault<Several> for AnyDropHandsOn {
    fn perform(mut call: Call<'_, Several>) -> Option<Answer> {
        let answer = call.make();
        if let several::Operation::WaitAny(list, kind) = call.operation
            && kind.is_async()
            && answer == Some(Answer::Is(false))
            && let Some(number) = numbers(list).find(|&number| call.take(number))
        {
            call.hand_on(several::Operation::Wait(number, kind), 1);
        }
        answer
    }
}

/// A wait for any is woken once by each that it waits for. Then it checks, and sleeps again if there is nothing to
/// take any more. It has left the queues by then.
#[derive(Debug)]
pub struct SleepsAgain;

impl Fault<Several> for SleepsAgain {
    fn perform(mut call: Call<'_, Several>) -> Option<Answer> {
        let several::Operation::WaitAny(_, WaitKind::Wait) = call.operation else {
            return call.make();
        };
        let Locked { model, changed } = call.object;
        let mut model = model.lock().unwrap();
        if model.blocks(call.operation) {
            model = changed.wait(model).unwrap();
        }
        let has_nothing = model.blocks(call.operation);
        drop(model);
        if has_nothing {
            loop {
                thread::park();
            }
        }
        call.make()
    }
}

/// A wait for all with a limit takes from one object after the other, and waits for the next one meanwhile. If its
/// time is up, it puts back what it has.
#[derive(Debug)]
pub struct TakesOneByOne;

impl<const N: usize> Fault<Several<N>> for TakesOneByOne {
    fn perform(mut call: Call<'_, Several<N>>) -> Option<Answer> {
        let several::Operation::WaitAll(list, kind) = call.operation else { return call.make() };
        if kind.limit().is_none() {
            return call.make(); // two of them could wait for each other for ever
        }
        let mut taken = Vec::new();
        for number in numbers(list) {
            let wait = several::Operation::Wait(number, kind);
            if call.make_another(wait) != Some(Answer::Is(true)) {
                taken.into_iter().for_each(|wait| call.hand_on(wait, 1));
                return Some(Answer::Is(false));
            }
            taken.push(wait);
            thread::yield_now();
        }
        Some(Answer::Is(true))
    }
}

/// A task that waits for all and is dropped may have taken from all, and sets one of them again.
#[derive(Debug)]
pub struct HandsOnOne;

impl Fault<Several> for HandsOnOne {
    fn perform(mut call: Call<'_, Several>) -> Option<Answer> {
        call.make_and_hand_on(1)
    }
}

/// The same, and sets all of them again. This is right.
#[derive(Debug)]
pub struct AllDropHandsOn;

impl Fault<Several> for AllDropHandsOn {
    fn perform(mut call: Call<'_, Several>) -> Option<Answer> {
        call.make_and_hand_on(usize::MAX)
    }
}
