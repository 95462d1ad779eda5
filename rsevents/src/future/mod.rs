//! The futures of waits, which threads can use, too.

mod owned;

use core::fmt;
use core::future::{Future, IntoFuture};
use core::marker::PhantomData;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll};
use std::time::{Duration, Instant};

pub use self::owned::OwnedWait;
use crate::deadline::Limit;
use crate::queue::{self, Claim, Entry, Object, Removed, Shard, StandIn, Target};
use crate::{AutoResetEvent, ManualResetEvent};

/// A future that waits for an event or another object. Also a wait that a thread can
/// [begin](Self::enqueue), check and [continue](Self::block) in separate steps.
///
/// It is made by `wait_async` of the [auto-reset event](AutoResetEvent::wait_async), of the [manual-reset
/// event](ManualResetEvent::wait_async), of a [gate](crate::Gate::wait_async), and of types [built on a
/// gate](crate::Source::wait_async). It belongs to no runtime, needs no timer and no allocation of its own, and is 64
/// bytes plus `T` on 64-bit targets. (The table of queues may grow, see [Limits](crate#limits).) Nothing happens
/// before it is first polled or enqueued.
///
/// Tasks and threads that wait for an object are in one queue. A wait of a task, unlike that of a blocked thread,
/// is never overtaken once it was released: it has its set when its task is woken. Only the waker of the last poll is
/// woken. A wait that is ready has left the queue, and holds nothing.
///
/// ```
/// use rsevents::{AutoResetEvent, EventState};
///
/// static EVENT: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
///
/// # use std::{future::Future, pin::pin, sync::Arc, task::{Context, Poll, Wake, Waker}, thread};
/// # struct Unpark(thread::Thread);
/// # impl Wake for Unpark {
/// #     fn wake(self: Arc<Self>) {
/// #         self.0.unpark();
/// #     }
/// # }
/// # fn block_on<T>(future: impl Future<Output = T>) -> T {
/// #     let mut future = pin!(future);
/// #     let waker = Waker::from(Arc::new(Unpark(thread::current())));
/// #     loop {
/// #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
/// #             Poll::Ready(result) => return result,
/// #             Poll::Pending => thread::park(),
/// #         }
/// #     }
/// # }
/// thread::scope(|scope| {
///     scope.spawn(|| EVENT.set());
///     // Any executor can run this.
///     block_on(async {
///         EVENT.wait_async().await; // or `(&EVENT).await`
///     });
/// });
/// ```
///
/// # Cancel safety
///
/// A wait that is dropped leaves its queue. The others keep their order. If it was released by then, but not polled
/// since, the drop hands on what it was given: a wait for an auto-reset event sets the event, and one for permits of
/// a semaphore gives them back, while one for a manual-reset event or a countdown has taken nothing. So `timeout`
/// and `select!` of any runtime lose no set. But a wait that is neither polled nor dropped keeps what
/// it was given, and one that is leaked loses it.
///
/// There are no forms with a limit, as to drop the future is to give up. A thread has [`block_for`](Self::block_for).
///
/// # Panics
///
/// To poll, enqueue or block on a wait that was ready before panics. If a waker panics, so does the call that wakes
/// it, after it has woken all others. That may be a set, a release or a drop, and also a wait: threads and tasks that a
/// broadcast has woken help to wake the others. No set and no permit is lost by that.
///
/// # Leaks
///
/// A future that was pinned and leaked, as by [`std::mem::forget`] of a box, stays in the queue. On a living object,
/// it takes what it is given, once: one set, or the permits that it asks for, which are lost. Until then each set of
/// the object takes a lock, and a request that keeps its place, as for several permits of a semaphore, holds back all
/// others once it is the first. A leaked [wait for all](crate::wait_all_async) takes once from all of its objects,
/// and until then each call on them takes the lock that all such objects share. If the object is moved, sets may be
/// lost. If it is freed, a new object that is created at that address is not affected: the first wait that queues for
/// it throws the leaked ones away. But the promise that a waiter may free an object while a call that has released it
/// still runs (see [Freeing an event](crate#freeing-an-event)) does not hold for gates, if a wait was leaked for the
/// gate or for a later one at its address.
#[must_use = "a future does nothing unless it is polled"]
pub struct Wait<'a, T = ()> {
    entry: Entry,
    finish: T,
    object: Borrow<'a>,
}

/// A borrow that lasts until this is dropped, because the drop of an [`Entry`] uses its object. Without a destructor of
/// its own, the compiler would let the object be dropped first:
///
/// ```compile_fail,E0597
/// use rsevents::AutoResetEvent;
///
/// let wait;
/// let event = AutoResetEvent::default();
/// wait = event.wait_async();
/// ```
#[derive(Default)]
pub(crate) struct Borrow<'a>(PhantomData<&'a ()>);

impl Drop for Borrow<'_> {
    fn drop(&mut self) {}
}

