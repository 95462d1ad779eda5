//! Our objects against the operating system's: the same random programs of several threads on both, and the
//! answers have to be the same call by call.
//!
//! What makes that possible: every answer in these programs is determined, although threads wait in them. A
//! conductor makes the calls one at a time. It continues when a call has returned, or if it is one that blocks,
//! by the prediction made from [the model](SeveralModel). After a set it continues when the waits have returned
//! that the set releases, so that it does not matter whether they were parked yet. A set whose outcome depends on
//! the order of the waits is in no program, except that equal waits are not told apart.

mod compare;
mod conductor;
mod program;
#[cfg(windows)]
mod system;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::op::several::{Operation, Several, SeveralModel};
use crate::op::{Answer, Object};

pub use compare::{Contender, Totals};
pub use program::Program;

/// What the objects of a program are like at first.
pub type Model = SeveralModel<{ program::MOST }>;

/// Some objects: carries out an operation.
pub type Subject = Arc<dyn Fn(Operation) -> Answer + Send + Sync>;

/// Makes objects like the model.
pub type Make = fn(&Model) -> Subject;

/// The objects of the operating system, where it has any.
pub const SYSTEM: Option<Make> = {
    #[cfg(windows)]
    let system: Option<Make> = Some(system::system);
    #[cfg(not(windows))]
    let system = None;
    system
};

/// Objects of this project.
#[must_use]
pub fn ours(model: &Model) -> Subject {
    subject::<Several<{ program::MOST }>>(model)
}

/// # Panics
///
/// If an operation cannot be carried out.
fn subject<O: Object<Model = Model>>(model: &Model) -> Subject {
    let objects = O::new(model);
    Arc::new(move |operation| {
        let answer = objects.perform(operation, &mut O::Held::default());
        answer.expect("programs reset events only")
    })
}
