//! How often tests repeat what they try.

/// Rounds of a test with threads: `rounds`, times what `RSEVENTS_STRESS` says (under Miri a fraction), but at
/// least one.
pub(crate) fn rounds(rounds: usize) -> usize {
    let times = std::env::var("RSEVENTS_STRESS").map_or(1.0, |times| {
        times.parse().expect("RSEVENTS_STRESS is a number by which to multiply the rounds")
    });
    (rounds as f64 * times).max(1.0) as usize
}
