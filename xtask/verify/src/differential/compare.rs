//! A program on both events, and what is to be told about it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use report::Stats;

use super::conductor::{Conductor, Stall};
use super::predictor::predict;
use super::program::{Program, Step};
use super::subject::{Answer, Subject};
use crate::spec::Kind;

/// How long nothing may happen. Nothing in a program takes longer than some milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes an event of this kind, set or not.
pub type Make = fn(Kind, bool) -> Arc<dyn Subject>;

/// One of those that are compared.
#[derive(Debug)]
pub struct Contender {
    name: &'static str,
    make: Make,
    conductor: Conductor,
}

/// Programs that were run, and what happened in them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    programs: u64,
    calls: u64,
    blocked: u64,
    released: u64,
    timeouts: u64,
}

/// A program whose answers are not all the same.
#[derive(Debug)]
pub struct Disagreement {
    program: Program,
    predicted: Vec<Answer>,
    found: Vec<(&'static str, Result<Vec<Answer>, Stall>)>,
}

impl Contender {
    /// One with threads of its own.
    #[must_use]
    pub fn new(name: &'static str, make: Make) -> Self {
        Self { name, make, conductor: Conductor::new(PATIENCE) }
    }

    fn run(&self, program: &Program, predicted: &[Answer]) -> Result<Vec<Answer>, Stall> {
        self.conductor.run(program, predicted, (self.make)(program.kind, program.is_set))
    }
}

/// Runs the program on each. All have to answer what the model predicts, and so the same.
///
/// # Errors
///
/// If one does not. Do not use the contenders any more then.
pub fn compare(program: Program, contenders: &[Contender]) -> Result<Sums, Box<Disagreement>> {
    let predicted = predict(&program);
    let run = |contender: &Contender| (contender.name, contender.run(&program, &predicted));
    let found: Vec<_> = contenders.iter().map(run).collect();
    if found.iter().all(|(_, found)| found.as_ref().is_ok_and(|answers| *answers == predicted)) {
        Ok(Sums::of(&program, &predicted))
    } else {
        Err(Box::new(Disagreement { program, predicted, found }))
    }
}

impl Sums {
    fn of(program: &Program, predicted: &[Answer]) -> Self {
        let calls = program.steps.iter().filter(|(_, step)| *step != Step::Pause).count() as u64;
        let mut sums = Self { programs: 1, calls, ..Self::default() };
        for &answer in predicted {
            match answer {
                Answer::Done { released } => sums.released += released as u64,
                Answer::Blocks => sums.blocked += 1,
                Answer::Waited(false) => sums.timeouts += 1,
                Answer::Waited(true) | Answer::Wrong => {}
            }
        }
        sums
    }

    /// Adds those of another program.
    pub fn add(&mut self, other: Self) {
        self.programs += other.programs;
        self.calls += other.calls;
        self.blocked += other.blocked;
        self.released += other.released;
        self.timeouts += other.timeouts;
    }

    /// The report of a run in which this was done, and so often the answers were not the same.
    #[must_use]
    pub fn stats(&self, disagreements: u64) -> Stats {
        let counts = [("programs", self.programs), ("calls", self.calls)];
        let outcomes =
            [("blocked", self.blocked), ("released", self.released), ("timed out", self.timeouts)];
        let outcomes = outcomes.map(|(name, number)| (name.to_owned(), number));
        Stats::new("events", &counts, &[("disagreements", disagreements)], outcomes)
    }
}

/// The program, and beside it what each did.
impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { program, predicted, found } = self;
        let state = if program.is_set { "set" } else { "unset" };
        let lingers = if program.lingers { ", lingers where it blocks" } else { "" };
        writeln!(f, "{:?} event, {state}{lingers}\n", program.kind)?;
        write!(f, "{:>4} {:18} {:20}", "", "step", "predicted")?;
        found.iter().try_for_each(|(name, _)| write!(f, " {name:20}"))?;
        writeln!(f)?;
        for (index, ((_, step), predicted)) in program.steps.iter().zip(predicted).enumerate() {
            write!(f, "{:>4} {:18} {:20}", index + 1, step.to_string(), predicted.to_string())?;
            let mut is_wrong = false;
            for (_, found) in found {
                let (Ok(transcript) | Err(Stall { transcript, .. })) = found;
                let found = transcript.get(index);
                is_wrong |= found != Some(predicted);
                write!(f, " {:20}", found.map_or("-".to_owned(), Answer::to_string))?;
            }
            writeln!(f, "{}", if is_wrong { "<--" } else { "" })?;
        }
        for (name, found) in found {
            if let Err(stall) = found {
                writeln!(f, "{name}: {stall}")?;
            }
        }
        Ok(())
    }
}
