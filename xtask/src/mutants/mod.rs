//! `cargo xtask mutants`: breaks the published crates in hundreds of ways, one at a time in a copy of the
//! workspace, and demands that a model or a test detects each. A mutant that survives needs a reason.

mod cargo_mutants;
mod check;
mod ordering;
mod patch;
mod report;
mod sandbox;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};

use self::report::Tried;
use self::sandbox::Sandbox;
use crate::display::seconds;
use crate::workspace::{PUBLISHED, Workspace};
use crate::{parallel, progress};

/// Options of `cargo xtask mutants`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Try the mutants whose name contains one of these.
    filters: Vec<String>,

    /// Try the mutants of this kind.
    #[arg(long)]
    kind: Option<Kind>,

    /// Only the weakened orderings and the patches marked as quick, and only against the models.
    #[arg(long)]
    quick: bool,

    /// How many mutants are tried at once, each in a copy of the workspace [default: one per processor].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// How long a model or test program may always take: a mutant that makes it take longer, and five
    /// times as long as without it, is killed by that.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    timeout_seconds: u32,
}

/// Where a mutant comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Kind {
    /// A memory ordering is one step weaker.
    Ordering,
    /// A patch in xtask/mutants that breaks the protocol.
    Protocol,
    /// By cargo-mutants, which knows nothing of the protocol.
    #[value(name = "ordinary")]
    CargoMutants,
}

/// The workspace with one source file changed.
#[derive(Debug)]
struct Mutant {
    kind: Kind,
    /// Unique. `path/of/file.rs: change` if it is generated, else the path of its patch.
    name: String,
    /// The published crate that is changed.
    package: &'static str,
    /// From the root of the workspace, with `/`.
    file: String,
    /// The content of the file with the change.
    text: String,
    /// Whether a quick run tries it too.
    is_quick: bool,
    /// Whether there is a reason why no check can detect it.
    is_equivalent: bool,
}

impl Mutant {
    /// A change of a source of a published crate.
    fn new(kind: Kind, name: &str, file: &str, text: String) -> Result<Self> {
        let (directory, _) = file.split_once("/src/").unwrap_or_default();
        let package = PUBLISHED.into_iter().find(|package| *package == directory);
        let package = package.with_context(|| format!("{file} is not published"))?;
        let is_quick = kind == Kind::Ordering;
        let (name, file) = (name.to_owned(), file.to_owned());
        Ok(Self { kind, name, package, file, text, is_quick, is_equivalent: false })
    }
}

/// Tries the mutants that the options select. Fails unless each is detected, or equivalent for a reason.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let start = Instant::now();
    let Selection { mutants, lacks_listed } = select(workspace, options)?;
    let jobs = options.jobs.map_or_else(thread::available_parallelism, Ok)?.get();
    let jobs = jobs.min(mutants.len());
    eprintln!("{} mutants; first all checks without one", mutants.len());
    let (root, directory) = (workspace.root(), workspace.mutants_dir());
    let sandboxes = parallel::each(1..=jobs, jobs, |number| {
        let sandbox = Sandbox::copy_of(root, &directory, number)?;
        sandbox.build_all(&mutants, options.quick)
    })?;
    let checks = check::baseline(workspace, &sandboxes[0], jobs)?;

    let at_least = Duration::from_secs(options.timeout_seconds.into());
    let sandboxes = Mutex::new(sandboxes);
    let tried = progress::each(
        mutants.len(),
        &mutants,
        jobs,
        |mutant| &mutant.name,
        |mutant, _| {
            let start = Instant::now();
            let sandbox = sandboxes.lock().unwrap().pop().expect("there is a sandbox per job");
            let outcome = check::attempt(&sandbox, mutant, &checks, at_least)?;
            sandboxes.lock().unwrap().push(sandbox);
            let verdict = report::verdict(mutant.kind, mutant.is_equivalent, &outcome);
            let time = start.elapsed();
            let end = format!("{verdict}, {}", seconds(time));
            Ok((Tried { mutant, outcome, verdict, time }, end))
        },
    )?;

    let faults = report::print(tried);
    println!("{} mutants, {}", mutants.len(), seconds(start.elapsed()));
    if lacks_listed {
        println!("{}", cargo_mutants::SKIPPED);
    }
    ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

