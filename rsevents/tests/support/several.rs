//! Waits for one of several objects: contract 109-119 and 185-203, on whatever can be set and reset.
//! [`Event::CONSUMES`] tells whether a set is for one wait.

use std::array;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use rsevents::{
    AutoResetEvent, Part, Signal, WaitAny, Won, wait_any, wait_any_async, wait_any_for,
    wait_any_until, wait_any0,
};

use super::futures::{MANY, Use, pending, try_in_wakers};
use super::limits::{
    a_wake_up_does_not_prolong, release_beats_later_deadlines, set_and_reset, times_out_in_time,
};
use super::{
    Act, Event, FOREVER, Plain, Probe, Race, SHORT, Task, assert_panics, assert_set_once, block_on,
    freed_by_its_waiter, leak, mutual_exclusion, parked, past, queue, random_limit,
    release_races_timeout, rounds, scope, set, spin, unset, wait_until, wait_until_parked,
    with_locked,
};

/// A way to wait for one of several.
type Form = fn(&[&dyn Signal]) -> Option<usize>;

/// Those that wait until they pass.
const BLOCKING: [Form; 4] = [
    |signals| Some(wait_any(signals)),
    |signals| wait_any_for(signals, FOREVER),
    |signals| wait_any_until(signals, Instant::now() + FOREVER),
    |signals| Some(block_on(wait_any_async(signals))),
];

/// Those that do not block.
const AT_ONCE: [Form; 4] = [
    wait_any0,
    |signals| wait_any_for(signals, Duration::ZERO),
    |signals| wait_any_until(signals, Instant::now()),
    |signals| wait_any_until(signals, past()),
];

pub(crate) fn signals<E: Signal, const N: usize>(events: &[E; N]) -> [&dyn Signal; N] {
    events.each_ref().map(|event| event as &dyn Signal)
}

/// A task that waits for one of these.
pub(crate) fn pending_any<'a>(signals: &[&'a dyn Signal]) -> Task<WaitAny<'a>> {
    Task::pending(wait_any_async(signals))
}

pub(crate) fn place<F: Future<Output = usize>>(task: &mut Task<F>) -> Option<usize> {
    match task.poll() {
        Poll::Ready(place) => Some(place),
        Poll::Pending => None,
    }
}

fn unset_events<E: Event, const N: usize>() -> [E; N] {
    [(); N].map(|()| unset())
}

pub(crate) fn are_set<E: Event, const N: usize>(events: &[E; N]) -> [bool; N] {
    events.each_ref().map(E::is_set)
}

/// How many waits are queued at each.
pub(crate) fn queued<E: Event, const N: usize>(events: &[E; N]) -> [usize; N] {
    events.each_ref().map(parked)
}

/// 110: one that is not consumed wins until it is reset.
pub(crate) fn c109_c110_the_first_that_is_set_wins<E: Event>() {
    for form in BLOCKING.into_iter().chain(AT_ONCE) {
        let events = [false, true, true].map(E::new);
        let signals = signals(&events);
        assert_eq!(form(&signals), Some(1));
        assert_eq!(are_set(&events), [false, !E::CONSUMES, true]);
        if !E::CONSUMES {
            assert_eq!(form(&signals), Some(1));
            events[1].reset();
        }
        assert_eq!(form(&signals), Some(2));
        assert_eq!(are_set(&events), [false, false, !E::CONSUMES]);
        assert_eq!(queued(&events), [0; 3]);
    }
}

pub(crate) fn c92_c111_a_wait_whose_limit_has_passed_takes_nothing<E: Event>() {
    let events: [E; 3] = unset_events();
    for form in AT_ONCE {
        for event in &events {
            // It does not queue even for a moment: the lock of the queue is held until it returns.
            with_locked(queue(event), |_| assert_eq!(form(&signals(&events)), None));
        }
        assert_eq!(are_set(&events), [false; 3]);
    }
}

/// 189: also if it is reset at once.
pub(crate) fn c112_c189_whichever_is_set_releases_the_wait<E: Event>() {
    for form in BLOCKING {
        for (winner, resets) in [(0, false), (1, true), (2, false), (2, true)] {
            let events: [E; 3] = unset_events();
            scope(|scope| {
                let waiter = scope.spawn(|| form(&signals(&events)));
                wait_until(|| queued(&events) == [1; 3]);
                events[winner].set();
                if resets {
                    events[winner].reset();
                }
                assert_eq!(waiter.join().unwrap(), Some(winner));
            });
            assert_eq!(queued(&events), [0; 3]);
            let is_left = |place| place == winner && !E::CONSUMES && !resets;
            assert_eq!(are_set(&events), array::from_fn(is_left));
        }
    }
}

/// Of a thread and of a task. The wait is in the queue of each when they are set.
pub(crate) fn c112_c185_of_two_that_are_set_one_is_taken<E: Event>() {
    let events: [E; 2] = unset_events();
    let race = Race::new(20_000);
    let task = RefCell::new(Some(pending_any(&signals(&events))));
    let mut firsts = 0;
    let rounds = scope(|scope| {
        scope.spawn(|| race.run(|_| events[0].set(), drop));
        race.run(
            |_| events[1].set(),
            |()| {
                // Both have returned, and the task has not run.
                let left = are_set(&events);
                let mut waiter = task.take().expect("begun");
                assert!(waiter.is_woken());
                let winner = place(&mut waiter).expect("one was set");
                let expected = array::from_fn(|place| !E::CONSUMES || place != winner);
                assert_eq!((left, are_set(&events)), (expected, expected));
                firsts += usize::from(winner == 0);
                events.iter().for_each(E::reset);
                task.replace(Some(pending_any(&signals(&events))));
            },
        )
    });
    println!("{rounds} races, the first has won {firsts}");
    drop(task);
    for _ in 0..self::rounds(200) {
        scope(|scope| {
            let waiter = scope.spawn(|| wait_any(&signals(&events)));
            wait_until(|| queued(&events) == [1, 1]);
            let setter = scope.spawn(|| events[1].set());
            events[0].set();
            setter.join().unwrap();
            let left = are_set(&events);
            let winner = waiter.join().unwrap();
            let expected = array::from_fn(|place| !E::CONSUMES || place != winner);
            assert_eq!((left, are_set(&events)), (expected, expected));
        });
        events.iter().for_each(E::reset);
    }
}

