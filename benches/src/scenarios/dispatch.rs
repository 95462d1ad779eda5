//! One producer hands items to several workers: the README's worker pool as a load.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::objects::Auto;
use crate::placement::Placement;
use crate::workers::Workers;

const ABOUT: &str = "\
One producer hands items to several workers, one at a time through one auto-reset event, and waits for a
second event until the item is taken: the worker pool of the README as a load. The time of one item.";

/// No item: the workers return.
const CLOSED: u64 = u64::MAX;

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("dispatch", "Dispatch to workers", ABOUT);
    for workers in [2, 8, 32] {
        let row =
            &mut bench.row(&format!("workers_{workers}"), &format!("Item, {workers} workers"));
        let workers = &Workers::new(1 + workers, Placement::Free);
        each!(auto: measure(row, workers));
    }
}

fn measure<E: Auto>(row: &mut Row<'_>, workers: &Workers) {
    row.measure(E::CONTENDER, |items| {
        let slot = Arc::new(Slot {
            ready: E::new(),
            taken: E::new(),
            item: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        });
        let shared = Arc::clone(&slot);
        let taken = workers
            .run_all(move |nth| if nth == 0 { shared.produce(items) } else { shared.consume() });
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
    fn produce(&self, items: u64) {
        for item in 0..items {
            self.item.store(item, Ordering::Relaxed);
            self.ready.set();
            self.taken.wait();
        }
        self.item.store(CLOSED, Ordering::Relaxed);
        self.ready.set();
    }

    fn consume(&self) {
        loop {
            self.ready.wait();
            match self.item.load(Ordering::Relaxed) {
                CLOSED => return self.ready.set(), // for the next worker
                item => self.sum.fetch_add(item, Ordering::Relaxed),
            };
            self.taken.set();
        }
    }
}
