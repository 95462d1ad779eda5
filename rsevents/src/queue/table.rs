//! Finds the queue of an object by its address.
//!
//! The table is divided into shards, each with a lock of its own. A shard has chains of queues, and a queue is
//! linked into its chain by its first entry, so that nothing is allocated for a queue. Only the array of
//! chains is, where many objects are waited for at once: it grows and shrinks when a wait is about to be
//! queued, never in a set. It is allocated and freed without the lock.

use core::ops::{Deref, DerefMut};
use core::{mem, slice};

use super::broadcast::{BatchId, Batches};
use super::entry::{Claim, Entry, Service};
use super::group::{Attempt, Hold, State};
use super::list::{Link, List, Waiter};
use super::object::{Object, ObjectType};
use super::wake::Wake;
use super::watch::{self, StandIn, Watched};
use crate::sync::{self, Mutex, MutexGuard, array, const_fn, static_ref};

/// Queues per chain, above which there are more chains.
const FULL: usize = 2;
/// Chains per queue, above which there are fewer.
const SPARSE: usize = 8;
/// The number of bits of a hash that select the shard.
const SHARD_BITS: u32 = sync::SHARDS.ilog2();

static_ref! {
    static TABLE: Table = Table::new();
}

struct Table {
    shards: [Cell; sync::SHARDS],
    /// The queues of waits for all: one for each watched object. Its lock is the lock of watched objects.
    watched: Cell,
}

/// A shard, or what is guarded by the lock of watched objects, on cache lines of its own.
#[repr(align(64))]
struct Cell(Mutex<Queues>);

impl Table {
    const_fn! {
        const fn new() -> Self {
            Self {
                shards: array![Cell(Mutex::new(Queues::EMPTY)); sync::SHARDS],
                watched: Cell(Mutex::new(Queues::EMPTY)),
            }
        }
    }
}

/// What the lock of a shard guards, and that of watched objects.
pub(crate) struct Queues {
    /// The only chain, unless there are `chains`. The entries in a chain are the first ones of their queues.
    chain: Link,
    /// A power of two in number, or none.
    chains: Vec<Link>,
    /// How many queues there are. None is empty.
    queues: usize,
    /// How many broadcasts there were. In the queues of watched objects: steps that may let several waits pass.
    epoch: u64,
    /// Those that have threads to wake.
    pub(super) batches: Batches,
    /// Of a shard: how many of its objects are watched. Changes only while the lock of watched objects is held as well.
    pub(super) watched_objects: usize,
    /// Of the queues of watched objects: waits for all that have passed together, and are still to be woken. Each
    /// by one of its entries.
    pub(super) passed: List,
    /// Of a shard that is locked for a watched object: the lock of watched objects, which that thread has, too.
    locked: Option<Watched>,
}

// SAFETY: its pointers are to entries and batches, whose owners remove them under the lock before they go. Entries
// point to objects, each of which is `Sync`, and hold wakers, which are `Send`. `locked` is `None` whenever the lock is
// free.
unsafe impl Send for Queues {}

/// A queue, which may be empty, and where it is. Until it changes or the table does.
#[derive(Clone, Copy)]
pub(super) struct Found {
    queue: List,
    /// The number of its chain.
    chain: usize,
    /// The first entry of the queue before it in the chain, if there is one.
    before: Link,
}

impl Found {
    /// Where a chain begins.
    pub(super) const fn begin(chain: usize) -> Self {
        Self { queue: List::EMPTY, chain, before: Link::NONE }
    }
}

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
    /// The queue, when this was made.
    pub(super) found: Found,
}

