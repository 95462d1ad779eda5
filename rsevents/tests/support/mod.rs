//! What the tests on real threads share: one view of both events, and steering without sleeping.

#![allow(dead_code, unused_imports, unused_macros, reason = "each test binary uses a part")]

pub(crate) mod all;
pub(crate) mod all_tasks;
mod allocations;
pub(crate) mod beside;
pub(crate) mod events;
mod forever;
mod freed;
pub(crate) mod futures;
pub(crate) mod gates;
pub(crate) mod limits;
mod plain;
mod queue;
mod race;
mod rounds;
pub(crate) mod several;
mod tasks;
mod watchdog;

use std::cell::RefCell;
use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, Awaitable, ManualResetEvent, Signal, TimeoutError};

pub(crate) use allocations::{Counting, allocations};
pub(crate) use forever::{FOREVER, step_until};
pub(crate) use freed::{
    address_used_again, freed_after_any_wait, freed_by_its_waiter, random_limit,
};
pub(crate) use plain::Plain;
pub(crate) use queue::{parked, queue, wait_until_parked, waits_for_all, with_locked};
pub(crate) use race::{Aim, Race, mutual_exclusion, release_races_timeout};
pub(crate) use rounds::rounds;
pub(crate) use tasks::{Act, Executor, Probe, Task, block_on, kept, leak};
pub(crate) use watchdog::{has_failed, scope, with_watchdog};

/// A limit that is meant to pass.
pub(crate) const SHORT: Duration = Duration::from_millis(5);

/// Something that is waited for and yields nothing.
pub(crate) trait Waitable: for<'a> Awaitable<'a, T = (), Error = TimeoutError> {}

impl<T: for<'a> Awaitable<'a, T = (), Error = TimeoutError>> Waitable for T {}

/// What the two events have in common. A countdown, too, can be set and reset.
pub(crate) trait Event: Waitable + Signal + Debug + Send + Sync + 'static {
    /// Whether a wait that succeeds makes the event unset.
    const CONSUMES: bool;
    fn new(is_set: bool) -> Self;
    fn set(&self);
    fn reset(&self);
    fn is_set(&self) -> bool;
    fn wait_async(&self) -> rsevents::Wait<'_>;
}

macro_rules! event {
    ($event:ty, consumes: $consumes:literal) => {
        impl Event for $event {
            const CONSUMES: bool = $consumes;
            fn new(is_set: bool) -> Self {
                is_set.into()
            }
            fn set(&self) {
                self.set();
            }
            fn reset(&self) {
                self.reset();
            }
            fn is_set(&self) -> bool {
                self.is_set()
            }
            fn wait_async(&self) -> rsevents::Wait<'_> {
                self.wait_async()
            }
        }
    };
}

event!(AutoResetEvent, consumes: true);
event!(ManualResetEvent, consumes: false);

