//! What all programs together have done, told in a line now and then:
//!
//! ```text
//! fuzz: inputs=1234 operations=45678 skipped=901 kinds=110/111 unseen=guard.merge:no
//! ```

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use crate::Answer;
use crate::program::{Kind, Program, kinds};

/// How often to tell. Under a coverage-guided engine nobody gets to know when it ends.
const INTERVAL: Duration = Duration::from_millis(250);

/// Sums over all programs.
struct Seen {
    inputs: u64,
    operations: u64,
    skipped: u64,
    /// What there is to see.
    kinds: usize,
    unseen: BTreeSet<(Kind, bool)>,
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
        let kinds = unseen.len();
        Self { inputs: 0, operations: 0, skipped: 0, kinds, unseen, told: Instant::now() }
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
        let Self { inputs, operations, skipped, kinds, ref unseen, .. } = *self;
        let seen = kinds - unseen.len();
        let names: Vec<String> = unseen.iter().map(name).collect();
        let unseen = if names.is_empty() { "none".to_owned() } else { names.join(",") };
        println!(
            "fuzz: inputs={inputs} operations={operations} skipped={skipped} \
             kinds={seen}/{kinds} unseen={unseen}"
        );
    }
}

/// `guard.merge:no`
fn name(&((object, call), answer): &(Kind, bool)) -> String {
    format!("{object}.{call}:{}", if answer { "yes" } else { "no" })
}

/// Both answers that a call has, or the only one.
fn answers_of(kind: Kind) -> impl Iterator<Item = (Kind, bool)> {
    let has_no = !matches!(
        kind,
        ("auto" | "manual", "new" | "set" | "reset" | "wait")
            | ("countdown", "wait")
            | ("semaphore", "wait_owned")
            | ("guard", "drop" | "panic" | "forget" | "leak")
    );
    [true, false]
        .into_iter()
        .filter(move |&answer| answer || has_no)
        .map(move |answer| (kind, answer))
}
