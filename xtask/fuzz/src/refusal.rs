//! Calls that may be refused with a panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What refusals of numbers say.
pub(crate) const TOO_MUCH: &str = "is more than";

/// What refusals of guards say, which belong to another semaphore.
pub(crate) const ANOTHER: &str = "semaphore";

/// Makes a call. `None` if it panics with a message that says `reason`; any other panic goes on. (bolero
/// keeps such messages from being printed.)
pub(crate) fn unless_refused<T>(reason: &str, call: impl FnOnce() -> T) -> Option<T> {
    // Whatever a refused call has changed all the same is found when the counts are compared.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(answer) => Some(answer),
        Err(panic) if message(&*panic).contains(reason) => None,
        Err(panic) => resume_unwind(panic),
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or(panic.downcast_ref().copied()).unwrap_or_default()
}
