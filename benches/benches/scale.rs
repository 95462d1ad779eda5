//! Very many events, very many threads, and how much memory an object takes.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use benches::auto::{self, Auto};
use benches::countdown;
use benches::crowd::Crowd;
use benches::figures;
use benches::manual;
use benches::measure::{Once, Row, Stopwatch, Taken};
use benches::semaphore;
use cpu_time::ProcessTime;
use criterion::{Criterion, criterion_group, criterion_main};

/// Set and wait0 on random ones of a million events in an array.
fn million(criterion: &mut Criterion) {
    let mut row = Row::new(criterion, "scale", "million");
    many_events::<auto::Ours>(&mut row);
    many_events::<auto::Published>(&mut row);
    many_events::<auto::Futex>(&mut row);
    many_events::<auto::StdCondvar>(&mut row);
    many_events::<auto::ParkingLotCondvar>(&mut row);
    many_events::<auto::EventListener>(&mut row);
}

fn many_events<E: Auto>(row: &mut Row<'_>) {
    const EVENTS: usize = 1_000_000;
    let mut made = None; // only if they are asked for
    row.contender(E::ID, |times| {
        let (events, dice) = made.get_or_insert_with(|| {
            let mut random = fastrand::Rng::with_seed(1);
            let events: Vec<E> = (0..EVENTS).map(|_| E::new()).collect();
            let dice: Vec<_> =
                (0..EVENTS).map(|_| (random.usize(..EVENTS), random.bool())).collect();
            (events, dice.into_iter().cycle())
        });
        let watch = Stopwatch::start();
        for (place, is_set) in dice.take(times as usize) {
            let event = &events[place];
            if is_set {
                event.set();
            } else {
                black_box(event.wait0());
            }
        }
        watch.stop()
    });
}

/// Ten thousand threads asleep on as many events, all of which are set.
fn ten_thousand(criterion: &mut Criterion) {
    let mut row = Row::new(criterion, "scale", "ten_thousand");
    many_threads::<auto::Ours>(&mut row);
    many_threads::<auto::Published>(&mut row);
    many_threads::<auto::Futex>(&mut row);
    many_threads::<auto::ParkingLotCondvar>(&mut row);
}

fn many_threads<E: Auto>(row: &mut Row<'_>) {
    let mut once = Once::default();
    row.contender(E::ID, |times| once.times(times, release_many::<E>));
}

fn release_many<E: Auto>() -> Taken {
    const THREADS: usize = 10_000;
    let events: Arc<[E]> = (0..THREADS).map(|_| E::new()).collect();
    let bedroom = Arc::clone(&events);
    let crowd = Crowd::assemble(THREADS, move |nth, attendance| {
        attendance.asleep_in(|| bedroom[nth].wait());
    });
    crowd.wait_asleep(1);
    let (cpu, start) = (ProcessTime::now(), Instant::now());
    events.iter().for_each(E::set);
    let wall = crowd.wait_awake(1) - start;
    let cpu = cpu.elapsed();
    crowd.dismiss();
    Taken { wall, cpu }
}

/// Bytes of each object.
fn sizes(_: &mut Criterion) {
    size::<auto::Ours>("size_auto", auto::Ours::ID);
    size::<auto::Published>("size_auto", auto::Published::ID);
    size::<auto::Futex>("size_auto", auto::Futex::ID);
    size::<auto::StdCondvar>("size_auto", auto::StdCondvar::ID);
    size::<auto::ParkingLotCondvar>("size_auto", auto::ParkingLotCondvar::ID);
    size::<auto::EventListener>("size_auto", auto::EventListener::ID);
    size::<manual::Ours>("size_manual", auto::Ours::ID);
    size::<manual::Published>("size_manual", auto::Published::ID);
    size::<manual::Futex>("size_manual", auto::Futex::ID);
    size::<semaphore::Ours>("size_semaphore", auto::Ours::ID);
    size::<semaphore::Published>("size_semaphore", auto::Published::ID);
    size::<semaphore::Futex>("size_semaphore", auto::Futex::ID);
    size::<semaphore::StdCondvar>("size_semaphore", auto::StdCondvar::ID);
    size::<semaphore::Tokio>("size_semaphore", "tokio-semaphore");
    size::<countdown::Ours>("size_countdown", auto::Ours::ID);
    size::<countdown::Published>("size_countdown", auto::Published::ID);
    size::<countdown::Futex>("size_countdown", auto::Futex::ID);
    size::<countdown::StdCondvar>("size_countdown", auto::StdCondvar::ID);
}

fn size<T>(row: &str, contender: &str) {
    figures::value(&format!("scale/{row}/{contender}"), size_of::<T>() as f64);
}

criterion_group!(scale, million, ten_thousand, sizes);
criterion_main!(scale);
