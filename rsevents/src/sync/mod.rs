//! Where the primitives come from. The only place that chooses.
//!
//! * *Real*: what users run.
//! * *Model*: loom's, and a model of the parking lot. It takes both `--cfg loom` and the feature `loom`: the
//!   cfg alone may be meant for another crate of the same build, the feature alone comes with
//!   `--all-features`.
//! * *Delayed*, with `--cfg rsevents_delays`: the real ones with random delays around every step, for
//!   `cargo xtask stress`. The model wins if both are asked for.

#[cfg(not(all(loom, feature = "loom")))]
mod real;
#[cfg(not(any(all(loom, feature = "loom"), rsevents_delays)))]
pub(crate) use real::*;

#[cfg(all(loom, feature = "loom"))]
mod model;
#[cfg(all(loom, feature = "loom"))]
pub(crate) use model::*;

#[cfg(all(rsevents_delays, not(all(loom, feature = "loom"))))]
mod delayed;
#[cfg(all(rsevents_delays, not(all(loom, feature = "loom"))))]
pub(crate) use delayed::*;
#[cfg(all(test, rsevents_delays, not(all(loom, feature = "loom"))))]
pub(crate) use real::{filter, testing};

pub(crate) use core::sync::atomic::Ordering;
pub(crate) use parking_lot_core::{
    DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN, ParkResult, RequeueOp, UnparkResult, UnparkToken,
};
