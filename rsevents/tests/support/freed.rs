//! Objects that their waiter frees.

use std::mem::{self, MaybeUninit};
use std::ptr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use super::{dawdle, rounds, scope};

/// What the next owner of the memory writes into it. All bits are set, so that a late clearing of any
/// shows.
const REUSED: u8 = 0xFF;

/// The limit of a wait that may be over at any moment of a round.
pub(crate) fn random_limit() -> Duration {
    Duration::from_micros(fastrand::u64(1..500))
}

/// In each round makes an object on the waiter's stack, lets `setters` threads call `set` through a raw
/// pointer, and calls `wait`. As soon as that returns, writes over the memory, as its next owner would.
/// Fails if a setter has changed the memory after that. Miri reports every access, as a data race.
pub(crate) fn freed_by_its_waiter<T>(
    setters: usize,
    new: impl Fn() -> T,
    set: impl Fn(&T) + Sync,
    wait: impl Fn(&T),
) where
    T: Send + Sync,
{
    const { assert!(!mem::needs_drop::<T>()) };
    let rounds = rounds(500);
    let object = AtomicPtr::new(ptr::null_mut());
    let (begun, ended) = (Barrier::new(setters + 1), Barrier::new(setters + 1));
    let set_each = || {
        for _ in 0..rounds {
            begun.wait();
            dawdle(fastrand::usize(..200));
            // SAFETY: the waiter frees the object once its wait has returned, which takes this set.
            // That the set no longer accesses the object then is what is tested.
            set(unsafe { &*object.load(Ordering::Relaxed) });
            ended.wait();
        }
    };
    let mut changed = 0;
    scope(|scope| {
        for _ in 0..setters {
            scope.spawn(set_each);
        }
        for _ in 0..rounds {
            let mut memory = MaybeUninit::new(new());
            let place = memory.as_mut_ptr();
            object.store(place, Ordering::Relaxed);
            begun.wait();
            // SAFETY: it is initialized, and freed only below.
            wait(unsafe { &*place });
            // SAFETY: the wait has returned, so the memory is this thread's alone.
            unsafe { place.cast::<u8>().write_bytes(REUSED, size_of::<T>()) };
            ended.wait();
            let bytes = ptr::slice_from_raw_parts(place.cast::<u8>(), size_of::<T>());
            // SAFETY: all bytes were written above.
            changed += usize::from(unsafe { &*bytes }.iter().any(|byte| *byte != REUSED));
        }
    });
    assert_eq!(changed, 0, "rounds of {rounds} in which a set changed memory that was free");
}
