//! What the benchmarks can measure.

use serde::{Deserialize, Serialize};

/// All contenders and scenarios.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// In the order in which they are measured.
    pub contenders: Vec<Contender>,
    /// In the order of the report.
    pub scenarios: Vec<Scenario>,
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

/// A measurement that criterion does not report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Of what: scenario/row/contender.
    pub id: String,
    /// The row's value. `None` if criterion reports it.
    pub value: Option<f64>,
    /// Processor time of an iteration in nanoseconds.
    pub cpu: Option<f64>,
}
