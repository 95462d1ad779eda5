//! The copies without a mutant: everything passes, and that takes so long.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::build::{self, Built, Flavour};
use super::check::{Check, Look};
use super::mutant::{Kind, Mutant};
use super::passed::Passed;
use super::sandbox::Sandbox;
use crate::cargo::Executable;
use crate::display::seconds;
use crate::loom::models;
use crate::parallel;
use crate::progress::Progress;

/// The package of the programs that look at real threads.
const CHECKS: &str = "verify";

/// How long a check takes without a mutant, for as long as it may take with one.
pub(super) struct Timed {
    pub(super) check: Check,
    pub(super) time: Duration,
}

/// A copy, and what was built of it without a mutant.
pub(super) struct Ready<'a> {
    pub(super) sandbox: &'a Sandbox,
    built: BTreeMap<(&'static str, Flavour), Vec<Executable>>,
    fingerprints: BTreeMap<(&'static str, Flavour, String), u64>,
}

impl<'a> Ready<'a> {
    /// Builds `flavours` of the packages.
    pub(super) fn build(
        sandbox: &'a Sandbox,
        packages: &[&'static str],
        flavours: &[Flavour],
    ) -> Result<Self> {
        let mut ready = Self { sandbox, built: BTreeMap::new(), fingerprints: BTreeMap::new() };
        for &package in packages {
            for &flavour in flavours {
                ready.add(package, flavour)?;
            }
        }
        if flavours.contains(&Flavour::Tests) {
            ready.add(CHECKS, Flavour::Histories)?;
        }
        Ok(ready)
    }

    fn add(&mut self, package: &'static str, flavour: Flavour) -> Result<()> {
        let executables = match build::build(self.sandbox, package, flavour)? {
            Built::Well(executables) => executables,
            Built::NotTheTests(objections) | Built::Not(objections) => {
                println!("{objections}");
                bail!("{package} does not compile even without a mutant");
            }
        };
        for executable in &executables {
            let name = executable.artifact.target.name.clone();
            let fingerprint = build::fingerprint(&executable.path)?;
            self.fingerprints.insert((package, flavour, name), fingerprint);
        }
        self.built.insert((package, flavour), executables);
        Ok(())
    }

    /// Whether an executable is the same as without a mutant.
    pub(super) fn is_same(
        &self,
        package: &'static str,
        flavour: Flavour,
        executable: &Executable,
    ) -> Result<bool> {
        let name = executable.artifact.target.name.clone();
        let fingerprint = self.fingerprints.get(&(package, flavour, name));
        Ok(fingerprint == Some(&build::fingerprint(&executable.path)?))
    }

    /// All that can look at what was built.
    fn checks(&self) -> Result<Vec<Check>> {
        let mut checks = Vec::new();
        for (&(package, flavour), executables) in &self.built {
            for executable in executables {
                let looks = match flavour {
                    Flavour::Models => {
                        models::scenarios(executable)?.into_iter().map(Look::Model).collect()
                    }
                    Flavour::Tests => vec![Look::Tests(executable.artifact.target.name.clone())],
                    Flavour::Histories => vec![Look::Histories],
                };
                checks.extend(looks.into_iter().map(|look| Check { package, look }));
            }
            if flavour == Flavour::Tests {
                checks.push(Check { package, look: Look::Docs });
            }
        }
        Ok(checks)
    }
}

/// Runs everything on a copy without a mutant, but for what has passed before. Fails unless all passes.
pub(super) fn run(
    ready: &Ready<'_>,
    jobs: usize,
    limit: Duration,
    mut passed: Passed,
) -> Result<Vec<Timed>> {
    let checks = ready.checks()?;
    let has_models = checks.iter().any(|check| matches!(check.look, Look::Model(_)));
    ensure!(has_models, "there are no models");
    let progress = Progress::new(checks.len());
    let timed =
        parallel::each(&checks, jobs, |check| one(ready, check, limit, &passed, &progress))?;
    progress.finish();

    for Timed { check, time } in &timed {
        if let Some((flavour, target)) = check.needs() {
            passed.add(check, ready.fingerprints[&(check.package, flavour, target)], *time);
        }
    }
    passed.save()?;
    Ok(timed)
}

fn one(
    ready: &Ready<'_>,
    check: &Check,
    limit: Duration,
    passed: &Passed,
    progress: &Progress,
) -> Result<Timed> {
    let name = check.name();
    progress.begin(&name);
    let start = Instant::now();
    let (failed, time) = match check.needs() {
        Some((flavour, target)) => {
            let executable = build::find(&ready.built[&(check.package, flavour)], &target)?;
            let fingerprint = ready.fingerprints[&(check.package, flavour, target)];
            match passed.time(check, fingerprint) {
                Some(time) => (None, time),
                None => (check.run(ready.sandbox, Some(executable), limit)?, start.elapsed()),
            }
        }
        None => (check.run(ready.sandbox, None, limit)?, start.elapsed()),
    };
    ensure!(failed.is_none(), "{}: {name} fails even without a mutant", check.package);
    progress.end(&name, &seconds(time));
    Ok(Timed { check: check.clone(), time })
}

/// The one file that no model runs: a spin would only repeat its first look.
const UNSEEN_BY_MODELS: &str = "rsevents/src/spin.rs";

/// The checks that can notice a mutant, in the order in which they look: the ones that cost least first.
pub(super) fn order<'a>(checks: &'a [Timed], mutant: &Mutant) -> Vec<&'a Timed> {
    let is_downstream = |check: &Check| check.package != mutant.package();
    let is_upstream = |check: &Check| check.package == "rsevents" && is_downstream(check);
    let is_model = |check: &Check| matches!(check.look, Look::Model(_));
    // Most orderings make no difference to the machine on which tests run: a test that fails all the same
    // has failed by chance.
    let is_blind = |check: &Check| mutant.kind == Kind::Ordering && !is_model(check);
    // The models of what is built on a crate look at its use of that crate, which has its own.
    let is_idle = |check: &Check| {
        is_model(check) && (is_downstream(check) || mutant.file == UNSEEN_BY_MODELS)
    };
    let mut order: Vec<_> = checks.iter().collect();
    order.retain(|Timed { check, .. }| !is_upstream(check) && !is_blind(check) && !is_idle(check));
    order.sort_by_key(|timed| {
        let check = &timed.check;
        (is_downstream(check), check.look == Look::Docs, timed.cost())
    });
    order
}

