//! Runs a program on both events, and reports the differences.

use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

use report::Stats;

use super::Make;
use super::conductor::{Conductor, Stall};
use super::program::{Observed, Program, Step};

/// How long nothing may happen. Nothing in a program takes longer than some milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of those that are compared.
#[derive(Debug)]
pub struct Contender {
    name: &'static str,
    make: Make,
    conductor: Conductor,
}

/// Programs that were run, and what happened in them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
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
    predicted: Vec<Observed>,
    found: Vec<(&'static str, Result<Vec<Observed>, Stall>)>,
}

impl Contender {
    /// One with threads of its own.
    #[must_use]
    pub fn new(name: &'static str, make: Make) -> Self {
        Self { name, make, conductor: Conductor::new(PATIENCE) }
    }

    fn run(&self, program: &Program, predicted: &[Observed]) -> Result<Vec<Observed>, Stall> {
        self.conductor.run(program, predicted, (self.make)(&program.event))
    }
}

/// Runs the program on each. All have to answer what the model predicts, and so the same.
///
/// # Errors
///
/// If one does not. Do not use the contenders any more then.
pub fn compare(program: Program, contenders: &[Contender]) -> Result<Totals, Box<Disagreement>> {
    let predicted = program.predict();
    let run = |contender: &Contender| (contender.name, contender.run(&program, &predicted));
    let found: Vec<_> = contenders.iter().map(run).collect();
    if found.iter().all(|(_, found)| found.as_ref().is_ok_and(|answers| *answers == predicted)) {
        Ok(Totals::of(&program, &predicted))
    } else {
        Err(Box::new(Disagreement { program, predicted, found }))
    }
}

impl Totals {
    fn of(program: &Program, predicted: &[Observed]) -> Self {
        let calls = program.steps.iter().filter(|(_, step)| *step != Step::Pause).count() as u64;
        let mut totals = Self { programs: 1, calls, ..Self::default() };
        for &answer in predicted {
            match answer {
                Observed::Released(waits) => totals.released += waits as u64,
                Observed::Blocks => totals.blocked += 1,
                Observed::Waited(false) => totals.timeouts += 1,
                Observed::Waited(true) | Observed::Wrong => {}
            }
        }
        totals
    }

    /// The report of a run with this many disagreements.
    #[must_use]
    pub fn stats(&self, disagreements: u64) -> Stats {
        let counts = [("programs", self.programs), ("calls", self.calls)];
        let outcomes =
            [("blocked", self.blocked), ("released", self.released), ("timed out", self.timeouts)];
        let outcomes = outcomes.map(|(name, number)| (name.to_owned(), number));
        Stats::new("events", &counts, &[("disagreements", disagreements)], outcomes)
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.programs += other.programs;
        self.calls += other.calls;
        self.blocked += other.blocked;
        self.released += other.released;
        self.timeouts += other.timeouts;
    }
}

/// The program, and beside it what each did.
impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { program, predicted, found } = self;
        let lingers = if program.lingers { ", lingers where it blocks" } else { "" };
        writeln!(f, "{:?}{lingers}\n", program.event)?;
        write!(f, "{:>4} {:26} {:20}", "", "step", "predicted")?;
        found.iter().try_for_each(|(name, _)| write!(f, " {name:20}"))?;
        writeln!(f)?;
        for (index, ((_, step), predicted)) in program.steps.iter().zip(predicted).enumerate() {
            let step = format!("{step:?}");
            write!(f, "{:>4} {step:26} {:20}", index + 1, predicted.to_string())?;
            let mut is_wrong = false;
            for (_, found) in found {
                let (Ok(transcript) | Err(Stall { transcript, .. })) = found;
                let found = transcript.get(index);
                is_wrong |= found != Some(predicted);
                write!(f, " {:20}", found.map_or("-".to_owned(), Observed::to_string))?;
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
