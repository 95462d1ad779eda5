//! Running models, each in a process of its own.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::models::Model;
use super::verdict::{Explored, judge};
use crate::job::{Job, Run};

/// How to run models.
pub(crate) struct How {
    pub(crate) max_preemptions: Option<u32>,
    /// How long one model may take.
    pub(crate) limit: Duration,
}

/// Runs one model.
pub(crate) fn alone(model: &Model, how: &How) -> Result<Run<Explored>> {
    job(model, how).run_quietly(|_| {})
}

/// The job that runs a model.
pub(super) fn job(model: &Model, how: &How) -> Job<'static, Explored> {
    let mut command = Command::new(&model.executable);
    command.args(["--exact", &model.test, "--nocapture", "--test-threads=1"]);
    // They would change the search from outside. The models' runner removes all other limits itself.
    command.env_remove("LOOM_CHECKPOINT_FILE").env_remove("LOOM_MAX_PREEMPTIONS");
    if let Some(bound) = how.max_preemptions {
        command.env("LOOM_MAX_PREEMPTIONS", bound.to_string());
    }
    let is_lowered = how.max_preemptions.is_some();
    Job::new(&model.name, command, how.limit, move |status, explored| {
        judge(status, explored, is_lowered)
    })
}