struct Selection {
    mutants: Vec<Mutant>,
    /// Whether those of cargo-mutants would have to be selected from, and cannot be listed.
    lacks_listed: bool,
}

/// The mutants that the options select.
fn select(workspace: &Workspace, options: &Options) -> Result<Selection> {
    let mut mutants = ordering::generate(workspace.root())?;
    mutants.extend(patch::load(workspace.root())?);
    let listed = if options.quick { None } else { cargo_mutants::list(workspace)? };
    let has_all = listed.is_some();
    mutants.extend(listed.into_iter().flatten());
    let equivalents = fs::read_to_string(workspace.root().join(EQUIVALENTS))?;
    mark(&mut mutants, &toml::from_str(&equivalents).context(EQUIVALENTS)?, has_all)?;

    let filters = &options.filters;
    mutants.retain(|mutant| {
        (mutant.is_quick || !options.quick)
            && options.kind.is_none_or(|kind| kind == mutant.kind)
            && (filters.is_empty() || filters.iter().any(|filter| mutant.name.contains(filter)))
    });
    let asks_for_listed = options.kind.is_none_or(|kind| kind == Kind::CargoMutants);
    let lacks_listed = !has_all && !options.quick && asks_for_listed;
    let why = if lacks_listed {
        cargo_mutants::SKIPPED
    } else {
        "see `--kind`, `--quick` and the filters"
    };
    ensure!(!mutants.is_empty(), "no mutant is selected: {why}");
    if lacks_listed {
        eprintln!("{}", cargo_mutants::SKIPPED);
    }
    Ok(Selection { mutants, lacks_listed })
}

/// The reasons why no check can detect some of the generated mutants. A patch has its own.
const EQUIVALENTS: &str = "xtask/mutants/equivalent.toml";

/// Numbers names that occur again with ` #2`, ` #3` and so on, and marks the mutants for which there is a
/// reason. Fails for an empty reason and, if these are all mutants, for one without a mutant.
fn mark(
    mutants: &mut [Mutant],
    equivalents: &BTreeMap<String, String>,
    has_all: bool,
) -> Result<()> {
    let (mut counts, mut unused) = (BTreeMap::new(), equivalents.clone());
    for mutant in mutants {
        let count = counts.entry(mutant.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            mutant.name.push_str(&format!(" #{count}"));
        }
        if let Some(reason) = unused.remove(&mutant.name) {
            ensure!(!reason.trim().is_empty(), "{EQUIVALENTS}: no reason: {}", mutant.name);
            mutant.is_equivalent = true;
        }
    }
    let unused: Vec<String> = unused.into_keys().collect();
    ensure!(!has_all || unused.is_empty(), "{EQUIVALENTS}: no such mutants: {}", unused.join("; "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_of_one_mutant() {
        let marked = |reasons: &[(&str, &str)], has_all| {
            let mutant = |name| {
                Mutant::new(Kind::CargoMutants, name, "rsevents/src/one.rs", String::new()).unwrap()
            };
            let mut mutants = ["a", "b", "a"].map(mutant);
            let reasons = reasons.iter().map(|(name, why)| (name.to_string(), why.to_string()));
            mark(&mut mutants, &reasons.collect(), has_all).ok()?;
            Some(mutants.map(|mutant| mutant.is_equivalent))
        };
        assert_eq!(marked(&[("a #2", "same")], true), Some([false, false, true]));
        assert_eq!(marked(&[("a", " ")], true), None);
        assert_eq!(marked(&[("c", "stale")], true), None);
        assert_eq!(marked(&[("c", "not listed")], false), Some([false; 3]));
    }
}
