//! Measured numbers as text.

use report::bench::Unit;

use crate::display::grouped;

/// A value with its unit.
pub(super) fn value(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Nanoseconds => time(value),
        Unit::Bytes => format!("{} bytes", grouped(value.round() as u64)),
    }
}

/// `12.3 µs`, of nanoseconds.
pub(super) fn time(nanoseconds: f64) -> String {
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6)];
    // From here on three digits would round to the next unit.
    let (unit, size) =
        units.into_iter().find(|(_, size)| nanoseconds / size < 999.5).unwrap_or(("s", 1e9));
    format!("{} {unit}", significant(nanoseconds / size))
}

/// With three significant digits.
pub(super) fn significant(number: f64) -> String {
    let scientific = format!("{number:.2e}");
    let Some((_, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().expect("an exponent");
    let rounded: f64 = scientific.parse().expect("a number");
    let decimals = usize::try_from(2 - exponent).unwrap_or(0);
    format!("{rounded:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_matter() {
        let shown = [0.0, 0.012345, 0.9996, 12.34, 999.6, 12345.0, f64::INFINITY].map(significant);
        assert_eq!(shown, ["0.00", "0.0123", "1.00", "12.3", "1000", "12300", "inf"]);
        let shown = [0.25, 999.4, 999.6, 12_345.0, 1_000_000.0, 2.5e9, 5e12].map(time);
        assert_eq!(
            shown,
            ["0.250 ns", "999 ns", "1.00 µs", "12.3 µs", "1.00 ms", "2.50 s", "5000 s"]
        );
        assert_eq!(value(Unit::Bytes, 31_000.4), "31 000 bytes");
    }
}
