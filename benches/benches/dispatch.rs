//! One producer hands items to several workers, one at a time, and waits until each is taken: the
//! README's worker pool as a load.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use benches::auto::{self, Auto};
use benches::measure::{Row, Taken};
use benches::placement::Placement;
use benches::team::{Team, Work};
use criterion::{Criterion, criterion_group, criterion_main};

/// No item, the workers may go home.
const CLOSED: u64 = u64::MAX;

fn workers_2(criterion: &mut Criterion) {
    row(criterion, "workers_2", 2);
}

fn workers_8(criterion: &mut Criterion) {
    row(criterion, "workers_8", 8);
}

fn row(criterion: &mut Criterion, name: &str, workers: usize) {
    let team = Team::new(1 + workers, Placement::Free);
    let mut row = Row::new(criterion, "dispatch", name);
    measure::<auto::Ours>(&mut row, &team, workers);
    measure::<auto::Futex>(&mut row, &team, workers);
    measure::<auto::Published>(&mut row, &team, workers);
    measure::<auto::StdCondvar>(&mut row, &team, workers);
    measure::<auto::ParkingLotCondvar>(&mut row, &team, workers);
    measure::<auto::CrossbeamChannel>(&mut row, &team, workers);
    measure::<auto::EventListener>(&mut row, &team, workers);
    measure::<auto::TokioNotify>(&mut row, &team, workers);
    measure::<auto::Events>(&mut row, &team, workers);
}

fn measure<E: Auto>(row: &mut Row<'_>, team: &Team, workers: usize) {
    row.contender(E::ID, |items| run::<E>(team, workers, items));
}

fn run<E: Auto>(team: &Team, workers: usize, items: u64) -> Taken {
    let office = Arc::new(Office::<E>::new());
    let produced = Arc::clone(&office);
    let produce: Work = Box::new(move || produced.produce(items));
    let consume = (0..workers).map(|_| {
        let office = Arc::clone(&office);
        Box::new(move || office.consume()) as Work
    });
    let taken = team.run([produce].into_iter().chain(consume));
    let expected = items * items.saturating_sub(1) / 2;
    assert_eq!(office.sum.load(Ordering::Relaxed), expected, "an item was lost or taken twice");
    taken
}

struct Office<E> {
    ready: E,
    taken: E,
    desk: AtomicU64,
    sum: AtomicU64,
}

impl<E: Auto> Office<E> {
    fn new() -> Self {
        Self { ready: E::new(), taken: E::new(), desk: AtomicU64::new(0), sum: AtomicU64::new(0) }
    }

    fn produce(&self, items: u64) {
        for item in 0..items {
            self.desk.store(item, Ordering::Relaxed);
            self.ready.set();
            self.taken.wait();
        }
        self.desk.store(CLOSED, Ordering::Relaxed);
        self.ready.set();
    }

    fn consume(&self) {
        loop {
            self.ready.wait();
            match self.desk.load(Ordering::Relaxed) {
                CLOSED => return self.ready.set(), // and so on to the next
                item => self.sum.fetch_add(item, Ordering::Relaxed),
            };
            self.taken.set();
        }
    }
}

criterion_group!(dispatch, workers_2, workers_8);
criterion_main!(dispatch);
