//! A semaphore limits how many threads are in a short section at once.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::objects::Semaphore;
use crate::placement::Placement;
use crate::workers::Workers;

const ABOUT: &str = "\
Threads (the first number) share permits (the second) to go through a section of about 200 ns, over and
over: the time of one passage. On two cores two threads run at a time, so with two permits or more a thread
waits only after another was interrupted with a permit in hand.";

const THREADS_AND_PERMITS: [(u16, u16); 6] = [(2, 1), (8, 1), (64, 1), (8, 2), (64, 4), (8, 8)];

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("semaphore", "Semaphore as a limiter", ABOUT);
    for (threads, permits) in THREADS_AND_PERMITS {
        let plural = if permits == 1 { "" } else { "s" };
        let title = format!("{threads} threads, {permits} permit{plural}");
        let row = &mut bench.row(&format!("{threads}x{permits}"), &title);
        let workers = &Workers::new(threads.into(), Placement::Free);
        each!(semaphore: measure(row, workers, permits));
    }
}

fn measure<S: Semaphore>(row: &mut Row<'_>, workers: &Workers, permits: u16) {
    section(); // calibrates it
    row.measure(S::CONTENDER, |times| {
        let semaphore = S::new(permits);
        let each = times.div_ceil(workers.size as u64);
        let work = move |_| (0..each).for_each(|_| semaphore.with_permit(section));
        workers.run_all(work).scaled(times, each * workers.size as u64)
    });
}

/// Computes for about 200 ns: the same number of steps for every contender of a run.
pub(super) fn section() {
    static STEPS: OnceLock<u64> = OnceLock::new();
    steps(*STEPS.get_or_init(calibrated));
}

fn steps(number: u64) {
    for step in 0..number {
        black_box(step);
    }
}

fn calibrated() -> u64 {
    const LENGTH: Duration = Duration::from_nanos(200);
    const MANY: u64 = 100_000;
    let timed = |_| {
        let start = Instant::now();
        steps(black_box(MANY));
        start.elapsed()
    };
    let fastest = (0..20).map(timed).min().unwrap();
    (LENGTH.as_secs_f64() / fastest.as_secs_f64() * MANY as f64) as u64
}
