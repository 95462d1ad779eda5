//! What waits cost that time out: processor time, as time on the clock shows only the limit.

use std::thread;
use std::time::Duration;

use cpu_time::ThreadTime;

use crate::bench::{Bench, Row};
use crate::contenders::ours::{OURS, PUBLISHED};
use crate::contenders::std::SLEEP;
use crate::contenders::{Contender, each};
use crate::measure::{Once, Taken};
use crate::objects::Timed;
use crate::placement::Placement;
use crate::workers::Workers;

const ABOUT: &str = "\
What waits cost that time out, in processor time: each of many threads that wait for one event at the same
time, over and over (so that they no longer spin); one thread that polls an unset event,
`while !stop.wait_for(limit) { ... }`; and one that waits for a second (and does begin with a spin).";

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("timeouts", "Timeouts", ABOUT);
    for waiters in [10, 100, 1000] {
        let title = format!("Unsuccessful wait, one of {waiters}");
        let row = &mut bench.row(&format!("crowd_{waiters}"), &title);
        let workers = &Workers::new(waiters, Placement::Free);
        each!(timed: crowd(row, workers));
    }
    for micros in [1, 5, 20, 50, 64, 100, 1000] {
        let title = format!("Polling, limit of {micros} µs");
        let row = &mut bench.row(&format!("poll_{micros}"), &title);
        let limit = Duration::from_micros(micros);
        each!(timed: poll_event(row, limit));
    }
    poll_other_types(bench);
    let row = &mut bench.row("idle", "One second of waiting");
    each!(timed: idle(row));
    let mut once = Once::default();
    row.measure(SLEEP, |times| once.times(times, || cpu_of_a_second(thread::sleep)));
}

/// Many threads wait for one event at the same time, several times in a row.
fn crowd<E: Timed>(row: &mut Row<'_>, workers: &Workers) {
    const LIMIT: Duration = Duration::from_millis(2);
    const IN_A_ROW: u32 = 5;
    row.measure(E::CONTENDER, |waits| {
        let event = E::new();
        let work = move |_| (0..IN_A_ROW).for_each(|_| assert!(!event.wait_for(LIMIT)));
        let done = u64::from(IN_A_ROW) * workers.size as u64;
        Taken::busy(workers.run_all(work).cpu).scaled(waits, done)
    });
}

/// One thread polls an event that stays unset.
fn poll_event<E: Timed>(row: &mut Row<'_>, limit: Duration) {
    let event = E::new();
    poll(row, E::CONTENDER, || event.wait_for(limit));
}

/// The other types, with one limit that a spin could fill.
fn poll_other_types(bench: &mut Bench) {
    use published_rsevents::Awaitable as _;
    use rsevents::Awaitable as _;
    const LIMIT: Duration = Duration::from_micros(50);
    let mut row = |name, of, ours: &dyn Fn() -> bool, published: &dyn Fn() -> bool| {
        let mut row = bench.row(name, &format!("Polling a {of}, limit of 50 µs"));
        poll(&mut row, OURS, ours);
        poll(&mut row, PUBLISHED, published);
    };

    let ours = rsevents::ManualResetEvent::new(rsevents::EventState::Unset);
    let published =
        published_rsevents::ManualResetEvent::new(published_rsevents::EventState::Unset);
    let (ours, published) = (|| ours.wait_for(LIMIT), || published.wait_for(LIMIT));
    row("poll_manual", "manual-reset event", &ours, &published);

    let ours = rsevents_extra::CountdownEvent::new(1);
    let published = published_rsevents_extra::CountdownEvent::new(1);
    let (ours, published) = (|| ours.wait_for(LIMIT), || published.wait_for(LIMIT));
    row("poll_countdown", "countdown", &ours, &published);

    let ours = rsevents_extra::Semaphore::new(0, 1);
    let published = published_rsevents_extra::Semaphore::new(0, 1);
    let (ours, published) = (|| ours.wait_for(LIMIT).is_ok(), || published.wait_for(LIMIT).is_ok());
    row("poll_semaphore", "semaphore", &ours, &published);
}

/// An iteration is a wait that times out.
fn poll(row: &mut Row<'_>, contender: Contender, wait: impl Fn() -> bool) {
    row.measure(contender, |waits| {
        let before = ThreadTime::now();
        (0..waits).for_each(|_| assert!(!wait()));
        Taken::busy(before.elapsed())
    });
}

/// One thread waits for a second.
fn idle<E: Timed>(row: &mut Row<'_>) {
    let mut once = Once::default();
    let event = E::new();
    let second = || cpu_of_a_second(|limit| assert!(!event.wait_for(limit)));
    row.measure(E::CONTENDER, |times| once.times(times, second));
}

/// In a thread of its own. Its first waits are others: they allocate what each thread has once, and after
/// three of them ours spins again, so that the second that is measured begins with a spin.
fn cpu_of_a_second(wait: impl Fn(Duration) + Sync) -> Taken {
    let timed = || {
        (0..3).for_each(|_| wait(Duration::from_millis(1)));
        let before = ThreadTime::now();
        wait(Duration::from_secs(1));
        before.elapsed()
    };
    Taken::busy(thread::scope(|scope| scope.spawn(timed).join().unwrap()))
}
