//! What a race detector has to report and what it must not, to see whether it works: `race unordered`,
//! `race relaxed` and `race ordered`. Nothing of this project is in it.

use std::cell::UnsafeCell;
use std::env;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// One report in all rounds is enough.
const ROUNDS: usize = 200;

/// How long to sleep between two polls. A thread that polled all the time would fill the detector's memory
/// of what the thread did before.
const POLL: Duration = Duration::from_micros(100);

fn main() -> ExitCode {
    let result = match env::args().nth(1).as_deref() {
        Some("unordered") => unordered(),
        Some("relaxed") => pass_to_and_fro(Ordering::Relaxed, Ordering::Relaxed),
        Some("ordered") => pass_to_and_fro(Ordering::Release, Ordering::Acquire),
        _ => {
            eprintln!("usage: race unordered|relaxed|ordered");
            return ExitCode::FAILURE;
        }
    };
    println!("{result}");
    ExitCode::SUCCESS
}

/// Two threads count in the same memory at the same time: a data race.
fn unordered() -> usize {
    let (memory, arrived) = (Plain::default(), AtomicUsize::new(0));
    let count = || {
        for round in 1..=ROUNDS {
            // Relaxed: both are here, but what they did before is in no order.
            arrived.fetch_add(1, Ordering::Relaxed);
            wait_until(|| arrived.load(Ordering::Relaxed) >= 2 * round);
            memory.add_one();
        }
    };
    thread::scope(|scope| {
        scope.spawn(count);
        count();
    });
    memory.get()
}

/// Two threads count in the same memory, in turn: right if whose turn it is makes an order, that is with
/// a release and an acquire, and a data race if it does not.
fn pass_to_and_fro(store: Ordering, load: Ordering) -> usize {
    let (memory, turn) = (Plain::default(), AtomicUsize::new(0));
    let count = |parity: usize| {
        for own in (parity..2 * ROUNDS).step_by(2) {
            wait_until(|| turn.load(load) == own);
            memory.add_one();
            turn.store(own + 1, store);
        }
    };
    thread::scope(|scope| {
        scope.spawn(move || count(1));
        count(0);
    });
    memory.get()
}

fn wait_until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::sleep(POLL);
    }
}

/// Memory with no protection at all.
#[derive(Default)]
struct Plain(UnsafeCell<usize>);

// SAFETY: none. Two of the three programs break this on purpose, and a detector has to say so.
unsafe impl Sync for Plain {}

impl Plain {
    fn add_one(&self) {
        // SAFETY: see above.
        unsafe { *self.0.get() += 1 }
    }

    fn get(&self) -> usize {
        // SAFETY: every other thread has been joined.
        unsafe { *self.0.get() }
    }
}
