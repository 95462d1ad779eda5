//! What all programs together have done, reported now and then.

use std::time::{Duration, Instant};

use report::Report;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};
use verify::op::{Operation, Outcomes, countdown, event, semaphore};

use crate::pair::Made;
use crate::program::{ExclusiveCall, GuardCall, NewCall};
use crate::tasks::TaskCall;

/// How often to report. A coverage-guided engine does not say when it ends. A test that fails does not last as
/// long, so that what it prints is the failure.
const INTERVAL: Duration = Duration::from_secs(3);

/// What is called.
#[derive(Clone, Copy, Debug, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Subject {
    Auto,
    Manual,
    Countdown,
    Semaphore,
    Guard,
    Task,
    New,
    Exclusive,
}

impl Subject {
    /// Each outcome has to come up.
    fn outcomes(self) -> Outcomes {
        match self {
            Self::Auto | Self::Manual => Outcomes::new(|_: event::Operation, _| true),
            Self::Countdown => Outcomes::new(|_: countdown::Operation, _| true),
            Self::Semaphore => Outcomes::new(|_: semaphore::Operation, _| true),
            Self::Guard => Outcomes::new(|_: GuardCall, _| true),
            Self::Task => Outcomes::new(|_: TaskCall, _| true),
            Self::New => Outcomes::new(|_: NewCall, _| true),
            Self::Exclusive => Outcomes::new(|_: ExclusiveCall, _| true),
        }
    }
}

/// Totals of all programs.
pub(crate) struct Stats {
    inputs: u64,
    operations: u64,
    skipped: u64,
    /// By subject.
    outcomes: Vec<Outcomes>,
    reported: Instant,
}

impl Stats {
    pub(crate) fn new() -> Self {
        let outcomes = Subject::iter().map(Subject::outcomes).collect();
        Self { inputs: 0, operations: 0, skipped: 0, outcomes, reported: Instant::now() }
    }

    /// Counts a step.
    pub(crate) fn add<O: Operation>(&mut self, subject: Subject, (call, answer): Made<O>) {
        if let Some(answer) = answer {
            self.operations += 1;
            self.outcomes[subject as usize].add(call, answer);
        } else {
            self.skipped += 1;
        }
    }

    /// Counts a program that ran.
    pub(crate) fn end_input(&mut self) {
        self.inputs += 1;
        if self.reported.elapsed() > INTERVAL {
            self.reported = Instant::now();
            self.print();
        }
    }

    pub(crate) fn print(&self) {
        let counts =
            [("operations", self.operations), ("inputs", self.inputs), ("skipped", self.skipped)];
        let outcomes = Subject::iter().zip(&self.outcomes).flat_map(|(subject, outcomes)| {
            let subject: &str = subject.into();
            outcomes.report().map(move |(name, count)| (format!("{subject}.{name}"), count))
        });
        Report::Stats(report::Stats::new("objects", &counts, &[], outcomes)).print();
    }
}
