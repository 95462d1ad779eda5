//! Many threads sleep on one event, and one set wakes them all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use benches::crowd::{Attendance, Crowd};
use benches::figures;
use benches::manual::{self, Manual};
use benches::measure::{Row, Samples, Taken};
use cpu_time::ProcessTime;
use criterion::{Criterion, criterion_group, criterion_main};

fn all(criterion: &mut Criterion) {
    for waiters in [8, 64, 1000] {
        let mut row = Row::new(criterion, "broadcast", &format!("last_awake_{waiters}"));
        measure::<manual::Ours>(&mut row, waiters);
        measure::<manual::Futex>(&mut row, waiters);
        measure::<manual::Published>(&mut row, waiters);
        measure::<manual::StdCondvar>(&mut row, waiters);
        measure::<manual::ParkingLotCondvar>(&mut row, waiters);
        measure::<manual::EventListener>(&mut row, waiters);
        measure::<manual::Synchronoise>(&mut row, waiters);
        measure::<manual::Events>(&mut row, waiters);
    }
}

fn measure<E: Manual>(row: &mut Row<'_>, waiters: usize) {
    let mut audience = None; // assembled only if it is asked for
    let mut set_returns = Samples::default();
    row.contender(E::ID, |times| {
        let audience = audience.get_or_insert_with(|| Audience::<E>::assemble(waiters));
        let (mut whole, mut sets) = (Taken::NOTHING, Duration::ZERO);
        for _ in 0..times {
            let (set, broadcast) = audience.broadcast();
            sets += set;
            whole = whole.plus(broadcast);
        }
        set_returns.push(times, sets);
        whole
    });
    if let (Some(audience), Some(set_returns)) = (audience, set_returns.median()) {
        figures::noted(&format!("broadcast/set_returns_{waiters}/{}", E::ID), set_returns);
        audience.dismiss();
    }
}

/// Threads that sleep on one event after the other.
struct Audience<E> {
    stage: Arc<Stage<E>>,
    crowd: Crowd,
    broadcasts: usize,
}

struct Stage<E> {
    /// In turn, so that one can be reset while they sleep on the other.
    events: [E; 2],
    over: AtomicBool,
}

impl<E: Manual> Audience<E> {
    fn assemble(waiters: usize) -> Self {
        let stage = Arc::new(Stage { events: [E::new(), E::new()], over: AtomicBool::new(false) });
        let attended = Arc::clone(&stage);
        let crowd = Crowd::assemble(waiters, move |_, attendance| attended.attend(attendance));
        Self { stage, crowd, broadcasts: 0 }
    }

    /// What the set takes until it returns, and until the last is awake.
    fn broadcast(&mut self) -> (Duration, Taken) {
        let event = &self.stage.events[self.broadcasts % 2];
        self.broadcasts += 1;
        self.crowd.wait_asleep(self.broadcasts);
        let (cpu, start) = (ProcessTime::now(), Instant::now());
        event.set();
        let set_returned = start.elapsed();
        let last_awake = self.crowd.wait_awake(self.broadcasts);
        let cpu = cpu.elapsed();
        event.reset();
        (set_returned, Taken { wall: last_awake - start, cpu })
    }

    fn dismiss(self) {
        self.stage.over.store(true, Ordering::Release);
        self.stage.events.iter().for_each(E::set);
        self.crowd.dismiss();
    }
}

impl<E: Manual> Stage<E> {
    fn attend(&self, attendance: &Attendance) {
        for event in self.events.iter().cycle() {
            attendance.asleep_in(|| event.wait());
            if self.over.load(Ordering::Acquire) {
                return;
            }
        }
    }
}

criterion_group!(broadcast, all);
criterion_main!(broadcast);