/// Makes a test [with a watchdog](with_watchdog) of each function.
macro_rules! watchdog_tests {
    ($($test:ident),* $(,)?) => {
        crate::support::watchdog_tests! { with_watchdog => $($test: crate::$test),* }
    };
    ($module:ident => $($test:ident: $function:expr),*) => {
        mod $module {
            $(#[test] fn $test() { crate::support::with_watchdog($function) })*
        }
    };
}
pub(crate) use watchdog_tests;

/// The same of functions that are generic over [`Event`], for one or several types.
macro_rules! tests_of {
    ($($module:ident = $object:ty),+: $($test:ident),* $(,)?) => {
        crate::support::tests_of! { @each [$($test),*] $($module = $object),+ }
    };
    (@each $tests:tt $($module:ident = $object:ty),+) => {
        $(crate::support::tests_of! { @one $tests $module = $object })+
    };
    (@one [$($test:ident),*] $module:ident = $object:ty) => {
        crate::support::watchdog_tests! { $module => $($test: crate::$test::<$object>),* }
    };
}
pub(crate) use tests_of;

/// The same for both events.
macro_rules! for_both {
    ($($test:ident),* $(,)?) => {
        crate::support::tests_of! {
            auto = rsevents::AutoResetEvent, manual = rsevents::ManualResetEvent: $($test),*
        }
    };
}
pub(crate) use for_both;

/// A type is `Unpin` if and only if this has two traits to choose from, which does not compile.
macro_rules! assert_not_unpin {
    ($($type:ty),*) => {{
        struct Ambiguous<T: ?Sized>(::std::marker::PhantomData<T>);
        trait NotUnpin<Choice> {
            fn holds() {}
        }
        impl<T: ?Sized> NotUnpin<()> for Ambiguous<T> {}
        impl<T: ?Sized + Unpin> NotUnpin<u8> for Ambiguous<T> {}
        $(Ambiguous::<$type>::holds();)*
    }};
}
pub(crate) use assert_not_unpin;

pub(crate) fn set<E: Event>() -> E {
    E::new(true)
}

pub(crate) fn unset<E: Event>() -> E {
    E::new(false)
}

/// The event has what one set leaves that no wait has taken. Resets it.
pub(crate) fn assert_set_once<E: Event>(event: &E) {
    assert!(event.wait0(), "a set was lost");
    assert_eq!(event.wait0(), !E::CONSUMES);
    event.reset();
}

/// One way to wait for an object. Returns whether that succeeded.
pub(crate) type Wait<O> = fn(&O) -> bool;

/// A wait without a limit. The watchdog ends a test in which it is never released.
pub(crate) fn wait<A: Waitable>(object: &A) -> bool {
    object.wait();
    true
}

/// Every wait that blocks until the object is available.
pub(crate) fn blocking_waits<A: Waitable>() -> [Wait<A>; 5] {
    [
        wait,
        |object| object.wait_until(Instant::now() + FOREVER),
        |object| object.try_wait().is_ok(),
        |object| object.try_wait_for(FOREVER).is_ok(),
        |object| object.try_wait_until(Instant::now() + FOREVER).is_ok(),
    ]
}

/// Starts a thread for each of the waits, calls `release` when all of them are parked, and demands that all
/// succeed.
pub(crate) fn released_from_the_queue<O: Sync>(
    object: &O,
    waits: &[impl Fn(&O) -> bool + Sync],
    release: impl FnOnce(),
) {
    scope(|scope| {
        let waiters: Vec<_> = waits.iter().map(|wait| scope.spawn(|| wait(object))).collect();
        wait_until_parked(object, waits.len());
        release();
        for waiter in waiters {
            assert!(waiter.join().unwrap(), "a parked wait failed");
        }
    });
}

/// A deadline that has passed.
pub(crate) fn past() -> Instant {
    Instant::now().checked_sub(SHORT).expect("the clock has run for a while")
}

/// Yields until `condition` holds.
#[track_caller]
pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    step_until(condition, || {
        thread::yield_now();
        if has_failed() {
            resume_unwind(Box::new("another thread of the test has failed"));
        }
    });
}

/// Demands a panic whose message contains all of `words`.
pub(crate) fn assert_panics(call: impl FnOnce(), words: &[&str]) {
    let panic = catch_unwind(AssertUnwindSafe(call)).expect_err("no panic");
    let message = match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    };
    assert!(words.iter().all(|word| message.contains(word)), "{message}, without one of {words:?}");
}

thread_local! {
    static FILE_OF_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Demands a panic. Returns the source file that its message names.
pub(crate) fn file_of_panic(call: &dyn Fn()) -> String {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let file = info.location().map_or("", |location| location.file()).to_owned();
            FILE_OF_PANIC.with(|place| place.replace(file));
            default(info);
        }));
    });
    catch_unwind(AssertUnwindSafe(call)).expect_err("it was not refused");
    FILE_OF_PANIC.take()
}

/// Passes a little time, without a system call.
pub(crate) fn spin(iterations: usize) {
    for _ in 0..iterations {
        std::hint::spin_loop();
    }
}
