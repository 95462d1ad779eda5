//! A thread of a scenario: what it does just now, and what it has counted.

use std::hint;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rsevents_extra::{CountdownEvent, Semaphore, SemaphoreGuard};

use super::figures::{Counters, Figure};
use super::form::Form;
use crate::event::{Event, Waitable};

/// The pause between two looks at what takes long.
const NAP: Duration = Duration::from_micros(20);

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Something between two calls.
    Between,
    /// In a call of `set`, `tick` or `release`, or giving back a permit.
    Set,
    /// In a call of `reset` or `increment`.
    Reset,
    /// In a wait without a limit.
    Wait,
    /// In a wait with a limit.
    WaitFor,
    /// In a wait that does not block.
    Wait0,
    /// Looks until others have come so far.
    AwaitOthers,
    /// Its part is over.
    Gone,
}

impl Step {
    const ALL: [Self; 8] = [
        Self::Between,
        Self::Set,
        Self::Reset,
        Self::Wait,
        Self::WaitFor,
        Self::Wait0,
        Self::AwaitOthers,
        Self::Gone,
    ];
}

/// Where a thread leaves word of itself. On cache lines of its own: counting must not order the threads.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Post {
    role: &'static str,
    step: AtomicU8,
    operations: AtomicU64,
    counters: Counters,
}

impl Post {
    pub(super) fn new(role: &'static str) -> Self {
        let step = AtomicU8::new(Step::Between as u8);
        Self { role, step, operations: AtomicU64::new(0), counters: Counters::default() }
    }

    pub(super) fn role(&self) -> &'static str {
        self.role
    }

    pub(super) fn step(&self) -> Step {
        Step::ALL[usize::from(self.step.load(Ordering::Relaxed))]
    }

    /// How many steps it has made. Goes on if and only if the thread does.
    pub(super) fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The thread has come to its end.
    pub(super) fn leave(&self) {
        self.note(Step::Gone);
    }

    pub(super) fn set(&self, event: &impl Event) {
        self.sets(1, || event.set());
    }

    pub(super) fn reset(&self, event: &impl Event) {
        self.resets(|| event.reset());
    }

    /// Waits once. Returns whether that succeeded.
    pub(super) fn wait(&self, object: &impl Waitable, form: Form) -> bool {
        self.waits(form, || form.wait(object).then_some(())).is_some()
    }

    /// Waits until that has succeeded once, each time in a random form.
    pub(super) fn wait_at_last(&self, object: &impl Waitable, random: &mut fastrand::Rng) {
        while !self.wait(object, Form::any(random)) {}
    }

    pub(super) fn tick(&self, countdown: &CountdownEvent) -> bool {
        self.sets(1, || countdown.decrement())
    }

    /// Takes `permits` if that works out.
    pub(super) fn take<'a>(
        &self,
        semaphore: &'a Semaphore,
        permits: u16,
        form: Form,
    ) -> Option<SemaphoreGuard<'a>> {
        self.waits(form, || form.take(semaphore, permits))
    }

    /// The thread has come to the end of a round, other than the one in which it only says farewell.
    pub(super) fn end_round(&self) {
        self.counters.add(Figure::Rounds, 1);
    }

    /// Makes a step that counts as `number` sets.
    pub(super) fn sets<R>(&self, number: u64, step: impl FnOnce() -> R) -> R {
        self.counters.add(Figure::Sets, number);
        self.make(Step::Set, step)
    }

    /// Makes a step that counts as a reset.
    pub(super) fn resets<R>(&self, step: impl FnOnce() -> R) -> R {
        self.counters.add(Figure::Resets, 1);
        self.make(Step::Reset, step)
    }

    fn waits<T>(&self, form: Form, wait: impl FnOnce() -> Option<T>) -> Option<T> {
        let step = match form {
            Form::Wait => Step::Wait,
            Form::WaitFor(_) | Form::WaitUntil(_) => Step::WaitFor,
            Form::Wait0 => Step::Wait0,
        };
        let got = self.make(step, wait);
        self.counters.add(if got.is_some() { Figure::Waits } else { Figure::Timeouts }, 1);
        if got.is_none() && step == Step::Wait0 {
            thread::yield_now(); // it will be tried again, and others need the core
        }
        got
    }

    /// Looks until `condition` holds.
    pub(super) fn until(&self, condition: impl Fn() -> bool) {
        self.make(Step::AwaitOthers, || {
            for look in 0.. {
                if condition() {
                    break;
                }
                match look {
                    ..50 => hint::spin_loop(),
                    50..100 => thread::yield_now(),
                    // The machine has other things to do.
                    _ => thread::sleep(NAP),
                }
            }
        });
    }

    fn make<R>(&self, step: Step, make: impl FnOnce() -> R) -> R {
        self.note(step);
        let result = make();
        self.note(Step::Between);
        self.operations.fetch_add(1, Ordering::Relaxed);
        result
    }

    fn note(&self, step: Step) {
        self.step.store(step as u8, Ordering::Relaxed);
    }
}

/// Lets the others begin a wait, time out, or not even get there.
pub(super) fn pause(random: &mut fastrand::Rng) {
    for _ in 0..random.u32(..2_000) >> random.u32(..8) {
        hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use rsevents::{AutoResetEvent, EventState};

    use super::{Form, Post, Step};
    use crate::stress::figures::Figure;

    #[test]
    fn steps_are_told_by_their_number() {
        for (number, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(step as usize, number);
        }
    }

    #[test]
    fn what_a_thread_does_is_counted() {
        let post = Post::new("tester");
        let event = AutoResetEvent::new(EventState::Unset);
        post.set(&event);
        assert!(post.wait(&event, Form::Wait));
        assert!(!post.wait(&event, Form::Wait0));
        let counts = [Figure::Sets, Figure::Waits, Figure::Timeouts, Figure::Resets]
            .map(|figure| post.counters().get(figure));
        assert_eq!(counts, [1, 1, 1, 0]);
        assert_eq!((post.operations(), post.step()), (3, Step::Between));
        post.leave();
        assert_eq!(post.step(), Step::Gone);
    }
}
