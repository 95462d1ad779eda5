//! Races on a countdown.

use super::{Shared, join_all, shared, spawn_on};
use crate::sync::Ordering;
use crate::sync::testing::{AtomicUsize, SOON, explore_all, explore_up_to};
use crate::{Awaitable, CountdownEvent};

fn countdown(count: usize) -> CountdownEvent {
    CountdownEvent::new(count)
}

fn assert_at_rest(countdown: &CountdownEvent, count: usize) {
    assert_eq!(countdown.count(), count);
    assert_eq!(countdown.wait0(), count == 0);
    assert_eq!(countdown.wait_for(SOON), count == 0);
}

impl Shared<CountdownEvent> {
    fn finish_task(&self, place: usize) -> bool {
        self.data[place].set(7);
        self.object.decrement()
    }
}

/// Contract 41, 49, 55, 56, 84: three ticks, one waiter that sees what came before each.
#[test]
fn three_ticks_against_wait() {
    // 2 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 18_000, || {
        let shared = shared(countdown(3));
        let tickers = [0, 1, 2].map(|place| spawn_on(&shared, move |s| s.finish_task(place)));
        shared.object.wait();
        assert!(shared.data.iter().all(|data| data.get() == 7));
        assert_eq!(join_all(tickers).into_iter().filter(|was_last| *was_last).count(), 1);
        assert_at_rest(&shared.object, 0);
    });
}

/// Contract 49, 84: the zero outlives a timeout.
#[test]
fn two_ticks_against_timeout() {
    // 1 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 14_000, || {
        let shared = shared(countdown(2));
        let tickers = [0, 1].map(|place| spawn_on(&shared, move |s| s.finish_task(place)));
        if !shared.object.wait_for(SOON) {
            shared.object.wait();
        }
        assert!(shared.data[..2].iter().all(|data| data.get() == 7));
        join_all(tickers);
        assert_at_rest(&shared.object, 0);
    });
}

/// Contract 84: also where the zero is noticed without sleeping, and by the last tick itself.
#[test]
fn zero_publishes_to_a_look() {
    explore_all(91, || {
        let shared = shared(countdown(2));
        let tickers = [0, 1].map(|place| {
            spawn_on(&shared, move |s| {
                if s.finish_task(place) {
                    assert_eq!(s.data[0].get() + s.data[1].get(), 14);
                }
            })
        });
        if shared.object.is_set() {
            assert_eq!(shared.data[0].get() + shared.data[1].get(), 14);
        }
        join_all(tickers);
    });
}

/// Contract 47: never available with a count, never zero and not available.
#[test]
fn last_tick_against_reset() {
    explore_all(4, || {
        let shared = shared(countdown(1));
        let ticker = spawn_on(&shared, |s| s.object.decrement());
        shared.object.reset(2);
        let was_before = ticker.join().unwrap();
        assert_at_rest(&shared.object, if was_before { 2 } else { 1 });
    });
}

/// Contract 48.
#[test]
fn last_tick_against_increment() {
    explore_all(4, || {
        let shared = shared(countdown(1));
        let ticker = spawn_on(&shared, |s| s.object.decrement());
        shared.object.increment();
        ticker.join().unwrap();
        assert_at_rest(&shared.object, 1);
    });
}

/// Contract 48: who returned had a reason, and who did not sleeps until the next zero.
#[test]
fn last_tick_and_increment_against_wait() {
    explore_all(1_800, || {
        let shared = shared(countdown(1));
        let waiter = spawn_on(&shared, |s| s.object.wait());
        assert!(shared.object.decrement());
        shared.object.increment();
        assert_at_rest(&shared.object, 1);
        assert!(shared.object.decrement());
        waiter.join().unwrap();
        assert_at_rest(&shared.object, 0);
    });
}

/// Contract 58a: a last tick that is stuck between zero and the wake-up, while the next round is armed
/// and somebody waits for its end.
#[test]
fn straggling_tick_against_the_next_round() {
    explore_all(42, || {
        let shared = shared(countdown(1));
        let straggler = spawn_on(&shared, |s| s.object.decrement());
        shared.object.wait();
        shared.object.reset(1);
        assert!(!shared.object.wait_for(SOON), "released by the round before");
        straggler.join().unwrap();
        assert_at_rest(&shared.object, 1);
    });
}

