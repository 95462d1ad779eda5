//! How a setter wakes what it has released or called.

use core::cell::Cell;
use core::mem;
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
    pub(crate) fn wake(self) {
        match self {
            Self::Thread(token) => sync::unpark(token),
            Self::Task(waker) => waker.wake(),
        }
    }
}

/// Several wake-ups. If wakers panic, the others are woken all the same, and the first panic goes on at the end.
#[derive(Default)]
pub(crate) struct Wakes {
    panic: Option<Box<dyn Any + Send>>,
}

impl Wakes {
    /// Does not unwind.
    pub(crate) fn wake(&mut self, wake: Wake) {
        match wake {
            Wake::Thread(_) => wake.wake(),
            Wake::Task(waker) => {
                let was_waking = IS_WAKING.with(|is_waking| is_waking.replace(true));
                // A guard may be dropped while a panic unwinds.
                self.call(|| in_drop(|| waker.wake()));
                IS_WAKING.with(|is_waking| is_waking.set(was_waking));
            }
        }
    }

    /// Calls what may wake others, and returns what that returns. Does not unwind.
    pub(crate) fn call<T>(&mut self, call: impl FnOnce() -> T) -> Option<T> {
        // No state of ours is half changed.
        let payload = match panic::catch_unwind(AssertUnwindSafe(call)) {
            Ok(returned) => return Some(returned),
            Err(payload) => payload,
        };
        if self.panic.is_none() {
            self.panic = Some(payload);
        } else {
            discard(payload);
        }
        None
    }

    pub(crate) fn finish(mut self) {
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

/// Where another panic unwinds.
impl Drop for Wakes {
    fn drop(&mut self) {
        if let Some(payload) = self.panic.take() {
            discard(payload);
        }
    }
}

per_thread! {
    static IS_WAKING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this runs inside of a waker that a setter has called, which goes on to the next when it returns. Some
/// executors run a task there.
pub(crate) fn is_waking() -> bool {
    IS_WAKING.with(Cell::get)
}

/// Drops the payload of a panic. If that panics as well, its payload is leaked.
pub(super) fn discard(payload: Box<dyn Any + Send>) {
    mem::forget(panic::catch_unwind(AssertUnwindSafe(|| drop(payload))));
}
