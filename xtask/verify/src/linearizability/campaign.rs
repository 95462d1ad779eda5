//! Batches of histories, until the time is up, and what they add up to.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use fastrand::Rng;
use report::Stats;
use rsevents::{AutoResetEvent, ManualResetEvent};
use rsevents_extra::{CountdownEvent, Semaphore};

use super::history::{Call, History};
use super::program::MOST_THREADS;
use super::record::record;
use super::search::{Search, Violation};
use crate::op::several::Several;
use crate::op::{Answer, Model, Object, Operation, OperationOf, Outcomes};
use crate::wait::WaitKind;

/// Histories of a batch. Its threads are new, so this should be worth it.
const HISTORIES: usize = 100;

/// A wait that succeeds after more nanoseconds than these has slept, or spun for long.
const BLOCKED: u64 = 10_000;

/// What can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// The auto-reset event.
    Auto,
    /// The manual-reset event.
    Manual,
    /// The countdown event.
    Countdown,
    /// The semaphore.
    Semaphore,
    /// Two or three objects, and waits for any and for all of them.
    Several,
}

impl Subject {
    /// How to check it, and nothing checked so far.
    fn start(self) -> (Batch, Checked) {
        fn start<O: Object>() -> (Batch, Checked) {
            (batch::<O>, Checked::new::<O>())
        }
        match self {
            Self::Auto => start::<AutoResetEvent>(),
            Self::Manual => start::<ManualResetEvent>(),
            Self::Countdown => start::<CountdownEvent>(),
            Self::Semaphore => start::<Arc<Semaphore>>(),
            Self::Several => start::<Several>(),
        }
    }
}

type Batch = fn(&mut Checked, Duration, &mut Rng);

/// Records and checks a batch of histories of a random number of threads.
pub(super) fn batch<O: Object>(checked: &mut Checked, patience: Duration, random: &mut Rng) {
    let threads = random.usize(2..=MOST_THREADS);
    match record::<O>(HISTORIES, threads, patience, random) {
        Ok(histories) => {
            for (history, verdict) in histories.iter().zip(verdicts(&histories)) {
                checked.add(history, verdict);
            }
        }
        Err(history) => checked.add(&history, Some(Violation::Stall)),
    }
}

/// Checks histories on all processors.
fn verdicts<M: Model>(histories: &[History<M>]) -> Vec<Option<Violation>> {
    let jobs = thread::available_parallelism().map_or(1, NonZero::get);
    let check = |histories: &[History<M>]| {
        let mut search = Search::new();
        histories.iter().map(|history| search.check(history)).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let spawn = |share| scope.spawn(move || check(share));
        let checkers: Vec<_> =
            histories.chunks(histories.len().div_ceil(jobs)).map(spawn).collect();
        checkers
            .into_iter()
            .flat_map(|checker| checker.join().expect("a search panicked"))
            .collect()
    })
}

/// What was checked, and found.
#[derive(Clone, Debug)]
pub struct Checked {
    histories: u64,
    /// Calls in them.
    pub operations: u64,
    blocked: u64,
    timeouts: u64,
    /// What never comes up is not checked.
    outcomes: Outcomes,
    /// The histories that are wrong, in words.
    pub violations: Vec<(Violation, String)>,
}

impl Checked {
    /// Nothing of such an object. Its histories have to reach each outcome of the operations in programs.
    pub(super) fn new<O: Object>() -> Self {
        let mut random = Rng::with_seed(0);
        let model = O::random(&mut random);
        let choices = O::Model::CHOICES.iter().chain(O::Model::LOOSENING);
        let chosen: Vec<_> = choices.map(|choice| choice(&model, &mut random).index()).collect();
        let outcomes = Outcomes::new(|operation: OperationOf<O>, name| {
            chosen.contains(&operation.index()) && !O::Model::NEVER.contains(&name)
        });
        let [histories, operations, blocked, timeouts] = [0; 4];
        Self { histories, operations, blocked, timeouts, outcomes, violations: Vec::new() }
    }

    fn add<M: Model>(&mut self, history: &History<M>, violation: Option<Violation>) {
        self.histories += 1;
        for call in &history.calls {
            let Some(answer) = call.answer else { continue };
            self.operations += 1;
            self.blocked += u64::from(has_blocked(call));
            self.timeouts += u64::from(call.timeout().is_some_and(|limit| !limit.is_zero()));
            self.outcomes.add(call.operation, answer);
        }
        self.violations.extend(violation.map(|violation| {
            (violation, format!("{}\n{}", <&str>::from(violation), history.render()))
        }));
    }

