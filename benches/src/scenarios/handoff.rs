//! Two threads wake each other in turn: what a round trip takes, on one core and on two.

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::objects::Pair;
use crate::placement::Placement::{self, OneCore, TwoCores};
use crate::workers::Workers;

const ABOUT: &str = "\
Two threads wake each other in turn, through two events: the time of one round trip. Both are pinned, to
one core or to two: where the scheduler chooses, one run is the first of these and the next run is the
other. The processor time of both threads is shown beside the time on the clock: a thread that spins pays
for its speed there.";

const ROWS: [(&str, &str, Placement); 2] = [
    ("one_core", "Round trip, one core", OneCore),
    ("two_cores", "Round trip, two cores", TwoCores),
];

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("handoff", "Hand-off between two threads", ABOUT);
    for (name, title, placement) in ROWS {
        let row = &mut bench.row(name, title).pinned(placement);
        let workers = &Workers::new(2, placement);
        each!(pair: measure(row, workers));
    }
}

fn measure<P: Pair>(row: &mut Row<'_>, workers: &Workers) {
    row.measure(P::CONTENDER, |round_trips| {
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
        workers.run([Box::new(ping) as _, Box::new(pong) as _])
    });
}
