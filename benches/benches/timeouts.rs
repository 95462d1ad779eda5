//! What waits cost that nothing comes of: processor time, as there is nothing to see on a clock.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use benches::auto::{self, Timed};
use benches::measure::{Once, Row, Taken};
use benches::placement::Placement;
use benches::team::{Team, Work};
use cpu_time::ThreadTime;
use criterion::{Criterion, criterion_group, criterion_main};

fn crowds(criterion: &mut Criterion) {
    for waiters in [10, 100, 1000] {
        let team = Team::new(waiters, Placement::Free);
        let mut row = Row::new(criterion, "timeouts", &format!("crowd_{waiters}"));
        crowd::<auto::Ours>(&mut row, &team, waiters);
        crowd::<auto::Published>(&mut row, &team, waiters);
        crowd::<auto::StdCondvar>(&mut row, &team, waiters);
        crowd::<auto::ParkingLotCondvar>(&mut row, &team, waiters);
    }
}

/// An iteration is the wait of one thread, but there is always the whole crowd.
fn crowd<E: Timed>(row: &mut Row<'_>, team: &Team, waiters: usize) {
    row.contender(E::ID, |waits| vain_waits::<E>(team, waiters).scaled(waits, 1));
}

/// Many threads wait in vain on one event, all at the same time and several times in a row. Returns what
/// one wait takes.
fn vain_waits<E: Timed>(team: &Team, waiters: usize) -> Taken {
    const LIMIT: Duration = Duration::from_millis(2);
    const IN_A_ROW: u32 = 5;
    let event = Arc::new(E::new());
    let work = (0..waiters).map(|_| {
        let event = Arc::clone(&event);
        Box::new(move || (0..IN_A_ROW).for_each(|_| assert!(!event.wait_for(LIMIT)))) as Work
    });
    let taken = team.run(work);
    busy(taken.cpu).scaled(1, u64::from(IN_A_ROW) * waiters as u64)
}

/// One thread waits in vain for a second.
fn idle(criterion: &mut Criterion) {
    let mut row = Row::new(criterion, "timeouts", "idle");
    second::<auto::Ours>(&mut row);
    second::<auto::Published>(&mut row);
    second::<auto::StdCondvar>(&mut row);
    // What a second without a processor costs in any case.
    let mut once = Once::default();
    row.contender("std-sleep", |times| once.times(times, || cpu_of_a_second(thread::sleep)));
}

fn second<E: Timed>(row: &mut Row<'_>) {
    let mut once = Once::default();
    row.contender(E::ID, |times| once.times(times, vain_second::<E>));
}

fn vain_second<E: Timed>() -> Taken {
    let event = E::new();
    cpu_of_a_second(|limit| assert!(!event.wait_for(limit)))
}

/// In a thread of its own. Its first waits are others: they make what each thread has once, and after
/// three of them ours spins again, so that the second that is measured begins with a spin.
fn cpu_of_a_second(wait: impl Fn(Duration) + Sync) -> Taken {
    let timed = || {
        (0..3).for_each(|_| wait(Duration::from_millis(1)));
        let before = ThreadTime::now();
        wait(Duration::from_secs(1));
        before.elapsed()
    };
    busy(thread::scope(|scope| scope.spawn(timed).join().unwrap()))
}

/// Processor time in the place of time on the clock.
fn busy(cpu: Duration) -> Taken {
    Taken { wall: cpu, cpu }
}

criterion_group!(timeouts, crowds, idle);
criterion_main!(timeouts);
