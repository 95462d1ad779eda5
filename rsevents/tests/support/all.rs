//! Waits for all of several objects: contract 113-117 and 204-217, on whatever can be set and reset.
//! [`Event::CONSUMES`] tells whether a set is for one wait. `all_tasks.rs` has what is about wakers.

use std::array;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use rsevents::{
    EventState, ManualResetEvent, Part, Signal, WaitAll, Won, wait_all, wait_all_async,
    wait_all_for, wait_all_until, wait_all0, wait_any, wait_any_for, wait_any0,
};

use super::futures::pending;
use super::limits::{release_beats_later_deadlines, times_out_in_time};
use super::several::{Noting, are_set, pending_any, place, queued, signals};
use super::{
    Event, FOREVER, Plain, Probe, Race, SHORT, Task, address_used_again, assert_panics,
    assert_set_once, block_on, file_of_panic, freed_by_its_waiter, kept, parked, past, queue,
    random_limit, release_races_timeout, rounds, scope, spin, unset, wait_until, waits_for_all,
    with_locked,
};

/// A way to wait for all of several. Returns whether it has passed.
pub(crate) type Form = fn(&[&'static dyn Signal]) -> bool;

/// Those that wait until they pass.
pub(crate) const BLOCKING: [Form; 4] = [
    |signals| {
        wait_all(signals);
        true
    },
    |signals| wait_all_for(signals, FOREVER),
    |signals| wait_all_until(signals, Instant::now() + FOREVER),
    |signals| {
        block_on(wait_all_async(signals));
        true
    },
];

/// Those that do not block.
pub(crate) const AT_ONCE: [Form; 5] = [
    wait_all0,
    |signals| wait_all_for(signals, Duration::ZERO),
    |signals| wait_all_until(signals, Instant::now()),
    |signals| wait_all_until(signals, past()),
    |signals| Task::new(wait_all_async(signals)).is_ready(),
];

/// A task that waits for all of these.
pub(crate) fn pending_all(signals: &[&'static dyn Signal]) -> Task<WaitAll> {
    Task::pending(wait_all_async(signals))
}

pub(crate) fn new_events<E: Event, const N: usize>(are_set: [bool; N]) -> &'static [E; N] {
    kept(are_set.map(E::new))
}

pub(crate) fn unset_events<E: Event, const N: usize>() -> &'static [E; N] {
    new_events([false; N])
}

/// How many waits for all wait for each.
pub(crate) fn waiting<E: Event, const N: usize>(events: &[E; N]) -> [usize; N] {
    events.each_ref().map(waits_for_all)
}

/// Sets and resets the events. Those that are set are not set once more.
pub(crate) fn make<E: Event, const N: usize>(events: &[E; N], are_set: [bool; N]) {
    for (event, is_set) in events.iter().zip(are_set) {
        if !is_set {
            event.reset();
        } else if !event.is_set() {
            event.set();
        }
    }
}

/// A wait for all has passed, and there is no other. Resets the events.
pub(crate) fn assert_taken<E: Event, const N: usize>(events: &[E; N]) {
    assert_eq!(are_set(events), [!E::CONSUMES; N]);
    assert_eq!((waiting(events), queued(events)), ([0; N], [0; N]));
    events.iter().for_each(E::reset);
}

/// 115: of each combination.
pub(crate) fn c113_c115_all_are_taken_or_none<E: Event>() {
    let events = unset_events::<E, 3>();
    for combination in 0..8 {
        let sets = array::from_fn(|place| combination >> place & 1 == 1);
        let passes = combination == 7;
        for form in AT_ONCE {
            make(events, sets);
            assert_eq!(form(&signals(events)), passes);
            let left = if passes { [!E::CONSUMES; 3] } else { sets };
            assert_eq!(are_set(events), left);
            assert_eq!(form(&signals(events)), passes && !E::CONSUMES);
            assert_eq!(are_set(events), left);
            assert_eq!((waiting(events), queued(events)), ([0; 3], [0; 3]));
        }
    }
    for form in BLOCKING {
        make(events, [true; 3]);
        assert!(form(&signals(events)));
        assert_taken(events);
    }
}

/// By threads and by tasks. The objects are neighbours, and so many that some have a queue in the same shard.
pub(crate) fn c115_c192_c212_c216_any_number_of_objects<E: Event>() {
    let most = rounds(1_000).max(9);
    for number in [1, 2, 8, 9, 63, 64, 65, 1_000].into_iter().filter(|number| *number <= most) {
        let events: &'static Vec<E> = kept((0..number).map(|_| unset()).collect());
        let signals: Vec<_> = events.iter().map(|event| event as &dyn Signal).collect();
        let set_but = |missing: usize| {
            events.iter().for_each(E::reset);
            let others = events.iter().enumerate().filter(|(place, _)| *place != missing);
            others.for_each(|(_, event)| event.set());
        };
        let are_set_but = |missing: usize| {
            events.iter().enumerate().all(|(place, event)| event.is_set() != (place == missing))
        };
        let are_left = || events.iter().all(|event| event.is_set() != E::CONSUMES);
        for missing in [0, number / 2, number - 1] {
            set_but(missing);
            assert!(!wait_all0(&signals) && !wait_all_for(&signals, Duration::from_nanos(1)));
            assert!(are_set_but(missing), "a wait that has failed has changed another object");
            events[missing].set();
            assert!(wait_all0(&signals) && are_left());
            assert_eq!(wait_all0(&signals), !E::CONSUMES);

            set_but(missing);
            let mut task = pending_all(&signals);
            assert!(are_set_but(missing));
            assert!(events.iter().all(|event| waits_for_all(event) == 1));
            events[missing].set();
            assert!(task.is_woken() && are_left() && task.is_ready());

            set_but(missing);
            scope(|scope| {
                let thread = scope.spawn(|| wait_all(&signals));
                wait_until(|| waits_for_all(&events[missing]) == 1);
                assert!(are_set_but(missing));
                events[missing].set();
                assert!(are_left());
                thread.join().unwrap();
            });
            assert!(are_left());
            assert!(events.iter().all(|it| waits_for_all(it) == 0 && parked(it) == 0));
        }
    }
}

/// Neither by waits that pass at once, nor by those that queue, are released and given up. `allocations` counts
/// those of this thread.
pub(crate) fn waits_for_all_of_eight_need_no_memory<E: Event>(allocations: impl Fn() -> usize) {
    let (events, rounds) = (unset_events::<E, 8>(), rounds(10_000));
    let signals = signals(events);
    let probe = Probe::new();
    let before = allocations();
    for _ in 0..rounds {
        assert!(probe.poll(pin!(wait_all_async(&signals))).is_pending());
        let mut wait = pin!(wait_all_async(&signals));
        assert!(probe.poll(wait.as_mut()).is_pending());
        events.iter().for_each(E::set);
        assert!(probe.poll(wait).is_ready());
        make(events, [true; 8]);
        wait_all(&signals);
        make(events, [true, true, true, false, true, true, true, true]);
        assert!(!wait_all_for(&signals, Duration::from_nanos(1)));
        make(events, [false; 8]);
    }
    // Where other tests wait for many objects, this thread may be the one that makes the table larger.
    let allocations = allocations() - before;
    assert!(allocations < 20 + rounds / 10, "{allocations} allocations by {rounds} waits");
    assert_eq!(waiting(events), [0; 8]);
}

/// 205: also if it is reset at once. The setter has taken all when it returns.
pub(crate) fn c204_c205_the_last_set_releases_the_wait<E: Event>() {
    for form in BLOCKING {
        for (last, resets) in [(0, false), (0, true), (1, true), (2, false), (2, true)] {
            let events = unset_events::<E, 3>();
            scope(|scope| {
                let waiter = scope.spawn(|| form(&signals(events)));
                wait_until(|| waiting(events) == [1; 3]);
                for place in (0..3).filter(|place| *place != last) {
                    events[place].set();
                    assert!(events[place].is_set(), "it was reserved");
                }
                assert!(!events[last].is_set() && !waiter.is_finished());
                events[last].set();
                if resets {
                    events[last].reset();
                }
                let is_left = |place| !(E::CONSUMES || resets && place == last);
                assert_eq!(are_set(events), array::from_fn(is_left));
                assert!(waiter.join().unwrap());
                assert_eq!(are_set(events), array::from_fn(is_left));
            });
            assert_eq!((waiting(events), queued(events)), ([0; 3], [0; 3]));
        }
    }
    // Of a task that does not run meanwhile.
    let events = unset_events::<E, 2>();
    for last in 0..2 {
        let mut task = pending_all(&signals(events));
        events[1 - last].set();
        events[last].set();
        assert!(task.is_woken());
        make(events, [false; 2]);
        assert!(task.is_ready());
        assert_eq!((are_set(events), waiting(events)), ([false; 2], [0; 2]));
    }
}

/// By two threads, which then find that it is done.
pub(crate) fn c113_c204_two_sets_at_the_same_time_release_the_wait<E: Event>() {
    let events = unset_events::<E, 2>();
    let race = Race::new(20_000);
    let task = RefCell::new(Some(pending_all(&signals(events))));
    let rounds = scope(|scope| {
        scope.spawn(|| race.run(|_| events[0].set(), drop));
        race.run(
            |_| events[1].set(),
            |()| {
                let mut waiter = task.take().expect("begun");
                assert!(waiter.is_woken(), "both are set, and it is asleep");
                assert_eq!(are_set(events), [!E::CONSUMES; 2]);
                assert!(waiter.is_ready());
                assert_taken(events);
                task.replace(Some(pending_all(&signals(events))));
            },
        )
    });
    println!("{rounds} races");
    drop(task);
    for _ in 0..self::rounds(200) {
        scope(|scope| {
            let waiter = scope.spawn(|| wait_all(&signals(events)));
            wait_until(|| waiting(events) == [1; 2]);
            let setter = scope.spawn(|| events[1].set());
            events[0].set();
            setter.join().unwrap();
            assert_eq!(are_set(events), [!E::CONSUMES; 2]);
            waiter.join().unwrap();
        });
        assert_taken(events);
    }
}

/// The last set, or both, come while it begins.
pub(crate) fn c204_a_set_while_the_wait_begins_is_not_missed<E: Event>() {
    let events = unset_events::<E, 2>();
    let race = Race::new(20_000);
    make(events, [true, false]);
    let mut at_once = 0;
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |round: usize| {
                spin(fastrand::usize(..200));
                match round % 3 {
                    // As `after` left them for this round.
                    0 => events.iter().for_each(E::set),
                    1 => events[1].set(),
                    _ => events[0].set(),
                }
            };
            race.run(part, drop);
        });
        let part = |round| {
            let mut waiter = Task::new(wait_all_async(&signals(events)));
            (round, waiter.is_ready(), waiter)
        };
        race.run(part, |(round, has_passed, mut waiter): (usize, _, Task<WaitAll>)| {
            assert!(has_passed || waiter.is_woken() && waiter.is_ready(), "both are set");
            assert_taken(events);
            let next = (round + 1) % 3;
            make(events, [next == 1, next == 2]);
            at_once += usize::from(has_passed);
        })
    });
    println!("{rounds} races, {at_once} waits have passed at once");
}

