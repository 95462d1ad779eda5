//! Stress: all objects on real threads, under contention.
//!
//! Each scenario has invariants that are exact, however its threads interleave. It counts what is *lost* (a
//! set, a decrement or a permit that no wait took) and what is *doubled* (taken twice, or by a wait that
//! should have blocked). Where something lost leaves threads asleep, the watchdog finds that they *stall*.
//!
//! Built with `--cfg rsevents_delays`, the objects take random delays around each of their steps.

mod all;
mod any;
mod auto;
mod barrier;
mod countdown;
mod events;
mod harness;
mod manual;
mod phases;
mod semaphore;
mod stats;
mod status;
mod tasks;
mod waits;
mod watchdog;
mod worker;

use std::fmt;

use rsevents::{AutoResetEvent, ManualResetEvent};

use harness::Harness;
pub use watchdog::run;

/// Whether the objects take delays.
pub const HAS_DELAYS: bool = cfg!(rsevents_delays);

/// Threads that use an object in one way.
pub struct Scenario {
    /// `object::scenario`
    pub name: &'static str,
    run: fn(&Harness),
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All scenarios.
pub static SCENARIOS: [Scenario; 39] = [
    Scenario { name: "auto::mutex", run: auto::mutex },
    Scenario { name: "auto::signal", run: auto::signal },
    Scenario { name: "auto::hand_off", run: auto::hand_off },
    Scenario { name: "auto::recheck", run: events::recheck::<AutoResetEvent> },
    Scenario { name: "auto::timeout", run: events::timeout::<AutoResetEvent> },
    Scenario { name: "manual::ping_pong", run: manual::ping_pong },
    Scenario { name: "manual::gate", run: manual::gate },
    Scenario { name: "manual::turnstile", run: manual::turnstile },
    Scenario { name: "manual::mixed", run: manual::mixed },
    Scenario { name: "manual::recheck", run: events::recheck::<ManualResetEvent> },
    Scenario { name: "manual::timeout", run: events::timeout::<ManualResetEvent> },
    Scenario { name: "countdown::rounds", run: countdown::rounds },
    Scenario { name: "countdown::totals", run: countdown::totals },
    Scenario { name: "countdown::surplus", run: countdown::surplus },
    Scenario { name: "semaphore::holders", run: semaphore::holders },
    Scenario { name: "semaphore::permits", run: semaphore::permits },
    Scenario { name: "semaphore::deadlines", run: semaphore::deadlines },
    Scenario { name: "auto::drop_before_task", run: tasks::drop_before_task },
    Scenario { name: "auto::drop_before_thread", run: tasks::drop_before_thread },
    Scenario { name: "auto::give_up", run: tasks::give_up },
    Scenario { name: "auto::new_waker", run: tasks::new_waker::<AutoResetEvent> },
    Scenario { name: "auto::ring", run: tasks::ring },
    Scenario { name: "manual::new_waker", run: tasks::new_waker::<ManualResetEvent> },
    Scenario { name: "manual::broadcast", run: tasks::broadcast },
    Scenario { name: "semaphore::drop_request", run: tasks::drop_request },
    Scenario { name: "any::two_setters", run: any::two_setters },
    Scenario { name: "any::third_party", run: any::third_party },
    Scenario { name: "any::give_up", run: any::give_up },
    Scenario { name: "any::undone", run: any::undone },
    Scenario { name: "any::opposite_orders", run: any::opposite_orders },
    Scenario { name: "any::ring", run: any::ring },
    Scenario { name: "all::philosophers", run: all::philosophers },
    Scenario { name: "all::permits", run: all::permits },
    Scenario { name: "all::opposite_orders", run: all::opposite_orders },
    Scenario { name: "all::last_set", run: all::last_set },
    Scenario { name: "all::two_setters", run: all::two_setters },
    Scenario { name: "all::give_up", run: all::give_up },
    Scenario { name: "all::undone", run: all::undone },
    Scenario { name: "all::taken_before", run: all::taken_before },
];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{SCENARIOS, Scenario, run};

    /// Alone, then side by side. However short the time, each completes a round.
    #[test]
    fn every_scenario_runs_and_finds_no_fault() {
        let time = Duration::from_millis(50);
        let patience = Duration::from_secs(120);
        let all: Vec<&Scenario> = SCENARIOS.iter().collect();
        let alone = all.iter().flat_map(|scenario| run(&[scenario], time, patience));
        for stats in alone.chain(run(&all, time, patience)) {
            assert!(stats.faults.iter().all(|(_, number)| *number == 0), "{stats:?}");
            assert!(stats.counts[0].1 > 0, "{stats:?}");
        }
    }
}
