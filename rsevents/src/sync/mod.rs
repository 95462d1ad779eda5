//! Where the primitives come from: the real ones, or loom's and a model of the parking lot.
//!
//! The only place that chooses. It takes both `--cfg loom` and the feature `loom`: the cfg alone may
//! be meant for another crate of the same build, the feature alone comes with `--all-features`.

#[cfg(not(all(loom, feature = "loom")))]
mod real;
#[cfg(not(all(loom, feature = "loom")))]
pub(crate) use real::*;

#[cfg(all(loom, feature = "loom"))]
mod model;
#[cfg(all(loom, feature = "loom"))]
pub(crate) use model::*;

pub(crate) use core::sync::atomic::Ordering;
pub(crate) use parking_lot_core::{
    DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN, ParkResult, RequeueOp, UnparkResult, UnparkToken,
};
