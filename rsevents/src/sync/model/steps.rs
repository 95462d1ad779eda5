//! Records the steps of bytes for the scenarios, which demand that certain ones come up.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::env;

/// What a thread was doing, and a byte before and after a step of it.
pub(crate) type Step = (&'static str, u8, u8);

loom::thread_local! {
    static ACTION: Cell<&'static str> = Cell::new("");
}

std::thread_local! {
    // Loom runs all threads of a model on one, and this one is not part of the model.
    static STEPS: RefCell<BTreeSet<Step>> = RefCell::default();
}

/// Names what the thread does next.
pub(crate) fn begin(action: &'static str) {
    ACTION.with(|cell| cell.set(action));
}

pub(super) fn record(before: u8, after: u8) {
    ACTION.with(|action| {
        if !action.get().is_empty() {
            STEPS.with_borrow_mut(|steps| steps.insert((action.get(), before, after)));
        }
    });
}

/// The steps in all executions since the last call, if these were all executions that there are.
pub(crate) fn steps() -> Option<BTreeSet<Step>> {
    env::var_os("LOOM_MAX_PREEMPTIONS").is_none().then(|| STEPS.take())
}