/// A set that is reset at once, while the wait begins: it is released, or it waits for the next one.
pub(crate) fn c205_a_set_and_a_reset_while_the_wait_begins<E: Event>() {
    let events = unset_events::<E, 2>();
    let race = Race::new(20_000);
    events[0].set();
    let mut missed = 0;
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |_| {
                spin(fastrand::usize(..200));
                events[1].set();
                events[1].reset();
            };
            race.run(part, drop);
        });
        let part = |_| {
            let mut waiter = Task::new(wait_all_async(&signals(events)));
            (waiter.is_ready(), waiter)
        };
        race.run(part, |(at_once, mut waiter): (_, Task<WaitAll>)| {
            let has_passed = at_once || waiter.is_woken();
            assert_eq!(are_set(events), [!(has_passed && E::CONSUMES), false]);
            if !has_passed {
                events[1].set();
                missed += 1;
            }
            assert!(at_once || waiter.is_woken() && waiter.is_ready());
            make(events, [true, false]);
        })
    });
    println!("{rounds} races, {missed} waits began too late");
}

type Take<E> = fn(&'static E);

/// An event that is set is there for others until all are. Those behind a wait for all are not kept from passing by it.
pub(crate) fn c114_c204_others_may_take_what_is_set_meanwhile<E: Event>() {
    let takes: [Take<E>; 10] = [
        |event| assert!(event.wait0()),
        |event| assert!(event.wait_for(Duration::ZERO)),
        |event| assert!(event.wait_for(FOREVER)),
        |event| event.wait(),
        |event| block_on(event.wait_async()),
        |event| assert_eq!(wait_any0(&[event]), Some(0)),
        |event| assert_eq!(wait_any(&[event]), 0),
        |event| assert!(wait_all0(&[event])),
        |event| wait_all(&[event]),
        |event| event.reset(),
    ];
    let events = unset_events::<E, 2>();
    for taken in 0..2 {
        for take in takes {
            let (first, second) = (&events[taken], &events[1 - taken]);
            let mut task = pending_all(&signals(events));
            scope(|scope| {
                let thread = scope.spawn(|| wait_all(&signals(events)));
                wait_until(|| waiting(events) == [2; 2]);
                let take = || {
                    first.set();
                    assert!(first.is_set());
                    take(first);
                    assert!(!E::CONSUMES || !first.is_set(), "taken, and still there");
                    first.reset();
                };
                take();
                second.set();
                assert!(second.is_set() && !task.is_woken() && waiting(events) == [2; 2]);
                second.reset();
                take();
                second.set();
                // The task is the first, and the thread passes by the same sets if they are not consumed.
                first.set();
                assert!(task.is_woken() && task.is_ready());
                if E::CONSUMES {
                    assert_eq!((are_set(events), waiting(events)), ([false; 2], [1; 2]));
                    events.iter().for_each(E::set);
                }
                thread.join().unwrap();
            });
            assert_taken(events);
        }
    }
}

/// Of what is consumed. If the other is set. If it is not, the set is the single one's.
pub(crate) fn c208_a_wait_for_all_comes_before_single_ones<E: Event>() {
    let events = unset_events::<E, 3>();
    let [first, second, other] = events;
    let list: [&dyn Signal; 2] = [second, first];
    for single_is_first in [false, true] {
        let mut all = (!single_is_first).then(|| pending_all(&list));
        let [mut single, mut next] = pending(first);
        let mut any = pending_any(&[other, first]);
        let mut all = all.take().unwrap_or_else(|| pending_all(&list));
        first.set();
        assert!(single.is_woken() && !all.is_woken() && !first.is_set());
        second.set();
        assert!(single.is_ready() && second.is_set() && !all.is_woken());
        first.set();
        assert!(all.is_woken() && !next.is_woken() && !any.is_woken());
        assert_eq!(are_set(events), [false; 3]);
        assert!(all.is_ready());
        first.set();
        assert!(next.is_woken() && next.is_ready() && !any.is_woken());
        first.set();
        assert_eq!(place(&mut any), Some(1));
        assert_taken(events);
    }

    // What a called thread was offered, and has not taken, may complete it.
    let mut completed = 0;
    for round in 0..rounds(300) {
        scope(|scope| {
            let thread = (round & 1 == 0).then(|| scope.spawn(|| wait_all(&list)));
            let mut task = (round % 2 == 1).then(|| pending_all(&list));
            let single = scope.spawn(|| first.wait());
            wait_until(|| (parked(first), waits_for_all(first)) == (1, 1));
            first.set();
            second.set();
            let has_passed = waits_for_all(first) == 0;
            if has_passed {
                completed += 1;
                assert_eq!((are_set(events), single.is_finished()), ([false; 3], false));
            } else {
                assert_eq!((first.is_set(), second.is_set()), (false, true));
                single.join().unwrap();
            }
            first.set();
            if let Some(thread) = thread {
                thread.join().unwrap();
            }
            assert!(task.as_mut().is_none_or(Task::is_ready));
        });
        assert_taken(events);
    }
    println!("{completed} sets have completed a wait for all by what was offered");
}

/// Of what is consumed. Threads and tasks. Those for which something else is missing are passed over.
pub(crate) fn waits_for_all_of_one_object_pass_in_their_order<E: Event>() {
    for _ in 0..rounds(20) {
        let [common, own @ ..] = unset_events::<E, 5>();
        let list = |place: usize| -> [&dyn Signal; 2] {
            if place & 1 == 0 { [common, &own[place]] } else { [&own[place], common] }
        };
        scope(|scope| {
            let begun = |waits| wait_until(|| waits_for_all(common) == waits);
            let mut first = pending_all(&list(0));
            let second = scope.spawn(|| wait_all(&list(1)));
            begun(2);
            let mut third = pending_all(&list(2));
            let fourth = scope.spawn(|| wait_all_for(&list(3), FOREVER));
            begun(4);
            own[1..].iter().for_each(E::set);
            let set = || {
                common.set();
                assert!(!common.is_set());
            };
            set();
            second.join().unwrap();
            assert!(!first.is_woken() && !third.is_woken() && !fourth.is_finished());
            set();
            assert!(!first.is_woken() && third.is_woken() && !fourth.is_finished());
            own[0].set();
            set();
            assert!(first.is_woken() && waits_for_all(common) == 1);
            set();
            assert!(fourth.join().unwrap() && first.is_ready() && third.is_ready());
        });
        assert_eq!(waits_for_all(common), 0);
        assert_eq!((are_set(own), waiting(own)), ([false; 4], [0; 4]));
    }
}

/// Of what is not consumed.
pub(crate) fn one_set_releases_all_waits_for_all<E: Event>() {
    let [common, own @ ..] = unset_events::<E, 41>();
    let begin = || -> Vec<_> { own.iter().map(|own| pending_all(&[common, own])).collect() };
    for resets in [false, true] {
        let mut tasks = begin();
        let mut single: [_; 2] = pending(common);
        own[1..].iter().for_each(E::set);
        common.set();
        if resets {
            common.reset();
        }
        assert!(single.iter_mut().all(|task| task.is_woken() && task.is_ready()));
        assert!(!tasks[0].is_woken() && tasks[1..].iter().all(Task::is_woken));
        own[0].set();
        assert_eq!(tasks[0].is_woken(), !resets);
        common.set();
        assert!(tasks.iter_mut().all(|task| task.is_woken() && task.is_ready()));
        assert_eq!((waits_for_all(common), waiting(own)), (0, [0; 40]));
        common.reset();
        own.iter().for_each(E::reset);
    }
}

/// With waits for one of them, and single ones. Everything is set again and again.
pub(crate) fn c117_c207_waits_in_opposite_orders_make_progress<E: Event>() {
    let events = unset_events::<E, 2>();
    let [first, second] = events;
    let rounds = rounds(300);
    scope(|scope| {
        let lists: [[&dyn Signal; 2]; 2] = [[first, second], [second, first]];
        let waiters = lists.map(|list| {
            scope.spawn(move || {
                for round in 0..rounds {
                    match round % 3 {
                        0 => wait_all(&list),
                        1 => block_on(wait_all_async(&list)),
                        _ => while !wait_all_for(&list, random_limit()) {},
                    }
                }
            })
        });
        let any = scope.spawn(|| {
            for _ in 0..rounds {
                wait_any(&[first, second]);
            }
        });
        let single = scope.spawn(|| (0..rounds).for_each(|_| second.wait()));
        for event in events {
            scope.repeat(|| {
                event.set();
                spin(100);
                if !E::CONSUMES {
                    event.reset();
                }
            });
        }
        waiters.into_iter().chain([any, single]).for_each(|waiter| waiter.join().unwrap());
    });
    events.iter().for_each(E::reset);
    assert_eq!((waiting(events), queued(events)), ([0; 2], [0; 2]));
}

/// Of what is consumed. Five forks at a round table, taken two at a time: never by two at once, and all eat. With waits
/// that time out or are given up, released or not, and single ones.
pub(crate) fn c113_c117_c210_forks_are_in_one_hand<E: Event>() {
    const PLACES: usize = 5;
    let forks = new_events::<E, PLACES>([true; PLACES]);
    let (uses, in_use) =
        ([(); PLACES].map(|()| Plain::default()), [const { AtomicBool::new(false) }; PLACES]);
    let meals = rounds(400);
    let take_both = |mut pair: [usize; 2]| {
        if fastrand::bool() {
            pair.reverse();
        }
        let list = pair.map(|fork| &forks[fork] as &dyn Signal);
        match fastrand::u8(..6) {
            0 => wait_all(&list),
            1 => block_on(wait_all_async(&list)),
            2 => loop {
                let mut task = Task::new(wait_all_async(&list));
                if task.is_ready() {
                    break;
                }
                spin(fastrand::usize(..500));
                if fastrand::bool() && task.is_ready() {
                    break;
                }
            },
            3 => while !wait_all_for(&list, Duration::from_micros(fastrand::u64(..80))) {},
            4 => {
                while !wait_all0(&list) {
                    thread::yield_now();
                }
            }
            _ => {
                pair.sort_unstable();
                pair.iter().for_each(|fork| forks[*fork].wait());
            }
        }
    };
    scope(|scope| {
        for place in 0..PLACES {
            let (uses, in_use, take_both) = (&uses, &in_use, &take_both);
            scope.spawn(move || {
                let pair = [place, (place + 1) % PLACES];
                for _ in 0..meals {
                    take_both(pair);
                    for fork in pair {
                        assert!(!in_use[fork].swap(true, Ordering::Relaxed), "in two hands");
                        uses[fork].set(uses[fork].get() + 1);
                    }
                    if fastrand::u8(..50) == 0 {
                        thread::yield_now();
                        spin(5_000);
                    }
                    for fork in pair {
                        in_use[fork].store(false, Ordering::Relaxed);
                        forks[fork].set();
                    }
                }
            });
        }
    });
    assert!(uses.iter().all(|uses| uses.get() == 2 * meals));
    assert_eq!((are_set(forks), waiting(forks), queued(forks)), ([true; 5], [0; 5], [0; 5]));
    assert!(forks.iter().all(|fork| fork.wait0() && !fork.wait0()));
}

/// Of what is consumed. Threads take each of the two, and put it back, again and again.
pub(crate) fn c204_single_waits_do_not_starve_one_for_all<E: Event>() {
    let events = new_events::<E, 2>([true; 2]);
    scope(|scope| {
        for event in [0, 0, 1] {
            let event = &events[event];
            scope.repeat(|| {
                event.wait();
                spin(200);
                event.set();
            });
        }
        for round in 0..rounds(50) {
            BLOCKING[round % 4](&signals(events));
            // The first is missing, and the other one is there.
            let mut task = pending_all(&signals(events));
            events[0].set();
            events[1].set();
            wait_until(|| task.is_woken());
            assert!(task.is_ready());
            events.iter().for_each(E::set);
        }
    });
    assert_eq!((are_set(events), waiting(events), queued(events)), ([true; 2], [0; 2], [0; 2]));
}

/// In the first list, the second set completes it.
pub(crate) fn c210_a_set_against_a_timeout_takes_all_or_none<E: Event>() {
    let events = unset_events::<E, 2>();
    let first = AtomicUsize::new(0);
    release_races_timeout(
        10_000,
        events,
        |events| {
            let first = first.fetch_xor(1, Ordering::Relaxed);
            events[first].set();
            events[1 - first].set();
        },
        |_, limit| wait_all_for(&signals(events), limit),
        |_, deadline| wait_all_until(&signals(events), deadline),
        |_, succeeded| {
            assert_eq!(are_set(events), [!(succeeded && E::CONSUMES); 2], "a part was taken");
            assert!(succeeded || wait_all0(&signals(events)));
            assert_taken(events);
        },
    );
}

/// Every other time another one is behind it. The last set, or both, come meanwhile.
pub(crate) fn c210_c214_a_set_against_a_drop_takes_all_or_none<E: Event>() {
    let events = unset_events::<E, 2>();
    let race = Race::new(20_000);
    let begin = |round: usize| {
        let waiter = pending_all(&signals(events));
        let behind = (round & 1 == 0).then(|| pending_all(&signals(events)));
        if matches!(round % 3, 1 | 2) {
            events[0].set();
        }
        (Some(waiter), behind)
    };
    let tasks = RefCell::new(begin(1));
    let rounds = scope(|scope| {
        scope.spawn(|| {
            let part = |round: usize| {
                spin(fastrand::usize(..200));
                if matches!(round % 3, 0) {
                    events[0].set();
                }
                events[1].set();
            };
            race.run(part, drop);
        });
        let part = |round| {
            let waiter = tasks.borrow_mut().0.take();
            spin(fastrand::usize(..200));
            drop(waiter);
            round
        };
        race.run(part, |round| {
            match tasks.take().1 {
                Some(mut behind) => assert!(behind.is_woken() && behind.is_ready(), "lost"),
                None => {
                    assert_eq!(are_set(events), [true; 2], "a part was lost");
                    assert!(wait_all0(&signals(events)));
                }
            }
            assert_taken(events);
            tasks.replace(begin(round + 1));
        })
    });
    println!("{rounds} races");
}

/// Which takes what was set before, or the wait has passed.
pub(crate) fn c210_the_last_set_against_one_that_takes<E: Event>() {
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
        let part = |round: usize| {
            spin(fastrand::usize(..200));
            let event = &events[0];
            match round % 5 {
                0 => Some(event.wait0()),
                1 => Some(wait_any_for(&[event, event], Duration::from_nanos(1)).is_some()),
                2 => Some(wait_all0(&[event])),
                3 => Some(Task::new(event.wait_async()).is_ready()),
                _ => {
                    event.reset();
                    None
                }
            }
        };
        race.run(part, |taken| {
            let mut waiter = task.borrow_mut();
            let has_passed = waiter.is_woken();
            passed += usize::from(has_passed);
            match taken {
                Some(taken) if E::CONSUMES => assert!(taken != has_passed, "taken twice, or lost"),
                Some(taken) => assert!(taken && has_passed),
                None => events[0].reset(),
            }
            if E::CONSUMES {
                assert_eq!(are_set(events), [false, !has_passed]);
            }
            events[0].set();
            assert!(waiter.is_woken() && waiter.is_ready());
            *waiter = begin();
        })
    });
    println!("{rounds} races, {passed} waits were released first");
}

