//! Several threads tick, and one waits for the last tick.

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::objects::Countdown;
use crate::placement::Placement;
use crate::workers::Workers;

const ABOUT: &str = "\
Threads tick a million times together, and one more waits for the last tick: the time of one tick. The
bare futex, the published crate and rsevents do the same single subtraction, so equal within 5 % is
what can be had against these.";

const TICKS: usize = 1_000_000;

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("countdown", "Countdown", ABOUT);
    for threads in [2, 8] {
        let row =
            &mut bench.row(&format!("threads_{threads}"), &format!("Tick, {threads} threads"));
        let workers = &Workers::new(threads + 1, Placement::Free);
        each!(countdown: measure(row, workers));
    }
}

fn measure<C: Countdown>(row: &mut Row<'_>, workers: &Workers) {
    let ticking = workers.size - 1;
    row.measure(C::CONTENDER, |ticks| {
        let countdown = C::new(TICKS);
        let work = move |nth| {
            if nth < ticking {
                countdown.tick_times(TICKS / ticking);
            } else {
                countdown.wait();
            }
        };
        // An iteration is one tick, but it is always a million of them.
        workers.run_all(work).scaled(ticks, TICKS as u64)
    });
}
