//! Stress scenarios of waits for all of several objects.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rsevents::{
    AutoResetEvent, Awaitable, EventState, ManualResetEvent, Signal, WaitAll, wait_all_async,
};
use rsevents_extra::{Request, Semaphore, SemaphoreGuard};

use super::any::{are_set, either_order, unset};
use super::barrier::Barrier;
use super::harness::Harness;
use super::stats::Counter;
use super::tasks::{Follower, Race, Task, moment, race};
use super::waits;
use super::worker::{Worker, pause};
use crate::task::Alarm;
use crate::wait::WaitKind;

type Events = [&'static AutoResetEvent; 2];

fn two(harness: &Harness) -> Events {
    ["the first event", "the second event"].map(|name| unset(harness, name))
}

/// Both, in either order.
fn signals(events: Events) -> [&'static dyn Signal; 2] {
    either_order().map(|index| events[index] as &dyn Signal)
}

fn begin(events: Events) -> Task<WaitAll> {
    Task::begin(wait_all_async(&signals(events)))
}

/// Five philosophers at a round table, who eat with two forks each. No fork is in two hands, and all philosophers
/// eat in each round.
pub(super) fn philosophers(harness: &Harness) {
    const SEATS: usize = 5;
    const NONE: usize = usize::MAX;
    let forks: &[_; SEATS] = &std::array::from_fn(|_| unset(harness, "a fork"));
    let hands = &[const { AtomicUsize::new(NONE) }; SEATS];
    let meals = &AtomicU64::new(0);
    let barrier = &Barrier::new(SEATS);
    forks.iter().for_each(|fork| fork.set());
    thread::scope(|scope| {
        harness.spawn(scope, SEATS, "philosopher", move |worker| {
            let seat = worker.index;
            let mine = [seat, (seat + 1) % SEATS];
            while barrier.next_round(worker) {
                for _ in 0..fastrand::u8(1..5) {
                    let order = either_order().map(|index| mine[index]);
                    worker.wait_all_until_released(&order.map(|fork| forks[fork] as &dyn Signal));
                    let change = |from, to| {
                        let has_changed =
                            mine.map(|fork| hands[fork].swap(to, Ordering::Relaxed) == from);
                        harness.doubled_unless(has_changed == [true; 2], "a fork in two hands");
                    };
                    change(NONE, seat);
                    if fastrand::u8(..8) == 0 {
                        thread::yield_now(); // others begin to wait meanwhile
                    }
                    change(seat, NONE);
                    meals.fetch_add(1, Ordering::Relaxed);
                    for index in either_order() {
                        worker.set(forks[mine[index]]);
                    }
                    pause();
                }
            }
        });
    });
    harness.balance(meals.load(Ordering::Relaxed), harness.total(Counter::Waits), "meals");
    harness.lost_unless(forks.iter().all(|fork| fork.is_set()), "a fork is gone");
}

/// Threads that need permits and a lock at once, beside threads that need permits alone, of which some want several
/// (contract 204).
pub(super) fn permits(harness: &Harness) {
    const PERMITS: u16 = 3;
    const HOLDERS: usize = 3;
    const OTHERS: usize = 2;
    let semaphore = harness.object("the semaphore", Semaphore::new(PERMITS, PERMITS));
    let lock = unset(harness, "the lock");
    let is_locked = &AtomicBool::new(false);
    let held = &AtomicU64::new(0);
    let barrier = &Barrier::new(HOLDERS + OTHERS);
    let hold = |worker: &Worker<'_>, guard: SemaphoreGuard<'_>| {
        let permits = u64::from(guard.permits());
        let now = held.fetch_add(permits, Ordering::Relaxed) + permits;
        harness.doubled_unless(now <= PERMITS.into(), "more permits are held than there are");
        if fastrand::u8(..8) == 0 {
            thread::yield_now(); // others begin to wait meanwhile
        }
        held.fetch_sub(permits, Ordering::Relaxed);
        worker.sets(permits, || drop(guard));
    };
    let hold_both = |worker: &Worker<'_>, request: &'static Request<'static>| {
        let all: [&'static dyn Signal; 2] = [request, lock];
        worker.wait_all_until_released(&either_order().map(|index| all[index]));
        let guard = request.take().expect("it has passed");
        harness.doubled_unless(!is_locked.swap(true, Ordering::Relaxed), "two have the lock");
        hold(worker, guard);
        is_locked.store(false, Ordering::Relaxed);
        worker.set(lock);
    };
    lock.set();
    thread::scope(|scope| {
        harness.spawn(scope, HOLDERS, "holder of both", |worker| {
            let requests = [1, 2, PERMITS]
                .map(|permits| harness.object("a request", semaphore.request(permits)));
            while barrier.next_round(worker) {
                for _ in 0..fastrand::u8(1..5) {
                    hold_both(worker, requests[fastrand::usize(..requests.len())]);
                    pause();
                }
            }
        });
        harness.spawn(scope, OTHERS, "holder of permits", |worker| {
            while barrier.next_round(worker) {
                for _ in 0..fastrand::u8(1..5) {
                    let kind = waits::any();
                    let guard = worker.take(semaphore, fastrand::u16(1..=PERMITS), kind);
                    guard.into_iter().for_each(|guard| hold(worker, guard));
                    pause();
                }
            }
        });
    });
    harness.balance(PERMITS.into(), semaphore.count().into(), "permits at the end");
    harness.lost_unless(lock.is_set(), "the lock is gone");
}

/// Two threads that wait for all of the same two events in opposite orders, one that waits for any of them, and one
/// that waits for one. Both events are set again and again: all are released (contract 207).
pub(super) fn opposite_orders(harness: &Harness) {
    const WAITERS: usize = 4;
    let events = two(harness);
    let barrier = &Barrier::new(WAITERS + events.len());
    let released = &AtomicUsize::new(0);
    let [set, taken] = &[const { [const { AtomicU64::new(0) }; 2] }; 2];
    thread::scope(|scope| {
        harness.spawn(scope, WAITERS, "waiter", move |worker| {
            let order = if worker.index.is_multiple_of(2) { [0, 1] } else { [1, 0] };
            let signals = order.map(|index| events[index] as &dyn Signal);
            while barrier.next_round(worker) {
                let taken_from = match worker.index {
                    0 | 1 => {
                        worker.wait_all_until_released(&signals);
                        &order[..]
                    }
                    2 => {
                        let place = worker.wait_any_until_released(&signals);
                        &order[place..=place]
                    }
                    _ => {
                        worker.wait_until_released(events[0]);
                        &[0]
                    }
                };
                for &index in taken_from {
                    taken[index].fetch_add(1, Ordering::Relaxed);
                }
                released.fetch_add(1, Ordering::Release);
                barrier.wait(worker);
            }
        });
        harness.spawn(scope, events.len(), "setter", move |worker| {
            let event = events[worker.index];
            let set = &set[worker.index];
            while barrier.next_round(worker) {
                while released.load(Ordering::Acquire) < WAITERS {
                    if event.is_set() {
                        worker.rest();
                    }
                    set.fetch_add(1, Ordering::Relaxed);
                    worker.set(event);
                    pause();
                }
                barrier.wait(worker);
                released.store(0, Ordering::Relaxed); // the next round begins later
                let taken = taken[worker.index].load(Ordering::Relaxed);
                let set = set.load(Ordering::Relaxed);
                harness.doubled_unless(taken <= set, "more is taken than was set");
            }
        });
    });
}

/// A thread that waits for all reserves nothing: the event that is set is there for others until the last one is
/// set, which releases it (contract 114, 204).
pub(super) fn last_set(harness: &Harness) {
    let events = two(harness);
    let [waiter, setter] = &[const { Race::new() }; 2];
    let last = &AtomicUsize::new(0);
    let lead = |worker: &Worker<'_>| {
        let [first, other] = either_order();
        last.store(other, Ordering::Relaxed);
        worker.set(events[first]);
        waiter.start();
        (0..fastrand::u32(1..512) >> fastrand::u32(..9)).for_each(|_| moment());
        if fastrand::u8(..4) == 0 {
            thread::sleep(Duration::from_micros(20)); // it sleeps by then
        }
        for _ in 0..fastrand::u8(..3) {
            harness.lost_unless(events[first].wait0(), "an event is reserved");
            moment();
            worker.set(events[first]);
        }
        setter.start();
        setter.join(worker);
        waiter.join(worker);
        harness.doubled_unless(are_set(events) == 0, "a set is taken, and left");
    };
    let followers: [Follower<'_>; 2] = [
        ("waiter", waiter, &|worker| worker.wait_all_until_released(&signals(events))),
        ("setter", setter, &|worker| worker.set(events[last.load(Ordering::Relaxed)])),
    ];
    race(harness, lead, followers);
}

