//! The entries of one queue, in order: a doubly linked list through the entries themselves.

use core::task::Waker;
use core::{mem, ptr};

use super::broadcast::BatchId;
use super::entry::{Claim, Entry, wake_thread};
use super::group::Group;
use super::object::ObjectType;
use super::wake::{self, Wake};

/// A pointer to an entry, or none.
///
/// Its methods are called under the lock of the entry's shard, or by the entry's owner while it is not
/// linked. The functions of this module and its siblings see to that: they are called with the locked shard. (The
/// entries of waits for all are in queues under the lock of watched objects.)
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Link(*const Entry);

/// What an entry knows of the list that it is in, and what to wake.
pub(super) struct Links {
    /// The entry after this one; none in the last one.
    next: Link,
    /// The entry before this one; the last one in the first one.
    back: Link,
    /// In the first entry of a queue: the first one of the next queue in the same chain of the table, a [`Link`]. In
    /// one that a broadcast has released: its batch, a [`BatchId`].
    other: *const (),
    pub(super) waiter: Waiter,
}

/// What is woken when a wait is released.
pub(super) enum Waiter {
    Task(Waker),
    /// If the pointer is null, the thread that sleeps with the entry's address. Otherwise the entry is a member of
    /// this group, and the group is released. In the queues of watched objects, the pointer is to an
    /// [`AllOf`](super::AllOf) instead.
    // Not three variants: those would take 24 bytes.
    Other(*const Group),
}

impl Waiter {
    pub(super) const THREAD: Self = Self::Other(ptr::null());

    /// A thread, if there is no waker.
    pub(super) fn of(waker: Option<Waker>) -> Self {
        waker.map_or(Self::THREAD, Self::Task)
    }

    /// Leaves a thread, if there is a task.
    pub(super) fn take_waker(&mut self) -> Option<Waker> {
        match self {
            Self::Other(_) => None,
            Self::Task(_) => match mem::replace(self, Self::THREAD) {
                Self::Task(waker) => Some(waker),
                Self::Other(_) => None,
            },
        }
    }

    /// The group, or null.
    pub(super) const fn group(&self) -> *const Group {
        match self {
            Self::Task(_) => ptr::null(),
            Self::Other(group) => *group,
        }
    }
}

impl Links {
    pub(super) const UNLINKED: Self =
        Self { next: Link::NONE, back: Link::NONE, other: ptr::null(), waiter: Waiter::THREAD };
}

/// What a poll wants to be woken. Stored in place of what an earlier one has stored. The waker is cloned, and the
/// old one dropped, without a lock.
pub(super) struct NewWaiter<'w> {
    waker: Option<&'w Waker>,
    clone: Waiter,
}

impl<'w> NewWaiter<'w> {
    pub(super) const fn of(waker: Option<&'w Waker>) -> Self {
        Self { waker, clone: Waiter::THREAD }
    }

    /// Returns whether it is stored now. If not, the waker has to be cloned first. Under the lock; this has to live
    /// longer.
    pub(super) fn store(&mut self, stored: &mut Waiter) -> bool {
        let is_stored = match (&*stored, self.waker) {
            (Waiter::Task(stored), Some(waker)) => stored.will_wake(waker),
            (Waiter::Other(_), None) => true,
            _ => false,
        };
        let has_clone = self.waker.is_none() || matches!(self.clone, Waiter::Task(_));
        if !is_stored && has_clone {
            mem::swap(stored, &mut self.clone);
        }
        is_stored || has_clone
    }

    pub(super) fn clone_waker(&mut self) {
        self.clone = Waiter::of(self.waker.cloned());
    }
}

/// Where a rule has panicked, too.
impl Drop for NewWaiter<'_> {
    #[inline]
    fn drop(&mut self) {
        wake::drop_waker(self.clone.take_waker());
    }
}

impl Link {
    pub(super) const NONE: Self = Self(ptr::null());

    /// # Safety
    ///
    /// While the link or a copy of it is in a list, or passed to a function of this module or its siblings, the
    /// entry is alive and in place, and its links are accessed only as the documentation of the type says.
    pub(super) unsafe fn to(entry: &Entry) -> Self {
        Self(entry)
    }

    pub(super) fn is_none(self) -> bool {
        self.0.is_null()
    }

    /// The entry. The reference must not be used longer than the link.
    pub(super) fn entry<'a>(self) -> &'a Entry {
        // SAFETY: the link is not none, and the entry is alive, as `to` demands.
        unsafe { &*self.0 }
    }

