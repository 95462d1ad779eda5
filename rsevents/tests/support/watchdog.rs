//! Tests whose threads wait for each other. A bare [`thread::scope`] reports a panic only when all of
//! its threads have ended, which those that wait for the panicking one never do.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, Builder, ScopedJoinHandle};

use super::{FOREVER, rounds};

/// Runs a test on a thread of its own. Fails as soon as that thread or one of its [`scope`]s' panics, and
/// after [`FOREVER`] (multiplied as [`rounds`] are) if it hangs. Threads that are stuck then are left
/// behind.
pub(crate) fn with_watchdog(test: fn()) {
    let (reports, report) = mpsc::channel();
    let watch = Watch { reports, has_failed: Arc::default() };
    let runner = watch.clone();
    let run = move || {
        runner.run(Box::new(test));
        let _ = runner.reports.send(Ok(()));
    };
    builder().spawn(run).expect("a thread");
    let limit = FOREVER * u32::try_from(rounds(1)).expect("a sensible multiple");
    match report.recv_timeout(limit) {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => {
            watch.has_failed.store(true, Ordering::Relaxed);
            panic!("no end after {limit:?}");
        }
    }
}

/// For a thread with the name of the test, which the message of a panic shows.
fn builder() -> Builder {
    let builder = Builder::new();
    match thread::current().name() {
        Some(name) => builder.name(name.to_owned()),
        None => builder,
    }
}

/// Whether a thread of the current test has panicked, so that the others need not go on.
pub(crate) fn has_failed() -> bool {
    WATCH.with_borrow(|watch| watch.as_ref().is_some_and(Watch::has_failed))
}

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// What all threads of one test share.
#[derive(Clone)]
struct Watch {
    reports: Sender<Result<(), Panic>>,
    has_failed: Arc<AtomicBool>,
}

type Panic = Box<dyn Any + Send>;

/// A part of a test. Boxed, so that what starts and watches threads is compiled once, not for each closure.
type Part<'a, T> = Box<dyn FnOnce() -> T + 'a>;

impl Watch {
    /// Runs a part of the test on this thread. A panic is reported before it unwinds any further.
    fn run<T>(&self, part: Part<'_, T>) -> T {
        WATCH.set(Some(self.clone()));
        catch_unwind(AssertUnwindSafe(part)).unwrap_or_else(|panic| {
            self.has_failed.store(true, Ordering::Relaxed);
            let _ = self.reports.send(Err(panic)); // only the first is received
            resume_unwind(Box::new("reported"))
        })
    }

    fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }
}

/// As [`thread::scope`], within a test [with a watchdog](with_watchdog).
pub(crate) fn scope<'env, T>(body: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> T) -> T {
    scope_of_boxed(Box::new(body))
}

fn scope_of_boxed<'env, T>(body: Body<'_, 'env, T>) -> T {
    let watch =
        WATCH.with_borrow(Clone::clone).expect("tests with several threads have a watchdog");
    let is_over = Arc::new(AtomicBool::new(false));
    thread::scope(|threads| {
        let scope = Scope { threads, watch, is_over };
        let result = scope.watch.run(Box::new(|| body(&scope)));
        scope.is_over.store(true, Ordering::Relaxed);
        result
    })
}

type Body<'a, 'env, T> = Box<dyn for<'scope> FnOnce(&Scope<'scope, 'env>) -> T + 'a>;

pub(crate) struct Scope<'scope, 'env: 'scope> {
    threads: &'scope thread::Scope<'scope, 'env>,
    watch: Watch,
    is_over: Arc<AtomicBool>,
}

impl<'scope> Scope<'scope, '_> {
    pub(crate) fn spawn<T: Send + 'scope>(
        &self,
        part: impl FnOnce() -> T + Send + 'scope,
    ) -> ScopedJoinHandle<'scope, T> {
        self.spawn_boxed(Box::new(part))
    }

    fn spawn_boxed<T: Send + 'scope>(
        &self,
        part: Box<dyn FnOnce() -> T + Send + 'scope>,
    ) -> ScopedJoinHandle<'scope, T> {
        let watch = self.watch.clone();
        builder().spawn_scoped(self.threads, move || watch.run(part)).expect("a thread")
    }

    /// Starts `number` threads that do the same.
    pub(crate) fn spawn_each(&self, number: usize, part: impl Fn() + Copy + Send + 'scope) {
        (0..number).for_each(|_| drop(self.spawn(part)));
    }

    /// Repeats `step` on a thread of its own until the body of the scope is over.
    pub(crate) fn repeat(&self, mut step: impl FnMut() + Send + 'scope) {
        let (watch, is_over) = (self.watch.clone(), Arc::clone(&self.is_over));
        self.spawn(move || {
            while !is_over.load(Ordering::Relaxed) && !watch.has_failed() {
                step();
            }
        });
    }
}
