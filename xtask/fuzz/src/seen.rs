//! What all programs together have done, reported now and then.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use report::{Report, Stats};

use crate::Answer;
use crate::program::{Kind, Program, kinds};

/// How often to report. A coverage-guided engine does not say when it ends.
const INTERVAL: Duration = Duration::from_millis(250);

/// A kind of call, and an answer that it has.
type Outcome = (Kind, bool);

/// Sums over all programs.
struct Seen {
    inputs: u64,
    operations: u64,
    skipped: u64,
    /// How often each outcome came up.
    outcomes: BTreeMap<Outcome, u64>,
    reported: Instant,
}

static SEEN: LazyLock<Mutex<Seen>> = LazyLock::new(|| Mutex::new(Seen::new()));

/// Adds a program that ran.
pub(crate) fn note(program: &Program, answers: &[Answer]) {
    let mut seen = SEEN.lock().unwrap();
    seen.note(program, answers);
    if seen.reported.elapsed() > INTERVAL {
        seen.reported = Instant::now();
        seen.print();
    }
}

/// Reports all programs that ran.
pub(crate) fn print() {
    SEEN.lock().unwrap().print();
}

impl Seen {
    fn new() -> Self {
        let outcomes = kinds().flat_map(answers_of).map(|outcome| (outcome, 0)).collect();
        Self { inputs: 0, operations: 0, skipped: 0, outcomes, reported: Instant::now() }
    }

    fn note(&mut self, program: &Program, answers: &[Answer]) {
        self.inputs += 1;
        for (step, &answer) in program.steps.iter().zip(answers) {
            if answer == Answer::Skipped {
                self.skipped += 1;
                continue;
            }
            self.operations += 1;
            *self.outcomes.entry((step.kind(), answer == Answer::Yes)).or_default() += 1;
        }
    }

    fn print(&self) {
        let counts =
            [("operations", self.operations), ("inputs", self.inputs), ("skipped", self.skipped)];
        let outcomes = self.outcomes.iter().map(|(outcome, &count)| (name(outcome), count));
        Report::Stats(Stats::new("objects", &counts, &[], outcomes)).print();
    }
}

/// `guard.merge:no`
fn name(&((object, call), answer): &Outcome) -> String {
    format!("{object}.{call}:{}", if answer { "yes" } else { "no" })
}

/// Both answers that a call has, or the only one.
fn answers_of(kind: Kind) -> impl Iterator<Item = Outcome> {
    let has_no = !matches!(
        kind,
        ("auto" | "manual", "new" | "set" | "reset" | "wait")
            | ("countdown" | "semaphore", "wait")
            | ("guard", "drop" | "panic" | "forget" | "leak")
    );
    [true, false]
        .into_iter()
        .filter(move |&answer| answer || has_no)
        .map(move |answer| (kind, answer))
}
