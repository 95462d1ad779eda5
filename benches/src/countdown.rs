//! Who can stand in for a countdown.

use std::sync::{Condvar, Mutex};

use rsevents::Awaitable as _;

pub use crate::futex::FutexCountdown;

/// Lets threads through after a number of ticks.
pub trait Countdown: Send + Sync + 'static {
    /// Its id in `scenarios.toml`.
    const ID: &'static str;
    /// Fires after `ticks`.
    fn new(ticks: usize) -> Self;
    /// Counts down `ticks` times, one at a time.
    fn tick_times(&self, ticks: usize);
    /// Waits for the last tick.
    fn wait(&self);
}

/// Implements [`Countdown`] by the contender's own methods.
macro_rules! countdown {
    ($(#[$doc:meta])* $name:ident($inner:ty) = $id:literal, $new:expr, tick: $tick:expr, wait: $wait:expr) => {
        $(#[$doc])*
        pub struct $name($inner);

        impl Countdown for $name {
            const ID: &'static str = $id;

            fn new(ticks: usize) -> Self {
                Self($new(ticks))
            }

            #[inline]
            fn tick_times(&self, ticks: usize) {
                for _ in 0..ticks {
                    $tick(&self.0);
                }
            }

            fn wait(&self) {
                $wait(&self.0);
            }
        }
    };
}

countdown! {
    /// This crate.
    Ours(rsevents_extra::CountdownEvent) = "rsevents",
    rsevents_extra::CountdownEvent::new,
    tick: rsevents_extra::CountdownEvent::tick,
    wait: |countdown: &rsevents_extra::CountdownEvent| countdown.wait()
}

countdown! {
    /// Its ancestor.
    Published(published_rsevents_extra::CountdownEvent) = "rsevents-0.3.1",
    published_rsevents_extra::CountdownEvent::new,
    tick: published_rsevents_extra::CountdownEvent::tick,
    wait: published_rsevents_extra::Awaitable::wait
}

countdown! {
    /// The operating system's own wait.
    Futex(FutexCountdown) = "futex",
    |ticks| FutexCountdown::new(u32::try_from(ticks).unwrap()),
    tick: FutexCountdown::tick,
    wait: FutexCountdown::wait
}

countdown! {
    /// A count under std's mutex.
    StdCondvar((Mutex<usize>, Condvar)) = "std-condvar",
    |ticks| (Mutex::new(ticks), Condvar::new()),
    tick: |(count, zero): &(Mutex<usize>, Condvar)| {
        let mut count = count.lock().unwrap();
        *count -= 1;
        if *count == 0 {
            zero.notify_all();
        }
    },
    wait: |(count, zero): &(Mutex<usize>, Condvar)| {
        drop(zero.wait_while(count.lock().unwrap(), |count| *count > 0).unwrap());
    }
}

type ParkingLot = (parking_lot::Mutex<usize>, parking_lot::Condvar);

countdown! {
    /// A count under parking_lot's mutex.
    ParkingLotCondvar(ParkingLot) = "parking_lot-condvar",
    |ticks| (parking_lot::Mutex::new(ticks), parking_lot::Condvar::new()),
    tick: |(count, zero): &ParkingLot| {
        let mut count = count.lock();
        *count -= 1;
        if *count == 0 {
            zero.notify_all();
        }
    },
    wait: |(count, zero): &ParkingLot| zero.wait_while(&mut count.lock(), |count| *count > 0)
}

countdown! {
    /// An event of the same shape, on a queue of thread handles.
    Synchronoise(synchronoise::CountdownEvent) = "synchronoise",
    synchronoise::CountdownEvent::new,
    tick: |countdown: &synchronoise::CountdownEvent| countdown.decrement().unwrap(),
    wait: synchronoise::CountdownEvent::wait
}

/// crossbeam's group, which counts handles: a tick drops one.
#[derive(Debug)]
pub struct CrossbeamWaitGroup {
    /// As many as there will be calls of `tick_times`, which drops all it needs.
    handles: Mutex<Vec<crossbeam_utils::sync::WaitGroup>>,
    waiter: Mutex<Option<crossbeam_utils::sync::WaitGroup>>,
}

impl Countdown for CrossbeamWaitGroup {
    const ID: &'static str = "crossbeam-waitgroup";

    fn new(ticks: usize) -> Self {
        let group = crossbeam_utils::sync::WaitGroup::new();
        Self { handles: Mutex::new(vec![group.clone(); ticks]), waiter: Mutex::new(Some(group)) }
    }

    #[inline]
    fn tick_times(&self, ticks: usize) {
        let mine = {
            let mut handles = self.handles.lock().unwrap();
            let rest = handles.len() - ticks;
            handles.split_off(rest)
        };
        for handle in mine {
            drop(handle);
        }
    }

    fn wait(&self) {
        let group = self.waiter.lock().unwrap().take();
        group.unwrap().wait();
    }
}