/// Contract 58a, with somebody who waits for the next round without a limit: each zero wakes them all.
#[test]
fn straggling_tick_against_the_next_zero() {
    // 5 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 110_000, || {
        let shared = shared(countdown(1));
        let straggler = spawn_on(&shared, |s| s.object.decrement());
        let waiter = spawn_on(&shared, |s| s.object.wait());
        shared.object.wait();
        shared.object.reset(1);
        assert!(shared.object.decrement());
        shared.object.wait();
        straggler.join().unwrap();
        waiter.join().unwrap();
        assert_at_rest(&shared.object, 0);
    });
}

/// Contract 58a: who slept when the straggler woke it in vain is not left behind by the next zero, though
/// somebody else waits with it and gives up.
#[test]
fn straggling_tick_does_not_strand_a_sleeper() {
    // 4 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 42_000, || {
        let shared = shared(countdown(1));
        let straggler = spawn_on(&shared, |s| s.object.decrement());
        shared.object.wait();
        shared.object.reset(1);
        let sleeper = spawn_on(&shared, |s| s.object.wait());
        let next = spawn_on(&shared, |s| s.object.wait_for(SOON));
        assert!(shared.object.decrement());
        straggler.join().unwrap();
        next.join().unwrap();
        sleeper.join().unwrap();
        assert_at_rest(&shared.object, 0);
    });
}

/// Two who find the event set by an earlier round, and a zero that comes meanwhile.
#[test]
fn stale_set_against_two_waits() {
    // 4 s with 4 preemptions; without a bound, no end within minutes.
    explore_up_to(4, 36_000, || {
        let shared = shared(countdown(1));
        for _ in 0..4 {
            assert!(shared.object.decrement());
            shared.object.reset(1);
        }
        let waiters = [(); 2].map(|()| {
            spawn_on(&shared, |s| {
                s.object.wait();
                assert_eq!(s.object.count(), 0, "released by a round long over");
            })
        });
        assert!(shared.object.decrement());
        join_all(waiters);
        assert_at_rest(&shared.object, 0);
    });
}

/// Contract 50, 51, 57.
#[test]
fn surplus_ticks_against_increment() {
    explore_all(28_000, || {
        let shared = shared(countdown(0));
        let tickers = [(); 2].map(|()| spawn_on(&shared, |s| s.object.decrement()));
        shared.object.increment();
        let ticked = join_all(tickers).into_iter().filter(|was_last| *was_last).count();
        assert!(ticked <= 1);
        assert_at_rest(&shared.object, 1 - ticked);
    });
}

/// Contract 56, 84: several ticks at one stroke.
#[test]
fn decrement_by_against_wait() {
    explore_all(6_500, || {
        let shared = shared(countdown(3));
        let waiter = spawn_on(&shared, |s| {
            s.object.wait();
            assert_eq!(s.data[0].get() + s.data[1].get(), 14);
        });
        let ticker = spawn_on(&shared, |s| s.finish_task(0));
        shared.data[1].set(7);
        let was_last = shared.object.decrement_by(2);
        if was_last {
            assert_eq!(shared.data[0].get(), 7);
        }
        assert_ne!(ticker.join().unwrap(), was_last);
        waiter.join().unwrap();
        assert_at_rest(&shared.object, 0);
    });
}

/// Contract 45.
#[test]
fn reset_to_zero_against_wait() {
    explore_all(71, || {
        let shared = shared(countdown(2));
        let waiter = spawn_on(&shared, |s| {
            s.object.wait();
            assert_eq!(s.data[0].get(), 7);
        });
        shared.data[0].set(7);
        shared.object.reset(0);
        waiter.join().unwrap();
        assert_at_rest(&shared.object, 0);
    });
}

/// Contract 84: a reset sees what came before the ticks that it undoes. That there was one is learned in a
/// way that orders nothing.
#[test]
fn tick_publishes_to_a_reset() {
    explore_all(3, || {
        let shared = shared((countdown(2), AtomicUsize::new(0)));
        let ticker = spawn_on(&shared, |s| {
            let (countdown, note) = &s.object;
            s.data[0].set(7);
            countdown.tick();
            note.store(1, Ordering::Relaxed);
        });
        let (countdown, note) = &shared.object;
        if note.load(Ordering::Relaxed) == 1 {
            countdown.reset(2);
            assert_eq!(shared.data[0].get(), 7);
        }
        ticker.join().unwrap();
    });
}
