//! What waits cost that time out: processor time, as time on the clock shows only the limit.

use std::thread;
use std::time::Duration;

use cpu_time::ThreadTime;

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::contenders::std::SLEEP;
use crate::measure::Taken;
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
        each!(timed: poll(row, limit));
    }
    // The other types, with one limit that a spin could fill.
    let limit = Duration::from_micros(50);
    let row = &mut bench.row("poll_manual", "Polling a manual-reset event, limit of 50 µs");
    each!(poll(row, limit): ours::ManualResetEvent, ours::published::ManualResetEvent);
    let row = &mut bench.row("poll_countdown", "Polling a countdown, limit of 50 µs");
    each!(poll(row, limit): ours::CountdownEvent, ours::published::CountdownEvent);
    let row = &mut bench.row("poll_semaphore", "Polling a semaphore, limit of 50 µs");
    each!(poll(row, limit): ours::Permits, ours::published::Permits);
    let row = &mut bench.row("idle", "One second of waiting");
    each!(timed: idle(row));
    row.measure_once(SLEEP, || cpu_of_a_second(thread::sleep));
}

/// Many threads wait for one event at the same time, several times in a row.
fn crowd<E: Timed>(row: &mut Row<'_>, workers: &Workers) {
    const LIMIT: Duration = Duration::from_millis(2);
    const IN_A_ROW: u32 = 5;
    row.measure(E::CONTENDER, |waits| {
        let event = E::new();
        let work = move |_| (0..IN_A_ROW).for_each(|_| assert!(!event.wait_for(LIMIT)));
        let done = u64::from(IN_A_ROW) * workers.size as u64;
        let Taken { cpu, .. } = workers.run_all(work);
        Taken { wall: cpu, cpu }.scaled(waits, done)
    });
}

/// One thread polls. An iteration is a wait that times out.
fn poll<E: Timed>(row: &mut Row<'_>, limit: Duration) {
    let object = E::new();
    row.measure(E::CONTENDER, |waits| {
        let before = ThreadTime::now();
        (0..waits).for_each(|_| assert!(!object.wait_for(limit)));
        Taken::busy(before.elapsed())
    });
}

/// One thread waits for a second.
fn idle<E: Timed>(row: &mut Row<'_>) {
    let event = E::new();
    row.measure_once(E::CONTENDER, || cpu_of_a_second(|limit| assert!(!event.wait_for(limit))));
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
