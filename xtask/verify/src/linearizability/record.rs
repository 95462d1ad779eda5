//! Runs programs on real objects and records what happens.
//!
//! The same threads run all histories of a batch, and meet before each. Nothing is checked meanwhile, so that
//! they have the processors to themselves.
//!
//! One more thread, the conductor, sleeps until a history is *at rest*: each thread is done or in a wait
//! without a limit. Then it rescues the waiters, by calls that belong to the history. It does so only if the
//! object itself reports that it is not available, with no more than the waiters need, and not again before one
//! of them has returned. So a lost wake-up is either missing in the end, or the batch stalls.
//!
//! What the conductor calls may be as wrong as the rest and never return. So the thread that asked for the
//! batch supervises all of them, and calls nothing of the object.

use std::convert::Infallible;
use std::hint;
use std::mem;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::history::{CONDUCTOR, Call, History, NEVER, nanoseconds};
use super::program::{Pause, Step, programs};
use crate::op::{Answer, Model, Object, Operation, OperationOf, is_unlimited};

/// The name of the thread whose calls are the conductor's.
pub(crate) const CONDUCTOR_NAME: &str = "conductor";

/// How often a thread polls for the others before it yields.
const POLLS: u32 = 200;

/// How often the conductor and the supervisor poll.
const INTERVAL: Duration = Duration::from_millis(20);

type Recorded<O> = History<<O as Object>::Model>;

/// Records histories of this many threads each. If one makes no progress for as long as `patience`, returns
/// that one, and its threads are leaked.
///
/// # Errors
///
/// The history with the calls that did not return.
///
/// # Panics
///
/// If one of the threads panicked, or cannot be spawned.
pub(super) fn record<O: Object>(
    histories: usize,
    threads: usize,
    patience: Duration,
    random: &mut Rng,
) -> Result<Vec<Recorded<O>>, Box<Recorded<O>>> {
    let batch = Arc::new(Batch::<O>::random(histories, threads, random));
    // Nothing is ever sent: the threads' ends are dropped when they are done or have panicked.
    let (done, over) = channel();
    let spawn = |number| {
        let (batch, done) = (Arc::clone(&batch), done.clone());
        let name = if number == CONDUCTOR { CONDUCTOR_NAME } else { "worker" };
        let work = move || {
            let _done: Sender<Infallible> = done;
            if number == CONDUCTOR { batch.conduct() } else { batch.work(number) }
        };
        thread::Builder::new().name(name.to_owned()).spawn(work).expect("threads can be spawned")
    };
    let all: Vec<_> = (CONDUCTOR..=threads).map(spawn).collect();
    drop(done);
    let (mut seen, mut since) = (batch.progress(), Instant::now());
    while over.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
        let now = batch.progress();
        if seen != now {
            (seen, since) = (now, Instant::now());
        } else if since.elapsed() > patience {
            // The history that the conductor is in a call of, or else the current one.
            let in_rescue = batch.runs.iter().find(|run| run.is_in_rescue());
            let stalled = in_rescue.unwrap_or_else(|| &batch.runs[batch.current()]);
            return Err(Box::new(stalled.history()));
        }
    }
    for thread in all {
        thread.join().expect("a thread of the history panicked");
    }
    Ok(batch.runs.iter().map(Run::history).collect())
}

/// A step, and what became of it.
struct Slot<O> {
    step: Step<O>,
    /// [`NEVER`] until then.
    start: AtomicU64,
    /// Without an answer if there was nothing to call.
    end: OnceLock<(Option<Answer>, u64)>,
}

impl<O: Operation> Slot<O> {
    fn new(step: Step<O>) -> Self {
        Self { step, start: AtomicU64::new(NEVER), end: OnceLock::new() }
    }

    /// The call begins now, and not before.
    fn begin(&self, now: u64) {
        self.start.store(now, Ordering::Relaxed);
    }

    fn finish(&self, answer: Option<Answer>, now: u64) {
        let is_first = self.end.set((answer, now)).is_ok();
        assert!(is_first, "each step is taken once");
    }

    /// The call, if it was made.
    fn call(&self, thread: usize) -> Option<Call<O>> {
        let &(answer, end) = self.end.get().unwrap_or(&(None, NEVER));
        let start = self.start.load(Ordering::Relaxed);
        let is_made = start != NEVER && (answer.is_some() || end == NEVER);
        is_made.then_some(Call { thread, operation: self.step.operation, answer, start, end })
    }
}

/// A history that is being recorded.
struct Run<O: Object> {
    model: O::Model,
    object: O,
    /// The steps of each thread.
    threads: Vec<Vec<Slot<OperationOf<O>>>>,
    /// The conductor's calls so far.
    rescues: Mutex<Vec<Slot<OperationOf<O>>>>,
    /// How many threads are neither done nor in a wait without a limit.
    active: AtomicUsize,
    /// How many of these waits have returned.
    returns: AtomicUsize,
}

impl<O: Object> Run<O> {
    fn random(threads: usize, random: &mut Rng) -> Self {
        let model = O::random(random);
        let programs = programs(&model, threads, random);
        let slots = |program: Vec<_>| program.into_iter().map(Slot::new).collect();
        Self {
            object: O::new(&model),
            threads: programs.into_iter().map(slots).collect(),
            rescues: Mutex::default(),
            model,
            active: AtomicUsize::new(threads),
            returns: AtomicUsize::new(0),
        }
    }

    /// The calls so far.
    fn calls(&self) -> Vec<Call<OperationOf<O>>> {
        let rescues = self.rescues.lock().unwrap();
        let threads = self.threads.iter().zip(CONDUCTOR + 1..);
        threads
            .flat_map(|(slots, thread)| slots.iter().map(move |slot| (slot, thread)))
            .chain(rescues.iter().map(|slot| (slot, CONDUCTOR)))
            .filter_map(|(slot, thread)| slot.call(thread))
            .collect()
    }

