//! Our events against the operating system's: the same random programs of several threads on both, and the
//! answers have to be the same call by call.
//!
//! What makes that possible: the programs are such that every answer is determined, although threads wait
//! in them. A conductor hands out the calls one at a time. It goes on when a call has
//! returned, or if it is one that blocks, by the prediction made from
//! [the model](crate::spec::Event). After a set it goes on when as many of those have returned as the
//! set releases, so that it does not matter whether they were asleep yet. Which of several threads an
//! auto-reset event releases is not determined, so their number is all that is compared.

mod compare;
mod conductor;
mod predictor;
mod program;
mod subject;
#[cfg(windows)]
mod system;
#[cfg(test)]
mod tests;

pub use compare::{Contender, Disagreement, Make, Sums, compare};
pub use program::Program;
pub use subject::{Subject, ours};

/// The events of the operating system, where it has any.
#[cfg(windows)]
pub const SYSTEM: Option<Make> = Some(system::system);

/// The events of the operating system, where it has any.
#[cfg(not(windows))]
pub const SYSTEM: Option<Make> = None;