/// Two sets at once release a task that waits for both, before the later one of them returns.
pub(super) fn two_setters(harness: &Harness) {
    let events = two(harness);
    let [first, second] = &[const { Race::new() }; 2];
    let lead = |worker: &Worker<'_>| {
        let mut task = begin(events);
        first.start();
        second.start();
        first.join(worker);
        second.join(worker);
        harness.lost_unless(task.alarm.is_woken(), "a task was not woken");
        harness.doubled_unless(are_set(events) == 0, "an event is set, and was taken");
        harness.lost_unless(task.poll().is_some(), "a task was not released");
    };
    let followers: [Follower<'_>; 2] = [
        ("first setter", first, &|worker| worker.set(events[0])),
        ("second setter", second, &|worker| worker.set(events[1])),
    ];
    race(harness, lead, followers);
}

/// Sets against the deadline or the drop of a wait for two events: both sets are taken, or none, also where a task
/// waits behind for one of them (contract 208, 210, 214).
pub(super) fn give_up(harness: &Harness) {
    let events = two(harness);
    let start = Instant::now();
    let now = || start.elapsed().as_nanos() as u64;
    let set_at = &AtomicU64::new(0);
    // Which events are set, in which order.
    let [which, first] = [&AtomicUsize::new(0), &AtomicUsize::new(0)];
    let setter = &Race::new();
    let set = |worker: &Worker<'_>| {
        let [which, first] = [which, first].map(|number| number.load(Ordering::Relaxed));
        worker.until(|| now() >= set_at.load(Ordering::Relaxed));
        for index in [first, 1 - first] {
            if which & 1 << index != 0 {
                worker.set(events[index]);
            }
        }
    };
    let lead = |worker: &Worker<'_>| {
        let sets = fastrand::usize(1..4);
        let order = either_order();
        which.store(sets, Ordering::Relaxed);
        first.store(order[0], Ordering::Relaxed);
        let may_be_dropped = fastrand::bool();
        let mut behind = None;
        let mut begin_behind = || {
            if fastrand::bool() {
                behind = Some(Task::begin(events[0].wait_async()));
            }
        };
        let is_released = if may_be_dropped {
            let mut task = begin(events);
            begin_behind();
            set_at.store(0, Ordering::Relaxed);
            setter.start();
            match fastrand::u8(..4) {
                0 => setter.join(worker), // it is released by then
                _ => moment(),
            }
            // Sometimes it is polled once more, and may take both.
            fastrand::u8(..8) == 0 && task.poll().is_some()
        } else {
            begin_behind();
            // Most deadlines pass before the thread sleeps. A timer is late.
            let limit = 1 + (fastrand::u64(..30_000) >> fastrand::u32(..12));
            let late = fastrand::u64(..if limit < 4_000 { 2_000 } else { 100_000 });
            set_at.store(now() + limit + late, Ordering::Relaxed);
            setter.start();
            worker.wait_all(&signals(events), WaitKind::WaitFor(Duration::from_nanos(limit)))
        };
        setter.join(worker);
        let mut taken = [u64::from(is_released); 2];
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

