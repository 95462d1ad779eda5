//! What users run.

pub(crate) use core::sync::atomic::AtomicU8;
pub(crate) use parking_lot_core::{park, unpark_one, unpark_requeue};

/// Whether a wait may spin before it parks. A clock ends a spin, and wasm32-unknown-unknown has none:
/// there the standard library panics when it is read.
pub(crate) const MAY_SPIN: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

/// Declares a constructor, which is `const` here and cannot be in the model.
macro_rules! const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$attr])* $vis const fn $($rest)*
    };
}
pub(crate) use const_fn;

/// For tests that inspect a queue.
#[cfg(test)]
pub(crate) mod filter {
    pub(crate) use parking_lot_core::{FilterOp, ParkToken, unpark_filter};
}

#[cfg(test)]
pub(crate) mod testing;
