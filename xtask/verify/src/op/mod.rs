//! The operations of each object: how the real object and its sequential [model](Model) carry them out, and
//! which outcomes each has. The models are written from the contract, not from the code.
//!
//! The engines only schedule: [linearizability](crate::linearizability) on several threads,
//! [differential](crate::differential) on several threads with determined answers, fuzzing on one thread.

pub mod answer;
pub mod countdown;
pub mod event;
pub mod semaphore;
pub mod several;

use std::any::Any;
use std::fmt;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use fastrand::Rng;
use strum::{EnumCount, IntoEnumIterator};

pub use self::answer::{Answer, Answers, NO_BOOL, YES, YES_OR_NO};
use crate::wait::{WaitKind, variant_number};

/// How often each outcome came up. An outcome is an operation and an answer: `set`, `wait0:yes`.
#[derive(Clone, Debug)]
pub struct Outcomes(Vec<Outcome>);

#[derive(Clone, Debug, Default)]
struct Outcome {
    name: String,
    /// Whether it is reported even if it has not come up.
    is_required: bool,
    count: u64,
}

impl Outcomes {
    /// Those of these operations. What cannot come up is not required.
    pub fn new<O: Operation>(is_required: impl Fn(O, &str) -> bool) -> Self {
        let mut outcomes = vec![Outcome::default(); O::iter().count() * WaitKind::COUNT * 3];
        for operation in O::all() {
            for (answer, suffix) in [":no", ":yes", ""].into_iter().enumerate() {
                let name = operation.name() + suffix;
                let is_required =
                    operation.answers().contains(&answer) && is_required(operation, &name);
                outcomes[operation.index() * 3 + answer] = Outcome { name, is_required, count: 0 };
            }
        }
        Self(outcomes)
    }

    /// Counts a call.
    pub fn add<O: Operation>(&mut self, operation: O, answer: Answer) {
        let answer = match answer {
            Answer::Is(answer) => answer.into(),
            Answer::Done | Answer::Number(_) => 2,
        };
        self.0[operation.index() * 3 + answer].count += 1;
    }

    /// The name and the count of each that came up or has to.
    pub fn report(&self) -> impl Iterator<Item = (String, u64)> {
        let reported = self.0.iter().filter(|outcome| outcome.is_required || outcome.count > 0);
        reported.map(|outcome| (outcome.name.clone(), outcome.count))
    }
}

/// An operation of an object, with its arguments.
pub trait Operation:
    Copy + fmt::Debug + PartialEq + IntoEnumIterator + Into<&'static str> + Send + Sync + 'static
{
    /// Which answers it has.
    fn answers(self) -> Answers {
        YES_OR_NO
    }

    /// How it waits. `None` if it never blocks.
    fn wait_mut(&mut self) -> Option<&mut WaitKind> {
        None
    }

    /// Replaces the number of tasks or permits that it is called with, if there is one.
    fn set_number(&mut self, _number: usize) {}

    /// How it waits. `None` if it never blocks.
    fn wait(mut self) -> Option<WaitKind> {
        self.wait_mut().copied()
    }

    /// Its number: that of its method and way to wait.
    fn index(self) -> usize {
        variant_number(self) * WaitKind::COUNT + self.wait().map_or(0, variant_number)
    }

    /// The name of the method: `wait_many_for`.
    fn name(self) -> String {
        let method: &str = self.into();
        method.to_owned() + self.wait().map_or("", WaitKind::suffix)
    }

    /// Every operation, with default arguments.
    fn all() -> impl Iterator<Item = Self> {
        Self::iter().flat_map(|mut operation| {
            let kinds = if operation.wait_mut().is_some() { WaitKind::iter().len() } else { 1 };
            WaitKind::iter().take(kinds).map(move |kind| {
                operation.wait_mut().into_iter().for_each(|wait| *wait = kind);
                operation
            })
        })
    }
}

/// Makes an operation for an object that was like this at first.
pub type Choice<M> = fn(&M, &mut Rng) -> <M as Model>::Operation;

