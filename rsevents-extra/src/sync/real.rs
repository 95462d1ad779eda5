//! The macro `const_fn` for the real primitives.

/// Declares a constructor, which is `const` here and cannot be in the model.
macro_rules! const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$attr])* $vis const fn $($rest)*
    };
}
pub(crate) use const_fn;

/// The same as for the scenarios of the core.
#[cfg(test)]
#[allow(
    unsafe_code,
    dead_code,
    unused_imports,
    reason = "plain memory; and the core needs more of it"
)]
pub(crate) mod testing;
