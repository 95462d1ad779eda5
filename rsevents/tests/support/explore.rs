//! Runs a model under loom, all of it, and says how much that was. Shared by both crates.
//!
//! `cargo xtask loom` demands the line that it prints of every model.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::model::Builder;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

/// Explores every execution of `model`. Fails if they are fewer than `at_least`: then the model has
/// lost the race that it is about.
pub(crate) fn explore_all(at_least: usize, model: impl Fn() + Send + Sync + 'static) {
    explore(None, at_least, [model]);
}

/// Explores every execution of `model` with up to `preemptions` involuntary thread switches, for a
/// model that would not end otherwise.
#[allow(dead_code, reason = "not every crate needs it")]
pub(crate) fn explore_up_to(
    preemptions: usize,
    at_least: usize,
    model: impl Fn() + Send + Sync + 'static,
) {
    explore(Some(preemptions), at_least, [model]);
}

/// The same for several models that make one. The number is that of all their executions.
#[allow(dead_code, reason = "not every crate needs it")]
pub(crate) fn explore_each<M: Fn() + Send + Sync + 'static>(
    preemptions: usize,
    at_least: usize,
    models: impl IntoIterator<Item = M>,
) {
    explore(Some(preemptions), at_least, models);
}

fn explore<M: Fn() + Send + Sync + 'static>(
    bound: Option<usize>,
    at_least: usize,
    models: impl IntoIterator<Item = M>,
) {
    let mut builder = Builder::new();
    // Reached silently, these would leave a model incomplete.
    builder.max_duration = None;
    builder.max_permutations = None;
    builder.max_branches = 10_000;
    builder.checkpoint_interval = usize::MAX; // also how often loom reports
    // `LOOM_MAX_PREEMPTIONS`, for a quick check. The floor cannot hold then.
    let waived = builder.preemption_bound.is_some();
    builder.preemption_bound = builder.preemption_bound.or(bound);
    let preemptions = builder.preemption_bound.map_or("none".to_owned(), |n| n.to_string());

    let executions = Arc::new(AtomicUsize::new(0));
    // Of what loom reports, only the outcome: the rest is a line for each switch of threads.
    let outcome = filter_fn(|report| report.target() == "loom::model" && report.is_event());
    let subscriber = fmt().with_test_writer().with_ansi(false).finish().with(outcome);
    tracing::subscriber::with_default(subscriber, || {
        for model in models {
            let counter = Arc::clone(&executions);
            builder.check(move || {
                counter.fetch_add(1, Ordering::Relaxed);
                model();
            });
        }
    });

    let executions = executions.load(Ordering::Relaxed);
    let floor = if waived { "waived".to_owned() } else { at_least.to_string() };
    println!("model: executions={executions} floor={floor} preemptions={preemptions}");
    assert!(waived || executions >= at_least, "explored {executions}, fewer than {at_least}");
}
