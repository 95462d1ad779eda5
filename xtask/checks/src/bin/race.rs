//! What a race detector has to report and what it must not, to see whether it works: `race unordered`,
//! `race relaxed` and `race ordered`. Nothing of this project is in it.

use std::cell::UnsafeCell;
use std::env;
use std::hint;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Enough for a detector that remembers only the last few accesses.
const ROUNDS: usize = 1_000;

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

/// Two threads count in the same memory, and nothing says whose turn it is: a data race.
fn unordered() -> usize {
    let (memory, arrived) = (Plain::default(), AtomicUsize::new(0));
    let count = || {
        meet(&arrived, 2);
        for _ in 0..ROUNDS {
            memory.add_one();
        }
        // Neither is over before the other is done: what a finished thread did may be forgotten.
        meet(&arrived, 4);
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

/// Waits until `threads` have come, without making an order among what they did before.
fn meet(arrived: &AtomicUsize, threads: usize) {
    arrived.fetch_add(1, Ordering::Relaxed);
    wait_until(|| arrived.load(Ordering::Relaxed) >= threads);
}

fn wait_until(condition: impl Fn() -> bool) {
    while !condition() {
        hint::spin_loop();
        thread::yield_now();
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
