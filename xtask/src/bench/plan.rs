//! What is measured, and which lines are to be crossed: `benches/scenarios.toml`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::names;
use crate::workspace::Workspace;

/// The contender that all others are compared with.
pub(super) const OURS: &str = "rsevents";

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// By the id that is the last part of each benchmark's name.
    pub(super) contenders: BTreeMap<String, Contender>,
    #[serde(rename = "scenario")]
    pub(super) scenarios: Vec<Scenario>,
}

/// A way to do what is measured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contender {
    pub(super) label: String,
    /// The crate it is from, `name` or `name@version`. The standard library has none.
    #[serde(rename = "crate")]
    pub(super) from: Option<String>,
    /// What it does not do, wherever it stands.
    pub(super) lacks: Option<String>,
}

/// A bench target.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) about: String,
    #[serde(rename = "row")]
    pub(super) rows: Vec<Row>,
}

/// One thing to do, and who has to do it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) unit: Unit,
    pub(super) contenders: Vec<String>,
    #[serde(default)]
    pub(super) lines: Vec<Line>,
    /// What contenders do not do in this row.
    #[serde(default)]
    pub(super) lacks: BTreeMap<String, String>,
    /// Why a line of this row is missed.
    pub(super) why: Option<String>,
    /// How many instructions more than before are no regression.
    pub(super) instructions: Option<Allowance>,
}

/// What a row's values are.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    #[default]
    Ns,
    Bytes,
}

/// A line to cross.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Line {
    /// At most this part of what each of the others takes.
    Ratio { at_most: f64, of: Of },
    /// At most this, in the row's unit.
    Value { at_most_value: f64 },
}

/// Whom a ratio is of.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Of {
    Everyone(All),
    /// `contender`, or `row/contender` in another row of the scenario.
    These(Vec<String>),
}

/// The word for every other contender of the row.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum All {
    All,
}

/// Instructions that may be more than they were.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Allowance {
    pub(super) allow: u64,
    pub(super) why: String,
}

impl Plan {
    /// Reads the file in the workspace.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let path = "benches/scenarios.toml";
        Self::parse(&workspace.shell.read_file(path)?).context(path)
    }

    /// Reads a file's text, and holds it to what no type says.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let plan = toml::from_str(text)?;
        names::plan(&plan)?;
        Ok(plan)
    }

    /// What people call a contender.
    pub(super) fn label<'a>(&'a self, contender: &'a str) -> &'a str {
        self.contenders.get(contender).map_or(contender, |contender| &contender.label)
    }
}

impl Scenario {
    /// The row called `name`.
    pub(super) fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// `scenario/row`
    pub(super) fn path(&self, row: &Row) -> String {
        format!("{}/{}", self.name, row.name)
    }
}

