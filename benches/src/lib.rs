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
mod contenders;
mod measure;
mod objects;
mod placement;
mod scenarios;
mod waiters;
mod workers;

use std::env;

use criterion::Criterion;
use report::Report;

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
        ["list"] => Mode::List,
        ["repeat", id, times] => {
            Mode::Repeat { id: id.to_owned(), times: times.parse().expect("a number of times") }
        }
        _ => Mode::Measure(Box::new(Criterion::default().configure_from_args())),
    };
    let mut bench = Bench::new(mode);
    scenarios::run(&mut bench);
    match bench.mode {
        Mode::List => Report::Benchmarks(bench.catalog).print(),
        Mode::Measure(criterion) => criterion.final_summary(),
        Mode::Repeat { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_of_what_is_measured() {
        let mut bench = Bench::new(Mode::List);
        scenarios::run(&mut bench);
        let rows = bench.catalog.scenarios.iter().flat_map(|scenario| &scenario.rows);
        let ids: Vec<String> = rows
            .flat_map(|row| row.contenders.iter().map(|entry| format!("{}/{}", row.id, entry.id)))
            .collect();

        let file: toml::Table = include_str!("../targets.toml").parse().unwrap();
        for target in file["target"].as_array().unwrap() {
            let row = target["row"].as_str().unwrap();
            let scenario = row.split('/').next().unwrap();
            let of = target.get("of").and_then(|of| of.as_array()).into_iter().flatten();
            for of in of.map(|of| of.as_str().unwrap()).chain(["rsevents"]) {
                let is_known = |id: &String| match of {
                    "*" => id.starts_with(&format!("{row}/")),
                    _ if of.contains('/') => *id == format!("{scenario}/{of}"),
                    _ => *id == format!("{row}/{of}"),
                };
                assert!(ids.iter().any(is_known), "{target:?}");
            }
            if let Some(why) = target.get("why") {
                assert!(file["why"].get(why.as_str().unwrap()).is_some(), "{target:?}");
            }
        }
    }
}