/// Of auto-reset events. A thread that takes what it finds gets what the wait has not taken, and no more.
pub(crate) fn c185_a_third_thread_takes_only_what_is_left<E: Event>() {
    let (events, taken) = (unset_events::<E, 2>(), AtomicUsize::new(0));
    let rounds = rounds(10_000);
    let take = || {
        let found = events.iter().filter(|event| event.wait0()).count();
        taken.fetch_add(found, Ordering::Relaxed);
    };
    scope(|scope| {
        scope.repeat(take);
        for round in 0..rounds {
            let mut waiter = pending_any(&signals(&events));
            events[round % 2].set();
            events[1 - round % 2].set();
            assert!(waiter.is_woken() && waiter.is_ready(), "another has taken its set");
            take();
        }
    });
    assert_eq!(taken.into_inner(), rounds);
}

/// 196: a `wait_any0` finds a set that the wait may take, or has taken.
pub(crate) fn c186_c196_a_set_while_the_wait_begins_is_taken_once<E: Event>() {
    let events: [E; 2] = unset_events();
    let race = Race::new(20_000);
    let found = AtomicBool::new(false);
    let (mut passed, mut both) = (0, 0);
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |round: usize| {
                spin(fastrand::usize(..200));
                let first = round % 2;
                events[first].set();
                match round % 3 {
                    0 => found.store(wait_any0(&[&events[first]]).is_some(), Ordering::Relaxed),
                    1 => events[1 - first].set(),
                    _ => {}
                }
            };
            race.run(part, drop);
        });
        let part = |round| {
            let mut waiter = Task::new(wait_any_async(&signals(&events)));
            (round, place(&mut waiter), waiter)
        };
        race.run(part, |(round, at_once, mut waiter)| {
            let was_found = round % 3 == 0 && found.swap(false, Ordering::Relaxed);
            let winner = at_once.or_else(|| place(&mut waiter));
            let sets = [round % 2 == 0, round % 2 == 1].map(|is_first| is_first || round % 3 == 1);
            assert!(winner.is_none_or(|winner| sets[winner]), "passed by what was not set");
            let left = array::from_fn(|place| {
                sets[place] && (!E::CONSUMES || !(was_found || winner == Some(place)))
            });
            assert_eq!(are_set(&events), left);
            assert!(was_found && E::CONSUMES || winner.is_some(), "lost");
            assert!(was_found || E::CONSUMES || round % 3 != 0, "not found");
            assert!(!E::CONSUMES || !was_found || winner.is_none(), "taken twice");
            passed += usize::from(at_once.is_some());
            both += usize::from(was_found);
            events.iter().for_each(E::reset);
        })
    });
    println!("{rounds} races, {passed} waits have passed at once, {both} found by `wait_any0`");
}

/// The wait that was released completes, or is dropped, or was not released and is dropped. Every other time
/// another wait is behind it.
pub(crate) fn c188_c190_a_set_while_the_wait_leaves_is_not_lost<E: Event>() {
    let events: [E; 2] = unset_events();
    let race = Race::new(30_000);
    let begin = |round| {
        let waiter = pending_any(&signals(&events));
        let behind = (round % 2 == 0).then(|| Task::pending(events[1].wait_async()));
        if round % 3 > 0 {
            events[0].set();
        }
        (Some(waiter), behind)
    };
    let tasks = RefCell::new(begin(1));
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                spin(fastrand::usize(..200));
                events[1].set();
            };
            race.run(part, drop);
        });
        let part = |round| {
            let mut waiter = tasks.borrow_mut().0.take().expect("begun");
            spin(fastrand::usize(..200));
            if round % 3 == 1 {
                assert_eq!(place(&mut waiter), Some(0));
            }
            drop(waiter);
            round
        };
        race.run(part, |round| {
            let behind = tasks.take().1;
            let is_first_left = round % 3 == 2 || (round % 3 == 1 && !E::CONSUMES);
            let is_second_left = behind.is_none() || !E::CONSUMES;
            assert!(behind.is_none_or(|mut behind| behind.is_woken() && behind.is_ready()));
            assert_eq!(are_set(&events), [is_first_left, is_second_left]);
            events.iter().for_each(|event| assert!(!event.is_set() || event.wait0()));
            assert_eq!(are_set(&events).contains(&true), !E::CONSUMES);
            events.iter().for_each(E::reset);
            tasks.replace(begin(round + 1));
        })
    });
    println!("{rounds} races");
}

/// It is handed on to the next wait, or stays set. The others are as they were.
pub(crate) fn c188_a_released_wait_that_is_dropped_hands_on<E: Event>() {
    for winner in 0..3 {
        for has_next in [false, true] {
            let events: [E; 3] = unset_events();
            let released = pending_any(&signals(&events));
            let mut next = has_next.then(|| pending_any(&signals(&events)));
            let mut behind = events.each_ref().map(|event| Task::pending(event.wait_async()));
            events[winner].set();
            assert!(released.is_woken());
            drop(released);
            if let Some(next) = &mut next {
                assert!(next.is_woken());
                assert_eq!(place(next), Some(winner));
                assert_eq!(behind[winner].is_woken(), !E::CONSUMES);
                events[winner].reset();
                events[winner].set();
            }
            for (place, behind) in behind.iter_mut().enumerate() {
                assert_eq!(
                    (behind.is_woken(), behind.is_ready()),
                    (place == winner, place == winner)
                );
            }
            drop(behind);
            assert_eq!(queued(&events), [0; 3]);
            assert_eq!(are_set(&events), array::from_fn(|place| place == winner && !E::CONSUMES));
        }
        let events: [E; 3] = unset_events();
        let released = pending_any(&signals(&events));
        events[winner].set();
        drop(released);
        assert_eq!(are_set(&events), array::from_fn(|place| place == winner));
        assert_set_once(&events[winner]);
    }
}

