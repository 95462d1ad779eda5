//! Many threads sleep on one event, and one set wakes them all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use benches::crowd::{Attendance, Crowd};
use benches::figures;
use benches::manual::{self, Manual};
use benches::measure::{Row, Taken};
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
    let set_returns = format!("broadcast/set_returns_{waiters}/{}", E::ID);
    row.contender(E::ID, |times| {
        let audience = audience.get_or_insert_with(|| Audience::<E>::assemble(waiters));
        (0..times).map(|_| audience.broadcast(&set_returns)).fold(Taken::NOTHING, Taken::plus)
    });
    if let Some(audience) = audience {
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

    /// Measures until the last is awake, and notes as `set_returns` how long the set took itself.
    fn broadcast(&mut self, set_returns: &str) -> Taken {
        let event = &self.stage.events[self.broadcasts % 2];
        self.broadcasts += 1;
        self.crowd.wait_asleep(self.broadcasts);
        let (start, cpu) = (Instant::now(), ProcessTime::now());
        event.set();
        let set_returned = start.elapsed();
        let last_awake = self.crowd.wait_awake(self.broadcasts);
        let cpu = cpu.elapsed();
        event.reset();
        figures::noted(set_returns, set_returned.as_nanos() as f64);
        Taken { wall: last_awake - start, cpu }
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
