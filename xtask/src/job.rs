//! Jobs: programs that run with a limit, one after another or side by side, and must show that they have done
//! what they should.

use std::iter;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use report::Report;

use crate::display::{align_right, grouped, seconds, table};
use crate::output::{self, Output};
use crate::progress;

/// What a job has printed on stdout, as far as its verdict needs it.
pub(crate) trait Evidence: Default + Send {
    /// Reads a line.
    fn read(&mut self, line: &str);
}

/// The exit status is enough.
impl Evidence for () {
    fn read(&mut self, _: &str) {}
}

/// Says why a job that ended so, and printed that, has not passed.
type Judge<'a, E> = Box<dyn Fn(Option<ExitStatus>, &E) -> Result<()> + Send + 'a>;

/// A program to run.
pub(crate) struct Job<'a, E> {
    pub(crate) name: String,
    command: Command,
    /// How long it may run before it is killed and has failed.
    limit: Duration,
    judge: Judge<'a, E>,
}

/// A job that is over.
pub(crate) struct Run<E> {
    pub(crate) name: String,
    pub(crate) evidence: E,
    pub(crate) output: Output,
    pub(crate) verdict: Result<()>,
    pub(crate) time: Duration,
}

impl<'a, E: Evidence> Job<'a, E> {
    pub(crate) fn new(
        name: impl Into<String>,
        command: Command,
        limit: Duration,
        judge: impl Fn(Option<ExitStatus>, &E) -> Result<()> + Send + 'a,
    ) -> Self {
        Self { name: name.into(), command, limit, judge: Box::new(judge) }
    }

    /// Runs it alone, and shows how far it has come if it reports that.
    pub(crate) fn run(self) -> Result<Run<E>> {
        let mut runs = all([self], 1)?;
        Ok(runs.pop().expect("there was one job"))
    }

    /// Runs it, calling `note` with every line about its progress.
    pub(crate) fn run_quietly(self, note: impl Fn(&str)) -> Result<Run<E>> {
        let Self { name, command, limit, judge } = self;
        let start = Instant::now();
        let mut evidence = E::default();
        let see = |line: &str| match Report::parse(line) {
            Some(Report::Progress { seconds, operations }) => {
                note(&format!("{name}: {} operations after {seconds} s", grouped(operations)));
            }
            _ => evidence.read(line),
        };
        let output = output::supervise(command, limit, see)
            .with_context(|| format!("{name} cannot be run"))?;
        let verdict = judge(output.status, &evidence);
        Ok(Run { name, evidence, output, verdict, time: start.elapsed() })
    }
}

/// Those whose name contains `filter`. None is an error.
pub(crate) fn select<T>(
    mut all: Vec<T>,
    what: &str,
    filter: &str,
    name: impl Fn(&T) -> &str,
) -> Result<Vec<T>> {
    all.retain(|one| name(one).contains(filter));
    ensure!(!all.is_empty(), "no {what}'s name contains `{filter}`");
    Ok(all)
}

/// Runs all jobs, `workers` of them at once. Returns them sorted by name.
pub(crate) fn all<'a, E: Evidence>(
    jobs: impl IntoIterator<Item = Job<'a, E>>,
    workers: usize,
) -> Result<Vec<Run<E>>> {
    let mut runs = run(jobs, workers, false)?;
    runs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(runs)
}

/// Runs jobs one after another, until one fails.
pub(crate) fn until_failure<'a, E: Evidence>(
    jobs: impl IntoIterator<Item = Job<'a, E>>,
) -> Result<Vec<Run<E>>> {
    run(jobs, 1, true)
}

fn run<'a, E: Evidence>(
    jobs: impl IntoIterator<Item = Job<'a, E>>,
    workers: usize,
    stops: bool,
) -> Result<Vec<Run<E>>> {
    let jobs: Vec<_> = jobs.into_iter().collect();
    let has_failed = AtomicBool::new(false);
    let may_go_on = |_: &Job<'_, E>| !(stops && has_failed.load(Ordering::Relaxed));
    let total = jobs.len();
    let jobs = jobs.into_iter().take_while(may_go_on);
    progress::each(
        total,
        jobs,
        workers,
        |job| &job.name,
        |job, progress| {
            let run = job.run_quietly(|text| progress.note(text))?;
            has_failed.fetch_or(run.verdict.is_err(), Ordering::Relaxed);
            let end = format!("{}, {}", run.result(), seconds(run.time));
            Ok((run, end))
        },
    )
}