pub(crate) fn c123_c132_c188_a_dropped_wait_leaves_no_trace<E: Event>() {
    let events: [E; 3] = unset_events();
    for event in &events {
        // Not even a lock is taken.
        let drop_new = || drop(Task::new(wait_any_async(&signals(&events))));
        with_locked(queue(event), |_| drop_new());
    }
    let [dropped, mut next] = [(); 2].map(|()| pending_any(&signals(&events)));
    let probe = dropped.cancel();
    assert_eq!((probe.clones(), probe.drops(), probe.wakes()), (1, 1, 0));
    assert_eq!(queued(&events), [1; 3]);
    events[1].set();
    assert_eq!(place(&mut next), Some(1));
    assert_eq!(next.probe.clones(), next.probe.drops() + next.probe.wakes());
    assert_eq!(queued(&events), [0; 3]);
    events[1].reset();
    for event in &events {
        // Which takes no lock, as no wait is queued.
        with_locked(queue(event), |_| event.set());
        assert_set_once(event);
    }
}

/// By threads and by tasks.
pub(crate) fn c192_the_number_of_objects_has_no_limit<E: Event>() {
    let most = rounds(1_000).max(9);
    for number in [1, 8, 9, 64, 65, 1_000].into_iter().filter(|number| *number <= most) {
        let events: Vec<E> = (0..number).map(|_| unset()).collect();
        let signals: Vec<_> = events.iter().map(|event| event as &dyn Signal).collect();
        let are_queued = |waits| events.iter().all(|event| parked(event) == waits);
        assert_eq!(wait_any0(&signals), None);
        assert_eq!(wait_any_for(&signals, Duration::from_nanos(1)), None);
        assert!(are_queued(0));
        for winner in [0, number / 2, number - 1] {
            let mut task = pending_any(&signals);
            assert!(are_queued(1));
            events[winner].set();
            assert_eq!(place(&mut task), Some(winner));
            assert!(are_queued(0));
            events[winner].reset();
            scope(|scope| {
                let thread = scope.spawn(|| wait_any(&signals));
                wait_until(|| parked(&events[number - 1]) == 1);
                events[winner].set();
                assert_eq!(thread.join().unwrap(), winner);
            });
            assert!(are_queued(0));
            events[winner].reset();
            events[winner].set();
            assert_eq!(wait_any(&signals), winner);
            events[winner].reset();
            assert!(events.iter().all(|event| !event.is_set()));
        }
    }
}

/// Neither by waits that pass at once, nor by those that are queued, released and given up. `allocations` counts
/// those of this thread.
pub(crate) fn up_to_eight_objects_need_no_memory<E: Event>(allocations: impl Fn() -> usize) {
    let (events, rounds) = (unset_events::<E, 8>(), rounds(20_000));
    let [active, quiet @ ..] = &events;
    let signals = signals(&events);
    let probe = Probe::new();
    let before = allocations();
    for _ in 0..rounds {
        assert!(probe.poll(pin!(wait_any_async(&signals))).is_pending());
        let mut wait = pin!(wait_any_async(&signals));
        assert!(probe.poll(wait.as_mut()).is_pending());
        active.set();
        assert_eq!(probe.poll(wait), Poll::Ready(0));
        active.reset();
        active.set();
        assert_eq!(wait_any(&signals), 0);
        active.reset();
        assert_eq!(wait_any_for(&signals, Duration::from_nanos(1)), None);
    }
    // Where other tests wait for many objects, this thread may be the one that makes the table larger.
    let allocations = allocations() - before;
    assert!(allocations < 20 + rounds / 10, "{allocations} allocations by {rounds} waits");
    assert!(quiet.iter().all(|event| parked(event) == 0));
}

pub(crate) fn c116_the_same_object_may_be_there_several_times<E: Event>() {
    let [event, other] = &unset_events::<E, 2>();
    let signals: [&dyn Signal; 4] = [other, event, event, event];
    for form in BLOCKING.into_iter().chain(AT_ONCE) {
        event.set();
        assert_eq!(form(&signals), Some(1));
        assert_eq!(event.is_set(), !E::CONSUMES);
        event.reset();
    }
    // The second set goes past the members whose wait has passed.
    let mut task = pending_any(&signals);
    assert_eq!((parked(event), parked(other)), (3, 1));
    event.set();
    assert!(!E::CONSUMES || !event.is_set());
    event.set();
    assert_eq!(place(&mut task), Some(1));
    assert_eq!((parked(event), parked(other)), (0, 0));
    assert_set_once(event);
    // It hands on one set.
    let task = pending_any(&signals);
    event.set();
    drop(task);
    assert_set_once(event);

    for form in BLOCKING {
        scope(|scope| {
            let waiter = scope.spawn(|| form(&signals));
            wait_until(|| (parked(event), parked(other)) == (3, 1));
            event.set();
            event.set();
            assert_eq!(waiter.join().unwrap(), Some(1));
        });
        assert_set_once(event);
    }
}

pub(crate) fn c193_waits_in_opposite_orders_both_pass<E: Event>() {
    for round in 0..rounds(300) {
        let [first, second] = &unset_events::<E, 2>();
        let wait: Form = if round % 3 == 0 { BLOCKING[3] } else { BLOCKING[0] };
        scope(|scope| {
            let there = scope.spawn(|| wait(&[first, second]));
            let back = scope.spawn(|| wait(&[second, first]));
            if round % 2 == 0 {
                wait_until(|| (parked(first), parked(second)) == (2, 2));
            }
            scope.spawn(|| first.set());
            second.set();
            let winners = [there, back].map(|waiter| waiter.join().unwrap().unwrap());
            assert!(!E::CONSUMES || winners[0] == winners[1], "by the same object");
        });
        assert_eq!((first.is_set(), second.is_set()), (!E::CONSUMES, !E::CONSUMES));
        assert_eq!((parked(first), parked(second)), (0, 0));
    }
}

/// Of what is consumed. Threads, and tasks that another thread polls all the time.
pub(crate) fn c194_two_sets_release_two_waits<E: Event>() {
    for round in 0..rounds(300) {
        let event: E = unset();
        let others: [E; 2] = unset_events();
        let lists: [[&dyn Signal; 2]; 2] = [[&others[0], &event], [&event, &others[1]]];
        let is_set_twice = AtomicBool::new(false);
        let set_twice = || {
            event.set();
            event.set();
            is_set_twice.store(true, Ordering::Release);
        };
        scope(|scope| {
            if round % 2 == 0 {
                let threads = lists.map(|list| scope.spawn(move || wait_any(&list)));
                wait_until(|| parked(&event) == 2 && queued(&others) == [1, 1]);
                set_twice();
                assert_eq!(threads.map(|thread| thread.join().unwrap()), [1, 0]);
                return;
            }
            let mut tasks = lists.map(|list| pending_any(&list));
            let mut winners = [None; 2];
            scope.spawn(set_twice);
            let mut is_last = false;
            while !is_last {
                is_last = is_set_twice.load(Ordering::Acquire);
                for (task, winner) in tasks.iter_mut().zip(&mut winners) {
                    *winner = winner.or_else(|| place(task));
                }
            }
            assert_eq!(winners, [Some(1), Some(0)], "two sets merged");
        });
        assert!(!event.is_set());
    }
}

