//! Gates, and types that are waited for by one. Where a test is of a case of the contract, its name has the number.

mod support;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use rsevents::{Awaitable, Gate, Rule, Source};
use support::limits::*;
use support::{
    Event, FOREVER, SHORT, address_used_again, assert_panics, freed_by_its_waiter, parked, queues,
    random_limit, scope, tests_of, unset, wait_until, wait_until_parked, watched_tests,
    with_locked,
};

tests_of! { permits = crate::Permits:
    c35_c92_c99_a_passed_limit_is_wait0,
    c93_c94_c100_waits_time_out_after_their_limits_and_soon,
    c95_c96_far_limits_block_until_the_set,
    c97_a_timeout_leaves_no_trace,
}

tests_of! { flag = crate::Flag:
    c35_c92_c99_a_passed_limit_is_wait0,
    c93_c94_c100_waits_time_out_after_their_limits_and_soon,
    c95_c96_far_limits_block_until_the_set,
    c97_a_timeout_leaves_no_trace,
    c98_a_wait_that_is_woken_succeeds,
    c28_c99_a_set_before_the_deadline_of_parked_waiters_wins,
}

watched_tests! {
    c98_an_overtaken_wait_keeps_its_deadline,
    c227_a_waiter_frees_the_gate,
    c108_c227_the_address_of_a_gate_is_used_again,
    a_wait_takes_at_its_limit_what_the_first_cannot,
    a_change_takes_the_lock_only_if_a_wait_may_pass,
    a_panic_of_the_rule_in_a_setter_leaves_the_waits_queued,
    a_panic_of_the_rule_in_a_called_wait_removes_it,
    a_panic_of_the_rule_at_a_limit_removes_the_wait,
    a_panic_of_the_rule_before_a_wait_is_queued,
}

/// Each set is a permit.
#[derive(Debug)]
struct Permits {
    gate: Gate<OfPermits>,
}

struct OfPermits;

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
}

/// A manual-reset event.
#[derive(Debug)]
struct Flag {
    gate: Gate<OfFlag>,
}

struct OfFlag;

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
}

/// As after any other wake-up.
fn c98_an_overtaken_wait_keeps_its_deadline() {
    let wait = |permits: &Permits, limit| permits.gate.wait_for(1, limit);
    an_overtaken_wait_keeps_its_deadline(unset::<Permits>, wait, |permits| {
        permits.gate.add(1);
        permits.gate.try_take(1)
    });
}

fn c227_a_waiter_frees_the_gate() {
    let new = || Gate::<OfPermits>::new(0);
    let add = |gate: &Gate<OfPermits>| {
        gate.add(1);
    };
    freed_by_its_waiter(1, new, add, |gate| gate.wait(1));
    freed_by_its_waiter(2, new, add, |gate| gate.wait(2));
    freed_by_its_waiter(1, new, add, |gate| {
        if !gate.wait_for(1, random_limit()) {
            gate.wait(1);
        }
    });
    let closed = || Gate::<OfFlag>::new(0);
    let open = |gate: &Gate<OfFlag>| {
        gate.add(1);
    };
    freed_by_its_waiter(1, closed, open, |gate| gate.wait(0));
}

fn a_change_takes_the_lock_only_if_a_wait_may_pass() {
    let flag: Flag = unset();
    let queue = queues(&flag).start;
    with_locked(queue, |_| {
        assert_eq!(flag.gate.add(1), 0);
        assert_eq!(flag.gate.update(|value| value.checked_sub(1)), Ok((1, 0)));
    });
    scope(|scope| {
        scope.spawn(|| flag.gate.wait(0));
        wait_until_parked(&flag, 1);
        with_locked(queue, |parked| {
            assert_eq!((flag.gate.add(2), parked), (0, 1));
            assert_eq!(flag.gate.update(|value| Some(value + 1)), Ok((2, 3)));
        });
        flag.set();
    });
}

/// The value is not enough for the first wait, which does not keep others from overtaking it.
fn a_wait_takes_at_its_limit_what_the_first_cannot() {
    struct Items;
    impl Rule for Items {
        fn take(items: u64, request: u32) -> Option<u64> {
            items.checked_sub(request.into())
        }
    }
    let gate = Gate::<Items>::new(0);
    scope(|scope| {
        scope.spawn(|| gate.wait(2));
        wait_until_parked(&gate, 1);
        let second = scope.spawn(|| gate.wait_for(1, SHORT));
        wait_until(|| parked(&gate) == 2 || second.is_finished());
        gate.add(1);
        let in_time = !second.is_finished();
        let taken = second.join().unwrap();
        assert!(taken || !in_time);
        gate.add(1 + u64::from(taken));
    });
    assert_eq!(gate.value(), 0);
}

fn c108_c227_the_address_of_a_gate_is_used_again() {
    address_used_again(unset::<Permits>, Permits::set, |permits, limit| permits.wait_for(limit));
    address_used_again(unset::<Flag>, Flag::set, |flag, limit| flag.wait_for(limit));
}

