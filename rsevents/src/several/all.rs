//! Waits for all of several objects.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use super::typed::{Passed, Signals};
use super::{Part, Several, Signal};
use crate::deadline::Limit;
use crate::future::Ready;
use crate::queue::{AllOf, Few};

/// Blocks the thread until all of `signals` let it pass at one instant, and takes from all of them then. Until then
/// it takes and reserves nothing: other waits may take what is there.
///
/// This is Win32's `WaitForMultipleObjects` that waits for all, without a limit on the number of objects. A task uses
/// [`wait_all_async`].
///
/// * The thread that sets the last object takes from all, before its call returns. So a set counts even if a reset
///   follows at once, unless another thread takes or resets one of the objects before that set.
/// * It passes at the first instant at which all objects let it pass: before single waits and before
///   [`wait_any`](crate::wait_any). If several waits for all could pass then, the one that began first does. So as long
///   as threads wait for all again and again, and the other objects stay set, single waits may get no set.
/// * A set that does not complete it goes to other waits, as if this one did not exist. So if they take each set
///   before the last one comes, it waits on.
/// * A set that releases many waits does so one after another. If one of them is a [`wait_any`](crate::wait_any) with a
///   large request of a semaphore, that keeps its place there until its turn comes. Where this wait needs both the event
///   and the semaphore, and the event is reset before, it waits on.
/// * For an empty slice it passes at once.
///
/// # Cost
///
/// While a wait for all waits for an object, each call on that object takes a lock, which is one for all such
/// objects of the process, and single waits for it do not spin. Each set of it goes through the waits for all that
/// wait for it, and checks their other objects.
///
/// Other objects are as fast as before where they need no lock. Where they do, about one in 256 of them takes this
/// lock as well, for each object that is waited for so: the queues of both are then in the same part of a table.
///
/// The wait itself does not spin. It has room for eight objects, and allocates memory for more.
///
/// Memory ordering: acquire. Synchronizes with the sets and changes that have let it pass.
///
/// # Panics
///
/// If an object is there twice: its one set could not be taken twice. Nothing has changed then. ([`Part::ready`]
/// may be there several times.)
///
/// # Example
///
/// ```
/// use rsevents::{AutoResetEvent, EventState, wait_all};
///
/// static LEFT: AutoResetEvent = AutoResetEvent::new(EventState::Set);
/// static RIGHT: AutoResetEvent = AutoResetEvent::new(EventState::Set);
///
/// fn eat() {
///     wait_all(&[&LEFT, &RIGHT]); // both or none, so there is no deadlock
///     // ...
///     LEFT.set();
///     RIGHT.set();
/// }
/// # eat();
/// ```
#[doc(alias("WaitForMultipleObjects", "WaitAll"))]
#[track_caller]
pub fn wait_all(signals: &[&dyn Signal]) {
    signals.wait_all();
}

/// As [`wait_all`], for at most `limit`. Returns whether it has passed. If not, it has taken nothing, and at its
/// end one of the objects did not let it pass. With a limit of zero, as [`wait_all0`]. A limit beyond the range of
/// the clock is no limit.
///
/// If the last object is set at the moment at which the limit passes, either comes first: the wait passes, or it
/// fails and the object stays set.
///
/// # Panics
///
/// As [`wait_all`].
#[must_use]
#[track_caller]
pub fn wait_all_for(signals: &[&dyn Signal], limit: Duration) -> bool {
    signals.wait_all_for(limit).is_some()
}

/// As [`wait_all`], until `deadline` at most. With a deadline that has passed, as [`wait_all0`].
///
/// # Panics
///
/// As [`wait_all`].
#[must_use]
#[track_caller]
pub fn wait_all_until(signals: &[&dyn Signal], deadline: Instant) -> bool {
    signals.wait_all_until(deadline).is_some()
}

/// Takes from all of `signals` if all let a wait pass now. Returns whether they did. If not, takes nothing. Does
/// not wait for other threads, but takes locks.
///
/// Memory ordering: acquire, if it passes.
///
/// # Panics
///
/// As [`wait_all`].
///
/// ```
/// use rsevents::{AutoResetEvent, Awaitable, ManualResetEvent, wait_all0};
///
/// let (job, ready) = (AutoResetEvent::from(true), ManualResetEvent::from(false));
/// assert!(!wait_all0(&[&job, &ready])); // takes nothing
/// ready.set();
/// assert!(wait_all0(&[&job, &ready]));
/// assert!(!job.wait0());
/// ```
#[must_use]
#[track_caller]
pub fn wait_all0(signals: &[&dyn Signal]) -> bool {
    signals.wait_all0().is_some()
}

