//! What users run.

#[cfg(target_has_atomic = "64")]
pub(crate) use core::sync::atomic::AtomicU64;
// 32-bit PowerPC and MIPS, for example, have no such instructions. This one uses locks there.
#[cfg(not(target_has_atomic = "64"))]
pub(crate) use portable_atomic::AtomicU64;

/// How often a thread polls after an unsuccessful wake-up before it sleeps again. Each pause is twice as
/// long as the one before: 254 spin-loop hints together, which take 3 to 12 µs.
pub(crate) const LOOKS: usize = 7;

/// Declares a constructor, which is `const` here and cannot be in the model.
macro_rules! const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$attr])* $vis const fn $($rest)*
    };
}
pub(crate) use const_fn;

/// A value to begin an update with.
#[inline]
pub(super) fn guess(word: &AtomicU64) -> u64 {
    // Relaxed: the update that follows checks the guess.
    word.load(core::sync::atomic::Ordering::Relaxed)
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