    /// The report of the object of which this was checked.
    #[must_use]
    pub fn stats(&self, object: &str) -> Stats {
        let counts = [
            ("operations", self.operations),
            ("histories", self.histories),
            ("blocked waits", self.blocked),
            ("timeouts", self.timeouts),
        ];
        let faults = [("violations", self.violations.len() as u64)];
        Stats::new(object, &counts, &faults, self.outcomes.report())
    }
}

fn has_blocked<O: Operation>(call: &Call<O>) -> bool {
    call.operation.wait().is_some_and(|kind| kind != WaitKind::Wait0)
        && call.answer != Some(Answer::Is(false))
        && call.end - call.start > BLOCKED
}

/// Checks all `subjects` equally much, until the time is up or a batch had violations. A history without
/// progress for as long as `patience` has stalled. The seed determines the programs, though not the timing.
/// Calls `progress` after each batch.
pub fn run(
    subjects: &[Subject],
    time: Duration,
    patience: Duration,
    seed: u64,
    mut progress: impl FnMut(Duration, &[Checked]),
) -> Vec<Checked> {
    let start = Instant::now();
    // Random numbers for each, as which subject is next depends on the timing.
    let random = |&subject: &Subject| Rng::with_seed(seed.wrapping_add(subject as u64));
    let mut randoms: Vec<_> = subjects.iter().map(random).collect();
    let (batches, mut all): (Vec<Batch>, Vec<Checked>) =
        subjects.iter().map(|subject| subject.start()).unzip();
    while start.elapsed() < time && all.iter().all(|one| one.violations.is_empty()) {
        let least = (0..subjects.len()).min_by_key(|&index| all[index].operations);
        let Some(least) = least else { break };
        batches[least](&mut all[least], patience, &mut randoms[least]);
        progress(start.elapsed(), &all);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_gets_its_share_and_is_right() {
        let [time, patience] = [500, 60_000].map(Duration::from_millis);
        let mut batches = 0;
        let all = run(Subject::value_variants(), time, patience, 1, |_, _| batches += 1);
        // On a slow machine there are fewer batches than subjects.
        let checked = all.iter().filter(|one| one.operations > 0).count();
        assert_eq!(checked, batches.min(all.len()));
        all.iter().for_each(|one| assert!(one.violations.is_empty(), "{:?}", one.violations));
    }

    fn required<O: Object>() -> String {
        let outcomes = Checked::new::<O>().stats("").outcomes;
        outcomes.into_keys().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn outcomes_that_have_to_come_up() {
        assert_eq!(
            required::<AutoResetEvent>(),
            "is_set:no is_set:yes reset set wait0:no wait0:yes wait:yes wait_async:yes wait_async_for:no wait_async_for:yes \
             wait_async_until_dropped:no wait_async_until_dropped:yes wait_for:no wait_for:yes \
             wait_until:no wait_until:yes"
        );
        assert_eq!(
            required::<CountdownEvent>(),
            "count decrement:no decrement:yes decrement_by:no decrement_by:yes reset:yes \
             try_increment:yes wait0:no wait0:yes wait:yes wait_async:yes wait_async_for:no \
             wait_async_for:yes wait_async_until_dropped:no wait_async_until_dropped:yes \
             wait_for:no wait_for:yes wait_until:no wait_until:yes"
        );
        assert_eq!(
            required::<Arc<Semaphore>>(),
            "capacity count drop forget try_release:no try_release:yes wait_many0:no \
             wait_many0:yes wait_many:yes wait_many_async:yes wait_many_async_for:no \
             wait_many_async_for:yes wait_many_async_until_dropped:no \
             wait_many_async_until_dropped:yes wait_many_for:no wait_many_for:yes wait_many_until:no \
             wait_many_until:yes"
        );
        assert_eq!(
            required::<Several>(),
            "is_set:no is_set:yes reset set wait0:no wait0:yes wait:yes wait_all0:no wait_all0:yes wait_all:yes \
             wait_all_async:yes wait_all_async_for:no wait_all_async_for:yes \
             wait_all_async_until_dropped:no wait_all_async_until_dropped:yes wait_all_for:no \
             wait_all_for:yes wait_all_until:no wait_all_until:yes wait_any wait_any0 \
             wait_any0:no wait_any_async wait_any_async_for wait_any_async_for:no \
             wait_any_async_until_dropped wait_any_async_until_dropped:no wait_any_for \
             wait_any_for:no wait_any_until wait_any_until:no wait_async_until_dropped:no \
             wait_async_until_dropped:yes wait_for:no wait_for:yes"
        );
    }
}
