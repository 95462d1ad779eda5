//! Futures that are polled, enqueued, blocked on, dropped and leaked in any order, and a model that knows the queues.
//!
//! On one thread it is determined which wait a call releases, which waker it wakes, and what a drop hands on.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bolero::TypeGenerator;
use rsevents::{
    AutoResetEvent, Awaitable, EventState, Finish, ManualResetEvent, OwnedWait, Signal, Wait,
    WaitAny, wait_any, wait_any_async, wait_any_for, wait_any0,
};
use rsevents_extra::{CountdownEvent, OwnedSemaphoreGuard, Request, Semaphore, SemaphoreGuard};
use strum::{EnumIter, IntoStaticStr};
use verify::op::{Answer, Answers, NO_BOOL, Operation, YES, YES_OR_NO, unless_refused};

use crate::pair::agree;

/// What is said when a future is used that has completed.
const COMPLETED: &str = "has completed before";

/// What futures wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, TypeGenerator)]
pub(crate) enum Target {
    #[default]
    Auto,
    Manual,
    Countdown,
    Semaphore,
}

const TARGETS: [Target; 4] = [Target::Auto, Target::Manual, Target::Countdown, Target::Semaphore];

/// A number of tasks or permits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TypeGenerator)]
pub(crate) struct Few(#[generator(0_u8..4)] u8);

/// The most objects that one future waits for.
const MOST: usize = 4;

/// Several objects, perhaps one of them twice. With a number of permits each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TypeGenerator)]
pub(crate) struct List {
    all: [(Target, Few); MOST],
    #[generator(1..=MOST)]
    length: usize,
}

impl List {
    fn all(&self) -> &[(Target, Few)] {
        &self.all[..self.length]
    }
}

/// How long a thread waits for any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TypeGenerator)]
pub(crate) enum Within {
    /// If it has to wait, it is not called.
    #[default]
    NoLimit,
    Zero,
    Nanoseconds(u8),
}

/// A call of an object, or of one of the futures, which are numbered.
#[derive(Clone, Copy, Debug, PartialEq, EnumIter, IntoStaticStr, TypeGenerator)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum TaskCall {
    /// Makes a future that borrows the object, or shares it.
    New {
        target: Target,
        permits: Few,
        is_owned: bool,
    },
    /// Makes a future that waits for any of these.
    NewAny(List),
    /// With a new waker.
    Poll(u8),
    /// With the waker of the last poll.
    PollAgain(u8),
    Enqueue(u8),
    /// With a limit of zero.
    BlockFor(u8),
    /// Only of a completed one.
    PollCompleted(u8),
    /// Answers whether it had been released.
    Drop(u8),
    /// The same.
    Leak(u8),
    /// Sets, counts down or releases. Answers whether that released a future.
    Set(Target, Few),
    /// Resets. Answers whether that released a future.
    Reset(Target, Few),
    /// Takes without waiting.
    Wait0(Target, Few),
    /// Takes from the first that has enough.
    WaitAny(List, Within),
}

impl Operation for TaskCall {
    fn answers(self) -> Answers {
        match self {
            Self::New { .. } | Self::NewAny(_) => NO_BOOL,
            Self::PollCompleted(_) => YES,
            _ => YES_OR_NO,
        }
    }
}

/// The objects.
pub(crate) struct Objects {
    auto: Arc<AutoResetEvent>,
    manual: Arc<ManualResetEvent>,
    countdown: Arc<CountdownEvent>,
    semaphore: Arc<Semaphore>,
}

impl Objects {
    /// New ones, perhaps where others were, for which leaked futures wait.
    pub(crate) fn new() -> Self {
        Self {
            auto: Arc::new(AutoResetEvent::new(EventState::Unset)),
            manual: Arc::new(ManualResetEvent::new(EventState::Unset)),
            countdown: Arc::new(CountdownEvent::new(1)),
            semaphore: Arc::new(Semaphore::new(0, u16::MAX)),
        }
    }
}

/// Requests for each number of permits, which waits for any share.
pub(crate) struct Requests<'a>([Request<'a>; MOST]);

impl Objects {
    pub(crate) fn requests(&self) -> Requests<'_> {
        Requests(std::array::from_fn(|permits| self.semaphore.request(permits as u16)))
    }
}

