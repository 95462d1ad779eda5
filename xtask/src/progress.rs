//! Progress of jobs that run side by side: a bar on a terminal, a line per job in a log.

use std::collections::BTreeSet;
use std::env;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// The time between two lines of a log about the same job.
const INTERVAL: Duration = Duration::from_secs(10);

/// How many jobs are done, and which are running.
pub(crate) struct Progress {
    bar: ProgressBar,
    running: Mutex<BTreeSet<String>>,
    noted: Mutex<Instant>,
}

impl Progress {
    /// Progress of `total` jobs. The bar hides itself where stderr is not a terminal.
    pub(crate) fn new(total: usize) -> Self {
        let bar = if env::var_os("CI").is_some() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(total as u64)
        };
        bar.set_length(total as u64);
        let style = ProgressStyle::with_template("{elapsed} [{bar:30}] {pos}/{len} {wide_msg}");
        bar.set_style(style.expect("the template is well formed").progress_chars("=> "));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, running: Mutex::default(), noted: Mutex::new(Instant::now()) }
    }

    /// The job `name` has begun.
    pub(crate) fn begin(&self, name: &str) {
        let mut running = self.running.lock().unwrap();
        running.insert(name.to_owned());
        self.show(&running);
    }

    /// The job `name` is over, with this result.
    pub(crate) fn end(&self, name: &str, result: &str) {
        let mut running = self.running.lock().unwrap();
        running.remove(name);
        self.bar.inc(1);
        self.show(&running);
        if self.bar.is_hidden() {
            let (done, total) = (self.bar.position(), self.bar.length().unwrap_or_default());
            eprintln!("[{done}/{total}] {name}: {result}");
        }
    }

    /// How far a running job has come. In a log, a line now and then.
    pub(crate) fn note(&self, text: &str) {
        self.bar.set_message(text.to_owned());
        let mut noted = self.noted.lock().unwrap();
        if self.bar.is_hidden() && noted.elapsed() >= INTERVAL {
            *noted = Instant::now();
            eprintln!("{text}");
        }
    }

    /// Every job is over.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, running: &BTreeSet<String>) {
        let names: Vec<&str> = running.iter().map(String::as_str).collect();
        self.bar.set_message(names.join(", "));
    }
}
