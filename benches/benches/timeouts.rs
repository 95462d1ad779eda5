//! What waits cost that time out: processor time, as there is nothing to see on a clock.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use benches::auto::{self, Auto, Timed};
use benches::measure::{Once, Row, Taken};
use benches::placement::Placement;
use benches::team::{Team, Work};
use cpu_time::ThreadTime;
use criterion::{Criterion, criterion_group, criterion_main};
use published_rsevents::Awaitable as _;
use rsevents::Awaitable as _;

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

/// One thread polls an event that stays unset: `while !stop.wait_for(limit) { ... }`.
fn polls(criterion: &mut Criterion) {
    for micros in [1, 5, 20, 50, 64, 100, 1000] {
        let mut row = Row::new(criterion, "timeouts", &format!("poll_{micros}"));
        let limit = Duration::from_micros(micros);
        poll_event::<auto::Ours>(&mut row, limit);
        poll_event::<auto::Published>(&mut row, limit);
        poll_event::<auto::StdCondvar>(&mut row, limit);
        poll_event::<auto::ParkingLotCondvar>(&mut row, limit);
    }
}

fn poll_event<E: Timed>(row: &mut Row<'_>, limit: Duration) {
    let event = E::new();
    poll(row, E::ID, || event.wait_for(limit));
}

/// The other types, with one limit that a spin could fill.
fn polls_of_others(criterion: &mut Criterion) {
    const LIMIT: Duration = Duration::from_micros(50);
    let mut row = |name, ours: &dyn Fn() -> bool, published: &dyn Fn() -> bool| {
        let mut row = Row::new(criterion, "timeouts", name);
        poll(&mut row, auto::Ours::ID, ours);
        poll(&mut row, auto::Published::ID, published);
    };

    let ours = rsevents::ManualResetEvent::new(rsevents::EventState::Unset);
    let published =
        published_rsevents::ManualResetEvent::new(published_rsevents::EventState::Unset);
    row("poll_manual", &|| ours.wait_for(LIMIT), &|| published.wait_for(LIMIT));

    let ours = rsevents_extra::CountdownEvent::new(1);
    let published = published_rsevents_extra::CountdownEvent::new(1);
    row("poll_countdown", &|| ours.wait_for(LIMIT), &|| published.wait_for(LIMIT));

    let ours = rsevents_extra::Semaphore::new(0, 1);
    let published = published_rsevents_extra::Semaphore::new(0, 1);
    row("poll_semaphore", &|| ours.wait_for(LIMIT).is_ok(), &|| published.wait_for(LIMIT).is_ok());
}

/// An iteration is a wait that times out.
fn poll(row: &mut Row<'_>, id: &str, wait: impl Fn() -> bool) {
    row.contender(id, |waits| {
        let before = ThreadTime::now();
        (0..waits).for_each(|_| assert!(!wait()));
        busy(before.elapsed())
    });
}

/// One thread waits for a second.
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

criterion_group!(timeouts, crowds, polls, polls_of_others, idle);
criterion_main!(timeouts);