/// Each is set again, and a wait for it passes, or one for all.
pub(crate) fn c214_a_released_wait_for_all_that_is_dropped_hands_on<E: Event>() {
    let events = unset_events::<E, 3>();
    let release = || {
        let released = pending_all(&signals(events));
        make(events, [true; 3]);
        assert!(released.is_woken());
        assert_eq!(are_set(events), [!E::CONSUMES; 3]);
        released
    };
    drop(release());
    assert_eq!(are_set(events), [true; 3]);
    events.iter().for_each(assert_set_once);
    // If it was reset meanwhile, and nothing was taken, nothing is handed on.
    let released = release();
    make(events, [false; 3]);
    drop(released);
    assert_eq!(are_set(events), [E::CONSUMES; 3]);
    make(events, [false; 3]);

    // To single ones, to one for any, and to one for all.
    let released = release();
    make(events, [false; 3]);
    let [mut single] = pending(&events[0]);
    let mut any = pending_any(&[&events[1], &events[1]]);
    drop(released);
    assert_eq!((single.is_woken(), any.is_woken()), (E::CONSUMES, E::CONSUMES));
    make(events, [true; 3]);
    assert!(single.is_ready() && any.is_ready());
    make(events, [false; 3]);
    let released = release();
    make(events, [false; 3]);
    let mut next = pending_all(&signals(events));
    drop(released);
    assert_eq!(next.is_woken(), E::CONSUMES);
    make(events, [true; 3]);
    assert!(next.is_ready());
    make(events, [false; 3]);
    // To a thread.
    scope(|scope| {
        let released = release();
        make(events, [false; 3]);
        let thread = scope.spawn(|| wait_all(&signals(events)));
        wait_until(|| waiting(events) == [1; 3]);
        drop(released);
        if !E::CONSUMES {
            make(events, [true; 3]);
        }
        thread.join().unwrap();
    });
    assert_taken(events);
}