impl Front {
    /// Tries to hold the wait that is served next. Returns `None` if the first one was called, and there is no
    /// other. The queue must not have changed.
    #[inline]
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
    #[inline]
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

/// A locked shard, for one object. If that is watched, the lock of watched objects is held, too.
pub(crate) struct Shard(MutexGuard<'static, Queues>);

impl Shard {
    /// The object is not watched.
    pub(super) fn new(queues: MutexGuard<'static, Queues>) -> Self {
        Self(queues)
    }

    pub(super) fn of_watched(mut queues: MutexGuard<'static, Queues>, watched: Watched) -> Self {
        queues.locked = Some(watched);
        Self(queues)
    }

    /// What stands in for the byte or the word of the object, if that is watched.
    #[inline]
    pub(crate) fn stand_in(&self) -> Option<&StandIn> {
        self.0.locked.as_ref().map(Watched::stand_in)
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.0.locked.is_some()
    }

    /// Unlocks the queue, and keeps the lock of watched objects. The object is watched.
    pub(super) fn into_watched(mut self) -> Watched {
        self.0.locked.take().expect("the object is watched")
    }
}

impl Drop for Shard {
    #[inline]
    fn drop(&mut self) {
        if self.is_watched() {
            unlock_watched(self);
        }
    }
}

#[cold]
fn unlock_watched(queues: &mut Queues) {
    queues.locked = None;
}

impl Deref for Shard {
    type Target = Queues;

    fn deref(&self) -> &Queues {
        &self.0
    }
}

impl DerefMut for Shard {
    fn deref_mut(&mut self) -> &mut Queues {
        &mut self.0
    }
}

/// The number of the shard that has the queue of an object.
pub(super) fn shard_of(key: usize) -> usize {
    below(sync::SHARDS, sync::hash(key))
}

/// A number below `limit`, by the highest bits of a hash: it distributes keys well by these only.
fn below(limit: usize, hash: u64) -> usize {
    (((hash >> 32) * limit as u64) >> 32) as usize
}

/// Locks the queue of an object. If that is watched, takes the lock of watched objects first.
pub(crate) fn lock(key: usize) -> Shard {
    let queues = lock_shard(key);
    if queues.watched_objects == 0 { Shard::new(queues) } else { watch::lock(queues, key) }
}

/// Locks only the shard of an object.
pub(super) fn lock_shard(key: usize) -> MutexGuard<'static, Queues> {
    TABLE.shards[shard_of(key)].lock()
}

/// Whether the first wait for a gate of this type that is not stale keeps it. Under the lock of watched objects.
pub(crate) fn is_kept<T: Object>(key: usize) -> bool {
    let mut queues = lock_shard(key);
    let queue = queues.find(key);
    let first = queue.iter().find(|&link| !Hold::is_stale(link)).map(Link::entry);
    first.is_some_and(|first| first.object_type().is::<T>() && first.service() == Service::Keep)
}

/// The lock of watched objects, and the queues of waits for all. To be locked before a shard.
pub(super) fn lock_watched() -> MutexGuard<'static, Queues> {
    TABLE.watched.lock()
}

impl Cell {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        // A panic under a lock comes from a gate's rule or from a test. No change of a queue is half made then.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Locks the queue of an object, in order to link an entry.
#[inline]
pub(crate) fn lock_to_wait(key: usize) -> Shard {
    lock_for(1, || lock(key))
}

/// Locks queues by `lock`, to link entries of up to `more` objects that have no queue yet.
#[inline]
pub(super) fn lock_for<L: DerefMut<Target = Queues>>(more: usize, lock: impl Fn() -> L) -> L {
    loop {
        let queues = lock();
        let Some(number) = queues.better_size(more) else { return queues };
        resize(queues, number, more, &lock);
    }
}

/// Allocates and frees without the lock.
#[cold]
fn resize<L: DerefMut<Target = Queues>>(
    queues: L,
    number: usize,
    more: usize,
    lock: impl Fn() -> L,
) {
    drop(queues);
    let mut chains = vec![Link::NONE; number];
    let mut queues = lock();
    if queues.better_size(more) == Some(number) {
        queues.rehash(&mut chains);
    }
    drop(queues);
}

impl Queues {
    const EMPTY: Self = Self {
        chain: Link::NONE,
        chains: Vec::new(),
        queues: 0,
        epoch: 0,
        batches: Batches::NONE,
        watched_objects: 0,
        passed: List::EMPTY,
        locked: None,
    };

