//! A manual-reset event.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rsevents::{EventState, ManualResetEvent};

use super::form::Form;
use super::meeting::Meeting;
use super::phases::Phases;
use super::post::Post;
use super::stage::Stage;

/// Two threads, two events, and whose turn it is beside them (contract 31, 32).
pub(super) fn ping_pong(stage: &Stage) {
    /// No further turn.
    const END: u64 = u64::MAX;
    let events =
        ["ping", "pong"].map(|name| stage.put(name, ManualResetEvent::new(EventState::Unset)));
    let turn = AtomicU64::new(0);
    let play = |post: &Post, random: &mut fastrand::Rng, player: usize| {
        let (mine, other) = (&*events[player], &*events[1 - player]);
        for round in 0.. {
            post.wait_at_last(mine, random);
            post.reset(mine);
            let now = turn.load(Ordering::Relaxed);
            if now == END {
                break;
            }
            let expected = 2 * round + player as u64;
            stage.doubled_unless(now == expected, "woken out of turn");
            if round > 0 {
                post.end_round(); // the turn has come back
            }
            let is_end = player == 0 && round > 0 && stage.is_over();
            turn.store(if is_end { END } else { expected + 1 }, Ordering::Relaxed);
            post.set(other);
            if is_end {
                break;
            }
        }
    };
    thread::scope(|scope| {
        stage.enter(scope, "pong", |post, random| play(post, random, 1));
        stage.enter(scope, "ping", |post, random| {
            post.set(&*events[0]);
            play(post, random, 0);
        });
    });
}

/// A set lets each of several threads through once: the last of them resets the event, perhaps while the
/// set is still running, and all wait anew (contract 23, 27, 30).
pub(super) fn gate(stage: &Stage) {
    const PASSERS: u64 = 3;
    let gate = stage.put("the gate", ManualResetEvent::new(EventState::Unset));
    let [opened, passed, closed, last] = [const { AtomicU64::new(0) }; 4];
    last.store(u64::MAX, Ordering::Relaxed);
    thread::scope(|scope| {
        stage.enter(scope, "opener", |post, _| {
            for round in 1.. {
                let is_last = round > 1 && stage.is_over();
                if is_last {
                    last.store(round, Ordering::Relaxed);
                }
                opened.store(round, Ordering::Relaxed);
                post.set(&*gate);
                post.until(|| closed.load(Ordering::Acquire) == round);
                if is_last {
                    break;
                }
                post.end_round();
            }
        });
        for _ in 0..PASSERS {
            stage.enter(scope, "passer", |post, random| {
                for round in 1.. {
                    post.wait_at_last(&*gate, random);
                    let open = opened.load(Ordering::Relaxed);
                    stage.doubled_unless(open == round, "let through by the set before");
                    if passed.fetch_add(1, Ordering::AcqRel) + 1 == PASSERS * round {
                        post.reset(&*gate);
                        closed.store(round, Ordering::Release);
                    }
                    post.until(|| closed.load(Ordering::Acquire) >= round);
                    if last.load(Ordering::Relaxed) == round {
                        break;
                    }
                }
            });
        }
    });
}

/// The first whom a set lets through resets the event at once, perhaps while the set is still running: whoever
/// begins a wait after that needs another set (contract 30).
pub(super) fn turnstile(stage: &Stage) {
    let turnstile = &*stage.put("the turnstile", ManualResetEvent::new(EventState::Unset));
    // The last set that has begun, the last that somebody got first, and the last that was undone.
    let [begun, got, undone] = &[const { AtomicU64::new(0) }; 3];
    let is_closed = &AtomicBool::new(false);
    thread::scope(|scope| {
        stage.enter(scope, "opener", move |post, _| {
            for round in 1.. {
                begun.store(round, Ordering::Relaxed);
                post.set(turnstile);
                post.until(|| undone.load(Ordering::Acquire) == round);
                post.end_round();
                if stage.is_over() {
                    break;
                }
            }
            is_closed.store(true, Ordering::Relaxed);
            begun.store(u64::MAX, Ordering::Relaxed);
            post.set(turnstile);
        });
        for _ in 0..3 {
            stage.enter(scope, "passer", |post, random| {
                loop {
                    let before = undone.load(Ordering::Acquire);
                    post.wait_at_last(turnstile, random);
                    let last = begun.load(Ordering::Relaxed);
                    stage.doubled_unless(last > before, "let through by a set that was undone");
                    if is_closed.load(Ordering::Relaxed) {
                        break;
                    }
                    let round = before + 1;
                    let exchange =
                        got.compare_exchange(before, round, Ordering::AcqRel, Ordering::Relaxed);
                    if exchange.is_ok() {
                        post.reset(turnstile);
                        undone.store(round, Ordering::Release);
                    }
                }
            });
        }
    });
}

/// Sets and resets at random, then one that decides: from then on every wait has to succeed, or none
/// (contract 25, 27, 28, 33, 35).
pub(super) fn crowd(stage: &Stage) {
    const WAITERS: usize = 3;
    let event = stage.put("the event", ManualResetEvent::new(EventState::Unset));
    // Mixed, set, mixed, unset.
    let phases =
        Phases::<WAITERS>::new(|phase| [None, Some(true), None, Some(false)][phase as usize % 4]);
    let meeting = Meeting::of(2);
    let mix = |post: &Post, random: &mut fastrand::Rng| {
        for _ in 0..random.u8(..8) {
            if random.bool() { post.set(&*event) } else { post.reset(&*event) }
        }
        meeting.meet(stage, post);
    };
    thread::scope(|scope| {
        for waiter in 0..WAITERS {
            let (event, phases) = (&event, &phases);
            stage.enter(scope, "waiter", move |post, random| {
                phases.attend(stage, post, random, waiter, |form| post.wait(&**event, form));
            });
        }
        stage.enter(scope, "mixer", |post, random| {
            while meeting.meet(stage, post) {
                mix(post, random);
                meeting.meet(stage, post);
                mix(post, random);
            }
        });
        stage.enter(scope, "decider", |post, random| {
            while meeting.meet(stage, post) {
                mix(post, random);
                post.set(&*event);
                phases.advance();
                stage.lost_unless(post.wait(&*event, Form::brief(random)), "set, and refuses");
                phases.until_all_have_passed(post);
                phases.advance();

                meeting.meet(stage, post);
                mix(post, random);
                post.reset(&*event);
                phases.advance();
                phases.until_all_have_begun(post);
                post.reset(&*event); // it is unset, and who sleeps sleeps on
                stage.doubled_unless(
                    !post.wait(&*event, Form::brief(random)),
                    "unset, and lets through",
                );
                phases.advance();
                post.end_round();
            }
            phases.close();
            post.set(&*event);
        });
    });
}
