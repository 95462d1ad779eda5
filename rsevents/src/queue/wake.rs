//! How setters and helpers wake what was released or called, and what becomes of a waker's panic.

use core::cell::Cell;
use core::{mem, ptr};
use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::task::Waker;
use std::thread;

use crate::sync::{self, per_thread};

/// Wakes the thread or the task of an entry. It has no pointer to the entry, which may be gone.
///
/// To be used without a lock: a waker may do anything, also use the same object, or panic.
#[must_use]
pub(crate) enum Wake {
    /// The thread that sleeps with this token, which may be gone as well.
    Thread(usize),
    Task(Waker),
}

impl Wake {
    #[inline]
    pub(crate) fn wake(self) {
        match self {
            Self::Thread(token) => sync::unpark(token),
            Self::Task(waker) => {
                let mut wakes = Wakes::default();
                wakes.call_waker(waker);
                wakes.finish();
            }
        }
    }
}

/// Wake-ups. If wakers panic, the others are woken all the same, and the first panic goes on at the end.
#[derive(Default)]
pub(crate) struct Wakes {
    panic: Option<Box<dyn Any + Send>>,
    /// See [`of_helper`](Self::of_helper).
    helps: bool,
}

impl Wakes {
    /// Those of a thread or a task that helps a setter, or lets others pass as its own wait ends. Some executors run a
    /// task in its waker: if that helps, the waker of the next task is called only when its own has returned, as they
    /// would be nested otherwise. Threads are woken at once.
    pub(crate) fn of_helper() -> Self {
        Self { panic: None, helps: true }
    }

    /// Returns whether it is woken now. Does not unwind.
    #[inline]
    pub(crate) fn wake(&mut self, wake: Wake) -> bool {
        match wake {
            Wake::Thread(token) => {
                sync::unpark(token);
                true
            }
            Wake::Task(waker) => {
                let waker = if self.helps { defer(waker) } else { Some(waker) };
                waker.map(|waker| self.call_waker(waker)).is_some()
            }
        }
    }

    /// Calls a waker, and those that are deferred meanwhile.
    fn call_waker(&mut self, waker: Waker) {
        let deferred = Deferred::default();
        let outer = INNERMOST.with(|innermost| innermost.replace(&deferred));
        self.wake_task(waker);
        loop {
            let wakers = deferred.0.take();
            if wakers.is_empty() {
                break;
            }
            for waker in wakers {
                self.wake_task(waker);
            }
        }
        INNERMOST.with(|innermost| innermost.set(outer));
    }

    /// Calls this waker only. A guard may be dropped while a panic unwinds: a second one would abort the process, so
    /// that of the waker does not go on then.
    fn wake_task(&mut self, waker: Waker) {
        match panic::catch_unwind(AssertUnwindSafe(|| waker.wake())) {
            Ok(()) => {}
            Err(payload) if thread::panicking() => discard(payload),
            Err(payload) => self.keep_first(payload),
        }
    }

    /// Calls what may wake others, and returns what that returns. Does not unwind.
    pub(crate) fn call<T>(&mut self, call: impl FnOnce() -> T) -> Option<T> {
        // No state of ours is half changed.
        let result = panic::catch_unwind(AssertUnwindSafe(call));
        result.map_err(|payload| self.keep_first(payload)).ok()
    }

    #[cold]
    fn keep_first(&mut self, payload: Box<dyn Any + Send>) {
        if self.panic.is_none() {
            self.panic = Some(payload);
        } else {
            discard(payload);
        }
    }

    /// The first panic goes on.
    #[inline]
    pub(crate) fn finish(&mut self) {
        if let Some(payload) = self.panic.take() {
            panic::resume_unwind(payload);
        }
    }
}

/// Calls what a destructor may have to do, and what may panic. While another panic unwinds, a second one would abort the
/// process: then the first one goes on.
#[inline]
pub(super) fn in_drop(call: impl FnOnce()) {
    if thread::panicking() { call_during_a_panic(call) } else { call() }
}

#[cold]
fn call_during_a_panic(call: impl FnOnce()) {
    if let Err(second) = panic::catch_unwind(AssertUnwindSafe(call)) {
        discard(second);
    }
}

/// Drops a waker, in a destructor: it may panic, see [`in_drop`].
#[inline]
pub(super) fn drop_waker(waker: Option<Waker>) {
    if let Some(waker) = waker {
        in_drop(|| drop(waker));
    }
}

/// Where another panic unwinds.
impl Drop for Wakes {
    fn drop(&mut self) {
        if let Some(payload) = self.panic.take() {
            discard(payload);
        }
    }
}

/// Wakers that are deferred until the one that is running has returned.
#[derive(Default)]
struct Deferred(Cell<Vec<Waker>>);

impl Deferred {
    fn push(&self, waker: Waker) {
        let mut wakers = self.0.take();
        wakers.push(waker);
        self.0.set(wakers);
    }
}

per_thread! {
    // A pointer to the stack: a value with a destructor could not be used in those of other values.
    static INNERMOST: Cell<*const Deferred> = const { Cell::new(ptr::null()) };
}

/// Inside of a waker, defers another one: the caller of the first one calls it. Elsewhere returns it.
fn defer(waker: Waker) -> Option<Waker> {
    // SAFETY: the pointer is to a place on the stack of this thread, and is changed back before that is gone: nothing
    // unwinds there.
    match unsafe { INNERMOST.with(Cell::get).as_ref() } {
        Some(deferred) => {
            deferred.push(waker);
            None
        }
        None => Some(waker),
    }
}

/// Drops the payload of a panic. If that panics as well, its payload is leaked.
pub(super) fn discard(payload: Box<dyn Any + Send>) {
    mem::forget(panic::catch_unwind(AssertUnwindSafe(|| drop(payload))));
}
