//! Running programs: threads that stay, and one that tells them what to do.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Subject;
use super::program::{Observed, Program, Step, THREADS, in_order};
use crate::op::several::Operation;
use crate::op::{Answer, Operation as _};

/// Enough for a thread in a wait to park.
const PAUSE: Duration = Duration::from_millis(1);

/// Enough for one that was handed a wait to be in it, and to return if it is about to.
const MOMENT: Duration = Duration::from_micros(100);

/// The threads, and what is known of them.
#[derive(Debug)]
pub(super) struct Conductor {
    calls: Vec<Sender<(Subject, Operation)>>,
    /// Which thread is done with its call, and the answer.
    returns: Receiver<(usize, Answer)>,
    /// For how long nothing may happen that has to.
    patience: Duration,
    /// The call that each thread is in.
    busy: [Option<Operation>; THREADS],
}

/// Nothing happened for too long.
#[derive(Debug)]
pub(super) struct Stall {
    /// The answers until then.
    pub(super) transcript: Vec<Observed>,
    /// The threads that are in a call, and in which.
    pub(super) busy: Vec<(usize, Operation)>,
}

impl Conductor {
    /// Starts the threads. They end with it, except those that are blocked for good.
    #[must_use]
    pub(super) fn new(patience: Duration) -> Self {
        let (sender, returns) = channel();
        let calls = (0..THREADS).map(|thread| start(thread, sender.clone())).collect();
        Self { calls, returns, patience, busy: [None; THREADS] }
    }

    /// Runs a program on `subject`, and returns what each step made known, up to the first that went
    /// [wrong](Observed::Wrong). `predicted` tells what there is to wait for. If the answers are others, some
    /// threads may still be blocked, and the conductor is of no use any more.
    ///
    /// # Errors
    ///
    /// If what is predicted does not happen.
    pub(super) fn run(
        &mut self,
        program: &Program,
        predicted: &[Observed],
        subject: &Subject,
    ) -> Result<Vec<Observed>, Stall> {
        let mut transcript = Vec::with_capacity(program.steps.len());
        for (&(chooser, step), predicted) in program.steps.iter().zip(predicted) {
            // The steps before this one have waited for all that they released.
            let observed = self.early_return().or_else(|| match step {
                Step::Call(operation) => {
                    self.call(subject, operation, chooser, predicted, program.lingers)
                }
                Step::Pause => {
                    thread::sleep(PAUSE);
                    Some(self.early_return().unwrap_or(Observed::Released(Vec::new())))
                }
            });
            let Some(observed) = observed else {
                let busy = (0..).zip(self.busy);
                let busy = busy.filter_map(|(thread, call)| Some((thread, call?))).collect();
                return Err(Stall { transcript, busy });
            };
            let is_wrong = observed == Observed::Wrong;
            transcript.push(observed);
            if is_wrong {
                break;
            }
        }
        Ok(transcript)
    }

    /// Has one of the threads that are in no call, of which a program leaves at least one, make this call.
    /// `None` if what is predicted does not happen.
    fn call(
        &mut self,
        subject: &Subject,
        operation: Operation,
        chooser: usize,
        predicted: &Observed,
        lingers: bool,
    ) -> Option<Observed> {
        let idle: Vec<usize> = (0..THREADS).filter(|&thread| self.busy[thread].is_none()).collect();
        let thread = idle[chooser % idle.len()];
        self.busy[thread] = Some(operation);
        let call = (Arc::clone(subject), operation);
        self.calls[thread].send(call).expect("the threads live as long as the conductor");
        if *predicted == Observed::Blocks {
            if lingers {
                linger();
            }
            return Some(self.early_return().unwrap_or(Observed::Blocks));
        }

        let to_release: &[_] =
            if let Observed::Released(returns) = predicted { returns } else { &[] };
        let mut answer = None;
        let mut released = Vec::new();
        // The set may return before or after the waits that it releases.
        while answer.is_none() || released.len() < to_release.len() {
            let (returned, its_answer) = self.returns.recv_timeout(self.patience).ok()?;
            let call = self.busy[returned].take()?;
            if returned == thread {
                answer = Some(its_answer);
            } else if released.len() < to_release.len() {
                released.push((call, its_answer));
            } else {
                return Some(Observed::Wrong);
            }
        }
        Some(if operation.wait().is_some() {
            Observed::Waited(answer?)
        } else {
            Observed::Released(in_order(released))
        })
    }

    /// A return that nothing was done for.
    fn early_return(&mut self) -> Option<Observed> {
        let (returned, _) = self.returns.try_recv().ok()?;
        self.busy[returned] = None;
        Some(Observed::Wrong)
    }
}

/// A thread that makes the calls it is told to.
fn start(thread: usize, returns: Sender<(usize, Answer)>) -> Sender<(Subject, Operation)> {
    let (sender, calls) = channel::<(Subject, Operation)>();
    thread::spawn(move || {
        for (subject, operation) in calls {
            let answer = subject(operation);
            // Before the report, so that no subject outlives its program.
            drop(subject);
            if returns.send((thread, answer)).is_err() {
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
