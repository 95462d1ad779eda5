//! A task waits for one of several objects.

use std::sync::Arc;

use crate::bench::{Bench, Row};
use crate::contenders::{each, select};
use crate::measure::Stopwatch;
use crate::objects::AsyncSeveral;
use crate::tasks::Tasks;

const ABOUT: &str = "\
A token goes to and fro between two tasks, each of which waits for one of its own auto-reset events, and then sets one of
the other task's, another one each time: the time of a hop. Both tasks are in one thread, on a simple executor, so each
wait joins all queues, is woken, and leaves them.";

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("async_any", "Waits of tasks for one of several events", ABOUT);
    for objects in [2, 8, 64, 1000] {
        let row = &mut bench.row(&objects.to_string(), &format!("Hop, one of {objects}"));
        each!(async_several: hop(row, objects));
        if objects == 2 {
            hop::<select::OfTwo>(row, objects);
        }
    }
}

async fn pass_on<S: AsyncSeveral>(events: Arc<[S; 2]>, mine: usize, objects: usize, rounds: u64) {
    let mut wait = events[mine].waiter();
    for _ in 0..rounds {
        let nth = wait().await;
        events[1 - mine].set((nth + 1) % objects);
    }
}

fn hop<S: AsyncSeveral>(row: &mut Row<'_>, objects: usize) {
    row.measure(S::CONTENDER, |hops| {
        let rounds = hops.div_ceil(2);
        let events = Arc::new([S::new(objects), S::new(objects)]);
        let task = |mine| pass_on(Arc::clone(&events), mine, objects, rounds);
        let mut tasks = Tasks::start([0, 1].map(task));
        let watch = Stopwatch::start();
        events[0].set(0); // the token
        tasks.run();
        let taken = watch.stop();
        assert!(tasks.are_done());
        taken.scaled(hops, 2 * rounds)
    });
}
