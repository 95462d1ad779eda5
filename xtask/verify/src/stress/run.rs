//! Playing scenarios side by side, under a watchdog.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::figures::Figures;
use super::scenarios::Scenario;
use super::stage::Stage;
use super::watch::Watch;

/// How often to look whether the threads go on.
const LOOK: Duration = Duration::from_secs(1);
/// How often to look whether they are done.
const POLL: Duration = Duration::from_millis(5);

/// What became of a scenario.
#[derive(Debug)]
pub struct Report {
    /// Its name.
    pub scenario: &'static str,
    /// What it counted.
    pub figures: Figures,
}

/// Plays scenarios side by side for some time. If a thread stands still for as long as `patience`, shows
/// all threads on stderr and returns; they go on standing there.
///
/// # Panics
///
/// If a scenario does.
#[must_use]
pub fn run(scenarios: &[&'static Scenario], time: Duration, patience: Duration) -> Vec<Report> {
    // Leaked, as threads that stall stay there.
    let stages: &'static [Stage] =
        scenarios.iter().map(|scenario| Stage::new(scenario.name())).collect::<Vec<_>>().leak();
    let start = Instant::now();
    let players = scenarios.iter().zip(stages);
    let players: Vec<_> =
        players.map(|(scenario, stage)| thread::spawn(|| scenario.play(stage))).collect();
    if watch(&players, stages, start + time, patience) {
        for player in players {
            player.join().expect("a scenario panicked");
        }
    }
    let report = |stage: &Stage| Report { scenario: stage.name(), figures: stage.figures() };
    stages.iter().map(report).collect()
}

/// Returns whether the players have come to their end, which they are asked for at `end`.
fn watch(players: &[JoinHandle<()>], stages: &[Stage], end: Instant, patience: Duration) -> bool {
    let mut watch = Watch::new(stages);
    let mut next_look = Instant::now();
    while !players.iter().all(JoinHandle::is_finished) {
        thread::sleep(POLL);
        let now = Instant::now();
        if now >= end {
            stages.iter().for_each(Stage::close);
        }
        if now < next_look {
            continue;
        }
        next_look = now + LOOK;
        watch.look(now);
        if watch.count_stalls(patience, now) {
            eprintln!("no progress for {} s\n{watch}", patience.as_secs_f64());
            return false;
        }
    }
    true
}
