//! `cargo xtask bench`: measures what the package `benches` can measure, round after round, and judges the
//! targets in `benches/targets.toml`.

mod chart;
mod format;
mod instructions;
mod judge;
mod plan;
mod report;
mod rounds;
mod run;
mod setting;
mod summary;
mod tables;

use anyhow::{Result, ensure};
use clap::Parser;

use self::instructions::Counted;
use self::judge::{Judged, Verdict};
use self::plan::{Plan, Selected};
use self::rounds::Rounds;
use self::run::{Bench, Effort};
use self::setting::Setting;
use crate::workspace::Workspace;

/// Everything that a run found out.
struct Findings<'a> {
    plan: &'a Plan,
    selection: Vec<Selected<'a>>,
    effort: Effort,
    setting: Setting,
    rounds: Rounds,
    judged: Vec<Judged<'a>>,
    /// `None` without valgrind.
    instructions: Option<Vec<Counted<'a>>>,
}

/// Options of `cargo xtask bench`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Measure the rows whose `scenario/row` contains this (`handoff/` for a whole scenario), and leave the
    /// report as it is.
    pub(crate) filter: Option<String>,

    /// Fewer and shorter rounds: three minutes, and less exact. Writes the report and the charts, but neither the
    /// summary nor the figures of README.md.
    #[arg(long)]
    pub(crate) quick: bool,

    /// Measure rows that miss a target for as many rounds again, and fail if all rounds together miss it.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Measures the rows that the filter selects, and reports. If all are selected, in files.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let effort = if options.quick { Effort::QUICK } else { Effort::FULL };
    let bench = Bench::build(workspace, effort)?;
    let plan = Plan { catalog: bench.list()? };
    let selection = plan.select(options.filter.as_deref())?;
    let setting = Setting::find(workspace)?;

    let mut rounds = Rounds::default();
    bench.measure(&plan, &selection, &mut rounds)?;
    let mut judged = judge::targets(&plan, &selection, &rounds);
    if options.check && judged.iter().any(|judged| judged.verdict == Verdict::Missed) {
        eprintln!("measuring the rows that missed a target again");
        let missed = judge::missed(&plan, &judged);
        bench.measure(&plan, &missed, &mut rounds)?;
        judged = judge::targets(&plan, &selection, &rounds);
    }
    let instructions = instructions::count(&bench, &selection)?;
    let plan = &plan;
    let findings = Findings { plan, selection, effort, setting, rounds, judged, instructions };

    if options.filter.is_none() {
        report::write(workspace, &findings)?;
        if !options.quick {
            report::write_summary(workspace, &findings)?;
        }
    }
    report::print(&findings, options.filter.is_some());
    let missed = findings.missed();
    ensure!(!options.check || missed.is_empty(), "targets missed: {}", missed.join(", "));
    Ok(())
}

impl Findings<'_> {
    /// What misses a target.
    fn missed(&self) -> Vec<String> {
        let judged = self.judged.iter().filter(|one| one.verdict == Verdict::Missed);
        let mut missed: Vec<String> = judged.map(|one| one.target.row.clone()).collect();
        missed.dedup();
        let counted = self.instructions.iter().flatten();
        let over = counted.filter(|one| one.verdict() == Some(Verdict::Missed));
        missed.extend(over.map(|one| format!("instructions of {}", one.row.id)));
        missed
    }
}
