//! `cargo xtask mutants`: breaks the published crates in hundreds of ways, one at a time in a copy of the
//! workspace, and demands that a model or a test detects each. A mutant that survives needs an argument.

mod build;
mod check;
mod mutant;
mod ordering;
mod ordinary;
mod patch;
mod report;
mod sandbox;
mod trial;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;

pub(crate) use self::mutant::Kind;
use self::mutant::Mutant;
use self::report::Tried;
use self::sandbox::Sandbox;
use self::trial::Prepared;
use crate::display::seconds;
use crate::parallel;
use crate::progress::Progress;
use crate::workspace::Workspace;

/// Options of `cargo xtask mutants`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Try the mutants whose name contains one of these.
    pub(crate) filters: Vec<String>,

    /// Try the mutants of this kind.
    #[arg(long)]
    pub(crate) kind: Option<Kind>,

    /// Only the weakened orderings and the patches marked as quick, and only against the models.
    #[arg(long)]
    pub(crate) quick: bool,

    /// How many mutants are tried at once, each in a copy of the workspace [default: one per processor].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// How long a model or test program may always take: a mutant that makes it take longer, and five
    /// times as long as without it, is killed by that.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub(crate) timeout_seconds: u32,
}

/// Tries the mutants that the options select. Fails unless each of them is detected or argued about.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let start = Instant::now();
    let mutants = select(all(workspace, options.quick)?, options)?;
    let jobs =
        options.jobs.map_or_else(thread::available_parallelism, Ok).map(NonZeroUsize::get)?;
    let jobs = jobs.min(mutants.len());

    eprintln!("{} mutants; first all checks without one", mutants.len());
    let numbers: Vec<usize> = (1..=jobs).collect();
    let (root, directory) = (workspace.root(), workspace.mutants_dir());
    let sandboxes = parallel::each(&numbers, jobs, |&number| {
        Prepared::build(Sandbox::prepare(root, &directory, number)?, &mutants, options.quick)
    })?;
    let checks = trial::baseline(&sandboxes[0], &mutants, jobs)?;

    let at_least = Duration::from_secs(options.timeout_seconds.into());
    let sandboxes = Mutex::new(sandboxes);
    let progress = Progress::new(mutants.len());
    let tried = parallel::each(&mutants, jobs, |mutant| {
        progress.begin(&mutant.name);
        let start = Instant::now();
        let sandbox = sandboxes.lock().unwrap().pop().expect("there is a sandbox per job");
        let fate = trial::attempt(&sandbox, mutant, &checks, at_least)?;
        sandboxes.lock().unwrap().push(sandbox);
        let tried = Tried { mutant, fate, time: start.elapsed() };
        progress.end(&mutant.name, &format!("{}, {}", tried.verdict(), seconds(tried.time)));
        Ok(tried)
    })?;
    progress.finish();

    let wrong = report::print(tried);
    println!("{} mutants, {}", mutants.len(), seconds(start.elapsed()));
    ensure!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// All mutants, or those of a quick run.
fn all(workspace: &Workspace, is_quick: bool) -> Result<Vec<Mutant>> {
    let mut mutants = ordering::generate(workspace.root())?;
    mutants.extend(patch::load(workspace.root())?);
    let ordinary = if is_quick { Vec::new() } else { ordinary::list(workspace)? };
    let has_all = !ordinary.is_empty();
    mutants.extend(ordinary);
    mutant::number_repeated(&mut mutants);

    let equivalents = equivalents(workspace)?;
    if has_all {
        let stale = stale(&equivalents, &mutants);
        ensure!(stale.is_empty(), "{EQUIVALENTS}: no such mutants: {}", stale.join("; "));
    }
    for mutant in &mut mutants {
        mutant.is_equivalent |= equivalents.contains_key(&mutant.name);
    }
    mutants.retain(|mutant| mutant.is_quick || !is_quick);
    Ok(mutants)
}

/// Why no check can detect some of the generated mutants, by their names. A patch says it itself.
const EQUIVALENTS: &str = "xtask/mutants/equivalent.toml";

fn equivalents(workspace: &Workspace) -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(workspace.root().join(EQUIVALENTS)).context(EQUIVALENTS)?;
    let equivalents: BTreeMap<String, String> = toml::from_str(&text).context(EQUIVALENTS)?;
    for (name, why) in &equivalents {
        ensure!(!why.trim().is_empty(), "{EQUIVALENTS}: no reason why `{name}` is equivalent");
    }
    Ok(equivalents)
}

/// The arguments about mutants that no longer exist.
fn stale<'a>(equivalents: &'a BTreeMap<String, String>, mutants: &[Mutant]) -> Vec<&'a str> {
    let names = equivalents.keys().map(String::as_str);
    names.filter(|name| !mutants.iter().any(|mutant| mutant.name == *name)).collect()
}

fn select(mut mutants: Vec<Mutant>, options: &Options) -> Result<Vec<Mutant>> {
    let is_meant = |name: &str| options.filters.iter().any(|filter| name.contains(filter));
    mutants.retain(|mutant| {
        options.kind.is_none_or(|kind| kind == mutant.kind)
            && (options.filters.is_empty() || is_meant(&mutant.name))
    });
    ensure!(!mutants.is_empty(), "no mutant is selected");
    Ok(mutants)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_belong_to_mutants() {
        let mutant = |name: &str| {
            let file = "rsevents/src/one.rs";
            Mutant::new(Kind::Ordinary, name.to_owned(), file, String::new()).unwrap()
        };
        let equivalents = ["a", "b"].map(|name| (name.to_owned(), String::new())).into();
        assert_eq!(stale(&equivalents, &["b", "c"].map(mutant)), ["a"]);
    }
}
