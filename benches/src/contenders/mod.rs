//! The contenders, a file each: what it is, what it lacks, and its objects (two of them share those in `condvar`).
//! To add one, add a file, and list its objects here by what they can stand in for.

pub(crate) mod async_lock;
mod condvar;
pub(crate) mod crossbeam;
pub(crate) mod event_listener;
pub(crate) mod events;
pub(crate) mod futex;
pub(crate) mod mutex;
pub(crate) mod ours;
pub(crate) mod parking_lot;
pub(crate) mod saa;
pub(crate) mod select;
pub(crate) mod std;
pub(crate) mod synchronoise;
pub(crate) mod tokio;

/// `each!(auto: function(arguments))` calls a generic function for each contender that has such an object.
macro_rules! each {
    (auto: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::AutoResetEvent, ours::published::AutoResetEvent, futex::AutoEvent, std::Flag,
            parking_lot::Flag, crossbeam::Channel, event_listener::Flag, synchronoise::SignalEvent,
            tokio::Notify, events::AutoResetEvent
        }
    };
    (timed: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::AutoResetEvent, ours::published::AutoResetEvent, std::Flag, parking_lot::Flag
        }
    };
    (pair: $function:ident $arguments:tt) => {
        each!(auto: $function $arguments);
        each!($function $arguments: std::Channel, std::Park, crossbeam::Parking);
    };
    (mutex: $function:ident $arguments:tt) => {
        each!(auto: $function $arguments);
        each!($function $arguments: mutex::Std, mutex::ParkingLot, async_lock::Permits);
    };
    (manual: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::ManualResetEvent, ours::published::ManualResetEvent, futex::ManualEvent, std::Flag,
            parking_lot::Flag, event_listener::Flag, synchronoise::SignalEvent,
            events::ManualResetEvent
        }
    };
    (semaphore: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::Permits, ours::published::Permits, futex::Permits, std::Count<u16>,
            parking_lot::Count<u16>, crossbeam::Channel, tokio::Permits, async_lock::Permits
        }
    };
    (countdown: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::CountdownEvent, ours::published::CountdownEvent, futex::Ticks, std::Count<usize>,
            parking_lot::Count<usize>, crossbeam::Handles, synchronoise::CountdownEvent
        }
    };
    (async_auto: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::AutoResetEvent, tokio::Notify, event_listener::Flag, event_listener::OnStack,
            events::AutoResetEvent, saa::Event
        }
    };
    (async_manual: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::ManualResetEvent, tokio::Notify, event_listener::Flag, event_listener::OnStack,
            events::ManualResetEvent
        }
    };
    (async_semaphore: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::Permits, tokio::Permits, async_lock::Permits, saa::Permits
        }
    };
    (several: $function:ident $arguments:tt) => {
        each!($function $arguments: ours::AutoResetEvents, crossbeam::Channels);
    };
    (async_several: $function:ident $arguments:tt) => {
        each! {
            $function $arguments:
            ours::AutoResetEvents, select::OfOurs, select::OfNotify, select::OfListeners, select::OfEvents
        }
    };
    ($function:ident $arguments:tt: $($module:ident$(::$name:ident)+ $(<$number:ty>)?),+) => {
        $($function::<$crate::contenders::$module$(::$name)+ $(<$number>)?> $arguments;)+
    };
}
pub(crate) use each;
