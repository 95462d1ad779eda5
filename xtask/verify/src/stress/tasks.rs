//! Stress scenarios with tasks: what one thread does with futures, while another thread sets.

use std::future::Future;
use std::hint;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent};
use rsevents_extra::Semaphore;

use super::harness::Harness;
use super::worker::Worker;
use crate::event::{Event, Kind};
use crate::task::Alarm;
use crate::wait::WaitKind;

/// A set against the drop of the first of two tasks: the second one has the set, however that ends (contract 135, 142).
/// Sometimes the first is polled once more, and takes it.
pub(super) fn drop_before_task(harness: &Harness) {
    let event = harness.object("the event", AutoResetEvent::new(EventState::Unset));
    let setter = &Race::new();
    let lead = |worker: &Worker<'_>| {
        let mut first = Task::begin(event.wait_async());
        let mut second = Task::begin(event.wait_async());
        setter.start();
        moment();
        let first_is_ready = fastrand::u8(..8) == 0 && first.poll().is_some();
        drop(first);
        setter.join(worker);
        let is_woken = second.alarm.is_woken();
        let second_is_ready = second.poll().is_some();
        harness.lost_unless(is_woken || !second_is_ready, "a task was not woken");
        let taken = [first_is_ready, second_is_ready, event.wait0()];
        harness.balance(1, taken.map(u64::from).iter().sum(), "sets");
    };
    race(harness, lead, [("setter", setter, &|worker| worker.set(event))]);
}

/// The same with a thread as the second.
pub(super) fn drop_before_thread(harness: &Harness) {
    let event = harness.object("the event", AutoResetEvent::new(EventState::Unset));
    let [setter, waiter] = &[const { Race::new() }; 2];
    let lead = |worker: &Worker<'_>| {
        let first = Task::begin(event.wait_async());
        waiter.start();
        // It has begun its wait, or sleeps already.
        (0..fastrand::u32(1..64) >> fastrand::u32(..6)).for_each(|_| moment());
        setter.start();
        moment();
        drop(first);
        setter.join(worker);
        waiter.join(worker);
        harness.doubled_unless(!event.wait0(), "a set is taken, and left");
    };
    let followers: [Follower<'_>; 2] = [
        ("setter", setter, &|worker| worker.set(event)),
        ("waiter", waiter, &|worker| worker.wait_until_released(event)),
    ];
    race(harness, lead, followers);
}

/// A task that is given up after a set has returned, which a thread before it was called for, has failed: a wait
/// that begins later must not take that set, as the event was unset in between (contract 28, 220).
pub(super) fn give_up(harness: &Harness) {
    let event = harness.object("the event", AutoResetEvent::new(EventState::Unset));
    let waiter = &Race::new();
    let lead = |worker: &Worker<'_>| {
        waiter.start();
        // It sleeps already, or comes later.
        (0..fastrand::u32(1..512) >> fastrand::u32(..8)).for_each(|_| moment());
        if fastrand::bool() {
            thread::sleep(Duration::from_micros(20));
        }
        let mut task = Task::begin(event.wait_async());
        worker.set(event);
        let is_ready = task.poll().is_some();
        drop(task);
        let later = !is_ready && event.wait_for(Duration::from_nanos(1));
        harness.doubled_unless(!later, "a wait took a set that one before it did not get");
        if is_ready || later {
            worker.set(event);
        }
        waiter.join(worker);
        harness.doubled_unless(!event.wait0(), "a set is taken, and left");
    };
    let wait = |worker: &Worker<'_>| {
        worker.wait(event, WaitKind::Wait);
    };
    race(harness, lead, [("waiter", waiter, &wait)]);
}

/// A release against the drop of the first of two requests. All permits are with the second, or free (contract 129,
/// 175, 179).
pub(super) fn drop_request(harness: &Harness) {
    const MOST: u16 = 3;
    let semaphore = harness.object("the semaphore", Semaphore::new(0, 2 * MOST));
    let permits = AtomicU64::new(0);
    let release = |worker: &Worker<'_>| {
        let permits = permits.load(Ordering::Relaxed);
        let in_two = fastrand::u64(0..=permits);
        for part in [in_two, permits - in_two] {
            worker.sets(part, || semaphore.release(part as u16));
        }
    };
    let setter = &Race::new();
    let lead = |worker: &Worker<'_>| {
        let [first, second] = [(); 2].map(|()| fastrand::u16(1..=MOST));
        permits.store(first.max(second).into(), Ordering::Relaxed);
        let first = Task::begin(semaphore.wait_many_async(first));
        let mut task = Task::begin(semaphore.wait_many_async(second));
        setter.start();
        moment();
        drop(first);
        setter.join(worker);
        harness.lost_unless(task.alarm.is_woken(), "a task was not woken");
        let guard = task.poll();
        let taken = guard.map_or(0, |guard| {
            let taken = guard.permits();
            guard.forget();
            taken
        });
        harness.lost_unless(taken == second, "there are permits, and a task waits");
        let free = semaphore.count();
        let there = permits.load(Ordering::Relaxed);
        harness.balance(there, u64::from(taken + free), "permits");
        if let Ok(guard) = semaphore.try_wait0_many(free) {
            guard.forget();
        }
        harness.balance(0, semaphore.capacity().into(), "capacity");
    };
    race(harness, lead, [("releaser", setter, &release)]);
}

