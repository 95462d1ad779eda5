//! Futures that are polled, enqueued, blocked on, dropped and leaked in any order, and a model that knows the queues.
//!
//! On one thread it is determined which wait a call releases, which waker it wakes, and what a drop hands on.

mod calls;
// A guided search would take it for a target.
#[cfg(not(fuzzing))]
mod due;
mod futures;
mod objects;

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rsevents::{
    Awaitable, Signal, wait_all, wait_all_async, wait_all_for, wait_all0, wait_any, wait_any_async,
    wait_any_for, wait_any0,
};
use rsevents_extra::{Request, SemaphoreGuard};
use verify::op::{Answer, unless_refused};

pub(crate) use self::calls::TaskCall;
use self::calls::{Different, Few, List, MOST, TARGETS, Target, Within};
use self::futures::{Alarm, All, Any, Future, give_back, pin};
use self::objects::Requests;
pub(crate) use self::objects::{Lasting, Objects};
use crate::pair::agree;

/// What is said when a future is used that has completed.
const COMPLETED: &str = "has completed before";

/// What is said when a wait for all has an object twice.
const TWICE: &str = "only once";

/// The objects, what they should be, and all futures.
pub(crate) struct Tasks<'a> {
    real: &'a Objects,
    requests: &'a Requests<'a>,
    /// The same, if they are there for ever.
    lasting: Option<Lasting>,
    is_auto_set: bool,
    is_manual_set: bool,
    count: usize,
    available: usize,
    /// The waits for each object. Those of a future that another object has released leave when they are met in
    /// front, or when the future does.
    queues: [Vec<Queued>; 4],
    /// The waits for all, in the order in which they began.
    alls: Vec<usize>,
    tasks: Vec<Task<'a>>,
}

/// A future, and for which of its objects it waits in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Queued {
    task: usize,
    place: usize,
}

/// A future, and what it should be.
struct Task<'a> {
    /// `None` if it was dropped or leaked.
    future: Option<Pin<Box<dyn Future + 'a>>>,
    /// What it waits for.
    parts: Vec<(Target, usize)>,
    of: Of,
    /// Which of them has released it, also after it was leaked. (None of a wait for all.)
    winner: Option<usize>,
    state: State,
    /// The newest waker.
    alarm: Arc<Alarm>,
    /// Whether the future keeps that.
    is_stored: bool,
    /// Whether that was woken.
    is_woken: bool,
}

/// For how many of its objects a future waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    One,
    Any,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Queued,
    Released,
    Completed,
    Gone,
}

/// What is asked of an object.
fn part(target: Target, permits: Few) -> (Target, usize) {
    (target, if target == Target::Semaphore { permits.0.into() } else { 0 })
}

fn parts(all: &[(Target, Few)]) -> Vec<(Target, usize)> {
    all.iter().map(|&(target, permits)| part(target, permits)).collect()
}

fn has_twice(parts: &[(Target, usize)]) -> bool {
    let taken = parts.iter().filter(|&&part| !is_nothing(part));
    let mut targets: Vec<_> = taken.map(|&(target, _)| target as usize).collect();
    targets.sort_unstable();
    targets.windows(2).any(|pair| pair[0] == pair[1])
}

fn is_nothing((target, permits): (Target, usize)) -> bool {
    target == Target::Semaphore && permits == 0
}

impl<'a> Tasks<'a> {
    pub(crate) fn new(
        real: &'a Objects,
        requests: &'a Requests<'a>,
        lasting: Option<Lasting>,
    ) -> Self {
        Self {
            real,
            requests,
            lasting,
            is_auto_set: false,
            is_manual_set: false,
            count: 1,
            available: 0,
            queues: Default::default(),
            alls: Vec::new(),
            tasks: Vec::new(),
        }
    }