    /// The history so far.
    fn history(&self) -> Recorded<O> {
        History::new(self.model.clone(), self.calls())
    }

    /// Whether the conductor is in a call.
    fn is_in_rescue(&self) -> bool {
        self.rescues.lock().unwrap().iter().any(|slot| slot.end.get().is_none())
    }
}

/// Histories that the same threads run.
struct Batch<O: Object> {
    threads: usize,
    runs: Vec<Run<O>>,
    /// How many threads have begun, and are done with how many histories, all together.
    arrived: AtomicUsize,
    epoch: Instant,
    /// Unparked when a history is at rest.
    conductor: OnceLock<Thread>,
}

impl<O: Object> Batch<O> {
    fn random(histories: usize, threads: usize, random: &mut Rng) -> Self {
        Self {
            threads,
            runs: (0..histories).map(|_| Run::random(threads, random)).collect(),
            arrived: AtomicUsize::new(0),
            epoch: Instant::now(),
            conductor: OnceLock::new(),
        }
    }

    fn now(&self) -> u64 {
        nanoseconds(self.epoch.elapsed())
    }

    fn arrivals(&self) -> usize {
        // Acquire: a thread that has arrived has recorded its calls.
        self.arrived.load(Ordering::Acquire)
    }

    fn is_over(&self) -> bool {
        self.arrivals() == (self.runs.len() + 1) * self.threads
    }

    /// The number of the history that is being recorded. When all are done with the last one, that one.
    fn current(&self) -> usize {
        (self.arrivals() / self.threads).saturating_sub(1).min(self.runs.len() - 1)
    }

    /// What a thread but the conductor does.
    fn work(&self, thread: usize) {
        self.arrived.fetch_add(1, Ordering::AcqRel);
        for (index, run) in self.runs.iter().enumerate() {
            self.meet(index);
            let mut held = O::Held::default();
            for slot in &run.threads[thread - 1] {
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
        for poll in 1.. {
            if self.arrivals() >= arrivals {
                break;
            }
            if poll % POLLS == 0 { thread::yield_now() } else { hint::spin_loop() }
        }
    }

    fn take<'a>(&self, run: &'a Run<O>, slot: &Slot<OperationOf<O>>, held: &mut O::Held<'a>) {
        let may_rest = is_unlimited(slot.step.operation);
        if may_rest {
            slot.begin(self.now()); // the conductor has to find it
            self.note_inactive(run, || true);
        }
        slot.begin(self.now());
        let answer = run.object.perform(slot.step.operation, held);
        slot.finish(answer, self.now());
        if may_rest {
            run.active.fetch_add(1, Ordering::AcqRel);
            run.returns.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// A thread is done with a history.
    fn leave(&self, run: &Run<O>) {
        // First, so that a thread that finds none active here does not mistake a finished history for one at
        // rest.
        let arrived = 1 + self.arrived.fetch_add(1, Ordering::AcqRel);
        self.note_inactive(run, || !arrived.is_multiple_of(self.threads) || self.is_over());
    }

    /// A thread is done or may rest. Unparks the conductor if it was the last active one and that `concerns`
    /// it.
    fn note_inactive(&self, run: &Run<O>, concerns: impl FnOnce() -> bool) {
        if run.active.fetch_sub(1, Ordering::AcqRel) == 1
            && concerns()
            && let Some(conductor) = self.conductor.get()
        {
            conductor.unpark();
        }
    }

    /// Rescues the waiters of each history, and calls each object's observers in the end.
    fn conduct(&self) {
        let is_first = self.conductor.set(thread::current()).is_ok();
        assert!(is_first, "there is one conductor");
        let mut last = None;
        while !self.is_over() {
            self.rescue(&mut last);
            thread::park_timeout(INTERVAL);
        }
        for run in &self.runs {
            for &operation in O::Model::OBSERVERS {
                self.perform_rescue(run, operation);
            }
        }
    }

    /// Rescues the waiters of a history at rest. `last` is the history that was rescued last, and how many
    /// resting waits had returned then.
    fn rescue(&self, last: &mut Option<(usize, usize)>) {
        let index = self.current();
        let run = &self.runs[index];
        // Before `active`: a return in between would not be rescued twice then.
        let returns = run.returns.load(Ordering::Acquire);
        let is_at_rest = run.active.load(Ordering::Acquire) == 0;
        let pending = run.calls().into_iter().filter(|call| call.answer.is_none());
        let operations = pending.map(|call| call.operation);
        let resting: Vec<_> = operations.filter(|&operation| is_unlimited(operation)).collect();
        if is_at_rest && !resting.is_empty() && *last != Some((index, returns)) {
            *last = Some((index, returns));
            O::Model::rescue(&resting, |operation| self.perform_rescue(run, operation));
        }
    }

    /// Makes a call of the conductor that belongs to the history.
    fn perform_rescue(&self, run: &Run<O>, operation: OperationOf<O>) -> Answer {
        let slot = Slot::new(Step { operation, pause: Pause::Spin(0) });
        slot.begin(self.now());
        run.rescues.lock().unwrap().push(slot);
        let answer = run.object.perform(operation, &mut O::Held::default());
        let now = self.now();
        run.rescues.lock().unwrap().last().expect("it was pushed").finish(answer, now);
        answer.expect("it needs nothing")
    }

    /// Changes with each call.
    fn progress(&self) -> usize {
        let calls = self.runs.iter().flat_map(Run::calls);
        self.arrivals() + calls.filter(|call| call.answer.is_some()).count()
    }
}