    /// The number of chains that there should be, if there should be more or fewer. `more`: how many queues may come.
    #[inline]
    fn better_size(&self, more: usize) -> Option<usize> {
        let (chains, queues) = (self.chains.len(), self.queues + more - 1);
        let is_right = queues <= FULL * chains.max(1) && chains <= SPARSE * (queues + 1);
        (!is_right).then(|| queues.next_power_of_two())
    }

    /// Takes other chains, which are empty, and leaves the old ones.
    fn rehash(&mut self, chains: &mut Vec<Link>) {
        mem::swap(&mut self.chains, chains);
        let old = mem::replace(&mut self.chain, Link::NONE);
        self.queues = 0;
        for mut first in chains.iter().copied().chain([old]) {
            while !first.is_none() {
                let next = first.chain();
                let chain = self.chain(first.entry().key());
                self.relink(Found::begin(chain), first);
                first = next;
            }
        }
    }

    /// All chains: at least one.
    #[inline]
    fn chains(&mut self) -> &mut [Link] {
        if self.chains.is_empty() { slice::from_mut(&mut self.chain) } else { &mut self.chains }
    }

    /// Which of the chains has the queue of `key`.
    #[inline]
    fn chain(&self, key: usize) -> usize {
        match self.chains.len() {
            0 => 0,
            chains => below(chains, sync::hash(key) << SHARD_BITS),
        }
    }

    /// The queue of `key`, and where it is.
    #[inline]
    fn found(&mut self, key: usize) -> Found {
        let mut found = Found::begin(self.chain(key));
        let mut first = self.chains()[found.chain];
        while !first.is_none() && first.entry().key() != key {
            (first, found.before) = (first.chain(), first);
        }
        found.queue = List { first };
        found
    }

    /// The queue of `key`.
    #[inline]
    pub(super) fn find(&mut self, key: usize) -> List {
        self.found(key).queue
    }

    /// Changes a queue.
    #[inline]
    fn change<R>(&mut self, found: Found, change: impl FnOnce(&mut List) -> R) -> R {
        let mut queue = found.queue;
        let result = change(&mut queue);
        if queue.first != found.queue.first {
            self.relink(found, queue.first);
        }
        result
    }

    /// The first entry of a queue is `new` now.
    #[inline]
    fn relink(&mut self, Found { queue, chain, before }: Found, new: Link) {
        let old = queue.first;
        if old.is_none() {
            let first = &mut self.chains()[chain];
            new.set_chain(mem::replace(first, new));
            self.queues += 1;
            return;
        }
        let next = old.chain();
        let linked = if new.is_none() {
            self.queues -= 1;
            next
        } else {
            new.set_chain(next);
            new
        };
        if before.is_none() {
            self.chains()[chain] = linked;
        } else {
            before.set_chain(linked);
        }
    }

    /// A number for waits for all that pass together, above zero. (It wraps after about 2³⁰ batches. If two batches
    /// have the same number, their setters may wake each other's waits.)
    pub(super) fn next_batch(&mut self) -> usize {
        self.epoch += 1;
        1 + self.epoch as usize % (State::MOST - 1)
    }

    /// Takes the whole queue of `key` for a broadcast.
    pub(super) fn splice(&mut self, key: usize) -> List {
        self.epoch += 1;
        let found = self.found(key);
        self.change(found, |queue| mem::replace(queue, List::EMPTY))
    }

