//! What all slices counted: a table by scenario, and the sums.

use std::time::Duration;

use super::run::Played;
use crate::display::seconds;
use crate::stats::Reported;

/// Prints the report and returns how many slices failed.
pub(super) fn print(scenarios: &[String], played: &[Played], time: Duration) -> usize {
    let failed: Vec<_> = played.iter().filter(|slice| slice.verdict.is_err()).collect();
    for slice in &failed {
        println!("{} after {}: {}", slice.name, seconds(slice.end), slice.word());
        slice.output.print();
        println!();
    }
    print_table(scenarios, played);
    let (slices, failed) = (played.len(), failed.len());
    println!("\n{slices} slices in {}, {} clean, {failed} failed", seconds(time), slices - failed);
    failed
}

fn print_table(scenarios: &[String], played: &[Played]) {
    let mut sums = Reported::default();
    played.iter().for_each(|slice| sums.add(&slice.reported));
    println!("{}", sums.table(scenarios.iter().map(String::as_str)));
}
