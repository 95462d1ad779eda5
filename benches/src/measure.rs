//! Time on the clock and on the processors, and the rows that criterion measures.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};

use crate::figures;

/// What something took.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// On the clock.
    pub wall: Duration,
    /// On all processors together, in this process.
    pub cpu: Duration,
}

impl Taken {
    /// No time at all.
    pub const NOTHING: Self = Self { wall: Duration::ZERO, cpu: Duration::ZERO };

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }

    /// What `wanted` repetitions would have taken, where it was `done`.
    #[must_use]
    pub fn scaled(self, wanted: u64, done: u64) -> Self {
        let scale = |time: Duration| time.mul_f64(wanted as f64 / done as f64);
        Self { wall: scale(self.wall), cpu: scale(self.cpu) }
    }
}

/// Started when it is made.
#[derive(Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: ProcessTime,
}

impl Stopwatch {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        Self { cpu: ProcessTime::now(), wall: Instant::now() }
    }

    /// What it has taken since then.
    #[must_use]
    pub fn stop(&self) -> Taken {
        Taken { wall: self.wall.elapsed(), cpu: self.cpu.elapsed() }
    }
}

/// A row of a scenario: the same work, once for each contender.
pub struct Row<'a> {
    id: String,
    group: BenchmarkGroup<'a, WallTime>,
}

impl<'a> Row<'a> {
    /// The row `name` of `scenario`.
    pub fn new(criterion: &'a mut Criterion, scenario: &str, name: &str) -> Self {
        let id = format!("{scenario}/{name}");
        let mut group = criterion.benchmark_group(&id);
        // The time of an iteration varies with the scheduler, not with how many there are.
        group.sampling_mode(SamplingMode::Flat);
        Self { id, group }
    }

    /// Measures a contender: `run` repeats the work as often as it is told.
    pub fn contender(&mut self, id: &str, mut run: impl FnMut(u64) -> Taken) {
        let mut cpu = Samples::default();
        self.group.bench_function(id, |bencher| {
            bencher.iter_custom(|iterations| {
                let taken = run(iterations);
                cpu.push(iterations, taken.cpu);
                taken.wall
            });
        });
        if let Some(cpu) = cpu.median() {
            figures::cpu(&format!("{}/{id}", self.id), cpu);
        }
    }
}

/// What is measured beside criterion, sample by sample.
#[derive(Debug, Default)]
pub struct Samples(Vec<(u64, Duration)>);

impl Samples {
    /// A sample of so many iterations, and what they took.
    pub fn push(&mut self, iterations: u64, taken: Duration) {
        self.0.push((iterations, taken));
    }

    /// Nanoseconds of an iteration, the median of the samples that criterion keeps: those of as many
    /// iterations as the last one, others were its warm-up.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        let (kept, _) = *self.0.last()?;
        let mut taken: Vec<_> = self.0.iter().filter(|(n, _)| *n == kept).map(|(_, t)| t).collect();
        taken.sort_unstable();
        Some(taken[taken.len() / 2].as_nanos() as f64 / kept as f64)
    }
}

/// A measurement that is too long to be repeated: made when it is asked for first, and told to criterion
/// as often as it asks.
#[derive(Debug, Default)]
pub struct Once(Option<Taken>);

impl Once {
    /// What `times` of it take.
    pub fn times(&mut self, times: u64, measure: impl FnOnce() -> Taken) -> Taken {
        self.0.get_or_insert_with(measure).scaled(times, 1)
    }
}
