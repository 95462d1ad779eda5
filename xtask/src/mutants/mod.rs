//! `cargo xtask mutants`: breaks the published crates in hundreds of ways, one at a time in a copy of the
//! workspace, and demands that a model or a test notices each. What nothing notices needs an argument.

mod attempt;
mod baseline;
mod build;
mod catalogue;
mod check;
mod docs;
mod mutant;
mod ordering;
mod ordinary;
mod passed;
mod report;
mod sandbox;
mod sources;
mod verdict;

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Parser;

use self::baseline::{Ready, Timed};
use self::build::Flavour;
use self::catalogue::{Catalogue, Equivalent};
pub(crate) use self::mutant::Kind;
use self::mutant::Mutant;
use self::passed::Passed;
use self::report::Tried;
use self::sandbox::Sandbox;
use self::verdict::Verdict;
use crate::display::seconds;
use crate::parallel;
use crate::progress::Progress;
use crate::workspace::{PUBLISHED, Workspace};

/// Options of `cargo xtask mutants`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Try the mutants whose name contains one of these.
    pub(crate) filters: Vec<String>,

    /// Try the mutants of this kind.
    #[arg(long)]
    pub(crate) kind: Option<Kind>,

    /// Only the weakened orderings and a share of the catalogue, and only against the models.
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

/// Tries the mutants that the options select. Fails unless each of them is noticed or argued about.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let start = Instant::now();
    let catalogue = Catalogue::load(workspace.root())?;
    let mutants = select(all(workspace, &catalogue, options.quick)?, options)?;
    let jobs =
        options.jobs.map_or_else(thread::available_parallelism, Ok).map(NonZeroUsize::get)?;
    let jobs = jobs.min(mutants.len());

    eprintln!("{} mutants; first everything without one", mutants.len());
    let copies = (1..=jobs).map(|number| Sandbox::prepare(workspace, number));
    let copies = copies.collect::<Result<Vec<_>>>()?;
    let copies = build_all(&copies, &mutants, options.quick)?;
    let at_least = Duration::from_secs(options.timeout_seconds.into());
    let checks = baseline::run(&copies[0], jobs, LONGEST, Passed::load(&workspace.mutants_dir()))?;
    let tried = try_all(&mutants, copies, &checks, at_least, &catalogue.equivalent)?;

    let wrong = report::print(tried, start.elapsed());
    for complaint in &wrong {
        println!("{complaint}");
    }
    ensure!(wrong.is_empty(), "{} complaints", wrong.len());
    Ok(())
}

/// The longest that a check may take without a mutant.
const LONGEST: Duration = Duration::from_secs(600);

/// All mutants, or those of a quick run.
fn all(workspace: &Workspace, catalogue: &Catalogue, is_quick: bool) -> Result<Vec<Mutant>> {
    let mut mutants = ordering::generate(&sources::all(workspace.root())?)?;
    mutants.extend(catalogue.mutants(workspace.root())?);
    if is_quick {
        mutants.retain(|mutant| mutant.is_quick);
        return Ok(mutants);
    }
    if let Some(ordinary) = ordinary::list(workspace)? {
        mutants.extend(ordinary);
        let names: Vec<String> = mutants.iter().map(Mutant::name).collect();
        let stale = verdict::stale(&catalogue.equivalent, &names);
        ensure!(stale.is_empty(), "argued about, but no such mutants: {}", stale.join("; "));
    }
    Ok(mutants)
}

fn select(mut mutants: Vec<Mutant>, options: &Options) -> Result<Vec<Mutant>> {
    mutants.retain(|mutant| options.kind.is_none_or(|kind| kind == mutant.kind));
    if !options.filters.is_empty() {
        let is_meant = |name: &str| options.filters.iter().any(|filter| name.contains(filter));
        mutants.retain(|mutant| is_meant(&mutant.name()));
    }
    ensure!(!mutants.is_empty(), "no mutant is meant by that");
    Ok(mutants)
}

/// Builds the copies, one job each, as far as these mutants need it.
fn build_all<'a>(
    copies: &'a [Sandbox],
    mutants: &[Mutant],
    is_quick: bool,
) -> Result<Vec<Ready<'a>>> {
    // Who looks at the core looks at what is built on it as well.
    let [core, extra] = PUBLISHED;
    let has_core = mutants.iter().any(|mutant| mutant.package() == core);
    let packages = if has_core { vec![core, extra] } else { vec![extra] };
    let flavours =
        if is_quick { vec![Flavour::Models] } else { vec![Flavour::Models, Flavour::Tests] };
    parallel::each(copies, copies.len(), |sandbox| Ready::build(sandbox, &packages, &flavours))
}

fn try_all<'a>(
    mutants: &'a [Mutant],
    copies: Vec<Ready<'_>>,
    checks: &[Timed],
    at_least: Duration,
    equivalents: &[Equivalent],
) -> Result<Vec<Tried<'a>>> {
    let jobs = copies.len();
    let copies = Mutex::new(copies);
    let progress = Progress::new(mutants.len());
    let tried = parallel::each(mutants, jobs, |mutant| {
        let name = mutant.name();
        progress.begin(&name);
        let start = Instant::now();
        let ready = copies.lock().unwrap().pop().expect("there is a copy per job");
        let fate = attempt::run(&ready, mutant, checks, at_least)?;
        copies.lock().unwrap().push(ready);
        let is_argued = verdict::is_argued(equivalents, &name);
        let verdict = Verdict::of(&fate, mutant.kind, is_argued);
        let tried = Tried { mutant, fate, verdict, time: start.elapsed() };
        progress.end(&name, &format!("{}, {}", tried.word(), seconds(tried.time)));
        Ok(tried)
    })?;
    progress.finish();
    Ok(tried)
}
