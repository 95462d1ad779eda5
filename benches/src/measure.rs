//! Time on the clock and on the processors.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use report::bench::median;

/// What something took, in nanoseconds: with fractions, as one repetition of many takes few.
#[derive(Clone, Copy, Default)]
pub(crate) struct Taken {
    /// On the clock.
    pub(crate) wall: f64,
    /// On all processors together, in this process.
    pub(crate) cpu: f64,
}

impl Taken {
    pub(crate) fn new(wall: Duration, cpu: Duration) -> Self {
        let [wall, cpu] = [wall, cpu].map(|time| time.as_nanos() as f64);
        Self { wall, cpu }
    }

    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }

    /// What `wanted` repetitions would have taken, where `done` of them were made.
    pub(crate) fn scaled(self, wanted: u64, done: u64) -> Self {
        let scale = wanted as f64 / done as f64;
        Self { wall: self.wall * scale, cpu: self.cpu * scale }
    }

    /// Processor time in the place of time on the clock.
    pub(crate) fn busy(cpu: Duration) -> Self {
        Self::new(cpu, cpu)
    }
}

/// Runs from when it is made.
pub(crate) struct Stopwatch {
    start: Instant,
    cpu: ProcessTime,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { cpu: ProcessTime::now(), start: Instant::now() }
    }

    /// What was taken until now.
    pub(crate) fn stop(&self) -> Taken {
        self.stop_at(Instant::now())
    }

    /// The same, where what counts was over earlier.
    pub(crate) fn stop_at(&self, end: Instant) -> Taken {
        Taken::new(end - self.start, self.cpu.elapsed())
    }
}

/// What criterion measures, sample by sample.
#[derive(Default)]
pub(crate) struct Samples(Vec<(u64, f64)>);

impl Samples {
    /// Adds a sample of `iterations`, and how many nanoseconds they took.
    pub(crate) fn push(&mut self, iterations: u64, nanoseconds: f64) {
        self.0.push((iterations, nanoseconds));
    }

    /// Nanoseconds of an iteration: the median of the samples that criterion keeps. Those have as many
    /// iterations as the last one; others were its warm-up.
    pub(crate) fn median(&self) -> Option<f64> {
        let (kept, _) = *self.0.last()?;
        let taken = self.0.iter().filter(|(iterations, _)| *iterations == kept);
        median(taken.map(|(_, nanoseconds)| nanoseconds / kept as f64))
    }
}
