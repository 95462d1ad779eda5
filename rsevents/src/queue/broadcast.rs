//! Wakes the threads and tasks of a queue that was released as a whole.
//!
//! Waking a thread is a system call. A thousand of them take milliseconds, in which the thread that makes
//! them may be preempted. So a broadcast takes the queue away in one step under the lock and wakes its
//! threads without it, one by one. Each thread that is woken wakes others in turn, so that they do not
//! depend on the setter alone and several cores share the work. A thread that is preempted withholds one wake-up of a
//! thread.
//!
//! Tasks are taken several at a time, because a waker takes less time than the lock: a thread that is preempted among
//! them withholds the wake-ups of the rest. The first task of them wakes others when it runs, too.

use core::cell::Cell;
use core::ptr;
use core::task::Waker;

use super::entry::{Claim, Entry};
use super::group::{Attempt, Hold, wait_out};
use super::list::{Link, List};
use super::table::{Shard, lock};
use super::wake::{Wake, Wakes};
use super::watch::{pass_all, serve_all, wake_passed};
use crate::sync;

/// How often a woken thread wakes others: more than once, so that the number of those that wake others grows.
const HELPED: usize = 2;

/// The rest of a queue that was released, on the stack of the thread that released it. It is in the shard's
/// list of batches exactly while it has entries, and accessed only under the shard's lock.
struct Batch {
    /// What the waits are for: other batches of the shard may be for other objects.
    key: usize,
    entries: Cell<List>,
    next: Cell<*const Batch>,
}

impl Batch {
    const fn new(key: usize, entries: List) -> Self {
        Self { key, entries: Cell::new(entries), next: Cell::new(ptr::null()) }
    }

    /// Whether `entry`, which is in one of the batches, is in this one or in a later one for the same object. Those of
    /// an earlier one had seen fewer broadcasts when they were linked.
    fn has(&self, entry: &Entry) -> bool {
        self.key == entry.key() && self.entries.get().begins_before(entry)
    }
}

/// Names a batch. It may be gone: then it is in no list, or another one in its place is. If that is for the same object,
/// it may just as well be helped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchId(*const Batch);

impl BatchId {
    pub(super) const NONE: Self = Self(ptr::null());

    /// As the links of an entry store it.
    pub(super) fn to_link(self) -> *const () {
        self.0.cast()
    }

    pub(super) fn from_link(link: *const ()) -> Self {
        Self(link.cast())
    }
}

/// Releases all waits for `key`, in one step under the lock, and wakes them. Waits for all come first.
pub(crate) fn release_all(shard: Shard, key: usize) {
    release_all_with(shard, key, Wakes::default());
}

/// The same with the caller's `wakes`: those of a helper may defer wakers.
pub(crate) fn release_all_with(mut shard: Shard, key: usize, mut wakes: Wakes) {
    let entries = shard.splice(key);
    if entries.is_empty() {
        drop(serve_all(shard, key, &mut wakes));
        return wakes.finish();
    }
    let batch = Batch::new(key, entries);
    // SAFETY: the batch stays here until `pop_some` has found `Nothing`, and the lock is given up. No code unwinds
    // before.
    unsafe { shard.batches.push(&batch) };
    let id = BatchId(&batch);
    let (shard, passed) = pass_all(shard, key);
    // A thread first: wakers may take long.
    let mut may_be_more = wake_some(shard, key, id, &mut wakes);
    if let Some(batch) = passed {
        wake_passed(batch, usize::MAX, &mut wakes);
    }
    while may_be_more {
        may_be_more = wake_some(lock(key), key, id, &mut wakes);
    }
    wakes.finish();
}

/// Wakes the next entries of a batch: tasks, up to one thread, but at least one entry if there is one that has not
/// ended. (A task whose waker is deferred does not count.) Returns whether there may be more.
fn wake_some(mut shard: Shard, key: usize, id: BatchId, wakes: &mut Wakes) -> bool {
    loop {
        let mut tasks = [const { None }; sync::TASKS];
        let last = shard.batches.pop_some(id, key, &mut tasks);
        // One of them may have kept a gate that a wait for all needs as well as this object.
        let (locked, passed) = pass_all(shard, key);
        drop(locked);
        let may_be_more = !matches!(last, Some(Popped::Nothing));
        let (thread, busy) = match last {
            Some(Popped::Wake(thread)) => (Some(thread), None),
            Some(Popped::Busy(key)) => (None, Some(key)),
            _ => (None, None),
        };
        // The thread first: wakers may take long.
        let mut has_woken = thread.is_some_and(|thread| wakes.wake(thread));
        if let Some(batch) = passed {
            wake_passed(batch, usize::MAX, wakes);
        }
        for waker in tasks.iter_mut().map_while(Option::take) {
            has_woken |= wakes.wake(Wake::Task(waker));
        }
        if has_woken || !may_be_more {
            return may_be_more;
        }
        if let Some(key) = busy {
            wait_out(key);
        }
        shard = lock(key);
    }
}

