//! The primitives under the protocol, in one of three backends. This is the only place in this crate that selects one.
//!
//! * *Real*: what users run.
//! * *Model*: loom's primitives, and a model of how a thread sleeps. It needs both `--cfg loom` and the feature
//!   `loom`: the cfg alone may be meant for another crate of the same build, and `--all-features` turns
//!   the feature on.
//! * *Delayed*, with `--cfg rsevents_delays`: the real primitives with random delays around every step,
//!   for `cargo xtask stress`. If both are requested, the model is selected.

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

pub(crate) use core::sync::atomic::Ordering;
