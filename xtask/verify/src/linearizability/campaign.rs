//! Batches of histories, until the time is up, and what they add up to.

use std::collections::HashMap;
use std::num::NonZero;
use std::ops::AddAssign;
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
use crate::op::{Answer, Model, Object, Operation, Outcome};
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
}

impl Subject {
    fn batch(self, patience: Duration, random: &mut Rng) -> Checked {
        match self {
            Self::Auto => batch::<AutoResetEvent>(patience, random),
            Self::Manual => batch::<ManualResetEvent>(patience, random),
            Self::Countdown => batch::<CountdownEvent>(patience, random),
            Self::Semaphore => batch::<Arc<Semaphore>>(patience, random),
        }
    }
}

/// Records and checks a batch of histories of a random number of threads.
pub(super) fn batch<O: Object>(patience: Duration, random: &mut Rng) -> Checked {
    let threads = random.usize(2..=MOST_THREADS);
    match record::<O>(HISTORIES, threads, patience, random) {
        Ok(histories) => check::<O>(&histories),
        Err(history) => {
            let mut checked = Checked::nothing::<O>();
            checked.add(&history, Some(Violation::Stall));
            checked
        }
    }
}

/// Checks histories on all processors.
fn check<O: Object>(histories: &[History<O::Model>]) -> Checked {
    let jobs = thread::available_parallelism().map_or(1, NonZero::get);
    let share = histories.len().div_ceil(jobs).max(1);
    let check_share = |histories: &[History<O::Model>]| {
        let mut search = Search::new();
        let mut checked = Checked::nothing::<O>();
        histories.iter().for_each(|history| checked.add(history, search.check(history)));
        checked
    };
    thread::scope(|scope| {
        let spawn = |share| scope.spawn(move || check_share(share));
        let checkers: Vec<_> = histories.chunks(share).map(spawn).collect();
        checkers.into_iter().fold(Checked::default(), |mut sum, checker| {
            sum += checker.join().expect("a search panicked");
            sum
        })
    })
}

/// What was checked, and found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    histories: u64,
    /// Calls in them.
    pub operations: u64,
    blocked: u64,
    timeouts: u64,
    /// How often each came up. What never comes up is not checked.
    outcomes: HashMap<Outcome, u64>,
    /// The histories that are wrong, in words.
    pub violations: Vec<(Violation, String)>,
}

impl Checked {
    /// With each outcome that histories of such an object should have.
    fn nothing<O: Object>() -> Self {
        let mut random = Rng::with_seed(0);
        let model = O::random(&mut random);
        let choices = O::Model::CHOICES.iter().chain(O::Model::LOOSENING);
        let outcomes = choices
            .flat_map(|choice| Outcome::all(choice(&model, &mut random)))
            .filter(|outcome| !O::Model::NEVER.contains(&outcome.to_string().as_str()))
            .map(|outcome| (outcome, 0));
        Self { outcomes: outcomes.collect(), ..Self::default() }
    }

    fn add<M: Model>(&mut self, history: &History<M>, violation: Option<Violation>) {
        self.histories += 1;
        self.operations += history.calls.len() as u64;
        for call in &history.calls {
            self.blocked += u64::from(has_blocked(call));
            self.timeouts += u64::from(call.timeout().is_some_and(|limit| !limit.is_zero()));
            *self.outcomes.entry(Outcome::of(call.operation, call.answer)).or_default() += 1;
        }
        self.violations.extend(violation.map(|violation| {
            (violation, format!("{}\n{}", violation.describe(), history.render()))
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
        let outcomes = self.outcomes.iter().map(|(outcome, &count)| (outcome.to_string(), count));
        Stats::new(object, &counts, &[("violations", self.violations.len() as u64)], outcomes)
    }
}

fn has_blocked<O: Operation>(call: &Call<O>) -> bool {
    call.operation.wait().is_some_and(|kind| kind != WaitKind::Wait0)
        && call.answer == Answer::Is(true)
        && call.end - call.start > BLOCKED
}

impl AddAssign for Checked {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.operations += other.operations;
        self.blocked += other.blocked;
        self.timeouts += other.timeouts;
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        self.violations.extend(other.violations);
    }
}

/// How to check, and how long.
#[derive(Debug)]
pub struct Campaign {
    /// For how long.
    pub time: Duration,
    /// A history without progress for this long has stalled.
    pub patience: Duration,
    /// Determines the programs, though not the timing.
    pub seed: u64,
}

impl Campaign {
    /// Checks all `subjects` equally much, until the time is up or a batch had violations. Calls `progress`
    /// after each batch.
    pub fn run(
        &self,
        subjects: &[Subject],
        mut progress: impl FnMut(Duration, &[Checked]),
    ) -> Vec<Checked> {
        let start = Instant::now();
        // One for each, as which subject is next depends on the timing.
        let random = |&subject: &Subject| Rng::with_seed(self.seed.wrapping_add(subject as u64));
        let mut randoms: Vec<_> = subjects.iter().map(random).collect();
        let mut all = vec![Checked::default(); subjects.len()];
        while start.elapsed() < self.time && all.iter().all(|one| one.violations.is_empty()) {
            let least = (0..subjects.len()).min_by_key(|&index| all[index].operations);
            let Some(least) = least else { break };
            all[least] += subjects[least].batch(self.patience, &mut randoms[least]);
            progress(start.elapsed(), &all);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Event, Kind};

    #[test]
    fn every_subject_gets_its_share_and_is_right() {
        let campaign = Campaign {
            time: Duration::from_millis(500),
            patience: Duration::from_secs(60),
            seed: 1,
        };
        let mut batches = 0;
        let all = campaign.run(Subject::value_variants(), |_, _| batches += 1);
        // On a slow machine there are fewer batches than subjects.
        let checked = all.iter().filter(|one| one.operations > 0).count();
        assert_eq!(checked, batches.min(all.len()));
        all.iter().for_each(|one| assert!(one.violations.is_empty(), "{:?}", one.violations));
    }

    fn required<O: Object>() -> String {
        let outcomes = Checked::nothing::<O>().stats("").outcomes;
        outcomes.into_keys().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn outcomes_that_have_to_come_up() {
        assert_eq!(
            required::<AutoResetEvent>(),
            "is_set:no is_set:yes reset set wait0:no wait0:yes wait:yes wait_for:no wait_for:yes \
             wait_until:no wait_until:yes"
        );
        assert_eq!(
            required::<CountdownEvent>(),
            "count decrement:no decrement:yes decrement_by:no decrement_by:yes reset:yes \
             try_increment:yes wait0:no wait0:yes wait:yes wait_for:no wait_for:yes wait_until:no \
             wait_until:yes"
        );
        assert_eq!(
            required::<Arc<Semaphore>>(),
            "capacity count drop forget try_release:no try_release:yes wait_many0:no \
             wait_many0:yes wait_many:yes wait_many_for:no wait_many_for:yes wait_many_until:no \
             wait_many_until:yes"
        );
    }

    #[test]
    fn outcomes_are_counted() {
        let calls = "0 0-1 set; 0 2-3 wait0:yes; 0 4-5 set; 0 6-7 wait0:yes";
        let history = super::super::histories::parse(Event::new(Kind::Auto, false), calls);
        let mut checked = Checked::nothing::<AutoResetEvent>();
        checked.add(&history, None);
        checked += checked.clone();
        let outcomes = checked.stats("auto").outcomes;
        assert_eq!((outcomes["set"], outcomes["wait0:yes"], outcomes["wait0:no"]), (4, 4, 0));
    }
}
