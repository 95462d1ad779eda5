//! The rows that users ask for, and how they came out.

use report::bench::{OURS, Row};

use super::Findings;

/// How a row came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Won,
    Equal,
    Lost,
}

impl Outcome {
    /// `ratio`: our time, divided by that of the fastest other.
    fn of(ratio: f64) -> Self {
        match ratio {
            ..0.95 => Self::Won,
            0.95..=1.05 => Self::Equal,
            // Also what is no number.
            _ => Self::Lost,
        }
    }
}

/// A row of the summary.
pub(super) struct Line<'a> {
    pub(super) row: &'a Row,
    /// The others, the fastest first.
    pub(super) others: Vec<(&'a str, f64)>,
    /// To the fastest. `None` if one of both was not measured.
    pub(super) ratio: Option<f64>,
    pub(super) outcome: Option<Outcome>,
    /// The reason in case it is lost.
    pub(super) why: Option<&'a str>,
}

/// All rows of the summary, in order.
pub(super) fn lines<'a>(findings: &'a Findings<'_>) -> Vec<Line<'a>> {
    let catalog = &findings.plan.catalog;
    let line = |id: &'a String| {
        let row = catalog.row(id).expect("each row of the summary exists");
        let mut others = findings.rounds.ranking(row);
        others.retain(|(contender, _)| *contender != OURS);
        let fastest = others.first().map(|(contender, _)| format!("{id}/{contender}"));
        let ratio = fastest.and_then(|fastest| findings.rounds.ratio(id, &fastest));
        let mut targets = catalog.targets.iter().filter(|target| target.row == *id);
        let why = targets.find_map(|target| target.why.as_deref());
        Line { row, others, ratio, outcome: ratio.map(Outcome::of), why }
    };
    catalog.summary.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn a_twentieth_is_equal() {
        let outcomes = [0.9, 0.95, 1.0, 1.05, 1.06, f64::NAN].map(Outcome::of);
        let [won, equal, lost] = [Outcome::Won, Outcome::Equal, Outcome::Lost];
        assert_eq!(outcomes, [won, equal, equal, equal, lost, lost]);
    }
}
