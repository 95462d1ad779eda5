//! Benchmarks of rsevents against what people use today. A contender is a file in `contenders`, a scenario a
//! file in `scenarios`; a scenario measures each contender that implements the trait it needs. What rsevents
//! has to reach is in `targets.toml`.
//!
//! ```text
//! cargo bench -p benches -- handoff/           # one scenario, by criterion alone
//! cargo xtask bench --quick handoff/           # the same in rounds, judged by its targets
//! cargo xtask bench                            # all of them, and the report
//! ```

mod bench;
mod contender;
mod contenders;
mod measure;
mod memory;
mod objects;
mod placement;
mod scenarios;
mod targets;
mod tasks;
mod waiters;
mod workers;

use std::env;

use criterion::Criterion;
use report::Report;
use report::bench::Catalog;

use crate::bench::{Bench, Mode};

/// Runs the benchmarks that the arguments select, as criterion understands them; or, for `cargo xtask bench`:
///
/// - `list`: reports what can be measured.
/// - `repeat ID TIMES`: repeats one benchmark without measuring it, for a tool that counts instructions.
///
/// # Panics
///
/// If something goes wrong.
pub fn run() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mode = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => return Report::Benchmarks(catalog()).print(),
        ["repeat", id, times] => {
            Mode::Repeat { id: id.to_owned(), times: times.parse().expect("a number of times") }
        }
        _ => Mode::Measure(Box::new(Criterion::default().configure_from_args())),
    };
    let mut bench = Bench::new(mode);
    scenarios::run(&mut bench);
    if let Mode::Measure(criterion) = bench.mode {
        criterion.final_summary();
    }
}

/// What can be measured, and what is to be reached.
fn catalog() -> Catalog {
    let mut bench = Bench::new(Mode::List);
    scenarios::run(&mut bench);
    let mut catalog = bench.catalog;
    (catalog.targets, catalog.summary) =
        targets::read(&catalog, include_str!("../targets.toml")).unwrap();
    catalog
}

#[cfg(test)]
mod tests {
    #[test]
    fn targets_are_of_what_is_measured() {
        assert!(!super::catalog().targets.is_empty());
    }
}
