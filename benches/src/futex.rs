//! The floor: the operating system's own wait and wake on four bytes, and as little else as a correct
//! event can do with it. After somebody has slept, the next set wakes once in vain if nobody sleeps then,
//! as four bytes hold no count of sleepers.

use std::sync::atomic::{AtomicU32, Ordering};

use atomic_wait::{wait, wake_all, wake_one};

const UNSET: u32 = 0;
const SET: u32 = 1;
/// Unset, and somebody may be asleep.
const SLEEPERS: u32 = 2;

/// An auto-reset event. Two sets in a row merge, even if two threads sleep.
#[derive(Debug, Default)]
pub struct FutexAuto(AtomicU32);

impl FutexAuto {
    /// Sets the event and wakes one sleeper.
    #[inline]
    pub fn set(&self) {
        if self.0.swap(SET, Ordering::Release) == SLEEPERS {
            wake_one(&self.0);
        }
    }

    /// Waits for a set.
    #[inline]
    pub fn wait(&self) {
        if !self.wait0() {
            self.sleep();
        }
    }

    /// Takes the event if it is set.
    #[inline]
    pub fn wait0(&self) -> bool {
        self.0.compare_exchange(SET, UNSET, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[cold]
    fn sleep(&self) {
        // Who has slept leaves the mark of sleepers behind, as there may be more of them.
        while self.0.swap(SLEEPERS, Ordering::Acquire) != SET {
            wait(&self.0, SLEEPERS);
        }
    }
}

/// A manual-reset event. A reset right after a set leaves those asleep that have not run since.
#[derive(Debug, Default)]
pub struct FutexManual(AtomicU32);

impl FutexManual {
    /// Sets the event and wakes all.
    #[inline]
    pub fn set(&self) {
        if self.0.swap(SET, Ordering::Release) == SLEEPERS {
            wake_all(&self.0);
        }
    }

    /// Makes the event unset.
    #[inline]
    pub fn reset(&self) {
        let _ = self.0.compare_exchange(SET, UNSET, Ordering::Acquire, Ordering::Relaxed);
    }

    /// Waits until it is set.
    #[inline]
    pub fn wait(&self) {
        if !self.wait0() {
            self.sleep();
        }
    }

    /// Whether it is set.
    #[inline]
    pub fn wait0(&self) -> bool {
        self.0.load(Ordering::Acquire) == SET
    }

    #[cold]
    fn sleep(&self) {
        while self.0.compare_exchange(UNSET, SLEEPERS, Ordering::Relaxed, Ordering::Acquire)
            != Err(SET)
        {
            wait(&self.0, SLEEPERS);
        }
    }
}

/// A semaphore that wakes one sleeper for each permit that comes while somebody sleeps.
#[derive(Debug)]
pub struct FutexSemaphore {
    permits: AtomicU32,
    sleepers: AtomicU32,
}

impl FutexSemaphore {
    /// With so many permits.
    pub fn new(permits: u32) -> Self {
        Self { permits: AtomicU32::new(permits), sleepers: AtomicU32::new(0) }
    }

    /// Takes a permit.
    #[inline]
    pub fn acquire(&self) {
        if !self.try_acquire() {
            self.sleep();
        }
    }

    #[inline]
    fn try_acquire(&self) -> bool {
        let take = |permits: u32| permits.checked_sub(1);
        self.permits.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok()
    }

    #[cold]
    fn sleep(&self) {
        // Sequentially consistent, as in `release`: either it sees the sleeper, or the sleeper its
        // permit.
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while !self.try_acquire() {
            wait(&self.permits, 0);
        }
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Gives a permit back.
    #[inline]
    pub fn release(&self) {
        self.permits.fetch_add(1, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            wake_one(&self.permits);
        }
    }
}

/// A countdown: one subtraction a tick.
#[derive(Debug)]
pub struct FutexCountdown {
    count: AtomicU32,
    zero: FutexManual,
}

impl FutexCountdown {
    /// Fires after so many ticks.
    pub fn new(count: u32) -> Self {
        Self { count: AtomicU32::new(count), zero: FutexManual::default() }
    }

    /// Counts down.
    #[inline]
    pub fn tick(&self) {
        if self.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.zero.set();
        }
    }

    /// Waits for zero.
    pub fn wait(&self) {
        self.zero.wait();
    }
}
