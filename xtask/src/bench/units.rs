//! How measured numbers look.

use super::plan::Unit;
use crate::display::grouped;

impl Unit {
    /// A value with its unit.
    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::Ns => time(value),
            Self::Bytes => format!("{} bytes", grouped(value.round() as u64)),
        }
    }
}

/// `12.3 µs`, of nanoseconds.
pub(super) fn time(nanoseconds: f64) -> String {
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6)];
    let fits = |(_, size): &(&str, f64)| round(nanoseconds / size).0 < 1000.0;
    let (unit, size) = units.into_iter().find(fits).unwrap_or(("s", 1e9));
    format!("{} {unit}", significant(nanoseconds / size))
}

/// With three significant digits.
pub(super) fn significant(number: f64) -> String {
    let (rounded, exponent) = round(number);
    let decimals = usize::try_from(2 - exponent).unwrap_or(0);
    format!("{rounded:.decimals$}")
}

/// Rounds to three significant digits. Returns the power of ten of the first, too.
fn round(number: f64) -> (f64, i32) {
    let text = format!("{number:.2e}");
    let exponent = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok());
    // Infinity has no exponent, and is round.
    (text.parse().unwrap_or(number), exponent.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_matter() {
        let shown = [0.0, 0.012345, 0.9996, 1.0, 12.34, 123.4, 999.6, 12345.0].map(significant);
        assert_eq!(shown, ["0.00", "0.0123", "1.00", "1.00", "12.3", "123", "1000", "12300"]);
        assert_eq!(significant(f64::INFINITY), "inf");
    }

    #[test]
    fn units_keep_numbers_small() {
        let shown = [0.25, 1.5, 999.4, 999.6, 12_345.0, 1_000_000.0, 2.5e9, 5e12].map(time);
        let expected =
            ["0.250 ns", "1.50 ns", "999 ns", "1.00 µs", "12.3 µs", "1.00 ms", "2.50 s", "5000 s"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn bytes_are_whole() {
        assert_eq!(Unit::Bytes.show(1.0), "1 bytes");
        assert_eq!(Unit::Bytes.show(31_000.4), "31 000 bytes");
    }
}
