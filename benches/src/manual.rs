//! Who can stand in for a manual-reset event: one set lets everybody through, until a reset.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

use event_listener::Listener;

use crate::contender::contender;
pub use crate::futex::FutexManual;

/// An event that any thread can set and any number of threads can wait for.
pub trait Manual: Send + Sync + 'static {
    /// Its id in `scenarios.toml`.
    const ID: &'static str;
    /// Unset.
    fn new() -> Self;
    /// Lets everybody through.
    fn set(&self);
    /// Makes it unset.
    fn reset(&self);
    /// Waits until it is set.
    fn wait(&self);
    /// Whether it is set.
    fn wait0(&self) -> bool;
}

contender! {
    /// This crate.
    Ours(rsevents::ManualResetEvent): Manual = "rsevents",
    rsevents::ManualResetEvent::new(rsevents::EventState::Unset),
    set: rsevents::ManualResetEvent::set,
    reset: rsevents::ManualResetEvent::reset,
    wait: rsevents::Awaitable::wait,
    wait0 -> bool: rsevents::Awaitable::wait0
}

contender! {
    /// Its ancestor.
    Published(published_rsevents::ManualResetEvent): Manual = "rsevents-0.3.1",
    published_rsevents::ManualResetEvent::new(published_rsevents::EventState::Unset),
    set: published_rsevents::ManualResetEvent::set,
    reset: published_rsevents::ManualResetEvent::reset,
    wait: published_rsevents::Awaitable::wait,
    wait0 -> bool: published_rsevents::Awaitable::wait0
}

contender! {
    /// The operating system's own wait.
    Futex(FutexManual): Manual = "futex",
    FutexManual::default(),
    set: FutexManual::set,
    reset: FutexManual::reset,
    wait: FutexManual::wait,
    wait0 -> bool: FutexManual::wait0
}

type Std = (Mutex<bool>, Condvar);

contender! {
    /// A flag under std's mutex.
    StdCondvar(Std): Manual = "std-condvar",
    Default::default(),
    set: |(flag, changed): &Std| {
        *flag.lock().unwrap() = true;
        changed.notify_all();
    },
    reset: |(flag, _): &Std| *flag.lock().unwrap() = false,
    wait: |(flag, changed): &Std| {
        drop(changed.wait_while(flag.lock().unwrap(), |set| !*set).unwrap());
    },
    wait0 -> bool: |(flag, _): &Std| *flag.lock().unwrap()
}

type ParkingLot = (parking_lot::Mutex<bool>, parking_lot::Condvar);

contender! {
    /// A flag under parking_lot's mutex.
    ParkingLotCondvar(ParkingLot): Manual = "parking_lot-condvar",
    Default::default(),
    set: |(flag, changed): &ParkingLot| {
        *flag.lock() = true;
        changed.notify_all();
    },
    reset: |(flag, _): &ParkingLot| *flag.lock() = false,
    wait: |(flag, changed): &ParkingLot| changed.wait_while(&mut flag.lock(), |set| !*set),
    wait0 -> bool: |(flag, _): &ParkingLot| *flag.lock()
}

type Listened = (AtomicBool, event_listener::Event);

contender! {
    /// A flag, and a list of who listens for its changes.
    EventListener(Listened): Manual = "event-listener",
    Default::default(),
    set: |(flag, changed): &Listened| {
        flag.store(true, Ordering::Release);
        changed.notify(usize::MAX);
    },
    reset: |(flag, _): &Listened| flag.store(false, Ordering::Release),
    wait: |(flag, changed): &Listened| {
        while !flag.load(Ordering::Acquire) {
            let listener = changed.listen();
            if flag.load(Ordering::Acquire) {
                break;
            }
            listener.wait();
        }
    },
    wait0 -> bool: |(flag, _): &Listened| flag.load(Ordering::Acquire)
}

contender! {
    /// An event of the same shape, on a queue of thread handles.
    Synchronoise(synchronoise::SignalEvent): Manual = "synchronoise",
    synchronoise::SignalEvent::manual(false),
    set: synchronoise::SignalEvent::signal,
    reset: synchronoise::SignalEvent::reset,
    wait: synchronoise::SignalEvent::wait,
    wait0 -> bool: synchronoise::SignalEvent::status
}

contender! {
    /// For tasks; a thread waits by blocking on the future.
    Events(events::ManualResetEvent): Manual = "events",
    events::ManualResetEvent::boxed(),
    set: events::ManualResetEvent::set,
    reset: events::ManualResetEvent::reset,
    wait: |event: &events::ManualResetEvent| pollster::block_on(event.wait()),
    wait0 -> bool: events::ManualResetEvent::try_wait
}
