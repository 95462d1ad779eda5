//! A token goes round a ring of threads: what a hop takes with more threads than cores.

use benches::auto::{self, Pair};
use benches::figures;
use benches::measure::{Row, Taken};
use benches::placement::Placement;
use benches::team::{Team, Work};
use criterion::{Criterion, criterion_group, criterion_main};

fn of_8_on_one_core(criterion: &mut Criterion) {
    row(criterion, "8_one_core", 8, Placement::OneCore);
}

fn of_8_free(criterion: &mut Criterion) {
    row(criterion, "8_free", 8, Placement::Free);
}

fn of_64_on_one_core(criterion: &mut Criterion) {
    row(criterion, "64_one_core", 64, Placement::OneCore);
}

fn of_64_free(criterion: &mut Criterion) {
    row(criterion, "64_free", 64, Placement::Free);
}

fn row(criterion: &mut Criterion, name: &str, threads: usize, placement: Placement) {
    if let Err(reason) = placement.check() {
        return figures::skipped(&format!("ring/{name}"), reason);
    }
    let team = Team::new(threads, placement);
    let mut row = Row::new(criterion, "ring", name);
    measure::<auto::Ours>(&mut row, &team, threads);
    measure::<auto::Futex>(&mut row, &team, threads);
    measure::<auto::Published>(&mut row, &team, threads);
    measure::<auto::StdCondvar>(&mut row, &team, threads);
    measure::<auto::StdPark>(&mut row, &team, threads);
    measure::<auto::ParkingLotCondvar>(&mut row, &team, threads);
    measure::<auto::CrossbeamChannel>(&mut row, &team, threads);
    measure::<auto::CrossbeamParker>(&mut row, &team, threads);
    measure::<auto::EventListener>(&mut row, &team, threads);
}

fn measure<P: Pair>(row: &mut Row<'_>, team: &Team, threads: usize) {
    row.contender(P::ID, |hops| run::<P>(team, threads, hops));
}

fn run<P: Pair>(team: &Team, threads: usize, hops: u64) -> Taken {
    let rounds = hops.div_ceil(threads as u64);
    let (mut setters, waiters): (Vec<_>, Vec<_>) = (0..threads).map(|_| P::pair()).unzip();
    P::set(&setters[0]); // the token starts with the first thread
    setters.rotate_left(1);
    let work = setters.into_iter().zip(waiters).map(|(to_next, at_mine)| {
        Box::new(move || {
            for _ in 0..rounds {
                P::wait(&at_mine);
                P::set(&to_next);
            }
        }) as Work
    });
    team.run(work).scaled(hops, rounds * threads as u64)
}

criterion_group!(ring, of_8_on_one_core, of_8_free, of_64_on_one_core, of_64_free);
criterion_main!(ring);