/// The objects, what they should be, and all futures.
pub(crate) struct Tasks<'a> {
    real: &'a Objects,
    requests: &'a Requests<'a>,
    is_auto_set: bool,
    is_manual_set: bool,
    count: usize,
    available: usize,
    /// The waits for each object. Those of a future that another object has released leave when they are met in front, or
    /// when the future does.
    queues: [Vec<Queued>; 4],
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
    /// What it waits for. Several, if it waits for any.
    parts: Vec<(Target, usize)>,
    is_any: bool,
    /// Which of them has released it, also after it was leaked.
    winner: Option<usize>,
    state: State,
    /// The newest waker.
    alarm: Arc<Alarm>,
    /// Whether the future keeps that.
    is_stored: bool,
    /// Whether that was woken.
    is_woken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Queued,
    Released,
    Completed,
    Gone,
}

/// Counts how often it is woken.
#[derive(Default)]
struct Alarm(AtomicUsize);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What futures of all objects have in common. They yield which of their objects has released them, and how many permits
/// they took.
trait Future {
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Taken>;
    fn enqueue(self: Pin<&mut Self>) -> bool;
    fn block_for(self: Pin<&mut Self>, limit: Duration) -> Option<Taken>;
}

/// A place, and a number of permits.
type Taken = (usize, usize);

macro_rules! future {
    ($type:ty, $($generics:tt)*) => {
        impl<$($generics)*, T: Finish<Output: Permits>> Future for $type {
            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Taken> {
                std::future::Future::poll(self, context).map(|permits| (0, permits.give_back()))
            }

            fn enqueue(self: Pin<&mut Self>) -> bool {
                self.enqueue()
            }

            fn block_for(self: Pin<&mut Self>, limit: Duration) -> Option<Taken> {
                self.block_for(limit).map(|permits| (0, permits.give_back()))
            }
        }
    };
}

future!(Wait<'a, T>, 'a);
future!(OwnedWait<S, T>, S: 'static);

/// A future that waits for any, and for each of its objects the request, if that is a semaphore.
struct Any<'a> {
    wait: Pin<Box<WaitAny<'a>>>,
    requests: Vec<Option<&'a Request<'a>>>,
}

impl Future for Any<'_> {
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Taken> {
        let Self { wait, requests } = self.get_mut();
        std::future::Future::poll(wait.as_mut(), context)
            .map(|place| (place, requests[place].map_or(0, give_back)))
    }

    fn enqueue(self: Pin<&mut Self>) -> bool {
        unreachable!("it has no such method")
    }

    fn block_for(self: Pin<&mut Self>, _: Duration) -> Option<Taken> {
        unreachable!("it has no such method")
    }
}

/// Gives back the permits of a request that was released.
fn give_back(request: &Request<'_>) -> usize {
    request.take().expect("it was released").give_back()
}

/// What a future yields.
trait Permits {
    /// Gives the permits back, and returns how many there are.
    fn give_back(self) -> usize;
}

impl Permits for () {
    fn give_back(self) -> usize {
        0
    }
}

impl Permits for SemaphoreGuard<'_> {
    fn give_back(self) -> usize {
        self.permits().into()
    }
}

impl Permits for OwnedSemaphoreGuard {
    fn give_back(self) -> usize {
        self.permits().into()
    }
}

/// Pins a future that has been moved before.
fn pin<'a>(future: impl Future + 'a) -> Pin<Box<dyn Future + 'a>> {
    let moved = Box::new(future);
    Box::pin(*moved)
}

/// What is asked of an object.
fn part(target: Target, permits: Few) -> (Target, usize) {
    (target, if target == Target::Semaphore { permits.0.into() } else { 0 })
}

fn parts(list: List) -> Vec<(Target, usize)> {
    list.all().iter().map(|&(target, permits)| part(target, permits)).collect()
}

impl<'a> Tasks<'a> {
    pub(crate) fn new(real: &'a Objects, requests: &'a Requests<'a>) -> Self {
        Self {
            real,
            requests,
            is_auto_set: false,
            is_manual_set: false,
            count: 1,
            available: 0,
            queues: Default::default(),
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
            TaskCall::WaitAny(list, within) => self.wait_any(list, within)?.map(Answer::Is),
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
                    TaskCall::Enqueue(_) | TaskCall::BlockFor(_) if task.is_any => false,
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
        self.push(future, vec![part(target, Few(permits as u8))], false);
    }

    fn begin_any(&mut self, list: List) {
        let signals: Vec<_> = list.all().iter().map(|&listed| self.signal(listed)).collect();
        // It is moved before it is pinned.
        let moved = Box::new(wait_any_async(&signals));
        let requests = list.all().iter().map(|&listed| self.request(listed)).collect();
        let future = pin(Any { wait: Box::pin(*moved), requests });
        self.push(future, parts(list), true);
    }

    fn push(
        &mut self,
        future: Pin<Box<dyn Future + 'a>>,
        parts: Vec<(Target, usize)>,
        is_any: bool,
    ) {
        self.tasks.push(Task {
            future: Some(future),
            parts,
            is_any,
            winner: None,
            state: State::New,
            alarm: Arc::default(),
            is_stored: false,
            is_woken: false,
        });
    }

    fn signal(&self, (target, permits): (Target, Few)) -> &'a dyn Signal {
        match target {
            Target::Auto => &*self.real.auto,
            Target::Manual => &*self.real.manual,
            Target::Countdown => &*self.real.countdown,
            Target::Semaphore => &self.requests.0[usize::from(permits.0)],
        }
    }

