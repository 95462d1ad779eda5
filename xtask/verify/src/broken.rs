//! Objects that are broken on purpose, to see that each engine finds it.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rsevents::{AutoResetEvent, Awaitable, ManualResetEvent};
use rsevents_extra::{CountdownEvent, Semaphore};

use crate::event::Event;
use crate::linearizability::record::CONDUCTOR_NAME;
use crate::op::event::Operation;
use crate::op::semaphore::Guard;
use crate::op::{Answer, Object, Operation as _, OperationOf, countdown, semaphore};
use crate::spec::{self, Kind};
use crate::wait::WaitKind;

/// What is broken.
pub trait Fault: Send + Sync + 'static {
    /// The object that has the fault.
    type Object: Object;

    /// Makes a call that may go wrong.
    fn perform<'a>(
        object: &'a Self::Object,
        operation: OperationOf<Self::Object>,
        held: &mut <Self::Object as Object>::Held<'a>,
    ) -> Option<Answer>;
}

/// An object with a fault.
#[derive(Debug)]
pub struct Broken<F: Fault>(F::Object);

impl<F: Fault> Object for Broken<F> {
    type Model = <F::Object as Object>::Model;
    type Held<'a> = <F::Object as Object>::Held<'a>;

    fn random(random: &mut Rng) -> Self::Model {
        F::Object::random(random)
    }

    fn new(model: &Self::Model) -> Self {
        Self(F::Object::new(model))
    }

    fn perform<'a>(
        &'a self,
        operation: OperationOf<Self>,
        held: &mut Self::Held<'a>,
    ) -> Option<Answer> {
        F::perform(&self.0, operation, held)
    }
}

/// An event that is right, and shares no code with ours: its waits poll. So ours need not be right for those
/// that are broken to be found.
#[derive(Debug)]
pub struct Polled<const IS_AUTO: bool>(AtomicBool);

impl<const IS_AUTO: bool> Polled<IS_AUTO> {
    /// Polls `take` until it succeeds or the time is up.
    fn poll(kind: WaitKind, take: impl Fn() -> bool) -> bool {
        let start = Instant::now();
        while !take() {
            if kind.limit().is_some_and(|limit| start.elapsed() >= limit) {
                return false;
            }
            thread::yield_now();
        }
        true
    }
}

impl<const IS_AUTO: bool> Object for Polled<IS_AUTO> {
    type Model = spec::Event;
    type Held<'a> = ();

    fn random(random: &mut Rng) -> spec::Event {
        spec::Event::new(if IS_AUTO { Kind::Auto } else { Kind::Manual }, random.bool())
    }

    fn new(model: &spec::Event) -> Self {
        Self(AtomicBool::new(model.is_set()))
    }

    fn perform(&self, operation: Operation, (): &mut ()) -> Option<Answer> {
        let Self(is_set) = self;
        Some(match operation {
            Operation::Set | Operation::Reset => {
                is_set.store(operation == Operation::Set, Ordering::SeqCst);
                Answer::Done
            }
            Operation::IsSet => Answer::Is(is_set.load(Ordering::SeqCst)),
            Operation::Wait(kind) | Operation::TryWait(kind) => {
                Answer::Is(Self::poll(kind, || {
                    if IS_AUTO {
                        is_set.swap(false, Ordering::SeqCst)
                    } else {
                        is_set.load(Ordering::SeqCst)
                    }
                }))
            }
        })
    }
}

fn perform(event: &impl Event, operation: Operation) -> Option<Answer> {
    Object::perform(event, operation, &mut ())
}

/// A wait checks the event and then takes the set, so that two may take the same one.
#[derive(Debug)]
pub struct CheckThenTake;

impl Fault for CheckThenTake {
    type Object = Polled<true>;

    fn perform(event: &Polled<true>, operation: Operation, held: &mut ()) -> Option<Answer> {
        let Some(kind) = operation.wait() else { return event.perform(operation, held) };
        let succeeds = Polled::<true>::poll(kind, || event.0.load(Ordering::SeqCst));
        if succeeds {
            thread::yield_now();
            event.0.store(false, Ordering::SeqCst);
        }
        Some(Answer::Is(succeeds))
    }
}

/// A wait that times out resets the event.
#[derive(Debug)]
pub struct ResetOnTimeout;

impl Fault for ResetOnTimeout {
    type Object = Polled<false>;

    fn perform(event: &Polled<false>, operation: Operation, held: &mut ()) -> Option<Answer> {
        let answer = event.perform(operation, held);
        if operation.wait().is_some() && answer == Some(Answer::Is(false)) {
            thread::yield_now();
            event.0.store(false, Ordering::SeqCst);
        }
        answer
    }
}

