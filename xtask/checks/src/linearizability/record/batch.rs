//! The histories that the same threads make one after another.

use std::hint;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Instant;

use fastrand::Rng;

use super::slot::Slot;
use super::{OperationOf, Subject};
use crate::linearizability::history::{CONDUCTOR, Call, Operation, Pending, Waiting, nanoseconds};
use crate::linearizability::program::{Generator, programs};

/// How often a thread looks for the others before it lets others run.
const LOOKS: u32 = 200;

/// A history that is being made.
pub(super) struct Run<S: Subject> {
    pub(super) model: S::Model,
    pub(super) object: S,
    /// The steps of each thread.
    pub(super) threads: Vec<Vec<Slot<OperationOf<S>>>>,
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
            model,
            active: AtomicUsize::new(threads),
            returns: AtomicUsize::new(0),
        }
    }

    pub(super) fn pending(&self) -> Vec<Pending<OperationOf<S>>> {
        self.collect(Slot::pending)
    }

    pub(super) fn calls(&self) -> Vec<Call<OperationOf<S>>> {
        self.collect(Slot::call)
    }

    fn collect<T>(&self, get: impl Fn(&Slot<OperationOf<S>>, usize) -> Option<T>) -> Vec<T> {
        let threads = self.threads.iter().zip(CONDUCTOR + 1..);
        threads
            .flat_map(|(slots, thread)| slots.iter().map(move |slot| (slot, thread)))
            .filter_map(|(slot, thread)| get(slot, thread))
            .collect()
    }
}

/// Histories that the same threads make.
pub(super) struct Batch<S: Subject> {
    pub(super) threads: usize,
    pub(super) runs: Vec<Run<S>>,
    /// How many threads are done with how many histories, all together.
    arrived: AtomicUsize,
    epoch: Instant,
    /// Who is told when a history is at rest.
    conductor: Thread,
}

impl<S: Subject> Batch<S> {
    /// Any histories, to be supervised by this thread.
    pub(super) fn random(histories: usize, threads: usize, random: &mut Rng) -> Self {
        Self {
            threads,
            runs: (0..histories).map(|_| Run::random(threads, random)).collect(),
            arrived: AtomicUsize::new(0),
            epoch: Instant::now(),
            conductor: thread::current(),
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
        self.arrivals() == self.runs.len() * self.threads
    }

    /// What thread number `thread` does.
    pub(super) fn work(&self, thread: usize) {
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

    /// Waits until all are done with the histories before this one.
    fn meet(&self, index: usize) {
        while self.arrivals() < index * self.threads {
            if (0..LOOKS).any(|_| {
                hint::spin_loop();
                self.arrivals() >= index * self.threads
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
        if run.active.fetch_sub(1, Ordering::AcqRel) == 1 && concerns() {
            self.conductor.unpark();
        }
    }
}
