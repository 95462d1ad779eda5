//! Runs a program on the objects and on their models, side by side.

use std::cell::Cell;

use rsevents::ManualResetEvent;
use rsevents_extra::CountdownEvent;
use verify::event::Kind;
use verify::op::countdown::CountdownModel;
use verify::op::event::EventModel;
use verify::op::{Answer, Model, Object, TOO_MUCH, unless_refused};

use crate::pair::{Pair, agree};
use crate::program::{NewCall, Program, Step};
use crate::semaphores::{Semaphores, Shared};
use crate::stats::{Stats, Subject};
use crate::tasks::{Lasting, Objects, Tasks};

/// The objects that no guard borrows.
struct Unguarded<A: Object> {
    auto: Pair<A>,
    manual: Pair<ManualResetEvent>,
    countdown: Pair<CountdownEvent>,
}

impl<A: Object<Model = EventModel>> Unguarded<A> {
    fn renew(&mut self, call: NewCall) -> Result<bool, String> {
        match call {
            NewCall::Auto(is_set) => self.auto = event(Kind::Auto, is_set),
            NewCall::Manual(is_set) => self.manual = event(Kind::Manual, is_set),
            NewCall::Countdown(count) => {
                let count = count.of(self.countdown.model.bounds());
                let real = unless_refused(TOO_MUCH, || CountdownEvent::new(count));
                let fits = count <= CountdownModel::MAX;
                agree("new makes a countdown", real.is_some(), fits)?;
                let Some(real) = real else { return Ok(false) };
                self.countdown = Pair { real, model: CountdownModel { count } };
            }
        }
        Ok(true)
    }

    fn step(
        &mut self,
        step: Step,
        shared: &mut Shared<'_>,
        tasks: &mut Tasks<'_>,
        stats: &mut Stats,
    ) -> Result<(), String> {
        match step {
            Step::Auto(call) => stats.add(Subject::Auto, self.auto.call(call)?),
            Step::Manual(call) => stats.add(Subject::Manual, self.manual.call(call)?),
            Step::Countdown(call) => stats.add(Subject::Countdown, self.countdown.call(call)?),
            Step::Semaphore(which, guard, call) => {
                stats.add(Subject::Semaphore, shared.call(which, guard, call)?);
            }
            Step::Guard(guard, call) => {
                let answer = shared.call_guard(guard, call)?.map(Answer::Is);
                stats.add(Subject::Guard, (call, answer));
            }
            Step::Task(call) => {
                stats.add(Subject::Task, tasks.call(call)?);
                tasks.compare()?;
            }
            Step::New(call) => {
                stats.add(Subject::New, (call, Some(Answer::Is(self.renew(call)?))));
            }
            Step::Exclusive(..) => unreachable!("it begins a chunk"),
        }
        Ok(())
    }

    /// Compares every object.
    fn compare(&mut self, shared: &mut Shared<'_>) -> Result<(), String> {
        self.auto.compare()?;
        self.manual.compare()?;
        self.countdown.compare()?;
        shared.compare()
    }
}

fn event<E: Object<Model = EventModel>>(kind: Kind, is_set: bool) -> Pair<E> {
    Pair::new(EventModel { kind, is_set })
}

/// Runs a program, with `A` as the auto-reset event.
///
/// # Panics
///
/// At the first step after which object and model differ.
pub(crate) fn run<A: Object<Model = EventModel>>(program: &Program, stats: &mut Stats) {
    fastrand::seed(program.choices);
    let mut unguarded = Unguarded {
        auto: event::<A>(Kind::Auto, program.auto),
        manual: event(Kind::Manual, program.manual),
        countdown: Pair::new(CountdownModel { count: 0 }),
    };
    let mut semaphores = Semaphores::new(program.semaphores);
    // Where a future waits for all, the objects are there for ever, and are used again. Otherwise they are new,
    // perhaps where others were.
    let lasting = program.waits_for_all().then(|| LASTING.take().unwrap_or_else(lasting));
    let objects = Objects::new();
    let requests = objects.requests();
    let (objects, requests) = lasting.unwrap_or((&objects, &requests));
    let mut tasks = Tasks::new(objects, requests, lasting);
    let mut number = 0;
    let mut check = |result: Result<(), String>| {
        number += 1;
        result.unwrap_or_else(|error| panic!("step {number}: {error}"));
    };
    // Guards live until the next call that needs a semaphore without any.
    let is_exclusive = |step: &Step| matches!(step, Step::Exclusive(..));
    for steps in program.steps.chunk_by(|_, next| !is_exclusive(next)) {
        let mut steps = steps.iter().copied().peekable();
        if let Some(Step::Exclusive(which, call)) = steps.next_if(is_exclusive) {
            let called = semaphores.call(which, call);
            check(called.and_then(|answer| {
                stats.add(Subject::Exclusive, (call, Some(Answer::Is(answer))));
                unguarded.compare(&mut semaphores.share())
            }));
        }
        let mut shared = semaphores.share();
        for step in steps {
            let called = unguarded.step(step, &mut shared, &mut tasks, stats);
            check(called.and_then(|()| unguarded.compare(&mut shared)));
        }
        shared.drop_guards();
        shared.compare().unwrap_or_else(|error| panic!("all guards are dropped: {error}"));
    }
    tasks.drop_all().unwrap_or_else(|error| panic!("all futures are dropped: {error}"));
    if lasting.is_some() {
        let cleared = tasks.clear();
        if cleared.unwrap_or_else(|error| panic!("leaked futures are released: {error}")) {
            LASTING.set(lasting);
        }
    }
}

thread_local! {
    /// Not used by a program now.
    static LASTING: Cell<Option<Lasting>> = const { Cell::new(None) };
}

fn lasting() -> Lasting {
    let objects: &'static Objects = Box::leak(Box::new(Objects::new()));
    (objects, Box::leak(Box::new(objects.requests())))
}
