//! The contenders, a file each: what it is, what it lacks, and its objects. To add one, add a file, and list
//! its objects here by what they can stand in for.

pub(crate) mod async_lock;
pub(crate) mod crossbeam;
pub(crate) mod event_listener;
pub(crate) mod events;
pub(crate) mod futex;
pub(crate) mod ours;
pub(crate) mod parking_lot;
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
    ($function:ident $arguments:tt: $($module:ident$(::$name:ident)+ $(<$number:ty>)?),+) => {
        $($function::<$crate::contenders::$module$(::$name)+ $(<$number>)?> $arguments;)+
    };
}
pub(crate) use each;

/// Implements the trait of an object by an expression for each method.
macro_rules! implement {
    ($trait:ident for $type:ty as $object:ident, $contender:expr,
     new($($size:ident: $number:ty)?) = $new:expr,
     $($method:ident $(($argument:ident: $kind:ty))? $(-> $out:ty)? = $body:expr),+ $(,)?) => {
        impl $trait for $type {
            const CONTENDER: $crate::contenders::Contender = $contender;

            fn new($($size: $number)?) -> Self {
                $new
            }

            $(fn $method(&self $(, $argument: $kind)?) $(-> $out)? {
                let $object = self;
                $body
            })+
        }
    };
}
use implement;

/// One way to do what is measured.
#[derive(Clone, Copy)]
pub(crate) struct Contender {
    /// The last part of each benchmark's id.
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    /// The dependency in `Cargo.toml` that it comes from. The standard library is none.
    pub(crate) dependency: Option<&'static str>,
    /// What it lacks.
    pub(crate) notes: &'static [&'static str],
    /// Where it does not take part: beginnings of `scenario/row`.
    absent: &'static [&'static str],
}

const ONE_WAITER: &str = "one thread may wait";
const BARGING: &str = "a thread that arrives later may take a set from a parked waiter";
const COALESCES: &str = "two sets in a row release one of two parked waiters";
const MISSES_BROADCAST: &str =
    "a reset right after a set leaves waiters parked that have not run yet";

impl Contender {
    const fn new(id: &'static str, label: &'static str) -> Self {
        Self { id, label, dependency: None, notes: &[], absent: &[] }
    }

    const fn from(self, dependency: &'static str) -> Self {
        Self { dependency: Some(dependency), ..self }
    }

    const fn lacking(self, notes: &'static [&'static str]) -> Self {
        Self { notes, ..self }
    }

    const fn absent_from(self, absent: &'static [&'static str]) -> Self {
        Self { absent, ..self }
    }

    /// Whether it takes part in the row with this id.
    pub(crate) fn takes_part_in(&self, row: &str) -> bool {
        !self.absent.iter().any(|absent| row.starts_with(absent))
    }
}