    fn request(&self, (target, permits): (Target, Few)) -> Option<&'a Request<'a>> {
        (target == Target::Semaphore).then(|| &self.requests.0[usize::from(permits.0)])
    }

    /// Waits for any, unless that would block. Returns whether it succeeded.
    fn wait_any(&mut self, list: List, within: Within) -> Result<Option<bool>, String> {
        let signals: Vec<_> = list.all().iter().map(|&listed| self.signal(listed)).collect();
        let parts = parts(list);
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
            self.serve_due(&parts);
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

    /// Makes a call of a future.
    fn call_one(&mut self, index: usize, call: TaskCall) -> Result<bool, String> {
        if matches!(call, TaskCall::Drop(_) | TaskCall::Leak(_)) {
            return Ok(self.end(index, matches!(call, TaskCall::Leak(_))));
        }
        if self.tasks[index].state == State::Queued {
            self.serve_due(&self.tasks[index].parts.clone());
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
            if let Some(place) = self.first_that_passes(&parts) {
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
                let winner = task.winner.expect("it was released");
                let (target, permits) = task.parts[winner];
                agree("the place and the permits", taken, Some((winner, permits)))?;
                task.state = State::Completed;
                self.leave_queues(index);
                self.give_back(target, permits);
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
        let released_by = task.winner.filter(|_| state == State::Released);
        let released_by = released_by.map(|place| task.parts[place]);
        self.leave_queues(index);
        if let Some((target, permits)) = released_by {
            match target {
                Target::Auto => self.is_auto_set = true,
                _ => self.available += permits,
            }
            self.serve(target);
        }
        released_by.is_some()
    }

    /// A future that waits no more. Those behind it may have been held up by it.
    fn leave_queues(&mut self, index: usize) {
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

    /// Whether a wait that is not queued passes.
    fn passes(&mut self, target: Target, permits: usize) -> bool {
        let is_ready = target == Target::Semaphore && permits == 0;
        if is_ready || !self.is_enough(target, permits) {
            return is_ready;
        }
        // The first in the queue may have ended since.
        self.serve(target);
        self.is_enough(target, permits) && self.queues[target as usize].is_empty()
    }

    /// A wait has looked at these objects, and has not passed. Permits may be due to others since the first in the queue has ended.
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
        self.available += permits;
        self.serve(target);
    }

    /// Releases those in front for which there is enough. Returns whether there are any.
    fn serve(&mut self, target: Target) -> bool {
        let mut is_any = false;
        while let Some(&first) = self.queues[target as usize].first() {
            let task = &self.tasks[first.task];
            let has_ended = task.winner.is_some();
            let permits = task.parts[first.place].1;
            if !has_ended && !self.is_enough(target, permits) {
                break;
            }
            self.queues[target as usize].remove(0);
            if has_ended {
                continue;
            }
            self.take(target, permits);
            let task = &mut self.tasks[first.task];
            task.winner = Some(first.place);
            task.is_woken |= mem::take(&mut task.is_stored);
            if task.state == State::Queued {
                task.state = State::Released;
            }
            is_any = true;
        }
        is_any
    }

    fn set(&mut self, target: Target, few: Few) -> Result<bool, String> {
        match target {
            Target::Auto => {
                self.real.auto.set();
                self.is_auto_set = true;
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
                    return Ok(false); // it does not look at the queue
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
        TARGETS.iter().try_for_each(|&target| {
            let is_leaked = |queued: &Queued| self.tasks[queued.task].state == State::Gone;
            agree(
                "only leaked ones are queued",
                self.queues[target as usize].iter().all(is_leaked),
                true,
            )
        })
    }
}
