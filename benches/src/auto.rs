//! Who can stand in for an auto-reset event: one set lets one wait through.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use crossbeam_utils::CachePadded;
use event_listener::Listener;

use crate::contender::contender;
pub use crate::futex::FutexAuto;

/// An event that any thread can set and any number of threads can wait for.
pub trait Auto: Send + Sync + 'static {
    /// Its id in `scenarios.toml`.
    const ID: &'static str;
    /// Unset.
    fn new() -> Self;
    /// Lets one wait through.
    fn set(&self);
    /// Waits for a set.
    fn wait(&self);
    /// Takes the event if it is set.
    fn wait0(&self) -> bool;
}

/// An event between two threads: one end that sets, one end that waits.
pub trait Pair: 'static {
    /// Its id in `scenarios.toml`.
    const ID: &'static str;
    /// The end that sets.
    type Setter: Send;
    /// The end that waits.
    type Waiter: Send;
    /// An unset event.
    fn pair() -> (Self::Setter, Self::Waiter);
    /// Lets one wait through.
    fn set(setter: &Self::Setter);
    /// Waits for a set.
    fn wait(waiter: &Self::Waiter);
}

/// Shared by two threads, on a cache line of its own: the allocator puts small objects side by side.
type Shared<T> = Arc<CachePadded<T>>;

impl<E: Auto> Pair for E {
    const ID: &'static str = E::ID;
    type Setter = Shared<E>;
    type Waiter = Shared<E>;

    fn pair() -> (Shared<E>, Shared<E>) {
        let event = Shared::new(CachePadded::new(E::new()));
        (event.clone(), event)
    }

    #[inline]
    fn set(setter: &Shared<E>) {
        E::set(setter);
    }

    #[inline]
    fn wait(waiter: &Shared<E>) {
        E::wait(waiter);
    }
}

/// An event that a thread can also wait for with a limit.
pub trait Timed: Auto {
    /// Waits for a set, for `limit` at most.
    fn wait_for(&self, limit: Duration) -> bool;
}

/// An event that can be looked at without taking it.
pub trait Peek: Auto {
    /// Whether it is set.
    fn is_set(&self) -> bool;
}

contender! {
    /// This crate.
    Ours(rsevents::AutoResetEvent): Auto = "rsevents",
    rsevents::AutoResetEvent::new(rsevents::EventState::Unset),
    set: rsevents::AutoResetEvent::set,
    wait: rsevents::Awaitable::wait,
    wait0 -> bool: rsevents::Awaitable::wait0
}

contender! {
    /// Its ancestor.
    Published(published_rsevents::AutoResetEvent): Auto = "rsevents-0.3.1",
    published_rsevents::AutoResetEvent::new(published_rsevents::EventState::Unset),
    set: published_rsevents::AutoResetEvent::set,
    wait: published_rsevents::Awaitable::wait,
    wait0 -> bool: published_rsevents::Awaitable::wait0
}

contender! {
    /// The operating system's own wait.
    Futex(FutexAuto): Auto = "futex",
    FutexAuto::default(),
    set: FutexAuto::set,
    wait: FutexAuto::wait,
    wait0 -> bool: FutexAuto::wait0
}

contender! {
    /// A flag under std's mutex.
    StdCondvar((Mutex<bool>, Condvar)): Auto = "std-condvar",
    Default::default(),
    set: |(flag, changed): &(Mutex<bool>, Condvar)| {
        *flag.lock().unwrap() = true;
        changed.notify_one();
    },
    wait: |(flag, changed): &(Mutex<bool>, Condvar)| {
        *changed.wait_while(flag.lock().unwrap(), |set| !*set).unwrap() = false;
    },
    wait0 -> bool: |(flag, _): &(Mutex<bool>, Condvar)| std::mem::take(&mut *flag.lock().unwrap())
}

type ParkingLot = (parking_lot::Mutex<bool>, parking_lot::Condvar);

contender! {
    /// A flag under parking_lot's mutex.
    ParkingLotCondvar(ParkingLot): Auto = "parking_lot-condvar",
    Default::default(),
    set: |(flag, changed): &ParkingLot| {
        *flag.lock() = true;
        changed.notify_one();
    },
    wait: |(flag, changed): &ParkingLot| {
        let mut set = flag.lock();
        changed.wait_while(&mut set, |set| !*set);
        *set = false;
    },
    wait0 -> bool: |(flag, _): &ParkingLot| std::mem::take(&mut *flag.lock())
}

type Channel = (crossbeam_channel::Sender<()>, crossbeam_channel::Receiver<()>);

contender! {
    /// A channel with room for one message.
    CrossbeamChannel(Channel): Auto = "crossbeam-channel",
    crossbeam_channel::bounded(1),
    set: |(sender, _): &Channel| {
        let _full_is_set_already = sender.try_send(());
    },
    wait: |(_, receiver): &Channel| receiver.recv().unwrap(),
    wait0 -> bool: |(_, receiver): &Channel| receiver.try_recv().is_ok()
}

type Listened = (AtomicBool, event_listener::Event);