impl Timed {
    /// How long to let it look: a model finds a deadlock at once, but tests then take their whole limit.
    fn cost(&self) -> Duration {
        match self.check.look {
            Look::Model(_) => self.time,
            _ => self.time + Duration::from_secs(1),
        }
    }

    /// How long it may take with a mutant.
    pub(super) fn limit(&self, at_least: Duration) -> Duration {
        at_least.max(5 * self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(package: &'static str, look: Look, millis: u64) -> Timed {
        Timed { check: Check { package, look }, time: Duration::from_millis(millis) }
    }

    fn checks() -> Vec<Timed> {
        let model = |name: &str| Look::Model(name.to_owned());
        let tests = |name: &str| Look::Tests(name.to_owned());
        vec![
            timed("rsevents", Look::Docs, 10),
            timed("rsevents", model("slow"), 3_000),
            timed("rsevents", tests("contract"), 100),
            timed("rsevents", model("quick"), 200),
            timed("rsevents-extra", model("semaphore"), 1),
            timed("rsevents-extra", tests("contract_semaphore"), 100),
            timed(CHECKS, Look::Histories, 10),
        ]
    }

    fn names(file: &str, kind: Kind) -> Vec<String> {
        let mutant = Mutant {
            kind,
            file: file.to_owned(),
            change: String::new(),
            span: 0..0,
            replacement: String::new(),
            is_quick: false,
        };
        order(&checks(), &mutant).into_iter().map(|timed| timed.check.name()).collect()
    }

    #[test]
    fn cheapest_look_first_and_the_users_of_a_crate_last() {
        let core = names("rsevents/src/state.rs", Kind::Ordinary);
        let users = ["linearizability", "contract_semaphore"];
        assert_eq!(core, [&["quick", "contract", "slow", "doc tests"][..], &users[..]].concat());
    }

    #[test]
    fn no_model_looks_where_none_goes() {
        let spin = names("rsevents/src/spin.rs", Kind::Ordinary);
        assert_eq!(spin, ["contract", "doc tests", "linearizability", "contract_semaphore"]);
    }

    #[test]
    fn only_models_look_at_orderings() {
        let core = names("rsevents/src/state.rs", Kind::Ordering);
        assert_eq!(core, ["quick", "slow"]);
    }

    #[test]
    fn core_does_not_depend_on_the_extras() {
        let extras = names("rsevents-extra/src/countdown.rs", Kind::Protocol);
        assert_eq!(extras, ["semaphore", "contract_semaphore", "linearizability"]);
    }

    #[test]
    fn limit_is_generous() {
        let at_least = Duration::from_secs(20);
        let limit = |millis| timed("rsevents", Look::Docs, millis).limit(at_least);
        assert_eq!(limit(100), at_least);
        assert_eq!(limit(6_000), Duration::from_secs(30));
    }
}
