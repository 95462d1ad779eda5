//! What the benchmarks can measure.

use serde::{Deserialize, Serialize};

/// All contenders and scenarios.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// In the order in which they are measured.
    pub contenders: Vec<Contender>,
    /// In the order of the report.
    pub scenarios: Vec<Scenario>,
    /// What rsevents has to reach.
    pub targets: Vec<Target>,
    /// The ids of the rows that stand for the others on a single page.
    #[serde(default)]
    pub summary: Vec<String>,
}

impl Catalog {
    /// The row with this id.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.scenarios.iter().flat_map(|scenario| &scenario.rows).find(|row| row.id == id)
    }
}

/// The contender that has to reach the targets.
pub const OURS: &str = "rsevents";

/// A limit for what ours takes in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The row's id.
    pub row: String,
    /// The limit.
    pub at_most: f64,
    /// What the ratio is of, as `targets.toml` says it. Where there is nothing, the value itself is limited.
    #[serde(default)]
    pub of: Vec<String>,
    /// The same, each scenario/row/contender.
    #[serde(default)]
    pub compared: Vec<String>,
    /// The reason in case it is missed.
    pub why: Option<String>,
}

/// One way to do what is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contender {
    /// The last part of a benchmark's id, which is scenario/row/contender.
    pub id: String,
    /// For people.
    pub label: String,
    /// The dependency of the benchmarks that it comes from. The standard library is none.
    pub dependency: Option<String>,
}

/// Rows that have something in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Its id.
    pub name: String,
    /// For people.
    pub title: String,
    /// What is done and what is measured, in a few sentences.
    pub about: String,
    /// In the order of the report.
    pub rows: Vec<Row>,
}

/// One thing that several contenders do in turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its id: scenario/row.
    pub id: String,
    /// For people.
    pub title: String,
    /// What its values are.
    pub unit: Unit,
    /// The row whose measurement gives this row's values as well.
    pub measured_by: Option<String>,
    /// Those that take part.
    pub contenders: Vec<Entry>,
}

/// A contender in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The contender's id.
    pub id: String,
    /// What it lacks there.
    pub notes: Vec<String>,
}

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Time of an iteration.
    Nanoseconds,
    /// Memory.
    Bytes,
}

/// What was measured of one contender in one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The row's id.
    pub row: String,
    /// The contender's.
    pub contender: String,
    /// In the row's unit.
    pub value: f64,
    /// Processor time of an iteration in nanoseconds.
    pub cpu: Option<f64>,
}

/// The value in the middle, or between the two that are.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    Some(f64::midpoint(values[(values.len() - 1) / 2], upper))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn middle_of_values() {
        assert_eq!(median([]), None);
        assert_eq!(median([3.0]), Some(3.0));
        assert_eq!(median([9.0, 1.0]), Some(5.0));
        assert_eq!(median([9.0, 1.0, 2.0]), Some(2.0));
    }
}
