//! What differs when loom runs the crate. Files that both crates need belong to `rsevents`; here are symbolic links
//! to them, which `cargo package` replaces by copies.

#[cfg(not(all(loom, feature = "loom")))]
mod real;
#[cfg(not(all(loom, feature = "loom")))]
pub(crate) use real::*;

#[cfg(all(loom, feature = "loom"))]
mod model;
#[cfg(all(loom, feature = "loom"))]
pub(crate) use model::*;