impl<E> Run<E> {
    /// The verdict in words.
    pub(crate) fn result(&self) -> String {
        self.verdict.as_ref().map_or_else(ToString::to_string, |()| "passed".to_owned())
    }
}

/// Prints the output of every job that has failed.
pub(crate) fn print_failures<E>(runs: &[Run<E>]) {
    for run in runs.iter().filter(|run| run.verdict.is_err()) {
        println!("{}: {}", run.name, run.result());
        run.output.print();
        println!();
    }
}

/// Prints what has failed, and a table of all jobs: `cells` are what is special about them.
pub(crate) fn print<E, const N: usize>(
    runs: &[Run<E>],
    what: &str,
    columns: [&str; N],
    cells: impl Fn(&Run<E>) -> [String; N],
) {
    print_failures(runs);
    let mut results = table(iter::once(what).chain(columns).chain(["time", "result"]));
    align_right(&mut results, 1..N + 2);
    for run in runs {
        let end = [seconds(run.time), run.result()];
        results.add_row(iter::once(run.name.clone()).chain(cells(run)).chain(end));
    }
    println!("{results}\n");
}

/// Prints the sums, and fails if a job has.
pub(crate) fn finish<E>(runs: &[Run<E>], what: &str, start: Instant, sums: &str) -> Result<()> {
    let failed = runs.iter().filter(|run| run.verdict.is_err()).count();
    let (all, passed) = (runs.len(), runs.len() - failed);
    let time = seconds(start.elapsed());
    println!("{all} {what} in {time}: {passed} passed, {failed} failed{sums}");
    ensure!(failed == 0, "{failed} of {all} {what} failed");
    Ok(())
}

/// Says why the exit of a process is no success.
pub(crate) fn succeeded(status: Option<ExitStatus>) -> Result<()> {
    let status = status.context("ran out of time")?;
    ensure!(status.success(), "failed: {status}");
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &'static str, seconds: u64) -> Job<'static, ()> {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        let judge = |status, (): &()| succeeded(status);
        Job::new(script, shell, Duration::from_secs(seconds), judge)
    }

    #[test]
    fn jobs_that_fail_or_hang_are_named() {
        let runs = all([shell("sleep 100", 1), shell("exit 3", 60), shell("exit 0", 60)], 2);
        let runs = runs.unwrap();
        let results: Vec<_> = runs.iter().map(|run| (run.name.as_str(), run.result())).collect();
        let expected = [
            ("exit 0", "passed"),
            ("exit 3", "failed: exit status: 3"),
            ("sleep 100", "ran out of time"),
        ];
        assert_eq!(results, expected.map(|(name, result)| (name, result.to_owned())));
        let error = finish(&runs, "jobs", Instant::now(), "").unwrap_err();
        assert_eq!(error.to_string(), "2 of 3 jobs failed");
    }

    #[test]
    fn a_filter_that_selects_nothing_is_an_error() {
        let selected = |filter| select(vec!["one", "two"], "job", filter, |name| name);
        assert_eq!(selected("").unwrap(), ["one", "two"]);
        assert_eq!(selected("tw").unwrap(), ["two"]);
        assert_eq!(selected("three").unwrap_err().to_string(), "no job's name contains `three`");
    }

    #[test]
    fn no_job_runs_after_the_first_failure_where_that_is_asked_for() {
        let jobs = || [shell("exit 0", 60), shell("exit 1", 60), shell("exit 2", 60)];
        assert_eq!(until_failure(jobs()).unwrap().len(), 2);
        assert_eq!(all(jobs(), 1).unwrap().len(), 3);
    }
}
