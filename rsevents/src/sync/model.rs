//! What loom runs: its atomics, and a model of the parking lot built on them.
//!
//! The model has one queue per key, each with a lock of its own, so that no two events synchronize by
//! accident (in the real one two keys may share a lock, which can only order more). As in the real
//! parking lot:
//!
//! * `validate`, the unparking callbacks and `timed_out` run under the queue's lock;
//! * an unpark is decided under the lock, and the thread is woken after it;
//! * a thread learns of its unpark either directly from the unparker or, if its deadline passed
//!   meanwhile, from the queue. Nothing else orders it after others that used the queue.
//!
//! Time does not pass in a model: a deadline may pass at any moment. Loom explores that because a
//! timed sleep is only a point between two locks where other threads may run.

use std::collections::{HashMap, VecDeque};
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Bookkeeping};
use std::thread;
use std::time::Instant;

use loom::sync::{Condvar, Mutex, MutexGuard};
use parking_lot_core::{FilterOp, ParkResult, ParkToken, RequeueOp, UnparkResult, UnparkToken};

/// A spin adds no interleaving: loom explores every moment at which a set may come. And the model
/// would not end.
pub(crate) const MAY_SPIN: bool = false;

/// Declares a constructor, which is `const` with the real primitives and cannot be here.
macro_rules! const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$attr])* $vis fn $($rest)*
    };
}
pub(crate) use const_fn;

/// Loom's atomic byte. Creating one also creates the parking lot. Loom orders the creation of a lazy
/// static before its uses; created here, before any thread is spawned, it adds no order.
pub(crate) struct AtomicU8(loom::sync::atomic::AtomicU8);

impl AtomicU8 {
    pub(crate) fn new(value: u8) -> Self {
        let _: &Lot = &LOT;
        Self(loom::sync::atomic::AtomicU8::new(value))
    }
}

/// Makes loom report accesses that do not happen before the byte is freed.
impl Drop for AtomicU8 {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

impl Deref for AtomicU8 {
    type Target = loom::sync::atomic::AtomicU8;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

loom::lazy_static! {
    /// A new one for each execution of a model.
    static ref LOT: Lot = Lot::default();
}

/// The queues by key. The map is not part of the model, so its lock is not loom's.
#[derive(Default)]
struct Lot(Bookkeeping<HashMap<usize, Arc<Queue>>>);

impl Lot {
    fn queue(&self, key: usize) -> Arc<Queue> {
        let mut queues = self.0.lock().expect("no model panics in here");
        Arc::clone(queues.entry(key).or_default())
    }
}

/// The threads parked under one key, in order of arrival.
#[derive(Default)]
struct Queue(Mutex<VecDeque<Arc<Parked>>>);

/// A parked thread.
struct Parked {
    /// Its key. Changes only under the locks of both queues, so loom need not know of it.
    key: AtomicUsize,
    token: ParkToken,
    unparked: Mutex<Option<UnparkToken>>,
    alarm: Condvar,
}

impl Parked {
    fn key(&self) -> usize {
        self.key.load(Ordering::Relaxed)
    }

    fn sleep(&self) -> UnparkToken {
        let mut unparked = lock(&self.unparked);
        loop {
            if let Some(token) = *unparked {
                return token;
            }
            unparked = self.alarm.wait(unparked).expect("loom's locks are not poisoned");
        }
    }

