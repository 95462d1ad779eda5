//! What the program says while it runs, and at its end.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::display::grouped;
use crate::progress::Progress;

/// A line of the program's that is not for people.
#[derive(Deserialize)]
#[serde(untagged)]
enum Statement {
    Progress { seconds: u64, operations: u64 },
    Result { object: String, tally: Tally },
}

/// What was checked of an object.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Tally {
    pub(super) histories: u64,
    pub(super) operations: u64,
    pub(super) blocked: u64,
    pub(super) timeouts: u64,
    pub(super) largest: u64,
    /// How often each kind of call came up, `wait0:no` for example. All that can are there.
    pub(super) kinds: BTreeMap<String, u64>,
    pub(super) violations: u64,
}

/// All that it said.
#[derive(Default)]
pub(super) struct Statements {
    /// By the objects' names.
    pub(super) results: Vec<(String, Tally)>,
    /// What is for people.
    pub(super) text: Vec<String>,
}

impl Statements {
    /// Looks at a line of its stdout.
    pub(super) fn read(&mut self, line: &str, progress: &Progress) {
        match serde_json::from_str(line) {
            Ok(Statement::Progress { seconds, operations }) => {
                progress.at(seconds, &format!("{} operations", grouped(operations)));
            }
            Ok(Statement::Result { object, tally }) => self.results.push((object, tally)),
            Err(_) => self.text.push(line.to_owned()),
        }
    }

    /// What was found wrong, all together.
    pub(super) fn violations(&self) -> u64 {
        self.results.iter().map(|(_, tally)| tally.violations).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_text_are_told_apart() {
        let progress = Progress::new(1);
        let mut statements = Statements::default();
        let auto = concat!(
            r#"{"object":"auto","tally":{"histories":3,"operations":10,"blocked":1,"timeouts":2,"#,
            r#""largest":9,"kinds":{"set":4,"wait0:no":0},"violations":5}}"#
        );
        for line in ["seed 7", r#"{"seconds":1,"operations":5}"#, auto, &auto[..40]] {
            statements.read(line, &progress);
        }
        progress.finish();
        assert_eq!(statements.text, ["seed 7", &auto[..40]]);
        let [(object, tally)] = &statements.results[..] else { panic!("not one result") };
        assert_eq!(object, "auto");
        assert_eq!((tally.operations, tally.largest, tally.kinds["set"]), (10, 9, 4));
        assert_eq!(statements.violations(), 5);
    }
}
