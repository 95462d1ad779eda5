//! Progress of jobs that run side by side: a bar on a terminal, a line per job in a log.

use std::collections::BTreeSet;
use std::env;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How much of a single job is between two lines of a log.
const LOGGED: u64 = 10;

/// How many jobs are done, and which are running.
pub(crate) struct Progress {
    bar: ProgressBar,
    running: Mutex<BTreeSet<String>>,
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
        bar.set_style(style());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, running: Mutex::default() }
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

    /// So much is done of a single long job. In a log, says so from time to time.
    pub(crate) fn at(&self, done: u64, message: &str) {
        let is_new = done / LOGGED > self.bar.position() / LOGGED;
        self.bar.set_position(done);
        self.bar.set_message(message.to_owned());
        if self.bar.is_hidden() && is_new {
            eprintln!("[{done}/{}] {message}", self.bar.length().unwrap_or_default());
        }
    }

    /// Prints a line for people, above the bar.
    pub(crate) fn print(&self, line: &str) {
        self.bar.suspend(|| println!("{line}"));
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

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{elapsed} [{bar:30}] {pos}/{len} {wide_msg}")
        .expect("the template is well formed")
        .progress_chars("=> ")
}