pub(crate) fn c123_c132_c210_a_dropped_wait_for_all_leaves_no_trace<E: Event>() {
    let events = unset_events::<E, 3>();
    let assert_forgotten = || {
        assert_eq!((waiting(events), queued(events)), ([0; 3], [0; 3]));
        for event in events {
            // Which takes no lock, as no wait is there.
            with_locked(queue(event), |_| event.set());
            assert!(event.is_set());
            with_locked(queue(event), |_| event.reset());
            assert!(!event.is_set());
        }
    };
    for event in events {
        // Not even a lock is taken.
        let drop_new = || drop(Task::new(wait_all_async(&signals(events))));
        with_locked(queue(event), |_| drop_new());
    }
    assert_forgotten();
    let probe = pending_all(&signals(events)).cancel();
    assert_eq!((probe.clones(), probe.drops(), probe.wakes()), (1, 1, 0));
    assert_forgotten();
    assert!(!wait_all_for(&signals(events), SHORT));
    assert_forgotten();
    // What was set meanwhile, or before, stays.
    for before in [false, true] {
        make(events, [before, false, false]);
        let dropped = pending_all(&signals(events));
        make(events, [true, false, true]);
        drop(dropped);
        assert_eq!(are_set(events), [true, false, true]);
        assert_set_once(&events[0]);
        assert_set_once(&events[2]);
        assert_forgotten();
    }
    // The first, the middle and the last of three, which have no more in common than one object.
    let others = unset_events::<E, 3>();
    for dropped in 0..3 {
        let mut tasks = others.each_ref().map(|other| Some(pending_all(&[other, &events[0]])));
        drop(tasks[dropped].take());
        assert_eq!((waits_for_all(&events[0]), waiting(others)[dropped]), (2, 0));
        make(others, [true; 3]);
        for task in tasks.iter_mut().flatten() {
            events[0].set();
            assert!(task.is_woken() && task.is_ready());
        }
        assert!(others[dropped].is_set());
        make(others, [false; 3]);
        events[0].reset();
        assert_forgotten();
    }
}

