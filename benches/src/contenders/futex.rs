//! The floor: the operating system's own wait and wake on four bytes, and as little else as a correct
//! object can do with it. Four bytes hold no count of waiters: after a waiter was parked, the next set makes
//! one system call even if no waiter is parked then.

use std::sync::atomic::{AtomicU32, Ordering};

use atomic_wait::{wait, wake_all, wake_one};

use crate::contender::{BARGING, COALESCES, Contender, MISSES_BROADCAST, implement};
use crate::objects::{Auto, Countdown, Manual, Semaphore};

const FUTEX: Contender = Contender::new("futex", "bare futex").from("atomic_wait");

const UNSET: u32 = 0;
const SET: u32 = 1;
/// Unset, and a waiter may be parked.
const PARKED: u32 = 2;

pub(crate) struct AutoEvent(AtomicU32);

impl AutoEvent {
    #[cold]
    fn park(&self) {
        // Leaves the mark of parked waiters behind, as there may be more of them.
        while self.0.swap(PARKED, Ordering::Acquire) != SET {
            wait(&self.0, PARKED);
        }
    }
}

implement! {
    Auto for AutoEvent as event, FUTEX.lacking(&[BARGING, COALESCES, "takes four bytes"]),
    new() = Self(AtomicU32::new(UNSET)),
    set = {
        if event.0.swap(SET, Ordering::Release) == PARKED {
            wake_one(&event.0);
        }
    },
    wait = {
        if !event.wait0() {
            event.park();
        }
    },
    wait0 -> bool = {
        event.0.compare_exchange(SET, UNSET, Ordering::Acquire, Ordering::Relaxed).is_ok()
    },
}

pub(crate) struct ManualEvent(AtomicU32);

impl ManualEvent {
    #[cold]
    fn park(&self) {
        let mark = || self.0.compare_exchange(UNSET, PARKED, Ordering::Relaxed, Ordering::Acquire);
        while mark() != Err(SET) {
            wait(&self.0, PARKED);
        }
    }
}

implement! {
    Manual for ManualEvent as event, FUTEX.lacking(&[MISSES_BROADCAST]),
    new() = Self(AtomicU32::new(UNSET)),
    set = {
        if event.0.swap(SET, Ordering::Release) == PARKED {
            wake_all(&event.0);
        }
    },
    reset = {
        let _ = event.0.compare_exchange(SET, UNSET, Ordering::Acquire, Ordering::Relaxed);
    },
    wait = {
        if !event.wait0() {
            event.park();
        }
    },
    wait0 -> bool = event.0.load(Ordering::Acquire) == SET,
}

pub(crate) struct Permits {
    available: AtomicU32,
    waiters: AtomicU32,
}

impl Permits {
    fn try_acquire(&self) -> bool {
        let take = |permits: u32| permits.checked_sub(1);
        self.available.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok()
    }

    #[cold]
    fn park(&self) {
        // Sequentially consistent, as the release below: either the release sees this waiter, or this
        // waiter sees the permit.
        self.waiters.fetch_add(1, Ordering::SeqCst);
        while !self.try_acquire() {
            wait(&self.available, 0);
        }
        self.waiters.fetch_sub(1, Ordering::Relaxed);
    }
}

implement! {
    Semaphore for Permits as semaphore, FUTEX,
    new(permits: u16) = Self { available: AtomicU32::new(permits.into()), waiters: AtomicU32::new(0) },
    with_permit(work: impl FnOnce()) = {
        if !semaphore.try_acquire() {
            semaphore.park();
        }
        work();
        semaphore.available.fetch_add(1, Ordering::SeqCst);
        if semaphore.waiters.load(Ordering::SeqCst) > 0 {
            wake_one(&semaphore.available);
        }
    },
}

/// One subtraction for each tick.
pub(crate) struct Ticks {
    left: AtomicU32,
    zero: ManualEvent,
}

implement! {
    Countdown for Ticks as countdown, FUTEX,
    new(ticks: usize) = Self {
        left: AtomicU32::new(ticks.try_into().unwrap()),
        zero: ManualEvent::new(),
    },
    tick = {
        if countdown.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            countdown.zero.set();
        }
    },
    wait = countdown.zero.wait(),
}
