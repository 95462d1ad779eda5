//! Programs, and how they are made.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;

use super::predictor::Predictor;
use crate::spec::Kind;

/// How many threads a program runs on.
pub(crate) const THREADS: usize = 4;

/// How many steps are drawn, before those that end what is still blocked.
const STEPS: std::ops::Range<usize> = 4..24;

/// How many steps there are to one that costs time.
const RARE: u32 = 60;

/// How many programs there are to one that lingers. The others have sets that meet those who fall asleep.
const LINGERING: u32 = 4;

/// An event's first state, and what threads do to it one after another.
#[derive(Clone, Debug)]
pub struct Program {
    /// Which of the two events.
    pub kind: Kind,
    /// Whether it is set at first.
    pub is_set: bool,
    /// Whether there is time after each wait that blocks, for one that does not after all to return.
    pub lingers: bool,
    /// The steps in their order, each with a number that chooses among the threads that are not blocked.
    pub steps: Vec<(usize, Step)>,
}

/// A step of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A thread sets the event.
    Set,
    /// A thread makes it unset.
    Reset,
    /// A thread waits. If that blocks, the others go on.
    Wait(Limit),
    /// Nobody does anything for a moment, so that those who wait are surely asleep.
    Pause,
}

/// How long a wait may last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// No time at all.
    Zero,
    /// So short that it passes.
    Short,
    /// So long that it does not.
    Long,
    /// As long as it takes.
    Infinite,
}

impl Limit {
    /// The same as a time. `None` if there is no limit.
    #[must_use]
    pub const fn duration(self) -> Option<Duration> {
        match self {
            Self::Zero => Some(Duration::ZERO),
            Self::Short => Some(Duration::from_millis(1)),
            Self::Long => Some(Duration::from_secs(600)),
            Self::Infinite => None,
        }
    }

    /// Whether it passes while a program runs.
    #[must_use]
    pub(super) const fn passes(self) -> bool {
        matches!(self, Self::Zero | Self::Short)
    }
}

impl Program {
    /// A random program that leaves nobody blocked.
    #[must_use]
    pub fn random(rng: &mut Rng) -> Self {
        let kind = if rng.bool() { Kind::Auto } else { Kind::Manual };
        let is_set = rng.bool();
        let lingers = rng.u32(..LINGERING) == 0;
        let mut program = Self { kind, is_set, lingers, steps: Vec::new() };
        let mut predictor = Predictor::new(&program);
        // How often somebody sets differs, so that some programs have many who wait and others many sets.
        let sets = rng.u32(1..6);
        for _ in 0..rng.usize(STEPS) {
            let step = draw(rng, sets, predictor.may_block());
            program.push(rng, step, &mut predictor);
        }
        while predictor.blocked() > 0 {
            program.push(rng, Step::Set, &mut predictor);
        }
        // What is left in the end.
        program.push(rng, Step::Wait(Limit::Zero), &mut predictor);
        program
    }

    fn push(&mut self, rng: &mut Rng, step: Step, predictor: &mut Predictor) {
        predictor.step(step);
        self.steps.push((rng.usize(..THREADS), step));
    }
}

/// A step, one that cannot block if it may not. Unset events are where waits block, so those are made
/// as likely as the set ones.
fn draw(rng: &mut Rng, sets: u32, may_block: bool) -> Step {
    if rng.u32(..RARE) == 0 {
        return if rng.bool() { Step::Pause } else { Step::Wait(Limit::Short) };
    }
    match rng.u32(..12) {
        drawn if drawn < sets => Step::Set,
        6..8 => Step::Reset,
        8 | 9 if may_block => Step::Wait(Limit::Infinite),
        10 if may_block => Step::Wait(Limit::Long),
        _ => Step::Wait(Limit::Zero),
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set => f.write_str("set"),
            Self::Reset => f.write_str("reset"),
            Self::Wait(Limit::Zero) => f.write_str("wait0"),
            Self::Wait(Limit::Infinite) => f.write_str("wait"),
            Self::Wait(limit) => write!(f, "wait for {:?}", limit.duration().unwrap_or_default()),
            Self::Pause => f.write_str("pause"),
        }
    }
}
