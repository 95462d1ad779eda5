//! One set wakes many tasks that wait for one event.

use std::sync::Arc;

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::Stopwatch;
use crate::objects::AsyncManual;
use crate::tasks::Tasks;

const ABOUT: &str = "\
Tasks of a simple executor in one thread wait for one of two manual-reset events, in turn. A set of the one wakes all
of them: the time until the last of them has run, and waits for the other.";

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("async_broadcast", "Broadcast to tasks", ABOUT);
    for (tasks, name) in [(8, "8"), (64, "64"), (1000, "1000"), (100_000, "100 000")] {
        let row = &mut bench.row(&tasks.to_string(), &format!("Broadcast to {name} tasks"));
        each!(async_manual: measure(row, tasks));
    }
}

async fn wait_in_turn<E: AsyncManual>(events: Arc<[E; 2]>) {
    for event in events.iter().cycle() {
        event.wait_async().await;
    }
}

fn measure<E: AsyncManual>(row: &mut Row<'_>, size: usize) {
    row.measure(E::CONTENDER, |times| {
        let events = Arc::new([E::new(), E::new()]);
        let mut tasks = Tasks::start((0..size).map(|_| wait_in_turn(Arc::clone(&events))));
        let watch = Stopwatch::start();
        for event in events.iter().cycle().take(times as usize) {
            event.set();
            tasks.run();
            event.reset();
        }
        watch.stop()
    });
}
