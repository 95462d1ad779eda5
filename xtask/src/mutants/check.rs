//! What can detect a mutant: a model, a test program, the doc tests, or the check of linearizability. All run
//! without a mutant first, and then against one until a check fails.

use std::collections::HashMap;
use std::collections::btree_map::Entry;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Mutant;
use super::sandbox::{CheckKind, Key, Program, Programs, Sandbox, can_detect};
use crate::display::seconds;
use crate::loom::models::{self, Model};
use crate::loom::run::{self, How};
use crate::loom::verdict::is_below_floor;
use crate::workspace::Workspace;
use crate::{loom, output, progress};

/// The longest that a check may take without a mutant.
const LONGEST: Duration = Duration::from_secs(600);

/// How many times longer a model may take where the published crates are not optimized, as with a mutant.
const UNOPTIMIZED: u32 = 3;

/// One of those.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) key: Key,
    /// The target whose program is run.
    pub(super) target: String,
    /// The path of a model, otherwise as `target`.
    pub(super) name: String,
    /// How long it takes without a mutant, for a model at most.
    pub(super) time: Duration,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This check failed.
    Killed(String),
    /// All checks passed, but this model explored fewer executions than it must. That shows that the mutant
    /// changed something, not that it is wrong.
    BelowFloor(String),
    Survived,
    /// The compiler refuses it.
    Refused,
}

/// The checks that were built.
fn all(programs: &Programs) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for (&key, programs) in programs {
        let check = |target: &str, name: String| Check {
            key,
            target: target.to_owned(),
            name,
            time: Duration::ZERO,
        };
        if key.1 == CheckKind::DocTests {
            checks.push(check("", "doc tests".to_owned()));
        }
        for (target, program) in programs {
            if key.1 == CheckKind::Models {
                let models = models::scenarios(&program.executable)?;
                ensure!(!models.is_empty(), "{} has no models", key.0);
                checks.extend(models.into_iter().map(|path| check(target, path)));
            } else {
                checks.push(check(target, target.clone()));
            }
        }
    }
    Ok(checks)
}

/// The checks that can detect a mutant, those of its own package first, and of these the quickest first.
fn order<'a>(checks: &'a [Check], mutant: &Mutant) -> Vec<&'a Check> {
    let mut order: Vec<_> = checks.iter().filter(|check| can_detect(check.key, mutant)).collect();
    order.sort_by_key(|check| {
        // A model finds a deadlock at once, but tests then take their whole limit.
        let (package, kind) = check.key;
        let handicap = if kind == CheckKind::Models { 0 } else { 1 };
        let cost = check.time + Duration::from_secs(handicap);
        (package != mutant.package, kind == CheckKind::DocTests, cost)
    });
    order
}

impl Check {
    /// The model in that program.
    fn model(&self, program: &Program) -> Model {
        Model::new(self.key.0, &program.executable.path, self.name.clone())
    }

    /// Runs for at most `limit`. A failure that may be by chance has to happen twice: a test on real threads
    /// may fail once, but hardly take many times as long as it does.
    fn run(
        &self,
        sandbox: &Sandbox,
        program: Option<&Program>,
        limit: Duration,
    ) -> Result<Outcome> {
        let (package, kind) = self.key;
        if let (CheckKind::Models, Some(program)) = (kind, program) {
            let run = run::alone(&self.model(program), &How { max_preemptions: None, limit })?;
            let is_low = is_below_floor(run.output.status, &run.evidence);
            return Ok(match run.verdict {
                Ok(()) => Outcome::Survived,
                Err(_) if is_low => Outcome::BelowFloor(self.name.clone()),
                Err(_) => Outcome::Killed(self.name.clone()),
            });
        }
        let mut name = self.name.clone();
        let mut run = || -> Result<Option<bool>> {
            let mut command = match program {
                Some(program) => Command::new(&program.executable.path),
                None => sandbox.cargo("tests"),
            };
            match kind {
                CheckKind::DocTests => command.args(["test", "--doc", "--package", package]),
                CheckKind::Linearizability => command.args(["--seconds", "10", "--patience", "10"]),
                // Where cargo would run them.
                _ => command.current_dir(sandbox.source.join(package)),
            };
            let output = output::supervise(command, limit, |line| {
                let line = line.strip_prefix("test ");
                if let Some(test) = line.and_then(|line| line.strip_suffix(" ... FAILED")) {
                    name = format!("{}::{test}", self.name);
                }
            })?;
            Ok(output.status.map(|status| status.success()))
        };
        let mut has_passed = run()?;
        let may_be_chance = match kind {
            CheckKind::Tests => has_passed == Some(false),
            kind => kind == CheckKind::DocTests,
        };
        if has_passed != Some(true) && may_be_chance {
            has_passed = run()?;
        }
        Ok(match has_passed {
            Some(true) => Outcome::Survived,
            Some(false) => Outcome::Killed(name),
            None => Outcome::Killed(format!("{name} (out of time)")),
        })
    }
}

