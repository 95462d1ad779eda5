//! Waits for permits as futures.

use std::ops::Deref;
use std::sync::Arc;

use rsevents::{Finish, OwnedWait, Wait};

use super::{OwnedSemaphoreGuard, Semaphore, SemaphoreGuard};

/// How a [`Wait`] for permits ends: it yields a guard. Only a part of the types of these waits, such as
/// `Wait<'a, Grant<&'a Semaphore>>`.
#[derive(Debug)]
pub struct Grant<S> {
    /// Until the wait has passed.
    semaphore: Option<S>,
    permits: u16,
}

impl<'a> Finish for Grant<&'a Semaphore> {
    type Output = SemaphoreGuard<'a>;

    fn finish(&mut self) -> SemaphoreGuard<'a> {
        let semaphore = self.semaphore.take().expect("finished once");
        SemaphoreGuard::new(semaphore, self.permits)
    }
}

impl Finish for Grant<Arc<Semaphore>> {
    type Output = OwnedSemaphoreGuard;

    fn finish(&mut self) -> OwnedSemaphoreGuard {
        let semaphore = self.semaphore.take().expect("finished once");
        OwnedSemaphoreGuard::new(semaphore, self.permits)
    }
}

/// Waits that do not block the thread.
impl Semaphore {
    /// A future that waits for a permit and yields its guard, for any executor. It joins the queue when it is first
    /// polled. A thread can use it as well, see [`Wait::enqueue`].
    ///
    /// Threads and tasks are in one queue. A task that is woken has its permit already, and is not
    /// [overtaken](Self#fairness).
    ///
    /// Memory ordering: acquire, when it is ready, here and for the forms below. Synchronizes with the calls that gave
    /// its permits back or released them.
    ///
    /// # Cancel safety
    ///
    /// No permit is lost if the future is dropped. It leaves the queue, or gives back what it has got already.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// static CONNECTIONS: Semaphore = Semaphore::new(2, 8);
    ///
    /// async fn download() {
    ///     let _permit = CONNECTIONS.wait_async().await; // at most two at once
    ///     // ...
    /// }
    /// # drop(download());
    /// ```
    #[doc(alias("acquire", "WaitAsync"))]
    pub fn wait_async(&self) -> Wait<'_, Grant<&Self>> {
        self.wait_many_async(1)
    }

    /// A future that waits for `permits`, takes them together, and yields one guard. While it is the first in the
    /// queue, no other request overtakes it, as with [`wait_many`](Self::wait_many). It is ready at once if
    /// `permits` is zero.
    ///
    /// # Cancel safety
    ///
    /// As [`wait_async`](Self::wait_async). Smaller requests that were behind it are served then.
    ///
    /// # Panics
    ///
    /// If `permits` is above one and above the [maximum](Self::max), as it would wait for ever. This call panics,
    /// not the poll.
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    ///
    /// static MEMORY: Semaphore = Semaphore::new(1000, 1000);
    ///
    /// async fn unpack(size: u16) {
    ///     let _memory = MEMORY.wait_many_async(size).await;
    ///     // ...
    /// }
    /// # drop(unpack(10));
    /// ```
    #[doc(alias = "acquire_many")]
    #[track_caller]
    pub fn wait_many_async(&self, permits: u16) -> Wait<'_, Grant<&Self>> {
        grant(self, self, permits)
    }

    /// As [`wait_async`](Self::wait_async), with a future and a guard that share the ownership of the semaphore, so
    /// that they can be moved into a spawned task.
    ///
    /// # Cancel safety
    ///
    /// As [`wait_async`](Self::wait_async).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::Semaphore;
    /// use std::sync::Arc;
    ///
    /// fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    ///     // as that of any executor
    /// #   drop(task);
    /// }
    ///
    /// let semaphore = Arc::new(Semaphore::new(2, 2));
    /// let permit = semaphore.wait_owned_async();
    /// spawn(async {
    ///     let _permit = permit.await;
    ///     // ...
    /// });
    /// ```
    #[doc(alias = "acquire_owned")]
    pub fn wait_owned_async(self: &Arc<Self>) -> OwnedWait<Self, Grant<Arc<Self>>> {
        self.wait_many_owned_async(1)
    }

    /// As [`wait_many_async`](Self::wait_many_async), with a future and a guard that share the ownership of the
    /// semaphore.
    ///
    /// # Cancel safety
    ///
    /// As [`wait_many_async`](Self::wait_many_async).
    ///
    /// # Panics
    ///
    /// As [`wait_many_async`](Self::wait_many_async).
    ///
    /// # Example
    ///
    /// ```
    /// use rsevents_extra::{OwnedSemaphoreGuard, Semaphore};
    /// use std::sync::Arc;
    ///
    /// async fn reserve(memory: &Arc<Semaphore>, size: u16) -> OwnedSemaphoreGuard {
    ///     memory.wait_many_owned_async(size).await
    /// }
    /// # drop(reserve(&Arc::new(Semaphore::new(1, 1)), 1));
    /// ```
    #[doc(alias = "acquire_many_owned")]
    #[track_caller]
    pub fn wait_many_owned_async(
        self: &Arc<Self>,
        permits: u16,
    ) -> OwnedWait<Self, Grant<Arc<Self>>> {
        self.refuse_too_many(permits); // here, where the caller is known
        let owner = Arc::clone(self);
        OwnedWait::new(Arc::clone(self), move |semaphore| grant(semaphore, owner, permits))
    }
}

/// A wait for `permits` of `semaphore`, with `owner` for their guard.
#[track_caller]
fn grant<S>(semaphore: &Semaphore, owner: S, permits: u16) -> Wait<'_, Grant<S>>
where
    S: Deref<Target = Semaphore>,
    Grant<S>: Finish,
{
    semaphore.refuse_too_many(permits);
    let wait = match permits {
        0 => Wait::ready(),
        _ => semaphore.gate.wait_async(permits.into()),
    };
    wait.with(Grant { semaphore: Some(owner), permits })
}
