//! Finds the queue of an object by its address.
//!
//! The table is divided into shards, each with a lock of its own. A shard has chains of queues, and a queue is
//! linked into its chain by its first entry, so that nothing is allocated for a queue. Only the array of
//! chains is, where many objects are waited for at once: it grows and shrinks when a wait is about to be
//! queued, never in a set, and outside the lock.

use core::mem;

use super::broadcast::Batches;
use super::entry::{Claim, Entry, Service};
use super::group::{Attempt, Hold};
use super::list::{Link, List, Waiter};
use super::object::ObjectType;
use super::wake::Wake;
use crate::sync::{self, Mutex, MutexGuard, array, const_fn, static_ref};

/// Queues per chain, from which on there are more chains.
const FULL: usize = 2;
/// Chains per queue, from which on there are fewer.
const SPARSE: usize = 8;
/// So many bits of a hash select the shard.
const SHARD_BITS: u32 = sync::SHARDS.ilog2();

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

// SAFETY: its pointers are to entries and batches, whose owners remove them under the lock before they go. Those of
// entries are to objects, which are `Sync`, and wakers are `Send`.
unsafe impl Send for Queues {}

/// The first entries of a queue, for a set or a change of a gate's value.
#[derive(Clone, Copy)]
pub(crate) struct Front {
    /// Of what the first one is for.
    pub(crate) object_type: &'static ObjectType,
    pub(crate) first: Waiting,
    pub(crate) second: Option<Waiting>,
    /// The one that is served next: the first one or, if that was called, the second one.
    pub(super) next: Link,
    /// Whether the first one was called, and is still in the queue.
    pub(super) is_called: bool,
}

impl Front {
    /// Tries to hold the wait that is served next. Returns `None` if the first one was called, and there is no other. The
    /// queue must not have changed.
    pub(super) fn hold(self) -> Option<Attempt> {
        (!self.next.is_none()).then(|| Hold::attempt(self.next))
    }

    /// Whether there is one entry only.
    pub(crate) const fn is_last(self) -> bool {
        self.second.is_none()
    }
}

/// What a setter has to know of an entry.
#[derive(Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) request: u32,
    pub(crate) service: Service,
}

impl Waiting {
    fn of(link: Link) -> Self {
        let entry = link.entry();
        Self { request: entry.request(), service: entry.service() }
    }
}

/// Where an entry was that its owner has removed.
pub(crate) enum Removed {
    FromQueue {
        was_first: bool,
        was_last: bool,
    },
    /// A broadcast has released it.
    FromBroadcast,
}

/// A locked shard.
pub(crate) type Shard = MutexGuard<'static, Queues>;

/// The number of the shard that has the queue of an object.
pub(super) fn shard_of(key: usize) -> usize {
    below(sync::SHARDS, sync::hash(key))
}

/// A number below `limit`, by the highest bits of a hash: it distributes keys well by these only.
fn below(limit: usize, hash: u64) -> usize {
    (((hash >> 32) * limit as u64) >> 32) as usize
}