#[test]
fn a_value_above_the_maximum_is_refused() {
    let gate = Gate::<OfPermits>::new(3);
    let above = Gate::<OfPermits>::MAX + 1;
    assert_panics(|| _ = gate.update(|_| Some(above)), &["above the largest"]);
    assert_eq!(gate.value(), 3);
    assert_panics(|| _ = Gate::<OfPermits>::new(above), &["above the largest"]);
    assert_eq!(gate.update(|value| Some(above - value)), Ok((3, above - 3)));
    assert_eq!((gate.swap(4), gate.value()), (above - 3, 4));
    assert_panics(|| _ = gate.swap(above), &["above the largest"]);
    assert_eq!(gate.value(), 4);
}

#[test]
fn the_value_wraps_and_nothing_else_changes() {
    const MAX: u64 = Gate::<OfPermits>::MAX;
    let gate = Gate::<OfPermits>::new(MAX);
    assert_eq!(gate.add(1), MAX);
    assert_eq!(gate.sub(2), 0);
    assert_eq!(gate.add(u64::MAX), MAX - 1);
    assert_eq!((gate.value(), MAX), (MAX - 2, (1 << 59) - 1));
    assert!(gate.try_take(1) && gate.wait_for(u32::MAX, SHORT));
    assert_eq!(gate.update(|_| None), Err(MAX - 3 - u64::from(u32::MAX)));
    assert_eq!(format!("{:?}", Gate::<OfPermits>::new(7)), "Gate(7)");
}

/// Permits with a rule that panics, in threads that are meant to, while its switch is on. Each test has its own.
struct Fragile<const TEST: usize>;

static PANICS: [AtomicBool; 4] = [const { AtomicBool::new(false) }; 4];

thread_local! {
    static MAY_PANIC: Cell<bool> = const { Cell::new(false) };
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
}

fn switch<const TEST: usize>(is_on: bool) {
    PANICS[TEST].store(is_on, Ordering::Relaxed);
}

/// Calls `call` in a thread in which the rule may panic. Returns whether it has.
fn has_panicked<T>(call: impl FnOnce() -> T) -> bool {
    MAY_PANIC.set(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    MAY_PANIC.set(false);
    result.is_err()
}

/// The change itself is made. The next one serves the waits.
fn a_panic_of_the_rule_in_a_setter_leaves_the_waits_queued() {
    for request in [1, 2] {
        let gate = Gate::<Fragile<0>>::new(0);
        scope(|scope| {
            let waiters = [(); 2].map(|()| scope.spawn(|| gate.wait(request)));
            wait_until_parked(&gate, 2);
            switch::<0>(true);
            assert!(has_panicked(|| gate.add(3)));
            switch::<0>(false);
            assert_eq!((gate.value(), parked(&gate)), (3, 2));
            gate.add(1);
            waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        });
        assert_eq!(gate.value(), 4 - 2 * u64::from(request));
    }
}

/// It takes nothing, and those behind it are served by the next change.
fn a_panic_of_the_rule_in_a_called_wait_removes_it() {
    let gate = Gate::<Fragile<1>>::new(0);
    scope(|scope| {
        let fragile = scope.spawn(|| has_panicked(|| gate.wait(1)));
        wait_until_parked(&gate, 1);
        let other = scope.spawn(|| gate.wait(1));
        wait_until_parked(&gate, 2);
        switch::<1>(true);
        gate.add(1);
        assert!(fragile.join().unwrap());
        assert_eq!((gate.value(), parked(&gate)), (1, 1));
        gate.add(1);
        other.join().unwrap();
    });
    assert_eq!((gate.value(), parked(&gate)), (1, 0));
    assert!(gate.try_take(1));
}

fn a_panic_of_the_rule_at_a_limit_removes_the_wait() {
    let gate = Gate::<Fragile<2>>::new(0);
    scope(|scope| {
        let fragile = scope.spawn(|| has_panicked(|| gate.wait_for(2, 20 * SHORT)));
        let other = scope.spawn(|| gate.wait_for(1, FOREVER));
        wait_until_parked(&gate, 2);
        switch::<2>(true);
        assert!(fragile.join().unwrap());
        assert_eq!(parked(&gate), 1);
        gate.add(1);
        assert!(other.join().unwrap());
    });
    assert_eq!((gate.value(), parked(&gate)), (0, 0));
}

fn a_panic_of_the_rule_before_a_wait_is_queued() {
    let gate = Gate::<Fragile<3>>::new(1);
    switch::<3>(true);
    assert!(has_panicked(|| gate.wait(1)));
    assert!(has_panicked(|| gate.wait_for(1, SHORT)));
    assert!(has_panicked(|| gate.try_take(1)));
    assert_eq!((gate.value(), parked(&gate)), (1, 0));
    assert!(gate.try_take(1));
}
