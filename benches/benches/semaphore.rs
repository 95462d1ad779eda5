//! A semaphore limits how many threads are in a short section at once.

use std::sync::Arc;

use benches::critical_section;
use benches::measure::{Row, Taken};
use benches::placement::Placement;
use benches::semaphore::{self, Semaphore};
use benches::team::{Team, Work};
use criterion::{Criterion, criterion_group, criterion_main};

/// Threads and permits.
const CONFIGURATIONS: [(u16, u16); 5] = [(2, 1), (8, 1), (8, 2), (64, 4), (8, 8)];

fn all(criterion: &mut Criterion) {
    for (threads, permits) in CONFIGURATIONS {
        let team = Team::new(threads.into(), Placement::Free);
        let mut row = Row::new(criterion, "semaphore", &format!("{threads}x{permits}"));
        measure::<semaphore::Ours>(&mut row, &team, threads, permits);
        measure::<semaphore::Futex>(&mut row, &team, threads, permits);
        if threads <= permits {
            // Elsewhere it would lose a wake-up sooner or later, and stand still.
            measure::<semaphore::Published>(&mut row, &team, threads, permits);
        }
        measure::<semaphore::StdCondvar>(&mut row, &team, threads, permits);
        measure::<semaphore::ParkingLotCondvar>(&mut row, &team, threads, permits);
        measure::<semaphore::CrossbeamChannel>(&mut row, &team, threads, permits);
        measure::<semaphore::Tokio>(&mut row, &team, threads, permits);
        measure::<semaphore::AsyncLock>(&mut row, &team, threads, permits);
    }
}

fn measure<S: Semaphore>(row: &mut Row<'_>, team: &Team, threads: u16, permits: u16) {
    row.contender(S::ID, |times| run::<S>(team, threads, permits, times));
}

fn run<S: Semaphore>(team: &Team, threads: u16, permits: u16, times: u64) -> Taken {
    let semaphore = Arc::new(S::new(permits));
    let each = times.div_ceil(threads.into());
    critical_section::run(); // calibrates it
    let work = (0..threads).map(|_| {
        let semaphore = Arc::clone(&semaphore);
        Box::new(move || {
            for _ in 0..each {
                semaphore.with_permit(critical_section::run);
            }
        }) as Work
    });
    team.run(work).scaled(times, each * u64::from(threads))
}

criterion_group!(semaphore, all);
criterion_main!(semaphore);
