//! This project, and the published crates that it replaces, which have the same methods.

use std::time::Duration;

use crossbeam_utils::CachePadded;
pub(crate) use rsevents::{AutoResetEvent, ManualResetEvent};
use rsevents::{Signal, wait_all, wait_any, wait_any_async};
pub(crate) use rsevents_extra::{CountdownEvent, Semaphore as Permits};

use crate::contender::{Contender, implement};
use crate::objects::{
    AsyncAuto, AsyncManual, AsyncSemaphore, AsyncSeveral, Auto, Countdown, Manual, Semaphore,
    Several, Timed,
};

pub(crate) mod published {
    pub(crate) use published_rsevents::{AutoResetEvent, ManualResetEvent};
    pub(crate) use published_rsevents_extra::{CountdownEvent, Semaphore as Permits};
}

const OURS: Contender = Contender::new(report::bench::OURS, "rsevents").from("rsevents");

const LABEL: &str = "published rsevents 0.3.1 / rsevents-extra 0.2.2";
const PUBLISHED: Contender = Contender::new("rsevents-0.3.1", LABEL)
    .from("published_rsevents")
    .lacking(&["loses sets and lets stale wake-ups through, see the changelog"])
    // With fewer permits than threads it loses a wake-up sooner or later, and hangs.
    .absent_from(&[
        "semaphore/2x1",
        "semaphore/8x1",
        "semaphore/64x1",
        "semaphore/8x2",
        "semaphore/64x4",
    ]);

macro_rules! implement_all {
    ($rsevents:ident, $rsevents_extra:ident, $contender:expr) => {
        implement! {
            Auto for $rsevents::AutoResetEvent as event, $contender,
            new() = Self::new($rsevents::EventState::Unset),
            set = event.set(),
            wait = $rsevents::Awaitable::wait(event),
            wait0 -> bool = $rsevents::Awaitable::wait0(event),
        }

        implement! {
            Timed for $rsevents::AutoResetEvent as event, $contender,
            new() = Self::new($rsevents::EventState::Unset),
            wait_for(limit: Duration) -> bool = $rsevents::Awaitable::wait_for(event, limit),
        }

        implement! {
            Timed for $rsevents::ManualResetEvent as event, $contender,
            new() = Self::new($rsevents::EventState::Unset),
            wait_for(limit: Duration) -> bool = $rsevents::Awaitable::wait_for(event, limit),
        }

        implement! {
            Timed for $rsevents_extra::CountdownEvent as countdown, $contender,
            new() = Self::new(1),
            wait_for(limit: Duration) -> bool = $rsevents::Awaitable::wait_for(countdown, limit),
        }

        implement! {
            Timed for $rsevents_extra::Semaphore as semaphore, $contender,
            new() = Self::new(0, 1),
            wait_for(limit: Duration) -> bool = semaphore.wait_for(limit).is_ok(),
        }

        implement! {
            Manual for $rsevents::ManualResetEvent as event, $contender,
            new() = Self::new($rsevents::EventState::Unset),
            set = event.set(),
            reset = event.reset(),
            wait = $rsevents::Awaitable::wait(event),
            wait0 -> bool = $rsevents::Awaitable::wait0(event),
        }

        implement! {
            Semaphore for $rsevents_extra::Semaphore as semaphore, $contender,
            new(permits: u16) = Self::new(permits, permits),
            with_permit(work: impl FnOnce()) = {
                let _permit = semaphore.wait();
                work();
            },
        }

        implement! {
            Countdown for $rsevents_extra::CountdownEvent as countdown, $contender,
            new(ticks: usize) = Self::new(ticks),
            tick = countdown.tick(),
            wait = $rsevents::Awaitable::wait(countdown),
        }
    };
}

implement_all!(rsevents, rsevents_extra, OURS);
implement_all!(published_rsevents, published_rsevents_extra, PUBLISHED);

implement! {
    AsyncAuto for AutoResetEvent as event, OURS,
    new() = Self::new(rsevents::EventState::Unset),
    set = event.set(),
    wait_async -> impl Future<Output = ()> + Send = event.wait_async(),
    wait = rsevents::Awaitable::wait(event),
}

implement! {
    AsyncManual for ManualResetEvent as event, OURS,
    new() = Self::new(rsevents::EventState::Unset),
    set = event.set(),
    reset = event.reset(),
    wait_async -> impl Future<Output = ()> + Send = event.wait_async(),
}

implement! {
    AsyncSemaphore for Permits as semaphore, OURS,
    new(permits: u16) = Self::new(permits, permits),
    acquire_async -> impl Future<Output = impl Send> + Send = semaphore.wait_async(),
    with_permit(work: impl FnOnce()) = Semaphore::with_permit(semaphore, work),
}

/// On a cache line each, as the channels of others.
pub(crate) type AutoResetEvents = Box<[CachePadded<AutoResetEvent>]>;

fn events(number: usize) -> AutoResetEvents {
    (0..number).map(|_| CachePadded::default()).collect()
}

fn signals(events: &AutoResetEvents) -> Vec<&dyn Signal> {
    events.iter().map(|event| &**event as _).collect()
}

implement! {
    Several for AutoResetEvents as events, OURS,
    new(objects: usize) = self::events(objects),
    set(nth: usize) = events[nth].set(),
    waiter -> impl FnMut() -> usize = {
        let signals = signals(events);
        move || wait_any(&signals)
    },
}

/// Such events, all of which are set and waited for as one.
pub(crate) struct AllOf(AutoResetEvents);

implement! {
    Several for AllOf as all, OURS,
    new(objects: usize) = Self(self::events(objects)),
    set(_nth: usize) = all.0.iter().for_each(|event| event.set()),
    waiter -> impl FnMut() -> usize = {
        let signals = signals(&all.0);
        move || {
            wait_all(&signals);
            0
        }
    },
}

implement! {
    AsyncSeveral for AutoResetEvents as events, OURS,
    new(objects: usize) = self::events(objects),
    set(nth: usize) = events[nth].set(),
    waiter -> impl AsyncFnMut() -> usize = {
        let signals = signals(events);
        async move || wait_any_async(&signals).await
    },
}
