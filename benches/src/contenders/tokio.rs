//! tokio's objects for tasks. A thread waits by blocking on the future.

use std::pin::pin;

use pollster::block_on;
pub(crate) use tokio::sync::{Notify, Semaphore as Permits};

use crate::contender::{BLOCKS_ON_FUTURE, Contender, implement};
use crate::objects::{AsyncAuto, AsyncManual, AsyncSemaphore, Auto, Semaphore};

const NOTIFY: Contender =
    Contender::new("tokio-notify", "tokio Notify").from("tokio").absent_from(&["ring", "scale"]);
const SEMAPHORE: Contender = Contender::new("tokio-semaphore", "tokio Semaphore").from("tokio");

implement! {
    Auto for Notify as event,
    NOTIFY.lacking(&[BLOCKS_ON_FUTURE, "its wait0 registers in the list of waiters"]),
    new() = Self::new(),
    set = event.notify_one(),
    wait = block_on(event.notified()),
    wait0 -> bool = pin!(event.notified()).enable(),
}

implement! {
    Semaphore for Permits as semaphore, SEMAPHORE.lacking(&[BLOCKS_ON_FUTURE]),
    new(permits: u16) = Self::new(permits.into()),
    with_permit(work: impl FnOnce()) = {
        let _permit = block_on(semaphore.acquire()).unwrap();
        work();
    },
}

implement! {
    AsyncAuto for Notify as event, NOTIFY,
    new() = Self::new(),
    set = event.notify_one(),
    wait_async -> impl Future<Output = ()> + Send = event.notified(),
    wait = Auto::wait(event),
}

implement! {
    AsyncManual for Notify as event,
    NOTIFY.lacking(&["does not stay set: only those are woken that wait already"]),
    new() = Self::new(),
    set = event.notify_waiters(),
    reset = {
        let _is_never_set = event;
    },
    wait_async -> impl Future<Output = ()> + Send = event.notified(),
}

implement! {
    AsyncSemaphore for Permits as semaphore, SEMAPHORE,
    new(permits: u16) = Self::new(permits.into()),
    acquire_async -> impl Future<Output = impl Send> + Send = semaphore.acquire(),
    with_permit(work: impl FnOnce()) = Semaphore::with_permit(semaphore, work),
}