    /// Makes a call. `None` if there is no such future.
    pub(crate) fn call(&mut self, call: TaskCall) -> Result<(TaskCall, Option<Answer>), String> {
        let answer = match call {
            TaskCall::New { target, permits, is_owned } => {
                self.begin(target, permits, is_owned);
                Some(Answer::Done)
            }
            TaskCall::NewAny(list) => {
                self.begin_any(list);
                Some(Answer::Done)
            }
            TaskCall::NewAll(list) => self.begin_all(list)?.map(Answer::Is),
            TaskCall::WaitAny(list, within) => self.wait_any(list, within)?.map(Answer::Is),
            TaskCall::WaitAll(list, within) => self.wait_all(list, within)?.map(Answer::Is),
            TaskCall::Set(target, few) => Some(Answer::Is(self.set(target, few)?)),
            TaskCall::Reset(target, few) => Some(Answer::Is(self.reset(target, few))),
            TaskCall::Wait0(target, few) => Some(Answer::Is(self.wait0(target, few)?)),
            TaskCall::Poll(number)
            | TaskCall::PollAgain(number)
            | TaskCall::Enqueue(number)
            | TaskCall::BlockFor(number)
            | TaskCall::PollCompleted(number)
            | TaskCall::Drop(number)
            | TaskCall::Leak(number) => {
                let is_candidate = |task: &Task<'_>| match call {
                    TaskCall::PollCompleted(_) => task.state == State::Completed,
                    TaskCall::Drop(_) => task.state != State::Gone,
                    TaskCall::Enqueue(_) | TaskCall::BlockFor(_) if task.of != Of::One => false,
                    _ => !matches!(task.state, State::Completed | State::Gone),
                };
                let candidates: Vec<_> = (0..self.tasks.len())
                    .filter(|&index| is_candidate(&self.tasks[index]))
                    .collect();
                match usize::from(number).checked_rem(candidates.len()) {
                    Some(index) => Some(Answer::Is(self.call_one(candidates[index], call)?)),
                    None => None,
                }
            }
        };
        Ok((call, answer))
    }

    fn begin(&mut self, target: Target, permits: Few, is_owned: bool) {
        let real = self.real;
        let permits = u16::from(permits.0);
        let future = match (target, is_owned) {
            (Target::Auto, false) => pin(real.auto.wait_async()),
            (Target::Auto, true) => pin(real.auto.wait_owned_async()),
            (Target::Manual, false) => pin(real.manual.wait_async()),
            (Target::Manual, true) => pin(real.manual.wait_owned_async()),
            (Target::Countdown, false) => pin(real.countdown.wait_async()),
            (Target::Countdown, true) => pin(real.countdown.wait_owned_async()),
            (Target::Semaphore, false) => pin(real.semaphore.wait_many_async(permits)),
            (Target::Semaphore, true) => pin(real.semaphore.wait_many_owned_async(permits)),
        };
        self.push(future, vec![part(target, Few(permits as u8))], Of::One);
    }

    fn begin_any(&mut self, list: List) {
        let signals: Vec<_> = list.all().iter().map(|&listed| self.signal(listed)).collect();
        // It is moved before it is pinned.
        let moved = Box::new(wait_any_async(&signals));
        let requests = list.all().iter().map(|&listed| self.request(listed)).collect();
        let future = pin(Any { wait: Box::pin(*moved), requests });
        self.push(future, parts(list.all()), Of::Any);
    }

    /// Returns whether it was not refused. `None` if the objects are not there for ever.
    fn begin_all(&mut self, list: Different) -> Result<Option<bool>, String> {
        let Some((objects, requests)) = self.lasting else { return Ok(None) };
        let all = list.all();
        let parts = parts(&all);
        let signals: Vec<_> = all.iter().map(|&one| objects.signal(requests, one)).collect();
        let is_refused = has_twice(&parts);
        let wait = unless_refused(TWICE, || wait_all_async(&signals));
        agree("an object that is there twice is refused", wait.is_none(), is_refused)?;
        let Some(wait) = wait else { return Ok(Some(false)) };
        // It is moved before it is pinned.
        let moved = Box::new(wait);
        let requests = all.iter().filter_map(|&one| requests.request(one)).collect();
        self.push(pin(All { wait: Box::pin(*moved), requests }), parts, Of::All);
        Ok(Some(true))
    }

    fn push(&mut self, future: Pin<Box<dyn Future + 'a>>, parts: Vec<(Target, usize)>, of: Of) {
        self.tasks.push(Task::new(Some(future), parts, of));
    }

    fn signal(&self, one: (Target, Few)) -> &'a dyn Signal {
        self.real.signal(self.requests, one)
    }

    fn request(&self, one: (Target, Few)) -> Option<&'a Request<'a>> {
        self.requests.request(one)
    }

    /// Waits for any, unless that would block. Returns whether it succeeded.
    fn wait_any(&mut self, list: List, within: Within) -> Result<Option<bool>, String> {
        let signals: Vec<_> = list.all().iter().map(|&listed| self.signal(listed)).collect();
        let parts = parts(list.all());
        let expected = self.first_that_passes(&parts);
        let place = match within {
            Within::NoLimit if expected.is_none() => return Ok(None),
            Within::NoLimit => Some(wait_any(&signals)),
            Within::Zero => wait_any0(&signals),
            Within::Nanoseconds(limit) => {
                wait_any_for(&signals, Duration::from_nanos(limit.into()))
            }
        };
        agree("the place", place, expected)?;
        let Some(place) = place else {
            // One that does not queue leaves it to others to serve what is due.
            if !within.is_over_at_once() {
                self.serve_due(&parts);
            }
            return Ok(Some(false));
        };
        let (target, permits) = parts[place];
        self.take(target, permits);
        if let Some(request) = self.request(list.all()[place]) {
            agree("permits", give_back(request), permits)?;
            self.give_back(target, permits);
        }
        Ok(Some(true))
    }

    /// Waits for all, unless that would block. Returns whether it succeeded.
    fn wait_all(&mut self, list: Different, within: Within) -> Result<Option<bool>, String> {
        let all = list.all();
        let signals: Vec<_> = all.iter().map(|&one| self.signal(one)).collect();
        let parts = parts(&all);
        let is_refused = has_twice(&parts);
        if within == Within::NoLimit && !is_refused && !self.all_pass(&parts) {
            return Ok(None);
        }
        let passed = unless_refused(TWICE, || match within {
            Within::NoLimit => {
                wait_all(&signals);
                true
            }
            Within::Zero => wait_all0(&signals),
            Within::Nanoseconds(limit) => {
                wait_all_for(&signals, Duration::from_nanos(limit.into()))
            }
        });
        agree("an object that is there twice is refused", passed.is_none(), is_refused)?;
        let Some(passed) = passed else { return Ok(None) };
        agree("all are there", passed, self.take_all_within(&parts, within))?;
        if passed {
            for (&one, &(target, permits)) in all.iter().zip(&parts) {
                if let Some(request) = self.request(one) {
                    agree("permits", give_back(request), permits)?;
                    self.give_back(target, permits);
                }
            }
        }
        Ok(Some(passed))
    }

    /// Makes a call of a future.
    fn call_one(&mut self, index: usize, call: TaskCall) -> Result<bool, String> {
        if matches!(call, TaskCall::Drop(_) | TaskCall::Leak(_)) {
            return Ok(self.end(index, matches!(call, TaskCall::Leak(_))));
        }
        if self.tasks[index].state == State::Queued {
            let parts = self.tasks[index].parts.clone();
            if self.tasks[index].of != Of::All {
                self.serve_due(&parts);
            } else {
                self.serve_hidden(&parts);
            }
        }
        let task = &mut self.tasks[index];
        let future = task.future.as_mut().expect("it is not gone").as_mut();
        if let TaskCall::Poll(_) = call {
            task.alarm = Arc::default();
            task.is_woken = false;
        }
        let waker = Waker::from(Arc::clone(&task.alarm));
        let context = &mut Context::from_waker(&waker);
        let (passed, taken) = match call {
            TaskCall::Enqueue(_) => (future.enqueue(), None),
            TaskCall::BlockFor(_) => {
                let taken = future.block_for(Duration::ZERO);
                (taken.is_some(), taken)
            }
            TaskCall::PollCompleted(_) => {
                let is_refused = unless_refused(COMPLETED, || future.poll(context)).is_none();
                agree("a poll after completion is refused", is_refused, true)?;
                return Ok(true);
            }
            _ => match future.poll(context) {
                Poll::Ready(taken) => (true, Some(taken)),
                Poll::Pending => (false, None),
            },
        };
        drop(waker);
        if task.state == State::New {
            let parts = task.parts.clone();
            if task.of == Of::All {
                if self.all_pass(&parts) {
                    self.take_all(&parts);
                    self.tasks[index].state = State::Released;
                } else {
                    let task = &mut self.tasks[index];
                    (task.state, task.is_stored) = (State::Queued, true);
                    self.alls.push(index);
                    // That may release this one, and wake its waker, though the poll says so as well.
                    self.serve_hidden(&parts);
                }
            } else if let Some(place) = self.first_that_passes(&parts) {
                let (target, permits) = parts[place];
                self.take(target, permits);
                let task = &mut self.tasks[index];
                (task.state, task.winner) = (State::Released, Some(place));
            } else if !matches!(call, TaskCall::BlockFor(_)) {
                self.tasks[index].state = State::Queued;
                for (place, &(target, _)) in parts.iter().enumerate() {
                    self.queues[target as usize].push(Queued { task: index, place });
                }
                self.serve_due(&parts);
            }
        }
        let task = &mut self.tasks[index];
        agree("it has passed", passed, task.state == State::Released)?;
        match call {
            TaskCall::Enqueue(_) => {}
            TaskCall::BlockFor(_) if !passed => {}
            _ if passed => {
                let parts = task.released_by();
                let permits = parts.iter().map(|&(_, permits)| permits).sum();
                let place = task.winner.unwrap_or(0);
                agree("the place and the permits", taken, Some((place, permits)))?;
                task.state = State::Completed;
                self.leave_queues(index);
                for (target, permits) in parts {
                    self.give_back(target, permits);
                }
            }
            _ => task.is_stored = true,
        }
        Ok(passed)
    }

    /// Drops or leaks a future. Returns whether it had been released.
    fn end(&mut self, index: usize, is_leaked: bool) -> bool {
        let task = &mut self.tasks[index];
        let future = task.future.take().expect("it is not gone");
        let state = mem::replace(&mut task.state, State::Gone);
        if is_leaked {
            // In a queue, it takes what it is given.
            mem::forget(future);
            return state == State::Released;
        }
        drop(future);
        task.is_stored = false;
        let is_released = state == State::Released;
        let released_by = if is_released { task.released_by() } else { Vec::new() };
        self.leave_queues(index);
        for (target, permits) in released_by {
            match target {
                Target::Auto => _ = self.set_auto(),
                Target::Semaphore => self.give_back(target, permits),
                // A wait takes nothing from them.
                Target::Manual | Target::Countdown => {}
            }
        }
        is_released
    }

    /// A future that waits no more. Those behind it may have been held up by it.
    fn leave_queues(&mut self, index: usize) {
        self.alls.retain(|&all| all != index);
        for target in TARGETS {
            let queue = &mut self.queues[target as usize];
            let before = queue.len();
            queue.retain(|queued| queued.task != index);
            if queue.len() < before {
                self.serve(target);
            }
        }
    }

    /// The first of these objects by which a wait that is not queued passes.
    fn first_that_passes(&mut self, parts: &[(Target, usize)]) -> Option<usize> {
        parts.iter().position(|&(target, permits)| self.passes(target, permits))
    }

    /// Takes from all of these, if they are there within this time.
    fn take_all_within(&mut self, parts: &[(Target, usize)], within: Within) -> bool {
        if !self.all_pass(parts) {
            // Permits may be due to others since the first in the queue has ended.
            match within {
                Within::NoLimit => {}
                _ if within.is_over_at_once() => self.serve_hidden(parts),
                // While it waits, it comes before those in the queue.
                _ if self.hides_permits(parts) => return self.serve_with(parts),
                _ => {}
            }
        }
        let passes = self.all_pass(parts);
        if passes {
            self.take_all(parts);
        }
        passes
    }

    /// Serves the semaphore while a thread waits for all of these. Returns whether that was released.
    fn serve_with(&mut self, parts: &[(Target, usize)]) -> bool {
        let index = self.tasks.len();
        self.tasks.push(Task::new(None, parts.to_vec(), Of::All));
        self.alls.push(index);
        self.serve(Target::Semaphore);
        self.tasks[index].state = State::Gone;
        let last = self.alls.pop_if(|&mut last| last == index);
        last.is_none()
    }

    /// Whether permits are kept for the first wait for the semaphore: if that is for several, also when it has
    /// ended, until it has left the queue.
    fn keeps(&self) -> bool {
        let first = self.queues[Target::Semaphore as usize].first();
        first.is_some_and(|&first| self.permits(first) > 1)
    }

    /// Whether they are kept from waits for all: if the first one has ended, only for the first that has not.
    fn keeps_from_alls(&self) -> bool {
        if !self.keeps() {
            return false;
        }
        let mut queue = self.queues[Target::Semaphore as usize].iter();
        let first = queue.find(|queued| self.tasks[queued.task].winner.is_none());
        first.is_some_and(|&first| self.permits(first) > 1)
    }

    /// Whether a wait for all that queues serves the semaphore, as it may have permits that are kept for the first
    /// in the queue.
    fn hides_permits(&self, parts: &[(Target, usize)]) -> bool {
        let is_for_permits =
            |&part: &(Target, usize)| part.0 == Target::Semaphore && !is_nothing(part);
        self.keeps() && self.available > 0 && parts.iter().any(is_for_permits)
    }

    fn serve_hidden(&mut self, parts: &[(Target, usize)]) {
        if self.hides_permits(parts) {
            self.serve(Target::Semaphore);
        }
    }

    /// Whether a wait for all passes.
    fn all_pass(&self, parts: &[(Target, usize)]) -> bool {
        parts.iter().all(|&part| {
            let is_kept = part.0 == Target::Semaphore && self.keeps_from_alls();
            is_nothing(part) || self.is_enough(part.0, part.1) && !is_kept
        })
    }

    fn take_all(&mut self, parts: &[(Target, usize)]) {
        for &(target, permits) in parts {
            self.take(target, permits);
        }
    }

    /// Whether a wait that is not queued passes.
    fn passes(&mut self, target: Target, permits: usize) -> bool {
        let is_ready = is_nothing((target, permits));
        if is_ready || !self.is_enough(target, permits) {
            return is_ready;
        }
        // The first in the queue may have ended since.
        self.serve(target);
        self.is_enough(target, permits) && self.queues[target as usize].is_empty()
    }

    /// A wait has checked these objects, and has not passed. Permits may be due to others since the first in the
    /// queue has ended.
    fn serve_due(&mut self, parts: &[(Target, usize)]) {
        for &(target, _) in parts {
            self.serve(target);
        }
    }

    fn is_enough(&self, target: Target, permits: usize) -> bool {
        match target {
            Target::Auto => self.is_auto_set,
            Target::Manual => self.is_manual_set,
            Target::Countdown => self.count == 0,
            Target::Semaphore => permits <= self.available,
        }
    }

    fn take(&mut self, target: Target, permits: usize) {
        match target {
            Target::Auto => self.is_auto_set = false,
            Target::Semaphore => self.available -= permits,
            Target::Manual | Target::Countdown => {}
        }
    }

    fn give_back(&mut self, target: Target, permits: usize) {
        if permits > 0 {
            self.available += permits;
            self.serve(target);
        }
    }

    /// Releases waits for all that pass, and those in front for which there is enough. Returns whether there are any.
    fn serve(&mut self, target: Target) -> bool {
        let mut is_any = false;
        loop {
            let kept = self.keeps();
            if let Some(all) = self.first_all(target) {
                self.alls.retain(|&index| index != all);
                self.take_all(&self.tasks[all].parts.clone());
                self.release(all, None);
                is_any = true;
            } else if let Some(first) = self.first(target)
                && let permits = self.permits(first)
                && self.is_enough(target, permits)
            {
                self.queues[target as usize].remove(0);
                self.take(target, permits);
                self.release(first.task, Some(first.place));
                is_any = true;
            } else if !kept || self.keeps() {
                return is_any;
            }
        }
    }

    /// The first wait in the queue that no other object has released.
    fn first(&mut self, target: Target) -> Option<Queued> {
        let (queue, tasks) = (&mut self.queues[target as usize], &self.tasks);
        let ended = queue.iter().take_while(|queued| tasks[queued.task].winner.is_some()).count();
        queue.drain(..ended);
        queue.first().copied()
    }

    fn permits(&self, queued: Queued) -> usize {
        self.tasks[queued.task].parts[queued.place].1
    }

    /// The first wait for all that waits for this object and can pass.
    fn first_all(&self, target: Target) -> Option<usize> {
        let parts = |&index: &usize| &self.tasks[index].parts;
        let mut alls = self.alls.iter().copied();
        alls.find(|all| parts(all).iter().any(|part| part.0 == target) && self.all_pass(parts(all)))
    }

    /// A wait has taken what it waits for.
    fn release(&mut self, index: usize, winner: Option<usize>) {
        let task = &mut self.tasks[index];
        task.winner = winner;
        task.is_woken |= mem::take(&mut task.is_stored);
        if task.state == State::Queued {
            task.state = State::Released;
        }
    }

    /// A set of the auto-reset event. Returns whether it released a future.
    fn set_auto(&mut self) -> bool {
        let was_set = mem::replace(&mut self.is_auto_set, true);
        // A wait for all that could not pass before takes this set, and the one before stays.
        let stays = was_set && self.first_all(Target::Auto).is_some();
        let is_any = self.serve(Target::Auto);
        self.is_auto_set |= stays;
        is_any
    }

    fn set(&mut self, target: Target, few: Few) -> Result<bool, String> {
        match target {
            Target::Auto => {
                self.real.auto.set();
                return Ok(self.set_auto());
            }
            Target::Manual => {
                self.real.manual.set();
                self.is_manual_set = true;
            }
            Target::Countdown => {
                let is_last = self.real.countdown.decrement_by(few.0.into());
                let before = self.count;
                self.count = before.saturating_sub(few.0.into());
                agree("it was the last", is_last, before > 0 && self.count == 0)?;
            }
            Target::Semaphore => {
                self.real.semaphore.release(few.0.into());
                if few.0 == 0 {
                    return Ok(false); // it does not serve the queue
                }
                self.available += usize::from(few.0);
            }
        }
        Ok(self.serve(target))
    }

    fn reset(&mut self, target: Target, few: Few) -> bool {
        match target {
            Target::Auto => {
                self.real.auto.reset();
                self.is_auto_set = false;
            }
            Target::Manual => {
                self.real.manual.reset();
                self.is_manual_set = false;
            }
            Target::Countdown | Target::Semaphore => {
                self.real.countdown.reset(few.0.into());
                self.count = few.0.into();
                return self.serve(Target::Countdown);
            }
        }
        false
    }

    fn wait0(&mut self, target: Target, few: Few) -> Result<bool, String> {
        let (real, permits) = (self.real, few.0);
        let passed = match target {
            Target::Auto => real.auto.wait0(),
            Target::Manual => real.manual.wait0(),
            Target::Countdown => real.countdown.wait0(),
            Target::Semaphore => {
                let guard = real.semaphore.try_wait0_many(permits.into());
                guard.map(SemaphoreGuard::forget).is_ok()
            }
        };
        let should_pass = self.passes(target, permits.into());
        agree("wait0 succeeds", passed, should_pass)?;
        if should_pass {
            self.take(target, permits.into());
            self.serve(target); // a semaphore of which permits are forgotten serves its queue
        }
        Ok(passed)
    }

    pub(crate) fn compare(&self) -> Result<(), String> {
        let Self { real, .. } = self;
        agree("the auto-reset event is set", real.auto.is_set(), self.is_auto_set)?;
        agree("the manual-reset event is set", real.manual.is_set(), self.is_manual_set)?;
        agree("the count of the countdown", real.countdown.count(), self.count)?;
        agree("the permits of tasks", real.semaphore.count().into(), self.available)?;
        for task in &self.tasks {
            let woken = task.alarm.0.load(Ordering::Relaxed);
            agree("its newest waker was woken", woken, task.is_woken.into())?;
            let kept = Arc::strong_count(&task.alarm) - 1;
            agree("the wakers that it keeps", kept, task.is_stored.into())?;
        }
        Ok(())
    }

    /// Drops all that are left.
    pub(crate) fn drop_all(&mut self) -> Result<(), String> {
        for index in 0..self.tasks.len() {
            if self.tasks[index].state != State::Gone {
                self.end(index, false);
                self.compare()?;
            }
        }
        let is_leaked = |index: usize| self.tasks[index].state == State::Gone;
        let mut queued = self.queues.iter().flatten().map(|queued| queued.task);
        agree("only leaked ones are queued", queued.all(is_leaked), true)?;
        agree("only leaked ones wait for all", self.alls.iter().all(|&all| is_leaked(all)), true)
    }

    /// Gives the leaked ones what they wait for, and makes the objects as new ones. Returns whether there is room
    /// for more permits: leaked ones are held for ever.
    pub(crate) fn clear(mut self) -> Result<bool, String> {
        self.reset(Target::Countdown, Few(0));
        self.set(Target::Manual, Few(0))?;
        while !(self.alls.is_empty() && self.queues.iter().all(Vec::is_empty)) {
            self.set(Target::Auto, Few(0))?;
            self.set(Target::Semaphore, Few(MOST as u8))?;
        }
        self.compare()?;
        self.reset(Target::Auto, Few(0));
        self.reset(Target::Manual, Few(0));
        self.reset(Target::Countdown, Few(1));
        let permits = self.real.semaphore.count();
        let guard = self.real.semaphore.try_wait0_many(permits);
        agree("all permits are there", guard.map(SemaphoreGuard::forget).is_ok(), true)?;
        Ok(self.real.semaphore.capacity() < u16::MAX / 2)
    }
}

impl<'a> Task<'a> {
    fn new(future: Option<Pin<Box<dyn Future + 'a>>>, parts: Vec<(Target, usize)>, of: Of) -> Self {
        Self {
            future,
            parts,
            of,
            winner: None,
            state: State::New,
            alarm: Arc::default(),
            is_stored: false,
            is_woken: false,
        }
    }

    /// What it has taken, if it was released.
    fn released_by(&self) -> Vec<(Target, usize)> {
        match self.winner {
            Some(place) => vec![self.parts[place]],
            None => self.parts.clone(),
        }
    }
}
