//! A task and a thread wake each other in turn.

use std::sync::Arc;

use crossbeam_utils::CachePadded;
use pollster::block_on;

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::objects::AsyncAuto;
use crate::placement::Placement::{self, OneCore, TwoCores};
use crate::workers::Workers;

const ABOUT: &str = "\
A task and a thread wake each other in turn, through two events of the same kind: the time of one round trip. The
task's executor is a thread that sleeps while the task waits, the same for all contenders. Both are pinned, to
one core or to two.";

const ROWS: [(&str, &str, Placement); 2] = [
    ("one_core", "Round trip of a task and a thread, one core", OneCore),
    ("two_cores", "Round trip of a task and a thread, two cores", TwoCores),
];

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("async_mixed", "Hand-off between a task and a thread", ABOUT);
    for (name, title, placement) in ROWS {
        let row = &mut bench.row(name, title).pinned(placement);
        let workers = &Workers::new(2, placement);
        each!(async_auto: measure(row, workers));
    }
}

fn measure<E: AsyncAuto>(row: &mut Row<'_>, workers: &Workers) {
    row.measure(E::CONTENDER, |round_trips| {
        let to_task = Arc::new(CachePadded::new(E::new()));
        let to_thread = Arc::new(CachePadded::new(E::new()));
        let (at_task, at_thread) = (Arc::clone(&to_task), Arc::clone(&to_thread));
        let thread = move || {
            for _ in 0..round_trips {
                to_task.set();
                at_thread.wait();
            }
        };
        let task = async move {
            for _ in 0..round_trips {
                at_task.wait_async().await;
                to_thread.set();
            }
        };
        workers.run([Box::new(thread) as _, Box::new(|| block_on(task)) as _])
    });
}
