//! Objects for which a wait for all waits. The tests of a case have its number in their names.

mod support;

use std::panic::{self, panic_any};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Instant;

use rsevents::{
    AutoResetEvent, Awaitable, EventState, Gate, ManualResetEvent, Part, Rule, Signal, WaitAll,
    wait_all, wait_all_async, wait_all_until, wait_any_async,
};
use support::gates::{OfPermits, Request};
use support::{
    Act, FOREVER, Probe, SHORT, Task, kept, leak, scope, wait_until, waits_for_all, watchdog_tests,
};

watchdog_tests! {
    c160_a_leaked_wait_takes_nothing_from_a_watched_event,
    c160_a_leaked_wait_takes_nothing_from_a_watched_gate,
    c204_permits_behind_a_member_that_has_ended,
    c204_permits_between_a_member_that_has_ended_and_a_large_request,
    c145_once_one_wait_for_all_was_released_all_are,
    c29_a_released_wait_for_all_that_is_dropped_wakes_another_one,
    c204_a_set_satisfies_all_waits_for_all,
    c99_an_expired_wait_for_all_passes_if_all_are_set,
    the_payload_of_a_panic_in_a_rule_may_use_events,
    c151_a_completed_wait_for_all_keeps_no_waker,
    c29_waits_for_all_that_were_released_wake_others,
}

fn auto(is_set: bool) -> &'static AutoResetEvent {
    kept(is_set.into())
}

fn gate(permits: u64) -> &'static Gate<OfPermits> {
    kept(Gate::new(permits))
}

fn manual() -> &'static ManualResetEvent {
    kept(false.into())
}

fn ask(gate: &'static Gate<OfPermits>, request: u32) -> &'static Request<'static, OfPermits> {
    kept(Request(gate, request))
}

fn all(signals: &[&'static dyn Signal]) -> Task<WaitAll> {
    Task::pending(wait_all_async(signals))
}

/// A new object at the address of one for which a wait was leaked, and a wait for all of it and an event that is unset.
fn in_place_of_a_leaked<T: Signal + Unpin + 'static>(
    new: fn() -> T,
    leak_wait: fn(&T),
) -> (&'static T, Task<WaitAll>) {
    let place = leak(new()).get_mut();
    leak_wait(place);
    *place = new();
    let object = &*place;
    (object, all(&[object, auto(false)]))
}

fn c160_a_leaked_wait_takes_nothing_from_a_watched_event() {
    let (event, _watch) = in_place_of_a_leaked(AutoResetEvent::default, |event| {
        assert!(Probe::new().poll(leak(event.wait_async())).is_pending());
    });
    event.set();
    assert!(event.wait0(), "a leaked wait took the set");
}

fn c160_a_leaked_wait_takes_nothing_from_a_watched_gate() {
    struct One(Gate<OfPermits>);
    impl Signal for One {
        fn part(&self) -> Part<'_> {
            self.0.part(1)
        }
    }
    let (one, _watch) = in_place_of_a_leaked(
        || One(Gate::new(0)),
        |one| {
            assert!(Probe::new().poll(leak(one.0.wait_async(1))).is_pending());
        },
    );
    one.0.add(1);
    assert_eq!(one.0.value(), 1, "a leaked wait took the permit");
}

/// A member that has ended no longer keeps the permits from a wait for all.
fn c204_permits_behind_a_member_that_has_ended() {
    let (gate, other, set) = (gate(0), auto(false), auto(true));
    let _any = Task::pending(wait_any_async(&[ask(gate, 2), other]));
    let mut all = all(&[ask(gate, 1), set]);
    other.set(); // for the first one, which is not polled
    gate.add(2);
    assert!(all.is_woken(), "all is there");
    assert!(all.is_ready());
    assert_eq!(gate.value(), 1);
}

/// The same with a request behind it for which the value is not enough.
fn c204_permits_between_a_member_that_has_ended_and_a_large_request() {
    let (gate, other, set) = (gate(0), auto(false), auto(true));
    let _any = Task::pending(wait_any_async(&[ask(gate, 2), other]));
    let _large = Task::pending(gate.wait_async(5));
    let mut all = all(&[ask(gate, 1), set]);
    other.set();
    gate.add(2);
    // The large one keeps its place now.
    assert!(!all.is_ready());
}