/// Runs without a mutant what was built, and the models as `cargo xtask loom` does, optimized. Fails unless everything
/// passes.
pub(super) fn baseline(
    workspace: &Workspace,
    sandbox: &Sandbox,
    jobs: usize,
) -> Result<Vec<Check>> {
    let is_model = |check: &Check| check.key.1 == CheckKind::Models;
    let (of_models, others): (Vec<_>, Vec<_>) =
        all(&sandbox.programs)?.into_iter().partition(is_model);
    let mut checks = Vec::new();
    if !of_models.is_empty() {
        let mut models = models::find(workspace)?;
        models.retain(|model| of_models.iter().any(|check| check.key.0 == model.package));
        let runs = loom::explore(&models, &How { max_preemptions: None, limit: LONGEST }, jobs)?;
        let times: HashMap<String, Duration> =
            runs.into_iter().map(|run| (run.name, UNOPTIMIZED * run.time)).collect();
        checks.extend(of_models.into_iter().map(|check| {
            let program = &sandbox.programs[&check.key][&check.target];
            Check { time: times[&check.model(program).name], ..check }
        }));
    }
    checks.extend(progress::each(
        others.len(),
        others,
        jobs,
        |check| &check.name,
        |check, _| {
            let program = find(&sandbox.programs, &check)?;
            let start = Instant::now();
            let outcome = check.run(sandbox, program, LONGEST)?;
            ensure!(outcome == Outcome::Survived, "{}: {outcome:?} without a mutant", check.key.0);
            let time = start.elapsed();
            Ok((Check { time, ..check }, seconds(time)))
        },
    )?);
    Ok(checks)
}

/// Runs the checks against the mutant until one fails, each for at least `limit`.
pub(super) fn attempt(
    sandbox: &Sandbox,
    mutant: &Mutant,
    checks: &[Check],
    limit: Duration,
) -> Result<Outcome> {
    sandbox.with(mutant, || {
        let mut programs = Programs::new();
        // A model below its floor is not enough while others may fail.
        let mut outcome = Outcome::Survived;
        for check in order(checks, mutant) {
            if let Entry::Vacant(entry) = programs.entry(check.key) {
                match sandbox.build(check.key)? {
                    Ok(built) => entry.insert(built),
                    Err(refused) if refused.has_library => {
                        return Ok(Outcome::Killed("the compiler, in a test".to_owned()));
                    }
                    Err(_) => return Ok(Outcome::Refused),
                };
            }
            let program = find(&programs, check)?;
            let before = find(&sandbox.programs, check)?;
            if program.zip(before).is_some_and(|(program, before)| program.hash == before.hash) {
                continue; // does the same as without the mutant
            }
            match check.run(sandbox, program, limit.max(5 * check.time))? {
                Outcome::Survived => {}
                floor @ Outcome::BelowFloor(_) => outcome = floor,
                killed => return Ok(killed),
            }
        }
        Ok(outcome)
    })
}

/// The program of a check. Doc tests have none.
fn find<'a>(programs: &'a Programs, check: &Check) -> Result<Option<&'a Program>> {
    if check.key.1 == CheckKind::DocTests {
        return Ok(None);
    }
    let program = programs[&check.key].get(&check.target);
    program.map(Some).with_context(|| format!("cargo has not built `{}`", check.target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::Kind;
    use crate::mutants::sandbox::{NOT_IN_MODELS, VERIFY};
    use crate::workspace::PUBLISHED;

    #[test]
    fn every_check_that_can_detect_a_mutant_is_tried_the_quickest_first() {
        let [core, extra] = PUBLISHED;
        let checks = [
            (core, CheckKind::DocTests, "docs", 10),
            (core, CheckKind::Models, "slow", 3_000),
            (core, CheckKind::Tests, "core", 100),
            (core, CheckKind::Models, "quick", 200),
            (extra, CheckKind::Models, "model", 1),
            (extra, CheckKind::Tests, "extra", 100),
            (VERIFY, CheckKind::Linearizability, "verify", 10),
        ]
        .map(|(package, kind, name, millis)| {
            let (target, name) = (String::new(), name.to_owned());
            Check { key: (package, kind), target, name, time: Duration::from_millis(millis) }
        });
        let state = "rsevents/src/state.rs";
        for (kind, file, expected) in [
            (Kind::CargoMutants, state, &["quick", "core", "slow", "docs", "verify", "extra"][..]),
            (Kind::Protocol, NOT_IN_MODELS, &["core", "docs", "verify", "extra"]),
            (Kind::Ordering, state, &["quick", "slow"]),
            (Kind::Protocol, "rsevents-extra/src/sync.rs", &["model", "extra", "verify"]),
        ] {
            let mutant = Mutant::new(kind, "", file, String::new()).unwrap();
            let order = order(&checks, &mutant);
            assert!(order.iter().map(|check| &check.name).eq(expected), "{kind:?} {file}");
        }
    }
}
