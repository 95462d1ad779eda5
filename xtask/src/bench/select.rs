//! Which rows are measured.

use anyhow::{Result, ensure};

use super::plan::{Plan, Row, Scenario};

/// A scenario, and some of its rows: never none.
#[derive(Clone)]
pub(super) struct Selected<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) rows: Vec<&'a Row>,
}

/// The rows whose `scenario/row` contains `filter`, or all.
pub(super) fn select<'a>(plan: &'a Plan, filter: Option<&str>) -> Result<Vec<Selected<'a>>> {
    let filter = filter.unwrap_or_default();
    let scenarios = plan.scenarios.iter();
    let selection: Vec<_> = scenarios
        .filter_map(|scenario| Selected::new(scenario, |row| scenario.path(row).contains(filter)))
        .collect();
    ensure!(!selection.is_empty(), "no row's name contains `{filter}`");
    Ok(selection)
}

impl<'a> Selected<'a> {
    /// The rows of `scenario` that are `wanted`, if there are any.
    pub(super) fn new(scenario: &'a Scenario, wanted: impl Fn(&Row) -> bool) -> Option<Self> {
        let rows: Vec<_> = scenario.rows.iter().filter(|row| wanted(row)).collect();
        (!rows.is_empty()).then_some(Self { scenario, rows })
    }

    /// These rows and those that their lines compare them with: a ratio is of two measurements in
    /// one round.
    pub(super) fn with_compared(&self) -> Self {
        let is_wanted = |candidate: &&Row| {
            self.rows.iter().any(|row| {
                let compared = row.lines.iter().flat_map(|line| row.compared(line));
                row.name == candidate.name
                    || compared.into_iter().any(|(name, _)| name == candidate.name)
            })
        };
        Self {
            scenario: self.scenario,
            rows: self.scenario.rows.iter().filter(is_wanted).collect(),
        }
    }

    /// What makes criterion run these rows alone, unless they are all there are.
    pub(super) fn regex(&self) -> Option<String> {
        let paths: Vec<String> = self.rows.iter().map(|row| self.scenario.path(row)).collect();
        let is_whole = paths.len() == self.scenario.rows.len();
        (!is_whole).then(|| format!("^({})/", paths.join("|")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::tests::sample;

    #[test]
    fn filter_selects_by_part_of_the_path() {
        let plan = sample();
        let names = |filter| -> Vec<String> {
            let selection = select(&plan, filter).unwrap();
            let rows = |one: &Selected<'_>| -> Vec<String> {
                one.rows.iter().map(|row| one.scenario.path(row)).collect()
            };
            selection.iter().flat_map(rows).collect()
        };
        assert_eq!(names(None).len(), 4);
        assert_eq!(names(Some("handoff")), ["handoff/one_core", "handoff/two_cores"]);
        assert_eq!(names(Some("off/one")), ["handoff/one_core"]);
        assert_eq!(names(Some("o_cores")), ["handoff/two_cores"]);
        assert!(select(&plan, Some("three_cores")).is_err());
    }

    #[test]
    fn regex_is_anchored_to_the_rows() {
        let plan = sample();
        let regex = |filter| select(&plan, filter).unwrap()[0].regex();
        assert_eq!(regex(None), None);
        assert_eq!(regex(Some("handoff")), None);
        assert_eq!(regex(Some("one_core")).unwrap(), "^(handoff/one_core)/");
    }

    #[test]
    fn rows_that_lines_name_come_along() {
        let plan = sample();
        let rows = |filter| select(&plan, Some(filter)).unwrap()[0].with_compared().rows.len();
        assert_eq!(rows("one_core"), 1);
        assert_eq!(rows("two_cores"), 2);
    }
}