/// Locks the queue of an object.
pub(crate) fn lock(key: usize) -> Shard {
    let index = shard_of(key);
    // A panic under a lock comes from a gate's rule or from a test. No change of a queue is half made then.
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
                self.relink(first.entry().key(), Link::NONE, Link::NONE, first);
                first = next;
            }
        }
    }

    fn chain(&mut self, key: usize) -> &mut Link {
        match self.chains.len() {
            0 => &mut self.chain,
            chains => &mut self.chains[below(chains, sync::hash(key) << SHARD_BITS)],
        }
    }

    /// The queue of `key`, and the first entry of the queue before it in its chain.
    fn find(&mut self, key: usize) -> (List, Link) {
        let (mut first, mut before) = (*self.chain(key), Link::NONE);
        while !first.is_none() && first.entry().key() != key {
            (first, before) = (first.chain(), first);
        }
        (List { first }, before)
    }

    /// Changes the queue of `key`, which may be empty before and after.
    fn change<R>(&mut self, key: usize, change: impl FnOnce(&mut List) -> R) -> R {
        let (mut queue, before) = self.find(key);
        let old = queue.first;
        let result = change(&mut queue);
        if queue.first != old {
            self.relink(key, before, old, queue.first);
        }
        result
    }

    /// The first entry of the queue of `key` was `old`, behind `before` in its chain, and is `new` now.
    fn relink(&mut self, key: usize, before: Link, old: Link, new: Link) {
        let next = if old.is_none() { *self.chain(key) } else { old.chain() };
        if !new.is_none() {
            new.set_chain(next);
        }
        let linked = if new.is_none() { next } else { new };
        if before.is_none() || old.is_none() {
            *self.chain(key) = linked;
        } else {
            before.set_chain(linked);
        }
        self.queues = self.queues + usize::from(old.is_none()) - usize::from(new.is_none());
    }

    /// Takes the whole queue of `key` for a broadcast.
    pub(super) fn splice(&mut self, key: usize) -> List {
        self.epoch += 1;
        self.change(key, |queue| mem::replace(queue, List::EMPTY))
    }

    /// Appends `entry` to the queue of its object. `is_first`: whether the object says that it has no queue. If there
    /// is one all the same, or one of another type of objects, it is of an earlier object at this address, and its
    /// entries are in futures that were leaked. They are removed.
    ///
    /// So all entries of a queue are of one type, and served alike. (Leaked ones of an earlier object of the same type may
    /// stay, if the object was moved here after a wait for it was leaked, too. They do no harm but take sets.)
    ///
    /// # Safety
    ///
    /// The entry is not linked, and stays in place until it is dropped. This is its shard. `is_first` is right.
    pub(crate) unsafe fn enqueue(&mut self, entry: &Entry, service: Service, is_first: bool) {
        // SAFETY: as here.
        unsafe { self.link(entry, service, is_first, List::push_back) };
    }

    /// Puts an entry that a set of an event has called in front of its queue. Otherwise as [`enqueue`](Self::enqueue).
    ///
    /// # Safety
    ///
    /// As for [`enqueue`](Self::enqueue).
    pub(crate) unsafe fn enqueue_in_front(
        &mut self,
        entry: &Entry,
        service: Service,
        is_first: bool,
    ) {
        // SAFETY: as here.
        unsafe { self.link(entry, service, is_first, List::push_front) };
    }

    /// # Safety
    ///
    /// As for [`enqueue`](Self::enqueue).
    unsafe fn link(
        &mut self,
        entry: &Entry,
        service: Service,
        is_first: bool,
        push: impl FnOnce(&mut List, Link),
    ) {
        // SAFETY: as here. The entry leaves when it is dropped.
        let link = unsafe { Link::to(entry) };
        entry.open(service, self.epoch);
        self.change(entry.key(), |queue| {
            if is_first || !queue.is_of(entry.object_type()) {
                *queue = List::EMPTY;
            }
            push(queue, link);
        });
    }

    /// The first entries in the queue of `key`.
    pub(crate) fn front(&mut self, key: usize) -> Option<Front> {
        let (queue, _) = self.find(key);
        let mut entries = queue.iter();
        let first = entries.next()?;
        let second = entries.next();
        let is_called = first.entry().is_called();
        Some(Front {
            object_type: first.entry().object_type(),
            first: Waiting::of(first),
            second: second.map(Waiting::of),
            next: if is_called { second.unwrap_or(Link::NONE) } else { first },
            is_called,
        })
    }

    /// Removes an entry from the queue of `key`, and tells its owner.
    pub(crate) fn signal(&mut self, key: usize, hold: Hold, claim: Claim) -> Wake {
        self.change(key, |queue| queue.remove(hold.link));
        hold.signal(claim)
    }

    /// Calls the wait of an entry, which is the first in its queue, and leaves it there.
    pub(crate) fn call_in_place(&mut self, hold: Hold) -> Wake {
        hold.signal(Claim::CalledInPlace)
    }

    /// Removes an entry whose group has ended from the queue of `key`.
    pub(super) fn discard_next(&mut self, key: usize, front: Front) {
        self.change(key, |queue| queue.remove(front.next));
        front.next.set_claim(Claim::Ended);
    }

    /// Lets a wait that was called and left in the queue sleep again.
    ///
    /// # Safety
    ///
    /// The entry is linked, in this shard.
    pub(crate) unsafe fn uncall(&mut self, entry: &Entry, service: Service) {
        entry.open(service, self.epoch);
    }

    /// What is woken for an entry.
    ///
    /// # Safety
    ///
    /// The entry is linked, in this shard.
    pub(super) unsafe fn waiter<'a>(&'a mut self, entry: &'a Entry) -> &'a mut Waiter {
        // SAFETY: while the shard is borrowed, nothing else accesses the links.
        entry.links.with_mut(|links| unsafe { &mut (*links).waiter })
    }

    /// Removes an entry whose wait ends by itself.
    ///
    /// # Safety
    ///
    /// The entry is linked, in this shard.
    pub(crate) unsafe fn remove(&mut self, entry: &Entry) -> Removed {
        // SAFETY: as here.
        if unsafe { self.leave_batch(entry) } {
            return Removed::FromBroadcast;
        }
        // SAFETY: a linked entry is alive.
        let link = unsafe { Link::to(entry) };
        let removed = self.change(entry.key(), |queue| {
            let was_first = queue.first == link;
            queue.remove(link);
            Removed::FromQueue { was_first, was_last: queue.is_empty() }
        });
        entry.close();
        removed
    }

    /// Removes an entry if a broadcast has released it. Returns whether it has.
    ///
    /// A broadcast takes a whole queue away without visiting its entries. So an entry is in a batch if its
    /// queue is empty, or if the shard had seen more broadcasts when the queue's first entry came.
    ///
    /// # Safety
    ///
    /// The entry is linked, in this shard.
    pub(super) unsafe fn leave_batch(&mut self, entry: &Entry) -> bool {
        if entry.service() != Service::Broadcast {
            return false;
        }
        let (queue, _) = self.find(entry.key());
        if !queue.is_empty() && queue.first.entry().epoch() <= entry.epoch() {
            return false;
        }
        // SAFETY: a linked entry is alive.
        self.batches.remove(unsafe { Link::to(entry) });
        entry.close();
        true
    }

    /// The number of entries in the queue of `key`.
    pub(crate) fn len(&mut self, key: usize) -> usize {
        self.find(key).0.iter().count()
    }
}