/// What a [`Wait`] yields when it has passed: for `()` nothing, for others see [`Wait::with`].
pub trait Finish {
    /// What the future yields.
    type Output;

    /// Called once, when the wait has passed, in the thread or task that waits, and without a lock. If it panics,
    /// what the wait has taken is not handed on.
    fn finish(&mut self) -> Self::Output;
}

impl Finish for () {
    type Output = ();

    fn finish(&mut self) {}
}

// SAFETY: an entry may be used and dropped by any thread, one at a time. Other threads access it under the lock of its
// queue, or by atomics. Each `Object` is `Sync`.
unsafe impl<T: Send> Send for Wait<'_, T> {}
// SAFETY: as before. A shared reference allows to read the claim, which is atomic.
unsafe impl<T: Sync> Sync for Wait<'_, T> {}

impl<T: UnwindSafe> UnwindSafe for Wait<'_, T> {}
impl<T: RefUnwindSafe> RefUnwindSafe for Wait<'_, T> {}

impl<T> Wait<'_, T> {
    /// The same wait, which may borrow its object for longer.
    ///
    /// # Safety
    ///
    /// Until the wait has completed, the object is alive whenever the wait is used or dropped, and for ever if the wait
    /// is leaked.
    unsafe fn extend<'b>(self) -> Wait<'b, T> {
        let Self { entry, finish, object: _ } = self;
        Wait { entry, finish, object: Borrow(PhantomData) }
    }
}

impl<'a> Wait<'a> {
    /// # Safety
    ///
    /// The object lives as long as `'a`.
    pub(crate) unsafe fn new(target: Target) -> Self {
        // SAFETY: as here. After `'a` only a leaked one is left.
        let entry = unsafe { Entry::new(target) };
        Self { entry, finish: (), object: Borrow(PhantomData) }
    }

    /// A wait that passes at its first poll, for types with requests that ask for nothing.
    pub fn ready() -> Self {
        // SAFETY: there is an object of this type at every address, for ever.
        unsafe { Self::new(Ready::target()) }
    }

    /// The same wait with another result, for a type that is built on a [`Gate`](crate::Gate) and yields a guard of
    /// what the wait has taken:
    ///
    /// ```
    /// use rsevents::{Finish, Gate, Rule, Wait};
    ///
    /// struct Tokens;
    ///
    /// impl Rule for Tokens {
    ///     fn take(tokens: u64, _: u32) -> Option<u64> {
    ///         tokens.checked_sub(1)
    ///     }
    ///     fn hand_on(tokens: u64, _: u32) -> u64 {
    ///         tokens + 1
    ///     }
    /// }
    ///
    /// pub struct Pool(Gate<Tokens>);
    ///
    /// pub struct Token<'a>(&'a Pool);
    ///
    /// impl Drop for Token<'_> {
    ///     fn drop(&mut self) {
    ///         self.0.0.add(1);
    ///     }
    /// }
    ///
    /// pub struct Take<'a>(&'a Pool);
    ///
    /// impl<'a> Finish for Take<'a> {
    ///     type Output = Token<'a>;
    ///
    ///     fn finish(&mut self) -> Token<'a> {
    ///         Token(self.0)
    ///     }
    /// }
    ///
    /// impl Pool {
    ///     pub fn token(&self) -> Wait<'_, Take<'_>> {
    ///         self.0.wait_async(1).with(Take(self))
    ///     }
    /// }
    /// # fn is_future<F: Future>(_: F) {}
    /// # is_future(Pool(Gate::new(1)).token());
    /// ```
    pub fn with<T: Finish>(self, finish: T) -> Wait<'a, T> {
        let Self { entry, finish: (), object } = self;
        Wait { entry, finish, object }
    }
}

/// What a [ready](Wait::ready) wait is for. It has no size.
pub(crate) struct Ready;

impl Ready {
    pub(crate) fn target() -> Target {
        Target::new(ptr::dangling::<Self>(), 0)
    }
}

impl Object for Ready {
    fn is_shared(&self) -> bool {
        true
    }

    fn try_pass(&self, _: u32, _: bool) -> bool {
        true
    }

    fn pass_queued(&self, _: &Shard, _: &Entry, _: bool) -> bool {
        true
    }

    unsafe fn pass_or_queue(&self, entry: &Entry) -> bool {
        // One of several, if their signal had another part before. The wait may have passed by another one meanwhile.
        if let Some((_shard, hold)) = queue::hold_to_link(entry) {
            hold.pass();
        }
        true
    }

    fn removed(&self, _: Shard, _: Removed) {}

    fn released(&self, _: &Entry, _: bool) {}

    fn hand_on(&self, _: &Entry) {}

    fn watch(&self, _: &StandIn) -> bool {
        false
    }

    fn unwatch(&self, _: &StandIn) {}

    fn passes(&self, _: &StandIn, _: u32, _: bool) -> bool {
        true
    }

    fn take(&self, _: &StandIn, _: u32) {}
}

