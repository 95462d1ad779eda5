//! What the standard library offers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::contender::{BARGING, COALESCES, Contender, MISSES_BROADCAST, ONE_WAITER, implement};
use crate::objects::{Auto, Countdown, Manual, Pair, Semaphore, Timed};

const CONDVAR: Contender = Contender::new("std-condvar", "std Mutex + Condvar")
    .absent_from(&["scale/ten_thousand", "scale/size_manual"]);
const CHANNEL: Contender = Contender::new("std-sync_channel", "std sync_channel(1)")
    .lacking(&[ONE_WAITER])
    .absent_from(&["ring"]);
const PARK: Contender = Contender::new("std-park", "std thread::park").lacking(&[ONE_WAITER]);
/// What a second without a processor costs in any case.
pub(crate) const SLEEP: Contender =
    Contender::new("std-sleep", "std thread::sleep").lacking(&["only sleeps"]);

pub(crate) type Flag = (Mutex<bool>, Condvar);
pub(crate) type Count<N> = (Mutex<N>, Condvar);

implement! {
    Auto for Flag as event, CONDVAR.lacking(&[BARGING, COALESCES]),
    new() = Self::default(),
    set = {
        *event.0.lock().unwrap() = true;
        event.1.notify_one();
    },
    wait = *event.1.wait_while(event.0.lock().unwrap(), |set| !*set).unwrap() = false,
    wait0 -> bool = std::mem::take(&mut *event.0.lock().unwrap()),
}

implement! {
    Timed for Flag as event, CONDVAR.lacking(&[BARGING, COALESCES]),
    new() = Self::default(),
    wait_for(limit: Duration) -> bool = {
        let flag = event.0.lock().unwrap();
        let (mut flag, _) = event.1.wait_timeout_while(flag, limit, |set| !*set).unwrap();
        std::mem::take(&mut *flag)
    },
}

implement! {
    Manual for Flag as event, CONDVAR.lacking(&[MISSES_BROADCAST]),
    new() = Self::default(),
    set = {
        *event.0.lock().unwrap() = true;
        event.1.notify_all();
    },
    reset = *event.0.lock().unwrap() = false,
    wait = drop(event.1.wait_while(event.0.lock().unwrap(), |set| !*set).unwrap()),
    wait0 -> bool = *event.0.lock().unwrap(),
}

implement! {
    Semaphore for Count<u16> as semaphore, CONDVAR,
    new(permits: u16) = (Mutex::new(permits), Condvar::new()),
    with_permit(work: impl FnOnce()) = {
        *semaphore.1.wait_while(semaphore.0.lock().unwrap(), |permits| *permits == 0).unwrap() -= 1;
        work();
        *semaphore.0.lock().unwrap() += 1;
        semaphore.1.notify_one();
    },
}

implement! {
    Countdown for Count<usize> as countdown, CONDVAR,
    new(ticks: usize) = (Mutex::new(ticks), Condvar::new()),
    tick = {
        let mut count = countdown.0.lock().unwrap();
        *count -= 1;
        if *count == 0 {
            countdown.1.notify_all();
        }
    },
    wait = drop(countdown.1.wait_while(countdown.0.lock().unwrap(), |count| *count > 0).unwrap()),
}

/// A channel with room for one message.
pub(crate) struct Channel;

impl Pair for Channel {
    const CONTENDER: Contender = CHANNEL;
    type Setter = SyncSender<()>;
    type Waiter = Receiver<()>;

    fn pair() -> (Self::Setter, Self::Waiter) {
        sync_channel(1)
    }

    fn set(setter: &Self::Setter) {
        let _full_is_set_already = setter.try_send(());
    }

    fn wait(waiter: &Self::Waiter) {
        waiter.recv().unwrap();
    }
}

/// A parked thread, and a flag that tells a set from a spurious wake-up.
#[derive(Default)]
pub(crate) struct Park {
    set: AtomicBool,
    waiter: OnceLock<Thread>,
}

implement! {
    Auto for Park as event, PARK,
    new() = Self::default(),
    set = {
        // If this does not see the waiter below, then the waiter sees the flag.
        event.set.swap(true, Ordering::AcqRel);
        if let Some(waiter) = event.waiter.get() {
            waiter.unpark();
        }
    },
    wait = {
        event.waiter.get_or_init(thread::current);
        while !event.wait0() {
            thread::park();
        }
    },
    wait0 -> bool = event.set.swap(false, Ordering::AcqRel),
}
