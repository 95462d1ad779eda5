//! A semaphore.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::thread;
use std::time::Instant;

use rsevents_extra::Semaphore;

use super::figures::Figure;
use super::form::Form;
use super::meeting::Meeting;
use super::post::{Post, pause};
use super::stage::Stage;

/// As many holders as there are permits, which some want several of (contract 72, 78, 82a).
pub(super) fn holders(stage: &Stage) {
    const THREADS: u64 = 4;
    let permits = fastrand::u16(1..4);
    let semaphore = &*stage.put("the semaphore", Semaphore::new(permits, permits));
    let held = &AtomicU64::new(0);
    let meeting = &Meeting::of(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            stage.enter(scope, "holder", |post, random| {
                while meeting.meet(stage, post) {
                    for _ in 0..random.u8(1..5) {
                        let wanted = if random.u8(..4) == 0 { random.u16(1..=permits) } else { 1 };
                        let guard = loop {
                            let form = Form::any(random);
                            if let Some(guard) = post.take(semaphore, wanted, form) {
                                break guard;
                            }
                        };
                        let wanted = u64::from(wanted);
                        let now = held.fetch_add(wanted, Ordering::Relaxed) + wanted;
                        stage.doubled_unless(now <= permits.into(), "more held than there are");
                        if random.u8(..8) == 0 {
                            thread::yield_now(); // others fall asleep meanwhile
                        }
                        held.fetch_sub(wanted, Ordering::Relaxed);
                        post.sets(wanted, || drop(guard));
                    }
                    post.end_round();
                }
            });
        }
    });
    stage.balance(permits.into(), semaphore.count().into(), "permits at the end");
    stage.balance(permits.into(), semaphore.capacity().into(), "capacity at the end");
}

/// Permits that are released, and forgotten by those who get them: all of them, and no more (contract 71,
/// 73, 79, 82).
pub(super) fn permits(stage: &Stage) {
    const GIVERS: u64 = 2;
    const TAKERS: u64 = 3;
    let semaphore = &*stage.put("the semaphore", Semaphore::new(0, u16::MAX));
    let [given, forgotten, left] = &[const { AtomicU64::new(0) }; 3];
    left.store(TAKERS, Ordering::Relaxed);
    let is_closed = &AtomicBool::new(false);
    let meeting = &Meeting::of(GIVERS);
    let take = |post: &Post, random: &mut fastrand::Rng| {
        // Who wants two does not wait for ever: the other one may be somebody else's.
        let (wanted, form) = match random.u8(..4) {
            0 => (2, Form::brief(random)),
            _ => (1, Form::any(random)),
        };
        let Some(guard) = post.take(semaphore, wanted, form) else { return };
        if random.u8(..4) == 0 {
            post.sets(0, || drop(guard)); // for somebody else
        } else {
            guard.forget();
            forgotten.fetch_add(wanted.into(), Ordering::Relaxed);
        }
    };
    let release = |post: &Post, permits: u16| {
        given.fetch_add(permits.into(), Ordering::Relaxed);
        post.sets(permits.into(), || semaphore.release(permits));
    };
    let have_all = || forgotten.load(Ordering::Relaxed) >= given.load(Ordering::Relaxed);
    let give = |post: &Post, random: &mut fastrand::Rng| {
        while meeting.meet(stage, post) {
            for _ in 0..random.u8(1..4) {
                release(post, random.u16(1..3));
            }
            // Both, or what one's release should have done would be done by the other's.
            meeting.meet(stage, post);
            post.until(have_all);
            let (given, forgotten) =
                (given.load(Ordering::Relaxed), forgotten.load(Ordering::Relaxed));
            stage.balance(given, forgotten, "permits so far");
            stage.doubled_unless(semaphore.count() == 0, "permits that nobody gave");
            meeting.meet(stage, post);
            post.end_round();
        }
    };
    thread::scope(|scope| {
        for _ in 0..TAKERS {
            stage.enter(scope, "taker", |post, random| {
                while !is_closed.load(Ordering::Relaxed) {
                    take(post, random);
                }
                left.fetch_sub(1, Ordering::Relaxed);
            });
        }
        for _ in 1..GIVERS {
            stage.enter(scope, "giver", give);
        }
        stage.enter(scope, "foreman", |post, random| {
            give(post, random);
            is_closed.store(true, Ordering::Relaxed);
            while left.load(Ordering::Relaxed) > 0 {
                release(post, 1);
                post.until(|| have_all() || left.load(Ordering::Relaxed) == 0);
            }
        });
    });
    let there = stage.figures()[Figure::Sets];
    let got = forgotten.load(Ordering::Relaxed) + u64::from(semaphore.count());
    stage.balance(there, got, "permits");
}

/// Everybody waits again and again for one permit, never for long, and there comes one for each: a wait whose
/// deadline is later than the return of that release must not fail, wherever in the line its time ran out
/// (contract 76, 77, 82).
pub(super) fn deadlines(stage: &Stage) {
    const TAKERS: u64 = 4;
    /// Later than all that comes.
    const NOT_YET: u64 = u64::MAX;
    let semaphore = &*stage.put("the semaphore", Semaphore::new(0, u16::MAX));
    let start = Instant::now();
    let nanoseconds = move || start.elapsed().as_nanos() as u64;
    let released = &AtomicU64::new(NOT_YET);
    let meeting = &Meeting::of(TAKERS + 1);
    let take = |post: &Post, random: &mut fastrand::Rng| {
        loop {
            let form = Form::brief(random);
            let limit = form.limit().expect("brief waits have one").as_nanos() as u64;
            // The wait reads the clock later, so that its own deadline is no earlier.
            let deadline = nanoseconds() + limit;
            if let Some(guard) = post.take(semaphore, 1, form) {
                break guard.forget();
            }
            let released = released.load(Ordering::Acquire);
            stage.lost_unless(deadline <= released, "a permit was there at the deadline");
        }
    };
    thread::scope(|scope| {
        for _ in 0..TAKERS {
            stage.enter(scope, "taker", |post, random| {
                while meeting.meet(stage, post) {
                    take(post, random);
                    meeting.meet(stage, post);
                }
            });
        }
        stage.enter(scope, "giver", |post, random| {
            while meeting.meet(stage, post) {
                pause(random);
                post.sets(TAKERS, || semaphore.release(TAKERS as u16));
                fence(Ordering::SeqCst); // no look at the clock before the permits are there
                released.store(nanoseconds(), Ordering::Release);
                meeting.meet(stage, post);
                stage.doubled_unless(semaphore.count() == 0, "permits that nobody gave");
                released.store(NOT_YET, Ordering::Relaxed);
                post.end_round();
            }
        });
    });
    let figures = stage.figures();
    stage.balance(figures[Figure::Sets], figures[Figure::Waits], "permits");
}
