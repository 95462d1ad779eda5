//! What a program consists of. bolero makes one from bytes.

use std::fmt;
use std::time::Duration;

use bolero::{Driver, TypeGenerator, generator::*};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};
use verify::op::{Answers, Model, Operation, YES, YES_OR_NO, countdown, event, semaphore};
use verify::wait::WaitKind;

use crate::tasks::TaskCall;

/// The objects' first states, and what happens to them.
#[derive(Clone, TypeGenerator)]
pub(crate) struct Program {
    pub(crate) auto: bool,
    pub(crate) manual: bool,
    pub(crate) semaphores: [(Number, Number); 2],
    /// The seed of what tasks choose at random, as when to be polled. So a program does the same each time.
    pub(crate) choices: u64,
    #[generator(produce::<Vec<Step>>().with().len(1_usize..64))]
    pub(crate) steps: Vec<Step>,
}

impl Program {
    /// Whether it makes a future that waits for all of several objects.
    pub(crate) fn waits_for_all(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Task(TaskCall::NewAll(_))))
    }
}

/// A step of a program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Auto(Call<event::Operation>),
    Manual(Call<event::Operation>),
    Countdown(Call<countdown::Operation>),
    /// With the number of a guard, for the operations that end one.
    Semaphore(Which, u8, Call<semaphore::Operation>),
    Guard(u8, GuardCall),
    New(NewCall),
    /// On objects of their own.
    Task(TaskCall),
    /// On a semaphore without guards.
    Exclusive(Which, ExclusiveCall),
}

/// New objects and calls without guards are rare: they end what the steps before them have reached.
impl TypeGenerator for Step {
    fn generate<D: Driver>(driver: &mut D) -> Option<Self> {
        Some(match driver.gen_variant(26, 0)? {
            0..3 => Self::Auto(driver.produce()?),
            3..6 => Self::Manual(driver.produce()?),
            6..9 => Self::Countdown(driver.produce()?),
            9..13 => Self::Semaphore(driver.produce()?, driver.produce()?, driver.produce()?),
            13..23 => Self::Task(driver.produce()?),
            23 | 24 => Self::Guard(driver.produce()?, driver.produce()?),
            _ if driver.produce()? => Self::New(driver.produce()?),
            _ => Self::Exclusive(driver.produce()?, driver.produce()?),
        })
    }
}

/// One of the two semaphores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TypeGenerator)]
pub(crate) enum Which {
    First,
    Second,
}

/// A call of a guard that does not end it.
#[derive(Clone, Copy, Debug, PartialEq, EnumIter, IntoStaticStr, TypeGenerator)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum GuardCall {
    Split(Number),
    /// With this one of the others.
    Merge(u8),
    IntoOwned {
        #[generator(produce::<bool>().with().weight(0.1))]
        of_another: bool,
    },
}

/// Replaces an object.
#[derive(Clone, Copy, Debug, PartialEq, EnumIter, IntoStaticStr, TypeGenerator)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum NewCall {
    Auto(bool),
    Manual(bool),
    Countdown(Number),
}

/// A call that needs a semaphore without guards.
#[derive(Clone, Copy, Debug, PartialEq, EnumIter, IntoStaticStr, TypeGenerator)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum ExclusiveCall {
    /// Replaces it.
    New(Number, Number),
    Modify(Number),
    ModifyDown(Number),
    TryModify(Number),
    TryModifyDown(Number),
}

impl Operation for GuardCall {}

impl Operation for NewCall {
    fn answers(self) -> Answers {
        if matches!(self, Self::Countdown(_)) { YES_OR_NO } else { YES }
    }
}

impl Operation for ExclusiveCall {}

/// An operation, and the number of tasks or permits that it is called with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<O> {
    operation: O,
    number: Number,
}

impl<O: Operation> TypeGenerator for Call<O> {
    fn generate<D: Driver>(driver: &mut D) -> Option<Self> {
        let mut operation: O = any(driver)?;
        // Rare, because unwinding takes longer than all else.
        if Into::<&str>::into(operation).starts_with("panic") {
            operation = any(driver)?;
        }
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
#[derive(Clone, Copy, Debug, Default, PartialEq, TypeGenerator)]
pub(crate) enum Number {
    #[default]
    Available,
    MoreThanAvailable,
    Room,
    MoreThanRoom,
    /// From two less to one more.
    NextToMax(#[generator(0_u8..4)] u8),
    Few(#[generator(0_u8..6)] u8),
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
            Self::NextToMax(number) => (max + usize::from(number)).saturating_sub(2),
            Self::Few(few) => few.into(),
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
        self.permits([2, 8, usize::from(u16::MAX)])
    }
}

/// A line per step: this is how bolero shows what failed.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { auto, manual, semaphores, choices, steps } = self;
        writeln!(f, "auto {auto}, manual {manual}, semaphores {semaphores:?}, choices {choices}")?;
        for (number, step) in (1..).zip(steps) {
            writeln!(f, "{number:3}. {step:?}")?;
        }
        Ok(())
    }
}
