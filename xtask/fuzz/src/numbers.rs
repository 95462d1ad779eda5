//! Numbers to call with: random ones hardly ever hit a boundary, so most of these are next to one.

use bolero::TypeGenerator;
use verify::spec;

/// A number of permits that does not depend on the semaphore.
#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Size {
    Few(#[generator(0_u8..6)] u8),
    BelowTop(#[generator(0_u8..3)] u8),
    Any(u16),
}

impl Size {
    pub(crate) fn number(self) -> u16 {
        match self {
            Self::Few(few) => few.into(),
            Self::BelowTop(below) => u16::MAX - u16::from(below),
            Self::Any(any) => any,
        }
    }
}

/// A number of permits, perhaps the largest that the semaphore cannot refuse, or the smallest that it
/// must.
#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Permits {
    Size(Size),
    Available,
    MoreThanAvailable,
    Room,
    MoreThanRoom,
    MoreThanMax,
}

impl Permits {
    pub(crate) fn number(self, model: &spec::Semaphore) -> u16 {
        let room = model.max() - model.capacity();
        match self {
            Self::Size(size) => size.number(),
            Self::Available => model.available(),
            Self::MoreThanAvailable => model.available().saturating_add(1),
            Self::Room => room,
            Self::MoreThanRoom => room.saturating_add(1),
            Self::MoreThanMax => model.max().saturating_add(1),
        }
    }
}

/// Which part of its permits a guard is to part with.
#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Part {
    Size(Size),
    All,
    MoreThanAll,
}

impl Part {
    pub(crate) fn number(self, held: u16) -> u16 {
        match self {
            Self::Size(size) => size.number(),
            Self::All => held,
            Self::MoreThanAll => held.saturating_add(1),
        }
    }
}

/// A number of tasks.
#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Tasks {
    Few(#[generator(0_u8..6)] u8),
    Left,
    MoreThanLeft,
    BelowMax(#[generator(0_u8..3)] u8),
    AboveMax(#[generator(1_u8..3)] u8),
    Any(usize),
}

impl Tasks {
    pub(crate) fn number(self, model: &spec::Countdown) -> usize {
        let max = spec::Countdown::MAX;
        match self {
            Self::Few(few) => few.into(),
            Self::Left => model.count(),
            Self::MoreThanLeft => model.count().saturating_add(1),
            Self::BelowMax(below) => max - usize::from(below),
            Self::AboveMax(above) => max.saturating_add(above.into()),
            Self::Any(any) => any,
        }
    }
}
