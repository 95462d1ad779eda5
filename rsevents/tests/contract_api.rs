//! Contract 101-106 and 108: the trait, and the shape of the API. The uses of 0.3.1 compile unchanged.

mod support;

use std::collections::HashSet;
use std::convert::Infallible;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsevents::{
    AutoResetEvent, Awaitable, AwaitableError, EventState, ManualResetEvent, State, TimeoutError,
};
use support::{
    Event, FOREVER, SHORT, Waitable, blocking_waits, for_both, rounds, scope, set, unset,
};

for_both! {
    c101_every_wait_through_the_trait,
    c108_an_event_may_be_dropped_when_the_wait_returns,
}

fn c101_every_wait_through_the_trait<E: Event>() {
    assert!(blocking_waits().into_iter().all(|wait| wait(&set::<E>())));
    assert!(set::<E>().wait0());
    assert_eq!(set::<E>().try_wait0(), Ok(()));

    let event = unset::<E>();
    assert_eq!(event.try_wait_for(SHORT), Err(TimeoutError));
    assert_eq!(event.try_wait_until(Instant::now() + SHORT), Err(TimeoutError));
    assert_eq!(event.try_wait0(), Err(TimeoutError));
}

#[test]
fn c103_timeout_error() {
    fn check<T: Error + Send + Sync + Copy + Eq + std::hash::Hash + 'static>(_: T) {}
    check(TimeoutError);
    assert!(!TimeoutError.to_string().is_empty());
    assert!(HashSet::from([TimeoutError]).contains(&TimeoutError));

    fn both() -> Result<(), TimeoutError> {
        let event: ManualResetEvent = set();
        event.try_wait()?; // Infallible becomes TimeoutError
        event.try_wait0()
    }
    assert_eq!(both(), Ok(()));
}

/// 104: a type of another crate that yields a value, with nothing but what 0.3.1 required.
struct Answer(AutoResetEvent);

impl Awaitable<'_> for Answer {
    type T = u32;
    type Error = TimeoutError;

    fn try_wait(&self) -> Result<u32, Infallible> {
        self.0.try_wait()?;
        Ok(42)
    }

    fn try_wait_for(&self, limit: Duration) -> Result<u32, TimeoutError> {
        self.0.try_wait_for(limit)?;
        Ok(42)
    }
}

#[test]
fn c104_yielding_types_and_defaults() {
    let answer = Answer(set());
    assert_eq!(answer.wait(), 42);
    assert_eq!(answer.try_wait0(), Err(TimeoutError));
    assert_eq!(answer.try_wait_until(Instant::now()), Err(TimeoutError));
    answer.0.set();
    assert_eq!(answer.try_wait0(), Ok(42));
    answer.0.set();
    assert_eq!(answer.try_wait_until(Instant::now()), Ok(42));
}

/// 104: an error of one's own, where a wait without a limit can fail.
#[derive(Debug, PartialEq)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl Error for Broken {}

impl AwaitableError for Broken {
    type UnboundedError = Self;
}

struct Fuse;

impl Awaitable<'_> for Fuse {
    type T = ();
    type Error = Broken;

    fn try_wait(&self) -> Result<(), Broken> {
        Err(Broken)
    }

    fn try_wait_for(&self, _: Duration) -> Result<(), Broken> {
        Err(Broken)
    }
}

#[test]
fn c104_fallible_types() {
    assert_eq!(Fuse.try_wait(), Err(Broken));
    assert_eq!(Fuse.try_wait0(), Err(Broken));
}

/// 224: waiting on several objects of different types through references to the trait.
#[test]
fn c224_the_trait_makes_objects() {
    type Object<'a> = dyn Awaitable<'a, T = (), Error = TimeoutError> + 'a;
    fn count_available<'a>(objects: &[&'a Object<'a>]) -> usize {
        objects.iter().filter(|object| object.try_wait0().is_ok()).count()
    }
    let (auto, manual) = (set::<AutoResetEvent>(), Arc::new(set::<ManualResetEvent>()));
    assert_eq!(count_available(&[&auto, &*manual, &manual]), 3);
    assert_eq!(count_available(&[&auto, &*manual, &manual]), 2);
    let object: &Object<'_> = &*manual;
    object.wait();
    assert_eq!(object.try_wait_for(SHORT), Ok(()));
    assert_eq!(object.try_wait_until(Instant::now()), Ok(()));
}

