//! One thread, nobody else: what the fast paths cost.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent};

fn auto(c: &mut Criterion) {
    let mut group = c.benchmark_group("uncontended/auto");
    let event = AutoResetEvent::new(EventState::Unset);
    group.bench_function("set+wait", |b| {
        b.iter(|| {
            black_box(&event).set();
            black_box(&event).wait();
        });
    });
    group.bench_function("wait0 on unset", |b| b.iter(|| black_box(&event).wait0()));
    event.set();
    group.bench_function("set on set", |b| b.iter(|| black_box(&event).set()));
    group.finish();
}

fn manual(c: &mut Criterion) {
    let mut group = c.benchmark_group("uncontended/manual");
    let event = ManualResetEvent::new(EventState::Set);
    group.bench_function("wait on set", |b| b.iter(|| black_box(&event).wait()));
    group.bench_function("set+reset", |b| {
        b.iter(|| {
            black_box(&event).set();
            black_box(&event).reset();
        });
    });
    group.finish();
}

criterion_group!(uncontended, auto, manual);
criterion_main!(uncontended);