/// Of what is consumed. Single waits and those for several, of threads and tasks.
pub(crate) fn c195_waits_are_released_in_one_order<E: Event>() {
    for _ in 0..rounds(30) {
        let event: E = unset();
        let others: [E; 2] = unset_events();
        let lists: [[&dyn Signal; 2]; 2] = [[&others[0], &event], [&event, &others[1]]];
        scope(|scope| {
            let begun = |queued| wait_until_parked(&event, queued);
            let first = scope.spawn(|| wait_any(&lists[0]));
            begun(1);
            let [mut second] = pending(&event);
            let third = scope.spawn(|| event.wait());
            begun(3);
            let mut fourth = pending_any(&lists[1]);
            let fifth = scope.spawn(|| wait_any_for(&lists[1], FOREVER));
            begun(5);
            let [sixth] = pending(&event);
            let set = |left| {
                event.set();
                wait_until_parked(&event, left);
            };
            set(5);
            assert_eq!(first.join().unwrap(), 1);
            assert!(!second.is_woken() && !third.is_finished());
            set(4);
            assert!(second.is_woken() && second.is_ready() && !third.is_finished());
            set(3);
            third.join().unwrap();
            assert!(!fourth.is_woken() && !fifth.is_finished());
            set(2);
            assert!(fourth.is_woken() && !fifth.is_finished());
            assert_eq!(place(&mut fourth), Some(0));
            set(1);
            assert_eq!(fifth.join().unwrap(), Some(0));
            assert!(!sixth.is_woken());
            set(0);
            assert!(sixth.is_woken());
        });
        assert_eq!(queued(&others), [0, 0]);
    }
}

/// Of what is not consumed, which is the last one.
pub(crate) fn c119_c197_what_comes_first_wins_over_a_cancellation<E: Event>() {
    let stop: E = unset();
    let own: Vec<AutoResetEvent> = (0..rounds(10_000).max(10)).map(|_| unset()).collect();
    let lists: Vec<[&dyn Signal; 2]> = own.iter().map(|own| [own as _, &stop as _]).collect();
    let tasks: Vec<_> = lists.iter().map(|list| pending_any(list)).collect();
    // Every fifth gets nothing before.
    let is_first = |place: usize| [1, 0, 0, 0, 0][place % 5];
    for (place, own) in own.iter().enumerate() {
        if is_first(place) == 0 {
            own.set();
        }
    }
    stop.set();
    assert_eq!(parked(&stop), 0);
    for (number, mut task) in tasks.into_iter().enumerate() {
        assert_eq!(task.probe.wakes(), 1);
        assert_eq!(place(&mut task), Some(is_first(number)));
        assert_eq!(place(&mut Task::new(wait_any_async(&lists[number]))), Some(1));
        own[number].set();
        assert_eq!(wait_any(&lists[number]), 0);
        assert_eq!(wait_any(&lists[number]), 1);
    }
}

/// `members` of tasks that were released by another object, and have not run, are in the queue before, between and
/// behind those that wait for this one alone.
pub(crate) fn c218_a_set_goes_past_waits_that_have_passed_elsewhere<E: Event>() {
    for members in [1, 3, MANY] {
        let [event, other] = &unset_events::<E, 2>();
        let begin = || -> Vec<_> { (0..members).map(|_| pending_any(&[event, other])).collect() };
        let release = || {
            let sets = if E::CONSUMES { 3 * members } else { 1 };
            (0..sets).for_each(|_| other.set());
        };
        let before = begin();
        let [mut first] = pending(event);
        let between = begin();
        let [mut second] = pending(event);
        let after = begin();
        release();
        assert_eq!(parked(event), 3 * members + 2);
        event.set();
        assert!(first.is_woken() && first.is_ready());
        assert_eq!(second.is_woken(), !E::CONSUMES);
        event.set();
        assert!(second.is_woken() && second.is_ready());
        assert!(E::CONSUMES || event.is_set());
        event.set();
        assert_eq!(parked(event), 0);
        for mut task in before.into_iter().chain(between).chain(after) {
            assert_eq!((task.probe.wakes(), place(&mut task)), (1, Some(1)));
        }
        assert_set_once(event);

        // Threads, which may be called.
        other.reset();
        scope(|scope| {
            let mut tasks = begin();
            let first = scope.spawn(|| event.wait());
            wait_until_parked(event, members + 1);
            tasks.extend(begin());
            let second = scope.spawn(|| event.wait_for(FOREVER));
            wait_until_parked(event, 2 * members + 2);
            tasks.extend(begin());
            release();
            event.set();
            event.set();
            first.join().unwrap();
            assert!(second.join().unwrap());
            assert!(!E::CONSUMES || !event.is_set());
            event.set();
            assert_eq!(parked(event), 0);
            assert!(tasks.iter_mut().all(|task| place(task) == Some(1)));
        });
        assert_set_once(event);
    }
}

/// 93: nor does a wait end before its limit. 94: nor long after.
pub(crate) fn c93_c94_c203_a_wait_that_times_out_leaves_no_trace<E: Event>() {
    let events: [E; 2] = unset_events();
    let signals = signals(&events);
    times_out_in_time(|limit| wait_any_for(&signals, limit).is_some());
    times_out_in_time(|limit| wait_any_until(&signals, Instant::now() + limit).is_some());
    let nanosecond = Duration::from_nanos(1);
    for _ in 0..rounds(50_000) {
        let start = Instant::now();
        assert_eq!(wait_any_for(&signals, nanosecond), None);
        assert!(start.elapsed() >= nanosecond);
    }
    assert_eq!(queued(&events), [0, 0]);
    events.iter().for_each(E::set);
    events.iter().for_each(assert_set_once);

    // Beside others, which go on waiting.
    let [event, other] = &events;
    let mut tasks: [_; 2] = pending(event);
    scope(|scope| {
        let patient = scope.spawn(|| wait_any_for(&signals, FOREVER));
        wait_until_parked(event, 3);
        assert_eq!(wait_any_for(&signals, SHORT), None);
        assert_eq!((parked(event), parked(other)), (3, 1));
        for task in &mut tasks {
            event.set();
            assert!(task.is_woken() && task.is_ready());
        }
        event.set();
        assert_eq!(patient.join().unwrap(), Some(0));
    });
    assert_eq!(are_set(&events), [!E::CONSUMES, false]);
}