pub(crate) fn c93_c94_c210_a_wait_for_all_that_times_out_takes_nothing<E: Event>() {
    let events = new_events::<E, 3>([true, false, true]);
    times_out_in_time(|limit| wait_all_for(&signals(events), limit));
    times_out_in_time(|limit| wait_all_until(&signals(events), Instant::now() + limit));
    let nanosecond = Duration::from_nanos(1);
    for _ in 0..rounds(20_000) {
        let start = Instant::now();
        assert!(!wait_all_for(&signals(events), nanosecond));
        assert!(start.elapsed() >= nanosecond);
    }
    assert_eq!(are_set(events), [true, false, true]);
    assert_eq!((waiting(events), queued(events)), ([0; 3], [0; 3]));

    // Beside others, which go on waiting.
    let [mut single] = pending(&events[1]);
    let mut task = pending_all(&signals(events));
    scope(|scope| {
        let patient = scope.spawn(|| wait_all_for(&signals(events), FOREVER));
        wait_until(|| waiting(events) == [2; 3]);
        assert!(!wait_all_for(&signals(events), SHORT));
        assert_eq!((waiting(events), queued(events)), ([2; 3], [0, 1, 0]));
        assert_eq!(are_set(events), [true, false, true]);
        events[1].set();
        assert!(task.is_woken() && task.is_ready());
        if E::CONSUMES {
            make(events, [true, false, true]);
            events[1].set();
        }
        assert!(patient.join().unwrap());
        assert_eq!(single.is_woken(), !E::CONSUMES);
        events[1].set();
        assert!(single.is_woken() && single.is_ready());
    });
    assert_taken(events);
}

