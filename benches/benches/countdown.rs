//! Several threads tick a million times together, and one waits for the last tick.

use std::sync::Arc;

use benches::countdown::{self, Countdown};
use benches::measure::{Row, Taken};
use benches::placement::Placement;
use benches::team::{Team, Work};
use criterion::{Criterion, criterion_group, criterion_main};

const TICKS: usize = 1_000_000;

fn all(criterion: &mut Criterion) {
    for threads in [2, 8] {
        let team = Team::new(threads + 1, Placement::Free);
        let mut row = Row::new(criterion, "countdown", &format!("threads_{threads}"));
        measure::<countdown::Ours>(&mut row, &team, threads);
        measure::<countdown::Futex>(&mut row, &team, threads);
        measure::<countdown::Published>(&mut row, &team, threads);
        measure::<countdown::StdCondvar>(&mut row, &team, threads);
        measure::<countdown::ParkingLotCondvar>(&mut row, &team, threads);
        measure::<countdown::Synchronoise>(&mut row, &team, threads);
        measure::<countdown::CrossbeamWaitGroup>(&mut row, &team, threads);
    }
}

fn measure<C: Countdown>(row: &mut Row<'_>, team: &Team, threads: usize) {
    // An iteration is a tick, but it is always a million of them.
    row.contender(C::ID, |ticks| run::<C>(team, threads).scaled(ticks, TICKS as u64));
}

fn run<C: Countdown>(team: &Team, threads: usize) -> Taken {
    let countdown = Arc::new(C::new(TICKS));
    let mut work: Vec<Work> = Vec::new();
    for _ in 0..threads {
        let countdown = Arc::clone(&countdown);
        work.push(Box::new(move || countdown.tick_times(TICKS / threads)));
    }
    work.push(Box::new(move || countdown.wait()));
    team.run(work)
}

criterion_group!(countdown, all);
criterion_main!(countdown);
