//! Where the primitives come from: the real ones, or loom's. The only place that chooses, together with
//! that of `rsevents`, which tells what it takes.

#[cfg(not(all(loom, feature = "loom")))]
mod real;
#[cfg(not(all(loom, feature = "loom")))]
pub(crate) use real::*;

#[cfg(all(loom, feature = "loom"))]
mod model;
#[cfg(all(loom, feature = "loom"))]
pub(crate) use model::*;

pub(crate) use core::sync::atomic::Ordering;
