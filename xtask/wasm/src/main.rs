//! Untimed waits on WebAssembly with threads, where the standard library has no clock: two threads release each
//! other in turn, with every type. `run.mjs` starts the threads and calls what is exported here.

use std::ffi::{CString, c_char};
use std::panic;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::time::Duration;

use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent, TimeoutError};
use rsevents_extra::{CountdownEvent, Semaphore};

/// Waits of each thread, a quarter of them on each type.
const ROUNDS: u32 = 20_000;

/// What one thread waits on and the other one releases.
struct Side {
    auto: AutoResetEvent,
    manual: ManualResetEvent,
    countdown: CountdownEvent,
    semaphore: Semaphore,
    /// The last round in which this side was released. The releases publish it.
    round: AtomicU32,
}

static SIDES: [Side; 2] = [const { Side::new() }; 2];

impl Side {
    const fn new() -> Self {
        Self {
            auto: AutoResetEvent::new(EventState::Unset),
            manual: ManualResetEvent::new(EventState::Unset),
            countdown: CountdownEvent::new(1),
            semaphore: Semaphore::new(0, 1),
            round: AtomicU32::new(0),
        }
    }

    fn release(&self, round: u32) {
        self.round.store(round, Ordering::Relaxed);
        match round % 4 {
            0 => self.auto.set(),
            1 => self.manual.set(),
            2 => self.countdown.tick(),
            _ => self.semaphore.release(1),
        }
    }

    fn wait(&self, round: u32) {
        match round % 4 {
            0 => wait_on(&self.auto, round),
            1 => {
                wait_on(&self.manual, round);
                self.manual.reset();
            }
            2 => {
                wait_on(&self.countdown, round);
                self.countdown.reset(1);
            }
            _ => wait_on(&self.semaphore, round).forget(),
        }
        assert_eq!(self.round.load(Ordering::Relaxed), round);
    }
}

/// Waits without a limit, or with the longest one, which is none and needs no clock either.
fn wait_on<'a, A>(object: &'a A, round: u32) -> A::T
where
    A: Awaitable<'a, Error = TimeoutError>,
{
    if round % 8 < 4 { object.wait() } else { object.try_wait_for(Duration::MAX).unwrap() }
}

/// A limit of zero needs no clock.
fn poll() {
    let Side { auto, manual, countdown, semaphore, .. } = &Side::new();
    assert!(!auto.wait0() && !auto.wait_for(Duration::ZERO));
    assert!(!manual.wait0() && !manual.wait_for(Duration::ZERO));
    assert!(!countdown.wait0() && !countdown.wait_for(Duration::ZERO));
    assert!(semaphore.try_wait0().is_err() && semaphore.try_wait_for(Duration::ZERO).is_err());
}

/// What a thread does, once for each of the two. Returns how often it waited.
#[unsafe(no_mangle)]
extern "C" fn run(thread: usize) -> u32 {
    panic::set_hook(Box::new(|info| {
        let message = CString::new(info.to_string()).unwrap_or_default();
        PANIC.store(message.into_raw(), Ordering::Release);
    }));

    poll();
    let (mine, other) = (&SIDES[thread], &SIDES[1 - thread]);
    for round in 1..=ROUNDS {
        if thread == 0 {
            other.release(round);
        }
        mine.wait(round);
        if thread == 1 {
            other.release(round);
        }
    }
    ROUNDS
}

/// The message of the last panic.
static PANIC: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());

/// For the host, as a panic can print nothing here.
#[unsafe(no_mangle)]
extern "C" fn panic_message() -> *const c_char {
    PANIC.load(Ordering::Acquire)
}

fn main() {}
