//! What rounds measured, and what can be said of several.

use std::collections::BTreeMap;

/// What one round measured.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// In the unit of the row, by `scenario/row/contender`.
    pub(super) values: BTreeMap<String, f64>,
    /// Processor time in ns per iteration, by the same.
    pub(super) cpu: BTreeMap<String, f64>,
    /// Why rows could not be measured, by `scenario/row`.
    pub(super) skipped: BTreeMap<String, String>,
}

impl Round {
    /// Whatever has a value.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.values.keys().chain(self.cpu.keys()).map(String::as_str)
    }

    /// The rows that could not be measured.
    pub(super) fn skipped_rows(&self) -> impl Iterator<Item = &str> {
        self.skipped.keys().map(String::as_str)
    }

    /// What was measured of `id`.
    pub(super) fn value(&self, id: &str) -> Option<f64> {
        self.values.get(id).copied()
    }

    /// Why this row was skipped, if it was.
    pub(super) fn skipped(&self, row: &str) -> Option<&str> {
        self.skipped.get(row).map(String::as_str)
    }

    /// Forgets what is not in a row that is wanted, or in one that was skipped half-way.
    pub(super) fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        let Self { values, cpu, skipped } = self;
        skipped.retain(|row, _| wanted(row));
        for figures in [values, cpu] {
            figures.retain(|id, _| {
                let row = id.rsplit_once('/').map_or("", |(row, _)| row);
                wanted(row) && !skipped.contains_key(row)
            });
        }
    }
}

/// All rounds of a scenario.
#[derive(Debug, Default)]
pub(super) struct Rounds(pub(super) Vec<Round>);

impl Rounds {
    /// The median of what rounds measured of `id`.
    pub(super) fn value(&self, id: &str) -> Option<f64> {
        median(self.0.iter().filter_map(|round| round.value(id)))
    }

    /// The median of the processor time that `id` took.
    pub(super) fn cpu(&self, id: &str) -> Option<f64> {
        median(self.0.iter().filter_map(|round| round.cpu.get(id).copied()))
    }

    /// The median of the ratios of `ours` to `theirs` within a round. They are measured one after the
    /// other there: what slows the machine for longer than that slows both.
    pub(super) fn ratio(&self, ours: &str, theirs: &str) -> Option<f64> {
        median(self.0.iter().filter_map(|round| Some(round.value(ours)? / round.value(theirs)?)))
    }

    /// Why a row was skipped, if it ever was.
    pub(super) fn skipped(&self, row: &str) -> Option<&str> {
        self.0.iter().find_map(|round| round.skipped(row))
    }
}

/// The one in the middle, or between the two that are.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len().is_multiple_of(2) {
        Some(f64::midpoint(values[values.len() / 2 - 1], upper))
    } else {
        Some(upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned<T: Clone, U: From<T>>(pairs: &[(&str, T)]) -> BTreeMap<String, U> {
        pairs.iter().map(|(key, value)| (key.to_string(), value.clone().into())).collect()
    }

    impl Round {
        /// A round that measured and skipped this.
        pub(in crate::bench) fn of(values: &[(&str, f64)], skipped: &[(&str, &str)]) -> Self {
            Self { values: owned(values), cpu: BTreeMap::new(), skipped: owned(skipped) }
        }
    }

    #[test]
    fn middle_of_values() {
        assert_eq!(median([]), None);
        assert_eq!(median([3.0]), Some(3.0));
        assert_eq!(median([9.0, 1.0]), Some(5.0));
        assert_eq!(median([9.0, 1.0, 2.0]), Some(2.0));
    }

    #[test]
    fn ratio_is_taken_within_rounds() {
        // A machine that is ten times slower in the second round.
        let round = |ours, theirs| Round::of(&[("a/b/ours", ours), ("a/b/theirs", theirs)], &[]);
        let rounds = Rounds(vec![round(1.0, 2.0), round(10.0, 20.0), round(3.0, 4.0)]);
        assert_eq!(rounds.ratio("a/b/ours", "a/b/theirs"), Some(0.5));
        assert_eq!(rounds.value("a/b/ours"), Some(3.0));
        assert_eq!(rounds.ratio("a/b/ours", "a/b/others"), None);
        assert_eq!(rounds.cpu("a/b/ours"), None);
    }

    #[test]
    fn skipped_row_has_no_values() {
        let mut round =
            Round::of(&[("a/b/c", 1.0), ("a/d/c", 2.0), ("a/e/c", 3.0)], &[("a/b", "x")]);
        round.cpu.insert("a/b/c".to_owned(), 1.0);
        round.retain(|row| row != "a/e");
        assert!(round.ids().eq(["a/d/c"]));
        assert_eq!(Rounds(vec![round]).skipped("a/b"), Some("x"));
    }
}
