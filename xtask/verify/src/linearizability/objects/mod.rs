//! The objects: their operations, how the sequential ones answer, and how the real ones are called.

pub(crate) mod countdown;
pub(crate) mod event;
pub(crate) mod semaphore;

use std::time::Duration;

use fastrand::Rng;

/// A limit that may pass while others work: short ones most often.
fn limit(random: &mut Rng) -> Duration {
    Duration::from_nanos(random.u64(..60_000) >> random.u32(..12))
}