/// A set against polls, each with another waker: a task that is pending after the set has had its newest waker
/// woken (contract 124).
pub(super) fn new_waker<E: Event>(harness: &Harness) {
    let event = harness.object("the event", E::from(false));
    let setter = &Race::new();
    let lead = |worker: &Worker<'_>| {
        let mut task = Task::begin(event.wait_async());
        setter.start();
        let mut is_ready = false;
        for _ in 0..fastrand::u8(1..4) {
            moment();
            task.alarm = Arc::new(Alarm::new());
            is_ready = task.poll().is_some();
            if is_ready {
                break;
            }
        }
        setter.join(worker);
        if !is_ready {
            harness.lost_unless(task.alarm.is_woken(), "the newest waker was not woken");
            is_ready = task.poll().is_some();
        }
        harness.lost_unless(is_ready, "a set is not taken");
        let is_left = event.wait0();
        harness.balance((E::KIND == Kind::Manual).into(), is_left.into(), "sets that are left");
        worker.reset(event);
    };
    race(harness, lead, [("setter", setter, &|worker| worker.set(event))]);
}

/// A set releases more tasks than one batch has, against drops of some. When the first is ready, it is undone: the
/// others are ready nevertheless, and a wait that begins then is not (contract 128, 143, 145).
pub(super) fn broadcast(harness: &Harness) {
    let event = harness.object("the event", ManualResetEvent::new(EventState::Unset));
    let setter = &Race::new();
    let lead = |worker: &Worker<'_>| {
        let number = fastrand::usize(2..40) >> fastrand::u32(..3);
        let mut tasks: Vec<_> =
            (0..number.max(1)).map(|_| Task::begin(event.wait_async())).collect();
        setter.start();
        for _ in 0..fastrand::usize(..tasks.len()) {
            moment();
            drop(tasks.swap_remove(fastrand::usize(..tasks.len())));
        }
        let mut first = tasks.swap_remove(fastrand::usize(..tasks.len()));
        worker.until(|| first.poll().is_some());
        worker.reset(event);
        let mut newcomer = Task::begin(event.wait_async());
        let is_ready = |task: &mut Task<_>| task.poll().is_some();
        let all_are_ready = tasks.iter_mut().all(is_ready);
        harness.lost_unless(all_are_ready, "a task is pending that was there before the set");
        setter.join(worker);
        let is_released = newcomer.alarm.is_woken() || newcomer.poll().is_some();
        harness.doubled_unless(!is_released, "a wait was released by a set that was undone");
        harness.doubled_unless(!event.is_set(), "set again after a reset");
    };
    race(harness, lead, [("setter", setter, &|worker| worker.set(event))]);
}

/// Threads and tasks that set each other, in turn (contract 126).
pub(super) fn ring(harness: &Harness) {
    const THREADS: usize = 2;
    const TASKS: usize = 5;
    const MEMBERS: usize = THREADS + TASKS;
    const END: u64 = u64::MAX;
    let events: &[_; MEMBERS] = &std::array::from_fn(|_| {
        harness.object("an event", AutoResetEvent::new(EventState::Unset))
    });
    let turn = &AtomicU64::new(0);
    // Returns whether there is another turn.
    let pass_on = &|worker: &Worker<'_>, member: usize, round: u64| {
        let now = turn.load(Ordering::Relaxed);
        let expected = round * MEMBERS as u64 + member as u64;
        harness.doubled_unless(now == expected || now == END, "released out of turn");
        let is_end = now == END || member == 0 && !worker.next_round();
        turn.store(if is_end { END } else { expected + 1 }, Ordering::Relaxed);
        worker.set(events[(member + 1) % MEMBERS]);
        !is_end
    };
    thread::scope(|scope| {
        harness.spawn(scope, THREADS, "thread", move |worker| {
            let member = worker.index * TASKS;
            if member == 0 {
                worker.set(events[0]);
            }
            for round in 0.. {
                worker.wait_until_released(events[member]);
                if !pass_on(worker, member, round) {
                    break;
                }
            }
        });
        // Between the threads, and behind them.
        harness.spawn(scope, 1, "tasks", move |worker| {
            let members = (0..MEMBERS).filter(|member| member % TASKS != 0);
            let tasks = members.map(|member| {
                Task::new(async move {
                    for round in 0.. {
                        events[member].wait_async().await;
                        if !pass_on(worker, member, round) {
                            break;
                        }
                    }
                })
            });
            run_all(worker, tasks.collect());
        });
    });
    // The last member has set it for the first one, which has ended.
    events[0].reset();
    harness.doubled_unless(events.iter().all(|event| !event.is_set()), "a set too many");
}

