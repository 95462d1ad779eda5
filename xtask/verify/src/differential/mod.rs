//! Our events against the operating system's: the same random programs of several threads on both, and the
//! answers have to be the same call by call.
//!
//! What makes that possible: every answer in these programs is determined, although threads wait in them. A
//! conductor makes the calls one at a time. It continues when a call has returned, or if it is one that blocks,
//! by the prediction made from [the model](EventModel). After a set it continues when as many waits
//! have returned as the set releases, so that it does not matter whether they were parked yet. Which of several
//! waiters an auto-reset event releases is not determined, so only their number is compared.

mod compare;
mod conductor;
mod program;
#[cfg(windows)]
mod system;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rsevents::{AutoResetEvent, ManualResetEvent};

use crate::event::Kind;
use crate::op::event::{EventModel, Operation};
use crate::op::{Answer, Object};

pub use compare::{Contender, Totals};
pub use program::Program;

/// An event: carries out an operation. False only of a wait that does not succeed.
pub type Subject = Arc<dyn Fn(Operation) -> bool + Send + Sync>;

/// Makes an event like the model.
pub type Make = fn(&EventModel) -> Subject;

/// The events of the operating system, where it has any.
pub const SYSTEM: Option<Make> = {
    #[cfg(windows)]
    let system: Option<Make> = Some(system::system);
    #[cfg(not(windows))]
    let system = None;
    system
};

/// An event of this project.
#[must_use]
pub fn ours(model: &EventModel) -> Subject {
    match model.kind {
        Kind::Auto => subject::<AutoResetEvent>(model),
        Kind::Manual => subject::<ManualResetEvent>(model),
    }
}

fn subject<O: Object<Model = EventModel>>(model: &EventModel) -> Subject {
    let event = O::new(model);
    Arc::new(move |operation| {
        event.perform(operation, &mut O::Held::default()) != Some(Answer::Is(false))
    })
}