impl Row {
    /// Whom `line` compares us with: rows and contenders.
    pub(super) fn compared<'a>(&'a self, line: &'a Line) -> Vec<(&'a str, &'a str)> {
        match line {
            Line::Value { .. } => Vec::new(),
            Line::Ratio { of: Of::Everyone(All::All), .. } => {
                let others = self.contenders.iter().filter(|contender| *contender != OURS);
                others.map(|contender| (self.name.as_str(), contender.as_str())).collect()
            }
            Line::Ratio { of: Of::These(these), .. } => {
                let here = |name: &'a String| (self.name.as_str(), name.as_str());
                these.iter().map(|name| name.split_once('/').unwrap_or(here(name))).collect()
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A bit of everything that the file may say.
    pub(in crate::bench) const SAMPLE: &str = r#"
        [contenders.rsevents]
        label = "rsevents"
        crate = "rsevents"
        [contenders."rsevents-0.3.1"]
        label = "rsevents 0.3.1"
        crate = "rsevents@0.3.1"
        lacks = "loses sets"
        [contenders.futex]
        label = "bare futex"

        [[scenario]]
        name = "handoff"
        title = "Hand-off between two threads"
        about = "One thread sets, the other waits."
        [[scenario.row]]
        name = "one_core"
        title = "Round trip, one core"
        contenders = ["rsevents", "futex"]
        lines = [{ at_most = 1.5, of = "all" }]
        why = "a futex does less"
        [[scenario.row]]
        name = "two_cores"
        title = "Round trip, two cores"
        contenders = ["rsevents", "rsevents-0.3.1", "futex"]
        lines = [{ at_most = 0.5, of = ["rsevents-0.3.1", "one_core/futex"] }]
        lacks = { futex = "four bytes" }

        [[scenario]]
        name = "uncontended"
        title = "Nobody else"
        about = "What the fast paths cost."
        [[scenario.row]]
        name = "set"
        title = "Set"
        contenders = ["rsevents", "rsevents-0.3.1"]
        instructions = { allow = 1, why = "a load first" }
        [[scenario.row]]
        name = "size"
        title = "Size"
        unit = "bytes"
        contenders = ["rsevents"]
        lines = [{ at_most_value = 1.0 }]
    "#;

    pub(in crate::bench) fn sample() -> Plan {
        Plan::parse(SAMPLE).unwrap()
    }

    /// What is wrong with the sample after a change.
    fn broken(from: &str, to: &str) -> String {
        assert!(SAMPLE.contains(from), "{from}");
        format!("{:#}", Plan::parse(&SAMPLE.replacen(from, to, 1)).unwrap_err())
    }

    #[test]
    fn the_real_one_is_read() {
        Plan::parse(include_str!("../../../benches/scenarios.toml")).unwrap();
    }

    #[test]
    fn sample_is_read() {
        let plan = sample();
        let [handoff, uncontended] = &plan.scenarios[..] else { panic!("not two scenarios") };
        assert_eq!(handoff.path(&handoff.rows[0]), "handoff/one_core");
        assert_eq!(handoff.rows[0].unit, Unit::Ns);
        assert_eq!(uncontended.row("size").unwrap().unit, Unit::Bytes);
        assert_eq!(plan.label("futex"), "bare futex");
    }

    #[test]
    fn lines_compare_with_contenders_of_any_row() {
        let plan = sample();
        let [one_core, two_cores] = &plan.scenarios[0].rows[..] else { panic!("not two rows") };
        assert_eq!(one_core.compared(&one_core.lines[0]), [("one_core", "futex")]);
        let compared = two_cores.compared(&two_cores.lines[0]);
        assert_eq!(compared, [("two_cores", "rsevents-0.3.1"), ("one_core", "futex")]);
    }

    #[test]
    fn unknown_fields_are_errors() {
        for from in ["label = \"rsevents\"", "title = \"Set\"", "about = \"What", "allow = 1"] {
            let text = SAMPLE.replacen(from, &format!("tittle = 1\n{from}"), 1);
            assert!(Plan::parse(&text).is_err(), "{from}");
        }
        broken("at_most_value = 1.0", "at_most_value = 1.0, of = \"all\"");
        broken("of = \"all\"", "of = \"most\"");
        broken("unit = \"bytes\"", "unit = \"miles\"");
    }

    #[test]
    fn names_that_lead_nowhere_are_errors() {
        assert_eq!(
            broken("[\"rsevents\", \"futex\"]", "[\"rsevents\", \"mutex\"]"),
            "handoff/one_core: no contender `mutex`"
        );
        assert_eq!(
            broken("one_core/futex", "no_core/futex"),
            "handoff/two_cores: a line is of no_core/futex, which nothing measures"
        );
        assert_eq!(
            broken("{ futex = \"four", "{ mutex = \"four"),
            "handoff/two_cores: lacks `mutex`, which it does not measure"
        );
        assert_eq!(
            broken("[\"rsevents\", \"futex\"]", "[\"futex\"]"),
            "handoff/one_core: has lines, but not rsevents"
        );
    }

    #[test]
    fn names_that_are_taken_or_odd_are_errors() {
        assert_eq!(broken("two_cores", "one_core"), "handoff/one_core: declared twice");
        assert_eq!(broken("\"uncontended\"", "\"handoff\""), "scenario handoff: declared twice");
        assert_eq!(
            broken("two_cores", "two.cores"),
            "`two.cores` is no name: letters, digits, _, -"
        );
        assert_eq!(
            broken("[\"rsevents\", \"futex\"]", "[\"rsevents\", \"rsevents\"]"),
            "handoff/one_core: measures rsevents twice"
        );
    }
}
