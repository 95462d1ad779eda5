//! parking_lot's mutex and condition variable.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

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

pub(crate) type Flag = (Mutex<bool>, Condvar);
pub(crate) type Count<N> = (Mutex<N>, Condvar);

implement! {
    Auto for Flag as event, CONDVAR.lacking(&[BARGING, COALESCES]),
    new() = Self::default(),
    set = {
        *event.0.lock() = true;
        event.1.notify_one();
    },
    wait = {
        let mut set = event.0.lock();
        event.1.wait_while(&mut set, |set| !*set);
        *set = false;
    },
    wait0 -> bool = std::mem::take(&mut *event.0.lock()),
}

implement! {
    Timed for Flag as event, CONDVAR.lacking(&[BARGING, COALESCES]),
    new() = Self::default(),
    wait_for(limit: Duration) -> bool = {
        let mut set = event.0.lock();
        event.1.wait_while_for(&mut set, |set| !*set, limit);
        std::mem::take(&mut *set)
    },
}

implement! {
    Manual for Flag as event, CONDVAR.lacking(&[MISSES_BROADCAST]),
    new() = Self::default(),
    set = {
        *event.0.lock() = true;
        event.1.notify_all();
    },
    reset = *event.0.lock() = false,
    wait = event.1.wait_while(&mut event.0.lock(), |set| !*set),
    wait0 -> bool = *event.0.lock(),
}

implement! {
    Semaphore for Count<u16> as semaphore, CONDVAR,
    new(permits: u16) = (Mutex::new(permits), Condvar::new()),
    with_permit(work: impl FnOnce()) = {
        {
            let mut permits = semaphore.0.lock();
            semaphore.1.wait_while(&mut permits, |permits| *permits == 0);
            *permits -= 1;
        }
        work();
        *semaphore.0.lock() += 1;
        semaphore.1.notify_one();
    },
}

implement! {
    Countdown for Count<usize> as countdown, CONDVAR,
    new(ticks: usize) = (Mutex::new(ticks), Condvar::new()),
    tick = {
        let mut count = countdown.0.lock();
        *count -= 1;
        if *count == 0 {
            countdown.1.notify_all();
        }
    },
    wait = countdown.1.wait_while(&mut countdown.0.lock(), |count| *count > 0),
}
