//! What a run of models found: what the failed ones printed, a table of all, and the sums.

use std::time::Duration;

use super::run::Run;
use crate::display::{align_right, grouped, seconds, table};
use crate::workspace::PUBLISHED;

/// Prints the report and returns how many models failed.
pub(super) fn print(runs: &[Run<'_>], time: Duration) -> usize {
    for run in runs.iter().filter(|run| run.verdict.is_err()) {
        print_failure(run);
    }
    print_table(runs);
    print_sums(runs, time)
}

fn print_table(runs: &[Run<'_>]) {
    let mut results = table(["model", "executions", "preemptions", "time", "verdict"]);
    for run in runs {
        let statements = &run.statements;
        let executions = statements.executions().map(grouped);
        results.add_row([
            run.model.name.clone(),
            executions.unwrap_or("?".to_owned()),
            statements.preemptions().unwrap_or("?".to_owned()),
            seconds(run.time),
            run.word(),
        ]);
    }
    align_right(&mut results, [1, 2, 3]);
    println!("{results}");
}

fn print_failure(run: &Run<'_>) {
    println!("{}: {}", run.model.name, run.word());
    run.output.print();
    println!();
}

fn print_sums(runs: &[Run<'_>], time: Duration) -> usize {
    let models = runs.len();
    let complete = runs.iter().filter(|run| run.verdict.is_ok()).count();
    let executions = |run: &Run<'_>| run.statements.executions();
    let executions = grouped(runs.iter().filter_map(executions).sum());
    let failed = models - complete;
    println!("\n{models} models, {complete} complete, {executions} executions, {}", seconds(time));
    println!("{}", per_package(runs));
    println!("{complete} passed, {failed} failed");
    failed
}

/// `models of rsevents: 30, of rsevents-extra: 7`
fn per_package(runs: &[Run<'_>]) -> String {
    let models = |package| runs.iter().filter(move |run| run.model.package == package);
    let counts = PUBLISHED.map(|package| format!("of {package}: {}", models(package).count()));
    format!("models {}", counts.join(", "))
}
