//! Running programs: threads that stay, and one that tells them what to do.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
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
    calls: Vec<Sender<(Subject, Operation)>>,
    /// Which thread is done with its call, and whether that succeeded if it was a wait.
    returns: Receiver<(usize, bool)>,
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
        for (&(chooser, step), &predicted) in program.steps.iter().zip(predicted) {
            // The steps before this one have waited for all that they released.
            let observed = self.early_return().or_else(|| match step {
                Step::Call(operation) => {
                    self.call(subject, operation, chooser, predicted, program.lingers)
                }
                Step::Pause => {
                    thread::sleep(PAUSE);
                    Some(self.early_return().unwrap_or(Observed::Released(0)))
                }
            });
            let Some(observed) = observed else {
                let busy = (0..).zip(self.busy);
                let busy = busy.filter_map(|(thread, call)| Some((thread, call?))).collect();
                return Err(Stall { transcript, busy });
            };
            transcript.push(observed);
            if observed == Observed::Wrong {
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
        predicted: Observed,
        lingers: bool,
    ) -> Option<Observed> {
        let idle: Vec<usize> = (0..THREADS).filter(|&thread| self.busy[thread].is_none()).collect();
        let thread = idle[chooser % idle.len()];
        self.busy[thread] = Some(operation);
        let call = (Arc::clone(subject), operation);
        self.calls[thread].send(call).expect("the threads live as long as the conductor");
        if predicted == Observed::Blocks {
            if lingers {
                linger();
            }
            return Some(self.early_return().unwrap_or(Observed::Blocks));
        }

        let mut answer = None;
        let mut released = 0;
        let to_release = if let Observed::Released(released) = predicted { released } else { 0 };
        // The set may return before or after the waits that it releases.
        while answer.is_none() || released < to_release {
            let (returned, success) = self.returns.recv_timeout(self.patience).ok()?;
            self.busy[returned] = None;
            if returned == thread {
                answer = Some(success);
            } else if success && released < to_release {
                released += 1;
            } else {
                return Some(Observed::Wrong);
            }
        }
        Some(match operation {
            Operation::Wait(_) => Observed::Waited(answer?),
            _ => Observed::Released(released),
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
fn start(thread: usize, returns: Sender<(usize, bool)>) -> Sender<(Subject, Operation)> {
    let (sender, calls) = channel::<(Subject, Operation)>();
    thread::spawn(move || {
        for (subject, operation) in calls {
            let success = subject(operation);
            // Before the report, so that no subject outlives its program.
            drop(subject);
            if returns.send((thread, success)).is_err() {
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
