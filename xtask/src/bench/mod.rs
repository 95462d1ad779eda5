//! `cargo xtask bench`: measures what `benches/scenarios.toml` names, round after round, and judges
//! the lines it draws.

mod chart;
mod collect;
mod effort;
mod instructions;
mod judge;
mod machine;
mod measured;
mod names;
mod notes;
mod plan;
mod report;
mod rounds;
mod run;
mod scale;
mod select;
mod sheet;
mod tables;
mod units;
mod versions;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use clap::Parser;

use self::effort::Effort;
use self::instructions::Instructions;
use self::judge::{Judged, Verdict};
use self::machine::Setting;
use self::measured::Measured;
use self::plan::Plan;
use self::run::Bench;
use crate::workspace::{self, Workspace};

/// Everything that a run found out.
struct Findings<'a> {
    plan: &'a Plan,
    effort: Effort,
    is_quick: bool,
    setting: Setting,
    versions: BTreeMap<&'a str, String>,
    measured: Vec<Measured<'a>>,
    judged: Vec<Judged<'a>>,
    instructions: Instructions<'a>,
}

/// Options of `cargo xtask bench`.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Measure the rows whose `scenario/row` contains this (`handoff/` for a whole scenario), and leave the
    /// report as it is.
    pub(crate) filter: Option<String>,

    /// Fewer and shorter rounds: three minutes, and less exact. Writes the report all the same.
    #[arg(long)]
    pub(crate) quick: bool,

    /// Measure rows that miss a line for as many rounds again, and fail if all rounds together miss it.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Measures the rows that the filter selects, and reports. If all are selected, in files.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let plan = Plan::read(workspace)?;
    let selection = select::select(&plan, options.filter.as_deref())?;
    let effort = if options.quick { Effort::QUICK } else { Effort::FULL };
    let setting = Setting::look(&workspace.shell)?;
    let versions = versions::find(&plan, &workspace::resolved()?)?;

    let bench = Bench::build(workspace, effort)?;
    let mut measured = bench.measure(selection.clone())?;
    if options.check {
        bench.measure_missed(&mut measured)?;
    }
    let instructions = instructions::count(workspace, &selection)?;
    let judged = measured.iter().flat_map(judge::lines).collect();
    let is_quick = options.quick;
    let findings = Findings {
        plan: &plan,
        effort,
        is_quick,
        setting,
        versions,
        measured,
        judged,
        instructions,
    };

    if options.filter.is_some() {
        report::print(&findings);
    } else {
        report::write(workspace, &findings)?;
    }
    report::print_summary(&findings);

    let missed = findings.missed();
    ensure!(!options.check || missed.is_empty(), "lines missed: {}", missed.join(", "));
    Ok(())
}

impl Findings<'_> {
    /// The rows that miss a line, those of instructions too.
    fn missed(&self) -> Vec<String> {
        let is_missed = |judged: &&Judged<'_>| judged.verdict == Verdict::Missed;
        let lines = self.judged.iter().filter(is_missed);
        let mut missed: Vec<String> =
            lines.map(|judged| judged.scenario.path(judged.row)).collect();
        missed.dedup();
        if let Instructions::Counted(counted) = &self.instructions {
            let over = counted.iter().filter(|one| one.verdict() == Some(Verdict::Missed));
            missed.extend(over.map(|one| format!("instructions of {}", one.row.name)));
        }
        missed
    }
}
