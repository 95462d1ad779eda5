//! Running programs on real objects and writing down what happens.
//!
//! A batch of histories is run by the same threads, which meet between histories: spinning, as they must
//! begin within nanoseconds of each other to get into each other's way. Nothing is checked meanwhile.
//!
//! The thread that runs the batch sleeps until a history is *at rest*: each thread is done or in a wait
//! without a limit. Then it rescues those who wait, by calls that belong to the history. It does so only if
//! the object itself says that it is not available, with no more than those who wait need, and not again
//! before one of them has returned. So a wake-up that got lost is either missing in the end, or the batch
//! stalls.

use std::hint;
use std::mem;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::history::{Answer, CONDUCTOR, Call, History, Operation, Pending, Waiting, nanoseconds};
use super::program::{Generator, Step, programs};
use super::search::{HistoryOf, Spec};

/// How often to look for a history at rest if nobody tells of one, and whether all goes on.
const LOOK: Duration = Duration::from_millis(20);

/// How often a thread looks for the others before it lets others run.
const LOOKS: u32 = 200;

/// A real object.
pub trait Subject: Sized + Send + Sync + 'static {
    /// What it should be like.
    type Model: Generator;
    /// What a thread has of it between calls.
    type Held<'a>: Default;

    /// What is the same for all objects of the type.
    const SETTING: <Self::Model as Generator>::Setting;

    /// One that is like the model.
    fn new(model: &Self::Model) -> Self;

    /// Makes a call. `None` if there is nothing to call it with, or on.
    fn perform<'a>(
        &'a self,
        operation: OperationOf<Self>,
        held: &mut Self::Held<'a>,
    ) -> Option<Answer>;

    /// Makes the object available to at least one of those who wait for it and do nothing else, if it is
    /// not.
    fn rescue(pending: &[OperationOf<Self>], perform: impl FnMut(OperationOf<Self>) -> Answer);
}

type OperationOf<S> = <<S as Subject>::Model as Spec>::Operation;
type Recorded<S> = HistoryOf<<S as Subject>::Model>;

/// A step, and what became of it.
struct Slot<O> {
    step: Step<O>,
    /// [`NEVER`] until then.
    start: AtomicU64,
    /// `None` if there was nothing to call.
    end: OnceLock<Option<(Answer, u64)>>,
}

const NEVER: u64 = u64::MAX;

impl<O> Slot<O> {
    fn new(step: Step<O>) -> Self {
        Self { step, start: AtomicU64::new(NEVER), end: OnceLock::new() }
    }
}

impl<O: Operation> Slot<O> {
    fn call(&self, thread: usize) -> Option<Call<O>> {
        let &(answer, end) = self.end.get()?.as_ref()?;
        let start = self.start.load(Ordering::Relaxed);
        Some(Call { thread, operation: self.step.operation, answer, start, end })
    }

    fn pending(&self, thread: usize) -> Option<Pending<O>> {
        let start = self.start.load(Ordering::Relaxed);
        let is_pending = start != NEVER && self.end.get().is_none();
        is_pending.then_some(Pending { thread, operation: self.step.operation, start })
    }
}

/// A history that is being made.
struct Run<S: Subject> {
    model: S::Model,
    object: S,
    /// The steps of each thread.
    threads: Vec<Vec<Slot<OperationOf<S>>>>,
    /// How many threads are neither done nor in a wait without a limit.
    active: AtomicUsize,
    /// How many of these waits have returned.
    returns: AtomicUsize,
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

    fn pending(&self) -> Vec<Pending<OperationOf<S>>> {
        self.collect(Slot::pending)
    }

