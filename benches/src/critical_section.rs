//! Something short to do while a permit is held.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long it takes, about.
const LENGTH: Duration = Duration::from_nanos(200);

/// Computes for about 200 ns: as many steps for every contender of a run.
pub fn run() {
    static STEPS: OnceLock<u64> = OnceLock::new();
    steps(*STEPS.get_or_init(calibrated));
}

fn steps(number: u64) {
    for step in 0..number {
        black_box(step);
    }
}

fn calibrated() -> u64 {
    const MANY: u64 = 100_000;
    let fastest = (0..20)
        .map(|_| {
            let start = Instant::now();
            steps(black_box(MANY));
            start.elapsed()
        })
        .min()
        .unwrap();
    (LENGTH.as_secs_f64() / fastest.as_secs_f64() * MANY as f64) as u64
}
