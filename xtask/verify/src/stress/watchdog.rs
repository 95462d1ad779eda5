//! Runs scenarios side by side, and ends when their threads stall.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Scenario;
use super::harness::Harness;
use super::stats::Counter;

/// How often to check that the threads make progress.
const CHECK: Duration = Duration::from_secs(1);
/// How often to check whether they have ended.
const POLL: Duration = Duration::from_millis(5);

/// Runs scenarios side by side for some time, and reports what each has counted. If a thread makes no progress
/// for as long as `patience`, shows all threads on stderr and returns; they are left behind.
///
/// # Panics
///
/// If a scenario does.
#[must_use]
pub fn run(
    scenarios: &[&'static Scenario],
    time: Duration,
    patience: Duration,
) -> Vec<report::Stats> {
    // Leaked, as threads that stall go on using them.
    let harnesses: &'static [Harness] =
        scenarios.iter().map(|scenario| Harness::new(scenario.name)).collect::<Vec<_>>().leak();
    let end = Instant::now() + time;
    let start = |(scenario, harness): (&&'static Scenario, &'static Harness)| {
        let run = scenario.run;
        thread::spawn(move || run(harness))
    };
    let threads: Vec<_> = scenarios.iter().zip(harnesses).map(start).collect();
    if watch(&threads, harnesses, end, patience) {
        for thread in threads {
            thread.join().expect("a scenario panicked");
        }
    }
    harnesses.iter().map(Harness::report).collect()
}

/// Returns whether all threads have ended, which they are asked to do at `end`.
fn watch(
    threads: &[JoinHandle<()>],
    harnesses: &[Harness],
    end: Instant,
    patience: Duration,
) -> bool {
    let mut next_check = Instant::now();
    while !threads.iter().all(JoinHandle::is_finished) {
        thread::sleep(POLL);
        let now = Instant::now();
        if now >= end {
            harnesses.iter().for_each(Harness::stop);
        }
        if now < next_check {
            continue;
        }
        next_check = now + CHECK;
        if count_stalls(harnesses, patience, now) > 0 {
            eprintln!("no progress for {} s", patience.as_secs_f64());
            harnesses.iter().for_each(|harness| eprint!("{}", harness.describe()));
            return false;
        }
    }
    true
}

/// Counts the threads that have stalled.
fn count_stalls(harnesses: &[Harness], patience: Duration, now: Instant) -> u64 {
    for harness in harnesses {
        let workers = harness.workers();
        let stalled = workers.iter().filter(|worker| worker.has_stalled(patience, now));
        harness.faults.add(Counter::Stalls, stalled.count() as u64);
    }
    harnesses.iter().map(|harness| harness.total(Counter::Stalls)).sum()
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::super::status::Step;
    use super::{Counter, Harness, count_stalls};

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn a_thread_that_stalls_is_found_and_shown() {
        let harnesses = [Harness::new("object::scenario")];
        let harness = &harnesses[0];
        harness.object("gate", 7);
        let stalls_after = |time| count_stalls(&harnesses, PATIENCE, Instant::now() + time);
        let (wake, asleep) = mpsc::channel::<()>();
        let asleep = Mutex::new(asleep);
        thread::scope(|scope| {
            harness.spawn(scope, 1, "ender", |_| {});
            harness.spawn(scope, 1, "sleeper", |worker| {
                worker.until(|| asleep.lock().unwrap().recv().is_err());
            });
            let steps = || harness.workers().iter().map(|worker| worker.step()).collect::<Vec<_>>();
            while steps() != [Step::Ended, Step::AwaitOthers] {
                thread::yield_now();
            }
            assert_eq!(stalls_after(Duration::ZERO), 0);
            assert_eq!(stalls_after(PATIENCE), 1);
            let shown = harness.describe();
            assert!(shown.contains("object::scenario: sleeper in AwaitOthers"), "{shown}");
            assert!(shown.contains("object::scenario: gate is 7"), "{shown}");
            drop(wake);
        });
        assert_eq!(harness.total(Counter::Stalls), 1);
        assert_eq!(stalls_after(2 * PATIENCE), 1, "it has made progress");
    }
}
