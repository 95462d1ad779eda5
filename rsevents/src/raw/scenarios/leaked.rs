//! Waits that are leaked while they are queued.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Waker};

use crate::Wait;
use crate::queue::Claim;

/// Leaks a wait that is queued, and calls `call`, which replaces the wait's object by another one at its address. When
/// that returns, the wait must have left the queue, unreleased.
pub(crate) fn with_leaked(wait: Wait<'_>, call: impl FnOnce()) {
    let mut wait = Box::pin(wait);
    assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    call();
    assert_eq!(wait.as_mut().entry().claim(), Claim::Open);
    // SAFETY: from here on, it is not used as pinned.
    let wait = Box::into_raw(unsafe { Pin::into_inner_unchecked(wait) });
    // Frees the memory without its destructor, which would believe that it is linked.
    // SAFETY: it came from a box, with the same layout.
    drop(unsafe { Box::from_raw(wait.cast::<ManuallyDrop<Wait<'_>>>()) });
}
