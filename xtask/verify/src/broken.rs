//! Objects that are broken on purpose, to see that each engine finds it. They share no code with ours, so ours
//! need not be right for these to be found.

use std::marker::PhantomData;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rsevents::{AutoResetEvent, ManualResetEvent};
use rsevents_extra::{CountdownEvent, Semaphore};

use crate::event::Event;
use crate::linearizability::record::CONDUCTOR_NAME;
use crate::op::event::Operation::{IsSet, Reset, Set, Wait};
use crate::op::semaphore::Operation::{Drop, Forget};
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

    fn perform(&self, operation: OperationOf<O>, held: &mut usize) -> Option<Answer> {
        let answer = self.wait(operation).perform(operation, held);
        self.changed.notify_all();
        answer
    }
}

/// What is broken.
pub trait Fault: Send + Sync + Sized + 'static {
    /// The object that should have been made.
    type Object: Object;

    /// Makes a call that may go wrong.
    fn perform(
        object: &Locked<Self::Object>,
        operation: OperationOf<Self::Object>,
        held: &mut usize,
    ) -> Option<Answer>;
}

/// An object with a fault.
#[derive(Debug)]
pub struct Broken<F: Fault>(Locked<F::Object>);

impl<F: Fault> Object for Broken<F> {
    type Model = <F::Object as Object>::Model;
    /// Permits.
    type Held<'a> = usize;

    fn random(random: &mut Rng) -> Self::Model {
        F::Object::random(random)
    }

    fn new(model: &Self::Model) -> Self {
        Self(Locked { model: Mutex::new(model.clone()), changed: Condvar::new() })
    }

    fn perform(&self, operation: OperationOf<Self>, held: &mut usize) -> Option<Answer> {
        F::perform(&self.0, operation, held)
    }
}

/// A wait checks the event and then takes the set, so that two may take the same one.
#[derive(Debug)]
pub struct CheckThenTake;

impl Fault for CheckThenTake {
    type Object = AutoResetEvent;

    fn perform(
        object: &Locked<AutoResetEvent>,
        operation: OperationOf<AutoResetEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        if operation.wait().is_none() {
            return object.perform(operation, held);
        }
        drop(object.wait(operation));
        let succeeds = object.perform(IsSet, held) == Some(Answer::Is(true));
        if succeeds {
            thread::yield_now();
            object.perform(Reset, held);
        }
        Some(Answer::Is(succeeds))
    }
}

/// A wait that times out resets the event.
#[derive(Debug)]
pub struct ResetOnTimeout;

impl Fault for ResetOnTimeout {
    type Object = ManualResetEvent;

    fn perform(
        object: &Locked<ManualResetEvent>,
        operation: OperationOf<ManualResetEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        let answer = object.perform(operation, held);
        if operation.wait().is_some() && answer == Some(Answer::Is(false)) {
            thread::yield_now();
            object.perform(Reset, held);
        }
        answer
    }
}

/// A timed wait ends after half its time.
#[derive(Debug)]
pub struct HalfLimit;

impl Fault for HalfLimit {
    type Object = AutoResetEvent;

    fn perform(
        object: &Locked<AutoResetEvent>,
        operation: OperationOf<AutoResetEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        let mut operation = operation;
        if let Some(kind) = operation.wait_mut()
            && let Some(limit) = kind.limit()
        {
            *kind = kind.with_limit(limit / 2);
        }
        object.perform(operation, held)
    }
}

/// A wait does not consume the set.
#[derive(Debug)]
pub struct NotConsumed;

impl Fault for NotConsumed {
    type Object = AutoResetEvent;

    fn perform(
        object: &Locked<AutoResetEvent>,
        operation: OperationOf<AutoResetEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        let answer = object.perform(operation, held);
        if operation.wait().is_some() && answer == Some(Answer::Is(true)) {
            object.perform(Set, held);
        }
        answer
    }
}

/// Half of the sets do nothing.
#[derive(Debug)]
pub struct SetLost;

impl Fault for SetLost {
    type Object = AutoResetEvent;

    fn perform(
        object: &Locked<AutoResetEvent>,
        operation: OperationOf<AutoResetEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        let is_lost = operation == Set && fastrand::bool();
        if is_lost { Some(Answer::Done) } else { object.perform(operation, held) }
    }
}

/// A wait that times out reports success.
#[derive(Debug)]
pub struct NoTimeout;

impl Fault for NoTimeout {
    type Object = ManualResetEvent;

    fn perform(
        object: &Locked<ManualResetEvent>,
        operation: OperationOf<ManualResetEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        let answer = object.perform(operation, held);
        if operation.wait().is_some() { Some(Answer::Is(true)) } else { answer }
    }
}

/// A wait that has time returns by itself after a moment, as if it had succeeded.
#[derive(Debug)]
pub struct ReturnsByItself;

impl Fault for ReturnsByItself {
    type Object = ManualResetEvent;

    fn perform(
        object: &Locked<ManualResetEvent>,
        operation: OperationOf<ManualResetEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        if operation.wait().is_none_or(|kind| kind == WaitKind::Wait0) {
            return object.perform(operation, held);
        }
        object.perform(Wait(WaitKind::WaitFor(Duration::from_micros(5))), held);
        Some(Answer::Is(true))
    }
}

/// A reset does nothing.
#[derive(Debug)]
pub struct NoReset<E>(PhantomData<E>);

impl<E: Event> Fault for NoReset<E> {
    type Object = E;

    fn perform(object: &Locked<E>, operation: OperationOf<E>, held: &mut usize) -> Option<Answer> {
        if operation == Reset { Some(Answer::Done) } else { object.perform(operation, held) }
    }
}

/// A waiter that blocks is never woken, so that no rescue helps.
#[derive(Debug)]
pub struct NoWakeUp;

impl Fault for NoWakeUp {
    type Object = CountdownEvent;

    fn perform(
        object: &Locked<CountdownEvent>,
        operation: OperationOf<CountdownEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        let blocks = object.model.lock().unwrap().blocks(operation);
        while blocks && operation.wait() == Some(WaitKind::Wait) {
            thread::park();
        }
        object.perform(operation, held)
    }
}

/// No call of the conductor returns.
#[derive(Debug)]
pub struct NoAnswerToConductor;

impl Fault for NoAnswerToConductor {
    type Object = CountdownEvent;

    fn perform(
        object: &Locked<CountdownEvent>,
        operation: OperationOf<CountdownEvent>,
        held: &mut usize,
    ) -> Option<Answer> {
        while thread::current().name() == Some(CONDUCTOR_NAME) {
            thread::park();
        }
        object.perform(operation, held)
    }
}

/// A guard of several permits gives back one less.
#[derive(Debug)]
pub struct PermitLost;

impl Fault for PermitLost {
    type Object = Arc<Semaphore>;

    fn perform(
        object: &Locked<Arc<Semaphore>>,
        operation: OperationOf<Arc<Semaphore>>,
        held: &mut usize,
    ) -> Option<Answer> {
        if operation != Drop || *held < 2 {
            return object.perform(operation, held);
        }
        object.perform(Forget, &mut 1);
        let answer = Answer::Number(*held);
        *held -= 1;
        object.perform(Drop, held);
        Some(answer)
    }
}
