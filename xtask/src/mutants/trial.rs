//! All checks without a mutant, and then against one mutant until a check fails.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::build::{self, Built, Program};
use super::check::{Check, CheckKind};
use super::mutant::{Kind, Mutant};
use super::sandbox::Sandbox;
use crate::display::seconds;
use crate::loom::models;
use crate::parallel;
use crate::progress::Progress;
use crate::workspace::PUBLISHED;

/// The package of the program that checks linearizability.
const VERIFY: &str = "verify";

/// The longest that a check may take without a mutant.
const LONGEST: Duration = Duration::from_secs(600);

/// The one file that no model runs: a spin would only repeat its first poll.
const NOT_IN_MODELS: &str = "rsevents/src/spin.rs";

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Killed {
        /// The check that failed, and a test of it.
        check: String,
    },
    /// All checks passed, but this model explored fewer executions than it must. That shows that the mutant
    /// changed something, not that it is wrong.
    BelowFloor {
        check: String,
    },
    Survived,
    /// The compiler refuses it.
    Unbuildable,
}

/// What was built, by package.
type Programs = BTreeMap<(&'static str, CheckKind), Vec<Program>>;

/// A sandbox, and what was built in it without a mutant.
pub(super) struct Prepared {
    sandbox: Sandbox,
    programs: Programs,
}

impl Prepared {
    /// Builds what these mutants need, for a quick run only the models.
    pub(super) fn build(sandbox: Sandbox, mutants: &[Mutant], is_quick: bool) -> Result<Self> {
        use CheckKind::{DocTests, Linearizability, Models, Tests};
        let [core, extra] = PUBLISHED;
        let has_core = mutants.iter().any(|mutant| mutant.package == core);
        let packages = if has_core { vec![core, extra] } else { vec![extra] };
        let kinds = if is_quick { vec![Models] } else { vec![Models, Tests, DocTests] };
        let needed = packages.iter().flat_map(|package| kinds.iter().map(|kind| (*package, *kind)));
        let linearizability = (!is_quick).then_some((VERIFY, Linearizability));
        let mut programs = Programs::new();
        for (package, kind) in needed.chain(linearizability) {
            match build::build(&sandbox, package, kind)? {
                Built::Programs(built) => programs.insert((package, kind), built),
                Built::TestsRefused(errors) | Built::Refused(errors) => {
                    bail!("{package} does not compile even without a mutant:\n{errors}")
                }
            };
        }
        Ok(Self { sandbox, programs })
    }

    fn checks(&self) -> Result<Vec<Check>> {
        let mut checks = Vec::new();
        for (&(package, kind), programs) in &self.programs {
            let mut add = |target: &str, name: &str| {
                let (target, name) = (target.to_owned(), name.to_owned());
                checks.push(Check { package, kind, target, name, time: Duration::ZERO });
            };
            for Program { executable, .. } in programs {
                let target = &executable.artifact.target.name;
                if kind == CheckKind::Models {
                    models::scenarios(executable)?.iter().for_each(|path| add(target, path));
                } else {
                    add(target, target);
                }
            }
            if kind == CheckKind::DocTests {
                add("", "doc tests");
            }
        }
        Ok(checks)
    }
}

/// Runs without a mutant all that can detect one of `mutants`. Fails unless everything passes.
pub(super) fn baseline(prepared: &Prepared, mutants: &[Mutant], jobs: usize) -> Result<Vec<Check>> {
    let mut checks = prepared.checks()?;
    let has_models = checks.iter().any(|check| check.kind == CheckKind::Models);
    ensure!(has_models, "there are no models");
    checks.retain(|check| mutants.iter().any(|mutant| can_detect(check, mutant)));
    let progress = Progress::new(checks.len());
    let timed = parallel::each(&checks, jobs, |check| {
        progress.begin(&check.name);
        let program = find(&prepared.programs, check)?;
        let start = Instant::now();
        let fate = check.run(&prepared.sandbox, program, LONGEST)?;
        ensure!(fate == Fate::Survived, "{}: {fate:?} even without a mutant", check.package);
        let time = start.elapsed();
        progress.end(&check.name, &seconds(time));
        Ok(Check { time, ..check.clone() })
    })?;
    progress.finish();
    Ok(timed)
}

/// Runs the checks against the mutant until one fails.
pub(super) fn attempt(
    prepared: &Prepared,
    mutant: &Mutant,
    checks: &[Check],
    at_least: Duration,
) -> Result<Fate> {
    let Prepared { sandbox, programs: unchanged } = prepared;
    sandbox.with(mutant, || {
        let mut programs = Programs::new();
        // A model below its floor is not enough while others may fail.
        let mut fate = Fate::Survived;
        for check in order(checks, mutant) {
            let key = (check.package, check.kind);
            if let Entry::Vacant(entry) = programs.entry(key) {
                match build::build(sandbox, check.package, check.kind)? {
                    Built::Programs(built) => entry.insert(built),
                    Built::TestsRefused(_) => {
                        return Ok(Fate::Killed { check: "the compiler, in a test".to_owned() });
                    }
                    Built::Refused(_) => return Ok(Fate::Unbuildable),
                };
            }
            let program = find(&programs, check)?;
            let before = find(unchanged, check)?;
            if program.zip(before).is_some_and(|(program, before)| program.hash == before.hash) {
                continue; // does the same as without the mutant
            }
            match check.run(sandbox, program, check.limit(at_least))? {
                Fate::Survived => {}
                floor @ Fate::BelowFloor { .. } => fate = floor,
                killed => return Ok(killed),
            }
        }
        Ok(fate)
    })
}

/// The program of a check. Doc tests have none.
fn find<'a>(programs: &'a Programs, check: &Check) -> Result<Option<&'a Program>> {
    let mut programs = programs[&(check.package, check.kind)].iter();
    let program = programs.find(|program| program.executable.artifact.target.name == check.target);
    let is_found = program.is_some() || check.kind == CheckKind::DocTests;
    ensure!(is_found, "cargo has not built `{}`", check.target);
    Ok(program)
}

