//! The entries of one queue, in order: a doubly linked list through the entries themselves.

use core::ptr;

use super::broadcast::BatchId;
use super::entry::{Claim, Entry, Wake};

/// A pointer to an entry, or none.
///
/// Its methods are called under the lock of the entry's shard, or by the entry's owner while it is not
/// linked. The functions of this module and its siblings see to that: they are called with the locked shard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Link(*const Entry);

/// What an entry knows of the list that it is in, and what setters have to know of the entry.
pub(super) struct Links {
    /// The entry after this one; none in the last one.
    next: Link,
    /// The entry before this one; the last one in the first one.
    back: Link,
    /// The first entry of the next queue in the same chain of the table. Used in first entries only.
    pub(super) chain: Link,
    /// How many broadcasts the shard had seen when the entry was linked, see `Queues::remove`.
    pub(super) epoch: u64,
    /// The batch of the broadcast that has released the entry, if one has.
    pub(super) batch: BatchId,
    /// Whether setters may call the entry. If not, its wait is released, and not overtaken.
    pub(super) is_callable: bool,
}

impl Links {
    pub(super) const fn unlinked(is_callable: bool) -> Self {
        let (next, back, chain) = (Link::NONE, Link::NONE, Link::NONE);
        Self { next, back, chain, epoch: 0, batch: BatchId::NONE, is_callable }
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
    pub(super) fn signal(self, claim: Claim) -> Wake {
        let wake = Wake::of(self.0);
        // SAFETY: until its claim is stored, the entry is alive. The reference is to an atomic, which other
        // threads may access and free.
        unsafe { &(*self.0).claim }.signal(claim);
        wake
    }

    /// Calls `f` with the links of the entry. `f` accesses the links of no other entry.
    pub(super) fn with<R>(self, f: impl FnOnce(&mut Links) -> R) -> R {
        // SAFETY: no other reference to the links exists. Other threads would need the lock or the ownership, and
        // `f` creates none.
        self.entry().links.with_mut(|links| f(unsafe { &mut *links }))
    }

    fn next(self) -> Link {
        self.with(|links| links.next)
    }

    pub(super) fn back(self) -> Link {
        self.with(|links| links.back)
    }

    pub(super) fn chain(self) -> Link {
        self.with(|links| links.chain)
    }

    pub(super) fn epoch(self) -> u64 {
        self.with(|links| links.epoch)
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

    /// The entries in order.
    pub(super) fn iter(self) -> impl Iterator<Item = Link> {
        let some = |link: Link| Some(link).filter(|link| !link.is_none());
        core::iter::successors(some(self.first), move |entry| some(entry.next()))
    }

    /// Appends `entry`, which is in no list.
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

    /// Removes `entry`, which is neither the first nor the last one of its list.
    pub(super) fn remove_inner(entry: Link) {
        let mut others = Self::EMPTY;
        others.remove(entry);
    }

    /// Removes the first entry.
    pub(super) fn pop_front(&mut self) -> Option<Link> {
        let first = self.first;
        if first.is_none() {
            return None;
        }
        self.remove(first);
        Some(first)
    }
}
