//! What a program consists of. bolero makes one from bytes.

use std::fmt;
use std::time::Duration;

use bolero::{Driver, TypeGenerator, generator::*};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};
use verify::op::{Model, Operation, countdown, event, semaphore};
use verify::wait::WaitKind;

/// The objects' first states, and what happens to them.
#[derive(Clone, TypeGenerator)]
pub(crate) struct Program {
    pub(crate) auto: bool,
    pub(crate) manual: bool,
    pub(crate) semaphores: [(Number, Number); 2],
    #[generator(produce::<Vec<Step>>().with().len(1_usize..64))]
    pub(crate) steps: Vec<Step>,
}

/// A step of a program.
#[derive(Clone, Copy, Debug, TypeGenerator)]
pub(crate) enum Step {
    Auto(Call<event::Operation>),
    Manual(Call<event::Operation>),
    Countdown(Call<countdown::Operation>),
    /// With the number of a guard, for the operations that end one.
    Semaphore(Which, u8, Call<semaphore::Operation>),
    Guard(u8, GuardCall),
    Exclusive(ExclusiveCall),
}

/// One of the two semaphores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TypeGenerator)]
pub(crate) enum Which {
    #[default]
    First,
    Second,
}

/// A call of a guard that does not end it.
#[derive(Clone, Copy, Debug, EnumIter, IntoStaticStr, TypeGenerator)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum GuardCall {
    Split(Number),
    /// With this one of the others.
    Merge(u8),
    IntoOwned {
        of_another: bool,
    },
}

/// A call that replaces an object, or that needs a semaphore without guards.
#[derive(Clone, Copy, Debug, EnumIter, IntoStaticStr, TypeGenerator)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum ExclusiveCall {
    NewAuto(bool),
    NewManual(bool),
    NewCountdown(Number),
    NewSemaphore(Which, Number, Number),
    Modify(Which, Number),
    ModifyDown(Which, Number),
    TryModify(Which, Number),
    TryModifyDown(Which, Number),
}

/// An operation, and the number of tasks or permits that it is called with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<O> {
    operation: O,
    number: Number,
}

impl<O: Operation> TypeGenerator for Call<O> {
    fn generate<D: Driver>(driver: &mut D) -> Option<Self> {
        let mut operation = any(driver)?;
        if let Some(wait) = O::wait_mut(&mut operation) {
            *wait = any::<WaitKind, D>(driver)?;
            let limit = match wait {
                WaitKind::WaitFor(_) => driver.produce::<Limit>()?.duration(),
                // The clock cannot express a deadline that is too far away.
                WaitKind::WaitUntil(_) => driver.produce::<Limit>()?.duration().min(FAR),
                _ => Duration::ZERO,
            };
            *wait = wait.with_limit(limit);
        }
        Some(Self { operation, number: driver.produce()? })
    }
}

fn any<T: IntoEnumIterator, D: Driver>(driver: &mut D) -> Option<T> {
    T::iter().nth(driver.gen_variant(T::iter().count(), 0)?)
}

impl<O: Operation> Call<O> {
    /// The operation, with the number that it is on this object.
    pub(crate) fn on(self, model: &impl Model<Operation = O>) -> O {
        let Self { mut operation, number } = self;
        operation.set_number(number.of(model.bounds()));
        operation
    }
}

/// A limit that the clock can express and that never expires.
const FAR: Duration = Duration::from_secs(3_600_000);

#[derive(Clone, Copy, Debug, TypeGenerator)]
enum Limit {
    Zero,
    Nanoseconds(u8),
    Far,
    BeyondTheClock,
}

impl Limit {
    fn duration(self) -> Duration {
        match self {
            Self::Zero => Duration::ZERO,
            Self::Nanoseconds(nanoseconds) => Duration::from_nanos(nanoseconds.into()),
            Self::Far => FAR,
            Self::BeyondTheClock => Duration::MAX,
        }
    }
}

/// A number to call with. Random ones hardly ever hit a boundary, so most of these are next to one.
#[derive(Clone, Copy, Debug, Default, TypeGenerator)]
pub(crate) enum Number {
    #[default]
    Available,
    MoreThanAvailable,
    Room,
    MoreThanRoom,
    BelowMax(#[generator(0_u8..3)] u8),
    AboveMax(#[generator(1_u8..3)] u8),
    Few(#[generator(0_u8..6)] u8),
    BelowTop(#[generator(0_u8..3)] u8),
    Any(u16),
    Huge(usize),
}

impl Number {
    /// What it is with these [bounds](Model::bounds).
    pub(crate) fn of(self, [available, room, max]: [usize; 3]) -> usize {
        match self {
            Self::Available => available,
            Self::MoreThanAvailable => available.saturating_add(1),
            Self::Room => room,
            Self::MoreThanRoom => room.saturating_add(1),
            Self::BelowMax(below) => max.saturating_sub(below.into()),
            Self::AboveMax(above) => max.saturating_add(above.into()),
            Self::Few(few) => few.into(),
            Self::BelowTop(below) => (u16::MAX - u16::from(below)).into(),
            Self::Any(any) => any.into(),
            Self::Huge(huge) => huge,
        }
    }

    /// A number of permits.
    pub(crate) fn permits(self, bounds: [usize; 3]) -> u16 {
        u16::try_from(self.of(bounds)).unwrap_or(u16::MAX)
    }

    /// A number of permits of a new semaphore.
    pub(crate) fn size(self) -> u16 {
        self.permits([0, usize::from(u16::MAX), usize::from(u16::MAX)])
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
