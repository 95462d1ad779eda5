//! Tasks that wait for all of several objects: what they do with their wakers, and what these may do.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use rsevents::{WaitAll, wait_all_async, wait_all_for, wait_all0, wait_any_async};

use super::all::{assert_taken, make, new_events, pending_all, unset_events, waiting};
use super::futures::{Use, pending, try_in_wakers};
use super::several::{are_set, queued, signals};
use super::{
    Act, Event, Probe, Race, Task, assert_panics, assert_set_once, kept, leak, scope, spin, unset,
    wait_until, waits_for_all,
};

/// 155: the second poll is another thread's.
pub(crate) fn c124_c130_c155_only_the_newest_waker_for_all_is_woken<E: Event>() {
    let events = unset_events::<E, 2>();
    for last in 0..2 {
        let mut task = pending_all(&signals(events));
        assert!(!task.is_ready() && !task.is_ready());
        assert_eq!((task.probe.clones(), task.probe.drops()), (1, 0));
        let newest = Probe::new();
        scope(|scope| {
            let poll = || assert!(newest.poll(task.future.as_mut()).is_pending());
            scope.spawn(poll).join().unwrap();
        });
        assert_eq!((task.probe.clones(), task.probe.drops()), (1, 1));
        events[1 - last].set();
        assert_eq!((waiting(events), newest.wakes()), ([1; 2], 0));
        events[last].set();
        assert_eq!((task.probe.wakes(), newest.wakes(), newest.drops()), (0, 1, 0));
        assert!(task.is_ready());
        assert_eq!((task.probe.clones(), newest.clones()), (1, 1));
        assert_taken(events);
    }
}

/// Another waker at each poll, while the last set comes from another thread.
pub(crate) fn c124_the_last_set_against_a_new_waker_wakes_the_newest<E: Event>() {
    let events = unset_events::<E, 2>();
    let race = Race::new(20_000);
    let begin = || {
        make(events, [true, false]);
        pending_all(&signals(events))
    };
    let task = RefCell::new(begin());
    let mut passed = 0;
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                spin(fastrand::usize(..200));
                events[1].set();
            };
            race.run(part, drop);
        });
        let part = |_| {
            let newest = Probe::new();
            (newest.poll(task.borrow_mut().future.as_mut()).is_ready(), newest)
        };
        race.run(part, |(has_passed, newest): (bool, Probe)| {
            let mut task = task.borrow_mut();
            if has_passed {
                passed += 1;
            } else {
                assert_eq!((task.probe.wakes(), newest.wakes()), (0, 1));
                assert!(task.is_ready());
            }
            let wakers = [&task.probe, &newest];
            assert!(wakers.iter().all(|it| it.clones() == it.drops() + it.wakes()));
            assert_taken(events);
            *task = begin();
        })
    });
    println!("{rounds} races, {passed} polls have passed");
}

/// A wait that keeps its objects alive, also if it is leaked.
struct Owned<E> {
    wait: Pin<Box<WaitAll>>,
    _events: Arc<[E; 2]>,
}

impl<E: Event> Owned<E> {
    fn new(events: &Arc<[E; 2]>) -> Self {
        // SAFETY: it owns a reference, and so they live as long as the wait: it is dropped first.
        let objects: &'static [E; 2] = unsafe { &*Arc::as_ptr(events) };
        Self { wait: Box::pin(wait_all_async(&signals(objects))), _events: Arc::clone(events) }
    }
}

impl<E> Future for Owned<E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.wait.as_mut().poll(context)
    }
}

pub(crate) fn c125_wakers_may_use_the_same_objects_for_all<E: Event>() {
    let uses: [Use<[E; 2], Owned<E>>; 7] = [
        |events, _| events.iter().for_each(E::set),
        |events, _| events.iter().for_each(E::reset),
        |events, _| _ = wait_all0(&signals(events)),
        |events, _| _ = wait_all_for(&signals(events), Duration::from_nanos(1)),
        |events, _| _ = Task::new(Owned::new(events)).is_ready(),
        |events, _| _ = events.iter().filter(|event| event.wait0() || event.is_set()).count(),
        |events, _| _ = Task::new(wait_any_async(&signals(events))).is_ready(),
    ];
    let set = |events: &[E; 2]| events.iter().for_each(E::set);
    try_in_wakers(
        &uses,
        || [(); 2].map(|()| unset()),
        Owned::new,
        set,
        |events| {
            make(events, [false; 2]);
            assert_eq!(are_set(events), [false; 2]);
            assert!(!wait_all_for(&signals(events), Duration::from_nanos(1)));
            // The other wait may be there.
            make(events, [true; 2]);
            make(events, [true; 2]);
            assert!(wait_all0(&signals(events)));
            assert_taken(events);
        },
    );
}