/// The last set is undone at once, and has released a task that waits for all (contract 205). Meanwhile the task is
/// polled, each time with another waker.
pub(super) fn undone(harness: &Harness) {
    let auto = unset(harness, "the auto-reset event");
    let manual = harness.object("the other event", ManualResetEvent::new(EventState::Unset));
    let is_auto = &AtomicBool::new(false);
    let setter = &Race::new();
    let set = |worker: &Worker<'_>| {
        if is_auto.load(Ordering::Relaxed) {
            worker.set(manual);
            worker.set(auto);
            worker.reset(auto);
        } else {
            worker.set(auto);
            worker.set(manual);
        }
        worker.reset(manual);
    };
    let lead = |worker: &Worker<'_>| {
        is_auto.store(fastrand::bool(), Ordering::Relaxed);
        let all: [&'static dyn Signal; 2] = [auto, manual];
        let mut task = Task::begin(wait_all_async(&either_order().map(|index| all[index])));
        setter.start();
        let mut is_released = false;
        for _ in 0..fastrand::u8(..4) {
            moment();
            task.alarm = Arc::new(Alarm::new());
            is_released = task.poll().is_some();
            if is_released {
                break;
            }
        }
        setter.join(worker);
        if !is_released {
            harness.lost_unless(task.alarm.is_woken(), "the newest waker was not woken");
            harness.lost_unless(task.poll().is_some(), "a set released none");
        }
        harness.doubled_unless(!auto.is_set() && !manual.is_set(), "set again after a reset");
    };
    race(harness, lead, [("setter", setter, &set)]);
}

