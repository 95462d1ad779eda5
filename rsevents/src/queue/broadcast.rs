//! Wakes all threads of a queue that was released as a whole.
//!
//! Waking a thread is a system call. A thousand of them take milliseconds, in which the thread that makes
//! them may be preempted. So a broadcast takes the queue away in one step under the lock and wakes its
//! threads without it, one by one. Each thread that is woken wakes others in turn, so that they do not
//! depend on the setter alone and several cores share the work. A thread that is preempted withholds one wake-up.

use core::cell::Cell;
use core::ptr;

use super::entry::{Claim, Entry, Wake};
use super::list::{Link, List};
use super::table::{Shard, lock};

/// How many threads a woken thread wakes: more than one, so that the number of those that wake others grows.
const HELPED: usize = 2;

/// The rest of a queue that was released, on the stack of the thread that released it. It is in the shard's
/// list of batches exactly while it has entries, and accessed only under the shard's lock.
struct Batch {
    entries: Cell<List>,
    next: Cell<*const Batch>,
}

/// Names a batch. It may be gone: then it is in no list, or another one in its place is, which may just as well
/// be helped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchId(*const Batch);

impl BatchId {
    pub(super) const NONE: Self = Self(ptr::null());
}

/// Releases all waits for `key`, in one step under the lock, and wakes their threads.
pub(crate) fn release_all(mut shard: Shard, key: usize) {
    let entries = shard.splice(key);
    if entries.is_empty() {
        return;
    }
    let batch = Batch { entries: Cell::new(entries), next: Cell::new(ptr::null()) };
    // SAFETY: the batch stays here until it is no longer in the list: then `pop` has returned `None`. Nothing
    // unwinds before.
    unsafe { shard.batches.push(&batch) };
    let id = BatchId(&batch);
    while let Some(wake) = shard.batches.pop(id) {
        drop(shard);
        wake.wake();
        shard = lock(key);
    }
}

/// Wakes some more threads of the broadcast that has released `entry`, if one has.
///
/// # Safety
///
/// The caller owns the entry, which is not linked.
pub(crate) unsafe fn wake_others(entry: &Entry) {
    // SAFETY: the entry is alive, and only the caller accesses its links.
    let link = unsafe { Link::to(entry) };
    let batch = link.with(|links| links.batch);
    if batch == BatchId::NONE {
        return;
    }
    for _ in 0..HELPED {
        let wake = lock(entry.key).batches.pop(batch);
        let Some(wake) = wake else { break };
        wake.wake();
    }
}

/// The batches of a shard that have entries: a list through the batches.
pub(super) struct Batches {
    first: *const Batch,
}

impl Batches {
    pub(super) const NONE: Self = Self { first: ptr::null() };

    fn iter<'a>(&self) -> impl Iterator<Item = &'a Batch> + use<'a> {
        // SAFETY: a batch in the list is alive, as `push` demands.
        let batch = |pointer: *const Batch| unsafe { pointer.as_ref() };
        core::iter::successors(batch(self.first), move |before| batch(before.next.get()))
    }

    /// # Safety
    ///
    /// The batch stays alive and in place until it has no more entries.
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

    /// Releases the first entry of a batch. Returns `None` if the batch has no more.
    fn pop(&mut self, id: BatchId) -> Option<Wake> {
        let batch = self.iter().find(|batch| ptr::eq(*batch, id.0))?;
        let mut first = None;
        self.change(batch, |entries| first = entries.pop_front());
        let first = first?;
        first.with(|links| links.batch = id);
        Some(first.signal(Claim::Won))
    }

    /// Removes an entry that is in one of the batches. Its owner then wakes others, of this batch if it was at
    /// one of its ends, else of any.
    pub(super) fn remove(&mut self, entry: Link) {
        // Only at its ends does an entry's removal change a list.
        let is_end = |list: List| list.first == entry || list.first.back() == entry;
        let batch = self.iter().find(|batch| is_end(batch.entries.get()));
        let id = batch.map_or(self.first, ptr::from_ref);
        match batch {
            Some(batch) => self.change(batch, |entries| entries.remove(entry)),
            None => List::remove_inner(entry),
        }
        entry.with(|links| links.batch = BatchId(id));
    }
}

#[cfg(test)]
pub(crate) mod stuck;