pub(crate) fn c95_c96_a_far_limit_of_a_wait_for_all_is_none<E: Event>() {
    const AGES: Duration = Duration::from_secs(i64::MAX as u64 / 2);
    let waits: [Form; 4] = [
        |signals| wait_all_for(signals, Duration::MAX),
        |signals| wait_all_for(signals, Duration::from_secs(u64::MAX / 2)),
        |signals| wait_all_for(signals, AGES),
        |signals| wait_all_until(signals, Instant::now() + Duration::from_secs(1000 * 3600)),
    ];
    let events = unset_events::<E, 2>();
    for wait in waits {
        scope(|scope| {
            let waiter = scope.spawn(|| wait(&signals(events)));
            wait_until(|| waiting(events) == [1; 2]);
            make(events, [true; 2]);
            assert!(waiter.join().unwrap());
        });
        assert_taken(events);
    }
}

/// Even if all are reset before the deadline, too.
pub(crate) fn c28_c99_the_last_set_before_the_deadline_wins<E: Event>() {
    const WAITERS: usize = 8;
    let open = ManualResetEvent::from(true);
    let sets = if E::CONSUMES { WAITERS } else { 1 };
    let wait = |event: &E, deadline| wait_all_until(&[&open, event], deadline);
    let set_and_reset = |event: &E| {
        (0..sets).for_each(|_| event.set());
        event.reset();
    };
    release_beats_later_deadlines(WAITERS, unset, waits_for_all, wait, set_and_reset);
    assert_eq!(waits_for_all(&open), 0);
}