/// Of what is not consumed: of those that one set releases.
pub(crate) fn c147_a_waker_may_drop_another_wait_for_all<E: Event>() {
    let [event, open] = new_events::<E, 2>([false, true]);
    for (dropping, dropped) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
        let tasks: &'static [Mutex<Option<Task<WaitAll>>>; 3] =
            kept([(); 3].map(|()| Mutex::default()));
        for (place, task) in tasks.iter().enumerate() {
            let probe = Probe::with(move |act| {
                if act == Act::Wake && place == dropping {
                    drop(tasks[dropped].lock().unwrap().take());
                }
            });
            let wait = wait_all_async(&[open, event]);
            *task.lock().unwrap() = Some(Task::pending_with(wait, probe));
        }
        event.set();
        event.reset();
        for (place, task) in tasks.iter().enumerate() {
            match task.lock().unwrap().take() {
                Some(mut task) => assert!(task.is_woken() && task.is_ready()),
                None => assert_eq!(place, dropped),
            }
        }
        assert_eq!((waits_for_all(event), waits_for_all(open)), (0, 0));
    }
}

/// Of what is not consumed. A set is stuck in the waker of the first of two waits that it has released. A set of
/// another object wakes its own.
pub(crate) fn c29_a_stuck_setter_does_not_hold_up_other_waits_for_all<E: Event>() {
    let [event, other, open @ ..] = new_events::<E, 5>([false, false, true, true, true]);
    let goes_on = Arc::new(AtomicBool::new(false));
    let stuck = Task::pending_with(wait_all_async(&[event, &open[0]]), Probe::stuck(&goes_on));
    let mut second = pending_all(&[&open[1], event]);
    let mut of_other = pending_all(&[other, &open[2]]);
    scope(|scope| {
        scope.spawn(|| event.set());
        wait_until(|| stuck.is_woken());
        other.set();
        let is_woken = of_other.is_woken();
        goes_on.store(true, Ordering::Relaxed);
        assert!(is_woken, "its set has returned");
    });
    assert!(second.is_woken() && second.is_ready() && of_other.is_ready());
}

pub(crate) fn c151_c152_a_completed_wait_for_all_holds_nothing<E: Event>() {
    let events = new_events::<E, 2>([true; 2]);
    let mut never_queued = Task::new(wait_all_async(&signals(events)));
    assert!(never_queued.is_ready());
    assert_eq!(never_queued.probe.clones(), never_queued.probe.drops());
    make(events, [false; 2]);
    let mut kept = pending_all(&signals(events));
    make(events, [true; 2]);
    assert!(kept.is_ready());
    assert_eq!((waiting(events), queued(events)), ([0; 2], [0; 2]));
    assert_eq!(kept.probe.clones(), kept.probe.drops() + kept.probe.wakes());
    make(events, [true; 2]);
    for task in [&mut kept, &mut never_queued] {
        assert_panics(|| _ = task.poll(), &["completed before"]);
    }
    drop([kept, never_queued]);
    events.iter().for_each(assert_set_once);
}

