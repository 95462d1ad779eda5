//! What all programs together have done, told in a line now and then:
//!
//! ```text
//! fuzz: inputs=1234 operations=45678 skipped=901 outcomes=81/82 unseen=guard.merge:no
//! ```

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use crate::Answer;
use crate::program::{Kind, Program, kinds};

/// How often to tell. Under a coverage-guided engine nobody gets to know when it ends.
const INTERVAL: Duration = Duration::from_millis(250);

/// A kind of call, and an answer that it has.
type Outcome = (Kind, bool);

/// Sums over all programs.
struct Seen {
    inputs: u64,
    operations: u64,
    skipped: u64,
    /// How many there are to see.
    outcomes: usize,
    unseen: BTreeSet<Outcome>,
    told: Instant,
}

static SEEN: LazyLock<Mutex<Seen>> = LazyLock::new(|| Mutex::new(Seen::new()));

/// Adds a program that ran.
pub(crate) fn note(program: &Program, answers: &[Answer]) {
    let mut seen = SEEN.lock().unwrap();
    seen.note(program, answers);
    if seen.told.elapsed() > INTERVAL {
        seen.told = Instant::now();
        seen.print();
    }
}

/// Tells how much there is.
pub(crate) fn print() {
    SEEN.lock().unwrap().print();
}

impl Seen {
    fn new() -> Self {
        let unseen: BTreeSet<_> = kinds().flat_map(answers_of).collect();
        let outcomes = unseen.len();
        Self { inputs: 0, operations: 0, skipped: 0, outcomes, unseen, told: Instant::now() }
    }

    fn note(&mut self, program: &Program, answers: &[Answer]) {
        self.inputs += 1;
        for (step, &answer) in program.steps.iter().zip(answers) {
            if answer == Answer::Skipped {
                self.skipped += 1;
                continue;
            }
            self.operations += 1;
            // Almost always empty.
            if !self.unseen.is_empty() {
                self.unseen.remove(&(step.kind(), answer == Answer::Yes));
            }
        }
    }

    fn print(&self) {
        let Self { inputs, operations, skipped, outcomes, ref unseen, .. } = *self;
        let seen = outcomes - unseen.len();
        let names: Vec<String> = unseen.iter().map(name).collect();
        let unseen = if names.is_empty() { "none".to_owned() } else { names.join(",") };
        println!(
            "fuzz: inputs={inputs} operations={operations} skipped={skipped} \
             outcomes={seen}/{outcomes} unseen={unseen}"
        );
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
