//! One producer hands items to several workers: the README's worker pool as a load.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::objects::Auto;
use crate::placement::Placement;
use crate::workers::Workers;

const ABOUT: &str = "\
One producer hands items to several workers, one at a time through one auto-reset event, and waits for a
second event until the item is taken: the worker pool of the README as a load. The time of one item. In
two rows a worker spends 10 µs on an item after it has taken it, in one of them the producer also 30 µs before
each item: both spin on the clock.";

/// Name, title, number of workers, what a worker spends on an item and the producer before one, in µs.
const ROWS: [(&str, &str, usize, u64, u64); 5] = [
    ("workers_2", "Item, 2 workers", 2, 0, 0),
    ("workers_8", "Item, 8 workers", 8, 0, 0),
    ("workers_32", "Item, 32 workers", 32, 0, 0),
    ("work_10us", "Item with 10 µs of work, 8 workers", 8, 10, 0),
    ("work_10us_pause_30us", "Item with 10 µs of work after 30 µs, 8 workers", 8, 10, 30),
];

/// No item: the workers return.
const CLOSED: u64 = u64::MAX;

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("dispatch", "Dispatch to workers", ABOUT);
    for (name, title, workers, work, pause) in ROWS {
        let row = &mut bench.row(name, title);
        let workers = &Workers::new(1 + workers, Placement::Free);
        let [work, pause] = [work, pause].map(Duration::from_micros);
        each!(auto: measure(row, workers, work, pause));
    }
}

fn measure<E: Auto>(row: &mut Row<'_>, workers: &Workers, work: Duration, pause: Duration) {
    row.measure(E::CONTENDER, |items| {
        let slot = Arc::new(Slot {
            ready: E::new(),
            taken: E::new(),
            item: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        });
        let shared = Arc::clone(&slot);
        let taken = workers.run_all(move |nth| match nth {
            0 => shared.produce(items, pause),
            _ => shared.consume(work),
        });
        let expected = items * items.saturating_sub(1) / 2;
        assert_eq!(slot.sum.load(Ordering::Relaxed), expected, "an item was lost or taken twice");
        taken
    });
}

/// Room for one item.
struct Slot<E> {
    ready: E,
    taken: E,
    item: AtomicU64,
    /// Of all items that were taken.
    sum: AtomicU64,
}

impl<E: Auto> Slot<E> {
    fn produce(&self, items: u64, pause: Duration) {
        for item in 0..items {
            spin(pause);
            self.item.store(item, Ordering::Relaxed);
            self.ready.set();
            self.taken.wait();
        }
        self.item.store(CLOSED, Ordering::Relaxed);
        self.ready.set();
    }

    fn consume(&self, work: Duration) {
        loop {
            self.ready.wait();
            match self.item.load(Ordering::Relaxed) {
                CLOSED => return self.ready.set(), // for the next worker
                item => self.sum.fetch_add(item, Ordering::Relaxed),
            };
            self.taken.set();
            spin(work);
        }
    }
}

/// Spins on the clock, which is not read where there is nothing to spend.
fn spin(time: Duration) {
    if time.is_zero() {
        return;
    }
    let start = Instant::now();
    while start.elapsed() < time {}
}
