//! Who can stand in for a semaphore.

use std::sync::{Condvar, Mutex};

pub use crate::futex::FutexSemaphore;

/// A number of permits. They come as closures, so that each contender can use its own kind of guard.
pub trait Semaphore: Send + Sync + 'static {
    /// Its id in `scenarios.toml`.
    const ID: &'static str;
    /// With so many permits.
    fn new(permits: u16) -> Self;
    /// Waits for a permit, does `work` with it, and gives it back.
    fn with_permit(&self, work: impl FnOnce());
}

/// This crate.
pub struct Ours(rsevents_extra::Semaphore);

impl Semaphore for Ours {
    const ID: &'static str = "rsevents";

    fn new(permits: u16) -> Self {
        Self(rsevents_extra::Semaphore::new(permits, permits))
    }

    #[inline]
    fn with_permit(&self, work: impl FnOnce()) {
        let _permit = self.0.wait();
        work();
    }
}

/// Its ancestor.
pub struct Published(published_rsevents_extra::Semaphore);

impl Semaphore for Published {
    const ID: &'static str = "rsevents-0.3.1";

    fn new(permits: u16) -> Self {
        Self(published_rsevents_extra::Semaphore::new(permits, permits))
    }

    #[inline]
    fn with_permit(&self, work: impl FnOnce()) {
        let _permit = self.0.wait();
        work();
    }
}

/// The operating system's own wait.
pub struct Futex(FutexSemaphore);

impl Semaphore for Futex {
    const ID: &'static str = "futex";

    fn new(permits: u16) -> Self {
        Self(FutexSemaphore::new(permits.into()))
    }

    #[inline]
    fn with_permit(&self, work: impl FnOnce()) {
        self.0.acquire();
        work();
        self.0.release();
    }
}

/// A count under std's mutex.
pub struct StdCondvar(Mutex<u16>, Condvar);

impl Semaphore for StdCondvar {
    const ID: &'static str = "std-condvar";

    fn new(permits: u16) -> Self {
        Self(Mutex::new(permits), Condvar::new())
    }

    #[inline]
    fn with_permit(&self, work: impl FnOnce()) {
        *self.1.wait_while(self.0.lock().unwrap(), |permits| *permits == 0).unwrap() -= 1;
        work();
        *self.0.lock().unwrap() += 1;
        self.1.notify_one();
    }
}

/// A count under parking_lot's mutex.
pub struct ParkingLotCondvar(parking_lot::Mutex<u16>, parking_lot::Condvar);

impl Semaphore for ParkingLotCondvar {
    const ID: &'static str = "parking_lot-condvar";

    fn new(permits: u16) -> Self {
        Self(parking_lot::Mutex::new(permits), parking_lot::Condvar::new())
    }

    #[inline]
    fn with_permit(&self, work: impl FnOnce()) {
        {
            let mut permits = self.0.lock();
            self.1.wait_while(&mut permits, |permits| *permits == 0);
            *permits -= 1;
        }
        work();
        *self.0.lock() += 1;
        self.1.notify_one();
    }
}

/// A channel that holds a message for each permit that is there.
pub struct CrossbeamChannel(crossbeam_channel::Sender<()>, crossbeam_channel::Receiver<()>);

impl Semaphore for CrossbeamChannel {
    const ID: &'static str = "crossbeam-channel";

    fn new(permits: u16) -> Self {
        let (sender, receiver) = crossbeam_channel::bounded(permits.into());
        for _ in 0..permits {
            sender.send(()).unwrap();
        }
        Self(sender, receiver)
    }

    #[inline]
    fn with_permit(&self, work: impl FnOnce()) {
        self.1.recv().unwrap();
        work();
        self.0.send(()).unwrap();
    }
}

/// For tasks; a thread waits by blocking on the future.
pub struct Tokio(tokio::sync::Semaphore);

impl Semaphore for Tokio {
    const ID: &'static str = "tokio-semaphore";

    fn new(permits: u16) -> Self {
        Self(tokio::sync::Semaphore::new(permits.into()))
    }

    #[inline]
    fn with_permit(&self, work: impl FnOnce()) {
        let _permit = pollster::block_on(self.0.acquire()).unwrap();
        work();
    }
}

/// For tasks, with a blocking form of its own.
pub struct AsyncLock(async_lock::Semaphore);

impl Semaphore for AsyncLock {
    const ID: &'static str = "async-lock";

    fn new(permits: u16) -> Self {
        Self(async_lock::Semaphore::new(permits.into()))
    }

    #[inline]
    fn with_permit(&self, work: impl FnOnce()) {
        let _permit = self.0.acquire_blocking();
        work();
    }
}
