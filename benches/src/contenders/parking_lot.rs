//! parking_lot's mutex and condition variable.

use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::condvar;
use crate::contender::{BARGING, COALESCES, Contender, MISSES_BROADCAST, implement};
use crate::objects::{Auto, Countdown, Manual, Semaphore, Timed};

const CONDVAR: Contender = Contender::new("parking_lot-condvar", "parking_lot Mutex + Condvar")
    .from("parking_lot")
    .absent_from(&[
        "timeouts/idle",
        "scale/size_manual",
        "scale/size_semaphore",
        "scale/size_countdown",
    ]);

pub(crate) type Count<N> = (Mutex<N>, Condvar);

fn lock<T>(object: &Count<T>) -> MutexGuard<'_, T> {
    object.0.lock()
}

fn wait_while<T>(object: &Count<T>, condition: impl Fn(&mut T) -> bool) -> MutexGuard<'_, T> {
    let mut value = lock(object);
    object.1.wait_while(&mut value, condition);
    value
}

fn wait_until_set(event: &Flag, limit: Duration) -> MutexGuard<'_, bool> {
    let mut set = lock(event);
    event.1.wait_while_for(&mut set, |set| !*set, limit);
    set
}

condvar::implement_all!(CONDVAR);
