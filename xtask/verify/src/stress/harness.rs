//! What runs one scenario: its threads, its objects, and the faults that were found.

use std::fmt::{Debug, Display};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::stats::{self, Counter, Stats};
use super::status::Status;

pub(super) struct Harness {
    name: &'static str,
    start: Instant,
    is_over: AtomicBool,
    pub(super) faults: Stats,
    workers: Mutex<Vec<&'static Status>>,
    objects: Mutex<Vec<(&'static str, &'static Shown)>>,
}

/// An object of which the watchdog shows the state.
type Shown = dyn Debug + Send + Sync;

impl Harness {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            start: Instant::now(),
            is_over: AtomicBool::new(false),
            faults: Stats::default(),
            workers: Mutex::default(),
            objects: Mutex::default(),
        }
    }

    /// Keeps an object where the watchdog can show it. Leaked, as threads that stall go on using it.
    pub(super) fn object<T: Debug + Send + Sync>(
        &self,
        name: &'static str,
        object: T,
    ) -> &'static T {
        let object = Box::leak(Box::new(object));
        self.objects.lock().unwrap().push((name, object));
        object
    }

    /// Keeps the status of a thread where the watchdog can see it.
    pub(super) fn status(&self, role: &'static str) -> &'static Status {
        let status = Status::leak(role);
        self.workers.lock().unwrap().push(status);
        status
    }

    /// The threads that were started.
    pub(super) fn workers(&self) -> Vec<&'static Status> {
        self.workers.lock().unwrap().clone()
    }

    /// Asks the threads to end.
    pub(super) fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Demands that nothing was lost.
    pub(super) fn lost_unless(&self, holds: bool, what: impl Display) {
        self.fault_unless(holds, Counter::Lost, what);
    }

    /// Demands that nothing was taken that was not there.
    pub(super) fn doubled_unless(&self, holds: bool, what: impl Display) {
        self.fault_unless(holds, Counter::Doubled, what);
    }

    /// Demands that as much was taken as there was.
    pub(super) fn balance(&self, there: u64, taken: u64, what: &str) {
        let what = format!("{what}: {there} there, {taken} taken");
        self.lost_unless(there <= taken, &what);
        self.doubled_unless(there >= taken, &what);
    }

    fn fault_unless(&self, holds: bool, fault: Counter, what: impl Display) {
        // Of each kind the first is shown: the others would say nothing new.
        if !holds && self.faults.add(fault, 1) == 1 {
            let time = self.start.elapsed().as_secs_f64();
            eprintln!("{}: {fault:?} after {time:.3} s: {what}", self.name);
        }
    }

    /// The sum over all threads, and the faults.
    pub(super) fn total(&self, counter: Counter) -> u64 {
        let workers = self.workers();
        let counted = workers.iter().map(|worker| worker.stats.get(counter));
        self.faults.get(counter) + counted.sum::<u64>()
    }

    pub(super) fn report(&self) -> report::Stats {
        stats::report(self.name, |counter| self.total(counter))
    }

    /// Every thread and every object, a line each.
    pub(super) fn describe(&self) -> String {
        let objects = self.objects.lock().unwrap();
        let objects = objects.iter().map(|(name, object)| format!("{name} is {object:?}"));
        let workers = self.workers().into_iter().map(ToString::to_string);
        workers.chain(objects).map(|line| format!("{}: {line}\n", self.name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Counter, Harness};

    #[test]
    fn a_balance_tells_which_side_is_short() {
        let harness = Harness::new("test");
        harness.balance(3, 3, "nothing");
        harness.balance(3, 2, "a set");
        harness.balance(3, 4, "a set");
        harness.balance(3, 5, "a set");
        assert_eq!((harness.total(Counter::Lost), harness.total(Counter::Doubled)), (1, 2));
        let faults = [("lost", 1), ("doubled", 2), ("stalls", 0)];
        let faults = faults.map(|(name, number)| (name.to_owned(), number));
        assert_eq!(harness.report().faults, faults);
    }
}
