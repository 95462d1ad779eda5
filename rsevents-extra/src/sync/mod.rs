//! The primitives under the protocols, in one of three backends, as in the module of that name in
//! `rsevents`. Files that both crates need belong to `rsevents`; here are symbolic links to them, which
//! `cargo package` replaces by copies.

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
pub(crate) use real::testing;

pub(crate) use core::sync::atomic::Ordering;

/// Replaces a word by what `change` returns, in one step, and returns the word before and after. If
/// `change` returns `None`, changes nothing and returns the word as the error.
#[inline]
pub(crate) fn update(
    word: &AtomicU64,
    success: Ordering,
    change: impl Fn(u64) -> Option<u64>,
) -> Result<(u64, u64), u64> {
    let mut before = guess(word);
    while let Some(after) = change(before) {
        // Relaxed on failure: the value is only the next guess.
        match word.compare_exchange_weak(before, after, success, Ordering::Relaxed) {
            Ok(_) => return Ok((before, after)),
            Err(actual) => before = actual,
        }
    }
    Err(before)
}
