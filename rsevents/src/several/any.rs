//! Waits for one of several objects.

use core::cell::Cell;
use core::fmt;
use core::future::Future;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use super::typed::Signals;
use super::{Part, Several, Signal, Won};
use crate::deadline::Limit;
use crate::future::Borrow;
use crate::queue::AnyOf;
use crate::wait::{self, Blocking};

/// Blocks the thread until one of `signals` lets it pass. Returns the place of that one. Only from that one
/// something is taken: a set of an auto-reset event, a permit of a semaphore. If others are set as well, they stay
/// so, and no thread sees them unset because of this wait.
///
/// This is Win32's `WaitForMultipleObjects` that waits for any, without a limit on the number of objects. A task uses
/// [`wait_any_async`].
///
/// * The objects are checked in order. Of those that are set throughout the call, the one with the lowest place
///   wins. Once the thread is parked, the object that is set first wins. (But while a `set` of a manual-reset event
///   that has several waiters has not returned, an object that is set later may win.) So an event that means "stop"
///   is best the first one, and the work is checked once more after the stop: if it is the last one, work that keeps
///   coming keeps it from being seen.
/// * The wait is in the queue of each object, among other threads and tasks. Each set of an auto-reset event
///   releases one wait: this one, if it has not passed by another object before. A released wait is not overtaken.
/// * The same object may be there several times. (If one of two requests of a semaphore is for several permits and
///   comes first, it keeps its place also before the other one.)
///
/// Costs time in proportion to the number of objects, for what it locks: each queue twice, and once more at a
/// deadline, one at a time. Has room for eight objects, and allocates memory for more. May spin before it parks, as
/// [all waits](crate#spinning-before-parking).
///
/// Memory ordering: acquire. Synchronizes with the set or the change that has let it pass.
///
/// # Panics
///
/// If `signals` is empty, or has more than 2²⁹ objects.
///
/// # Example
///
/// ```
/// use rsevents::{AutoResetEvent, EventState, ManualResetEvent, wait_any};
///
/// static WORK: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         let mut rounds = 0;
///         while wait_any(&[&STOP, &WORK]) == 1 {
///             rounds += 1; // WORK was set
///         }
///         assert!(rounds <= 1);
///     });
///     WORK.set();
///     STOP.set();
/// });
/// ```
#[doc(alias("WaitForMultipleObjects", "WaitAny", "select"))]
#[track_caller]
pub fn wait_any(signals: &[&dyn Signal]) -> usize {
    signals.wait_any()
}

/// As [`wait_any`], for at most `limit`. Returns `None` if that passes first: then nothing was taken. Each object
/// was seen not to let the wait pass at some moment of the call, but there may have been none at which this was
/// true for all. With a limit of zero, as [`wait_any0`]. A limit beyond the range of the clock is no limit.
///
/// # Panics
///
/// As [`wait_any`].
#[must_use]
#[track_caller]
pub fn wait_any_for(signals: &[&dyn Signal], limit: Duration) -> Option<usize> {
    signals.wait_any_for(limit)
}

/// As [`wait_any`], until `deadline` at most. With a deadline that has passed, as [`wait_any0`].
///
/// # Panics
///
/// As [`wait_any`].
#[must_use]
#[track_caller]
pub fn wait_any_until(signals: &[&dyn Signal], deadline: Instant) -> Option<usize> {
    signals.wait_any_until(deadline)
}

/// Checks each of `signals` in order, and takes the first that lets a wait pass now. Returns its place. Does not
/// wait for other threads, but may briefly take locks.
///
/// Memory ordering: acquire, if one does.
///
/// # Panics
///
/// If `signals` is empty. (The number of objects has no limit here, as this does not wait.)
///
/// ```
/// use rsevents::{AutoResetEvent, EventState, wait_any0};
///
/// let [first, second, third] = [false, true, true].map(AutoResetEvent::from);
/// assert_eq!(wait_any0(&[&first, &second, &third]), Some(1));
/// assert_eq!(wait_any0(&[&first, &second, &third]), Some(2));
/// assert_eq!(wait_any0(&[&first, &second, &third]), None);
/// ```
#[must_use]
#[track_caller]
pub fn wait_any0(signals: &[&dyn Signal]) -> Option<usize> {
    signals.wait_any0()
}

/// A future that waits as [`wait_any`] does, for any executor. Nothing happens before it is first polled. Then it
/// joins the queue of each object. It has room for eight objects, and allocates memory for more.
///
/// # Cancel safety
///
/// No set and no permit is lost if the future is dropped. It leaves all queues. If it has been released by then,
/// but was not polled since, the drop hands on what it was given, as that of a [`Wait`](crate::Wait).
///
/// A future that was released by one object stays in the queues of the others until it is polled or dropped. Sets
/// and changes pass over it. But if it was the first in the queue of a gate, waits behind it may stay there until the
/// next change or attempt, or until it is polled or dropped. So poll it soon. (A wait for all behind it passes by the
/// next change of one of its objects, or when it is polled.)
///
/// One that is pinned and leaked stays in all queues, see [Leaks](crate::Wait#leaks).
///
/// # Panics
///
/// If `signals` is empty, or has more than 2²⁹ objects. The future panics if it is polled after it was ready.
///
/// # Example
///
/// ```
/// use rsevents::{AutoResetEvent, EventState, ManualResetEvent, wait_any_async};
///
/// static WORK: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// static STOP: ManualResetEvent = ManualResetEvent::new(EventState::Unset);
///
/// async fn worker() {
///     while wait_any_async(&[&STOP, &WORK]).await == 1 {
///         // WORK was set
///     }
/// }
/// # drop(worker());
/// ```
#[track_caller]
pub fn wait_any_async<'a>(signals: &[&'a dyn Signal]) -> WaitAny<'a> {
    WaitAny::new(Signals::new(signals))
}

