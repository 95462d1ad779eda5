//! Progress of jobs that run side by side: a line for each that is over, and a bar on a terminal.

use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use crate::parallel;

/// How many jobs are done, and what was heard last of the others.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Progress of `total` jobs. The bar hides itself where stderr is not a terminal.
    fn new(total: usize) -> Self {
        let style = ProgressStyle::with_template("{elapsed} [{bar:30}] {pos}/{len} {wide_msg}");
        let style = style.expect("the template is well formed").progress_chars("=> ");
        let bar = ProgressBar::new(total as u64).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// How far a running job has come.
    pub(crate) fn note(&self, text: &str) {
        self.0.set_message(text.to_owned());
    }

    /// The job `name` is over, with this result.
    fn end(&self, name: &str, result: &str) {
        self.0.inc(1);
        let (done, total) = (self.0.position(), self.0.length().unwrap_or_default());
        self.0.suspend(|| eprintln!("[{done}/{total}] {name}: {result}"));
    }
}

/// Calls `work` with every item, on `workers` threads, and shows their progress: those that are running, and in
/// a line how each ended, which `work` returns beside its result. `total` is how many there may be.
pub(crate) fn each<I: IntoIterator, R: Send>(
    total: usize,
    items: I,
    workers: usize,
    name: impl Fn(&I::Item) -> &str + Sync,
    work: impl Fn(I::Item, &Progress) -> Result<(R, String)> + Sync,
) -> Result<Vec<R>>
where
    I::IntoIter: Send,
{
    let progress = Progress::new(total);
    let results = parallel::each(items, workers, |item| {
        let name = name(&item).to_owned();
        progress.note(&name);
        let (result, end) = work(item, &progress)?;
        progress.end(&name, &end);
        Ok(result)
    })?;
    progress.0.finish_and_clear();
    Ok(results)
}
