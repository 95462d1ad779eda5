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
