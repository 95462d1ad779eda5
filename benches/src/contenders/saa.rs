//! The crate `saa`, whose objects have a queue of tasks and threads.
//!
//! Its `Gate` is not a contender: a wait for it that is dropped may make all others fail.

pub(crate) use saa::Semaphore as Permits;

use crate::contender::{Contender, implement};
use crate::objects::{AsyncAuto, AsyncSemaphore};

const SEMAPHORE: Contender = Contender::new("saa", "saa Semaphore")
    .from("saa")
    .lacking(&[
        "a wait keeps its thread busy for 32 µs before it is pending, that of an executor too",
    ])
    // For that reason it would take many minutes.
    .absent_from(&["async_scale"]);

/// A semaphore with one permit: a set releases it, and a wait acquires it for good.
pub(crate) struct Event(Permits);

/// Releases its permit.
struct Permit<'a>(&'a Permits);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

implement! {
    AsyncAuto for Event as event, SEMAPHORE,
    new() = {
        let semaphore = Permits::with_permits(1);
        assert!(semaphore.try_acquire());
        Self(semaphore)
    },
    set = {
        let _false_is_set_already = event.0.release();
    },
    wait_async -> impl Future<Output = ()> + Send = event.0.acquire_async(),
    wait = event.0.acquire_sync(),
}

implement! {
    AsyncSemaphore for Permits as semaphore, SEMAPHORE,
    new(permits: u16) = Self::with_permits(permits.into()),
    acquire_async -> impl Future<Output = impl Send> + Send = async {
        semaphore.acquire_async().await;
        Permit(semaphore)
    },
    with_permit(work: impl FnOnce()) = {
        semaphore.acquire_sync();
        let _permit = Permit(semaphore);
        work();
    },
}
