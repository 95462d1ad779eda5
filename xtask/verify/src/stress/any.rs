//! Stress scenarios of waits for one of several objects.

use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::thread;
use std::time::{Duration, Instant};

use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, Signal, wait_any_async};

use super::barrier::Barrier;
use super::harness::Harness;
use super::stats::Counter;
use super::tasks::{Follower, Race, Task, moment, race};
use super::waits;
use super::worker::{Worker, pause};
use crate::task::Alarm;
use crate::wait::WaitKind;

pub(super) fn unset(harness: &Harness, name: &'static str) -> &'static AutoResetEvent {
    harness.object(name, AutoResetEvent::new(EventState::Unset))
}

/// The places of two objects, in either order.
pub(super) fn either_order() -> [usize; 2] {
    if fastrand::bool() { [0, 1] } else { [1, 0] }
}

pub(super) fn are_set(events: [&AutoResetEvent; 2]) -> usize {
    events.into_iter().filter(|event| event.is_set()).count()
}

/// Two sets against one task that waits for both: once both have returned, one is taken and the other one is there,
/// for every other thread at every moment, also while the task returns (contract 112, 185). The two setters go step
/// by step, and take turns with the task. A third thread checks both events now and then.
pub(super) fn two_setters(harness: &Harness) {
    const NONE: u64 = 0;
    let events = ["the first event", "the second event"].map(|name| unset(harness, name));
    let pair = &Pair::new();
    let winner = &AtomicUsize::new(0);
    // The round in which both are set and none is taken back, or none.
    let stable = &AtomicU64::new(NONE);
    let is_over = &AtomicBool::new(false);
    let check = move |are_set: usize| {
        harness.lost_unless(are_set > 0, "the loser is not seen set");
        harness.doubled_unless(are_set < 2, "none was taken");
    };
    thread::scope(|scope| {
        harness.spawn(scope, 2, "setter", move |worker| {
            for round in 1.. {
                if worker.index == 0 {
                    is_over.store(!worker.next_round(), Ordering::Relaxed);
                }
                let order = either_order();
                let mut task = (round % 2 == worker.index as u64).then(|| {
                    let signals = order.map(|index| events[index] as &dyn Signal);
                    Task::begin(wait_any_async(&signals))
                });
                pair.meet(worker);
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                moment();
                worker.set(events[worker.index]);
                pair.meet(worker);
                if let Some(task) = &mut task {
                    harness.lost_unless(task.alarm.is_woken(), "a task was not woken");
                    let place = task.poll();
                    harness.lost_unless(place.is_some(), "a task was not released");
                    winner.store(order[place.unwrap_or(0)], Ordering::Relaxed);
                } else {
                    stable.store(round, Ordering::Release);
                    check(are_set(events));
                    stable.store(NONE, Ordering::Relaxed);
                    fence(Ordering::SeqCst);
                }
                pair.meet(worker);
                if task.is_none() {
                    // This thread has the task of the next round.
                    let winner = winner.load(Ordering::Relaxed);
                    let left = [winner, 1 - winner].map(|index| events[index].wait0());
                    harness.doubled_unless(!left[0], "a set is taken, and left");
                    harness.lost_unless(left[1], "the set of the loser");
                }
            }
        });
        harness.spawn(scope, 1, "third", move |worker| {
            let check = || {
                let before = stable.load(Ordering::Acquire);
                let seen = are_set(events);
                fence(Ordering::SeqCst); // an event that was reset is not stable any more
                let is_stable = before != NONE && stable.load(Ordering::Relaxed) == before;
                if is_stable {
                    check(seen);
                }
                is_stable
            };
            while !is_over.load(Ordering::Relaxed) {
                // The setters need the cores.
                _ = (0..100).any(|_| check());
                worker.rest();
            }
        });
    });
}

/// The same with a thread that waits, parked or not. A thread that is neither of them sees at least one event set
/// as soon as both sets have returned. (No wait is a task that may be dropped after its release: that sets its
/// event anew, and while one thread checks one event after the other, the next wait may take the other event.)
pub(super) fn third_party(harness: &Harness) {
    let events = ["the first event", "the second event"].map(|name| unset(harness, name));
    let [waiter, first, second] = &[const { Race::new() }; 3];
    let winner = &AtomicUsize::new(0);
    let wait = |worker: &Worker<'_>| {
        let order = either_order();
        let signals = order.map(|index| events[index] as &dyn Signal);
        let mut kinds =
            iter::repeat_with(waits::any).filter(|kind| kind.is_endless() || !kind.is_async());
        let place = kinds.find_map(|kind| worker.wait_any(&signals, kind));
        winner.store(order[place.expect("it waits until it is released")], Ordering::Relaxed);
    };
    let lead = |worker: &Worker<'_>| {
        waiter.start();
        (0..fastrand::u32(1..512) >> fastrand::u32(..9)).for_each(|_| moment());
        if fastrand::u8(..4) == 0 {
            thread::sleep(Duration::from_micros(20)); // it sleeps by then
        }
        first.start();
        second.start();
        first.join(worker);
        second.join(worker);
        harness.lost_unless(are_set(events) > 0, "the loser is not seen set");
        waiter.join(worker);
        let winner = winner.load(Ordering::Relaxed);
        let left = [winner, 1 - winner].map(|index| events[index].wait0());
        harness.doubled_unless(!left[0], "a set is taken, and left");
        harness.lost_unless(left[1], "the set of the loser");
    };
    let followers: [Follower<'_>; 3] = [
        ("waiter", waiter, &wait),
        ("first setter", first, &|worker| worker.set(events[0])),
        ("second setter", second, &|worker| worker.set(events[1])),
    ];
    race(harness, lead, followers);
}