    /// Appends `entry` to the queue of its object. `is_first`: whether the object says that it has no queue. If there
    /// is one all the same, or one of another type of objects, it is of an earlier object at this address, and its
    /// entries are in futures that were leaked. They are removed.
    ///
    /// So all entries of a queue are of one type, and served alike. (Leaked ones of an earlier object of the same
    /// type may stay, if the object was moved here after a wait for it was leaked, too. They are served as the
    /// others, and sets that they get are lost.)
    ///
    /// Returns whether the entry is the only one. An object that was moved, after a wait for it was leaked, may say that
    /// it has a queue although there is none.
    ///
    /// # Safety
    ///
    /// The entry is not linked, and stays in place until it is dropped. It is of these queues. `is_first` is right.
    pub(crate) unsafe fn enqueue(
        &mut self,
        entry: &Entry,
        service: Service,
        is_first: bool,
    ) -> bool {
        // SAFETY: as here.
        unsafe { self.link(entry, service, is_first, List::push_back) }
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

    /// An object that has no queue becomes watched: from now on, each set of it takes the lock and serves the
    /// queue. If there is one all the same, it is of an earlier object, as in [`enqueue`](Self::enqueue).
    pub(super) fn discard_leaked(&mut self, key: usize) {
        let found = self.found(key);
        self.change(found, |queue| *queue = List::EMPTY);
    }

    /// Returns as [`enqueue`](Self::enqueue).
    ///
    /// # Safety
    ///
    /// As for [`enqueue`](Self::enqueue).
    #[inline]
    unsafe fn link(
        &mut self,
        entry: &Entry,
        service: Service,
        is_first: bool,
        push: impl FnOnce(&mut List, Link),
    ) -> bool {
        // SAFETY: as here. The entry leaves when it is dropped.
        let link = unsafe { Link::to(entry) };
        entry.open(service, self.epoch);
        let found = self.found(entry.key());
        self.change(found, |queue| {
            if is_first || !queue.is_of(entry.object_type()) {
                *queue = List::EMPTY;
            }
            let is_only = queue.is_empty();
            push(queue, link);
            is_only
        })
    }

    /// The first entries in the queue of `key`.
    #[inline]
    pub(crate) fn front(&mut self, key: usize) -> Option<Front> {
        let found = self.found(key);
        let mut entries = found.queue.iter();
        let first = entries.next()?;
        let second = entries.next();
        let is_called = first.entry().is_called();
        Some(Front {
            object_type: first.entry().object_type(),
            first: Waiting::of(first),
            second: second.map(Waiting::of),
            next: if is_called { second.unwrap_or(Link::NONE) } else { first },
            is_called,
            found,
        })
    }

    /// Removes an entry from a queue, which has not changed since `front` was taken, and tells its owner.
    #[inline]
    pub(crate) fn signal(&mut self, front: Front, hold: Hold, claim: Claim) -> Wake {
        self.change(front.found, |queue| queue.remove(hold.link));
        hold.signal(claim)
    }

    /// Calls the wait of an entry, which is the first in its queue, and leaves it there.
    pub(crate) fn call_in_place(&mut self, hold: Hold) -> Wake {
        hold.signal(Claim::CalledInPlace)
    }

    /// Removes the entry that would be served next from a queue, which has not changed: it is stale.
    pub(super) fn discard_next(&mut self, front: Front) {
        self.change(front.found, |queue| queue.remove(front.next));
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
        let found = self.found(entry.key());
        let removed = self.change(found, |queue| {
            let was_first = queue.first == link;
            queue.remove(link);
            Removed::FromQueue { was_first, was_last: queue.is_empty() }
        });
        // It may have been the first one, with a link of the chain.
        link.set_batch(BatchId::NONE);
        entry.end_keeping_waker();
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
        if self.find(entry.key()).begins_before(entry) {
            return false;
        }
        // SAFETY: a linked entry is alive.
        self.batches.remove(unsafe { Link::to(entry) });
        entry.end_keeping_waker();
        true
    }

    /// The number of entries in the queue of `key`.
    pub(crate) fn len(&mut self, key: usize) -> usize {
        self.find(key).iter().count()
    }
}
