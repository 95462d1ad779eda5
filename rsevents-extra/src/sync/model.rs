//! What loom runs.

pub(crate) use loom::sync::atomic::AtomicU64;

/// More polls add no interleaving: loom explores every moment of the first check.
pub(crate) const LOOKS: usize = 0;

/// Declares a constructor, which is `const` with the real primitives and cannot be here.
macro_rules! const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$attr])* $vis fn $($rest)*
    };
}
pub(crate) use const_fn;

/// A value to begin an update with. Not by a load: that would hide interleavings from loom, which
/// remembers one access to each cell only, and before an update of our own that would be our load.
pub(super) fn guess(word: &AtomicU64) -> u64 {
    word.fetch_or(0, core::sync::atomic::Ordering::Relaxed)
}

/// The same as for the scenarios of the core.
#[cfg(test)]
#[allow(
    unsafe_code,
    dead_code,
    unused_imports,
    reason = "plain memory; and the core needs more of it"
)]
pub(crate) mod testing;
