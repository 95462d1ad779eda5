//! What is measured, as the benchmarks list it, and what is to be reached: `benches/targets.toml`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use report::bench::{Catalog, Contender, Row, Scenario};
use serde::Deserialize;

/// The contender that has to reach the targets.
pub(super) const OURS: &str = "rsevents";

/// Rows and targets.
pub(super) struct Plan {
    pub(super) catalog: Catalog,
    pub(super) targets: Vec<Target>,
    why: BTreeMap<String, String>,
}

/// The file of targets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    target: Vec<Target>,
    why: BTreeMap<String, String>,
}

/// A limit for what ours takes in a row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    /// scenario/row.
    pub(super) row: String,
    pub(super) at_most: f64,
    /// What the ratio is of, as the file says it. Where there is nothing, the value itself is limited.
    #[serde(default)]
    pub(super) of: Vec<String>,
    /// The same, each scenario/row/contender.
    #[serde(skip)]
    pub(super) compared: Vec<String>,
    /// The name of the reason in case it is missed.
    why: Option<String>,
}

/// A scenario, and at least one of its rows.
pub(super) type Selected<'a> = (&'a Scenario, Vec<&'a Row>);

impl Plan {
    /// Holds the targets in `text` against what there is to measure.
    pub(super) fn new(catalog: Catalog, text: &str) -> Result<Self> {
        let File { target, why } = toml::from_str(text).context("benches/targets.toml")?;
        let mut plan = Self { catalog, targets: Vec::new(), why };
        for mut target in target {
            target.compared =
                plan.compared(&target).with_context(|| format!("target {target:?}"))?;
            plan.targets.push(target);
        }
        for name in plan.why.keys() {
            let is_used = plan.targets.iter().any(|target| target.why.as_ref() == Some(name));
            ensure!(is_used, "no target has the reason `{name}`");
        }
        Ok(plan)
    }

    /// What a target compares with: scenario/row/contender. `*` is every other contender of the row,
    /// `contender` is in the same row, `row/contender` in another one of the scenario.
    fn compared(&self, target: &Target) -> Result<Vec<String>> {
        let row = self.row(&target.row)?;
        let contenders: Vec<&str> = row.contenders.iter().map(|entry| entry.id.as_str()).collect();
        ensure!(contenders.contains(&OURS), "the row does not measure {OURS}");
        if let Some(why) = &target.why {
            ensure!(self.why.contains_key(why), "no reason `{why}`");
        }
        if target.of == ["*"] {
            let others = contenders.into_iter().filter(|id| *id != OURS);
            return Ok(others.map(|id| format!("{}/{id}", row.id)).collect());
        }
        let (scenario, name) = row.id.split_once('/').context("no scenario/row")?;
        let mut compared = Vec::new();
        for of in &target.of {
            let (name, contender) = of.split_once('/').unwrap_or((name, of));
            let row = self.row(&format!("{scenario}/{name}"))?;
            let is_measured = row.contenders.iter().any(|entry| entry.id == contender);
            ensure!(is_measured, "{} does not measure {contender}", row.id);
            compared.push(format!("{}/{contender}", row.id));
        }
        Ok(compared)
    }

    /// The row with this id.
    pub(super) fn row(&self, id: &str) -> Result<&Row> {
        let mut rows = self.catalog.scenarios.iter().flat_map(|scenario| &scenario.rows);
        rows.find(|row| row.id == id).with_context(|| format!("no row `{id}`"))
    }

    /// The contender with this id.
    pub(super) fn contender(&self, id: &str) -> &Contender {
        let mut contenders = self.catalog.contenders.iter();
        contenders.find(|contender| contender.id == id).expect("the catalog knows its contenders")
    }

    /// Why a target is missed.
    pub(super) fn why(&self, target: &Target) -> &str {
        let why = target.why.as_ref().and_then(|name| self.why.get(name));
        why.map_or("not explained yet", |why| why)
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
            let mut targets = self.targets.iter().filter(|target| is_selected(&target.row));
            is_selected(&row.id) || targets.any(|target| target.compares_with(row))
        };
        scenario.rows.iter().filter(is_wanted).collect()
    }
}

impl Target {
    fn compares_with(&self, row: &Row) -> bool {
        self.compared.iter().any(|id| id.rsplit_once('/').is_some_and(|(of, _)| of == row.id))
    }
}

/// What makes criterion run these rows alone.
pub(super) fn regex(rows: &[&Row]) -> String {
    let measured = rows.iter().map(|row| row.measured_by.as_ref().unwrap_or(&row.id).as_str());
    format!("^({})/", measured.collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
pub(super) mod tests {
    use report::bench::{Entry, Unit};

    use super::*;

    const TARGETS: &str = r#"
        target = [
            { row = "handoff/one_core", at_most = 1.5, of = ["*"], why = "less" },
            { row = "handoff/two_cores", at_most = 0.5, of = ["rsevents-0.3.1", "one_core/futex"] },
            { row = "uncontended/size", at_most = 1 },
        ]
        [why]
        less = "a futex does less"
    "#;

    fn catalog() -> Catalog {
        let contender = |id: &str| Contender {
            id: id.to_owned(),
            label: format!("the {id}"),
            dependency: None,
        };
        let entry = |id: &str| Entry { id: id.to_owned(), notes: vec![format!("{id} differs")] };
        let row = |id: &str, contenders: &[&str]| Row {
            id: id.to_owned(),
            title: id.to_uppercase(),
            unit: if id.ends_with("size") { Unit::Bytes } else { Unit::Nanoseconds },
            measured_by: None,
            contenders: contenders.iter().map(|id| entry(id)).collect(),
        };
        let scenario = |name: &str, rows| Scenario {
            name: name.to_owned(),
            title: format!("About {name}"),
            about: "What it is.".to_owned(),
            rows,
        };
        let handoff = vec![
            row("handoff/one_core", &["rsevents", "futex"]),
            row("handoff/two_cores", &["rsevents", "rsevents-0.3.1", "futex"]),
        ];
        let uncontended = vec![
            row("uncontended/set", &["rsevents", "rsevents-0.3.1"]),
            row("uncontended/size", &["rsevents"]),
        ];
        Catalog {
            contenders: ["rsevents", "rsevents-0.3.1", "futex"].map(contender).to_vec(),
            scenarios: vec![scenario("handoff", handoff), scenario("uncontended", uncontended)],
        }
    }

    pub(in crate::bench) fn sample() -> Plan {
        Plan::new(catalog(), TARGETS).unwrap()
    }

    #[test]
    fn targets_compare_with_contenders_of_any_row() {
        let targets = sample().targets;
        assert_eq!(targets[0].compared, ["handoff/one_core/futex"]);
        assert_eq!(
            targets[1].compared,
            ["handoff/two_cores/rsevents-0.3.1", "handoff/one_core/futex"]
        );
        assert!(targets[2].compared.is_empty());
    }

    #[test]
    fn what_leads_nowhere_is_an_error() {
        for (from, to) in [
            ("handoff/one_core", "handoff/no_core"),
            ("one_core/futex", "one_core/rsevents-0.3.1"),
            ("one_core/futex", "set/rsevents"),
            ("why = \"less\"", "why = \"more\""),
            (", why = \"less\"", ""),
            ("at_most = 1 ", "at_most = 1, off = [] "),
        ] {
            assert!(TARGETS.contains(from), "{from}");
            assert!(Plan::new(catalog(), &TARGETS.replacen(from, to, 1)).is_err(), "{to}");
        }
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
