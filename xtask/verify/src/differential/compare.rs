//! Runs a program on the objects of each, and reports the differences.

use std::time::Duration;

use report::Stats;

use super::Make;
use super::conductor::{Conductor, Stall};
use super::program::{Observed, Program, Step};
use crate::op::Answer;
use crate::op::several::Operation;

/// How long nothing may happen. Nothing in a program takes longer than some milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of those that are compared.
#[derive(Debug)]
pub struct Contender {
    name: &'static str,
    make: Make,
    conductor: Conductor,
}

impl Contender {
    /// One with threads of its own.
    #[must_use]
    pub fn new(name: &'static str, make: Make) -> Self {
        Self { name, make, conductor: Conductor::new(PATIENCE) }
    }
}

/// Programs that were run, and what happened in them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    programs: u64,
    calls: u64,
    blocked: u64,
    released: u64,
    released_for_any: u64,
    released_for_all: u64,
    timeouts: u64,
}

impl Totals {
    /// Runs a program on each. All have to answer what the model predicts, and so the same.
    ///
    /// # Errors
    ///
    /// What each answered, if that differs. Do not use the contenders any more then.
    pub fn compare(
        &mut self,
        program: &Program,
        contenders: &mut [Contender],
    ) -> Result<(), String> {
        let predicted = program.predict();
        let mut all = Vec::new();
        for Contender { name, make, conductor } in contenders {
            all.push((*name, conductor.run(program, &predicted, &make(&program.objects))));
        }
        if all.iter().any(|(_, found)| found.as_ref().ok() != Some(&predicted)) {
            return Err(differences(program, &predicted, &all));
        }
        self.programs += 1;
        let calls = program.steps.iter().filter(|(_, step)| *step != Step::Pause);
        self.calls += calls.count() as u64;
        for observed in predicted {
            match observed {
                Observed::Released(returns) => {
                    for (wait, _) in returns {
                        self.released += 1;
                        self.released_for_any += u64::from(matches!(wait, Operation::WaitAny(..)));
                        self.released_for_all += u64::from(matches!(wait, Operation::WaitAll(..)));
                    }
                }
                Observed::Blocks => self.blocked += 1,
                Observed::Waited(answer) => self.timeouts += u64::from(answer == Answer::Is(false)),
                Observed::Wrong => {}
            }
        }
        Ok(())
    }

    /// The report of a run with this many disagreements.
    #[must_use]
    pub fn stats(&self, disagreements: u64) -> Stats {
        let counts = [("programs", self.programs), ("calls", self.calls)];
        let outcomes = [
            ("blocked", self.blocked),
            ("released", self.released),
            ("of them for any", self.released_for_any),
            ("of them for all", self.released_for_all),
            ("timed out", self.timeouts),
        ];
        let outcomes = outcomes.map(|(name, number)| (name.to_owned(), number));
        Stats::new("objects", &counts, &[("disagreements", disagreements)], outcomes)
    }
}

/// Each step, what was predicted, and what else was found.
fn differences(
    program: &Program,
    predicted: &[Observed],
    all: &[(&str, Result<Vec<Observed>, Stall>)],
) -> String {
    let mut text = format!("{:?}, lingers: {}", program.objects.objects(), program.lingers);
    for (index, ((_, step), predicted)) in program.steps.iter().zip(predicted).enumerate() {
        text += &format!("\n{index}. {step:?}: {predicted:?}");
        for (name, found) in all {
            let (Ok(transcript) | Err(Stall { transcript, .. })) = found;
            if let Some(found) = transcript.get(index).filter(|found| *found != predicted) {
                text += &format!(", {name}: {found:?}");
            }
        }
    }
    for (name, found) in all {
        if let Err(stall) = found {
            text += &format!("\n{name} stalled, in calls: {:?}", stall.busy);
        }
    }
    text
}