/// The first poll passes by what is set after its check, in the clone of the waker. Then the waker is dropped.
pub(crate) fn a_waker_for_all_whose_clone_or_drop_panics_loses_nothing<E: Event>() {
    let panicking = Probe::panicking_once;
    let panics = |call: &mut dyn FnMut()| assert_panics(call, &["the waker has panicked"]);
    // In the first poll.
    let events = unset_events::<E, 2>();
    let future = Box::pin(wait_all_async(&signals(events)));
    let mut task = Task { future, probe: panicking(Act::Clone) };
    panics(&mut || _ = task.poll());
    assert!(!task.is_ready());
    assert_eq!(waiting(events), [1; 2]);
    // In a later one. The wait keeps the waker before.
    let other = panicking(Act::Clone);
    panics(&mut || _ = other.poll(task.future.as_mut()));
    make(events, [true; 2]);
    assert!(task.probe.wakes() == 1 && task.is_ready());
    assert_taken(events);

    // The drop of a waker that is replaced.
    let mut task = Task::pending_with(wait_all_async(&signals(events)), panicking(Act::Drop));
    let newest = Probe::new();
    panics(&mut || _ = newest.poll(task.future.as_mut()));
    make(events, [true; 2]);
    assert_eq!((task.probe.wakes(), newest.wakes(), task.is_ready()), (0, 1, true));
    assert_taken(events);

    // The drop of one whose wait is given up.
    let task = Task::pending_with(wait_all_async(&signals(events)), panicking(Act::Drop));
    let Task { future, probe } = task;
    let mut future = Some(future);
    panics(&mut || drop(future.take()));
    assert_eq!((waiting(events), probe.drops()), ([0; 2], 1));

    // And of one whose wait has passed by itself.
    for polls_again in [false, true] {
        let may_panic = AtomicBool::new(true);
        let sets = Probe::with(move |act| match act {
            Act::Clone => make(events, [true; 2]),
            Act::Drop => {
                let panics = may_panic.swap(false, Ordering::Relaxed);
                assert!(!panics, "the waker has panicked");
            }
            Act::Wake => {}
        });
        let mut task = Task { future: Box::pin(wait_all_async(&signals(events))), probe: sets };
        panics(&mut || _ = task.poll());
        if polls_again {
            assert!(task.is_ready());
        } else {
            drop(task.future);
            assert_eq!(are_set(events), [true; 2]);
            assert!(wait_all0(&signals(events)));
        }
        assert_taken(events);
    }
}

/// The setter gets the panic, and the wait has passed.
pub(crate) fn a_waker_of_a_wait_for_all_that_panics_keeps_no_other_asleep<E: Event>() {
    let events = unset_events::<E, 2>();
    let panicking = Probe::panicking;
    let panics = |call: &mut dyn FnMut()| assert_panics(call, &["the waker has panicked"]);
    let mut first = Task::pending_with(wait_all_async(&signals(events)), panicking());
    let mut second = pending_all(&signals(events));
    let [mut single] = pending(&events[1]);
    events[0].set();
    panics(&mut || events[1].set());
    assert_eq!((are_set(events), first.is_ready()), ([!E::CONSUMES; 2], true));
    if E::CONSUMES {
        assert!(!second.is_woken() && !single.is_woken());
        make(events, [true; 2]);
        events[1].set();
    }
    assert!(second.is_woken() && second.is_ready() && single.is_woken() && single.is_ready());
    assert_taken(events);

    // While a panic unwinds, a second one does not abort the process.
    let mut first = Some(pending_all(&signals(events)));
    make(events, [true; 2]);
    make(events, [false; 2]);
    let mut second = Task::pending_with(wait_all_async(&signals(events)), panicking());
    let unwind = || {
        let _dropped = first.take();
        panic!("the first panic");
    };
    assert_panics(unwind, &["the first panic"]);
    assert_eq!(second.is_woken(), E::CONSUMES);
    if !E::CONSUMES {
        events[0].set();
        panics(&mut || events[1].set());
    }
    assert!(second.is_ready());
    assert_taken(events);

    // If nothing unwinds, a drop that wakes such a waker does.
    let first = pending_all(&signals(events));
    make(events, [true; 2]);
    make(events, [false; 2]);
    let second = Task::pending_with(wait_all_async(&signals(events)), panicking());
    let result = catch_unwind(AssertUnwindSafe(|| drop(first)));
    assert_eq!((result.is_err(), second.is_woken()), (E::CONSUMES, E::CONSUMES));
    drop(second.probe);
    drop(second.future);
    make(events, [true; 2]);
    assert!(wait_all0(&signals(events)));
    assert_taken(events);
}

/// Once all are set. Then it is gone.
pub(crate) fn c160_a_leaked_wait_for_all_takes_one_set_of_each<E: Event>() {
    let (events, probe) = (unset_events::<E, 2>(), Probe::new());
    assert!(probe.poll(leak(wait_all_async(&signals(events)))).is_pending());
    let mut behind = pending_all(&signals(events));
    events[0].set();
    assert!(events[0].is_set() && probe.wakes() == 0);
    events[1].set();
    assert_eq!((probe.wakes(), behind.is_woken()), (1, !E::CONSUMES));
    assert_eq!(waiting(events), [usize::from(E::CONSUMES); 2]);
    make(events, [true; 2]);
    assert!(behind.is_woken() && behind.is_ready() && probe.wakes() == 1);
    assert_taken(events);
}
