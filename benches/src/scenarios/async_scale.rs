//! Very many tasks that wait for as many events.

use std::cell::OnceCell;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::measure::{Stopwatch, Taken};
use crate::memory::Allocated;
use crate::objects::AsyncAuto;
use crate::tasks::waker;

const ABOUT: &str = "\
A thousand or a million futures, each of which waits for an event of its own: to register all of them, in order; to set
a random event, poll its future, and register a new one; to drop all of them, in order. The memory of a wait is what is
allocated beside its future and event, by the event as well if it does so at its first wait. What is kept afterwards is
what is allocated still, after all waits have gone and 100 000 others have come and gone, each for a random event. The
pause is the longest that a thread which registers and drops a wait of its own sees, while all others register
and go.";

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("async_scale", "Scale: tasks", ABOUT);
    for (waits, name, title) in [(1000, "1k", "1000"), (1_000_000, "1m", "a million")] {
        let rows = [
            (format!("register_{name}"), format!("Register, {title}")),
            (format!("drop_{name}"), format!("Drop, {title}")),
            (format!("memory_{name}"), format!("Memory of a wait, {title}")),
            (format!("kept_{name}"), format!("Memory kept afterwards, {title}")),
            (format!("pause_{name}"), format!("Longest pause of a neighbour, {title}")),
        ];
        let [register, drop, memory, kept, pause] = &rows;
        let row = bench.row(&register.0, &register.1).with(&drop.0, &drop.1);
        let row = row.with_bytes(&memory.0, &memory.1).with_bytes(&kept.0, &kept.1);
        let row = &mut row.with(&pause.0, &pause.1);
        each!(async_auto: come_and_go(row, [&drop.0, &memory.0, &kept.0, &pause.0], waits));
        let set = &mut bench.row(&format!("set_{name}"), &format!("Set, poll, register, {title}"));
        each!(async_auto: random_sets(set, waits));
    }
}

/// Futures for an event each.
struct Waits<'a, E, F> {
    events: &'a [E],
    /// Makes a future, which is not registered.
    wait: fn(&'a E) -> F,
    futures: Vec<Pin<Box<F>>>,
    waker: Waker,
}

impl<'a, E, F: Future<Output = ()>> Waits<'a, E, F> {
    fn new(events: &'a [E], wait: fn(&'a E) -> F) -> Self {
        let futures = events.iter().map(|event| Box::pin(wait(event))).collect();
        Self { events, wait, futures, waker: waker() }
    }

    /// Registers all of them.
    fn register(&mut self) {
        (0..self.events.len()).for_each(|nth| assert!(!self.poll(nth)));
    }

    /// Drops all of them, and leaves new ones in their places.
    fn drop(&mut self) {
        (0..self.events.len()).for_each(|nth| self.renew(nth));
    }

    fn renew(&mut self, nth: usize) {
        self.futures[nth].set((self.wait)(&self.events[nth]));
    }

    fn poll(&mut self, nth: usize) -> bool {
        self.futures[nth].as_mut().poll(&mut Context::from_waker(&self.waker)).is_ready()
    }
}

fn events<E: AsyncAuto>(number: usize) -> Vec<E> {
    (0..number).map(|_| E::new()).collect()
}

/// All register, and all are dropped.
fn come_and_go<E: AsyncAuto>(row: &mut Row<'_>, others: [&str; 4], number: usize) {
    let mut found = None; // only if it is measured
    row.measure(E::CONTENDER, |times| {
        found.get_or_insert_with(|| Found::of::<E>(number)).register.scaled(times, 1)
    });
    let values = |Found { register: _, drop, memory, kept, pause }| {
        [drop.wall, memory, kept, pause.as_nanos() as f64]
    };
    let values = found.map(values);
    for (nth, name) in others.into_iter().enumerate() {
        row.also(name, E::CONTENDER, values.map(|values| values[nth]));
    }
}

struct Found {
    /// Of one wait.
    register: Taken,
    drop: Taken,
    /// In bytes, of one wait.
    memory: f64,
    /// In bytes, of all.
    kept: f64,
    pause: Duration,
}

impl Found {
    fn of<E: AsyncAuto>(number: usize) -> Self {
        const LATER: usize = 100_000;
        let repetitions = (3_000_000 / number) as u64;
        let events = events::<E>(number);
        let mut waits = Waits::new(&events, E::wait_async);

        // Before all others: what these allocate may be kept.
        let allocated = Allocated::start();
        waits.register();
        let memory = allocated.bytes() / number as f64;
        waits.drop();
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..LATER {
            let nth = random.usize(..number);
            assert!(!waits.poll(nth));
            waits.renew(nth);
        }
        let kept = allocated.bytes();
        drop(allocated);

        let (mut register, mut drop) = (Taken::default(), Taken::default());
        for _ in 0..repetitions {
            let watch = Stopwatch::start();
            waits.register();
            register = register.plus(watch.stop());
            let watch = Stopwatch::start();
            waits.drop();
            drop = drop.plus(watch.stop());
        }
        let pause = longest_pause::<E>(|| {
            for _ in 0..repetitions {
                waits.register();
                waits.drop();
            }
        });
        let [register, drop] =
            [register, drop].map(|taken| taken.scaled(1, repetitions * number as u64));
        Self { register, drop, memory, kept, pause }
    }
}

/// The longest time that a wait for another event takes in another thread, while `work` runs.
fn longest_pause<E: AsyncAuto>(work: impl FnOnce()) -> Duration {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let neighbour = scope.spawn(|| {
            let events = events::<E>(1);
            let mut waits = Waits::new(&events, E::wait_async);
            let (mut longest, mut last) = (Duration::ZERO, Instant::now());
            while !is_over.load(Ordering::Relaxed) {
                waits.register();
                waits.drop();
                let now = Instant::now();
                longest = longest.max(now - last);
                last = now;
            }
            longest
        });
        work();
        is_over.store(true, Ordering::Relaxed);
        neighbour.join().unwrap()
    })
}

/// Sets of random events: each releases a wait, which is replaced by a new one.
fn random_sets<E: AsyncAuto>(row: &mut Row<'_>, number: usize) {
    let (made, mut waits) = (OnceCell::new(), None); // only if they are measured
    let mut random = fastrand::Rng::with_seed(1);
    row.measure(E::CONTENDER, |times| {
        let waits = waits.get_or_insert_with(|| {
            let mut waits = Waits::new(made.get_or_init(|| events::<E>(number)), E::wait_async);
            waits.register();
            waits
        });
        let watch = Stopwatch::start();
        for _ in 0..times {
            let nth = random.usize(..number);
            waits.events[nth].set();
            assert!(waits.poll(nth));
            waits.renew(nth);
            assert!(!waits.poll(nth));
        }
        watch.stop()
    });
}
