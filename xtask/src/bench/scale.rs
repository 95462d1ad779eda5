//! Where on a chart values are.

/// A scale from the chart's left edge, 0, to its right, 1.
pub(super) enum Scale {
    /// From nothing to the largest value.
    Linear { largest: f64 },
    /// From one power of ten to the largest value.
    Logarithmic { least: i32, largest: f64 },
}

impl Scale {
    /// The scale for these values. If they differ too much, short bars would all look alike.
    pub(super) fn of(values: &[f64]) -> Self {
        let largest = values.iter().copied().fold(0.0, f64::max);
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        if least > 0.0 && largest / least > 20.0 {
            // The shortest bar has to be seen, too.
            Self::Logarithmic { least: (least * 0.6).log10().floor() as i32, largest }
        } else {
            Self::Linear { largest }
        }
    }

    /// Where `value` is.
    pub(super) fn position(&self, value: f64) -> f64 {
        match *self {
            Self::Linear { largest } if largest > 0.0 => value / largest,
            Self::Linear { .. } => 0.0,
            Self::Logarithmic { least, largest } => {
                let from = f64::from(least);
                (value.log10() - from) / (largest.log10() - from)
            }
        }
    }

    /// Values to mark, at least `distance` apart. A bar on a linear scale speaks for itself.
    pub(super) fn ticks(&self, distance: f64) -> Vec<f64> {
        let Self::Logarithmic { least, largest } = *self else { return Vec::new() };
        let decades = largest.log10() - f64::from(least);
        let step = (decades * distance).ceil().max(1.0) as usize;
        let powers = (least..).map(|power| 10_f64.powi(power));
        powers.take_while(|power| *power <= largest).step_by(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn near_values_are_on_a_linear_scale() {
        let scale = Scale::of(&[1.0, 20.0]);
        assert!(matches!(scale, Scale::Linear { .. }));
        assert_eq!([0.0, 5.0, 20.0].map(|value| scale.position(value)), [0.0, 0.25, 1.0]);
        assert!(scale.ticks(0.1).is_empty());
    }

    #[test]
    fn far_values_are_on_a_logarithmic_scale() {
        let scale = Scale::of(&[1.0, 1000.0]);
        assert_eq!([0.1, 1.0, 1000.0].map(|value| scale.position(value)), [0.0, 0.25, 1.0]);
        assert_eq!(scale.ticks(0.2).len(), 5);
        assert_eq!(scale.ticks(0.3).len(), 3);
    }

    #[test]
    fn nothing_has_no_logarithm() {
        let scale = Scale::of(&[0.0, 31_000.0]);
        assert!(matches!(scale, Scale::Linear { .. }));
        assert_eq!(Scale::of(&[0.0]).position(0.0), 0.0);
    }
}
