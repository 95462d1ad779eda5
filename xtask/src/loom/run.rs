//! Running models, each in a process of its own and several side by side.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::models::Model;
use super::verdict::{End, Statements, judge};
use crate::display::seconds;
use crate::output::{self, Output};
use crate::parallel;
use crate::progress::Progress;

/// What would change a model from outside: a cut or checkpointed search ends successfully without
/// having seen everything, and a larger bound hides a model that does not end.
const REMOVED: [&str; 5] = [
    "LOOM_CHECKPOINT_FILE",
    "LOOM_MAX_BRANCHES",
    "LOOM_MAX_DURATION",
    "LOOM_MAX_PERMUTATIONS",
    "LOOM_MAX_PREEMPTIONS",
];

/// How to run models.
pub(crate) struct How {
    pub(crate) max_preemptions: Option<u32>,
    /// How long one model may take.
    pub(crate) limit: Duration,
    /// How many run at once.
    pub(crate) jobs: usize,
}

/// A model that ran.
pub(crate) struct Run<'a> {
    pub(super) model: &'a Model,
    pub(super) statements: Statements,
    pub(crate) output: Output,
    /// Complete, or why it is not.
    pub(crate) verdict: Result<()>,
    pub(crate) time: Duration,
}

/// Runs all `models` and returns what became of them, by name.
pub(super) fn all<'a>(models: &'a [Model], how: &How) -> Result<Vec<Run<'a>>> {
    let progress = Progress::new(models.len());
    let mut runs = parallel::each(models, how.jobs, |model| one(model, how, &progress))?;
    progress.finish();
    runs.sort_by(|a, b| a.model.name.cmp(&b.model.name));
    Ok(runs)
}

fn one<'a>(model: &'a Model, how: &How, progress: &Progress) -> Result<Run<'a>> {
    progress.begin(&model.name);
    let run = alone(model, how)?;
    progress.end(&model.name, &format!("{}, {}", run.word(), seconds(run.time)));
    Ok(run)
}

/// Runs one model.
pub(crate) fn alone<'a>(model: &'a Model, how: &How) -> Result<Run<'a>> {
    let start = Instant::now();
    let mut statements = Statements::default();
    let see = |line: &str| statements.read(line);
    let output = output::supervise(command(model, how), how.limit, see)?;
    let time = start.elapsed();
    let is_lowered = how.max_preemptions.is_some();
    let verdict = judge(&end(output.status), &statements, is_lowered);
    Ok(Run { model, statements, output, verdict, time })
}

impl Run<'_> {
    /// The verdict in words.
    pub(super) fn word(&self) -> String {
        match &self.verdict {
            Ok(()) => "complete".to_owned(),
            Err(reason) => reason.to_string(),
        }
    }
}

fn command(model: &Model, how: &How) -> Command {
    let mut command = Command::new(&model.executable);
    command.args(["--exact", &model.test, "--nocapture", "--test-threads=1"]);
    for name in REMOVED {
        command.env_remove(name);
    }
    if let Some(bound) = how.max_preemptions {
        command.env("LOOM_MAX_PREEMPTIONS", bound.to_string());
    }
    command
}

fn end(status: Option<ExitStatus>) -> End {
    match status {
        Some(status) if status.success() => End::Success,
        Some(status) => End::Failure(status.to_string()),
        None => End::OutOfTime,
    }
}
