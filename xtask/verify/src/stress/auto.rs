//! An auto-reset event.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rsevents::{AutoResetEvent, EventState};

use super::figures::Figure;
use super::form::Form;
use super::meeting::Meeting;
use super::post::{Post, pause};
use super::stage::Stage;

/// As a mutex, around a count that is read and written in two steps (contract 15).
pub(super) fn mutex(stage: &Stage) {
    const THREADS: u64 = 4;
    const NOBODY: u64 = 0;
    let event = stage.put("the mutex", AutoResetEvent::new(EventState::Set));
    let (owner, count) = (AtomicU64::new(NOBODY), AtomicU64::new(0));
    let meeting = Meeting::of(THREADS);
    let enter = |me: u64, random: &mut fastrand::Rng| {
        let found = owner.swap(me, Ordering::Relaxed);
        stage.doubled_unless(found == NOBODY, "two inside");
        let before = count.load(Ordering::Relaxed);
        if random.u8(..8) == 0 {
            thread::yield_now(); // others fall asleep meanwhile
        }
        count.store(before + 1, Ordering::Relaxed);
        let left = owner.swap(NOBODY, Ordering::Relaxed);
        stage.doubled_unless(left == me, "another one was inside as well");
    };
    thread::scope(|scope| {
        for me in 1..=THREADS {
            let (event, meeting, enter) = (&event, &meeting, &enter);
            stage.enter(scope, "owner", move |post, random| {
                while meeting.meet(stage, post) {
                    for _ in 0..random.u8(1..5) {
                        post.wait_at_last(&**event, random);
                        enter(me, random);
                        post.set(&**event);
                    }
                    post.end_round();
                }
            });
        }
    });
    let entered = stage.figures()[Figure::Waits];
    stage.balance(count.into_inner(), entered, "entries counted, and made");
    stage.lost_unless(event.is_set(), "nobody is inside, and nobody can get in");
}

/// Tells of work that is counted beside it: sets may merge, but no work may be left while everybody sleeps.
pub(super) fn signal(stage: &Stage) {
    let workers = Waiters::<2>::new(stage, "news of work");
    let work = AtomicU64::new(0);
    let meeting = Meeting::of(2);
    let produce = |post: &Post, random: &mut fastrand::Rng| {
        while meeting.meet(stage, post) {
            for _ in 0..random.u8(1..4) {
                work.fetch_add(1, Ordering::Relaxed);
                post.set(&*workers.event);
            }
            // Both, or the work that one left would be done with what the other brings.
            meeting.meet(stage, post);
            post.until(|| work.load(Ordering::Relaxed) == 0);
            post.end_round();
        }
    };
    thread::scope(|scope| {
        workers.enter(stage, scope, || {
            work.swap(0, Ordering::Relaxed);
        });
        stage.enter(scope, "producer", produce);
        stage.enter(scope, "foreman", |post, random| {
            produce(post, random);
            workers.dismiss(post);
        });
    });
    let figures = stage.figures();
    let (sets, waits) = (figures[Figure::Sets], figures[Figure::Waits]);
    stage.doubled_unless(waits <= sets, format_args!("{sets} sets, {waits} waits"));
}

/// Sets one by one: each is got by one wait, also if a deadline passes at that moment (contract 7, 11, 12,
/// 17, 18).
pub(super) fn hand_over(stage: &Stage) {
    let waiters = Waiters::<3>::new(stage, "what is handed over");
    thread::scope(|scope| {
        waiters.enter(stage, scope, || {});
        stage.enter(scope, "setter", |post, random| {
            loop {
                if random.u8(..4) == 0 {
                    post.reset(&*waiters.event); // it is unset, and who sleeps sleeps on
                }
                waiters.hand_over(post);
                let (sets, got) =
                    (post.counters().get(Figure::Sets), waiters.got.load(Ordering::Relaxed));
                stage.balance(sets, got, "sets so far");
                post.end_round();
                if stage.is_over() {
                    break;
                }
                pause(random);
            }
            waiters.dismiss(post);
        });
    });
    let kept = u64::from(waiters.event.is_set());
    let got = waiters.got.into_inner();
    stage.balance(stage.figures()[Figure::Sets], got + kept, "sets");
}

/// Threads that wait again and again.
struct Waiters<const WAITERS: usize> {
    event: std::sync::Arc<AutoResetEvent>,
    /// How many waits succeeded.
    got: AtomicU64,
    left: AtomicU64,
    is_closed: AtomicBool,
}

impl<const WAITERS: usize> Waiters<WAITERS> {
    fn new(stage: &Stage, name: &'static str) -> Self {
        Self {
            event: stage.put(name, AutoResetEvent::new(EventState::Unset)),
            got: AtomicU64::new(0),
            left: AtomicU64::new(WAITERS as u64),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Starts them. They call `succeeded` after each wait that has.
    fn enter<'scope, 'env>(
        &'env self,
        stage: &'env Stage,
        scope: &'scope thread::Scope<'scope, 'env>,
        succeeded: impl Fn() + Copy + Send + 'scope,
    ) {
        for _ in 0..WAITERS {
            stage.enter(scope, "waiter", move |post, random| {
                while !self.is_closed.load(Ordering::Relaxed) {
                    if post.wait(&*self.event, Form::any(random)) {
                        succeeded();
                        self.got.fetch_add(1, Ordering::Relaxed);
                    }
                }
                self.left.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    /// Sets the event, and returns when a wait got that, or nobody waits any more.
    fn hand_over(&self, post: &Post) {
        let got = self.got.load(Ordering::Relaxed);
        post.set(&*self.event);
        post.until(|| {
            self.got.load(Ordering::Relaxed) > got || self.left.load(Ordering::Relaxed) == 0
        });
    }

    /// Lets them come to their end.
    fn dismiss(&self, post: &Post) {
        self.is_closed.store(true, Ordering::Relaxed);
        while self.left.load(Ordering::Relaxed) > 0 {
            self.hand_over(post);
        }
    }
}
