//! Finds the queue of an object by its address.
//!
//! The table is divided into shards, each with a lock of its own. A shard has chains of queues, and a queue is
//! linked into its chain by its first entry, so that nothing is allocated for a queue. Only the array of
//! chains is, where many objects are waited for at once: it grows and shrinks when a wait is about to be
//! queued, never in a set, and outside the lock.

use core::mem;

use super::broadcast::Batches;
use super::entry::{Claim, Entry, Wake};
use super::list::{Link, List};
use crate::sync::{self, Mutex, MutexGuard, array, const_fn, static_ref};

/// Queues per chain, from which on there are more chains.
const FULL: usize = 2;
/// Chains per queue, from which on there are fewer.
const SPARSE: usize = 8;

static_ref! {
    static TABLE: Table = Table::new();
}

struct Table {
    shards: [Cell; sync::SHARDS],
}

/// A shard on cache lines of its own.
#[repr(align(64))]
struct Cell(Mutex<Queues>);

impl Table {
    const_fn! {
        const fn new() -> Self {
            Self { shards: array![Cell(Mutex::new(Queues::EMPTY)); sync::SHARDS] }
        }
    }
}

/// What the lock of a shard guards.
pub(crate) struct Queues {
    /// The only chain, unless there are `chains`. The entries in a chain are the first ones of their queues.
    chain: Link,
    /// A power of two in number, or none.
    chains: Vec<Link>,
    /// How many queues there are. None is empty.
    queues: usize,
    /// How many broadcasts there were.
    epoch: u64,
    /// Those that have threads to wake.
    pub(super) batches: Batches,
}

// SAFETY: its pointers are to entries and batches, whose owners remove them under the lock before they go.
unsafe impl Send for Queues {}

/// The first entry of a queue, for a set.
#[derive(Clone, Copy)]
pub(crate) struct Front {
    /// Sets may call it. If not, they are handed off to it.
    pub(crate) is_callable: bool,
    /// There is no other entry.
    pub(crate) is_last: bool,
}

/// Where an entry was that its owner has removed.
pub(crate) enum Removed {
    FromQueue {
        was_last: bool,
    },
    /// A broadcast has released it.
    FromBroadcast,
}

/// A locked shard.
pub(crate) type Shard = MutexGuard<'static, Queues>;

