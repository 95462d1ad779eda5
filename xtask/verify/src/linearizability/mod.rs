//! Whether each call takes effect at one instant between its start and its return.
//!
//! Threads run random programs on an object, each call is recorded with its start, its end and its answer,
//! and a search looks for an order of the calls that the sequential [model](crate::op::Model) would answer in the
//! same way. Many short histories: the search is fast there, and a fresh object is in more different states
//! than one in use.

pub mod campaign;
pub mod histories;
pub mod history;
mod program;
pub(crate) mod record;
mod search;
pub mod self_check;

pub use search::Violation;