pub(crate) fn c95_c96_a_far_limit_is_none<E: Event>() {
    const AGES: Duration = Duration::from_secs(i64::MAX as u64 / 2);
    let waits: [Form; 4] = [
        |signals| wait_any_for(signals, Duration::MAX),
        |signals| wait_any_for(signals, Duration::from_secs(u64::MAX / 2)),
        |signals| wait_any_for(signals, AGES),
        |signals| wait_any_until(signals, Instant::now() + Duration::from_secs(1000 * 3600)),
    ];
    for wait in waits {
        let events: [E; 2] = unset_events();
        scope(|scope| {
            let waiter = scope.spawn(|| wait(&signals(&events)));
            wait_until(|| queued(&events) == [1, 1]);
            events[1].set();
            assert_eq!(waiter.join().unwrap(), Some(1));
        });
    }
}

/// Of any of the two.
pub(crate) fn c11_c203_a_set_against_a_timeout_is_taken_or_kept<E: Event>() {
    let events: [E; 2] = unset_events();
    let winner = Cell::new(None);
    let pass = |place: Option<usize>| {
        winner.set(place);
        place.is_some()
    };
    release_races_timeout(
        20_000,
        &events,
        |events| events[fastrand::usize(..2)].set(),
        |events, limit| pass(wait_any_for(&signals(events), limit)),
        |events, deadline| pass(wait_any_until(&signals(events), deadline)),
        |events, succeeded| {
            let sets = are_set(events).into_iter().filter(|is_set| *is_set).count();
            assert_eq!(sets, usize::from(!E::CONSUMES || !succeeded));
            let is_right = |winner: usize| E::CONSUMES || events[winner].is_set();
            assert!(winner.take().is_none_or(is_right));
            events.iter().for_each(E::reset);
            assert_eq!(queued(events), [0, 0]);
        },
    );
}

/// Even if it is reset before the deadline, too.
pub(crate) fn c28_c99_a_set_of_any_before_the_deadline_wins<E: Event>() {
    const WAITERS: usize = 8;
    let quiet: E = unset();
    let sets = if E::CONSUMES { WAITERS } else { 1 };
    let wait = |event: &E, deadline| wait_any_until(&[&quiet, event], deadline).is_some();
    let set_and_reset = |event: &E| {
        (0..sets).for_each(|_| event.set());
        event.reset();
    };
    release_beats_later_deadlines(WAITERS, unset, parked, wait, set_and_reset);
    assert_eq!(parked(&quiet), 0);
}

/// Of what is not consumed. A broadcast is stuck in a waker. Waits that it has released, and has not come to, pass:
/// that of a thread whose deadline passes, and those of tasks that are polled. Another object may still release
/// them.
pub(crate) fn c99_c145_a_wait_of_a_broadcast_passes_before_it_is_woken<E: Event>() {
    // Threads that pass wake others.
    const FIRST: usize = 4 * MANY;
    let mut limit = SHORT;
    loop {
        let [event, other] = &unset_events::<E, 2>();
        let goes_on = Arc::new(AtomicBool::new(false));
        let stuck = Task::pending_with(event.wait_async(), Probe::stuck(&goes_on));
        let mut others: [_; FIRST] = pending(event);
        let [mut first, mut second, third] = [(); 3].map(|()| pending_any(&[other, event]));
        let deadline = Instant::now() + limit;
        let (result, released) = scope(|scope| {
            let thread = scope.spawn(|| wait_any_until(&[other, event], deadline));
            wait_until(|| parked(event) == FIRST + 5 || thread.is_finished());
            scope.spawn(|| event.set());
            wait_until(|| stuck.is_woken());
            event.reset();
            let released = Instant::now();
            let result = thread.join().unwrap();
            assert!(!first.is_woken() && !second.is_woken() && !third.is_woken());
            assert_eq!(place(&mut first), Some(1));
            drop(third);
            other.set();
            assert!(second.is_woken() && second.is_ready());
            other.reset();
            goes_on.store(true, Ordering::Relaxed);
            (result, released)
        });
        assert!(others.iter_mut().all(|task| task.is_woken() && task.is_ready()));
        assert_eq!((event.is_set(), other.is_set()), (false, false));
        assert!(result.is_some() || released >= deadline, "a set before the deadline was missed");
        if result.is_some() && released < deadline {
            assert_eq!(result, Some(1));
            return;
        }
        limit *= 2;
    }
}

/// An object that notes when a wait has passed by it.
pub(crate) struct Noting<E> {
    pub(crate) event: E,
    pub(crate) won: Mutex<Vec<ThreadId>>,
    pub(crate) panics: AtomicBool,
}

impl<E: Event> Noting<E> {
    pub(crate) fn new(is_set: bool) -> Self {
        Self { event: E::new(is_set), won: Mutex::default(), panics: AtomicBool::new(false) }
    }
}

impl<E: Event> Signal for Noting<E> {
    fn part(&self) -> Part<'_> {
        self.event.part()
    }

    fn won(&self, won: Won<'_>) {
        assert!(won.is_of(self.part()));
        // It is called without a lock, and may wait.
        _ = Task::new(self.event.wait_async()).is_ready();
        self.won.lock().unwrap().push(thread::current().id());
        assert!(!self.panics.load(Ordering::Relaxed), "`won` has panicked");
    }
}