impl<T: Finish> Wait<'_, T> {
    /// Joins the queue now instead of at the first poll, or checks whether the wait was released since. Returns
    /// `true` if it has passed: then it has taken its set, and the next poll or [`block`](Self::block) returns at
    /// once. If it is dropped instead, it hands the set on. The result may be ignored.
    ///
    /// Stores no waker: poll it to be woken. Does not wait for other threads, but may briefly take a lock.
    ///
    /// Memory ordering: acquire, if it returns `true`.
    ///
    /// With this, a thread or a task can join the queue, then check a condition, and then wait. It misses no set
    /// between:
    ///
    /// ```
    /// use rsevents::{AutoResetEvent, EventState};
    /// use std::{pin::pin, sync::atomic::{AtomicBool, Ordering}};
    ///
    /// static CHANGED: AutoResetEvent = AutoResetEvent::new(EventState::Unset);
    /// static READY: AtomicBool = AtomicBool::new(false);
    ///
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         READY.store(true, Ordering::Release);
    ///         CHANGED.set();
    ///     });
    ///     while !READY.load(Ordering::Acquire) {
    ///         let mut wait = pin!(CHANGED.wait_async());
    ///         wait.as_mut().enqueue();
    ///         if !READY.load(Ordering::Acquire) {
    ///             wait.block();
    ///         }
    ///     }
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// If the wait has completed before.
    #[track_caller]
    pub fn enqueue(self: Pin<&mut Self>) -> bool {
        self.entry().enqueue()
    }

    /// Blocks the thread until the wait passes. In a task, this blocks the executor's thread: see
    /// [Tasks](crate#tasks).
    ///
    /// Memory ordering: acquire, as all forms of waiting that succeed.
    ///
    /// # Panics
    ///
    /// If the wait has completed before.
    #[track_caller]
    pub fn block(self: Pin<&mut Self>) -> T::Output {
        self.block_within(Limit::Unlimited).expect("there is no limit")
    }

    /// Blocks as [`block`](Self::block) does, for at most `limit`. Returns `None` if that passes first: the wait
    /// keeps its place in the queue, and can be continued or dropped. With a limit of zero, a wait that is not queued
    /// makes one attempt, and is not queued then.
    ///
    /// If a task has polled the wait before, it may not be woken after this, unless it polls again.
    ///
    /// # Panics
    ///
    /// If the wait has completed before.
    #[track_caller]
    pub fn block_for(self: Pin<&mut Self>, limit: Duration) -> Option<T::Output> {
        self.block_within(Limit::For(limit))
    }

    /// Blocks as [`block_for`](Self::block_for) does, until `deadline` at most. One that has passed is as a limit of
    /// zero.
    ///
    /// # Panics
    ///
    /// If the wait has completed before.
    #[track_caller]
    pub fn block_until(self: Pin<&mut Self>, deadline: Instant) -> Option<T::Output> {
        self.block_within(Limit::Until(deadline))
    }

    #[track_caller]
    fn block_within(self: Pin<&mut Self>, limit: Limit) -> Option<T::Output> {
        let passed = if limit.has_passed() {
            self.entry().expire()
        } else {
            self.entry().block(limit.deadline())
        };
        passed.then(|| self.finish())
    }

    fn finish(self: Pin<&mut Self>) -> T::Output {
        // SAFETY: this is not a part that is pinned.
        unsafe { self.get_unchecked_mut() }.finish.finish()
    }
}

impl<T> Wait<'_, T> {
    pub(crate) fn entry<'s>(self: &'s Pin<&mut Self>) -> Pin<&'s Entry> {
        // SAFETY: the entry is pinned with this, and never moved out.
        unsafe { self.as_ref().map_unchecked(|wait| &wait.entry) }
    }
}

impl<T: Finish> Future for Wait<'_, T> {
    type Output = T::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T::Output> {
        if self.entry().poll(Some(context.waker())) {
            Poll::Ready(self.finish())
        } else {
            Poll::Pending
        }
    }
}

impl<T> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.entry.claim() {
            Claim::New => "new",
            Claim::Open | Claim::Called | Claim::CalledInPlace => "queued",
            Claim::Won => "released",
            Claim::Ended => "completed",
        };
        f.debug_tuple("Wait").field(&format_args!("{state}")).finish()
    }
}

/// `(&event).await` waits as [`wait_async`](AutoResetEvent::wait_async) does.
impl<'a> IntoFuture for &'a AutoResetEvent {
    type Output = ();
    type IntoFuture = Wait<'a>;

    fn into_future(self) -> Wait<'a> {
        self.wait_async()
    }
}

/// `(&event).await` waits as [`wait_async`](ManualResetEvent::wait_async) does.
impl<'a> IntoFuture for &'a ManualResetEvent {
    type Output = ();
    type IntoFuture = Wait<'a>;

    fn into_future(self) -> Wait<'a> {
        self.wait_async()
    }
}
