//! Objects that their waiter frees.

use std::mem::{self, MaybeUninit};
use std::ptr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use super::{Event, rounds, scope, spin, unset, wait_until};

/// What the next owner of the memory writes into it. All bits are set, so that a late clearing of any
/// shows.
const REUSED: u8 = 0xFF;

/// Contract 227, with waits that may or may not be parked when the object is set.
pub(crate) fn freed_after_any_wait<E: Event>() {
    freed_by_its_waiter(1, unset::<E>, E::set, |event| event.wait());
    freed_by_its_waiter(1, unset::<E>, E::set, |event| {
        if !event.wait_for(random_limit()) {
            wait_until(|| event.wait0());
        }
    });
}

/// The limit of a wait that may be over at any moment of a round.
pub(crate) fn random_limit() -> Duration {
    Duration::from_micros(fastrand::u64(1..500))
}

/// In each round `setters` threads call `set` through a raw pointer, while this thread calls `wait` and,
/// as soon as that returns, frees the object. Under Miri an access after that is an error, and so is a
/// reference that is only passed on.
///
/// In every other round the memory is kept until the setters have returned, with other contents. So the test
/// fails natively too if a setter changes it late.
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
            spin(fastrand::usize(..200));
            // SAFETY: the waiter frees the object once its wait has returned, which takes this set.
            // That the set no longer uses the object then is what is tested. If the waiter panics, the
            // object is leaked.
            set(unsafe { &*object.load(Ordering::Relaxed) });
            ended.wait();
        }
    };
    let mut changed = 0;
    scope(|scope| {
        scope.spawn_each(setters, set_each);
        for round in 0..rounds {
            let place = Box::into_raw(Box::new(new()));
            object.store(place, Ordering::Relaxed);
            begun.wait();
            // SAFETY: it is freed only below.
            wait(unsafe { &*place });
            // SAFETY: the wait has returned, so the memory is this thread's alone. It holds any bytes.
            let mut memory = unsafe { Box::from_raw(place.cast::<MaybeUninit<T>>()) };
            if round % 2 == 0 {
                drop(memory);
                ended.wait();
                continue;
            }
            // SAFETY: these are the bytes of the memory.
            unsafe { memory.as_mut_ptr().cast::<u8>().write_bytes(REUSED, size_of::<T>()) };
            ended.wait();
            let bytes = ptr::slice_from_raw_parts(memory.as_ptr().cast::<u8>(), size_of::<T>());
            // SAFETY: all bytes were written above.
            changed += usize::from(unsafe { &*bytes }.iter().any(|byte| *byte != REUSED));
        }
    });
    assert_eq!(changed, 0, "rounds of {rounds} in which a set changed memory that was free");
}

/// Contract 108: in each round the waiter frees the object and makes another one, often at the same address. The set,
/// which may still be running, must not release waits for that one. Miri can be told to use addresses again.
pub(crate) fn address_used_again<T: Sync>(
    new: impl Fn() -> T,
    set: impl Fn(&T) + Sync,
    wait_for: impl Fn(&T, Duration) -> bool,
) {
    for _ in 0..rounds(300) {
        let place = Box::into_raw(Box::new(new()));
        let object = AtomicPtr::new(place);
        scope(|scope| {
            // SAFETY: the waiter frees the object once its wait has returned, which takes this set.
            scope.spawn(|| set(unsafe { &*object.load(Ordering::Relaxed) }));
            // SAFETY: it is freed only below.
            wait_until(|| wait_for(unsafe { &*place }, random_limit()));
            // SAFETY: it came from a box, and the wait for the only set has returned.
            drop(unsafe { Box::from_raw(place) });
            let next = Box::new(new());
            assert!(!wait_for(&next, random_limit()), "released by the set of the object before");
        });
    }
}
