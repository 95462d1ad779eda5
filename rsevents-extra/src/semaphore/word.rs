//! The word of a semaphore: four numbers of 16 bits in one atomic.
//!
//! | bits | name | meaning |
//! |---|---|---|
//! | 48.. | `available` | permits that can be taken now |
//! | 32..48 | `capacity` | available permits and those held by guards |
//! | 16..32 | `large` | requests for several permits that are waiting, with or without a place at the head |
//! | 0..16 | `need` | what the head of the line sleeps for; zero if it does not sleep |
//!
//! Always `available <= capacity <= max`. So no field overflows into the next: what a guard gives back
//! was taken from `available` under the same `capacity`.

/// One permit, in `available`.
const AVAILABLE: u64 = 1 << 48;
const CAPACITY: u64 = 1 << 32;
/// One permit that no guard holds, in both fields.
const PERMIT: u64 = AVAILABLE + CAPACITY;
const LARGE: u64 = 1 << 16;
const FIELD: u64 = 0xffff;

/// The numbers of a semaphore at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(pub(super) u64);

impl Word {
    pub(super) const fn new(permits: u16) -> Self {
        Self(permits as u64 * PERMIT)
    }

    pub(super) const fn available(self) -> u16 {
        (self.0 / AVAILABLE) as u16
    }

    pub(super) const fn capacity(self) -> u16 {
        ((self.0 / CAPACITY) & FIELD) as u16
    }

    pub(super) const fn large(self) -> u16 {
        ((self.0 / LARGE) & FIELD) as u16
    }

    /// Whether a multi-permit request waits, which later requests do not overtake.
    pub(super) const fn has_large(self) -> bool {
        self.large() > 0
    }

    pub(super) const fn need(self) -> u16 {
        (self.0 & FIELD) as u16
    }

    /// Whether the head of the line sleeps although there are enough permits for it.
    pub(super) const fn owes_a_wake_up(self) -> bool {
        self.need() != 0 && self.need() <= self.available()
    }

    /// What giving back `permits` adds to the word.
    pub(super) const fn given_back(permits: u16) -> u64 {
        permits as u64 * AVAILABLE
    }

    /// What forgetting held `permits` subtracts from the word.
    pub(super) const fn forgotten(permits: u16) -> u64 {
        permits as u64 * CAPACITY
    }

    /// `permits` more, for good.
    pub(super) fn raised(self, permits: u16, max: u16) -> Option<Self> {
        let capacity = self.capacity().checked_add(permits)?;
        (capacity <= max).then(|| Self(self.0 + permits as u64 * PERMIT))
    }

    /// `permits` less, for good, of those that are available.
    pub(super) fn lowered(self, permits: u16) -> Option<Self> {
        (permits <= self.available()).then(|| Self(self.0 - permits as u64 * PERMIT))
    }

    /// `permits` taken, if they are available.
    pub(super) fn taken(self, permits: u16) -> Option<Self> {
        (permits <= self.available()).then(|| Self(self.0 - permits as u64 * AVAILABLE))
    }

    pub(super) fn with_need(self, need: u16) -> Self {
        Self(self.0 - u64::from(self.need()) + u64::from(need))
    }

    /// One more large request waits. `None` if no more can be counted.
    pub(super) fn with_large(self) -> Option<Self> {
        (self.large() < u16::MAX).then(|| Self(self.0 + LARGE))
    }

    /// One large request less waits.
    pub(super) fn without_large(self) -> Self {
        Self(self.0 - LARGE)
    }
}
