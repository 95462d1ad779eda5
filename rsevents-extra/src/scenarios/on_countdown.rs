//! Races on a countdown.

use super::task::Task;
use super::{join_all, spawn_on};
use crate::sync::testing::{Arc, SOON};
use crate::{Awaitable, CountdownEvent};
use std::sync::atomic::Ordering;

type Shared = Arc<super::Shared<CountdownEvent>>;

fn assert_at_rest(countdown: &CountdownEvent, count: usize) {
    assert_eq!(countdown.count(), count);
    assert_eq!(countdown.wait0(), count == 0);
    assert_eq!(countdown.wait_for(SOON), count == 0);
}

impl super::Shared<CountdownEvent> {
    fn finish_task(&self, place: usize) -> bool {
        self.data[place].set(7);
        self.object.decrement()
    }
}

/// Contract 41, 49, 55, 56, 84: three ticks, one waiter that sees what came before each.
pub(super) fn three_ticks_against_wait(s: &Shared) {
    let tickers = [0, 1, 2].map(|place| spawn_on(s, move |s| s.finish_task(place)));
    s.object.wait();
    assert!(s.data.iter().all(|data| data.get() == 7));
    assert_eq!(join_all(tickers).into_iter().filter(|was_last| *was_last).count(), 1);
    assert_at_rest(&s.object, 0);
}

/// Contract 49, 84: the zero outlives a timeout.
pub(super) fn two_ticks_against_timeout(s: &Shared) {
    let tickers = [0, 1].map(|place| spawn_on(s, move |s| s.finish_task(place)));
    if !s.object.wait_for(SOON) {
        s.object.wait();
    }
    assert!(s.data[..2].iter().all(|data| data.get() == 7));
    join_all(tickers);
    assert_at_rest(&s.object, 0);
}

/// Contract 84: also to `is_set`, and to the last tick itself.
pub(super) fn zero_publishes_to_a_check(s: &Shared) {
    let tickers = [0, 1].map(|place| {
        spawn_on(s, move |s| {
            if s.finish_task(place) {
                assert_eq!(s.data[0].get() + s.data[1].get(), 14);
            }
        })
    });
    if s.object.is_set() {
        assert_eq!(s.data[0].get() + s.data[1].get(), 14);
    }
    join_all(tickers);
}

/// Contract 47: available if and only if the count is zero.
pub(super) fn last_tick_against_reset(s: &Shared) {
    let ticker = spawn_on(s, |s| s.object.decrement());
    s.object.reset(2);
    let was_before = ticker.join().unwrap();
    assert_at_rest(&s.object, if was_before { 2 } else { 1 });
}

/// Contract 48.
pub(super) fn last_tick_against_increment(s: &Shared) {
    let ticker = spawn_on(s, |s| s.object.decrement());
    s.object.increment();
    ticker.join().unwrap();
    assert_at_rest(&s.object, 1);
}

/// Contract 48: a wait that returns early saw the first zero, and any other the next one.
pub(super) fn last_tick_and_increment_against_wait(s: &Shared) {
    let waiter = spawn_on(s, |s| s.object.wait());
    assert!(s.object.decrement());
    s.object.increment();
    assert_at_rest(&s.object, 1);
    assert!(s.object.decrement());
    waiter.join().unwrap();
    assert_at_rest(&s.object, 0);
}

/// Contract 58a: a last tick that is preempted between the zero and the wake-up, while the next round has begun
/// and has a waiter.
pub(super) fn straggling_tick_against_the_next_round(s: &Shared) {
    let straggler = spawn_on(s, |s| s.object.decrement());
    s.object.wait();
    s.object.reset(1);
    assert!(!s.object.wait_for(SOON), "released by the round before");
    straggler.join().unwrap();
    assert_at_rest(&s.object, 1);
}

/// Contract 58a, with a waiter that waits for the next round without a limit: each zero wakes all waiters.
pub(super) fn straggling_tick_against_the_next_zero(s: &Shared) {
    let straggler = spawn_on(s, |s| s.object.decrement());
    let waiter = spawn_on(s, |s| s.object.wait());
    s.object.wait();
    s.object.reset(1);
    assert!(s.object.decrement());
    s.object.wait();
    straggler.join().unwrap();
    waiter.join().unwrap();
    assert_at_rest(&s.object, 0);
}

/// Contract 58a: a tick that has not released the waits of its zero yet, which may find waits for the next one, and one
/// of these may time out. All are released.
pub(super) fn straggling_tick_does_not_strand_a_sleeper(s: &Shared) {
    let straggler = spawn_on(s, |s| s.object.decrement());
    s.object.wait();
    s.object.reset(1);
    let waiter = spawn_on(s, |s| s.object.wait());
    let next = spawn_on(s, |s| s.object.wait_for(SOON));
    assert!(s.object.decrement());
    straggler.join().unwrap();
    next.join().unwrap();
    waiter.join().unwrap();
    assert_at_rest(&s.object, 0);
}