/// Runs all tasks on this thread.
fn run_all<F: Future>(worker: &Worker<'_>, mut tasks: Vec<Task<F>>) {
    tasks.retain_mut(|task| task.poll().is_none());
    while !tasks.is_empty() {
        worker.sleep_until(|| tasks.iter().any(|task| task.alarm.is_woken()));
        tasks.retain_mut(|task| {
            if !task.alarm.is_woken() {
                return true;
            }
            task.alarm = Arc::new(Alarm::new());
            task.poll().is_none()
        });
    }
}

/// A future, and what its newest waker wakes.
pub(super) struct Task<F> {
    future: Pin<Box<F>>,
    pub(super) alarm: Arc<Alarm>,
}

impl<F: Future> Task<F> {
    fn new(future: F) -> Self {
        Self { future: Box::pin(future), alarm: Arc::new(Alarm::new()) }
    }

    /// Polls it for the first time: it has to wait.
    pub(super) fn begin(future: F) -> Self {
        let mut task = Self::new(future);
        assert!(task.poll().is_none(), "nothing was set");
        task
    }

    pub(super) fn poll(&mut self) -> Option<F::Output> {
        let waker = Waker::from(Arc::clone(&self.alarm));
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }
}

/// A thread that leads, and one that follows: once a round each acts, at about the same time.
pub(super) struct Race {
    /// How often the leader has started the follower.
    started: AtomicU64,
    /// How often the follower has acted.
    done: AtomicU64,
}

impl Race {
    const END: u64 = u64::MAX;

    pub(super) const fn new() -> Self {
        Self { started: AtomicU64::new(0), done: AtomicU64::new(0) }
    }

    /// The follower acts.
    pub(super) fn start(&self) {
        self.started.fetch_add(1, Ordering::Release);
    }

    /// Returns when it has.
    pub(super) fn join(&self, worker: &Worker<'_>) {
        let started = self.started.load(Ordering::Relaxed);
        worker.until(|| self.done.load(Ordering::Acquire) == started);
    }

    /// What the follower does.
    fn follow(&self, worker: &Worker<'_>, act: impl Fn()) {
        for number in 1.. {
            worker.until(|| self.started.load(Ordering::Acquire) >= number);
            if self.started.load(Ordering::Relaxed) == Self::END {
                break;
            }
            moment();
            act();
            self.done.store(number, Ordering::Release);
        }
    }

    fn end(&self) {
        self.started.store(Self::END, Ordering::Release);
    }
}

/// The role of a follower, its race, and how it acts.
pub(super) type Follower<'a> = (&'static str, &'a Race, &'a (dyn Fn(&Worker<'_>) + Sync));

/// A leader that calls `lead` once a round, and followers that act when it starts their race. Its rounds are counted.
pub(super) fn race<const FOLLOWERS: usize>(
    harness: &Harness,
    lead: impl Fn(&Worker<'_>) + Copy + Send,
    followers: [Follower<'_>; FOLLOWERS],
) {
    thread::scope(|scope| {
        for (role, race, act) in followers {
            harness.spawn(scope, 1, role, move |worker| race.follow(worker, || act(worker)));
        }
        harness.spawn(scope, 1, "leader", move |worker| {
            while worker.next_round() {
                lead(worker);
            }
            followers.iter().for_each(|(_, race, _)| race.end());
        });
    });
}

/// About as long as it takes the other side to begin, or less.
pub(super) fn moment() {
    (0..fastrand::u32(..64) >> fastrand::u32(..6)).for_each(|_| hint::spin_loop());
}
