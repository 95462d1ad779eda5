//! What the watchdog can see of a thread.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use strum::FromRepr;

use super::stats::Stats;

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRepr)]
#[repr(u8)]
pub(super) enum Step {
    /// Something between two calls.
    Between,
    /// In a call of `set`, `decrement` or `release`, or giving back a permit.
    Set,
    /// In a call of `reset` or `increment`.
    Reset,
    /// In a wait.
    Wait,
    /// Polls until other threads have come to some point.
    AwaitOthers,
    Ended,
}

/// On cache lines of its own: counting must not order the threads.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Status {
    role: &'static str,
    step: AtomicU8,
    /// How many steps it has made.
    operations: AtomicU64,
    pub(super) stats: Stats,
    /// The steps that it had made when the watchdog last saw progress, and when that was.
    progress: Mutex<(u64, Instant)>,
}

impl Status {
    pub(super) fn leak(role: &'static str) -> &'static Self {
        Box::leak(Box::new(Self {
            role,
            step: AtomicU8::new(Step::Between as u8),
            operations: AtomicU64::new(0),
            stats: Stats::default(),
            progress: Mutex::new((0, Instant::now())),
        }))
    }

    pub(super) fn end(&self) {
        self.begin(Step::Ended);
    }

    pub(super) fn step(&self) -> Step {
        Step::from_repr(self.step.load(Ordering::Relaxed)).expect("only steps are stored")
    }

    pub(super) fn begin(&self, step: Step) {
        self.step.store(step as u8, Ordering::Relaxed);
    }

    /// The step is over.
    pub(super) fn finish(&self) {
        self.begin(Step::Between);
        self.operations.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the thread has made no step for as long as `patience`, as far as the calls of this tell.
    pub(super) fn has_stalled(&self, patience: Duration, now: Instant) -> bool {
        let operations = self.operations.load(Ordering::Relaxed);
        let mut progress = self.progress.lock().unwrap();
        if operations != progress.0 {
            *progress = (operations, now);
        }
        self.step() != Step::Ended && now.duration_since(progress.1) >= patience
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operations, since) = *self.progress.lock().unwrap();
        let (role, step, time) = (self.role, self.step(), since.elapsed().as_secs_f64());
        write!(f, "{role} in {step:?}, {operations} operations, no progress for {time:.1} s")
    }
}
