//! What the standard library offers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use super::condvar;
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

pub(crate) type Count<N> = (Mutex<N>, Condvar);

fn lock<T>(object: &Count<T>) -> MutexGuard<'_, T> {
    object.0.lock().unwrap()
}

fn wait_while<T>(object: &Count<T>, condition: impl Fn(&mut T) -> bool) -> MutexGuard<'_, T> {
    object.1.wait_while(lock(object), condition).unwrap()
}

fn wait_until_set(event: &Flag, limit: Duration) -> MutexGuard<'_, bool> {
    event.1.wait_timeout_while(lock(event), limit, |set| !*set).unwrap().0
}

condvar::implement_all!(CONDVAR);

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
