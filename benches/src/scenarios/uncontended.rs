//! One thread alone: what the fast paths cost.

use std::hint::black_box;

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::{Stopwatch, Taken};
use crate::objects::{Auto, Countdown, Manual, Semaphore};

const ABOUT: &str = "\
What the fast paths cost: one operation, or a pair of them, in a loop of one thread. The target is that of
the fastest contender, within 5 %.";

/// The rows on each kind of object, in the order of the report.
const AUTO: [(&str, &str); 4] = [
    ("auto_set_wait", "auto: set, wait"),
    ("auto_set_wait0", "auto: set, wait0"),
    ("auto_wait0_unset", "auto: wait0 on an unset event"),
    ("auto_set_on_set", "auto: set on a set event"),
];
const MANUAL: [(&str, &str); 5] = [
    ("manual_wait_set", "manual: wait on a set event"),
    ("manual_wait0_set", "manual: wait0 on a set event"),
    ("manual_wait0_unset", "manual: wait0 on an unset event"),
    ("manual_set_reset", "manual: set, reset"),
    ("manual_set_on_set", "manual: set on a set event"),
];

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("uncontended", "One thread, no contention", ABOUT);
    for (name, title) in AUTO {
        let row = &mut bench.row(name, title);
        each!(auto: auto(row, name));
    }
    auto_is_set(&mut bench.row("auto_is_set", "auto: is_set"));
    for (name, title) in MANUAL {
        let row = &mut bench.row(name, title);
        each!(manual: manual(row, name));
    }
    let row = &mut bench.row("semaphore_wait_drop", "semaphore: wait, drop");
    each!(semaphore: semaphore_wait_drop(row));
    let row = &mut bench.row("countdown_tick", "countdown: tick");
    each!(countdown: countdown_tick(row));
}

/// Prepares `object`, and then runs `operation` on it `times` times. The object goes through `black_box` once,
/// so that it counts as known elsewhere and stays in memory; to do that each time would take as long as the
/// shortest operations. What an operation returns does go through it each time.
fn repeated<T, R>(
    times: u64,
    object: T,
    prepare: impl FnOnce(&T),
    operation: impl Fn(&T) -> R,
) -> Taken {
    let object = &object;
    black_box(object);
    prepare(object);
    let watch = Stopwatch::start();
    for _ in 0..times {
        black_box(operation(object));
    }
    watch.stop()
}

fn nothing<T>(_: &T) {}

fn auto<E: Auto>(row: &mut Row<'_>, name: &str) {
    row.measure(E::CONTENDER, |n| match name {
        "auto_set_wait" => repeated(n, E::new(), nothing, |event| {
            event.set();
            event.wait();
        }),
        "auto_set_wait0" => repeated(n, E::new(), nothing, |event| {
            event.set();
            event.wait0()
        }),
        "auto_wait0_unset" => repeated(n, E::new(), nothing, E::wait0),
        "auto_set_on_set" => repeated(n, E::new(), E::set, E::set),
        _ => unreachable!("no row {name}"),
    });
}

fn auto_is_set(row: &mut Row<'_>) {
    type Event = rsevents::AutoResetEvent;
    row.measure(Event::CONTENDER, |n| repeated(n, <Event as Auto>::new(), nothing, Event::is_set));
}

fn manual<E: Manual>(row: &mut Row<'_>, name: &str) {
    row.measure(E::CONTENDER, |n| match name {
        "manual_wait_set" => repeated(n, E::new(), E::set, E::wait),
        "manual_wait0_set" => repeated(n, E::new(), E::set, E::wait0),
        "manual_wait0_unset" => repeated(n, E::new(), nothing, E::wait0),
        "manual_set_reset" => repeated(n, E::new(), nothing, |event| {
            event.set();
            event.reset();
        }),
        "manual_set_on_set" => repeated(n, E::new(), E::set, E::set),
        _ => unreachable!("no row {name}"),
    });
}

fn semaphore_wait_drop<S: Semaphore>(row: &mut Row<'_>) {
    let wait_drop = |semaphore: &S| semaphore.with_permit(|| ());
    row.measure(S::CONTENDER, |n| repeated(n, S::new(1), nothing, wait_drop));
}

fn countdown_tick<C: Countdown>(row: &mut Row<'_>) {
    row.measure(C::CONTENDER, |n| {
        let ticks = usize::try_from(n).unwrap();
        // All ticks in one call, for the contender that has to prepare them.
        repeated(1, C::new(ticks + 1), nothing, |countdown| countdown.tick_times(ticks))
    });
}