/// In every form, wherever they are, whether set or not. Other waits go on.
pub(crate) fn c116_c211_c228_the_same_object_twice_is_refused<E: Event>() {
    struct Wrapped<E: 'static>(&'static E);
    impl<E: Event> Signal for Wrapped<E> {
        fn part(&self) -> Part<'_> {
            self.0.part()
        }
    }
    let events = unset_events::<E, 10>();
    let [event, other, ..] = events;
    let wrapped = kept(Wrapped(event));
    let mut many = signals(events).to_vec();
    many.push(wrapped);
    let lists: [&[&'static dyn Signal]; 6] = [
        &[event, event],
        &[event, other, event],
        &[other, event, event, other],
        &[wrapped, other, event],
        &[wrapped, wrapped],
        &many,
    ];
    let begun = pending_all(&[other, event]);
    let [mut single] = pending(event);
    for sets in [[false; 10], array::from_fn(|place| place != 0)] {
        make(events, sets);
        for list in lists {
            let calls: [&dyn Fn(); 7] = [
                &|| wait_all(list),
                &|| _ = wait_all0(list),
                &|| _ = wait_all_for(list, FOREVER),
                &|| _ = wait_all_for(list, Duration::ZERO),
                &|| _ = wait_all_until(list, Instant::now() + FOREVER),
                &|| _ = wait_all_until(list, past()),
                &|| _ = wait_all_async(list),
            ];
            for (number, call) in calls.into_iter().enumerate() {
                assert_eq!(file_of_panic(call), file!(), "call {number}");
            }
            assert_eq!(are_set(events), sets);
            assert_eq!((waits_for_all(event), waits_for_all(other), parked(event)), (1, 1, 1));
        }
    }
    drop(begun);
    event.set();
    assert!(single.is_woken() && single.is_ready());
    make(events, [true; 10]);
    for list in lists {
        assert!(catch_unwind(AssertUnwindSafe(|| wait_all0(list))).is_err());
    }
    assert_eq!(are_set(events), [true; 10]);
    assert!(wait_all0(&signals(events)));
    assert_taken(events);
}

/// An object that notes when a wait has passed by it, and in which thread.
struct Logging<E> {
    event: E,
    number: usize,
    log: &'static Mutex<Vec<(usize, ThreadId)>>,
}

impl<E: Event> Signal for Logging<E> {
    fn part(&self) -> Part<'_> {
        self.event.part()
    }

    fn won(&self, won: Won<'_>) {
        assert!(won.is_of(self.part()));
        // It is called without a lock, and may wait.
        _ = Task::new(wait_all_async(&[])).is_ready();
        _ = wait_any0(&[&self.event]);
        self.log.lock().unwrap().push((self.number, thread::current().id()));
    }
}

/// Once each, in the thread that waits.
pub(crate) fn won_is_called_for_each_in_their_order<E: Event>() {
    let log: &'static Mutex<Vec<_>> = kept(Mutex::default());
    let objects: &'static [Logging<E>; 3] =
        kept(array::from_fn(|number| Logging { event: unset(), number, log }));
    let signals = [2, 0, 1].map(|place: usize| &objects[place] as &dyn Signal);
    let set = || objects.iter().for_each(|object| object.event.set());
    let reset = || objects.iter().for_each(|object| object.event.reset());
    let assert_won = |thread| {
        let won = std::mem::take(&mut *log.lock().unwrap());
        assert_eq!(won, [2, 0, 1].map(|number| (number, thread)));
        reset();
    };
    let here = thread::current().id();
    for form in BLOCKING.into_iter().chain(AT_ONCE) {
        set();
        assert!(form(&signals));
        assert_won(here);
    }
    for form in AT_ONCE {
        objects[0].event.set();
        assert!(!form(&signals));
    }
    reset();
    for form in BLOCKING {
        scope(|scope| {
            let waiter = scope.spawn(|| form(&signals));
            wait_until(|| waits_for_all(&objects[0].event) == 1);
            set();
            let thread = waiter.thread().id();
            assert!(waiter.join().unwrap());
            assert_won(thread);
        });
    }
    for is_polled in [false, true] {
        let mut task = pending_all(&signals);
        set();
        assert_eq!(*log.lock().unwrap(), []);
        if is_polled {
            assert!(task.is_ready());
            assert_won(here);
        }
        drop(task);
        assert_eq!(*log.lock().unwrap(), []);
        reset();
    }
}

/// The wait has passed, and has left. That of the other object is called, too.
pub(crate) fn won_of_a_wait_for_all_may_panic<E: Event>() {
    /// Makes a call when it is dropped.
    struct Guard<F: Fn()>(F);

    impl<F: Fn()> Drop for Guard<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    let objects: &'static [Noting<E>; 2] = kept([(); 2].map(|()| Noting::new(false)));
    objects[0].panics.store(true, Ordering::Relaxed);
    let signals = signals(objects);
    let events = || objects.each_ref().map(|object| &object.event);
    let set = || events().into_iter().for_each(E::set);
    let assert_passed = || {
        assert_eq!(std::mem::take(&mut *objects[1].won.lock().unwrap()).len(), 1);
        assert_eq!(events().map(E::is_set), [!E::CONSUMES; 2]);
        assert_eq!(events().map(|event| (waits_for_all(event), parked(event))), [(0, 0); 2]);
        events().into_iter().for_each(E::reset);
    };
    let panics = |call: &dyn Fn()| assert_panics(call, &["`won` has panicked"]);
    for form in BLOCKING.into_iter().chain(AT_ONCE) {
        set();
        panics(&|| _ = form(&signals));
        assert_passed();
    }
    // While another panic unwinds, a destructor that catches this one still sees it.
    set();
    let unwind = || {
        let _guard = Guard(|| panics(&|| _ = wait_all0(&signals)));
        panic!("the first panic");
    };
    assert_panics(unwind, &["the first panic"]);
    assert_passed();
    for form in BLOCKING {
        scope(|scope| {
            let waiter = scope.spawn(|| panics(&|| _ = form(&signals)));
            wait_until(|| waits_for_all(&objects[0].event) == 1);
            set();
            waiter.join().unwrap();
        });
        assert_passed();
    }
    let mut task = pending_all(&signals);
    set();
    assert_panics(|| _ = task.poll(), &["`won` has panicked"]);
    assert_panics(|| _ = task.poll(), &["completed before"]);
    drop(task);
    assert_passed();
}

