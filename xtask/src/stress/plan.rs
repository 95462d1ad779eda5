//! What is played when.

use std::iter;
use std::time::Duration;

use anyhow::{Result, ensure};

/// A slice is about as long as that if there is time enough, so that within a minute each scenario has its turn.
/// In less time, slices are shorter rather than fewer.
const LENGTH: Duration = Duration::from_secs(2);

/// Some scenarios side by side, for some time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slice<'a> {
    pub(super) scenarios: &'a [String],
    pub(super) time: Duration,
}

impl Slice<'_> {
    /// The scenario, or how many there are.
    pub(super) fn name(&self) -> String {
        match self.scenarios {
            [scenario] => scenario.clone(),
            several => format!("{} side by side", several.len()),
        }
    }
}

/// The scenarios whose name contains `filter`, or all.
pub(super) fn select(mut scenarios: Vec<String>, filter: Option<&str>) -> Result<Vec<String>> {
    if let Some(filter) = filter {
        scenarios.retain(|name| name.contains(filter));
        ensure!(!scenarios.is_empty(), "no scenario's name contains `{filter}`");
    }
    ensure!(!scenarios.is_empty(), "there are no scenarios");
    Ok(scenarios)
}

/// Slices that fill `time`. The races are lost in different ways by threads that have their cores and by those
/// that have to share them with many others: so half of the time each scenario plays alone, half of it all
/// play side by side.
pub(super) fn slices(scenarios: &[String], time: Duration) -> Vec<Slice<'_>> {
    let round: Vec<_> = match scenarios {
        [_] => vec![scenarios],
        several => several.chunks(1).flat_map(|one| [one, several]).collect(),
    };
    let rounds = (time.as_secs_f64() / (LENGTH * round.len() as u32).as_secs_f64()).round();
    let rounds = (rounds as usize).max(1);
    let time = time / (rounds * round.len()) as u32;
    let rounds = iter::repeat_n(round, rounds);
    rounds.flatten().map(|scenarios| Slice { scenarios, time }).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{select, slices};

    const NAMES: [&str; 3] = ["auto::mutex", "auto::news", "manual::news"];

    fn names() -> Vec<String> {
        NAMES.map(str::to_owned).to_vec()
    }

    #[test]
    fn scenarios_are_selected_by_name() {
        assert_eq!(select(names(), None).unwrap(), NAMES);
        assert_eq!(select(names(), Some("auto")).unwrap(), NAMES[..2]);
        let error = select(names(), Some("event")).unwrap_err();
        assert_eq!(error.to_string(), "no scenario's name contains `event`");
        assert!(select(Vec::new(), None).is_err());
    }

    #[test]
    fn slices_fill_the_time_whatever_it_is() {
        for (selected, seconds) in [(1, 15), (3, 15), (2, 60), (3, 3600), (3, 1)] {
            let (names, time) = (names(), Duration::from_secs(seconds));
            let slices = slices(&names[..selected], time);
            let sum: Duration = slices.iter().map(|slice| slice.time).sum();
            assert!(sum <= time && sum > time.mul_f64(0.999), "{sum:?} of {time:?}");
            for name in &names[..selected] {
                let plays = |slice: &&super::Slice<'_>| slice.scenarios == [name.clone()];
                assert!(slices.iter().any(|slice| plays(&slice)), "{name} never plays alone");
            }
            let alone = slices.iter().filter(|slice| slice.scenarios.len() == 1).count();
            let expected = if selected == 1 { slices.len() } else { slices.len() / 2 };
            assert_eq!(alone, expected);
        }
    }
}
