//! A countdown.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rsevents_extra::CountdownEvent;

use super::figures::Figure;
use super::form::Form;
use super::meeting::Meeting;
use super::phases::Phases;
use super::post::Post;
use super::stage::Stage;

/// In odd phases the count is zero, in the others it may be anything.
fn zero_if_odd(phase: u64) -> Option<bool> {
    (!phase.is_multiple_of(2)).then_some(true)
}

/// Rounds that follow each other at once, also while the last tick is still running, with a rest now and then
/// at which everybody has to be through (contract 40-46, 49, 56, 58a).
pub(super) fn rounds(stage: &Stage) {
    const TICKERS: usize = 2;
    const WAITERS: usize = 2;
    let countdown = &*stage.put("the countdown", CountdownEvent::new(0));
    // Of each ticker, over all rounds: how many ticks it has to make, and has begun.
    let due = &AtomicU64::new(0);
    let begun = &[const { AtomicU64::new(0) }; TICKERS];
    let zeros = &AtomicU64::new(0);
    let is_closed = &AtomicBool::new(false);
    let phases = &Phases::<WAITERS>::new(zero_if_odd);
    let tick = |post: &Post, ticks: u64| {
        let was_last = match ticks {
            1 => post.tick(countdown),
            _ => post.sets(ticks, || countdown.decrement_by(ticks as usize)),
        };
        zeros.fetch_add(u64::from(was_last), Ordering::Relaxed);
    };
    thread::scope(|scope| {
        for begun in begun {
            stage.enter(scope, "ticker", move |post, random| {
                let mut made = 0;
                loop {
                    post.until(|| {
                        due.load(Ordering::Acquire) > made || is_closed.load(Ordering::Relaxed)
                    });
                    let ahead = due.load(Ordering::Relaxed) - made;
                    if ahead == 0 {
                        break;
                    }
                    let ticks = random.u64(1..=ahead);
                    made += ticks;
                    begun.store(made, Ordering::Relaxed);
                    tick(post, ticks);
                }
            });
        }
        for waiter in 0..WAITERS {
            stage.enter(scope, "waiter", move |post, random| {
                phases.attend(stage, post, random, waiter, |form| {
                    let due = due.load(Ordering::Acquire);
                    let succeeded = post.wait(countdown, form);
                    let is_due = |begun: &AtomicU64| begun.load(Ordering::Relaxed) >= due;
                    let is_zero = || begun.iter().all(is_due);
                    stage.doubled_unless(!succeeded || is_zero(), "through before the zero");
                    succeeded
                });
            });
        }
        stage.enter(scope, "armer", |post, random| {
            loop {
                let ticks = random.u64(1..4);
                arm(post, random, countdown, TICKERS * ticks as usize);
                due.fetch_add(ticks, Ordering::Release);
                if random.bool() {
                    post.wait_at_last(countdown, random);
                } else {
                    post.until(|| countdown.is_set());
                }
                if random.u8(..3) == 0 {
                    phases.advance();
                    stage.doubled_unless(!post.tick(countdown), "a tick at zero has counted");
                    phases.until_all_have_passed(post);
                    stage.lost_unless(countdown.count() == 0, "a zero");
                    phases.advance();
                }
                post.end_round();
                if stage.is_over() {
                    break;
                }
            }
            phases.close();
            is_closed.store(true, Ordering::Relaxed);
        });
    });
    stage.balance(stage.figures()[Figure::Rounds], zeros.load(Ordering::Relaxed), "zeros");
}

fn arm(post: &Post, random: &mut fastrand::Rng, countdown: &CountdownEvent, count: usize) {
    if random.bool() {
        post.resets(|| countdown.reset(count));
    } else {
        post.resets(|| (0..count).for_each(|_| countdown.increment()));
    }
}

/// Threads that each add tasks and finish as many: none gets lost, and the count is never less than what one
/// of them has still to finish (contract 39, 41, 44, 48).
pub(super) fn totals(stage: &Stage) {
    const WORKERS: u64 = 2;
    const WAITERS: usize = 2;
    let countdown = &*stage.put("the countdown", CountdownEvent::new(0));
    let meeting = &Meeting::of(WORKERS);
    let phases = &Phases::<WAITERS>::new(zero_if_odd);
    let work = |post: &Post, random: &mut fastrand::Rng| {
        let mut mine = 0;
        for _ in 0..random.u8(1..8) {
            if mine > 0 && random.bool() {
                let tasks = random.usize(1..=mine);
                post.sets(tasks as u64, || countdown.decrement_by(tasks));
                mine -= tasks;
            } else {
                post.resets(|| countdown.increment());
                mine += 1;
            }
            stage.lost_unless(countdown.count() >= mine, "an increment");
            let is_through = post.wait(countdown, Form::Wait0);
            stage.doubled_unless(mine == 0 || !is_through, "through before the zero");
        }
        (0..mine).for_each(|_| {
            post.tick(countdown);
        });
        meeting.meet(stage, post);
        stage.lost_unless(countdown.count() == 0, "a tick");
    };
    thread::scope(|scope| {
        for waiter in 0..WAITERS {
            stage.enter(scope, "waiter", move |post, random| {
                phases.attend(stage, post, random, waiter, |form| post.wait(countdown, form));
            });
        }
        for _ in 1..WORKERS {
            stage.enter(scope, "worker", |post, random| {
                while meeting.meet(stage, post) {
                    work(post, random);
                }
            });
        }
        stage.enter(scope, "foreman", |post, random| {
            while meeting.meet(stage, post) {
                work(post, random);
                phases.advance();
                phases.until_all_have_passed(post);
                phases.advance();
                post.end_round();
            }
            phases.close();
        });
    });
}

/// Far too many ticks: each increment makes one of them count, and the others leave no trace (contract 50,
/// 51).
pub(super) fn surplus(stage: &Stage) {
    let countdown = &*stage.put("the countdown", CountdownEvent::new(0));
    let zeros = &AtomicU64::new(0);
    let is_closed = &AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            stage.enter(scope, "ticker", |post, _| {
                while !is_closed.load(Ordering::Relaxed) {
                    zeros.fetch_add(u64::from(post.tick(countdown)), Ordering::Relaxed);
                }
            });
        }
        stage.enter(scope, "waiter", |post, random| {
            while !is_closed.load(Ordering::Relaxed) {
                post.wait(countdown, Form::any(random));
            }
        });
        stage.enter(scope, "armer", |post, _| {
            loop {
                let zeros_before = zeros.load(Ordering::Acquire);
                post.resets(|| countdown.increment());
                post.until(|| zeros.load(Ordering::Acquire) > zeros_before);
                post.end_round();
                if stage.is_over() {
                    break;
                }
            }
            is_closed.store(true, Ordering::Relaxed);
        });
    });
    let armed = stage.figures()[Figure::Resets];
    stage.balance(armed, zeros.load(Ordering::Relaxed), "zeros");
    stage.lost_unless(countdown.count() == 0, "a tick");
}
