//! Which scenarios run when.

use std::iter;
use std::time::Duration;

/// The length of a slice if there is time enough, so that each scenario runs within a minute. In less time, slices
/// are shorter rather than fewer.
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

/// Slices that fill `time`. Threads with cores of their own lose other races than threads that share them: half
/// of the time each scenario runs alone, half of it all run side by side.
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

    use super::slices;

    fn names() -> Vec<String> {
        ["auto::mutex", "auto::signal", "manual::gate"].map(str::to_owned).to_vec()
    }

    #[test]
    fn slices_fill_the_time_and_each_scenario_runs_alone_half_of_it() {
        for (selected, seconds) in [(1, 15), (3, 15), (2, 60), (3, 3600), (3, 1)] {
            let (names, time) = (names(), Duration::from_secs(seconds));
            let slices = slices(&names[..selected], time);
            let sum: Duration = slices.iter().map(|slice| slice.time).sum();
            assert!(sum <= time && sum > time.mul_f64(0.999), "{sum:?} of {time:?}");
            for name in &names[..selected] {
                let runs_alone = slices.iter().any(|slice| slice.scenarios == [name.clone()]);
                assert!(runs_alone, "{name}");
            }
            let alone = slices.iter().filter(|slice| slice.scenarios.len() == 1).count();
            let expected = if selected == 1 { slices.len() } else { slices.len() / 2 };
            assert_eq!(alone, expected);
        }
    }
}
