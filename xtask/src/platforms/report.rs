//! What became of every platform.

use std::time::Duration;

use crate::display::{align_right, grouped, seconds, table};

/// What was done for a platform.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) how: String,
    /// How many programs ran, where any could.
    pub(super) executables: Option<usize>,
    /// How many tests passed in them.
    pub(super) tests: Option<u64>,
    /// With the time to build.
    pub(super) time: Duration,
    pub(super) verdict: Verdict,
}

pub(super) enum Verdict {
    Passed,
    /// Something is missing. Proves nothing.
    Skipped,
    /// What failed.
    Failed(String),
}

impl Verdict {
    /// Failed if anything did.
    pub(super) fn of_failures(names: &[&str]) -> Self {
        if names.is_empty() { Self::Passed } else { Self::Failed(names.join(", ")) }
    }

    fn word(&self) -> String {
        match self {
            Self::Passed => "passed".to_owned(),
            Self::Skipped => "skipped".to_owned(),
            Self::Failed(what) => format!("failed: {what}"),
        }
    }
}

impl Row {
    /// The row of a platform for which something is missing.
    pub(super) fn skipped(name: &str) -> Self {
        Self::without_result(name, Duration::ZERO, Verdict::Skipped)
    }

    /// The row of a platform for which nothing could be built or run at all.
    pub(super) fn failed(name: &str, time: Duration) -> Self {
        Self::without_result(name, time, Verdict::Failed("see above".to_owned()))
    }

    fn without_result(name: &str, time: Duration, verdict: Verdict) -> Self {
        Self {
            name: name.to_owned(),
            how: String::new(),
            executables: None,
            tests: None,
            time,
            verdict,
        }
    }
}

/// Prints the table and returns how many rows failed.
pub(super) fn print(rows: &[Row], time: Duration) -> usize {
    let mut results = table(["platform", "how", "executables", "tests passed", "time", "result"]);
    for row in rows {
        results.add_row([
            row.name.clone(),
            row.how.clone(),
            row.executables.map_or(String::new(), |count| count.to_string()),
            row.tests.map_or(String::new(), grouped),
            seconds(row.time),
            row.verdict.word(),
        ]);
    }
    align_right(&mut results, [2, 3, 4]);
    println!("\n{results}");

    let count = |is_it: fn(&Verdict) -> bool| rows.iter().filter(|row| is_it(&row.verdict)).count();
    let passed = count(|verdict| matches!(verdict, Verdict::Passed));
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped));
    let failed = count(|verdict| matches!(verdict, Verdict::Failed(_)));
    println!("\n{passed} passed, {skipped} skipped, {failed} failed, {}", seconds(time));
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_failures_are_counted() {
        let row = |verdict| Row::without_result("", Duration::ZERO, verdict);
        let rows = [
            row(Verdict::of_failures(&[])),
            row(Verdict::of_failures(&["one", "two"])),
            Row::skipped(""),
        ];
        assert_eq!(print(&rows, Duration::ZERO), 1);
        assert_eq!(rows[1].verdict.word(), "failed: one, two");
        assert_eq!(print(&[Row::failed("", Duration::ZERO)], Duration::ZERO), 1);
        assert_eq!(print(&[], Duration::ZERO), 0);
    }
}