/// In the thread that waits, and once.
pub(crate) fn c198_won_is_called_for_the_winner_only<E: Event>() {
    let here = thread::current().id();
    let new = || [(); 3].map(|()| Noting::<E>::new(false));
    let assert_won = |objects: &[Noting<E>; 3], winner: Option<usize>, thread| {
        for (place, object) in objects.iter().enumerate() {
            let expected: &[ThreadId] = if winner == Some(place) { &[thread] } else { &[] };
            assert_eq!(*object.won.lock().unwrap(), expected);
        }
    };
    for form in BLOCKING.into_iter().chain(AT_ONCE) {
        let objects = new();
        objects[1].event.set();
        objects[2].event.set();
        assert_eq!(form(&signals(&objects)), Some(1));
        assert_won(&objects, Some(1), here);
    }
    for form in AT_ONCE {
        let objects = new();
        assert_eq!(form(&signals(&objects)), None);
        assert_won(&objects, None, here);
    }
    for form in BLOCKING {
        let objects = new();
        scope(|scope| {
            let waiter = scope.spawn(|| form(&signals(&objects)));
            wait_until(|| objects.iter().all(|object| parked(&object.event) == 1));
            objects[1].event.set();
            objects[0].event.set();
            let thread = waiter.thread().id();
            let winner = waiter.join().unwrap();
            assert_eq!(winner, Some(1));
            assert_won(&objects, winner, thread);
        });
    }
    for is_polled in [false, true] {
        let objects = new();
        let mut task = pending_any(&signals(&objects));
        objects[2].event.set();
        objects[0].event.set();
        assert_won(&objects, None, here);
        if is_polled {
            assert_eq!(place(&mut task), Some(2));
        }
        drop(task);
        assert_won(&objects, is_polled.then_some(2), here);
    }
}

/// The wait has passed, and has left all queues.
pub(crate) fn c198_won_may_panic<E: Event>() {
    let new = || [(); 2].map(|()| Noting::<E>::new(false));
    let assert_passed = |objects: &[Noting<E>; 2]| {
        assert_eq!(objects.each_ref().map(|object| object.event.is_set()), [false, !E::CONSUMES]);
        assert_eq!(objects.each_ref().map(|object| parked(&object.event)), [0, 0]);
    };
    let panics = |call: &dyn Fn()| assert_panics(call, &["`won` has panicked"]);
    for form in BLOCKING.into_iter().chain(AT_ONCE) {
        let objects = new();
        objects[1].panics.store(true, Ordering::Relaxed);
        objects[1].event.set();
        panics(&|| _ = form(&signals(&objects)));
        assert_passed(&objects);
    }
    for form in BLOCKING {
        let objects = new();
        objects[1].panics.store(true, Ordering::Relaxed);
        scope(|scope| {
            let waiter = scope.spawn(|| panics(&|| _ = form(&signals(&objects))));
            wait_until(|| objects.iter().all(|object| parked(&object.event) == 1));
            objects[1].event.set();
            waiter.join().unwrap();
        });
        assert_passed(&objects);
    }
    let objects = new();
    objects[1].panics.store(true, Ordering::Relaxed);
    let mut task = pending_any(&signals(&objects));
    objects[1].event.set();
    assert_panics(|| _ = task.poll(), &["`won` has panicked"]);
    assert_panics(|| _ = task.poll(), &["completed before"]);
    drop(task);
    assert_passed(&objects);
}

/// 155: the second poll is another thread's.
pub(crate) fn c124_c155_only_the_newest_waker_of_several_is_woken<E: Event>() {
    for winner in 0..2 {
        let events: [E; 2] = unset_events();
        let mut task = pending_any(&signals(&events));
        assert!(!task.is_ready() && !task.is_ready());
        assert_eq!((task.probe.clones(), task.probe.drops()), (1, 0));
        let newest = Probe::new();
        scope(|scope| {
            let poll = || assert!(newest.poll(task.future.as_mut()).is_pending());
            scope.spawn(poll).join().unwrap();
        });
        assert_eq!((task.probe.clones(), task.probe.drops()), (1, 1));
        assert_eq!(queued(&events), [1, 1]);
        events[winner].set();
        assert_eq!((task.probe.wakes(), newest.wakes(), newest.drops()), (0, 1, 0));
        assert_eq!(place(&mut task), Some(winner));
        assert_eq!((task.probe.clones(), newest.clones()), (1, 1));
    }
}

/// Another waker at each poll, while the set comes from another thread.
pub(crate) fn c124_a_set_against_a_new_waker_wakes_the_newest<E: Event>() {
    let events: [E; 2] = unset_events();
    let race = Race::new(20_000);
    let task = RefCell::new(pending_any(&signals(&events)));
    let mut passed = 0;
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |round: usize| {
                spin(fastrand::usize(..200));
                events[round % 2].set();
            };
            race.run(part, drop);
        });
        let part = |round| {
            let newest = Probe::new();
            (round % 2, newest.poll(task.borrow_mut().future.as_mut()), newest)
        };
        race.run(part, |(winner, poll, newest)| {
            let mut task = task.borrow_mut();
            match poll {
                Poll::Ready(place) => {
                    assert_eq!(place, winner);
                    passed += 1;
                }
                Poll::Pending => {
                    assert_eq!((task.probe.wakes(), newest.wakes()), (0, 1));
                    assert_eq!(place(&mut task), Some(winner));
                }
            }
            let wakers = [&task.probe, &newest];
            assert!(wakers.iter().all(|it| it.clones() == it.drops() + it.wakes()));
            events.iter().for_each(E::reset);
            *task = pending_any(&signals(&events));
        })
    });
    println!("{rounds} races, {passed} polls have passed");
}

type Owned = Pin<Box<dyn Future<Output = usize> + Send>>;

fn owned<E: Event>(events: &Arc<[E; 2]>) -> Owned {
    let events = Arc::clone(events);
    Box::pin(async move { wait_any_async(&signals(&events)).await })
}

pub(crate) fn c125_wakers_may_use_the_same_objects<E: Event>() {
    let uses: [Use<[E; 2], Owned>; 5] = [
        |events, _| events.iter().for_each(E::set),
        |events, _| events.iter().for_each(E::reset),
        |events, _| _ = wait_any0(&signals(events)),
        |events, _| _ = wait_any_for(&signals(events), Duration::from_nanos(1)),
        |events, _| _ = Task::new(owned(events)).is_ready(),
    ];
    let set = |events: &[E; 2]| events[0].set();
    try_in_wakers(&uses, unset_events, owned, set, |events| {
        events.iter().for_each(E::reset);
        assert_eq!(are_set(events), [false, false]);
        let mut next = pending_any(&signals(events));
        events[1].set();
        events[1].set();
        assert_eq!(place(&mut next), Some(1));
    });
}

