//! The check of one platform.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::build::Build;
use super::list::{Depth, Platform, Runner};
use super::report::{Row, Verdict};
use super::wine::Wine;
use super::{differential, install, needs, node};
use crate::cargo;
use crate::output::{self, Output};
use crate::stats::Reported;
use crate::suites::{self, Run};
use crate::workspace::{Workspace, select_published};

/// Checks one platform, or says what it lacks. A failure is a row, and no reason to leave out the others.
pub(super) fn run(workspace: &Workspace, platform: &Platform, limit: Duration) -> Result<Vec<Row>> {
    let Platform { name, triple, shows, .. } = platform;
    eprintln!("\n== {name} ==\n{triple}: {shows}");
    let missing = needs::missing(platform)?;
    if let Some(missing) = &missing {
        let packages = install::packages(&workspace.shell, platform);
        let command = install::command(&packages);
        eprintln!("{name} was skipped: it needs {missing}; on Debian: {command}");
    }
    let build = Build::find(workspace, platform)?;
    if build.is_none() {
        eprintln!("{name} was skipped: it needs {}", Build::needs(platform));
    }
    let (None, Some(build)) = (missing, build) else { return Ok(vec![Row::skipped(name)]) };
    eprintln!("standard library: {}", build.origin());

    let start = Instant::now();
    let check = Check { workspace, name, build, limit };
    let rows = match &platform.depth {
        Depth::Run { linker, runner, .. } => check.run(linker[0], runner),
        Depth::Node => check.node().map(|row| vec![row]),
        Depth::Compile => check.compile().map(|row| vec![row]),
    };
    Ok(rows.unwrap_or_else(|error| {
        eprintln!("{name}: {error:#}");
        vec![Row::failed(name, start.elapsed())]
    }))
}

/// The check of a platform for which everything is there.
struct Check<'a> {
    workspace: &'a Workspace,
    name: &'a str,
    build: Build<'a>,
    limit: Duration,
}

impl Check<'_> {
    fn compile(&self) -> Result<Row> {
        let start = Instant::now();
        let check = self.build.cargo().arg("check").args(select_published());
        check.args(self.build.options()).run()?;
        Ok(Row {
            name: self.name.to_owned(),
            how: "compiled".to_owned(),
            executables: None,
            tests: None,
            time: start.elapsed(),
            verdict: Verdict::Passed,
        })
    }

    fn run(&self, linker: &str, runner: &Runner) -> Result<Vec<Row>> {
        let how = |words: &[&str]| suites::How {
            runner: words.iter().map(ToString::to_string).collect(),
            environment: Vec::new(),
            limit: self.limit,
        };
        match runner {
            Runner::Native => Ok(vec![self.test(&how(&[]), "native")?]),
            Runner::Emulator(words) => Ok(vec![self.test(&how(words), words[0])?]),
            Runner::Wine => {
                let wine = Wine::start(self.workspace, linker)?;
                let (how, version) = (wine.how(self.limit), wine.version(self.workspace)?);
                Ok(vec![self.test(&how, &version)?, self.compare(&how, &version)?])
            }
        }
    }

    /// Builds and runs the tests.
    fn test(&self, how: &suites::How, words: &str) -> Result<Row> {
        let start = Instant::now();
        let suites = suites::build(self.workspace, self.build.cargo(), &self.build.options())?;
        let runs = suites::run(&suites, how)?;
        let failed: Vec<&Run> = runs.iter().filter(|run| run.verdict.is_err()).collect();
        failed.iter().for_each(|run| run.print());
        let names: Vec<&str> = failed.iter().map(|run| run.name.as_str()).collect();
        Ok(Row {
            name: self.name.to_owned(),
            how: words.to_owned(),
            executables: Some(runs.len()),
            tests: Some(runs.iter().filter_map(|run| run.passed).sum()),
            time: start.elapsed(),
            verdict: Verdict::of_failures(&names),
        })
    }

    /// Builds and runs the comparison with the events of Windows.
    fn compare(&self, how: &suites::How, words: &str) -> Result<Row> {
        let start = Instant::now();
        let build = self.build.cargo().args(["build", "-p", "verify", "--bin", differential::NAME]);
        let program = cargo::build_one(build.args(self.build.options()))?;
        let command = differential::with_arguments(how.command(program.path.as_str()));
        let mut reported = Reported::default();
        let output = output::supervise(command, how.limit, |line| {
            eprintln!("{line}");
            reported.read(line);
        })?;
        let name = format!("{}: {}", self.name, differential::NAME);
        Ok(row(name, words, start, &output, differential::judge(output.status, &reported)))
    }

    /// Builds and runs the program of two threads.
    fn node(&self) -> Result<Row> {
        let start = Instant::now();
        let build = self.build.cargo().args(["build", "-p", node::PACKAGE]);
        let program = cargo::build_one(build.args(self.build.options()))?;
        let script = self.workspace.package_dir(node::PACKAGE)?.join(node::SCRIPT);
        let mut command = Command::new("node");
        command.arg(script).arg(program.path);
        let output = output::supervise(command, self.limit, |line| eprintln!("{line}"))?;
        Ok(row(self.name.to_owned(), "node", start, &output, node::judge(output.status)))
    }
}

/// The row of one program, which `start` began to build. Prints what is known about a failure.
fn row(name: String, how: &str, start: Instant, output: &Output, result: Result<()>) -> Row {
    let verdict = match result {
        Ok(()) => Verdict::Passed,
        Err(reason) => {
            output.print();
            Verdict::Failed(reason.to_string())
        }
    };
    let (how, time) = (how.to_owned(), start.elapsed());
    Row { name, how, executables: Some(1), tests: None, time, verdict }
}