/// A manual-reset event that is set releases a task, which calls `hook` when it is woken, and then others that wait
/// for it and `second`.
fn in_a_set(
    hook: impl Fn(&'static ManualResetEvent) + Send + Sync + 'static,
    second: impl FnOnce(&'static ManualResetEvent),
) {
    let event = manual();
    let probe = Probe::with(move |act| {
        if act == Act::Wake {
            hook(event);
        }
    });
    let _first = Task::pending_with(wait_all_async(&[event, auto(true)]), probe);
    second(event);
}

fn c145_once_one_wait_for_all_was_released_all_are() {
    static SECOND: Mutex<Option<Task<WaitAll>>> = Mutex::new(None);
    let is_ready = || SECOND.lock().unwrap().as_mut().is_some_and(Task::is_ready);
    in_a_set(
        move |_| assert!(is_ready(), "released in part"),
        |event| {
            *SECOND.lock().unwrap() = Some(all(&[event, auto(true)]));
            event.set();
        },
    );
}

/// By another thread than the setter, which is in the waker of the first one.
fn c29_a_released_wait_for_all_that_is_dropped_wakes_another_one() {
    static OTHERS: Mutex<Vec<Task<WaitAll>>> = Mutex::new(Vec::new());
    in_a_set(
        |_| {
            let mut others = OTHERS.lock().unwrap();
            let second = others.remove(0);
            assert!(!others[0].is_woken());
            thread::scope(|scope| {
                scope.spawn(|| drop(second));
            });
            assert!(others[0].is_woken() && !others[1].is_woken());
        },
        |event| {
            *OTHERS.lock().unwrap() = (0..3).map(|_| all(&[event, auto(true)])).collect();
            event.set();
        },
    );
}

/// The waker of the first one resets the event.
fn c204_a_set_satisfies_all_waits_for_all() {
    in_a_set(ManualResetEvent::reset, |event| {
        let mut second = all(&[event, auto(true)]);
        event.set();
        assert!(second.is_ready(), "the set has returned");
    });
}

/// Its deadline comes while the setter is in the waker of another one.
fn c99_an_expired_wait_for_all_passes_if_all_are_set() {
    static PASSED: Mutex<Option<bool>> = Mutex::new(None);
    static RELEASED: Mutex<Option<Instant>> = Mutex::new(None);
    let has_returned = || PASSED.lock().unwrap().is_some();
    let mut limit = SHORT;
    loop {
        *PASSED.lock().unwrap() = None;
        let deadline = Instant::now() + limit;
        in_a_set(
            move |_| {
                *RELEASED.lock().unwrap() = Some(Instant::now());
                wait_until(has_returned);
            },
            |event| {
                scope(|scope| {
                    let other = auto(true);
                    scope.spawn(move || {
                        let passed = wait_all_until(&[event, other], deadline);
                        *PASSED.lock().unwrap() = Some(passed);
                    });
                    wait_until(|| waits_for_all(event) == 2 || has_returned());
                    event.set();
                });
            },
        );
        let passed = PASSED.lock().unwrap().unwrap();
        let is_in_time = RELEASED.lock().unwrap().unwrap() < deadline;
        assert!(passed || !is_in_time, "a set before the deadline was missed");
        if passed && is_in_time {
            return;
        }
        limit *= 2;
    }
}

/// The payload of a rule's panic is not dropped under a lock.
fn the_payload_of_a_panic_in_a_rule_may_use_events() {
    struct Fragile;
    static FAILS: AtomicBool = AtomicBool::new(false);
    static EVENT: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            EVENT.set();
        }
    }
    impl Rule for Fragile {
        fn take(value: u64, _: u32) -> Option<u64> {
            if FAILS.load(Ordering::Relaxed) {
                panic_any(Payload);
            }
            value.checked_sub(1)
        }
    }
    let gate = kept(Gate::<Fragile>::new(0));
    let _all = all(&[kept(Request(gate, 1)), &EVENT]);
    FAILS.store(true, Ordering::Relaxed);
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        let _ = panic::catch_unwind(|| gate.add(1));
        FAILS.store(false, Ordering::Relaxed);
        let _ = done.send(());
    });
    is_done.recv_timeout(FOREVER).expect("a deadlock");
}

/// A future that has completed keeps no waker, also if it never was released by another thread.
fn c151_a_completed_wait_for_all_keeps_no_waker() {
    let probe = Probe::new();
    let mut wait = Box::pin(wait_all_async(&[auto(true), auto(true)]));
    assert!(probe.poll(wait.as_mut()).is_ready());
    assert_eq!(probe.clones(), probe.drops());
    drop(wait);
}

/// Contract 29: while the setter is stuck in the waker of the first one, that one's task wakes another, and so on.
fn c29_waits_for_all_that_were_released_wake_others() {
    static FIRST: Mutex<Option<Pin<Box<WaitAll>>>> = Mutex::new(None);
    let event = manual();
    let (returned, has_returned) = mpsc::channel();
    let has_returned = Mutex::new(has_returned);
    let probe = Probe::with(move |act| {
        if act == Act::Wake {
            thread::spawn(|| {
                let mut first = FIRST.lock().unwrap();
                assert!(Probe::new().poll(first.as_mut().unwrap().as_mut()).is_ready());
            });
            for _ in 0..3 {
                let returned = has_returned.lock().unwrap().recv_timeout(FOREVER);
                returned.expect("left to the setter");
            }
        }
    });
    let mut first = Box::pin(wait_all_async(&[event, auto(true)]));
    assert!(probe.poll(first.as_mut()).is_pending());
    *FIRST.lock().unwrap() = Some(first);
    for _ in 0..3 {
        let returned = returned.clone();
        thread::spawn(move || {
            wait_all(&[event, auto(true)]);
            returned.send(()).unwrap();
        });
    }
    wait_until(|| waits_for_all(event) == 4);
    event.set();
}
