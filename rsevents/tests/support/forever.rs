//! How long tests wait for something that has to come.

use std::time::{Duration, Instant};

/// Longer than anything here takes on the slowest machine. Reached only where something hangs.
pub(crate) const FOREVER: Duration = Duration::from_secs(120);

/// Calls `step` until `condition` holds. Panics after [`FOREVER`].
#[track_caller]
pub(crate) fn step_until(condition: impl Fn() -> bool, step: impl Fn()) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < FOREVER, "a condition never came true");
        step();
    }
}
