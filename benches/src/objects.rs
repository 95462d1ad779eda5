//! What a contender can stand in for: one trait per kind of object.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_utils::CachePadded;

use crate::contender::Contender;

/// An auto-reset event: a set releases one wait.
pub(crate) trait Auto: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// Unset.
    fn new() -> Self;
    fn set(&self);
    fn wait(&self);
    /// Takes the event if it is set.
    fn wait0(&self) -> bool;
}

/// Auto-reset events, for one of which a thread waits.
pub(crate) trait Several: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// So many, unset.
    fn new(objects: usize) -> Self;
    fn set(&self, nth: usize);
    /// Waits for one of them and takes it, each time that it is called. Returns which.
    fn waiter(&self) -> impl FnMut() -> usize;
}

/// The only one of them, in an ordinary wait.
pub(crate) struct Single<E>(E);

impl<E: Auto> Several for Single<E> {
    const CONTENDER: Contender = E::CONTENDER;

    fn new(objects: usize) -> Self {
        assert_eq!(objects, 1);
        Self(E::new())
    }

    fn set(&self, _: usize) {
        self.0.set();
    }

    fn waiter(&self) -> impl FnMut() -> usize {
        || {
            self.0.wait();
            0
        }
    }
}

/// Something to wait for that does not come, in a wait that can time out.
pub(crate) trait Timed: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// An unset event, a countdown with a tick left, a semaphore without a permit.
    fn new() -> Self;
    /// Waits for `limit` at most.
    fn wait_for(&self, limit: Duration) -> bool;
}

/// An auto-reset event between two threads: one end that sets, one end that waits.
pub(crate) trait Pair: 'static {
    const CONTENDER: Contender;
    type Setter: Send;
    type Waiter: Send;
    /// An unset event.
    fn pair() -> (Self::Setter, Self::Waiter);
    fn set(setter: &Self::Setter);
    fn wait(waiter: &Self::Waiter);
}

/// Shared by two threads, on a cache line of its own: the allocator puts small objects side by side.
type Shared<T> = Arc<CachePadded<T>>;

impl<E: Auto> Pair for E {
    const CONTENDER: Contender = E::CONTENDER;
    type Setter = Shared<E>;
    type Waiter = Shared<E>;

    fn pair() -> (Shared<E>, Shared<E>) {
        let event = Shared::new(CachePadded::new(E::new()));
        (event.clone(), event)
    }

    fn set(setter: &Shared<E>) {
        E::set(setter);
    }

    fn wait(waiter: &Shared<E>) {
        E::wait(waiter);
    }
}

/// A mutex.
pub(crate) trait Mutex: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// Unlocked.
    fn new() -> Self;
    /// Locks it, runs `work` and unlocks it. A closure, so that each contender can use its own kind of guard.
    fn with_lock(&self, work: impl FnOnce());
}

/// Unlocked while it is set.
impl<E: Auto> Mutex for E {
    const CONTENDER: Contender = E::CONTENDER;

    fn new() -> Self {
        let event = E::new();
        event.set();
        event
    }

    fn with_lock(&self, work: impl FnOnce()) {
        self.wait();
        work();
        self.set();
    }
}

/// A manual-reset event: a set releases every wait until a reset.
pub(crate) trait Manual: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// Unset.
    fn new() -> Self;
    fn set(&self);
    fn reset(&self);
    fn wait(&self);
    /// Whether it is set.
    fn wait0(&self) -> bool;
}

/// A semaphore.
pub(crate) trait Semaphore: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// With `permits` available permits.
    fn new(permits: u16) -> Self;
    /// Acquires a permit, runs `work` and releases the permit. A closure, so that each contender can use
    /// its own kind of guard.
    fn with_permit(&self, work: impl FnOnce());
}

/// A countdown.
pub(crate) trait Countdown: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// With `ticks` ticks left.
    fn new(ticks: usize) -> Self;
    fn tick(&self);
    fn tick_times(&self, ticks: usize) {
        (0..ticks).for_each(|_| self.tick());
    }
    /// Waits for the last tick.
    fn wait(&self);
}

/// An auto-reset event for tasks and threads.
pub(crate) trait AsyncAuto: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// Unset.
    fn new() -> Self;
    fn set(&self);
    /// Waits in a task.
    fn wait_async(&self) -> impl Future<Output = ()> + Send;
    /// Waits in a thread.
    fn wait(&self);
}

/// Auto-reset events, for one of which a task waits.
pub(crate) trait AsyncSeveral: 'static {
    const CONTENDER: Contender;
    /// So many, unset.
    fn new(objects: usize) -> Self;
    fn set(&self, nth: usize);
    /// Waits for one of them and takes it, each time that it is called. Returns which.
    fn waiter(&self) -> impl AsyncFnMut() -> usize;
}

/// A manual-reset event for tasks.
pub(crate) trait AsyncManual: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// Unset.
    fn new() -> Self;
    fn set(&self);
    fn reset(&self);
    fn wait_async(&self) -> impl Future<Output = ()> + Send;
}

/// A semaphore for tasks and threads.
pub(crate) trait AsyncSemaphore: Send + Sync + 'static {
    const CONTENDER: Contender;
    /// With `permits` available permits.
    fn new(permits: u16) -> Self;
    /// Acquires a permit in a task. The guard of each contender releases it.
    fn acquire_async(&self) -> impl Future<Output = impl Send> + Send;
    /// Acquires a permit in a thread, runs `work` and releases the permit.
    fn with_permit(&self, work: impl FnOnce());
}
