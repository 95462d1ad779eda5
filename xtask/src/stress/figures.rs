//! What the program counted, in its words.

use std::collections::BTreeMap;

/// The figures, in the order of the table.
pub(super) const NAMES: [&str; 8] =
    ["rounds", "sets", "waits", "timeouts", "resets", "lost", "doubled", "stalls"];
/// How many of these, from the end, have to be zero.
const WRONG: usize = 3;

/// The figures of one scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures(pub(super) [u64; NAMES.len()]);

impl Figures {
    /// Adds those of another slice or scenario.
    pub(super) fn add(&mut self, other: Self) {
        for (sum, number) in self.0.iter_mut().zip(other.0) {
            *sum += number;
        }
    }

    /// How many rounds came to their end.
    pub(super) fn rounds(&self) -> u64 {
        self.0[0]
    }

    fn stalls(&self) -> u64 {
        self.0[NAMES.len() - 1]
    }

    /// What was lost, doubled or stalled, in words, if anything was.
    pub(super) fn wrong(&self) -> Option<String> {
        let wrong = NAMES.iter().zip(self.0).skip(NAMES.len() - WRONG);
        let words = wrong.filter(|&(_, number)| number > 0);
        let words: Vec<_> = words.map(|(name, number)| format!("{name} {number}")).collect();
        let hint = if self.stalls() > 0 { ", see the table of threads below" } else { "" };
        (!words.is_empty()).then(|| words.join(", ") + hint)
    }
}

/// What the program said in a slice.
#[derive(Debug, Default)]
pub(super) struct Statements {
    /// Whether the objects took delays.
    pub(super) has_delays: bool,
    pub(super) scenarios: BTreeMap<String, Figures>,
}

impl Statements {
    /// Looks at a line of its stdout.
    pub(super) fn read(&mut self, line: &str) {
        self.has_delays |= line == "delays: yes";
        self.scenarios.extend(parse(line));
    }
}

/// `object::scenario: rounds=1 sets=2 …`
fn parse(line: &str) -> Option<(String, Figures)> {
    let (scenario, figures) = line.split_once(": ")?;
    let mut words = figures.split(' ');
    let mut parsed = Figures::default();
    for (name, number) in NAMES.iter().zip(&mut parsed.0) {
        let (word, value) = words.next()?.split_once('=')?;
        *number = value.parse().ok().filter(|_| word == *name)?;
    }
    words.next().is_none().then(|| (scenario.to_owned(), parsed))
}

#[cfg(test)]
mod tests {
    use super::{Figures, Statements};

    const LINE: &str =
        "auto::news: rounds=1 sets=2 waits=3 timeouts=4 resets=5 lost=6 doubled=0 stalls=7";

    #[test]
    fn lines_of_the_program() {
        let mut statements = Statements::default();
        statements.read("delays: no");
        assert!(!statements.has_delays);
        statements.read("delays: yes");
        statements.read(LINE);
        for other in
            ["", "auto::news: rounds=1", &LINE.replace("waits", "wakes"), &format!("{LINE} 8")]
        {
            statements.read(other);
        }
        assert!(statements.has_delays);
        assert_eq!(statements.scenarios.len(), 1);
        let mut figures = statements.scenarios["auto::news"];
        assert_eq!(figures, Figures([1, 2, 3, 4, 5, 6, 0, 7]));
        assert_eq!(figures.rounds(), 1);
        assert_eq!(figures.wrong().unwrap(), "lost 6, stalls 7, see the table of threads below");
        assert_eq!(Figures([1, 1, 1, 1, 1, 0, 0, 0]).wrong(), None);
        figures.add(figures);
        assert_eq!(figures, Figures([2, 4, 6, 8, 10, 12, 0, 14]));
    }
}