/// A future that waits as [`wait_all`] does, for any executor. Nothing happens before it is first polled.
///
/// The objects have to be `'static`. The thread that sets one of them changes the others, also if this future was
/// leaked, and a borrow would have ended then. An object in a `static` or in a leaked box is `'static`. For one in
/// an [`Arc`](std::sync::Arc), leak a clone once, with which it stays alive for ever:
///
/// ```
/// use rsevents::{AutoResetEvent, wait_all_async};
/// use std::sync::Arc;
///
/// let [input, window] = [false, true].map(|is_set| Arc::new(AutoResetEvent::from(is_set)));
/// let forever = |event: &Arc<AutoResetEvent>| -> &'static AutoResetEvent { Box::leak(Box::new(event.clone())) };
/// let (input, window) = (forever(&input), forever(&window));
/// let both = async { wait_all_async(&[input, window]).await };
/// # drop(both);
/// ```
///
/// Objects that have to be freed are waited for by a thread, with [`wait_all`]. So are a semaphore's requests,
/// unless they are `'static` too; a tuple of `'static` objects needs none: `(&SEMAPHORE, &EVENT).wait_all_async()`
/// yields the guard, see [`Several`].
///
/// # Cancel safety
///
/// A future that is dropped before it was released leaves no trace. If it was released by then, but not polled
/// since, the drop hands on what it was given, as that of a [`Wait`](crate::Wait): it sets each auto-reset event,
/// and gives permits back.
///
/// # Panics
///
/// As [`wait_all`]. The future panics if it is polled after it was ready.
///
/// ```
/// use rsevents::{AutoResetEvent, EventState, wait_all_async};
///
/// static INPUT: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
/// static WINDOW: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
///
/// async fn step() {
///     wait_all_async(&[&INPUT, &WINDOW]).await;
/// }
/// # drop(step());
/// ```
#[track_caller]
pub fn wait_all_async(signals: &[&'static dyn Signal]) -> WaitAll {
    WaitAll::new(Signals::new(signals))
}

/// A future that waits for all of several objects. Made by [`wait_all_async`], which says more. With objects of
/// known types it yields what was taken, see [`Several`].
///
/// On 64-bit targets it takes less than 1100 bytes, whatever the number of objects: that matters where it is part of
/// another future.
#[must_use = "a future does nothing unless it is polled"]
pub struct WaitAll<O = Signals<'static>> {
    all: AllOf,
    /// As the objects gave them when it was made: one that gives another part later must not get a proof of that.
    parts: Few<Part<'static>>,
    objects: O,
}

impl<O: Several<'static>> WaitAll<O> {
    #[track_caller]
    pub(super) fn new(objects: O) -> Self {
        let mut wait = Self { all: AllOf::new(), parts: parts(&objects), objects };
        let targets = wait.parts.iter().map(|part| part.target);
        // SAFETY: the objects are alive for ever.
        unsafe { wait.all.fill(targets) };
        wait
    }
}

// SAFETY: as for `WaitAny`. Other threads access its entries and stand-ins under the lock of watched objects.
unsafe impl<O: Send> Send for WaitAll<O> {}
// SAFETY: as before.
unsafe impl<O: Sync> Sync for WaitAll<O> {}

impl<O> UnwindSafe for WaitAll<O> {}
impl<O> RefUnwindSafe for WaitAll<O> {}

impl<O: Several<'static>> Future for WaitAll<O> {
    type Output = O::All;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<O::All> {
        // SAFETY: it is pinned with this, and never moved out.
        let all = unsafe { self.as_ref().map_unchecked(|wait| &wait.all) };
        if !all.poll(context.waker()) {
            return Poll::Pending;
        }
        Poll::Ready(self.objects.all(Passed::by(&self.parts)))
    }
}

impl<O> fmt::Debug for WaitAll<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.all.state_name();
        f.debug_tuple("WaitAll").field(&format_args!("{state}")).finish()
    }
}

/// Blocks until all of the objects let the wait pass, or until the limit. Returns what they yield.
#[track_caller]
pub(super) fn within<'a, O: Several<'a>>(objects: &O, limit: Limit) -> Option<O::All> {
    let parts = parts(objects);
    let targets = parts.iter().map(|part| part.target);
    let mut all = AllOf::new();
    // SAFETY: the objects are borrowed, and this is not leaked.
    unsafe { all.fill(targets) };
    // SAFETY: it is not moved until it is dropped.
    let all = unsafe { Pin::new_unchecked(&all) };
    let passed = if limit.has_passed() { all.try_pass() } else { all.block(limit.deadline()) };
    passed.then(|| objects.all(Passed::by(&parts)))
}

/// What each of the objects is asked for.
#[track_caller]
fn parts<'a>(objects: &impl Several<'a>) -> Few<Part<'a>> {
    let parts: Few<_> = (0..objects.count()).map(|place| objects.part_at(place)).collect();
    assert!(!has_twice(&parts), "an object can be only once in a wait for all");
    parts
}

/// Whether an object is there twice.
fn has_twice(parts: &[Part<'_>]) -> bool {
    let objects = parts.iter().filter(|part| !part.target.is::<Ready>());
    let mut keys: Few<_> = objects.map(|part| part.target.key()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}
