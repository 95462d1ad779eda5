//! A token goes round a ring of tasks: what a hop takes.

use std::sync::Arc;

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::Stopwatch;
use crate::objects::AsyncAuto;
use crate::tasks::Tasks;

const ABOUT: &str = "\
A token goes round a ring of tasks, each of which waits for its own event and sets that of the next: the time
of one hop. All tasks are in one thread: on a simple executor, which is only a queue of those that were woken,
or on tokio's.";

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("async_ring", "Ring of tasks", ABOUT);
    for (tasks, name) in [(2, "2"), (8, "8"), (64, "64"), (10_000, "10 000")] {
        let row = &mut bench.row(&tasks.to_string(), &format!("Hop in a ring of {name}"));
        each!(async_auto: on_simple(row, tasks));
    }
    for tasks in [2, 64] {
        let title = format!("Hop in a ring of {tasks}, tokio");
        let row = &mut bench.row(&format!("{tasks}_tokio"), &title);
        each!(async_auto: on_tokio(row, tasks));
    }
}

/// Tasks that each pass the token on for so many `rounds`.
fn ring<E: AsyncAuto>(
    events: &Arc<[E]>,
    rounds: u64,
) -> impl Iterator<Item = impl Future<Output = ()> + Send + use<E>> {
    let events = Arc::clone(events);
    (0..events.len()).map(move |nth| {
        let events = Arc::clone(&events);
        async move {
            let next = (nth + 1) % events.len();
            for _ in 0..rounds {
                events[nth].wait_async().await;
                events[next].set();
            }
        }
    })
}

fn on_simple<E: AsyncAuto>(row: &mut Row<'_>, size: usize) {
    row.measure(E::CONTENDER, |hops| {
        let rounds = hops.div_ceil(size as u64);
        let events: Arc<[E]> = (0..size).map(|_| E::new()).collect();
        let mut tasks = Tasks::start(ring(&events, rounds));
        let watch = Stopwatch::start();
        events[0].set(); // the token
        tasks.run();
        let taken = watch.stop();
        assert!(tasks.are_done());
        taken.scaled(hops, rounds * size as u64)
    });
}

fn on_tokio<E: AsyncAuto>(row: &mut Row<'_>, size: usize) {
    row.measure(E::CONTENDER, |hops| {
        let rounds = hops.div_ceil(size as u64);
        let events: Arc<[E]> = (0..size).map(|_| E::new()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let taken = runtime.block_on(async {
            let tasks: Vec<_> = ring(&events, rounds).map(tokio::spawn).collect();
            tokio::task::yield_now().await; // until all wait
            let watch = Stopwatch::start();
            events[0].set(); // the token
            for task in tasks {
                task.await.unwrap();
            }
            watch.stop()
        });
        taken.scaled(hops, rounds * size as u64)
    });
}
