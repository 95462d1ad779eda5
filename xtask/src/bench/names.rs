//! Whether names agree: within the plan, and between the plan and what was measured.

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};

use super::plan::{OURS, Plan, Row, Scenario};
use super::rounds::Round;
use super::select::Selected;

/// Every name in the plan leads somewhere.
pub(super) fn plan(plan: &Plan) -> Result<()> {
    let mut names = BTreeSet::new();
    for scenario in &plan.scenarios {
        check_name(&scenario.name)?;
        ensure!(names.insert(&scenario.name), "scenario {}: declared twice", scenario.name);

        let mut names = BTreeSet::new();
        for row in &scenario.rows {
            check_name(&row.name)?;
            ensure!(names.insert(&row.name), "{}: declared twice", scenario.path(row));
            check_row(plan, scenario, row)?;
        }
    }
    Ok(())
}

/// The names of scenarios and rows become parts of paths and of regular expressions.
fn check_name(name: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let is_name = !name.is_empty() && name.chars().all(is_plain);
    ensure!(is_name, "`{name}` is no name: letters, digits, _, -");
    Ok(())
}

fn check_row(plan: &Plan, scenario: &Scenario, row: &Row) -> Result<()> {
    let path = scenario.path(row);
    let mut contenders = BTreeSet::new();
    for name in &row.contenders {
        ensure!(plan.contenders.contains_key(name), "{path}: no contender `{name}`");
        ensure!(contenders.insert(name.as_str()), "{path}: measures {name} twice");
    }
    for name in row.lacks.keys() {
        let is_measured = contenders.contains(name.as_str());
        ensure!(is_measured, "{path}: lacks `{name}`, which it does not measure");
    }
    let has_ours = contenders.contains(OURS);
    ensure!(has_ours || row.lines.is_empty(), "{path}: has lines, but not {OURS}");

    for (other, contender) in row.lines.iter().flat_map(|line| row.compared(line)) {
        let of = scenario.row(other);
        let is_measured = of.is_some_and(|row| row.contenders.iter().any(|name| name == contender));
        ensure!(is_measured, "{path}: a line is of {other}/{contender}, which nothing measures");
    }
    Ok(())
}

/// What was measured is declared, and what was to be measured was measured or skipped.
pub(super) fn round(round: &Round, selected: &Selected<'_>) -> Result<()> {
    let scenario = selected.scenario;
    for id in round.ids() {
        ensure!(
            is_declared(scenario, id),
            "{id} was measured, but scenarios.toml does not declare it"
        );
    }
    for path in round.skipped_rows() {
        let is_row = scenario.rows.iter().any(|row| scenario.path(row) == path);
        ensure!(is_row, "{path} was skipped, but scenarios.toml does not declare it");
    }
    for row in &selected.rows {
        let path = scenario.path(row);
        if round.skipped(&path).is_some() {
            continue;
        }
        let mut contenders = row.contenders.iter().map(|name| format!("{path}/{name}"));
        if let Some(id) = contenders.find(|id| round.value(id).is_none()) {
            bail!("{id} was neither measured nor skipped");
        }
    }
    Ok(())
}

fn is_declared(scenario: &Scenario, id: &str) -> bool {
    let parts: Vec<&str> = id.split('/').collect();
    let [first, row, contender] = parts[..] else { return false };
    let row = scenario.row(row).filter(|_| first == scenario.name);
    row.is_some_and(|row| row.contenders.iter().any(|name| name == contender))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::tests::sample;
    use crate::bench::select::select;

    const ALL: [(&str, f64); 5] = [
        ("handoff/one_core/rsevents", 1.0),
        ("handoff/one_core/futex", 1.0),
        ("handoff/two_cores/rsevents", 1.0),
        ("handoff/two_cores/rsevents-0.3.1", 1.0),
        ("handoff/two_cores/futex", 1.0),
    ];

    /// What is said of a round of all rows, or of those that `filter` selects.
    fn said(measured: Round, filter: Option<&str>) -> String {
        let plan = sample();
        let selection = select(&plan, filter).unwrap();
        round(&measured, &selection[0]).map_or_else(|error| error.to_string(), |()| "".to_owned())
    }

    #[test]
    fn everything_was_measured_or_skipped() {
        assert_eq!(said(Round::of(&ALL, &[]), None), "");
        let skipped = Round::of(&ALL[..2], &[("handoff/two_cores", "one core")]);
        assert_eq!(said(skipped, None), "");
        assert_eq!(said(Round::of(&ALL[..2], &[]), Some("one_core")), "");
    }

    #[test]
    fn declared_but_not_measured() {
        let error = said(Round::of(&ALL[..4], &[]), None);
        assert_eq!(error, "handoff/two_cores/futex was neither measured nor skipped");
    }

    #[test]
    fn measured_but_not_declared() {
        for id in [
            "handoff/three_cores/rsevents",
            "handoff/one_core/mutex",
            "handoff/one_core/rsevents/64",
            "uncontended/one_core/rsevents",
        ] {
            let error = said(Round::of(&[(id, 1.0)], &[]), Some("one_core"));
            assert_eq!(error, format!("{id} was measured, but scenarios.toml does not declare it"));
        }
        let error = said(Round::of(&ALL, &[("handoff/three_cores", "two")]), None);
        assert_eq!(
            error,
            "handoff/three_cores was skipped, but scenarios.toml does not declare it"
        );
    }
}