/// Locks the queue of an object.
pub(crate) fn lock(key: usize) -> Shard {
    let index = (sync::hash(key) >> 32) as usize % sync::SHARDS;
    // Nothing that panics runs under a lock, but the tests' code.
    TABLE.shards[index].0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Locks the queue of an object, in order to link an entry.
pub(crate) fn lock_to_wait(key: usize) -> Shard {
    loop {
        let shard = lock(key);
        let Some(number) = shard.better_size() else { return shard };
        drop(shard);
        // Neither allocates nor frees under the lock.
        let mut chains = vec![Link::NONE; number];
        let mut shard = lock(key);
        if shard.better_size() == Some(number) {
            shard.rehash(&mut chains);
        }
        drop(shard);
    }
}

impl Queues {
    const EMPTY: Self =
        Self { chain: Link::NONE, chains: Vec::new(), queues: 0, epoch: 0, batches: Batches::NONE };

    /// The number of chains that there should be, if there should be more or fewer.
    fn better_size(&self) -> Option<usize> {
        let chains = self.chains.len();
        let is_right = self.queues <= FULL * chains.max(1) && chains <= SPARSE * (self.queues + 1);
        (!is_right).then(|| self.queues.next_power_of_two())
    }

    /// Takes other chains, which are empty, and leaves the old ones.
    fn rehash(&mut self, chains: &mut Vec<Link>) {
        mem::swap(&mut self.chains, chains);
        let old = mem::replace(&mut self.chain, Link::NONE);
        self.queues = 0;
        for mut first in chains.iter().copied().chain([old]) {
            while !first.is_none() {
                let next = first.chain();
                self.put(first.entry().key, List { first });
                first = next;
            }
        }
    }

    fn chain(&mut self, key: usize) -> &mut Link {
        match self.chains.len() {
            0 => &mut self.chain,
            chains => &mut self.chains[(sync::hash(key) >> 40) as usize & (chains - 1)],
        }
    }

    /// The queue of `key`, and the first entry of the queue before it in its chain.
    fn find(&mut self, key: usize) -> (List, Link) {
        let (mut first, mut before) = (*self.chain(key), Link::NONE);
        while !first.is_none() && first.entry().key != key {
            (first, before) = (first.chain(), first);
        }
        (List { first }, before)
    }

    /// Takes the queue of `key` out of the table.
    fn take(&mut self, key: usize) -> List {
        let (queue, before) = self.find(key);
        if !queue.is_empty() {
            let next = queue.first.chain();
            if before.is_none() {
                *self.chain(key) = next;
            } else {
                before.with(|links| links.chain = next);
            }
            self.queues -= 1;
        }
        queue
    }

    /// Puts the queue of `key` into the table, unless it is empty. None may be there.
    fn put(&mut self, key: usize, queue: List) {
        if !queue.is_empty() {
            let next = mem::replace(self.chain(key), queue.first);
            queue.first.with(|links| links.chain = next);
            self.queues += 1;
        }
    }

    /// Takes the whole queue of `key` for a broadcast.
    pub(super) fn splice(&mut self, key: usize) -> List {
        self.epoch += 1;
        self.take(key)
    }

    /// Appends `entry` to the queue of its key.
    ///
    /// # Safety
    ///
    /// The entry is not linked, and stays alive and in place until a setter has signalled it or its owner
    /// has removed it. This is its shard.
    pub(crate) unsafe fn enqueue(&mut self, entry: &Entry) {
        // SAFETY: as here.
        let link = unsafe { Link::to(entry) };
        let epoch = self.epoch;
        link.with(|links| links.epoch = epoch);
        let (mut queue, _) = self.find(entry.key);
        if queue.is_empty() {
            queue.push_back(link);
            self.put(entry.key, queue);
        } else {
            queue.push_back(link);
        }
    }

    /// Puts an entry that was called before all others in the queue of its key. `is_callable`: whether it
    /// may be called again.
    ///
    /// # Safety
    ///
    /// As for [`enqueue`](Self::enqueue).
    pub(crate) unsafe fn enqueue_in_front(&mut self, entry: &Entry, is_callable: bool) {
        entry.reopen();
        // SAFETY: as here.
        let link = unsafe { Link::to(entry) };
        let mut queue = self.take(entry.key);
        // Not younger than those that follow.
        let epoch = if queue.is_empty() { self.epoch } else { queue.first.epoch() };
        link.with(|links| (links.epoch, links.is_callable) = (epoch, is_callable));
        queue.push_front(link);
        self.put(entry.key, queue);
    }

    /// What a set has to know of the first entry in the queue of `key`.
    pub(crate) fn front(&mut self, key: usize) -> Option<Front> {
        let (queue, _) = self.find(key);
        let mut entries = queue.iter();
        let is_callable = entries.next()?.with(|links| links.is_callable);
        Some(Front { is_callable, is_last: entries.next().is_none() })
    }

    /// Removes the first entry from the queue of `key`, which must not be empty, and tells its owner.
    pub(crate) fn signal_front(&mut self, key: usize, claim: Claim) -> Wake {
        let mut queue = self.take(key);
        let first = queue.pop_front().expect("the queue is not empty");
        self.put(key, queue);
        first.signal(claim)
    }

    /// Removes an entry whose deadline has passed and which has not been signalled.
    ///
    /// A broadcast takes a whole queue away without visiting its entries. So an entry is in a batch if its
    /// queue is empty, or if the shard had seen more broadcasts when the queue's first entry came.
    ///
    /// # Safety
    ///
    /// The entry is linked, in this shard.
    pub(crate) unsafe fn remove(&mut self, entry: &Entry) -> Removed {
        // SAFETY: a linked entry is alive.
        let link = unsafe { Link::to(entry) };
        let (queue, _) = self.find(entry.key);
        if queue.is_empty() || queue.first.epoch() > link.epoch() {
            self.batches.remove(link);
            return Removed::FromBroadcast;
        }
        let mut queue = self.take(entry.key);
        queue.remove(link);
        self.put(entry.key, queue);
        Removed::FromQueue { was_last: queue.is_empty() }
    }

    /// The number of entries in the queue of `key`.
    pub(crate) fn len(&mut self, key: usize) -> usize {
        self.find(key).0.iter().count()
    }
}
