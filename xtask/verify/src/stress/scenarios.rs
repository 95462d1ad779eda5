//! Which scenarios there are.

use std::fmt;

use rsevents::{AutoResetEvent, ManualResetEvent};

use super::stage::Stage;
use super::{auto, countdown, manual, news, semaphore};

/// Threads that attack an object.
pub struct Scenario {
    name: &'static str,
    play: fn(&Stage),
}

impl Scenario {
    /// `object::scenario`
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn play(&self, stage: &Stage) {
        (self.play)(stage);
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

static ALL: [Scenario; 15] = [
    Scenario { name: "auto::mutex", play: auto::mutex },
    Scenario { name: "auto::signal", play: auto::signal },
    Scenario { name: "auto::hand_over", play: auto::hand_over },
    Scenario { name: "auto::news", play: news::news::<AutoResetEvent> },
    Scenario { name: "manual::ping_pong", play: manual::ping_pong },
    Scenario { name: "manual::gate", play: manual::gate },
    Scenario { name: "manual::turnstile", play: manual::turnstile },
    Scenario { name: "manual::crowd", play: manual::crowd },
    Scenario { name: "manual::news", play: news::news::<ManualResetEvent> },
    Scenario { name: "countdown::rounds", play: countdown::rounds },
    Scenario { name: "countdown::totals", play: countdown::totals },
    Scenario { name: "countdown::surplus", play: countdown::surplus },
    Scenario { name: "semaphore::holders", play: semaphore::holders },
    Scenario { name: "semaphore::permits", play: semaphore::permits },
    Scenario { name: "semaphore::deadlines", play: semaphore::deadlines },
];

/// All scenarios.
#[must_use]
pub fn all() -> Vec<&'static Scenario> {
    ALL.iter().collect()
}

/// The scenario of this name.
#[must_use]
pub fn select(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::all;
    use crate::stress::{Figure, run};

    /// Alone, then side by side. However short the time, each plays a round.
    #[test]
    fn every_scenario_plays_and_is_clean() {
        let time = Duration::from_millis(50);
        let patience = Duration::from_secs(120);
        let alone = all().into_iter().flat_map(|scenario| run(&[scenario], time, patience));
        for report in alone.chain(run(&all(), time, patience)) {
            assert!(report.figures.are_clean(), "{report:?}");
            assert!(report.figures[Figure::Rounds] > 0, "{report:?}");
        }
    }
}
