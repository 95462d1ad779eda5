//! async-lock's semaphore.

pub(crate) use async_lock::Semaphore as Permits;

use crate::contender::{Contender, implement};
use crate::objects::{AsyncSemaphore, Mutex, Semaphore};

const SEMAPHORE: Contender =
    Contender::new("async-lock", "async-lock Semaphore").from("async_lock").absent_from(&["scale"]);

implement! {
    Semaphore for Permits as semaphore, SEMAPHORE,
    new(permits: u16) = Self::new(permits.into()),
    with_permit(work: impl FnOnce()) = {
        let _permit = semaphore.acquire_blocking();
        work();
    },
}

implement! {
    Mutex for Permits as semaphore, SEMAPHORE,
    new() = Self::new(1),
    with_lock(work: impl FnOnce()) = Semaphore::with_permit(semaphore, work),
}

implement! {
    AsyncSemaphore for Permits as semaphore, SEMAPHORE,
    new(permits: u16) = Self::new(permits.into()),
    acquire_async -> impl Future<Output = impl Send> + Send = semaphore.acquire(),
    with_permit(work: impl FnOnce()) = Semaphore::with_permit(semaphore, work),
}
