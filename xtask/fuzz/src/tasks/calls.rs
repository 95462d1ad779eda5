//! The calls of a program, and what they name.

use bolero::TypeGenerator;
use bolero::generator::*;
use strum::{EnumIter, IntoStaticStr};
use verify::op::{Answers, NO_BOOL, Operation, YES, YES_OR_NO};

/// What futures wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, TypeGenerator)]
pub(crate) enum Target {
    #[default]
    Auto,
    Manual,
    Countdown,
    Semaphore,
}

pub(super) const TARGETS: [Target; 4] =
    [Target::Auto, Target::Manual, Target::Countdown, Target::Semaphore];

/// A number of tasks or permits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TypeGenerator)]
pub(crate) struct Few(#[generator(0_u8..4)] pub(super) u8);

/// The most objects that one future waits for.
pub(super) const MOST: usize = 4;

/// Several objects, perhaps one of them twice. With a number of permits each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TypeGenerator)]
pub(crate) struct List {
    pub(super) all: [(Target, Few); MOST],
    #[generator(1..=MOST)]
    pub(super) length: usize,
}

impl List {
    pub(super) fn all(&self) -> &[(Target, Few)] {
        &self.all[..self.length]
    }
}

/// Objects in any order. With a number of permits for the semaphore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TypeGenerator)]
pub(crate) struct Different {
    #[generator(0_u8..24)]
    pub(super) order: u8,
    #[generator(0..=TARGETS.len())]
    pub(super) length: usize,
    pub(super) permits: Few,
    /// Asks the semaphore for nothing, besides.
    pub(super) has_nothing: bool,
    /// One of them is there twice.
    #[generator(produce::<bool>().with().weight(0.05))]
    pub(super) has_twice: bool,
}

impl Different {
    pub(super) fn all(&self) -> Vec<(Target, Few)> {
        let (mut left, mut order) = (TARGETS.to_vec(), usize::from(self.order));
        let mut all = Vec::new();
        while all.len() < self.length {
            let next = left.remove(order % left.len());
            order /= left.len() + 1;
            all.push((next, self.permits));
        }
        let twice = all.first().copied().filter(|_| self.has_twice);
        all.extend(twice);
        all.extend(self.has_nothing.then_some((Target::Semaphore, Few(0))));
        all
    }
}

/// How long a thread waits for any or for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TypeGenerator)]
pub(crate) enum Within {
    /// If it has to wait, it is not called.
    #[default]
    NoLimit,
    Zero,
    Nanoseconds(u8),
}

impl Within {
    /// Whether a wait that does not pass at once gives up without a place in a queue.
    pub(super) fn is_over_at_once(self) -> bool {
        matches!(self, Self::Zero | Self::Nanoseconds(0))
    }
}

/// A call of an object, or of one of the futures, which are numbered.
#[derive(Clone, Copy, Debug, PartialEq, EnumIter, IntoStaticStr, TypeGenerator)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum TaskCall {
    /// Makes a future that borrows the object, or shares it.
    New {
        target: Target,
        permits: Few,
        is_owned: bool,
    },
    /// Makes a future that waits for any of these.
    NewAny(List),
    /// Makes a future that waits for all of these. Answers whether it was not refused.
    NewAll(Different),
    /// With a new waker.
    Poll(u8),
    /// With the waker of the last poll.
    PollAgain(u8),
    Enqueue(u8),
    /// With a limit of zero.
    BlockFor(u8),
    /// Only of a completed one.
    PollCompleted(u8),
    /// Answers whether it had been released.
    Drop(u8),
    /// The same.
    Leak(u8),
    /// Sets, counts down or releases. Answers whether that released a future.
    Set(Target, Few),
    /// Resets. Answers whether that released a future.
    Reset(Target, Few),
    /// Takes without waiting.
    Wait0(Target, Few),
    /// Takes from the first that has enough.
    WaitAny(List, Within),
    /// Takes from all if all have enough.
    WaitAll(Different, Within),
}

impl Operation for TaskCall {
    fn answers(self) -> Answers {
        match self {
            Self::New { .. } | Self::NewAny(_) => NO_BOOL,
            Self::PollCompleted(_) => YES,
            _ => YES_OR_NO,
        }
    }
}
