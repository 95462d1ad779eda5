//! Random delays around a step.

use core::cell::Cell;
use core::hint;
use std::hash::{BuildHasher, RandomState};
use std::thread;
use std::time::Duration;

thread_local! {
    /// The state of this thread's generator, which is never zero.
    static RANDOM: Cell<u64> = Cell::new(RandomState::new().hash_one(()) | 1);
}

/// Does `step` after a delay, and returns after another one.
pub(super) fn around<T>(step: impl FnOnce() -> T) -> T {
    delay();
    let result = step();
    delay();
    result
}

/// Mostly none, so that other threads make progress while one is delayed.
fn delay() {
    let random = random();
    let size = random >> 32;
    match random & 0xff {
        // Others run meanwhile, and park.
        0 => thread::sleep(Duration::from_micros(10 + size % 90)),
        // Others on this core run.
        1..6 => thread::yield_now(),
        // Others on another core get a few steps further: some 10 to 1000 ns.
        6..38 => (0..size % 32).for_each(|_| hint::spin_loop()),
        _ => {}
    }
}

/// Marsaglia's xorshift.
fn random() -> u64 {
    let mut state = RANDOM.get();
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    RANDOM.set(state);
    state
}