/// A timed wait ends after half its time.
#[derive(Debug)]
pub struct HalfLimit;

impl Fault for HalfLimit {
    type Object = Polled<true>;

    fn perform(event: &Polled<true>, operation: Operation, held: &mut ()) -> Option<Answer> {
        let mut operation = operation;
        if let Some(kind) = operation.wait_mut()
            && let Some(limit) = kind.limit()
        {
            *kind = kind.with_limit(limit / 2);
        }
        event.perform(operation, held)
    }
}

/// A wait does not consume the set.
#[derive(Debug)]
pub struct NotConsumed;

impl Fault for NotConsumed {
    type Object = AutoResetEvent;

    fn perform(event: &AutoResetEvent, operation: Operation, (): &mut ()) -> Option<Answer> {
        let answer = perform(event, operation);
        if operation.wait().is_some() && answer == Some(Answer::Is(true)) {
            event.set();
        }
        answer
    }
}

/// Half of the sets do nothing.
#[derive(Debug)]
pub struct SetLost;

impl Fault for SetLost {
    type Object = AutoResetEvent;

    fn perform(event: &AutoResetEvent, operation: Operation, (): &mut ()) -> Option<Answer> {
        match operation {
            Operation::Set if fastrand::bool() => Some(Answer::Done),
            _ => perform(event, operation),
        }
    }
}

/// A wait that times out reports success.
#[derive(Debug)]
pub struct NoTimeout;

impl Fault for NoTimeout {
    type Object = ManualResetEvent;

    fn perform(event: &ManualResetEvent, operation: Operation, (): &mut ()) -> Option<Answer> {
        let answer = perform(event, operation);
        if operation.wait().is_some() { Some(Answer::Is(true)) } else { answer }
    }
}

/// A wait that has time returns by itself after a moment, as if it had succeeded.
#[derive(Debug)]
pub struct ReturnsByItself;

impl Fault for ReturnsByItself {
    type Object = ManualResetEvent;

    fn perform(event: &ManualResetEvent, operation: Operation, (): &mut ()) -> Option<Answer> {
        match operation.wait() {
            Some(kind) if kind != WaitKind::Wait0 => {
                event.wait_for(Duration::from_micros(5));
                Some(Answer::Is(true))
            }
            _ => perform(event, operation),
        }
    }
}

/// A reset does nothing.
#[derive(Debug)]
pub struct NoReset<E>(PhantomData<E>);

impl<E: Event> Fault for NoReset<E> {
    type Object = E;

    fn perform(event: &E, operation: Operation, (): &mut ()) -> Option<Answer> {
        match operation {
            Operation::Reset => Some(Answer::Done),
            _ => perform(event, operation),
        }
    }
}

/// A parked waiter is never woken, so that no rescue helps.
#[derive(Debug)]
pub struct NoWakeUp;

impl Fault for NoWakeUp {
    type Object = CountdownEvent;

    fn perform(
        countdown: &CountdownEvent,
        operation: countdown::Operation,
        held: &mut (),
    ) -> Option<Answer> {
        if operation.wait() == Some(WaitKind::Wait) && !countdown.is_set() {
            loop {
                thread::park();
            }
        }
        countdown.perform(operation, held)
    }
}

/// No call of the conductor returns.
#[derive(Debug)]
pub struct NoAnswerToConductor;

impl Fault for NoAnswerToConductor {
    type Object = CountdownEvent;

    fn perform(
        countdown: &CountdownEvent,
        operation: countdown::Operation,
        held: &mut (),
    ) -> Option<Answer> {
        while thread::current().name() == Some(CONDUCTOR_NAME) {
            thread::park();
        }
        countdown.perform(operation, held)
    }
}

/// A guard of several permits gives back one less.
#[derive(Debug)]
pub struct PermitLost;

impl Fault for PermitLost {
    type Object = Arc<Semaphore>;

    fn perform<'a>(
        semaphore: &'a Arc<Semaphore>,
        operation: semaphore::Operation,
        held: &mut Option<Guard<'a>>,
    ) -> Option<Answer> {
        let several = held.as_ref().map(Guard::permits).filter(|&permits| permits > 1);
        if let (semaphore::Operation::Drop, Some(permits)) = (operation, several) {
            let kept = held.as_mut().and_then(|guard| guard.split(1));
            semaphore.perform(semaphore::Operation::Forget, &mut { kept });
            semaphore.perform(operation, held);
            return Some(Answer::Number(permits.into()));
        }
        semaphore.perform(operation, held)
    }
}
