//! tokio's objects for tasks. A thread waits by blocking on the future.

use std::pin::pin;

use pollster::block_on;
pub(crate) use tokio::sync::{Notify, Semaphore as Permits};

use crate::contender::{Contender, implement};
use crate::objects::{Auto, Semaphore};

const NOTIFY: Contender = Contender::new("tokio-notify", "tokio Notify, blocking")
    .from("tokio")
    .lacking(&["its wait0 registers in the list of waiters"])
    .absent_from(&["ring", "scale"]);
const SEMAPHORE: Contender =
    Contender::new("tokio-semaphore", "tokio Semaphore, blocking").from("tokio");

implement! {
    Auto for Notify as event, NOTIFY,
    new() = Self::new(),
    set = event.notify_one(),
    wait = block_on(event.notified()),
    wait0 -> bool = pin!(event.notified()).enable(),
}

implement! {
    Semaphore for Permits as semaphore, SEMAPHORE,
    new(permits: u16) = Self::new(permits.into()),
    with_permit(work: impl FnOnce()) = {
        let _permit = block_on(semaphore.acquire()).unwrap();
        work();
    },
}