    fn calls(&self) -> Vec<Call<OperationOf<S>>> {
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
struct Batch<S: Subject> {
    threads: usize,
    runs: Vec<Run<S>>,
    /// How many threads are done with how many histories, all together.
    arrived: AtomicUsize,
    epoch: Instant,
    /// Who is told when a history is at rest.
    conductor: Thread,
}

impl<S: Subject> Batch<S> {
    fn now(&self) -> u64 {
        nanoseconds(self.epoch.elapsed())
    }

    fn arrivals(&self) -> usize {
        // Acquire: who has arrived has written down its calls.
        self.arrived.load(Ordering::Acquire)
    }

    fn is_over(&self) -> bool {
        self.arrivals() == self.runs.len() * self.threads
    }

    /// What thread number `thread` does.
    fn work(&self, thread: usize) {
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
        let start = self.now();
        slot.start.store(start, Ordering::Relaxed);
        if may_rest && run.active.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.conductor.unpark();
        }
        let answer = run.object.perform(operation, held);
        let end = self.now();
        slot.end.set(answer.map(|answer| (answer, end))).expect("each step is taken once");
        if may_rest {
            run.active.fetch_add(1, Ordering::AcqRel);
            run.returns.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// A thread is done with a history.
    fn leave(&self, run: &Run<S>) {
        // First, so that who sees nobody active here does not take a history for resting that is over.
        let arrived = 1 + self.arrived.fetch_add(1, Ordering::AcqRel);
        let is_last_active = run.active.fetch_sub(1, Ordering::AcqRel) == 1;
        let is_at_rest = is_last_active && !arrived.is_multiple_of(self.threads);
        if is_at_rest || self.is_over() {
            self.conductor.unpark();
        }
    }
}

/// The thread that sees that a batch comes to its end.
struct Conductor<S: Subject> {
    batch: Arc<Batch<S>>,
    /// Its own calls for each history.
    calls: Vec<Vec<Call<OperationOf<S>>>>,
    /// The history that was rescued last, and how many of those who rested had returned then.
    rescued: Option<(usize, usize)>,
}

impl<S: Subject> Conductor<S> {
    /// Helps until all are done. If nothing happens for as long as `patience`, returns the history that
    /// does not go on.
    fn supervise(&mut self, patience: Duration) -> Result<(), Box<Recorded<S>>> {
        let mut seen = self.signs_of_life();
        let mut since = Instant::now();
        while !self.batch.is_over() {
            self.help();
            thread::park_timeout(LOOK);
            let now = self.signs_of_life();
            if seen != now {
                (seen, since) = (now, Instant::now());
            } else if since.elapsed() > patience {
                return Err(Box::new(self.stalled()));
            }
        }
        Ok(())
    }

    /// The number of the history that is being made.
    fn current(&self) -> usize {
        // When all are done with the last one, that one.
        (self.batch.arrivals() / self.batch.threads).min(self.batch.runs.len() - 1)
    }

    /// Something that changes with each call.
    fn signs_of_life(&self) -> [usize; 2] {
        let steps = self.batch.runs[self.current()].threads.iter().flatten();
        [self.batch.arrivals(), steps.filter(|slot| slot.end.get().is_some()).count()]
    }

    /// Rescues those who wait if nobody else will.
    fn help(&mut self) {
        let index = self.current();
        let run = &self.batch.runs[index];
        // Before the look at who is active: a return in between would not be rescued twice then.
        let returns = run.returns.load(Ordering::Acquire);
        let is_at_rest = run.active.load(Ordering::Acquire) == 0;
        let pending: Vec<_> = run.pending().iter().map(|pending| pending.operation).collect();
        if is_at_rest && !pending.is_empty() && self.rescued != Some((index, returns)) {
            self.rescued = Some((index, returns));
            let batch = Arc::clone(&self.batch);
            S::rescue(&pending, |operation| self.perform(&batch, index, operation));
        }
    }

    /// Makes a call that belongs to a history.
    fn perform(&mut self, batch: &Batch<S>, index: usize, operation: OperationOf<S>) -> Answer {
        let start = batch.now();
        let object = &batch.runs[index].object;
        let answer = object.perform(operation, &mut S::Held::default());
        let answer = answer.expect("it needs nothing");
        let end = batch.now();
        self.calls[index].push(Call { thread: CONDUCTOR, operation, answer, start, end });
        answer
    }

    fn look_at_the_end(&mut self) {
        let batch = Arc::clone(&self.batch);
        for index in 0..batch.runs.len() {
            for &operation in S::Model::LAST {
                self.perform(&batch, index, operation);
            }
        }
    }

    fn stalled(&self) -> Recorded<S> {
        let index = self.current();
        self.history(index).with_pending(self.batch.runs[index].pending())
    }

    fn history(&self, index: usize) -> Recorded<S> {
        let run = &self.batch.runs[index];
        let mut calls = run.calls();
        calls.extend_from_slice(&self.calls[index]);
        History::new(run.model.clone(), calls)
    }
}

/// Makes so many histories of so many threads each. If one does not go on for as long as `patience`,
/// returns that one, and its threads are lost.
///
/// # Errors
///
/// The history with the calls that did not return.
///
/// # Panics
///
/// If one of the threads panicked.
pub fn record<S: Subject>(
    histories: usize,
    threads: usize,
    patience: Duration,
    random: &mut Rng,
) -> Result<Vec<Recorded<S>>, Box<Recorded<S>>> {
    let batch = Arc::new(Batch {
        threads,
        runs: (0..histories).map(|_| Run::<S>::random(threads, random)).collect(),
        arrived: AtomicUsize::new(0),
        epoch: Instant::now(),
        conductor: thread::current(),
    });
    let calls = vec![Vec::new(); histories];
    let workers = spawn(&batch);
    let mut conductor = Conductor { batch, calls, rescued: None };
    conductor.supervise(patience)?;
    for worker in workers {
        worker.join().expect("a thread of the history panicked");
    }
    conductor.look_at_the_end();
    Ok((0..histories).map(|index| conductor.history(index)).collect())
}

fn spawn<S: Subject>(batch: &Arc<Batch<S>>) -> Vec<JoinHandle<()>> {
    let spawn = |thread| {
        let batch = Arc::clone(batch);
        thread::spawn(move || batch.work(thread))
    };
    (0..batch.threads).map(spawn).collect()
}
