//! How long to measure.

use std::time::Duration;

/// How many rounds there are, and what criterion does in each with each benchmark.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    pub(super) rounds: usize,
    warm_up: Duration,
    measurement: Duration,
    samples: usize,
}

impl Effort {
    /// A first look.
    pub(super) const QUICK: Self = Self {
        rounds: 3,
        warm_up: Duration::from_millis(40),
        measurement: Duration::from_millis(80),
        samples: 10,
    };

    /// What the report of a release should be written from.
    pub(super) const FULL: Self = Self {
        rounds: 5,
        warm_up: Duration::from_millis(100),
        measurement: Duration::from_millis(250),
        samples: 10,
    };

    /// The arguments that tell criterion.
    pub(super) fn arguments(&self) -> Vec<String> {
        [
            ("--warm-up-time", self.warm_up.as_secs_f64().to_string()),
            ("--measurement-time", self.measurement.as_secs_f64().to_string()),
            ("--sample-size", self.samples.to_string()),
            // For confidence intervals, which nobody reads here: the rounds tell more.
            ("--nresamples", "1000".to_owned()),
        ]
        .into_iter()
        .flat_map(|(option, value)| [option.to_owned(), value])
        .collect()
    }

    /// `5 rounds of 10 samples in 250ms`
    pub(super) fn describe(&self) -> String {
        let Self { rounds, samples, measurement, .. } = self;
        format!("{rounds} rounds of {samples} samples in {measurement:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::Effort;

    #[test]
    fn criterion_takes_seconds() {
        let arguments = Effort::QUICK.arguments();
        assert_eq!(arguments[..4], ["--warm-up-time", "0.04", "--measurement-time", "0.08"]);
        assert_eq!(Effort::FULL.describe(), "5 rounds of 10 samples in 250ms");
    }
}
