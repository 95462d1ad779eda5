//! What is measured and what is to be reached, as the benchmarks list it.

use anyhow::{Result, ensure};
use report::bench::{Catalog, Contender, Row, Scenario};

/// Rows and targets.
pub(super) struct Plan {
    pub(super) catalog: Catalog,
}

/// A scenario, and at least one of its rows.
pub(super) type Selected<'a> = (&'a Scenario, Vec<&'a Row>);

impl Plan {
    /// The contender with this id.
    pub(super) fn contender(&self, id: &str) -> &Contender {
        let mut contenders = self.catalog.contenders.iter();
        contenders.find(|contender| contender.id == id).expect("the catalog knows its contenders")
    }

    /// The rows whose id contains `filter`, or all.
    pub(super) fn select(&self, filter: Option<&str>) -> Result<Vec<Selected<'_>>> {
        let filter = filter.unwrap_or_default();
        let selection = self.rows(|row| row.id.contains(filter));
        ensure!(!selection.is_empty(), "no row's name contains `{filter}`");
        Ok(selection)
    }

    /// The rows that are `wanted`.
    pub(super) fn rows(&self, wanted: impl Fn(&Row) -> bool) -> Vec<Selected<'_>> {
        let mut selection = Vec::new();
        for scenario in &self.catalog.scenarios {
            let rows: Vec<&Row> = scenario.rows.iter().filter(|row| wanted(row)).collect();
            if !rows.is_empty() {
                selection.push((scenario, rows));
            }
        }
        selection
    }

    /// The rows, and those that their targets compare them with: a ratio is of two measurements in one
    /// round.
    pub(super) fn with_compared<'a>(&self, (scenario, rows): &Selected<'a>) -> Vec<&'a Row> {
        let is_wanted = |row: &&Row| {
            let is_selected = |id: &str| rows.iter().any(|row| row.id == id);
            let targets = self.catalog.targets.iter();
            let mut compared =
                targets.filter(|target| is_selected(&target.row)).flat_map(|one| &one.compared);
            let is_compared = |id: &String| id.rsplit_once('/').is_some_and(|(of, _)| of == row.id);
            is_selected(&row.id) || compared.any(is_compared)
        };
        scenario.rows.iter().filter(is_wanted).collect()
    }
}

/// What makes criterion run these rows alone.
pub(super) fn regex(rows: &[&Row]) -> String {
    let measured = rows.iter().map(|row| row.measured_by.as_ref().unwrap_or(&row.id).as_str());
    format!("^({})/", measured.collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("sample.json");

    pub(in crate::bench) fn sample() -> Plan {
        Plan { catalog: serde_json::from_str(SAMPLE).unwrap() }
    }

    #[test]
    fn filter_selects_by_part_of_the_id() {
        let plan = sample();
        let selected = |filter| -> Vec<String> {
            let selection = plan.select(filter).unwrap();
            selection.iter().map(|(_, rows)| regex(rows)).collect()
        };
        assert_eq!(selected(None).len(), 2);
        assert_eq!(selected(Some("handoff")), ["^(handoff/one_core|handoff/two_cores)/"]);
        assert_eq!(selected(Some("off/one")), ["^(handoff/one_core)/"]);
        assert!(plan.select(Some("three_cores")).is_err());
    }

    #[test]
    fn rows_that_targets_name_are_measured_too() {
        let plan = sample();
        let rows = |filter| plan.with_compared(&plan.select(Some(filter)).unwrap()[0]).len();
        assert_eq!(rows("one_core"), 1);
        assert_eq!(rows("two_cores"), 2);
    }
}