/// 215: both objects, of which each is set by a thread of its own, or one.
pub(crate) fn c215_c227_a_waiter_for_all_frees_them<E: Event>() {
    static OPEN: ManualResetEvent = ManualResetEvent::new(EventState::Set);
    freed_by_its_waiter(1, unset::<E>, E::set, |event| wait_all(&[&OPEN, event]));
    freed_by_its_waiter(1, unset::<E>, E::set, |event| {
        wait_until(|| wait_all_for(&[event, &OPEN], random_limit()) || event.wait0());
    });
    // A setter that finds it waiting.
    let set_waiting = |event: &E| {
        wait_until(|| waits_for_all(event) == 1);
        event.set();
    };
    freed_by_its_waiter(1, unset::<E>, set_waiting, |event| wait_all(&[event, &OPEN]));
    let second = AtomicBool::new(false);
    let set_one = |events: &[E; 2]| {
        events[usize::from(second.fetch_xor(true, Ordering::Relaxed))].set();
    };
    let new = || [(); 2].map(|()| unset::<E>());
    freed_by_its_waiter(2, new, set_one, |events| wait_all(&signals(events)));
    freed_by_its_waiter(2, new, set_one, |events| {
        wait_until(|| wait_all_for(&signals(events), random_limit()));
    });
    // On the stack.
    for _ in 0..rounds(300) {
        scope(|scope| {
            let (sender, receiver) = std::sync::mpsc::channel::<usize>();
            scope.spawn(move || {
                if let Ok(address) = receiver.recv() {
                    let events = std::ptr::with_exposed_provenance::<[E; 2]>(address);
                    // SAFETY: they live until the wait has returned, which takes these sets.
                    unsafe { (*events)[0].set() };
                    // SAFETY: as before.
                    unsafe { (*events)[1].set() };
                }
            });
            let events = new();
            sender.send((&raw const events).expose_provenance()).unwrap();
            wait_all(&signals(&events));
        });
    }
}

/// By objects that are not waited for.
pub(crate) fn c108_c215_the_addresses_are_used_again<E: Event>() {
    static OPEN: ManualResetEvent = ManualResetEvent::new(EventState::Set);
    let new = || [(); 2].map(|()| unset::<E>());
    let set = |events: &[E; 2]| events.iter().for_each(E::set);
    address_used_again(new, set, |[first, second], limit| {
        wait_all_for(&[first, &OPEN, second], limit)
    });
}

/// While other waits make the table of queues larger and smaller.
pub(crate) fn c216_c217_sets_and_waits_for_all_while_the_table_grows<E: Event>() {
    let events = unset_events::<E, 2>();
    let many: &'static Vec<E> =
        kept((0..rounds(2_000).clamp(50, 4_000)).map(|_| unset()).collect());
    let all: Vec<_> = many.iter().map(|event| event as &dyn Signal).collect();
    scope(|scope| {
        for setter in 0..8 {
            let event = &events[setter % 2];
            scope.repeat(|| {
                event.set();
                thread::yield_now();
            });
        }
        scope.repeat(|| {
            let _single: Vec<_> = many.iter().map(|it| Task::pending(it.wait_async())).collect();
            drop(pending_all(&all));
        });
        for round in 0..rounds(100) {
            BLOCKING[round % 4](&signals(events));
        }
    });
    assert_eq!((waiting(events), queued(events)), ([0; 2], [0; 2]));
    assert!(many.iter().all(|it| waits_for_all(it) == 0 && parked(it) == 0));
}

/// What was written before each of the sets, in each way in which the wait may find them.
pub(crate) fn c85_c163_each_set_publishes_to_waits_for_all<E: Event>() {
    let events = unset_events::<E, 2>();
    let data = [Plain::default(), Plain::default()];
    let race = Race::new(10_000);
    scope(|scope| {
        scope.spawn(|| {
            let part = |round: usize| {
                spin(fastrand::usize(..200));
                data[0].set(round);
                events[0].set();
            };
            race.run(part, drop);
        });
        let part = |round| {
            let mut task = Task::new(wait_all_async(&signals(events)));
            let mut dropped = Task::new(wait_all_async(&signals(events)));
            match round % 4 {
                0 => assert!(!task.is_ready()),
                1 => assert!(!dropped.is_ready() && !task.is_ready()),
                _ => {}
            }
            spin(fastrand::usize(..200));
            events[1].set();
            match round % 4 {
                2 => wait_all(&signals(events)),
                3 => while !wait_all_for(&signals(events), random_limit()) {},
                _ => {
                    drop(dropped);
                    wait_until(|| task.is_woken());
                    assert!(task.is_ready());
                }
            }
            assert_eq!(data[0].get(), round);
        };
        race.run(part, |()| make(events, [false; 2]));
    });
    // Two setters, and neither is the waiter.
    for round in 1..rounds(200) {
        scope(|scope| {
            let wait = BLOCKING[round % 4];
            let (data, first) = (&data, round % 2);
            let waiter = scope.spawn(move || {
                wait(&signals(events));
                assert_eq!([data[0].get(), data[1].get()], [round; 2]);
            });
            let set = move |place: usize| {
                data[place].set(round);
                events[place].set();
            };
            let setter = scope.spawn(move || set(first));
            set(1 - first);
            setter.join().unwrap();
            waiter.join().unwrap();
        });
        make(events, [false; 2]);
    }
}
