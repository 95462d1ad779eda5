//! What futures of all kinds have in common, and a waker that counts.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};
use std::time::Duration;

use rsevents::{Finish, OwnedWait, Wait, WaitAll, WaitAny};
use rsevents_extra::{OwnedSemaphoreGuard, Request, SemaphoreGuard};

/// Counts how often it is woken.
#[derive(Default)]
pub(super) struct Alarm(pub(super) AtomicUsize);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What futures of all objects have in common. They yield which of their objects has released them, if that was
/// one, and how many permits they took.
pub(super) trait Future {
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Taken>;
    fn enqueue(self: Pin<&mut Self>) -> bool;
    fn block_for(self: Pin<&mut Self>, limit: Duration) -> Option<Taken>;
}

/// A place, and a number of permits.
pub(super) type Taken = (usize, usize);

macro_rules! future {
    ($type:ty, $($generics:tt)*) => {
        impl<$($generics)*, T: Finish<Output: Permits>> Future for $type {
            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Taken> {
                std::future::Future::poll(self, context).map(|permits| (0, permits.give_back()))
            }

            fn enqueue(self: Pin<&mut Self>) -> bool {
                self.enqueue()
            }

            fn block_for(self: Pin<&mut Self>, limit: Duration) -> Option<Taken> {
                self.block_for(limit).map(|permits| (0, permits.give_back()))
            }
        }
    };
}

future!(Wait<'a, T>, 'a);
future!(OwnedWait<S, T>, S: 'static);

/// A future that waits for any, and for each of its objects the request, if that is a semaphore.
pub(super) struct Any<'a> {
    pub(super) wait: Pin<Box<WaitAny<'a>>>,
    pub(super) requests: Vec<Option<&'a Request<'a>>>,
}

impl Future for Any<'_> {
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Taken> {
        let Self { wait, requests } = self.get_mut();
        std::future::Future::poll(wait.as_mut(), context)
            .map(|place| (place, requests[place].map_or(0, give_back)))
    }

    fn enqueue(self: Pin<&mut Self>) -> bool {
        unreachable!("it has no such method")
    }

    fn block_for(self: Pin<&mut Self>, _: Duration) -> Option<Taken> {
        unreachable!("it has no such method")
    }
}

/// A future that waits for all, and the requests among its objects.
pub(super) struct All {
    pub(super) wait: Pin<Box<WaitAll>>,
    pub(super) requests: Vec<&'static Request<'static>>,
}

impl Future for All {
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Taken> {
        let Self { wait, requests } = self.get_mut();
        std::future::Future::poll(wait.as_mut(), context)
            .map(|()| (0, requests.iter().map(|request| give_back(request)).sum()))
    }

    fn enqueue(self: Pin<&mut Self>) -> bool {
        unreachable!("it has no such method")
    }

    fn block_for(self: Pin<&mut Self>, _: Duration) -> Option<Taken> {
        unreachable!("it has no such method")
    }
}

/// Gives back the permits of a request that was released.
pub(super) fn give_back(request: &Request<'_>) -> usize {
    request.take().expect("it was released").give_back()
}

/// What a future yields.
pub(super) trait Permits {
    /// Gives the permits back, and returns how many there are.
    fn give_back(self) -> usize;
}

impl Permits for () {
    fn give_back(self) -> usize {
        0
    }
}

impl Permits for SemaphoreGuard<'_> {
    fn give_back(self) -> usize {
        self.permits().into()
    }
}

impl Permits for OwnedSemaphoreGuard {
    fn give_back(self) -> usize {
        self.permits().into()
    }
}

/// Pins a future that has been moved before.
pub(super) fn pin<'a>(future: impl Future + 'a) -> Pin<Box<dyn Future + 'a>> {
    let moved = Box::new(future);
    Box::pin(*moved)
}
