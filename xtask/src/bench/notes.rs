//! Footnotes of a scenario: what contenders do not do.

use super::plan::{Plan, Row};

/// The texts, numbered from 1.
#[derive(Default)]
pub(super) struct Notes(Vec<String>);

impl Notes {
    /// The numbers of what `contender` lacks in `row`.
    pub(super) fn mark(&mut self, plan: &Plan, row: &Row, contender: &str) -> String {
        let everywhere = plan.contenders.get(contender).and_then(|one| one.lacks.as_ref());
        let texts = everywhere.into_iter().chain(row.lacks.get(contender));
        let numbers: Vec<String> = texts.map(|text| self.number(text).to_string()).collect();
        numbers.join(", ")
    }

    /// A text that is known keeps its number.
    fn number(&mut self, text: &str) -> usize {
        let known = self.0.iter().position(|known| known == text);
        known.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        }) + 1
    }

    /// All of them, a line each.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().enumerate().map(|(index, text)| format!("{}. {text}", index + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::tests::sample;

    #[test]
    fn notes_are_numbered_as_they_come() {
        let plan = sample();
        let [one_core, two_cores] = &plan.scenarios[0].rows[..] else { panic!("not two rows") };
        let mut notes = Notes::default();
        assert_eq!(notes.mark(&plan, one_core, "futex"), "");
        assert_eq!(notes.mark(&plan, two_cores, "futex"), "1");
        assert_eq!(notes.mark(&plan, two_cores, "rsevents-0.3.1"), "2");
        assert_eq!(notes.mark(&plan, two_cores, "futex"), "1");
        assert!(notes.lines().eq(["1. four bytes", "2. loses sets"]));
    }
}
