//! The scenarios, a file each.

mod all;
mod any;
mod async_any;
mod async_broadcast;
mod async_mixed;
mod async_ring;
mod async_scale;
mod async_semaphore;
mod async_uncontended;
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
    any::run(bench);
    all::run(bench);
    async_uncontended::run(bench);
    async_ring::run(bench);
    async_mixed::run(bench);
    async_broadcast::run(bench);
    async_semaphore::run(bench);
    async_scale::run(bench);
    async_any::run(bench);
}
