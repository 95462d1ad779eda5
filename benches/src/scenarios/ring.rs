//! A token goes round a ring of threads: what a hop takes with more threads than cores.

use crate::bench::{Bench, Row};
use crate::contenders::each;
use crate::objects::Pair;
use crate::placement::Placement::{self, Free, OneCore};
use crate::workers::{Work, Workers};

const ABOUT: &str = "\
A token goes round a ring of threads, more than there are cores, each of which waits for its own event
and sets that of the next: the time of one hop.";

const ROWS: [(&str, &str, usize, Placement); 4] = [
    ("8_one_core", "Hop in a ring of 8, one core", 8, OneCore),
    ("8_free", "Hop in a ring of 8, free", 8, Free),
    ("64_one_core", "Hop in a ring of 64, one core", 64, OneCore),
    ("64_free", "Hop in a ring of 64, free", 64, Free),
];

pub(super) fn run(bench: &mut Bench) {
    bench.scenario("ring", "Ring of threads", ABOUT);
    for (name, title, threads, placement) in ROWS {
        let row = &mut bench.row(name, title).pinned(placement);
        let workers = &Workers::new(threads, placement);
        each!(pair: measure(row, workers));
    }
}

fn measure<P: Pair>(row: &mut Row<'_>, workers: &Workers) {
    let threads = workers.size as u64;
    row.measure(P::CONTENDER, |hops| {
        let rounds = hops.div_ceil(threads);
        let (mut setters, waiters): (Vec<_>, Vec<_>) = (0..threads).map(|_| P::pair()).unzip();
        P::set(&setters[0]); // the token starts with the first thread
        setters.rotate_left(1);
        let work = setters.into_iter().zip(waiters).map(|(to_next, at_mine)| {
            Box::new(move || {
                for _ in 0..rounds {
                    P::wait(&at_mine);
                    P::set(&to_next);
                }
            }) as Work
        });
        workers.run(work).scaled(hops, rounds * threads)
    });
}