/// Two waits after several rounds without any: only a zero that comes after them, or while they begin, lets them pass.
pub(super) fn rounds_before_two_waits(s: &Shared) {
    for _ in 0..4 {
        assert!(s.object.decrement());
        s.object.reset(1);
    }
    let waiters = [(); 2].map(|()| {
        spawn_on(s, |s| {
            s.object.wait();
            assert_eq!(s.object.count(), 0, "released by an earlier round");
        })
    });
    assert!(s.object.decrement());
    join_all(waiters);
    assert_at_rest(&s.object, 0);
}

/// Contract 50, 51.
pub(super) fn surplus_ticks_against_increment(s: &Shared) {
    let tickers = [(); 2].map(|()| spawn_on(s, |s| s.object.decrement()));
    s.object.increment();
    let ticked = join_all(tickers).into_iter().filter(|was_last| *was_last).count();
    assert!(ticked <= 1);
    assert_at_rest(&s.object, 1 - ticked);
}

/// Contract 56, 84: several ticks in one step.
pub(super) fn decrement_by_against_wait(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        s.object.wait();
        assert_eq!(s.data[0].get() + s.data[1].get(), 14);
    });
    let ticker = spawn_on(s, |s| s.finish_task(0));
    s.data[1].set(7);
    let was_last = s.object.decrement_by(2);
    if was_last {
        assert_eq!(s.data[0].get(), 7);
    }
    assert_ne!(ticker.join().unwrap(), was_last);
    waiter.join().unwrap();
    assert_at_rest(&s.object, 0);
}

/// Contract 45.
pub(super) fn reset_to_zero_against_wait(s: &Shared) {
    let waiter = spawn_on(s, |s| {
        s.object.wait();
        assert_eq!(s.data[0].get(), 7);
    });
    s.data[0].set(7);
    s.object.reset(0);
    waiter.join().unwrap();
    assert_at_rest(&s.object, 0);
}

/// Contract 84: a reset sees what came before the ticks that it undoes. That there was one is read in a way
/// that orders nothing.
pub(super) fn tick_publishes_to_a_reset(s: &Shared) {
    let ticker = spawn_on(s, |s| {
        s.finish_task(0);
        s.note.store(1, Ordering::Relaxed);
    });
    if s.note.load(Ordering::Relaxed) == 1 {
        s.object.reset(2);
        assert_eq!(s.data[0].get(), 7);
    }
    ticker.join().unwrap();
}

/// Contract 48, 57: a ticket for a task that begins at zero, against a wait. Before the task and after it, the wait
/// passes.
pub(super) fn ticket_at_zero_against_wait(s: &Shared) {
    let task = spawn_on(s, |s| {
        let ticket = s.object.add_ticket();
        s.data[0].set(7);
        s.note.store(1, Ordering::Relaxed);
        drop(ticket);
    });
    let has_begun = s.note.load(Ordering::Relaxed) == 1;
    s.object.wait();
    if has_begun {
        s.object.wait();
    }
    task.join().unwrap();
    assert_eq!(s.data[0].get(), 7);
    assert_at_rest(&s.object, 0);
}

/// Contract 48: two increments at zero, one of them undone, against a wait.
pub(super) fn increments_at_zero_against_timeout(s: &Shared) {
    let other = spawn_on(s, |s| {
        s.object.increment();
        s.object.tick();
    });
    s.object.increment();
    assert!(!s.object.wait_for(SOON), "passed although a task is left");
    other.join().unwrap();
    assert_at_rest(&s.object, 1);
}

/// Contract 84, 163: the task sees what came before each.
pub(super) fn two_ticks_against_a_task(s: &Shared) {
    let tickers = [0, 1].map(|place| spawn_on(s, move |s| s.finish_task(place)));
    Task::new(s.object.wait_async()).finish();
    assert!(s.data[..2].iter().all(|data| data.get() == 7));
    join_all(tickers);
    assert_at_rest(&s.object, 0);
}

/// Contract 58a, 128: all tasks of the round are released, and none of the next.
pub(super) fn straggling_tick_against_tasks_of_two_rounds(s: &Shared) {
    let [mut first, second, third] = [(); 3].map(|()| Task::queued(s.object.wait_async()));
    let straggler = spawn_on(s, |s| s.object.decrement());
    if first.is_ready() {
        s.object.reset(1);
        let mut next = Task::queued(s.object.wait_async());
        straggler.join().unwrap();
        assert!(!next.is_ready() && next.woken() == 0, "released by the round before");
    } else {
        straggler.join().unwrap();
        first.assert_woken();
        s.object.reset(1);
    }
    [second, third].into_iter().for_each(Task::assert_woken);
    assert_at_rest(&s.object, 1);
}