contender! {
    /// A flag, and a list of who listens for its changes.
    EventListener(Listened): Auto = "event-listener",
    Default::default(),
    set: |(flag, changed): &Listened| {
        flag.store(true, Ordering::Release);
        changed.notify(1);
    },
    wait: |(flag, changed): &Listened| {
        while !flag.swap(false, Ordering::Acquire) {
            let listener = changed.listen();
            if flag.swap(false, Ordering::Acquire) {
                break;
            }
            listener.wait();
        }
    },
    wait0 -> bool: |(flag, _): &Listened| flag.swap(false, Ordering::Acquire)
}

contender! {
    /// An event of the same shape, on a queue of thread handles.
    Synchronoise(synchronoise::SignalEvent): Auto = "synchronoise",
    synchronoise::SignalEvent::auto(false),
    set: synchronoise::SignalEvent::signal,
    wait: synchronoise::SignalEvent::wait,
    wait0 -> bool: |event: &synchronoise::SignalEvent| event.wait_timeout(Duration::ZERO)
}

contender! {
    /// For tasks; a thread waits by blocking on the future.
    TokioNotify(tokio::sync::Notify): Auto = "tokio-notify",
    tokio::sync::Notify::new(),
    set: tokio::sync::Notify::notify_one,
    wait: |event: &tokio::sync::Notify| pollster::block_on(event.notified()),
    wait0 -> bool: |event: &tokio::sync::Notify| {
        let future = std::pin::pin!(event.notified());
        future.enable()
    }
}

contender! {
    /// For tasks; a thread waits by blocking on the future.
    Events(events::AutoResetEvent): Auto = "events",
    events::AutoResetEvent::boxed(),
    set: events::AutoResetEvent::set,
    wait: |event: &events::AutoResetEvent| pollster::block_on(event.wait()),
    wait0 -> bool: events::AutoResetEvent::try_wait
}

impl Timed for Ours {
    fn wait_for(&self, limit: Duration) -> bool {
        rsevents::Awaitable::wait_for(&self.0, limit)
    }
}

impl Peek for Ours {
    #[inline]
    fn is_set(&self) -> bool {
        self.0.is_set()
    }
}

impl Timed for Published {
    fn wait_for(&self, limit: Duration) -> bool {
        published_rsevents::Awaitable::wait_for(&self.0, limit)
    }
}

impl Timed for StdCondvar {
    fn wait_for(&self, limit: Duration) -> bool {
        let (flag, changed) = &self.0;
        let set = |set: &mut bool| !*set;
        std::mem::take(
            &mut *changed.wait_timeout_while(flag.lock().unwrap(), limit, set).unwrap().0,
        )
    }
}

impl Timed for ParkingLotCondvar {
    fn wait_for(&self, limit: Duration) -> bool {
        let (flag, changed) = &self.0;
        let mut flag = flag.lock();
        changed.wait_while_for(&mut flag, |set| !*set, limit);
        std::mem::take(&mut *flag)
    }
}

/// std's channel with room for one message, which one thread receives from.
#[derive(Debug)]
pub struct StdSyncChannel;

impl Pair for StdSyncChannel {
    const ID: &'static str = "std-sync_channel";
    type Setter = mpsc::SyncSender<()>;
    type Waiter = mpsc::Receiver<()>;

    fn pair() -> (Self::Setter, Self::Waiter) {
        mpsc::sync_channel(1)
    }

    #[inline]
    fn set(setter: &Self::Setter) {
        let _full_is_set_already = setter.try_send(());
    }

    #[inline]
    fn wait(waiter: &Self::Waiter) {
        waiter.recv().unwrap();
    }
}

/// crossbeam's parker, which belongs to one thread.
#[derive(Debug)]
pub struct CrossbeamParker;

impl Pair for CrossbeamParker {
    const ID: &'static str = "crossbeam-parker";
    type Setter = crossbeam_utils::sync::Unparker;
    type Waiter = crossbeam_utils::sync::Parker;

    fn pair() -> (Self::Setter, Self::Waiter) {
        let parker = crossbeam_utils::sync::Parker::new();
        (parker.unparker().clone(), parker)
    }

    #[inline]
    fn set(setter: &Self::Setter) {
        setter.unpark();
    }

    #[inline]
    fn wait(waiter: &Self::Waiter) {
        waiter.park();
    }
}

/// std's parking of one thread, and a flag against wake-ups that mean something else.
#[derive(Debug)]
pub struct StdPark;

/// The flag, and whom to wake.
#[derive(Debug, Default)]
pub struct ParkedThread {
    set: AtomicBool,
    waiter: OnceLock<Thread>,
}

impl Pair for StdPark {
    const ID: &'static str = "std-park";
    type Setter = Shared<ParkedThread>;
    type Waiter = Shared<ParkedThread>;

    fn pair() -> (Self::Setter, Self::Waiter) {
        let event = Shared::<ParkedThread>::default();
        (event.clone(), event)
    }

    #[inline]
    fn set(setter: &Self::Setter) {
        // If this does not see the waiter below, then the waiter sees the flag.
        setter.set.swap(true, Ordering::AcqRel);
        if let Some(waiter) = setter.waiter.get() {
            waiter.unpark();
        }
    }

    #[inline]
    fn wait(waiter: &Self::Waiter) {
        waiter.waiter.get_or_init(thread::current);
        while !waiter.set.swap(false, Ordering::AcqRel) {
            thread::park();
        }
    }
}