pub(crate) fn c151_c152_a_completed_wait_for_several_holds_nothing<E: Event>() {
    let events: [E; 2] = unset_events();
    events[1].set();
    let mut never_queued = Task::new(wait_any_async(&signals(&events)));
    assert_eq!(place(&mut never_queued), Some(1));
    assert_eq!(never_queued.probe.clones(), 0);
    events[1].reset();
    let mut kept = pending_any(&signals(&events));
    events[1].set();
    assert_eq!(place(&mut kept), Some(1));
    assert_eq!(queued(&events), [0, 0]);
    assert_eq!(kept.probe.clones(), kept.probe.drops() + kept.probe.wakes());
    events[1].reset();
    events.iter().for_each(E::set);
    for task in [&mut kept, &mut never_queued] {
        assert_panics(|| _ = task.poll(), &["completed before"]);
    }
    drop([kept, never_queued]);
    events.iter().for_each(assert_set_once);
}

/// The first poll passes by what is set after its check, in the clone of the waker. Then the waker is dropped.
pub(crate) fn a_waker_whose_clone_or_drop_panics_loses_nothing<E: Event>() {
    let panicking = Probe::panicking_once;
    let panics = |call: &mut dyn FnMut()| assert_panics(call, &["the waker has panicked"]);
    // In the first poll.
    let events: [E; 2] = unset_events();
    let future = Box::pin(wait_any_async(&signals(&events)));
    let mut task = Task { future, probe: panicking(Act::Clone) };
    panics(&mut || _ = task.poll());
    assert_eq!(queued(&events), [0, 0]);
    assert!(!task.is_ready());
    assert_eq!(queued(&events), [1, 1]);
    // In a later one. The wait keeps the waker before.
    let other = panicking(Act::Clone);
    panics(&mut || _ = other.poll(task.future.as_mut()));
    events[1].set();
    assert_eq!((task.probe.wakes(), place(&mut task)), (1, Some(1)));
    events[1].reset();

    // The drop of a waker that is replaced.
    let mut task = Task::pending_with(wait_any_async(&signals(&events)), panicking(Act::Drop));
    let newest = Probe::new();
    panics(&mut || _ = newest.poll(task.future.as_mut()));
    events[0].set();
    assert_eq!((task.probe.wakes(), newest.wakes(), place(&mut task)), (0, 1, Some(0)));
    events[0].reset();

    // The drop of one whose wait is given up.
    let task = Task::pending_with(wait_any_async(&signals(&events)), panicking(Act::Drop));
    let Task { future, probe } = task;
    let mut future = Some(future);
    panics(&mut || drop(future.take()));
    assert_eq!((queued(&events), probe.drops()), ([0, 0], 1));

    // And of one whose wait has passed by itself.
    for polls_again in [false, true] {
        let events = Arc::new(unset_events::<E, 2>());
        let sets = {
            let events = Arc::clone(&events);
            let may_panic = AtomicBool::new(true);
            Probe::with(move |act| match act {
                Act::Clone => events[1].set(),
                Act::Drop => {
                    let panics = may_panic.swap(false, Ordering::Relaxed);
                    assert!(!panics, "the waker has panicked");
                }
                Act::Wake => {}
            })
        };
        let mut task = Task { future: Box::pin(wait_any_async(&signals(&events))), probe: sets };
        panics(&mut || _ = task.poll());
        if polls_again {
            assert_eq!(place(&mut task), Some(1));
            assert_eq!(are_set(&events), [false, !E::CONSUMES]);
        } else {
            drop(task.future);
            assert_eq!(are_set(&events), [false, true]);
        }
        assert_eq!(queued(&events), [0, 0]);
    }
}

/// The setter gets the panic, and the wait has passed.
pub(crate) fn a_waker_of_a_wait_for_several_that_panics_keeps_no_other_asleep<E: Event>() {
    let panicking = Probe::panicking;
    let panics = |call: &mut dyn FnMut()| assert_panics(call, &["the waker has panicked"]);
    let [event, other] = &unset_events::<E, 2>();
    let list: [&dyn Signal; 2] = [other, event];
    let mut first = Task::pending_with(wait_any_async(&list), panicking());
    let [mut second] = pending(event);
    let mut third = pending_any(&list);
    panics(&mut || event.set());
    event.set();
    event.set();
    assert_eq!(place(&mut first), Some(1));
    assert!(second.is_woken() && second.is_ready() && third.is_woken());
    assert_eq!(place(&mut third), Some(1));
    event.reset();

    // While a panic unwinds, a second one does not abort the process.
    let mut first = Some(pending_any(&list));
    let mut second = Task::pending_with(wait_any_async(&list), panicking());
    if E::CONSUMES {
        event.set();
    } else {
        panics(&mut || event.set());
    }
    let unwind = || {
        let _dropped = first.take();
        panic!("the first panic");
    };
    assert_panics(unwind, &["the first panic"]);
    assert_eq!((second.probe.wakes(), place(&mut second)), (1, Some(1)));
    event.reset();

    // If nothing unwinds, a drop that wakes such a waker does.
    let first = pending_any(&list);
    let mut second = Task::pending_with(wait_any_async(&list), panicking());
    _ = catch_unwind(AssertUnwindSafe(|| event.set()));
    let result = catch_unwind(AssertUnwindSafe(|| drop(first)));
    assert_eq!(result.is_err(), E::CONSUMES);
    assert_eq!((second.probe.wakes(), place(&mut second)), (1, Some(1)));
    assert_eq!((parked(event), parked(other)), (0, 0));
    assert!(!other.is_set() && event.is_set() != E::CONSUMES);
}

/// It takes the first set of any of its objects.
pub(crate) fn c160_a_leaked_wait_for_several_takes_one_set<E: Event>() {
    for first in 0..2 {
        let (events, probe) = (unset_events::<E, 2>(), Probe::new());
        assert!(probe.poll(leak(wait_any_async(&signals(&events)))).is_pending());
        let mut behind = events.each_ref().map(|event| Task::pending(event.wait_async()));
        events[first].set();
        assert_eq!((probe.wakes(), behind[first].is_woken()), (1, !E::CONSUMES));
        events[1 - first].set();
        assert!(behind[1 - first].is_woken() && behind[1 - first].is_ready());
        events[first].set();
        assert!(behind[first].is_woken() && behind[first].is_ready());
        assert_eq!((queued(&events), probe.wakes()), ([0, 0], 1));
        assert_eq!(are_set(&events), [!E::CONSUMES; 2]);
    }
}