/// A function for any object takes a shared pointer to one as well.
#[test]
fn c224_shared_pointers_are_awaitable() {
    fn is_available(object: &impl Waitable) -> bool {
        object.wait_for(SHORT) && object.wait_until(Instant::now())
    }
    let (arc, rc) = (Arc::new(set::<ManualResetEvent>()), Rc::new(set::<ManualResetEvent>()));
    assert!(is_available(&arc) && is_available(&rc));
    let object: Arc<dyn for<'a> Awaitable<'a, T = (), Error = TimeoutError>> = arc.clone();
    assert!(is_available(&object));
    object.wait();

    let auto = Arc::new(set::<AutoResetEvent>());
    assert!(!is_available(&auto), "the first wait took the set");
    auto.set();
    auto.wait();
    assert_eq!(Awaitable::try_wait0(&auto), Err(TimeoutError));
    assert_eq!(Awaitable::try_wait_for(&auto, SHORT), Err(TimeoutError));
    assert_eq!(Fuse.try_wait(), Arc::new(Fuse).try_wait());
}

/// 105: method syntax reaches the trait on the types themselves.
#[test]
fn c105_nothing_shadows_the_trait() {
    let (auto, manual) = (set::<AutoResetEvent>(), set::<ManualResetEvent>());
    let _: [Result<(), Infallible>; 2] = [auto.try_wait(), manual.try_wait()];
    let _: [Result<(), TimeoutError>; 2] = [auto.try_wait_for(SHORT), manual.try_wait_for(SHORT)];
    let _: [Result<(), TimeoutError>; 2] = [auto.try_wait0(), manual.try_wait0()];
    let _: [bool; 2] = [auto.wait0(), manual.wait0()];
}

/// 226: a caller may pass them on as functions, and use them as match arms.
#[test]
fn c226_set_reset_and_wait_return_nothing() {
    let _: [fn(&AutoResetEvent); 3] =
        [AutoResetEvent::set, AutoResetEvent::reset, |event| event.wait()];
    let _: [fn(&ManualResetEvent); 3] =
        [ManualResetEvent::set, ManualResetEvent::reset, |event| event.wait()];
}

#[test]
fn c106_traits_of_every_type() {
    fn check<E: Event + Default + From<EventState> + From<bool>>(name: &str) {
        assert_eq!(format!("{:?}", E::from(EventState::Set)), format!("{name}(Set)"));
        assert_eq!(format!("{:?}", E::default()), format!("{name}(Unset)"));
        assert!(E::from(true).is_set() && !E::from(false).is_set() && !E::default().is_set());
    }
    check::<AutoResetEvent>("AutoResetEvent");
    check::<ManualResetEvent>("ManualResetEvent");
    assert_eq!([true, false].map(EventState::from), [EventState::Set, EventState::Unset]);

    let state = State::Set; // the old name
    let copy = state;
    assert_eq!(state, copy);
    assert!(HashSet::from([EventState::Set]).contains(&state));
    assert_ne!(EventState::Set, EventState::Unset);
}

/// 108: the waiter drops its reference as soon as its wait returns. (No other object gets the address while
/// a set still runs: that borrows the event.)
fn c108_an_event_may_be_dropped_when_the_wait_returns<E: Event>() {
    for _ in 0..rounds(2_000) {
        let event = Arc::new(unset::<E>());
        let setter = Arc::clone(&event);
        let next = scope(|scope| {
            scope.spawn(move || setter.set());
            assert!(event.wait_for(FOREVER));
            drop(event);
            let next = Arc::new(unset::<E>());
            let limit = Duration::from_micros(1);
            assert!(!next.wait_for(limit), "released by the set of another object");
            next
        });
        assert!(!next.is_set());
    }
}