/// Wakes some more of the broadcast that has released `entry`, if the entry is one of those that do. `blocks`: whether
/// its owner is a thread that waits.
///
/// # Safety
///
/// A broadcast has released the entry or none has, it is not linked any more, and the caller owns it.
#[inline]
pub(crate) unsafe fn wake_others(entry: &Entry, blocks: bool) {
    // SAFETY: the entry is alive, and only the caller accesses its links.
    let batch = unsafe { Link::to(entry) }.batch();
    if batch != BatchId::NONE {
        wake_others_of(batch, entry.key(), blocks);
    }
}

fn wake_others_of(batch: BatchId, key: usize, blocks: bool) {
    let mut wakes = Wakes::of_helper();
    for _ in 0..if blocks { HELPED } else { 1 } {
        if !wake_some(lock(key), key, batch, &mut wakes) {
            break;
        }
    }
    wakes.finish();
}

/// What was taken from a batch.
enum Popped {
    Wake(Wake),
    /// A stale member.
    Stale,
    /// The first entry is a member of a group that is held by a thread that has locked another member's queue: that of
    /// this key.
    Busy(usize),
    /// The batch has no more entries.
    Nothing,
}

/// The batches of a shard that have entries: a list through the batches.
pub(super) struct Batches {
    first: *const Batch,
}

impl Batches {
    pub(super) const NONE: Self = Self { first: ptr::null() };

    fn iter<'a>(&self) -> impl Iterator<Item = &'a Batch> + use<'a> {
        // SAFETY: a batch in the list is alive, and stays so while it is locked, as `push` demands.
        let batch = |pointer: *const Batch| unsafe { pointer.as_ref() };
        core::iter::successors(batch(self.first), move |before| batch(before.next.get()))
    }

    /// # Safety
    ///
    /// The batch stays alive and in place until the lock is given up under which it has lost its last entry.
    unsafe fn push(&mut self, batch: &Batch) {
        batch.next.set(self.first);
        self.first = batch;
    }

    /// Changes the entries of a batch. Takes it out of the list if it has no more.
    fn change(&mut self, batch: &Batch, change: impl FnOnce(&mut List)) {
        let mut entries = batch.entries.get();
        change(&mut entries);
        batch.entries.set(entries);
        if entries.is_empty() {
            match self.iter().find(|before| ptr::eq(before.next.get(), batch)) {
                Some(before) => before.next.set(batch.next.get()),
                None => self.first = batch.next.get(),
            }
        }
    }

    /// Releases the first entry of a batch. `helps`: whether it wakes others, if there are any, also if it has no thread.
    fn pop(&mut self, batch: &Batch, helps: bool) -> Popped {
        let first = batch.entries.get().first;
        if first.is_none() {
            return Popped::Nothing;
        }
        let hold = match Hold::attempt(first) {
            Attempt::Busy(key) => return Popped::Busy(key),
            Attempt::Held(hold) => Some(hold),
            Attempt::Stale => None,
        };
        self.change(batch, |entries| entries.remove(first));
        let has_others = !batch.entries.get().is_empty();
        let helps = has_others && (helps || !first.has_waker());
        first.set_batch(if helps { BatchId(batch) } else { BatchId::NONE });
        let Some(hold) = hold else {
            // If its owner has just given up, it finds that this object was set.
            first.set_claim(Claim::Won);
            return Popped::Stale;
        };
        Popped::Wake(hold.signal(Claim::Won))
    }

    /// Releases entries of a batch of this key: as many as fit into `tasks`, or up to one with a thread. Returns what was
    /// found instead of a further task.
    fn pop_some(&mut self, id: BatchId, key: usize, tasks: &mut [Option<Waker>]) -> Option<Popped> {
        let is_it = |batch: &&Batch| ptr::eq(*batch, id.0) && batch.key == key;
        let Some(batch) = self.iter().find(is_it) else {
            return Some(Popped::Nothing);
        };
        let mut taken = 0;
        // Stale ones count, too: they may be many.
        for _ in 0..tasks.len() {
            match self.pop(batch, taken == 0) {
                Popped::Wake(Wake::Task(waker)) => {
                    tasks[taken] = Some(waker);
                    taken += 1;
                }
                Popped::Stale => {}
                last => return Some(last),
            }
        }
        None
    }

    /// Removes an entry that is in one of the batches. Its owner then wakes others of this batch.
    pub(super) fn remove(&mut self, entry: Link) {
        // The latest one comes first.
        let batch = self.iter().find(|batch| batch.has(entry.entry()));
        let batch = batch.expect("a broadcast has released the entry, and has not removed it");
        self.change(batch, |entries| entries.remove(entry));
        entry.set_batch(BatchId(batch));
    }
}

#[cfg(test)]
pub(crate) mod stuck;
