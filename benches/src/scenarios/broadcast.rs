//! One set wakes many threads that wait for one event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::{Samples, Stopwatch, Taken};
use crate::objects::Manual;
use crate::waiters::Waiters;

const ABOUT: &str = "\
Many threads wait for one manual-reset event, and one set wakes them: the time from the call of set until
the last of them is awake, and until set returns.";

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("broadcast", "Broadcast", ABOUT);
    for waiters in [8, 64, 1000] {
        let title = format!("Until the last of {waiters} is awake");
        let row = bench.row(&format!("last_awake_{waiters}"), &title);
        let set_returns = &format!("set_returns_{waiters}");
        let row = &mut row.with(set_returns, &format!("Until set returns, {waiters} waiters"));
        each!(manual: measure(row, set_returns, waiters));
    }
}

fn measure<E: Manual>(row: &mut Row<'_>, row_of_set: &str, waiters: usize) {
    let mut parked = None; // started only if they are measured
    let mut set_returns = Samples::default();
    row.measure(E::CONTENDER, |times| {
        let parked = parked.get_or_insert_with(|| Parked::<E>::start(waiters));
        let (mut whole, mut sets) = (Taken::default(), Duration::ZERO);
        for _ in 0..times {
            let (set, broadcast) = parked.broadcast();
            sets += set;
            whole = whole.plus(broadcast);
        }
        set_returns.push(times, sets.as_nanos() as f64);
        whole
    });
    row.also(row_of_set, E::CONTENDER, set_returns.median());
    if let Some(parked) = parked {
        parked.end();
    }
}

/// Threads that wait for one event after the other.
struct Parked<E> {
    /// In turn, so that one can be reset while the threads wait for the other.
    events: Arc<[E; 2]>,
    is_over: Arc<AtomicBool>,
    waiters: Waiters,
    broadcasts: usize,
}

impl<E: Manual> Parked<E> {
    fn start(waiters: usize) -> Self {
        let events = Arc::new([E::new(), E::new()]);
        let is_over = Arc::new(AtomicBool::new(false));
        let (waited, ends) = (Arc::clone(&events), Arc::clone(&is_over));
        let waiters = Waiters::start(waiters, move |_, waits| {
            for event in waited.iter().cycle() {
                waits.count(|| event.wait());
                if ends.load(Ordering::Acquire) {
                    return;
                }
            }
        });
        Self { events, is_over, waiters, broadcasts: 0 }
    }

    /// What the set takes until it returns, and until the last thread is awake.
    fn broadcast(&mut self) -> (Duration, Taken) {
        let event = &self.events[self.broadcasts % 2];
        self.broadcasts += 1;
        self.waiters.all_parked(self.broadcasts);
        let (watch, start) = (Stopwatch::start(), Instant::now());
        event.set();
        let set_returned = start.elapsed();
        let taken = watch.stop_at(self.waiters.all_awake());
        event.reset();
        (set_returned, taken)
    }

    fn end(self) {
        self.is_over.store(true, Ordering::Release);
        self.events.iter().for_each(E::set);
        self.waiters.join();
    }
}
