//! The histories that the same threads make one after another.

use std::hint;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::Instant;

use fastrand::Rng;

use super::slot::Slot;
use super::{OperationOf, Recorded, Subject};
use crate::linearizability::history::{
    Answer, CONDUCTOR, Call, History, Operation, Pending, Waiting, nanoseconds,
};
use crate::linearizability::program::{Generator, Pause, Step, programs};

/// How often a thread looks for the others before it lets others run.
const LOOKS: u32 = 200;

/// A history that is being made.
pub(super) struct Run<S: Subject> {
    pub(super) model: S::Model,
    pub(super) object: S,
    /// The steps of each thread.
    pub(super) threads: Vec<Vec<Slot<OperationOf<S>>>>,
    /// The conductor's calls so far.
    aids: Mutex<Vec<Slot<OperationOf<S>>>>,
    /// How many threads are neither done nor in a wait without a limit.
    pub(super) active: AtomicUsize,
    /// How many of these waits have returned.
    pub(super) returns: AtomicUsize,
}

impl<S: Subject> Run<S> {
    fn random(threads: usize, random: &mut Rng) -> Self {
        let model = S::Model::random(S::SETTING, random);
        let programs = programs(&model, threads, random);
        let slots = |program: Vec<_>| program.into_iter().map(Slot::new).collect();
        Self {
            object: S::new(&model),
            threads: programs.into_iter().map(slots).collect(),
            aids: Mutex::default(),
            model,
            active: AtomicUsize::new(threads),
            returns: AtomicUsize::new(0),
        }
    }

    pub(super) fn pending(&self) -> Vec<Pending<OperationOf<S>>> {
        self.collect(Slot::pending)
    }

    fn calls(&self) -> Vec<Call<OperationOf<S>>> {
        self.collect(Slot::call)
    }

    fn collect<T>(&self, get: impl Fn(&Slot<OperationOf<S>>, usize) -> Option<T>) -> Vec<T> {
        let aids = self.aids.lock().unwrap();
        let threads = self.threads.iter().zip(CONDUCTOR + 1..);
        threads
            .flat_map(|(slots, thread)| slots.iter().map(move |slot| (slot, thread)))
            .chain(aids.iter().map(|slot| (slot, CONDUCTOR)))
            .filter_map(|(slot, thread)| get(slot, thread))
            .collect()
    }

    /// As far as it goes.
    pub(super) fn history(&self) -> Recorded<S> {
        History::new(self.model.clone(), self.calls())
    }

    /// Whether the conductor is in a call.
    pub(super) fn is_aided(&self) -> bool {
        !self.aids.lock().unwrap().iter().all(Slot::is_finished)
    }
}

/// Histories that the same threads make.
pub(super) struct Batch<S: Subject> {
    pub(super) threads: usize,
    pub(super) runs: Vec<Run<S>>,
    /// How many threads have begun, and are done with how many histories, all together.
    arrived: AtomicUsize,
    /// How many calls of the conductor's have returned.
    aided: AtomicUsize,
    epoch: Instant,
    /// Who is told when a history is at rest.
    conductor: OnceLock<Thread>,
}

impl<S: Subject> Batch<S> {
    /// Any histories.
    pub(super) fn random(histories: usize, threads: usize, random: &mut Rng) -> Self {
        Self {
            threads,
            runs: (0..histories).map(|_| Run::random(threads, random)).collect(),
            arrived: AtomicUsize::new(0),
            aided: AtomicUsize::new(0),
            epoch: Instant::now(),
            conductor: OnceLock::new(),
        }
    }

    pub(super) fn now(&self) -> u64 {
        nanoseconds(self.epoch.elapsed())
    }

    pub(super) fn arrivals(&self) -> usize {
        // Acquire: who has arrived has written down its calls.
        self.arrived.load(Ordering::Acquire)
    }

    pub(super) fn is_over(&self) -> bool {
        self.arrivals() == (self.runs.len() + 1) * self.threads
    }

    /// The number of the history that is being made.
    pub(super) fn current(&self) -> usize {
        // When all are done with the last one, that one.
        (self.arrivals() / self.threads).saturating_sub(1).min(self.runs.len() - 1)
    }

    /// Something that changes with each call.
    pub(super) fn signs_of_life(&self) -> [usize; 3] {
        let steps = self.runs[self.current()].threads.iter().flatten();
        let finished = steps.filter(|slot| slot.is_finished()).count();
        [self.arrivals(), finished, self.aided.load(Ordering::Relaxed)]
    }

    /// This thread is told when a history is at rest.
    pub(super) fn be_conductor(&self) {
        let is_first = self.conductor.set(thread::current()).is_ok();
        assert!(is_first, "there is one conductor");
    }

    /// Makes a call of the conductor's that belongs to the history at `index`.
    pub(super) fn aid(&self, index: usize, operation: OperationOf<S>) -> Answer {
        let run = &self.runs[index];
        let slot = Slot::new(Step { operation, pause: Pause::None });
        slot.begin(self.now());
        run.aids.lock().unwrap().push(slot);
        let answer = run.object.perform(operation, &mut S::Held::default());
        let now = self.now();
        run.aids.lock().unwrap().last().expect("it was put there").finish(answer, now);
        self.aided.fetch_add(1, Ordering::Relaxed);
        answer.expect("it needs nothing")
    }

    /// What thread number `thread` does.
    pub(super) fn work(&self, thread: usize) {
        self.arrived.fetch_add(1, Ordering::AcqRel);
        for (index, run) in self.runs.iter().enumerate() {
            self.meet(index);
            let mut held = S::Held::default();
            for slot in &run.threads[thread] {
                slot.step.pause.take();
                self.take(run, slot, &mut held);
            }
            mem::drop(held);
            self.leave(run);
        }
    }

    /// Waits until all have begun and are done with the histories before this one.
    fn meet(&self, index: usize) {
        let arrivals = (index + 1) * self.threads;
        while self.arrivals() < arrivals {
            if (0..LOOKS).any(|_| {
                hint::spin_loop();
                self.arrivals() >= arrivals
            }) {
                break;
            }
            thread::yield_now();
        }
    }

    fn take<'a>(&self, run: &'a Run<S>, slot: &Slot<OperationOf<S>>, held: &mut S::Held<'a>) {
        let operation = slot.step.operation;
        let may_rest = operation.waiting() == Waiting::Forever;
        if may_rest {
            slot.begin(self.now()); // who looks for those at rest must find it
            self.note_inactive(run, || true);
        }
        slot.begin(self.now());
        let answer = run.object.perform(operation, held);
        slot.finish(answer, self.now());
        if may_rest {
            run.active.fetch_add(1, Ordering::AcqRel);
            run.returns.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// A thread is done with a history.
    fn leave(&self, run: &Run<S>) {
        // First, so that who sees nobody active here does not take a history for resting that is over.
        let arrived = 1 + self.arrived.fetch_add(1, Ordering::AcqRel);
        self.note_inactive(run, || !arrived.is_multiple_of(self.threads) || self.is_over());
    }

    /// A thread is done or may rest. Tells the conductor if it was the last to be active and that
    /// `concerns` it.
    fn note_inactive(&self, run: &Run<S>, concerns: impl FnOnce() -> bool) {
        if run.active.fetch_sub(1, Ordering::AcqRel) == 1
            && concerns()
            && let Some(conductor) = self.conductor.get()
        {
            conductor.unpark();
        }
    }
}
