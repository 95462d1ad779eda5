//! What a program consists of. bolero makes one from bytes.

use std::fmt;

use bolero::{TypeGenerator, generator::*};
use strum::VariantNames;

use crate::countdown::CountdownCall;
use crate::event::EventCall;
use crate::guard::GuardCall;
use crate::numbers::Size;
use crate::semaphore::{AloneCall, SemaphoreCall, Which};
use crate::wait::Wait;

/// The objects' first states, and what happens to them.
#[derive(Clone, TypeGenerator)]
pub(crate) struct Program {
    pub(crate) auto: bool,
    pub(crate) manual: bool,
    pub(crate) semaphores: [(Size, Size); 2],
    #[generator(produce::<Vec<Step>>().with().len(1_usize..64))]
    pub(crate) steps: Vec<Step>,
}

/// A step of a program.
#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Step {
    Auto(EventCall),
    Manual(EventCall),
    Countdown(CountdownCall),
    Semaphore(Which, SemaphoreCall),
    /// Of this one of the guards that are held.
    Guard(u8, GuardCall),
    /// After all guards have been dropped.
    Alone(Which, AloneCall),
    /// A wait through the trait.
    Await(Object, Wait),
}

/// What can be waited for. Where a wait yields nothing, there are two sets of forms.
#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Object {
    Auto { by_bool: bool },
    Manual { by_bool: bool },
    Countdown { by_bool: bool },
    Semaphore(Which),
}

/// What is counted: an object, and what was done with it.
pub(crate) type Kind = (&'static str, &'static str);

/// All the kinds that there are.
pub(crate) fn kinds() -> impl Iterator<Item = Kind> {
    let groups = [
        ("auto", EventCall::VARIANTS),
        ("auto", Wait::VARIANTS),
        ("manual", EventCall::VARIANTS),
        ("manual", Wait::VARIANTS),
        ("countdown", CountdownCall::VARIANTS),
        ("countdown", Wait::VARIANTS),
        ("semaphore", SemaphoreCall::VARIANTS),
        ("semaphore", Wait::VARIANTS),
        ("semaphore", AloneCall::VARIANTS),
        ("guard", GuardCall::VARIANTS),
    ];
    groups.into_iter().flat_map(|(object, names)| names.iter().map(move |&name| (object, name)))
}

impl Step {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Auto(call) => ("auto", call.into()),
            Self::Manual(call) => ("manual", call.into()),
            Self::Countdown(call) => ("countdown", call.into()),
            Self::Semaphore(_, call) => ("semaphore", call.into()),
            Self::Guard(_, call) => ("guard", call.into()),
            Self::Alone(_, call) => ("semaphore", call.into()),
            Self::Await(object, wait) => (object.name(), wait.into()),
        }
    }

    /// Whether there may be no guards.
    pub(crate) fn is_alone(self) -> bool {
        matches!(self, Self::Alone(..))
    }
}

impl Object {
    fn name(self) -> &'static str {
        match self {
            Self::Auto { .. } => "auto",
            Self::Manual { .. } => "manual",
            Self::Countdown { .. } => "countdown",
            Self::Semaphore(_) => "semaphore",
        }
    }
}

/// A line per step: this is how bolero shows what failed.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { auto, manual, semaphores, steps } = self;
        writeln!(f, "auto {auto}, manual {manual}, semaphores {semaphores:?}")?;
        for (number, step) in (1..).zip(steps) {
            writeln!(f, "{number:3}. {step:?}")?;
        }
        Ok(())
    }
}
