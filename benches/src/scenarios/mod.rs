//! The scenarios, a file each.

mod broadcast;
mod countdown;
mod dispatch;
mod handoff;
mod mutex;
mod ring;
mod scale;
mod semaphore;
mod timeouts;
mod uncontended;

use crate::bench::Bench;

/// Runs all of them, in the order of the report.
pub(crate) fn run(bench: &mut Bench) {
    uncontended::run(bench);
    handoff::run(bench);
    ring::run(bench);
    dispatch::run(bench);
    mutex::run(bench);
    broadcast::run(bench);
    semaphore::run(bench);
    countdown::run(bench);
    timeouts::run(bench);
    scale::run(bench);
}
