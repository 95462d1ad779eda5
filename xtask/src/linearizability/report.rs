//! What was checked and found: what the program said to people, a table by object, and the sums.

use std::time::Duration;

use super::statements::{Statements, Tally};
use crate::display::{align_right, grouped, seconds, table};

/// The columns of numbers.
const NUMBERS: [&str; 6] =
    ["histories", "operations", "blocked waits", "timeouts", "largest history", "violations"];

/// Prints all of it.
pub(super) fn print(statements: &Statements, time: Duration) {
    for line in &statements.text {
        println!("{line}");
    }
    if statements.results.is_empty() {
        return;
    }
    let header = ["object"].into_iter().chain(NUMBERS).chain(["kinds", "rarest kind"]);
    let mut results = table(header);
    align_right(&mut results, 1..=NUMBERS.len() + 1);
    let mut all = Tally::default();
    for (object, tally) in &statements.results {
        results.add_row(row(object, tally));
        add(&mut all, object, tally);
    }
    results.add_row(row("all", &all));
    println!("{results}");
    println!("{} operations checked in {}", grouped(all.operations), seconds(time));
}

fn row(name: &str, tally: &Tally) -> Vec<String> {
    let Tally { histories, operations, blocked, timeouts, largest, violations, ref kinds } = *tally;
    let numbers = [histories, operations, blocked, timeouts, largest, violations];
    let seen = kinds.values().filter(|&&count| count > 0).count();
    let rarest = kinds.iter().min_by_key(|&(_, count)| count);
    let rarest =
        rarest.map_or(String::new(), |(kind, &count)| format!("{kind} {}", grouped(count)));
    let kinds = format!("{seen}/{}", kinds.len());
    [name.to_owned()].into_iter().chain(numbers.map(grouped)).chain([kinds, rarest]).collect()
}

/// Adds what was checked of an object, whose kinds of calls are its own.
fn add(all: &mut Tally, object: &str, tally: &Tally) {
    all.histories += tally.histories;
    all.operations += tally.operations;
    all.blocked += tally.blocked;
    all.timeouts += tally.timeouts;
    all.largest = all.largest.max(tally.largest);
    all.violations += tally.violations;
    for (kind, count) in &tally.kinds {
        *all.kinds.entry(format!("{object}.{kind}")).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_the_kinds_apart() {
        let kinds = [("set".to_owned(), 7), ("wait:yes".to_owned(), 0)].into();
        let tally = Tally { operations: 7, largest: 9, kinds, ..Tally::default() };
        let mut all = Tally::default();
        add(&mut all, "auto", &tally);
        add(&mut all, "manual", &tally);
        let row = row("all", &all);
        assert_eq!((&row[2][..], &row[5][..]), ("14", "9"));
        assert_eq!((&row[7][..], &row[8][..]), ("2/4", "auto.wait:yes 0"));
    }
}
