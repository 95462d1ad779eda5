//! What a run of mutants found: a table of all, and the sums per kind.

use std::collections::BTreeSet;
use std::time::Duration;

use super::attempt::Fate;
use super::mutant::{Kind, Mutant};
use super::verdict::Verdict;
use crate::display::{align_right, seconds, table};

/// A mutant that was tried.
pub(super) struct Tried<'a> {
    pub(super) mutant: &'a Mutant,
    pub(super) fate: Fate,
    pub(super) verdict: Verdict,
    pub(super) time: Duration,
}

/// The share of the ordinary mutants that something has to notice, whatever is argued for the others.
const ORDINARY_KILLED: f64 = 95.0;

/// How many of a kind became what.
#[derive(Default)]
struct Sums {
    killed: usize,
    below_floor: usize,
    equivalent: usize,
    survived: usize,
    unbuildable: usize,
    /// Against what is argued, or against what the compiler accepts.
    wrong: usize,
}

/// Prints the report and returns what is wrong.
pub(super) fn print(mut tried: Vec<Tried<'_>>, time: Duration) -> Vec<String> {
    // Those of one file stay in the order of their places.
    tried.sort_by_key(|tried| {
        (tried.mutant.kind, tried.mutant.file.clone(), tried.mutant.span.start)
    });
    print_table(&tried);
    let mut wrong: Vec<String> = tried.iter().filter_map(Tried::complaint).collect();
    wrong.extend(print_sums(&tried));
    println!("{} mutants, {}", tried.len(), seconds(time));
    wrong
}

impl Tried<'_> {
    /// What the table says about it.
    pub(super) fn word(&self) -> String {
        match (&self.fate, self.verdict) {
            (_, Verdict::Equivalent) => "nothing: equivalent".to_owned(),
            (Fate::Killed(failure), _) => failure.to_string(),
            (Fate::Survived, _) => "nothing: SURVIVED".to_owned(),
            (Fate::Unbuildable, _) => "unbuildable".to_owned(),
        }
    }

    fn complaint(&self) -> Option<String> {
        let complaint = self.verdict.complaint()?;
        Some(format!("{}: {complaint}", self.mutant.name()))
    }
}

fn print_table(tried: &[Tried<'_>]) {
    let mut results = table(["mutant", "killed by", "time"]);
    for tried in tried {
        results.add_row([tried.mutant.name(), tried.word(), seconds(tried.time)]);
    }
    align_right(&mut results, [2]);
    println!("{results}");
}

/// Prints the sums, and returns where they are too small.
fn print_sums(tried: &[Tried<'_>]) -> Vec<String> {
    let header = [
        "kind",
        "total",
        "killed",
        "by a floor only",
        "equivalent",
        "survived",
        "wrong",
        "unbuildable",
        "killed %",
    ];
    let mut results = table(header);
    let mut complaints = Vec::new();
    for kind in tried.iter().map(|tried| tried.mutant.kind).collect::<BTreeSet<_>>() {
        let sums = Sums::of(tried.iter().filter(|tried| tried.mutant.kind == kind));
        let percent = sums.percent();
        let Sums { killed, below_floor, equivalent, survived, unbuildable, wrong } = sums;
        let counts = [sums.total(), killed, below_floor, equivalent, survived, wrong, unbuildable];
        let counts = counts.map(|count| count.to_string());
        let row = [kind.word().to_owned()].into_iter().chain(counts);
        results.add_row(row.chain([format!("{percent:.1}")]));
        if sums.counted() == 0 {
            complaints.push(format!("no {} mutant was tried", kind.word()));
        } else if kind == Kind::Ordinary && percent < ORDINARY_KILLED {
            complaints.push(format!("only {percent:.1} % of the ordinary mutants were killed"));
        }
    }
    align_right(&mut results, 1..header.len());
    println!("{results}");
    complaints
}

impl Sums {
    fn of<'a>(tried: impl Iterator<Item = &'a Tried<'a>>) -> Self {
        let mut sums = Self::default();
        for tried in tried {
            *match tried.verdict {
                Verdict::Killed => &mut sums.killed,
                Verdict::BelowFloor => &mut sums.below_floor,
                Verdict::Equivalent => &mut sums.equivalent,
                Verdict::Survived => &mut sums.survived,
                Verdict::Unbuildable => &mut sums.unbuildable,
                Verdict::WronglyArgued | Verdict::Refused => &mut sums.wrong,
            } += 1;
        }
        sums
    }

    fn total(&self) -> usize {
        self.counted() + self.unbuildable
    }

    /// Those that something could have noticed.
    fn counted(&self) -> usize {
        self.killed + self.below_floor + self.equivalent + self.survived + self.wrong
    }

    fn percent(&self) -> f64 {
        match self.counted() {
            0 => 0.0,
            counted => 100.0 * self.killed as f64 / counted as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unbuildable_ones_do_not_count_nor_do_floors_kill() {
        let sums =
            Sums { killed: 8, below_floor: 1, survived: 1, unbuildable: 5, ..Sums::default() };
        assert_eq!(sums.total(), 15);
        assert!((sums.percent() - 80.0).abs() < 1e-9);
        assert_eq!(Sums::default().counted(), 0);
    }
}