/// Sets against the deadline or the drop of a wait for two events: each set is taken, or left, or with the task
/// that waits behind (contract 188, 190).
pub(super) fn give_up(harness: &Harness) {
    let events = ["the first event", "the second event"].map(|name| unset(harness, name));
    let start = Instant::now();
    let now = || start.elapsed().as_nanos() as u64;
    let (set_at, which) = (&AtomicU64::new(0), &AtomicUsize::new(0));
    let setter = &Race::new();
    let set = |worker: &Worker<'_>| {
        let which = which.load(Ordering::Relaxed);
        worker.until(|| now() >= set_at.load(Ordering::Relaxed));
        for index in either_order() {
            if which & 1 << index != 0 {
                worker.set(events[index]);
            }
        }
    };
    let lead = |worker: &Worker<'_>| {
        let sets = fastrand::usize(1..4);
        which.store(sets, Ordering::Relaxed);
        let order = either_order();
        let signals = order.map(|index| events[index] as &dyn Signal);
        let may_be_dropped = fastrand::bool();
        let mut behind = None;
        let mut begin_behind = || {
            if fastrand::bool() {
                behind = Some(Task::begin(events[0].wait_async()));
            }
        };
        let place = if may_be_dropped {
            let mut task = Task::begin(wait_any_async(&signals));
            begin_behind();
            set_at.store(0, Ordering::Relaxed);
            setter.start();
            match fastrand::u8(..4) {
                0 => setter.join(worker), // it is released by then
                _ => moment(),
            }
            // Sometimes it is polled once more, and may take one.
            if fastrand::u8(..8) == 0 { task.poll() } else { None }
        } else {
            begin_behind();
            // Most deadlines pass before the thread sleeps. A timer is late.
            let limit = 1 + (fastrand::u64(..30_000) >> fastrand::u32(..12));
            let late = fastrand::u64(..if limit < 4_000 { 2_000 } else { 100_000 });
            set_at.store(now() + limit + late, Ordering::Relaxed);
            setter.start();
            worker.wait_any(&signals, WaitKind::WaitFor(Duration::from_nanos(limit)))
        };
        setter.join(worker);
        let mut taken = [0, 0];
        if let Some(place) = place {
            taken[order[place]] += 1;
        }
        if let Some(mut task) = behind {
            let is_woken = task.alarm.is_woken();
            let is_ready = task.poll().is_some();
            harness.lost_unless(is_woken || !is_ready, "a task was not woken");
            taken[0] += u64::from(is_ready);
            harness.lost_unless(is_ready || !events[0].is_set(), "set, and a task waits");
        }
        for (index, event) in events.into_iter().enumerate() {
            let there = u64::from(sets & 1 << index != 0);
            harness.balance(there, taken[index] + u64::from(event.wait0()), "sets");
        }
    };
    race(harness, lead, [("setter", setter, &set)]);
}

