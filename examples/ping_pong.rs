//! Two threads take turns: each waits for its own event and sets the other's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use rsevents::{AutoResetEvent, Awaitable, EventState};

const ROUNDS: usize = 10_000;

static PING: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
static PONG: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
static TURNS: AtomicUsize = AtomicUsize::new(0);

/// Takes the turns with the numbers `first`, `first + 2`, and so on.
fn take_turns(first: usize, mine: &AutoResetEvent, other: &AutoResetEvent) {
    for round in 0..ROUNDS {
        mine.wait();
        // The events order these accesses, so relaxed ones will do.
        assert_eq!(TURNS.load(Ordering::Relaxed), 2 * round + first, "out of turn");
        TURNS.store(2 * round + first + 1, Ordering::Relaxed);
        other.set();
    }
}

fn main() {
    let start = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| take_turns(1, &PONG, &PING));
        PING.set();
        take_turns(0, &PING, &PONG);
    });
    assert_eq!(TURNS.load(Ordering::Relaxed), 2 * ROUNDS);
    let per_round = start.elapsed() / u32::try_from(ROUNDS).expect("the rounds are few");
    println!("{ROUNDS} rounds in strict turns, {per_round:?} each");
}
