//! Gates that can be set and reset, one whose rule panics, and requests of any gate.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use rsevents::{Gate, Part, Rule, Signal, Source};

use super::{Act, Event, Probe};

/// A request at a gate, to wait for one of several or for all.
pub(crate) struct Request<'a, R: Rule>(pub(crate) &'a Gate<R>, pub(crate) u32);

impl<R: Rule> Signal for Request<'_, R> {
    fn part(&self) -> Part<'_> {
        self.0.part(self.1)
    }
}

/// Each set is a permit.
#[derive(Debug)]
pub(crate) struct Permits {
    pub(crate) gate: Gate<OfPermits>,
}

pub(crate) struct OfPermits;

impl Rule for OfPermits {
    fn take(permits: u64, request: u32) -> Option<u64> {
        permits.checked_sub(request.into())
    }
    fn opens(permits: u64) -> bool {
        permits > 0
    }
    fn keeps(request: u32) -> bool {
        request > 1
    }
    fn hand_on(permits: u64, request: u32) -> u64 {
        permits + u64::from(request)
    }
}

impl Source<'_> for Permits {
    type Rule = OfPermits;
    type Taken = ();
    fn gate(&self) -> &Gate<OfPermits> {
        &self.gate
    }
    fn taken(&self) {}
}

impl Event for Permits {
    const CONSUMES: bool = true;
    fn new(is_set: bool) -> Self {
        Self { gate: Gate::new(is_set.into()) }
    }
    fn set(&self) {
        self.gate.add(1);
    }
    fn reset(&self) {
        self.gate.swap(0);
    }
    fn is_set(&self) -> bool {
        self.gate.value() > 0
    }
    fn wait_async(&self) -> rsevents::Wait<'_> {
        self.gate.wait_async(1)
    }
}

/// A manual-reset event.
#[derive(Debug)]
pub(crate) struct Flag {
    pub(crate) gate: Gate<OfFlag>,
}

pub(crate) struct OfFlag;

impl Rule for OfFlag {
    fn take(value: u64, _: u32) -> Option<u64> {
        Self::opens(value).then_some(value)
    }
    fn opens(value: u64) -> bool {
        value == 1
    }
    const SHARED: bool = true;
}

impl Source<'_> for Flag {
    type Rule = OfFlag;
    type Taken = ();
    fn gate(&self) -> &Gate<OfFlag> {
        &self.gate
    }
    fn taken(&self) {}
}

impl Event for Flag {
    const CONSUMES: bool = false;
    fn new(is_set: bool) -> Self {
        Self { gate: Gate::new(is_set.into()) }
    }
    fn set(&self) {
        self.gate.swap(1);
    }
    fn reset(&self) {
        self.gate.swap(0);
    }
    fn is_set(&self) -> bool {
        self.gate.value() == 1
    }
    fn wait_async(&self) -> rsevents::Wait<'_> {
        self.gate.wait_async(0)
    }
}

/// Permits with a rule that panics, in threads that are meant to, while its switch is on. Each test has its own.
pub(crate) struct Fragile<const TEST: usize>;

static PANICS: [AtomicBool; 6] = [const { AtomicBool::new(false) }; 6];

thread_local! {
    pub(crate) static MAY_PANIC: Cell<bool> = const { Cell::new(false) };
}

impl<const TEST: usize> Rule for Fragile<TEST> {
    fn take(permits: u64, request: u32) -> Option<u64> {
        let panics = MAY_PANIC.get() && PANICS[TEST].load(Ordering::Relaxed);
        assert!(!panics, "the rule has panicked");
        OfPermits::take(permits, request)
    }
    fn keeps(request: u32) -> bool {
        request > 1
    }
    fn hand_on(permits: u64, request: u32) -> u64 {
        OfPermits::hand_on(permits, request)
    }
}

pub(crate) fn switch<const TEST: usize>(is_on: bool) {
    PANICS[TEST].store(is_on, Ordering::Relaxed);
}

/// A waker that lets the rule panic from when it is cloned, and panics when it is first dropped.
pub(crate) fn fragile_waker<const TEST: usize>() -> Probe {
    let panics = AtomicBool::new(true);
    Probe::with(move |act| match act {
        Act::Clone => switch::<TEST>(true),
        Act::Drop => assert!(!panics.swap(false, Ordering::Relaxed), "the waker has panicked"),
        Act::Wake => {}
    })
}

/// Calls `call` in a thread in which the rule may panic. Returns whether it has.
pub(crate) fn has_panicked<T>(call: impl FnOnce() -> T) -> bool {
    MAY_PANIC.set(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    MAY_PANIC.set(false);
    result.is_err()
}
