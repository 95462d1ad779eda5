//! The objects that a mutex and a condition variable make: the standard library's and parking_lot's are used in
//! the same way.

/// Implements them for `Count`, a `Mutex` and a `Condvar`, by these functions on it: `lock`, `wait_while` a
/// condition holds, and `wait_until_set`, which has a limit.
macro_rules! implement_all {
    ($contender:expr) => {
        pub(crate) type Flag = Count<bool>;

        implement! {
            Auto for Flag as event, $contender.lacking(&[BARGING, COALESCES]),
            new() = Self::default(),
            set = {
                *lock(event) = true;
                event.1.notify_one();
            },
            wait = *wait_while(event, |set| !*set) = false,
            wait0 -> bool = ::std::mem::take(&mut *lock(event)),
        }

        implement! {
            Timed for Flag as event, $contender.lacking(&[BARGING, COALESCES]),
            new() = Self::default(),
            wait_for(limit: Duration) -> bool = ::std::mem::take(&mut *wait_until_set(event, limit)),
        }

        implement! {
            Manual for Flag as event, $contender.lacking(&[MISSES_BROADCAST]),
            new() = Self::default(),
            set = {
                *lock(event) = true;
                event.1.notify_all();
            },
            reset = *lock(event) = false,
            wait = drop(wait_while(event, |set| !*set)),
            wait0 -> bool = *lock(event),
        }

        implement! {
            Semaphore for Count<u16> as semaphore, $contender,
            new(permits: u16) = (Mutex::new(permits), Condvar::new()),
            with_permit(work: impl FnOnce()) = {
                *wait_while(semaphore, |permits| *permits == 0) -= 1;
                work();
                *lock(semaphore) += 1;
                semaphore.1.notify_one();
            },
        }

        implement! {
            Countdown for Count<usize> as countdown, $contender,
            new(ticks: usize) = (Mutex::new(ticks), Condvar::new()),
            tick = {
                let mut count = lock(countdown);
                *count -= 1;
                if *count == 0 {
                    countdown.1.notify_all();
                }
            },
            wait = drop(wait_while(countdown, |count| *count > 0)),
        }
    };
}
pub(crate) use implement_all;
