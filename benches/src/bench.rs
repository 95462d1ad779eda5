//! Rows: the same work, once for each contender.

use std::mem;
use std::time::Duration;

use criterion::{Criterion, SamplingMode};
use report::Report;
use report::bench::{self, Catalog, Entry, Measured, Unit};

use crate::contender::Contender;
use crate::measure::{Samples, Taken};
use crate::placement::Placement;

/// What to do with the benchmarks.
pub(crate) enum Mode {
    List,
    Measure(Box<Criterion>),
    Repeat { id: String, times: u64 },
}

/// The benchmarks, as the scenarios declare them.
pub(crate) struct Bench {
    pub(crate) mode: Mode,
    pub(crate) catalog: Catalog,
}

impl Bench {
    pub(crate) fn new(mode: Mode) -> Self {
        Self { mode, catalog: Catalog::default() }
    }

    /// Begins a scenario.
    pub(crate) fn scenario(&mut self, name: &str, title: &str, about: &str) {
        self.catalog.scenarios.push(bench::Scenario {
            name: name.into(),
            title: title.into(),
            about: about.into(),
            rows: Vec::new(),
        });
    }

    /// Adds a row to the scenario.
    pub(crate) fn row(&mut self, name: &str, title: &str) -> Row<'_> {
        self.add(name, title, Unit::Nanoseconds, None)
    }

    /// Adds a row of bytes.
    pub(crate) fn bytes(&mut self, name: &str, title: &str) -> Row<'_> {
        self.add(name, title, Unit::Bytes, None)
    }

    fn add(&mut self, name: &str, title: &str, unit: Unit, measured_by: Option<String>) -> Row<'_> {
        let scenario = self.catalog.scenarios.last_mut().expect("a scenario");
        let id = format!("{}/{name}", scenario.name);
        let (title, contenders) = (title.into(), Vec::new());
        scenario.rows.push(bench::Row { id: id.clone(), title, unit, measured_by, contenders });
        Row { bench: self, id, is_skipped: false }
    }
}

/// A row of a scenario.
pub(crate) struct Row<'a> {
    bench: &'a mut Bench,
    id: String,
    is_skipped: bool,
}

impl Row<'_> {
    /// Adds a row whose values this row's measurements give as well, see [`also`](Self::also).
    pub(crate) fn with(self, name: &str, title: &str) -> Self {
        let id = self.id.clone();
        self.bench.add(name, title, Unit::Nanoseconds, Some(id));
        self
    }

    /// The same, with a row of bytes.
    pub(crate) fn with_bytes(self, name: &str, title: &str) -> Self {
        let id = self.id.clone();
        self.bench.add(name, title, Unit::Bytes, Some(id));
        self
    }

    /// Skips the row if its threads cannot be placed so.
    pub(crate) fn pinned(mut self, placement: Placement) -> Self {
        if let (Mode::Measure(_), Err(reason)) = (&self.bench.mode, placement.check()) {
            Report::Skipped { row: self.id.clone(), reason: reason.to_owned() }.print();
            self.is_skipped = true;
        }
        self
    }

    /// Measures a contender: `run` repeats the work as often as it is told.
    pub(crate) fn measure(&mut self, contender: Contender, mut run: impl FnMut(u64) -> Taken) {
        let Self { bench: Bench { mode, catalog }, id: row, is_skipped } = self;
        if *is_skipped || !contender.takes_part_in(row) {
            return;
        }
        list(catalog, row, contender);
        match mode {
            Mode::List => {}
            Mode::Measure(criterion) => {
                let (mut wall, mut cpu) = (Samples::default(), Samples::default());
                let mut group = criterion.benchmark_group(&*row);
                // The time of an iteration varies with the scheduler, not with how many there are.
                group.sampling_mode(SamplingMode::Flat);
                let mut is_set_up = false;
                group.bench_function(contender.id, |bencher| {
                    if !mem::replace(&mut is_set_up, true) {
                        // Criterion would take what this sets up for the time of an iteration.
                        run(1);
                    }
                    bencher.iter_custom(|times| {
                        let taken = run(times);
                        wall.push(times, taken.wall);
                        cpu.push(times, taken.cpu);
                        Duration::from_nanos(taken.wall as u64)
                    });
                });
                group.finish();
                self.report(&self.id, contender, wall.median(), cpu.median());
            }
            Mode::Repeat { id, times } => {
                if id.strip_prefix(&*row) == Some(&format!("/{}", contender.id)) {
                    run(*times);
                }
            }
        }
    }

    /// Measures a contender in what takes too long to be repeated: once, and criterion gets that each time.
    pub(crate) fn measure_once(&mut self, contender: Contender, run: impl Fn() -> Taken) {
        let mut taken = None;
        self.measure(contender, |times| taken.get_or_insert_with(&run).scaled(times, 1));
    }

    /// A value of this row that is known.
    pub(crate) fn value(&mut self, contender: Contender, value: f64) {
        if contender.takes_part_in(&self.id) {
            list(&mut self.bench.catalog, &self.id, contender);
            self.report(&self.id, contender, Some(value), None);
        }
    }

    /// A value that was measured for the row `name` of the same scenario, if it was.
    pub(crate) fn also(&mut self, name: &str, contender: Contender, value: Option<f64>) {
        let (scenario, _) = self.id.split_once('/').expect("scenario/row");
        let row = format!("{scenario}/{name}");
        if !contender.takes_part_in(&row) {
            return;
        }
        list(&mut self.bench.catalog, &row, contender);
        self.report(&row, contender, value, None);
    }

    fn report(&self, row: &str, contender: Contender, value: Option<f64>, cpu: Option<f64>) {
        if let (Mode::Measure(_), Some(value)) = (&self.bench.mode, value) {
            let (row, contender) = (row.to_owned(), contender.id.to_owned());
            Report::Measured(Measured { row, contender, value, cpu }).print();
        }
    }
}

/// Adds `contender` to a row of the last scenario.
fn list(catalog: &mut Catalog, row: &str, contender: Contender) {
    let Contender { id, label, dependency, notes, .. } = contender;
    let rows = &mut catalog.scenarios.last_mut().expect("a scenario").rows;
    let row = rows.iter_mut().find(|one| one.id == row).expect("a row of the scenario");
    let notes = notes.iter().map(|note| note.to_string()).collect();
    row.contenders.push(Entry { id: id.into(), notes });
    if catalog.contenders.iter().all(|known| known.id != id) {
        let (id, label, dependency) = (id.into(), label.into(), dependency.map(Into::into));
        catalog.contenders.push(bench::Contender { id, label, dependency });
    }
}
