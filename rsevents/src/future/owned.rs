//! A wait that keeps its object alive.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Finish, Wait};

/// A [`Wait`] that shares the ownership of its object through an [`Arc`], so that it can be moved into a spawned
/// task. It gives that up when it is ready. Cancel safety is that of [`Wait`].
///
/// Made by `wait_owned_async` of the [auto-reset event](crate::AutoResetEvent::wait_owned_async) and the
/// [manual-reset event](crate::ManualResetEvent::wait_owned_async), and [for other types](Self::new).
#[must_use = "a future does nothing unless it is polled"]
pub struct OwnedWait<S, T = ()> {
    // Dropped first.
    wait: Wait<'static, T>,
    owner: Option<Arc<S>>,
}

impl<S: 'static, T: Finish> OwnedWait<S, T> {
    /// The wait that `wait` makes, for `owner` or a part of it:
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, ManualResetEvent, OwnedWait};
    /// use std::sync::Arc;
    ///
    /// #[derive(Default)]
    /// struct Connection {
    ///     closed: ManualResetEvent,
    /// }
    ///
    /// fn closed(connection: &Arc<Connection>) -> impl Future<Output = ()> + Send + 'static {
    ///     OwnedWait::new(Arc::clone(connection), |connection| connection.closed.wait_async())
    /// }
    /// # closed(&Arc::default());
    /// ```
    ///
    /// `T` cannot borrow from the owner. For a guard, use a [`Finish`] that holds an `Arc`, as the owned guards of
    /// `rsevents-extra` do.
    ///
    /// The owner must not borrow anything: `S: 'static`.
    ///
    /// ```compile_fail,E0597
    /// use rsevents::{AutoResetEvent, OwnedWait};
    /// use std::sync::Arc;
    ///
    /// let wait;
    /// let event = AutoResetEvent::default();
    /// wait = OwnedWait::new(Arc::new(&event), |event| event.wait_async());
    /// ```
    pub fn new(owner: Arc<S>, wait: impl for<'s> FnOnce(&'s S) -> Wait<'s, T>) -> Self {
        let wait = wait(&owner);
        // SAFETY: the object lives as long as `owner`, or for ever: `wait` could not know for how long `owner` is
        // borrowed, and that has no references itself. The wait is dropped, or has completed, before `owner` is. If it
        // is leaked, so is `owner`.
        Self { wait: unsafe { wait.extend() }, owner: Some(owner) }
    }

    /// As [`Wait::enqueue`].
    ///
    /// # Panics
    ///
    /// If the wait has completed before.
    #[track_caller]
    pub fn enqueue(self: Pin<&mut Self>) -> bool {
        self.wait().enqueue()
    }

    /// As [`Wait::block`].
    ///
    /// # Panics
    ///
    /// If the wait has completed before.
    #[track_caller]
    pub fn block(mut self: Pin<&mut Self>) -> T::Output {
        let output = self.as_mut().wait().block();
        self.release();
        output
    }

    /// As [`Wait::block_for`].
    ///
    /// # Panics
    ///
    /// If the wait has completed before.
    #[track_caller]
    pub fn block_for(mut self: Pin<&mut Self>, limit: Duration) -> Option<T::Output> {
        let output = self.as_mut().wait().block_for(limit)?;
        self.release();
        Some(output)
    }

    /// As [`Wait::block_until`].
    ///
    /// # Panics
    ///
    /// If the wait has completed before.
    #[track_caller]
    pub fn block_until(mut self: Pin<&mut Self>, deadline: Instant) -> Option<T::Output> {
        let output = self.as_mut().wait().block_until(deadline)?;
        self.release();
        Some(output)
    }

    fn wait(self: Pin<&mut Self>) -> Pin<&mut Wait<'static, T>> {
        // SAFETY: the wait is pinned with this, and never moved out.
        unsafe { self.map_unchecked_mut(|owned| &mut owned.wait) }
    }

    /// The wait has completed.
    fn release(self: Pin<&mut Self>) {
        // SAFETY: this is not a part that is pinned.
        drop(unsafe { self.get_unchecked_mut() }.owner.take());
    }
}

impl<S: 'static, T: Finish> Future for OwnedWait<S, T> {
    type Output = T::Output;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T::Output> {
        let poll = self.as_mut().wait().poll(context);
        if poll.is_ready() {
            self.release();
        }
        poll
    }
}

impl<S, T> fmt::Debug for OwnedWait<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wait.fmt(f)
    }
}
