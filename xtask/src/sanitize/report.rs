//! What the sanitizer found: what the failed ones printed, and a table of all.

use std::time::Duration;

use super::self_check::Probe;
use super::toolchain::REPORTED;
use crate::display::{align_right, grouped, seconds, table};
use crate::suites::Run;

/// Prints the report and returns how many rows failed.
pub(super) fn print(probes: &[Probe], runs: &[Run], time: Duration) -> usize {
    let wrong = probes.iter().filter(|probe| probe.verdict.is_err());
    let failed = runs.iter().filter(|run| run.verdict.is_err());
    wrong.clone().for_each(print_probe);
    failed.clone().for_each(Run::print);
    print_table(probes, runs);
    let tests = grouped(runs.iter().filter_map(|run| run.passed).sum());
    println!("\n{} executables, {tests} tests passed, {}", runs.len(), seconds(time));
    wrong.count() + failed.count()
}

fn print_probe(probe: &Probe) {
    println!("self-check, {}: {}", probe.name, word(probe));
    probe.output.print();
    println!();
}

fn print_table(probes: &[Probe], runs: &[Run]) {
    let mut results = table(["executable", "tests", "time", "result"]);
    for probe in probes {
        let name = format!("self-check: {}", probe.name);
        results.add_row([name, String::new(), seconds(probe.time), word(probe)]);
    }
    for run in runs {
        let tests = run.passed.map_or("?".to_owned(), grouped);
        results.add_row([run.name.clone(), tests, seconds(run.time), result(run)]);
    }
    align_right(&mut results, [1, 2]);
    println!("{results}");
}

fn word(probe: &Probe) -> String {
    probe.verdict.as_ref().map_or_else(ToString::to_string, |word| (*word).to_owned())
}

fn result(run: &Run) -> String {
    let code = run.output.status.and_then(|status| status.code());
    if code == Some(REPORTED) { "a race".to_owned() } else { run.word() }
}