    /// Stores the claim of the entry. If it is unlinked, its owner may end its wait then. So not by a
    /// reference to the entry, which would outlive it here.
    #[inline]
    pub(super) fn signal(self, claim: Claim) -> Wake {
        let wake = match self.with(|links| links.waiter.take_waker()) {
            Some(waker) => Wake::Task(waker),
            None => wake_thread(self.0),
        };
        self.set_claim(claim);
        wake
    }

    /// The last access to the entry, if that is unlinked.
    pub(super) fn set_claim(self, claim: Claim) {
        // SAFETY: until its claim is stored, the entry is alive. The reference is to an atomic, which other
        // threads may access and free.
        unsafe { &(*self.0).claim }.signal(claim);
    }

    /// The place of a member among those of its group, of which `first` is the first one.
    pub(super) fn place_after(self, first: *const Entry) -> usize {
        (self.0.addr() - first.addr()) / size_of::<Entry>()
    }

    /// Calls `f` with the links of the entry. `f` accesses the links of no other entry.
    pub(super) fn with<R>(self, f: impl FnOnce(&mut Links) -> R) -> R {
        // SAFETY: no other reference to the links exists. Other threads would need the lock or the ownership, and
        // `f` creates none.
        self.entry().links.with_mut(|links| f(unsafe { &mut *links }))
    }

    pub(super) fn next(self) -> Link {
        self.with(|links| links.next)
    }

    pub(super) fn back(self) -> Link {
        self.with(|links| links.back)
    }

    /// Whether a task waits for this object only.
    pub(super) fn has_waker(self) -> bool {
        self.with(|links| matches!(links.waiter, Waiter::Task(_)))
    }

    /// The group of a member, or null. In the queues of watched objects: see [`Waiter::Other`].
    pub(super) fn group(self) -> *const Group {
        self.with(|links| links.waiter.group())
    }

    /// The first entry of the next queue. This is the first entry of a queue.
    pub(super) fn chain(self) -> Link {
        Self(self.with(|links| links.other).cast())
    }

    pub(super) fn set_chain(self, Self(next): Self) {
        self.with(|links| links.other = next.cast());
    }

    /// The batch of the broadcast that has released the entry.
    pub(super) fn batch(self) -> BatchId {
        BatchId::from_link(self.with(|links| links.other))
    }

    pub(super) fn set_batch(self, batch: BatchId) {
        self.with(|links| links.other = batch.to_link());
    }
}

/// A list of entries.
///
/// Invariants between calls:
/// * following `next` from `first` visits each entry once and ends with none;
/// * `back` of an entry is the one visited before it; `back` of `first` is the last one;
/// * no entry in it is in another list.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) first: Link,
}

impl List {
    pub(super) const EMPTY: Self = Self { first: Link::NONE };

    pub(super) fn is_empty(self) -> bool {
        self.first.is_none()
    }

    /// Whether it is empty, or its entries are for objects of this type.
    pub(super) fn is_of(self, object_type: &ObjectType) -> bool {
        self.is_empty() || self.first.entry().object_type().is_same(object_type)
    }

    /// Whether it has entries, and the first one had not seen more broadcasts than `entry` when it was linked.
    pub(super) fn begins_before(self, entry: &Entry) -> bool {
        !self.is_empty() && self.first.entry().epoch() <= entry.epoch()
    }

    /// The entries in order.
    pub(super) fn iter(self) -> impl Iterator<Item = Link> {
        let some = |link: Link| Some(link).filter(|link| !link.is_none());
        core::iter::successors(some(self.first), move |entry| some(entry.next()))
    }

    /// Appends `entry`, which is in no list.
    #[inline]
    pub(super) fn push_back(&mut self, entry: Link) {
        if self.is_empty() {
            return self.push_front(entry);
        }
        let last = self.first.back();
        entry.with(|links| (links.next, links.back) = (Link::NONE, last));
        last.with(|links| links.next = entry);
        self.first.with(|links| links.back = entry);
    }

    /// Puts `entry`, which is in no list, before all others.
    #[inline]
    pub(super) fn push_front(&mut self, entry: Link) {
        let next = self.first;
        let last = if next.is_none() { entry } else { next.back() };
        entry.with(|links| (links.next, links.back) = (next, last));
        if !next.is_none() {
            next.with(|links| links.back = entry);
        }
        self.first = entry;
    }

    /// Removes `entry`, which is in this list.
    pub(super) fn remove(&mut self, entry: Link) {
        let (next, back) = entry.with(|links| (links.next, links.back));
        if entry == self.first {
            self.first = next;
        } else {
            back.with(|links| links.next = next);
        }
        // The last entry was the back of the first one.
        let after = if next.is_none() { self.first } else { next };
        if !after.is_none() {
            after.with(|links| links.back = back);
        }
    }
}
