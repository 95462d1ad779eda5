//! The numbers of a semaphore, and its rule.
//!
//! | bits | name | meaning |
//! |---|---|---|
//! | 0..16 | `available` | permits that can be taken now |
//! | 16..32 | `capacity` | available permits and those held by guards |
//! | 32..48 | `max` | the most that the capacity can be; does not change |
//!
//! Always `available <= capacity <= max`. So no field overflows into the next: what a guard gives back
//! was taken from `available` under the same `capacity`.

use rsevents::Rule;

const AVAILABLE: u64 = 1;
const CAPACITY: u64 = 1 << 16;
/// One permit that no guard holds, in both fields.
const PERMIT: u64 = AVAILABLE + CAPACITY;
const MAX: u64 = 1 << 32;

/// The value of a semaphore's gate at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Permits(pub(super) u64);

impl Permits {
    pub(super) const fn new(permits: u16, max: u16) -> Self {
        Self(permits as u64 * PERMIT + max as u64 * MAX)
    }

    #[inline]
    pub(super) const fn available(self) -> u16 {
        self.0 as u16
    }

    pub(super) const fn capacity(self) -> u16 {
        (self.0 / CAPACITY) as u16
    }

    #[inline]
    pub(super) const fn max(self) -> u16 {
        (self.0 / MAX) as u16
    }

    /// What giving back `permits` adds.
    #[inline]
    pub(super) const fn available_only(permits: u16) -> Self {
        Self(permits as u64 * AVAILABLE)
    }

    /// What forgetting held `permits` subtracts.
    pub(super) const fn held_only(permits: u16) -> Self {
        Self(permits as u64 * CAPACITY)
    }

    /// `permits` more, for good.
    pub(super) fn raised(self, permits: u16) -> Option<Self> {
        let capacity = self.capacity().checked_add(permits)?;
        (capacity <= self.max()).then(|| Self(self.0 + u64::from(permits) * PERMIT))
    }

    /// `permits` less, for good, of those that are available.
    pub(super) fn lowered(self, permits: u16) -> Option<Self> {
        (permits <= self.available()).then(|| Self(self.0 - u64::from(permits) * PERMIT))
    }
}

impl Rule for Permits {
    #[inline]
    fn take(value: u64, permits: u32) -> Option<u64> {
        let is_enough = permits <= u32::from(Self(value).available());
        is_enough.then(|| value - u64::from(permits) * AVAILABLE)
    }

    #[inline]
    fn opens(value: u64) -> bool {
        Self(value).available() > 0
    }

    fn hand_on(value: u64, permits: u32) -> u64 {
        value + u64::from(permits) * AVAILABLE
    }

    /// Requests for one permit might otherwise take each permit before there are several.
    fn keeps(permits: u32) -> bool {
        permits > 1
    }
}