/// A set that is undone at once has released a task that waits for any (contract 189). Meanwhile the task is
/// polled, each time with another waker.
pub(super) fn undone(harness: &Harness) {
    let auto = unset(harness, "the auto-reset event");
    let manual = harness.object("the other event", ManualResetEvent::new(EventState::Unset));
    let is_auto = &AtomicBool::new(false);
    let setter = &Race::new();
    let set = |worker: &Worker<'_>| {
        if is_auto.load(Ordering::Relaxed) {
            worker.set(auto);
            worker.reset(auto);
        } else {
            worker.set(manual);
            worker.reset(manual);
        }
    };
    let lead = |worker: &Worker<'_>| {
        let order = either_order();
        let chosen = fastrand::usize(..2);
        is_auto.store(chosen == 0, Ordering::Relaxed);
        let all: [&dyn Signal; 2] = [auto, manual];
        let mut task = Task::begin(wait_any_async(&order.map(|index| all[index])));
        setter.start();
        let mut place = None;
        for _ in 0..fastrand::u8(..4) {
            moment();
            task.alarm = Arc::new(Alarm::new());
            place = task.poll();
            if place.is_some() {
                break;
            }
        }
        setter.join(worker);
        if place.is_none() {
            harness.lost_unless(task.alarm.is_woken(), "the newest waker was not woken");
            place = task.poll();
        }
        let winner = place.map(|place| order[place]);
        harness.lost_unless(winner == Some(chosen), "a set released none, or the other one");
        harness.doubled_unless(!auto.is_set() && !manual.is_set(), "set again after a reset");
    };
    race(harness, lead, [("setter", setter, &set)]);
}

/// Two threads that wait for the same two events in opposite orders, and one set of each: both are released
/// (contract 193).
pub(super) fn opposite_orders(harness: &Harness) {
    const WAITERS: usize = 2;
    let events = ["the first event", "the second event"].map(|name| unset(harness, name));
    let barrier = &Barrier::new(WAITERS + events.len());
    let taken = &[const { AtomicU64::new(0) }; 2];
    thread::scope(|scope| {
        harness.spawn(scope, WAITERS, "waiter", move |worker| {
            let order = [worker.index, 1 - worker.index];
            let signals = order.map(|index| events[index] as &dyn Signal);
            while barrier.next_round(worker) {
                let place = worker.wait_any_until_released(&signals);
                taken[order[place]].fetch_add(1, Ordering::Relaxed);
                barrier.wait(worker);
            }
        });
        harness.spawn(scope, events.len(), "setter", move |worker| {
            let mut number = 0;
            while barrier.next_round(worker) {
                pause();
                worker.set(events[worker.index]);
                number += 1;
                barrier.wait(worker);
                harness.balance(number, taken[worker.index].load(Ordering::Relaxed), "sets");
            }
        });
    });
    harness.doubled_unless(are_set(events) == 0, "a set is taken, and left");
}

/// Threads that pass a token to each other. Each waits for its own event and for the end, which releases all of them
/// (contract 118, 165).
pub(super) fn ring(harness: &Harness) {
    const MEMBERS: usize = 64;
    let own: &[_; MEMBERS] = &std::array::from_fn(|_| unset(harness, "an event"));
    let end = harness.object("the end", ManualResetEvent::new(EventState::Unset));
    let (turn, ended) = (&AtomicU64::new(0), &AtomicBool::new(false));
    thread::scope(|scope| {
        harness.spawn(scope, MEMBERS, "member", move |worker| {
            let signals: [&dyn Signal; 2] = [own[worker.index], end];
            if worker.index == 0 {
                worker.set(own[0]);
            }
            for round in 0.. {
                if worker.wait_any_until_released(&signals) == 1 {
                    harness.doubled_unless(ended.load(Ordering::Relaxed), "released by the end");
                    break;
                }
                let expected = round * MEMBERS as u64 + worker.index as u64;
                let now = turn.load(Ordering::Relaxed);
                harness.doubled_unless(now == expected, "released out of turn");
                if worker.index == 0 && !worker.next_round() {
                    ended.store(true, Ordering::Relaxed);
                    worker.set(end);
                    continue; // it is released as the others are
                }
                turn.store(expected + 1, Ordering::Relaxed);
                worker.set(own[(worker.index + 1) % MEMBERS]);
            }
        });
    });
    harness.doubled_unless(own.iter().all(|event| !event.is_set()), "a token too many");
    let rounds = harness.total(Counter::Rounds);
    harness.balance(rounds * MEMBERS as u64, turn.load(Ordering::Relaxed), "turns");
}

/// Two threads that go step by step.
struct Pair([Steps; 2]);

/// How many steps a thread has made. On cache lines of its own.
#[repr(align(128))]
struct Steps(AtomicU64);

impl Pair {
    const fn new() -> Self {
        Self([const { Steps(AtomicU64::new(0)) }; 2])
    }

    /// Returns when both have come here.
    fn meet(&self, worker: &Worker<'_>) {
        let [mine, other] = [worker.index, 1 - worker.index].map(|index| &self.0[index].0);
        let step = mine.load(Ordering::Relaxed) + 1;
        mine.store(step, Ordering::Release);
        worker.until(|| other.load(Ordering::Acquire) >= step);
    }
}