    /// Called under the queue's lock, and `alarm.notify_one` after it.
    fn decide_to_unpark(&self, token: UnparkToken) {
        *lock(&self.unparked) = Some(token);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("loom's locks are not poisoned")
}

/// Models [`parking_lot_core::park`].
///
/// # Safety
///
/// As there, so that the callers' arguments are the same.
pub(crate) unsafe fn park(
    key: usize,
    validate: impl FnOnce() -> bool,
    before_sleep: impl FnOnce(),
    timed_out: impl FnOnce(usize, bool),
    token: ParkToken,
    deadline: Option<Instant>,
) -> ParkResult {
    let queue = LOT.queue(key);
    let (unparked, alarm) = (Mutex::new(None), Condvar::new());
    let this = Arc::new(Parked { key: key.into(), token, unparked, alarm });
    {
        let mut parked = lock(&queue.0);
        if !validate() {
            return ParkResult::Invalid;
        }
        parked.push_back(Arc::clone(&this));
    }
    before_sleep();
    if deadline.is_none() {
        return ParkResult::Unparked(this.sleep());
    }
    // The deadline passes here, unless another thread is faster.
    if let Some(token) = *lock(&this.unparked) {
        return ParkResult::Unparked(token);
    }
    loop {
        let key = this.key();
        let queue = LOT.queue(key);
        let mut parked = lock(&queue.0);
        if this.key() != key {
            continue; // requeued before we had the lock
        }
        return match parked.iter().position(|other| Arc::ptr_eq(other, &this)) {
            Some(place) => {
                parked.remove(place);
                timed_out(key, parked.is_empty());
                ParkResult::TimedOut
            }
            None => ParkResult::Unparked(lock(&this.unparked).expect("not queued, so unparked")),
        };
    }
}

/// Models [`parking_lot_core::unpark_one`].
///
/// # Safety
///
/// As there.
pub(crate) unsafe fn unpark_one(
    key: usize,
    callback: impl FnOnce(UnparkResult) -> UnparkToken,
) -> UnparkResult {
    let mut found = false;
    let first = |_| {
        if std::mem::replace(&mut found, true) { FilterOp::Stop } else { FilterOp::Unpark }
    };
    // SAFETY: what is asked of the key and of the callback is the same.
    unsafe { unpark_filter(key, first, callback) }
}

/// Models [`parking_lot_core::unpark_filter`].
///
/// # Safety
///
/// As there.
pub(crate) unsafe fn unpark_filter(
    key: usize,
    mut filter: impl FnMut(ParkToken) -> FilterOp,
    callback: impl FnOnce(UnparkResult) -> UnparkToken,
) -> UnparkResult {
    let queue = LOT.queue(key);
    let mut unparked = Vec::new();
    let mut result = UnparkResult::default();
    {
        let mut parked = lock(&queue.0);
        let mut stopped = false;
        parked.retain(|thread| {
            let op = if stopped { FilterOp::Stop } else { filter(thread.token) };
            match op {
                FilterOp::Unpark => unparked.push(Arc::clone(thread)),
                FilterOp::Skip => {}
                FilterOp::Stop => stopped = true,
            }
            op != FilterOp::Unpark
        });
        result.unparked_threads = unparked.len();
        result.have_more_threads = !parked.is_empty();
        let token = callback(result);
        for thread in &unparked {
            thread.decide_to_unpark(token);
        }
    }
    for thread in unparked {
        thread.alarm.notify_one();
    }
    result
}

/// Models [`parking_lot_core::unpark_requeue`] between two keys, for the operations that move all.
///
/// # Safety
///
/// As there.
pub(crate) unsafe fn unpark_requeue(
    key_from: usize,
    key_to: usize,
    validate: impl FnOnce() -> RequeueOp,
    callback: impl FnOnce(RequeueOp, UnparkResult) -> UnparkToken,
) -> UnparkResult {
    let (from, to) = (LOT.queue(key_from), LOT.queue(key_to));
    let mut result = UnparkResult::default();
    let mut first = None;
    {
        let mut from = lock(&from.0);
        let op = validate();
        match op {
            RequeueOp::UnparkOneRequeueRest => first = from.pop_front(),
            RequeueOp::RequeueAll => {}
            _ => unreachable!("{op:?} does not move all"),
        }
        result.unparked_threads = usize::from(first.is_some());
        result.requeued_threads = from.len();
        // The real one locks both at once, which only orders more. No thread requeues in the other
        // direction, so there is no deadlock.
        let _to = (!from.is_empty()).then(|| {
            let mut to = lock(&to.0);
            for thread in from.drain(..) {
                thread.key.store(key_to, Ordering::Relaxed);
                to.push_back(thread);
            }
            to
        });
        let token = callback(op, result);
        if let Some(first) = &first {
            first.decide_to_unpark(token);
        }
    }
    if let Some(first) = first {
        first.alarm.notify_one();
    }
    result
}

/// For tests that inspect a queue.
#[cfg(test)]
pub(crate) mod filter {
    pub(crate) use super::unpark_filter;
    pub(crate) use parking_lot_core::{FilterOp, ParkToken};
}

#[cfg(test)]
pub(crate) mod testing;