/// Whether a check may fail because of a mutant.
fn can_detect(check: &Check, mutant: &Mutant) -> bool {
    let is_model = check.kind == CheckKind::Models;
    let is_own = check.package == mutant.package;
    let [core, _] = PUBLISHED;
    match (is_own, is_model) {
        (true, true) => mutant.file != NOT_IN_MODELS,
        // The models of the extras are of the extras, and the core does not depend on them.
        (false, true) => false,
        // Most orderings make no difference to the machine on which tests run: a test that fails all the
        // same has failed by chance.
        (_, false) => mutant.kind != Kind::Ordering && (is_own || check.package != core),
    }
}

/// The checks that can detect a mutant, those of its own package first, and of these the quickest first.
fn order<'a>(checks: &'a [Check], mutant: &Mutant) -> Vec<&'a Check> {
    let mut order: Vec<_> = checks.iter().filter(|check| can_detect(check, mutant)).collect();
    order.sort_by_key(|check| {
        // A model finds a deadlock at once, but tests then take their whole limit.
        let handicap = if check.kind == CheckKind::Models { 0 } else { 1 };
        let cost = check.time + Duration::from_secs(handicap);
        (check.package != mutant.package, check.kind == CheckKind::DocTests, cost)
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checks in the order in which they try to detect a mutant of a file.
    fn names(kind: Kind, file: &str) -> String {
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
            Check { package, kind, target, name, time: Duration::from_millis(millis) }
        });
        let mutant = Mutant::new(kind, String::new(), file, String::new()).unwrap();
        let names: Vec<_> =
            order(&checks, &mutant).into_iter().map(|check| check.name.as_str()).collect();
        names.join(" ")
    }

    #[test]
    fn every_check_that_can_detect_a_mutant_is_tried_the_quickest_first() {
        let state = "rsevents/src/state.rs";
        assert_eq!(names(Kind::Ordinary, state), "quick core slow docs verify extra");
        assert_eq!(names(Kind::Protocol, NOT_IN_MODELS), "core docs verify extra");
        assert_eq!(names(Kind::Ordering, state), "quick slow");
        assert_eq!(names(Kind::Protocol, "rsevents-extra/src/sync.rs"), "model extra verify");
    }
}
