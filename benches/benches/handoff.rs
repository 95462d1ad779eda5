//! Two threads wake each other in turn: what a round trip takes, on one core and on two.

use benches::auto::{self, Pair};
use benches::figures;
use benches::measure::{Row, Taken};
use benches::placement::Placement;
use benches::team::Team;
use criterion::{Criterion, criterion_group, criterion_main};

fn one_core(criterion: &mut Criterion) {
    row(criterion, "one_core", Placement::OneCore);
}

fn two_cores(criterion: &mut Criterion) {
    row(criterion, "two_cores", Placement::TwoCores);
}

fn row(criterion: &mut Criterion, name: &str, placement: Placement) {
    if let Err(reason) = placement.check() {
        return figures::skipped(&format!("handoff/{name}"), reason);
    }
    let team = Team::new(2, placement);
    let mut row = Row::new(criterion, "handoff", name);
    measure::<auto::Ours>(&mut row, &team);
    measure::<auto::Futex>(&mut row, &team);
    measure::<auto::Published>(&mut row, &team);
    measure::<auto::StdCondvar>(&mut row, &team);
    measure::<auto::StdSyncChannel>(&mut row, &team);
    measure::<auto::StdPark>(&mut row, &team);
    measure::<auto::ParkingLotCondvar>(&mut row, &team);
    measure::<auto::CrossbeamChannel>(&mut row, &team);
    measure::<auto::CrossbeamParker>(&mut row, &team);
    measure::<auto::EventListener>(&mut row, &team);
    measure::<auto::Synchronoise>(&mut row, &team);
    measure::<auto::TokioNotify>(&mut row, &team);
    measure::<auto::Events>(&mut row, &team);
}

fn measure<P: Pair>(row: &mut Row<'_>, team: &Team) {
    row.contender(P::ID, |round_trips| run::<P>(team, round_trips));
}

fn run<P: Pair>(team: &Team, round_trips: u64) -> Taken {
    let (to_pong, at_pong) = P::pair();
    let (to_ping, at_ping) = P::pair();
    let ping = move || {
        for _ in 0..round_trips {
            P::set(&to_pong);
            P::wait(&at_ping);
        }
    };
    let pong = move || {
        for _ in 0..round_trips {
            P::wait(&at_pong);
            P::set(&to_ping);
        }
    };
    team.run([Box::new(ping) as _, Box::new(pong) as _])
}

criterion_group!(handoff, one_core, two_cores);
criterion_main!(handoff);
