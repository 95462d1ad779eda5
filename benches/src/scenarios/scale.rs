//! Very many events, very many threads, and how much memory an object takes.

use std::hint::black_box;
use std::sync::Arc;

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::{Stopwatch, Taken};
use crate::objects::{Auto, Countdown, Manual, Semaphore};
use crate::waiters::Waiters;

const ABOUT: &str = "\
A million events in an array, of which random ones are set or polled; ten thousand threads parked on as many
events, all of which are set, until the last one is awake; and how much memory an object takes.";

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("scale", "Scale", ABOUT);
    let row = &mut bench.row("million", "Set or wait0 on one of a million events");
    each!(auto: million(row));
    let row = &mut bench.row("ten_thousand", "Waking 10 000 threads through 10 000 events");
    each!(auto: ten_thousand(row));
    let row = &mut bench.bytes("size_auto", "Auto-reset event");
    each!(auto: size_of_auto(row));
    let row = &mut bench.bytes("size_manual", "Manual-reset event");
    each!(manual: size_of_manual(row));
    let row = &mut bench.bytes("size_semaphore", "Semaphore");
    each!(semaphore: size_of_semaphore(row));
    let row = &mut bench.bytes("size_countdown", "Countdown");
    each!(countdown: size_of_countdown(row));
}

fn size_of_auto<E: Auto>(row: &mut Row<'_>) {
    row.value(E::CONTENDER, size_of::<E>() as f64);
}

fn size_of_manual<E: Manual>(row: &mut Row<'_>) {
    row.value(E::CONTENDER, size_of::<E>() as f64);
}

fn size_of_semaphore<S: Semaphore>(row: &mut Row<'_>) {
    row.value(S::CONTENDER, size_of::<S>() as f64);
}

fn size_of_countdown<C: Countdown>(row: &mut Row<'_>) {
    row.value(C::CONTENDER, size_of::<C>() as f64);
}

/// Set and wait0 on random events of a million in an array.
fn million<E: Auto>(row: &mut Row<'_>) {
    const EVENTS: usize = 1_000_000;
    let mut made = None; // only if they are measured
    row.measure(E::CONTENDER, |times| {
        let (events, steps) = made.get_or_insert_with(|| {
            let mut random = fastrand::Rng::with_seed(1);
            let events: Vec<E> = (0..EVENTS).map(|_| E::new()).collect();
            let step = |_| (random.usize(..EVENTS), random.bool());
            let steps: Vec<_> = (0..EVENTS).map(step).collect();
            (events, steps.into_iter().cycle())
        });
        let watch = Stopwatch::start();
        for (index, is_set) in steps.take(times as usize) {
            let event = &events[index];
            if is_set {
                event.set();
            } else {
                black_box(event.wait0());
            }
        }
        watch.stop()
    });
}

/// Ten thousand threads parked on as many events, all of which are set.
fn ten_thousand<E: Auto>(row: &mut Row<'_>) {
    row.measure_once(E::CONTENDER, wake_all::<E>);
}

fn wake_all<E: Auto>() -> Taken {
    const THREADS: usize = 10_000;
    let events: Arc<[E]> = (0..THREADS).map(|_| E::new()).collect();
    let waited = Arc::clone(&events);
    let waiters = Waiters::start(THREADS, move |nth, waits| waits.count(|| waited[nth].wait()));
    waiters.all_parked(1);
    let watch = Stopwatch::start();
    events.iter().for_each(E::set);
    let taken = watch.stop_at(waiters.all_awake());
    waiters.join();
    taken
}
