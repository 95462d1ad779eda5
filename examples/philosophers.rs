//! The dining philosophers: five at a round table, with a fork between each two of them. To eat, a philosopher
//! needs both forks beside the plate. If each took one fork and then waited for the other one, all could wait for
//! ever. `wait_all` takes both at one instant, and holds none while it waits. `philosophers 60` dines for 60
//! seconds.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use rsevents::{AutoResetEvent, EventState, Signal, wait_all};

const SEATS: usize = 5;
/// All go on until each has eaten so often, and until the end.
const ENOUGH: u32 = 300;

/// A fork that is set lies on the table. One wait takes it.
static FORKS: [AutoResetEvent; SEATS] = [const { AutoResetEvent::new(EventState::Set) }; SEATS];
/// How many philosophers have a fork in hand: at most one.
static HANDS: [AtomicU32; SEATS] = [const { AtomicU32::new(0) }; SEATS];
static MEALS: [AtomicU32; SEATS] = [const { AtomicU32::new(0) }; SEATS];

/// Returns the longest time without a meal.
fn dine(seat: usize, end: Instant) -> Duration {
    let forks = [seat, (seat + 1) % SEATS];
    let both = forks.map(|fork| &FORKS[fork] as &dyn Signal);
    let mut longest = Duration::ZERO;
    while Instant::now() < end || MEALS.iter().any(|meals| meals.load(Ordering::Relaxed) < ENOUGH) {
        let hungry = Instant::now();
        wait_all(&both);
        longest = longest.max(hungry.elapsed());
        eat(forks);
        MEALS[seat].fetch_add(1, Ordering::Relaxed);
        for fork in forks {
            FORKS[fork].set();
        }
        thread::sleep(Duration::from_micros(100)); // thinks
    }
    longest
}

fn eat(forks: [usize; 2]) {
    // The events order these accesses, so relaxed ones will do.
    let before = forks.map(|fork| HANDS[fork].fetch_add(1, Ordering::Relaxed));
    assert_eq!(before, [0, 0], "a fork in two hands");
    thread::sleep(Duration::from_micros(100));
    let before = forks.map(|fork| HANDS[fork].fetch_sub(1, Ordering::Relaxed));
    assert_eq!(before, [1, 1], "a fork in two hands");
}

fn main() {
    let Ok(seconds) = env::args().nth(1).map_or(Ok(0), |seconds| seconds.parse()) else {
        eprintln!("usage: philosophers [SECONDS]");
        process::exit(2);
    };
    let end = Instant::now() + Duration::from_secs(seconds);
    let philosophers: [_; SEATS] =
        std::array::from_fn(|seat| thread::spawn(move || dine(seat, end)));
    for (seat, philosopher) in philosophers.into_iter().enumerate() {
        let longest = philosopher.join().unwrap();
        let meals = MEALS[seat].load(Ordering::Relaxed);
        println!("philosopher {seat}: {meals} meals, hungry for {longest:?} at most");
        assert!(meals >= ENOUGH);
    }
    assert!(FORKS.iter().all(AutoResetEvent::is_set), "all forks are on the table again");
}
