//! A thread waits for all of several objects.

use std::hint::black_box;
use std::task::Context;

use rsevents::{AutoResetEvent, Awaitable, EventState, Signal, wait_all_async, wait_all0};

use super::any::{ONE_CORE, TWO_CORES, hop, parked};
use crate::bench::{Bench, Row};
use crate::contenders::ours::AllOf;
use crate::measure::Stopwatch;
use crate::objects::Auto;
use crate::tasks::waker;
use crate::workers::Workers;

const ABOUT: &str = "\
Each wait takes from all of its auto-reset events at one instant. A hop and the time until a thread is awake are those of
the waits for one of several, but each time all events are set, one after another, and the last one releases the thread.
Nothing of others does this. In the first rows, one thread sets all events and takes them without blocking. In the last
ones, it sets and takes one event, for which and for another one a future waits meanwhile, or none does.";

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("all", "Waits of threads for all of several events", ABOUT);
    for objects in [2, 8, 64] {
        let title = format!("Set {objects}, wait0 for all of them");
        set_and_take(&mut bench.row(&format!("{objects}_set"), &title), objects);
    }
    let rings = [2, 8, 64].map(|objects| (objects, ONE_CORE));
    for (objects, (name, title, threads, placement)) in rings.into_iter().chain([(2, TWO_CORES)]) {
        let title = format!("Hop, all of {objects}, {title}");
        let row = &mut bench.row(&format!("{objects}_{name}"), &title).pinned(placement);
        hop::<AllOf>(row, &Workers::new(threads, placement), objects);
    }
    for objects in [2, 8, 64] {
        let title = format!("From the first of {objects} sets until awake");
        let busy = &format!("{objects}_busy");
        let row = bench.row(&format!("{objects}_parked"), &title);
        let row = &mut row.with(busy, &format!("Processor time of a wait, all of {objects}"));
        parked::<AllOf>(row, busy, objects);
    }
    for (is_watched, name, title) in
        [(false, "nothing", "no other wait"), (true, "all", "a wait for all of two")]
    {
        let title = format!("Set and wait for one event beside {title}");
        set_and_wait(&mut bench.row(&format!("set_beside_{name}"), &title), is_watched);
    }
}

fn set_and_take(row: &mut Row<'_>, objects: usize) {
    row.measure(<AutoResetEvent as Auto>::CONTENDER, |times| {
        let events: Vec<_> = (0..objects).map(|_| AutoResetEvent::default()).collect();
        let signals: Vec<&dyn Signal> = events.iter().map(|event| event as _).collect();
        let watch = Stopwatch::start();
        for _ in 0..times {
            events.iter().for_each(AutoResetEvent::set);
            assert!(wait_all0(&signals));
        }
        watch.stop()
    });
}

/// `is_watched`: while a future waits for all of this event and another one.
fn set_and_wait(row: &mut Row<'_>, is_watched: bool) {
    static EVENTS: [AutoResetEvent; 2] = [const { AutoResetEvent::new(EventState::Unset) }; 2];
    row.measure(<AutoResetEvent as Auto>::CONTENDER, |times| {
        let waker = waker();
        let mut wait = Box::pin(wait_all_async(&[&EVENTS[0], &EVENTS[1]]));
        if is_watched {
            assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        let event = black_box(&EVENTS[0]);
        let watch = Stopwatch::start();
        for _ in 0..times {
            event.set();
            Awaitable::wait(event);
        }
        watch.stop()
    });
}
