//! What all slices counted: a table by scenario, and the sums.

use std::iter;
use std::time::Duration;

use super::figures::{Figures, NAMES};
use super::run::Played;
use crate::display::{align_right, grouped, seconds, table};

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
    let mut results = table(iter::once("scenario").chain(NAMES));
    align_right(&mut results, 1..=NAMES.len());
    let mut all = Figures::default();
    for scenario in scenarios {
        let mut sum = Figures::default();
        played
            .iter()
            .filter_map(|slice| slice.statements.scenarios.get(scenario))
            .for_each(|figures| sum.add(*figures));
        results.add_row(row(scenario, sum));
        all.add(sum);
    }
    results.add_row(row("all", all));
    println!("{results}");
}

fn row(name: &str, figures: Figures) -> Vec<String> {
    iter::once(name.to_owned()).chain(figures.0.map(grouped)).collect()
}
