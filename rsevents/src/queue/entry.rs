//! A wait's place in a queue. It lives on the stack of the thread that waits.

use core::any::TypeId;
use core::marker::PhantomPinned;
use core::pin::Pin;
use std::time::Instant;

use parking_lot_core::ParkResult;

use super::list::Links;
use super::table::{Shard, lock};
use crate::sync::{self, AtomicU8, Ordering, UnsafeCell};

/// A wait for one object, queued or about to be.
///
/// While it is linked, other threads hold pointers to it. So it is pinned, there is never a `&mut` to it,
/// and its owner leaves only when it is not linked.
pub(crate) struct Entry {
    /// The object's address, which names its queue.
    pub(super) key: usize,
    /// The gate that is waited for; none for an event.
    pub(super) gate: Option<AnyGate>,
    /// What is asked of the gate.
    pub(super) request: u32,
    /// Accessed only under the queue's lock, and by the owner while the entry is not linked.
    pub(super) links: UnsafeCell<Links>,
    /// Changes only under the queue's lock.
    pub(super) claim: AtomicClaim,
    _pinned: PhantomPinned,
}

/// A gate, with its rule. For setters, whose own reference may be to a gate that was freed: a wait in the
/// queue keeps this one alive.
#[derive(Clone, Copy)]
pub(crate) struct AnyGate {
    pub(crate) rule: TypeId,
    pub(crate) gate: *const (),
}

/// What a setter has made of a wait.
///
/// | | the entry is linked | next step of the owner |
/// |---|---|---|
/// | `Open` | yes, in its queue or in a batch | sleeps, or leaves at its deadline |
/// | `Called` | by an event: no; by a gate: yes, it is the first one | takes what it was called for or, if another wait was faster, is the first in the queue again |
/// | `Won` | no | returns with success |
///
/// The setter stores it last: after that it does not touch the entry, which may be gone. (One that a gate has called
/// stays until its owner gets the lock.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Claim {
    Open,
    Called,
    Won,
}

/// A [`Claim`] that is shared.
pub(super) struct AtomicClaim(AtomicU8);

impl AtomicClaim {
    fn new(claim: Claim) -> Self {
        Self(AtomicU8::new(claim as u8))
    }

    fn load(&self) -> Claim {
        // Acquire: pairs with the release in `signal`, and so with all that the setter wrote.
        match self.0.load(Ordering::Acquire) {
            open if open == Claim::Open as u8 => Claim::Open,
            called if called == Claim::Called as u8 => Claim::Called,
            _ => Claim::Won,
        }
    }

    /// Tells the owner. Under the lock. If the entry is unlinked, it may be gone when this returns.
    pub(super) fn signal(&self, claim: Claim) {
        // Release: pairs with the acquire in `load`.
        self.0.store(claim as u8, Ordering::Release);
    }

    /// Makes a called entry ready to be signalled again. Under the lock.
    fn reopen(&self) {
        // Relaxed: the lock orders it before the next setter's store.
        self.0.store(Claim::Open as u8, Ordering::Relaxed);
    }
}

/// How a [stay](Entry::stay) has ended.
pub(crate) enum Ended {
    /// The wait was released.
    Won,
    /// It was called. Whether it is still linked: see [`Claim`].
    Called,
    /// Its deadline has passed. It is linked, and nothing can change that while its queue is locked, as here.
    Expired(Shard),
}

/// Wakes the thread of an entry. A number and no pointer: the entry may be gone, and so may its thread.
#[must_use]
pub(crate) struct Wake(usize);

impl Entry {
    /// A wait for an event. `is_callable`: whether sets may call it. If not, they are handed off to it.
    pub(crate) fn new(key: usize, is_callable: bool) -> Self {
        Self::with(key, None, 0, is_callable)
    }

    /// A wait at a gate. `is_callable`: as for an event.
    pub(crate) fn for_gate(gate: AnyGate, request: u32, is_callable: bool) -> Self {
        Self::with(gate.gate.addr(), Some(gate), request, is_callable)
    }

    fn with(key: usize, gate: Option<AnyGate>, request: u32, is_callable: bool) -> Self {
        Self {
            key,
            gate,
            request,
            links: UnsafeCell::new(Links::unlinked(is_callable)),
            claim: AtomicClaim::new(Claim::Open),
            _pinned: PhantomPinned,
        }
    }

    pub(crate) fn claim(&self) -> Claim {
        self.claim.load()
    }

    pub(crate) fn request(&self) -> u32 {
        self.request
    }

    pub(super) fn reopen(&self) {
        self.claim.reopen();
    }

    /// Sleeps until the wait is released or called, or the deadline passes.
    pub(crate) fn stay(self: Pin<&Self>, deadline: Option<Instant>) -> Ended {
        let mut claim = self.sleep(deadline);
        if claim == Claim::Open {
            // The deadline has passed. Under the lock, either a setter has been faster or none can be.
            let shard = lock(self.key);
            claim = self.claim();
            if claim == Claim::Open {
                return Ended::Expired(shard);
            }
        }
        if claim == Claim::Won { Ended::Won } else { Ended::Called }
    }

    /// Sleeps until a setter changes the claim, and returns it, or until the deadline passes: then it is
    /// the claim at that moment. A setter may change an open one until the queue is locked.
    fn sleep(self: Pin<&Self>, deadline: Option<Instant>) -> Claim {
        let Wake(token) = Wake::of(&*self);
        loop {
            let is_open = || self.claim() == Claim::Open;
            let result = sync::park(token, is_open, deadline);
            let claim = self.claim();
            if claim != Claim::Open || result == ParkResult::TimedOut {
                return claim;
            }
            // Woken for an earlier claim: its setter had not made its wake-up yet when the claim was opened
            // again, or when another entry at this address ended.
        }
    }
}

impl Wake {
    /// The address of an entry names its sleeping thread for as long as it lives.
    pub(super) fn of(entry: *const Entry) -> Self {
        Self(entry.addr())
    }

    /// Wakes the thread if it sleeps. To be called without the lock.
    pub(crate) fn wake(self) {
        sync::unpark(self.0);
    }
}
