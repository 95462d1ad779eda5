//! Whether each call takes effect at one instant between its start and its return.
//!
//! Threads run random programs on an object, each call is recorded with its start, its end and its answer,
//! and a search looks for an order of the calls that the sequential
//! [reference](crate::spec) would answer in the same way. Many short histories, as the search is quick there,
//! and as a fresh object is in more different states than one that is in use.

pub mod broken;
pub mod campaign;
mod history;
mod kinds;
mod objects;
mod program;
mod record;
mod search;
mod table;
pub mod tally;
pub mod wrong;