/// A sequential object.
pub trait Model: Clone + Eq + Hash + fmt::Debug + Send + Sync + 'static {
    /// What can be called.
    type Operation: Operation;

    /// Operations for random histories.
    const CHOICES: &'static [Choice<Self>];
    /// More of them, after which less can be required of the others. Half of the histories have none.
    const LOOSENING: &'static [Choice<Self>] = &[];
    /// Outcomes that do not come up in histories of small objects.
    const NEVER: &'static [&'static str] = &[];
    /// What a thread calls at its end and before each wait without a limit, so that it holds nothing then
    /// that others need.
    const BEFORE_REST: Option<Self::Operation> = None;
    /// Operations that show the state of the object.
    const OBSERVERS: &'static [Self::Operation];
    /// The most calls of a [rescue](Self::rescue).
    const RESCUE: usize = 2;
    /// What a call with this answer has done, each at an instant of its own.
    fn parts(operation: Self::Operation, answer: Answer) -> Vec<(Self::Operation, Answer)> {
        vec![(operation, answer)]
    }

    /// Whether both calls have to do with the same object, where there are several.
    fn have_object_in_common(_one: Self::Operation, _other: Self::Operation) -> bool {
        true
    }

    /// Makes a call for a thread that holds this many permits. One that would block answers `false` and
    /// changes nothing. `None` if it cannot be made.
    fn perform(&mut self, operation: Self::Operation, held: &mut usize) -> Option<Answer>;

    /// Makes a call. Returns whether `answer` is right; if not, the model is of no more use.
    fn apply(&mut self, operation: Self::Operation, answer: Answer) -> bool {
        // A guard that ends answers how many permits it held.
        let mut held = if let Answer::Number(number) = answer { number } else { 0 };
        self.perform(operation, &mut held) == Some(answer)
    }

    /// Whether such a call with this answer never changes the object.
    fn is_read_only(&self, operation: Self::Operation, answer: Answer) -> bool;

    /// Numbers to try as arguments: how much there is, how much can be added, and the maximum.
    fn bounds(&self) -> [usize; 3] {
        [0; 3]
    }

    /// Whether a wait fails at once, however much time it has.
    fn refuses(&self, _operation: Self::Operation) -> bool {
        false
    }

    /// Whether a call would block.
    fn blocks(&self, operation: Self::Operation) -> bool {
        operation.wait().is_some()
            && !self.refuses(operation)
            && self.clone().perform(operation, &mut 0) == Some(Answer::Is(false))
    }

    /// Whether a call may make waits succeed that others have begun.
    fn may_release(operation: Self::Operation) -> bool;

    /// Whether the object promises less for a call with this answer than one instant at which it takes effect,
    /// because of a call of another thread at the same time.
    fn excuses(
        &self,
        _other: Self::Operation,
        _operation: Self::Operation,
        _answer: Answer,
    ) -> bool {
        false
    }

    /// The calls that a task makes which was released from such a wait, and is dropped before it is polled, and their
    /// answers. None if nothing was taken.
    fn hand_on(&self, _operation: Self::Operation) -> Vec<(Self::Operation, Answer)> {
        Vec::new()
    }

    /// Makes the object available to at least one of the `pending` waits, if it is not.
    fn rescue(pending: &[Self::Operation], perform: impl FnMut(Self::Operation) -> Answer);
}

/// A real object.
pub trait Object: Sized + Send + Sync + 'static {
    /// Its model.
    type Model: Model;
    /// What a thread keeps of it between calls.
    type Held<'a>: Default;

    /// A random state to start with.
    fn random(random: &mut Rng) -> Self::Model;

    /// A new object like the model.
    fn new(model: &Self::Model) -> Self;

    /// Makes a call. `None` if there is nothing to call it with.
    fn perform<'a>(
        &'a self,
        operation: OperationOf<Self>,
        held: &mut Self::Held<'a>,
    ) -> Option<Answer>;
}

/// The operations of a real object.
pub type OperationOf<O> = <<O as Object>::Model as Model>::Operation;

/// Whether it is a wait without a limit.
pub(crate) fn is_unlimited(operation: impl Operation) -> bool {
    operation.wait().is_some_and(|kind| kind.limit().is_none())
}

/// A limit that may expire while other threads run: short ones most often.
fn limit(random: &mut Rng) -> Duration {
    Duration::from_nanos(random.u64(..60_000) >> random.u32(..12))
}

/// Makes a call that may be refused with a panic: `None` if it panics with a message that contains `reason`.
/// Any other panic continues. What a refused call has changed nevertheless is seen by the next observer.
pub fn unless_refused<T>(reason: &str, call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).map_or_else(
        |panic| if message(&*panic).contains(reason) { None } else { resume_unwind(panic) },
        Some,
    )
}

/// What refusals of numbers say.
pub const TOO_MUCH: &str = "is more than";

fn message(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or(panic.downcast_ref().copied()).unwrap_or_default()
}

/// Drops `value` while the stack unwinds.
fn drop_in_panic<T>(value: T) {
    let panics = move || {
        let _value = value;
        resume_unwind(Box::new(()));
    };
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
}