/// A future that waits for one of several objects, and yields the place of the one that has let it pass. Made by
/// [`wait_any_async`], which says more. With objects of known types it yields what was taken, see [`Several`].
///
/// On 64-bit targets it takes less than 750 bytes, whatever the number of objects: that matters where it is part of
/// another future.
#[must_use = "a future does nothing unless it is polled"]
pub struct WaitAny<'a, O = Signals<'a>> {
    any: AnyOf,
    objects: O,
    _borrow: Borrow<'a>,
}

impl<'a, O: Several<'a>> WaitAny<'a, O> {
    #[track_caller]
    pub(super) fn new(objects: O) -> Self {
        refuse_none(&objects);
        let mut wait = Self { any: AnyOf::new(), objects, _borrow: Borrow::default() };
        // SAFETY: the future borrows the objects. After `'a` only a leaked one is left.
        unsafe { fill(&mut wait.any, &wait.objects) };
        wait
    }
}

// SAFETY: as for `Wait`: its entries may be used and dropped by any thread, one at a time. Other threads access
// them under locks of their queues, or by atomics, and what the entries have in common by the one that holds it.
// The objects that they point to are `Sync`.
unsafe impl<O: Send> Send for WaitAny<'_, O> {}
// SAFETY: as before. A shared reference allows to read the progress, which changes by unique references only.
unsafe impl<O: Sync> Sync for WaitAny<'_, O> {}

impl<O> UnwindSafe for WaitAny<'_, O> {}
impl<O> RefUnwindSafe for WaitAny<'_, O> {}

impl<'a, O: Several<'a>> Future for WaitAny<'a, O> {
    type Output = O::Any;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<O::Any> {
        // SAFETY: it is pinned with this, and never moved out.
        let any = unsafe { self.as_ref().map_unchecked(|wait| &wait.any) };
        match any.poll(Some(context.waker())) {
            Some(place) => {
                // SAFETY: the objects are borrowed.
                Poll::Ready(unsafe { won(&self.objects, &any, place) })
            }
            None => Poll::Pending,
        }
    }
}

impl<O> fmt::Debug for WaitAny<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.any.state_name();
        f.debug_tuple("WaitAny").field(&format_args!("{state}")).finish()
    }
}

#[track_caller]
fn refuse_none<'a>(objects: &impl Several<'a>) {
    assert!(objects.count() > 0, "a wait for one of no objects would never end");
}

/// Blocks until one of the objects lets the wait pass, or until the limit. Returns what that yields.
#[track_caller]
pub(super) fn within<'a, O: Several<'a>>(objects: &O, limit: Limit) -> Option<O::Any> {
    refuse_none(objects);
    if limit.has_passed() {
        return pass_at_once(objects, true);
    }
    pass_at_once(objects, false).or_else(|| block(objects, limit))
}

/// What the first object yields that lets a wait pass now. `expires`: whether the limit has passed.
fn pass_at_once<'a, O: Several<'a>>(objects: &O, expires: bool) -> Option<O::Any> {
    (0..objects.count()).find_map(|place| {
        let part = objects.part_at(place);
        part.try_pass(expires).then(|| objects.any(place, Won { part }))
    })
}

#[cold]
fn block<'a, O: Several<'a>>(objects: &O, limit: Limit) -> Option<O::Any> {
    let mut any = AnyOf::new();
    // SAFETY: the objects are borrowed.
    unsafe { fill(&mut any, objects) };
    // SAFETY: it is not moved until it is dropped. (`pin!` would move it here, with its room for eight.)
    let any = unsafe { Pin::new_unchecked(&any) };
    let wait = BlockingAny { any, place: Cell::new(None) };
    wait::block(&wait, limit);
    let place = wait.place.get()?;
    // SAFETY: the objects are borrowed.
    Some(unsafe { won(objects, &any, place) })
}

/// Makes `any`, which has no members yet, a wait for these objects.
///
/// # Safety
///
/// As for [`AnyOf::fill`].
unsafe fn fill<'a>(any: &mut AnyOf, objects: &impl Several<'a>) {
    let targets = (0..objects.count()).map(|place| objects.part_at(place).target);
    // SAFETY: as here.
    unsafe { any.fill(targets) };
}

/// `any` has passed by the object at `place`.
///
/// # Safety
///
/// Its objects are alive.
unsafe fn won<'a, O: Several<'a>>(objects: &O, any: &AnyOf, place: usize) -> O::Any {
    // SAFETY: as here.
    let part = unsafe { Part::new(any.target(place)) };
    objects.any(place, Won { part })
}

/// A wait that blocks.
struct BlockingAny<'a> {
    any: Pin<&'a AnyOf>,
    /// Of the object that has let it pass.
    place: Cell<Option<usize>>,
}

impl BlockingAny<'_> {
    fn passed(&self, place: Option<usize>) -> bool {
        self.place.set(place);
        place.is_some()
    }
}

impl Blocking for BlockingAny<'_> {
    fn expire_at_once(&self) -> bool {
        self.passed(self.any.try_pass(true))
    }

    /// The spin ends if an object is watched: each poll would need the lock.
    fn polls(&self) -> impl FnMut() -> ControlFlow<bool> {
        || {
            if self.passed(self.any.try_pass(false)) {
                ControlFlow::Break(true)
            } else if self.any.seems_watched() {
                ControlFlow::Break(false)
            } else {
                ControlFlow::Continue(())
            }
        }
    }

    fn queue(&self, deadline: Option<Instant>) -> bool {
        self.passed(self.any.block(deadline))
    }
}

#[cfg(test)]
mod tests;
