//! The operations of one thread that meets nobody, as a table: criterion measures their time, and the
//! program `instructions` runs them to be counted.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::auto::{self, Auto, Peek};
use crate::countdown::{self, Countdown};
use crate::manual::{self, Manual};
use crate::semaphore::{self, Semaphore};

/// An operation of a contender.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The row's name in `scenarios.toml`.
    pub row: &'static str,
    /// The contender's id there.
    pub contender: &'static str,
    /// Repeats it so often. Returns how long that took, without what has to be made first.
    pub repeat: fn(u64) -> Duration,
}

macro_rules! cases {
    ($($row:ident: $trait:ident for $($contender:path),+;)+) => {
        /// All of them, row by row.
        pub const CASES: &[Case] = &[$($(
            Case {
                row: stringify!($row),
                contender: <$contender as $trait>::ID,
                repeat: $row::<$contender>,
            },
        )+)+];
    };
}

cases! {
    auto_set_wait: Auto for auto::Ours, auto::Published, auto::Futex, auto::StdCondvar,
        auto::ParkingLotCondvar, auto::CrossbeamChannel, auto::EventListener, auto::Synchronoise,
        auto::TokioNotify, auto::Events;
    auto_set_wait0: Auto for auto::Ours, auto::Published, auto::Futex, auto::StdCondvar,
        auto::ParkingLotCondvar, auto::CrossbeamChannel, auto::EventListener, auto::TokioNotify,
        auto::Events;
    auto_wait0_unset: Auto for auto::Ours, auto::Published, auto::Futex, auto::StdCondvar,
        auto::ParkingLotCondvar, auto::CrossbeamChannel, auto::EventListener, auto::TokioNotify,
        auto::Events;
    auto_set_on_set: Auto for auto::Ours, auto::Published, auto::Futex, auto::StdCondvar,
        auto::ParkingLotCondvar, auto::CrossbeamChannel, auto::EventListener, auto::Synchronoise,
        auto::TokioNotify, auto::Events;
    auto_is_set: Auto for auto::Ours;
    manual_wait_set: Manual for manual::Ours, manual::Published, manual::Futex, manual::StdCondvar,
        manual::ParkingLotCondvar, manual::EventListener, manual::Events;
    manual_wait0_set: Manual for manual::Ours, manual::Published, manual::Futex, manual::StdCondvar,
        manual::ParkingLotCondvar, manual::EventListener, manual::Synchronoise, manual::Events;
    manual_wait0_unset: Manual for manual::Ours, manual::Published, manual::Futex, manual::StdCondvar,
        manual::ParkingLotCondvar, manual::EventListener, manual::Synchronoise, manual::Events;
    manual_set_reset: Manual for manual::Ours, manual::Published, manual::Futex, manual::StdCondvar,
        manual::ParkingLotCondvar, manual::EventListener, manual::Synchronoise, manual::Events;
    manual_set_on_set: Manual for manual::Ours, manual::Published, manual::Futex, manual::StdCondvar,
        manual::ParkingLotCondvar, manual::EventListener, manual::Synchronoise, manual::Events;
    semaphore_wait_drop: Semaphore for semaphore::Ours, semaphore::Published, semaphore::Futex,
        semaphore::StdCondvar, semaphore::ParkingLotCondvar, semaphore::CrossbeamChannel,
        semaphore::Tokio, semaphore::AsyncLock;
    countdown_tick: Countdown for countdown::Ours, countdown::Published, countdown::Futex,
        countdown::StdCondvar, countdown::ParkingLotCondvar, countdown::Synchronoise,
        countdown::CrossbeamWaitGroup;
}

fn repeated(times: u64, mut operation: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        operation();
    }
    start.elapsed()
}

// Below, each object goes through `black_box` once, so that it counts as known elsewhere and stays in
// memory; to do that every time would take as long as the shortest operations. What an operation
// returns does go through it every time.

fn auto_set_wait<E: Auto>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    repeated(times, || {
        event.set();
        event.wait();
    })
}

fn auto_set_wait0<E: Auto>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    repeated(times, || {
        event.set();
        black_box(event.wait0());
    })
}

fn auto_wait0_unset<E: Auto>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    repeated(times, || {
        black_box(event.wait0());
    })
}

fn auto_set_on_set<E: Auto>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    event.set();
    repeated(times, || event.set())
}

fn auto_is_set<E: Peek>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    repeated(times, || {
        black_box(event.is_set());
    })
}

fn manual_wait_set<E: Manual>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    event.set();
    repeated(times, || event.wait())
}

fn manual_wait0_set<E: Manual>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    event.set();
    repeated(times, || {
        black_box(event.wait0());
    })
}

fn manual_wait0_unset<E: Manual>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    repeated(times, || {
        black_box(event.wait0());
    })
}

fn manual_set_reset<E: Manual>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    repeated(times, || {
        event.set();
        event.reset();
    })
}

fn manual_set_on_set<E: Manual>(times: u64) -> Duration {
    let event = &E::new();
    black_box(event);
    event.set();
    repeated(times, || event.set())
}

fn semaphore_wait_drop<S: Semaphore>(times: u64) -> Duration {
    let semaphore = &S::new(1);
    black_box(semaphore);
    repeated(times, || semaphore.with_permit(|| ()))
}

fn countdown_tick<C: Countdown>(times: u64) -> Duration {
    let times = usize::try_from(times).unwrap();
    let countdown = &C::new(times + 1);
    black_box(countdown);
    let start = Instant::now();
    countdown.tick_times(times);
    start.elapsed()
}