/// It has no effect on new objects at their addresses. If one of its objects lives, the wait takes a set of that.
pub(crate) fn c160_a_leaked_wait_for_freed_objects_is_thrown_away<E: Event>() {
    let mut place = Box::new(unset_events::<E, 2>());
    let living: E = unset();
    let uses: [fn(&E); 4] = [
        |event| {
            event.set();
            assert_set_once(event);
        },
        |event| {
            let [mut first, mut second] = pending(event);
            assert_eq!(parked(event), 2);
            event.set();
            assert_eq!((first.is_ready(), second.is_ready()), (true, !E::CONSUMES));
            event.reset();
        },
        |event| {
            let mut waits = [(); 2].map(|()| pending_any(&[event, event]));
            assert_eq!(parked(event), 4);
            event.set();
            assert_eq!(waits.each_mut().map(self::place), [Some(0), (!E::CONSUMES).then_some(0)]);
            event.reset();
        },
        |event| {
            assert_eq!(wait_any_for(&[event, event], Duration::from_micros(100)), None);
            event.set();
            assert_set_once(event);
        },
    ];
    for ghosts in [1, 3, 20] {
        for use_it in uses {
            *place = unset_events();
            let probes: Vec<_> = (0..ghosts).map(|_| Probe::new()).collect();
            for probe in &probes {
                let [first, second] = &*place;
                let wait = leak(wait_any_async(&[first, &living, second]));
                assert!(probe.poll(wait).is_pending());
            }
            *place = unset_events();
            use_it(&place[0]);
            assert!(probes.iter().all(|probe| probe.wakes() == 0), "a leaked wait was released");
            assert_eq!(parked(&living), ghosts);
            (0..ghosts).for_each(|_| living.set());
            assert!(probes.iter().all(|probe| probe.wakes() == 1));
            assert_eq!(living.is_set(), !E::CONSUMES);
            living.reset();
            use_it(&place[1]);
        }
    }
}

/// 190: of two objects, both freed by the waiter. The set that comes second finds that the wait has passed, or that
/// it is for the next one.
pub(crate) fn c190_c227_a_waiter_for_several_frees_them<E: Event>() {
    let quiet: E = unset();
    freed_by_its_waiter(1, unset::<E>, E::set, |event| {
        assert_eq!(wait_any(&[&quiet, event]), 1);
    });
    freed_by_its_waiter(1, unset::<E>, E::set, |event| {
        let pass = || wait_any_for(&[event, &quiet], random_limit()) == Some(0);
        wait_until(|| pass() || event.wait0());
    });
    assert_eq!(parked(&quiet), 0);
    let second = AtomicBool::new(false);
    let set_one = |events: &[E; 2]| {
        events[usize::from(second.fetch_xor(true, Ordering::Relaxed))].set();
    };
    freed_by_its_waiter(2, unset_events::<E, 2>, set_one, |events| {
        let first = wait_any(&signals(events));
        assert_eq!(wait_any(&[&events[1 - first]]), 0);
    });
}

/// Of what is consumed: of threads and tasks, never more inside than events were set. With waits that are given up when
/// they are released, or before, and with single ones.
pub(crate) fn c112_c126_several_events_are_a_semaphore<E: Event>() {
    for most in [1, 2] {
        let events: [E; 2] = array::from_fn(|place| E::new(place < most));
        let enter = |critical_section: &dyn Fn()| {
            let orders: [&[usize]; 4] = [&[0, 1], &[1, 0], &[0, 1, 0], &[1, 1, 0, 0]];
            let order = orders[fastrand::usize(..4)];
            let list: Vec<_> = order.iter().map(|place| &events[*place] as &dyn Signal).collect();
            let winner = match fastrand::u8(..6) {
                0 => wait_any(&list),
                1 => block_on(wait_any_async(&list)),
                2 => loop {
                    let mut task = Task::new(wait_any_async(&list));
                    if let Some(winner) = place(&mut task) {
                        break winner;
                    }
                    spin(fastrand::usize(..500));
                    let again = fastrand::bool().then(|| place(&mut task));
                    if let Some(winner) = again.flatten() {
                        break winner;
                    }
                },
                3 => loop {
                    let limit = Duration::from_micros(fastrand::u64(..80));
                    if let Some(winner) = wait_any_for(&list, limit) {
                        break winner;
                    }
                },
                4 => loop {
                    if let Some(winner) = wait_any0(&list) {
                        break winner;
                    }
                    thread::yield_now();
                },
                _ => loop {
                    let limit = Duration::from_micros(fastrand::u64(..80));
                    if let Some(winner) = order.iter().position(|it| events[*it].wait_for(limit)) {
                        break winner;
                    }
                },
            };
            critical_section();
            events[order[winner]].set();
        };
        mutual_exclusion(most, 500, enter);
        assert_eq!(queued(&events), [0, 0]);
        assert_eq!(events.iter().filter(|event| event.wait0()).count(), most);
        assert_eq!(are_set(&events), [false, false]);
    }
}

/// What was written before the set, in each way in which the wait may find it. 163: also if a dropped wait has
/// handed it on.
pub(crate) fn c85_c163_a_set_publishes_to_waits_for_several<E: Event>() {
    let (events, data) = (unset_events::<E, 2>(), Plain::default());
    let race = Race::new(10_000);
    scope(|scope| {
        scope.spawn(|| {
            let part = |round: usize| {
                spin(fastrand::usize(..200));
                data.set(round);
                events[round % 2].set();
            };
            race.run(part, drop);
        });
        let part = |round| {
            let [mut task, mut dropped] =
                [(); 2].map(|()| Task::new(wait_any_async(&signals(&events))));
            let mut passed = match round % 4 {
                0 => Some(wait_any(&signals(&events))),
                1 => wait_any_for(&signals(&events), random_limit()),
                2 => place(&mut dropped).or_else(|| {
                    let passed = place(&mut task);
                    drop(dropped);
                    passed
                }),
                _ => None,
            };
            while passed.is_none() {
                passed = place(&mut task);
                thread::yield_now();
            }
            assert_eq!((passed, data.get()), (Some(round % 2), round));
        };
        race.run(part, |()| events.iter().for_each(E::reset));
    });
}