/// The last set against a reset or a wait of another thread for the event that is set: either that was first, and
/// the last one stays set, or all is taken (contract 113, 204).
pub(super) fn taken_before(harness: &Harness) {
    let events = two(harness);
    let [setter, taker] = &[const { Race::new() }; 2];
    let last = &AtomicUsize::new(0);
    let [resets, has_taken] = [&AtomicBool::new(false), &AtomicBool::new(false)];
    let take = |worker: &Worker<'_>| {
        let event = events[1 - last.load(Ordering::Relaxed)];
        if resets.load(Ordering::Relaxed) {
            worker.reset(event);
        } else {
            has_taken.store(worker.wait(event, WaitKind::Wait0), Ordering::Relaxed);
        }
    };
    let lead = |worker: &Worker<'_>| {
        let [first, other] = either_order();
        last.store(other, Ordering::Relaxed);
        resets.store(fastrand::bool(), Ordering::Relaxed);
        has_taken.store(false, Ordering::Relaxed);
        let mut task = begin(events);
        worker.set(events[first]);
        taker.start();
        setter.start();
        setter.join(worker);
        taker.join(worker);
        let is_woken = task.alarm.is_woken();
        let is_released = task.poll().is_some();
        harness.lost_unless(is_woken || !is_released, "a task was not woken");
        let is_taken = has_taken.load(Ordering::Relaxed);
        harness.doubled_unless(!(is_released && is_taken), "a set was taken twice");
        let is_reset = resets.load(Ordering::Relaxed);
        harness.lost_unless(is_released || is_taken || is_reset, "a set was taken by none");
        harness.doubled_unless(!events[first].wait0(), "a set is taken, and left");
        harness.balance(1, u64::from(is_released) + u64::from(events[other].wait0()), "last sets");
    };
    let followers: [Follower<'_>; 2] = [
        ("setter", setter, &|worker| worker.set(events[last.load(Ordering::Relaxed)])),
        ("taker", taker, &take),
    ];
    race(harness, lead, followers);
}
