//! Running programs: threads that stay, and one that tells them what to do.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Subject;
use super::program::{Observed, Program, Step, THREADS};
use crate::op::event::Operation;

/// Enough for a thread in a wait to park.
const PAUSE: Duration = Duration::from_millis(1);

/// Enough for one that was handed a wait to be in it, and to return if it is about to.
const MOMENT: Duration = Duration::from_micros(100);

/// The threads, and what is known of them.
#[derive(Debug)]
pub(super) struct Conductor {
    tasks: Vec<Sender<Task>>,
    returns: Receiver<Return>,
    /// For how long nothing may happen that has to.
    patience: Duration,
}

struct Task {
    subject: Subject,
    operation: Operation,
}

/// A thread is done. If it waited, says whether that succeeded.
struct Return {
    thread: usize,
    success: bool,
}

/// Nothing happened for too long.
#[derive(Debug)]
pub(super) struct Stall {
    /// The answers until then.
    pub(super) transcript: Vec<Observed>,
    /// The threads that are in a call, and in which.
    pub(super) busy: Vec<(usize, Operation)>,
}

/// One run of a program.
struct Run<'a> {
    conductor: &'a Conductor,
    subject: Subject,
    lingers: bool,
    /// The call that each thread is in.
    busy: [Option<Operation>; THREADS],
}

impl Conductor {
    /// Starts the threads. They end with it, except those that are blocked for good.
    #[must_use]
    pub(super) fn new(patience: Duration) -> Self {
        let (sender, returns) = channel();
        let tasks = (0..THREADS).map(|thread| start(thread, sender.clone())).collect();
        Self { tasks, returns, patience }
    }

    /// Runs a program on `subject`, and returns what each step made known, up to the first that went
    /// [wrong](Observed::Wrong). `predicted` tells what there is to wait for. If the answers are others, some
    /// threads may still be blocked, and the conductor is of no use any more.
    ///
    /// # Errors
    ///
    /// If what is predicted does not happen.
    pub(super) fn run(
        &self,
        program: &Program,
        predicted: &[Observed],
        subject: Subject,
    ) -> Result<Vec<Observed>, Stall> {
        let lingers = program.lingers;
        let mut run = Run { conductor: self, subject, lingers, busy: [None; THREADS] };
        let mut transcript = Vec::with_capacity(program.steps.len());
        for (&(chooser, step), &predicted) in program.steps.iter().zip(predicted) {
            match run.step(chooser, step, predicted) {
                Ok(answer) => transcript.push(answer),
                Err(Silence) => return Err(Stall { transcript, busy: run.in_calls() }),
            }
            if transcript.last() == Some(&Observed::Wrong) {
                break;
            }
        }
        Ok(transcript)
    }
}

/// A thread that makes the calls it is told to.
fn start(thread: usize, returns: Sender<Return>) -> Sender<Task> {
    let (sender, tasks) = channel::<Task>();
    thread::spawn(move || {
        for Task { subject, operation } in tasks {
            let success = subject(operation);
            // Before the report, so that no subject outlives its program.
            drop(subject);
            if returns.send(Return { thread, success }).is_err() {
                break;
            }
        }
    });
    sender
}

/// Lets the other threads go on for a moment.
fn linger() {
    let start = Instant::now();
    while start.elapsed() < MOMENT {
        thread::yield_now();
    }
}

/// No thread returned.
struct Silence;

impl Run<'_> {
    fn step(
        &mut self,
        chooser: usize,
        step: Step,
        predicted: Observed,
    ) -> Result<Observed, Silence> {
        // The steps before this one have waited for all that they released.
        if let Some(wrong) = self.early_return() {
            return Ok(wrong);
        }
        let Step::Call(operation) = step else {
            thread::sleep(PAUSE);
            return Ok(self.early_return().unwrap_or(Observed::Released(0)));
        };
        let thread = self.idle(chooser);
        self.busy[thread] = Some(operation);
        let task = Task { subject: Arc::clone(&self.subject), operation };
        self.conductor.tasks[thread].send(task).expect("the threads live as long as the conductor");
        if predicted == Observed::Blocks {
            if self.lingers {
                linger();
            }
            return Ok(self.early_return().unwrap_or(Observed::Blocks));
        }

        let mut answer = None;
        let mut released = 0;
        let to_release = if let Observed::Released(released) = predicted { released } else { 0 };
        // The set may return before or after the waits that it releases.
        while answer.is_none() || released < to_release {
            let Return { thread: returned, success } = self.next_return()?;
            if returned == thread {
                answer = Some(success);
            } else if success && released < to_release {
                released += 1;
            } else {
                return Ok(Observed::Wrong);
            }
        }
        Ok(match step {
            Step::Call(Operation::Wait(_)) => Observed::Waited(answer.unwrap_or_default()),
            _ => Observed::Released(released),
        })
    }

    /// One of the threads that are in no call. A program leaves at least one.
    fn idle(&self, chooser: usize) -> usize {
        let idle: Vec<usize> = (0..THREADS).filter(|&thread| self.busy[thread].is_none()).collect();
        idle[chooser % idle.len()]
    }

    fn next_return(&mut self) -> Result<Return, Silence> {
        match self.conductor.returns.recv_timeout(self.conductor.patience) {
            Ok(returned) => Ok(self.note(returned)),
            Err(RecvTimeoutError::Timeout) => Err(Silence),
            Err(RecvTimeoutError::Disconnected) => unreachable!("the threads have not ended"),
        }
    }

    /// A return that nothing was done for.
    fn early_return(&mut self) -> Option<Observed> {
        let returned = self.conductor.returns.try_recv().ok()?;
        self.note(returned);
        Some(Observed::Wrong)
    }

    fn note(&mut self, returned: Return) -> Return {
        self.busy[returned.thread] = None;
        returned
    }

    fn in_calls(&self) -> Vec<(usize, Operation)> {
        (0..).zip(self.busy).filter_map(|(thread, call)| Some((thread, call?))).collect()
    }
}
