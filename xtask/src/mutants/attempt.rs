//! One mutant, until something notices it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use super::baseline::{self, Ready, Timed};
use super::build::{self, Built, Flavour};
use super::check::{Failure, FailureKind};
use super::mutant::Mutant;
use crate::cargo::Executable;

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// This check noticed it.
    Killed(Failure),
    Survived,
    /// The compiler refuses it, so there is nothing to notice.
    Unbuildable,
}

/// Lets the checks look at the mutant until one fails.
pub(super) fn run(
    ready: &Ready<'_>,
    mutant: &Mutant,
    checks: &[Timed],
    at_least: Duration,
) -> Result<Fate> {
    let look = || Attempt { ready, built: BTreeMap::new() }.run(mutant, checks, at_least);
    ready.sandbox.with(mutant, look)
}

/// A mutant in a copy, and what was built of it so far.
struct Attempt<'a> {
    ready: &'a Ready<'a>,
    built: BTreeMap<(&'static str, Flavour), Vec<Executable>>,
}

impl Attempt<'_> {
    fn run(mut self, mutant: &Mutant, checks: &[Timed], at_least: Duration) -> Result<Fate> {
        // Kept while others may fail for a better reason.
        let mut below_floor = None;
        for timed in baseline::order(checks, mutant) {
            let check = &timed.check;
            let mut executable = None;
            if let Some((flavour, target)) = check.needs() {
                if let Some(fate) = self.build(check.package, flavour)? {
                    return Ok(fate);
                }
                let built = build::find(&self.built[&(check.package, flavour)], &target)?;
                if self.ready.is_same(check.package, flavour, built)? {
                    continue; // does what it did without the mutant
                }
                executable = Some(built);
            }
            let run = || check.run(self.ready.sandbox, executable, timed.limit(at_least));
            if let Some(failure) = run()?
                && (check.is_certain(failure.kind) || run()?.is_some())
            {
                if failure.kind != FailureKind::BelowFloor {
                    return Ok(Fate::Killed(failure));
                }
                below_floor.get_or_insert(failure);
            }
        }
        Ok(below_floor.map_or(Fate::Survived, Fate::Killed))
    }

    /// Builds what is not built yet. Returns the mutant's fate if that is decided by that.
    fn build(&mut self, package: &'static str, flavour: Flavour) -> Result<Option<Fate>> {
        if self.built.contains_key(&(package, flavour)) {
            return Ok(None);
        }
        match build::build(self.ready.sandbox, package, flavour)? {
            Built::Well(executables) => {
                self.built.insert((package, flavour), executables);
                Ok(None)
            }
            Built::NotTheTests(_) => {
                let check = "the compiler, in a test".to_owned();
                Ok(Some(Fate::Killed(Failure { check, kind: FailureKind::Failed })))
            }
            Built::Not(_) => Ok(Some(Fate::Unbuildable)),
        }
    }
}
