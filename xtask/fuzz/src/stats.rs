//! What all programs together have done, reported now and then.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use report::{Report, Stats};
use strum::IntoEnumIterator;
use verify::op::{Operation, Outcome, countdown, event, semaphore};

use crate::program::{ExclusiveCall, GuardCall};
use crate::run::Ran;

/// How often to report. A coverage-guided engine does not say when it ends.
const INTERVAL: Duration = Duration::from_millis(250);

/// Totals of all programs.
struct Totals {
    inputs: u64,
    operations: u64,
    skipped: u64,
    /// How often each outcome of each object came up.
    outcomes: HashMap<(&'static str, Outcome), u64>,
    reported: Instant,
}

static TOTALS: LazyLock<Mutex<Totals>> = LazyLock::new(|| {
    Mutex::new(Totals {
        inputs: 0,
        operations: 0,
        skipped: 0,
        outcomes: expected().map(|outcome| (outcome, 0)).collect(),
        reported: Instant::now(),
    })
});

/// Adds a program that ran.
pub(crate) fn add(program: &[Ran]) {
    let mut totals = TOTALS.lock().unwrap();
    totals.inputs += 1;
    for ran in program {
        match ran {
            Some(outcome) => {
                totals.operations += 1;
                *totals.outcomes.entry(*outcome).or_default() += 1;
            }
            None => totals.skipped += 1,
        }
    }
    if totals.reported.elapsed() > INTERVAL {
        totals.reported = Instant::now();
        totals.print();
    }
}

/// Reports all programs that ran.
pub(crate) fn print() {
    TOTALS.lock().unwrap().print();
}

impl Totals {
    fn print(&self) {
        let counts =
            [("operations", self.operations), ("inputs", self.inputs), ("skipped", self.skipped)];
        let name = |((object, outcome), &count): (&(&str, Outcome), &u64)| {
            (format!("{object}.{outcome}"), count)
        };
        let outcomes = self.outcomes.iter().map(name);
        Report::Stats(Stats::new("objects", &counts, &[], outcomes)).print();
    }
}

/// Every outcome that has to come up.
fn expected() -> impl Iterator<Item = (&'static str, Outcome)> {
    let exclusive = ExclusiveCall::iter().map(|call| ("exclusive", call.into()));
    let guards = GuardCall::iter().map(|call| ("guard", call.into()));
    let both = |(object, call)| {
        [true, false].map(|answer| (object, Outcome::named(call, answer))).into_iter()
    };
    // An event is always made.
    let never = ["new_auto", "new_manual"].map(|call| Outcome::named(call, false));
    let others = exclusive.chain(guards).flat_map(both);
    all::<event::Operation>("auto")
        .chain(all::<event::Operation>("manual"))
        .chain(all::<countdown::Operation>("countdown"))
        .chain(all::<semaphore::Operation>("semaphore"))
        .chain(others.filter(move |(_, outcome)| !never.contains(outcome)))
}

fn all<O: Operation>(object: &'static str) -> impl Iterator<Item = (&'static str, Outcome)> {
    O::all().flat_map(Outcome::all).map(move |outcome| (object, outcome))
}
