//! A wait's place in a queue. It lives on the stack of the thread that waits, or in a future.

use core::marker::PhantomPinned;
use core::pin::Pin;
use core::task::Waker;
use std::time::Instant;

use parking_lot_core::ParkResult;

use super::list::{Links, Waiter};
use super::object::{Object, ObjectType, Target};
use super::table::{Shard, lock};
use super::wake::Wake;
use crate::fairness;
use crate::sync::{self, AtomicU8, Ordering, UnsafeCell};

/// A wait for one object, queued or about to be.
///
/// While it is linked, other threads hold pointers to it. So it is pinned, there is never a `&mut` to it that is
/// used, and when it is dropped it leaves the queue.
pub(crate) struct Entry {
    /// The object, whose address names the queue.
    object: *const (),
    object_type: &'static ObjectType,
    /// Accessed only under the queue's lock, and by the owner while the entry is not linked.
    pub(super) links: UnsafeCell<Links>,
    /// As the links.
    number: UnsafeCell<Number>,
    /// Changes only under the queue's lock, but for what the owner does while the entry is not linked.
    pub(super) claim: AtomicClaim,
    _pinned: PhantomPinned,
}

/// What is asked of the object. In an entry that is linked and that a [broadcast](Service::Broadcast) releases: how
/// many broadcasts the shard had seen when it was linked. 56 bits, because that makes an entry 64 bytes.
#[derive(Clone, Copy)]
struct Number([u8; 7]);

impl Number {
    fn new(number: u64) -> Self {
        let [bytes @ .., _] = number.to_le_bytes();
        Self(bytes)
    }

    fn get(self) -> u64 {
        let [a, b, c, d, e, f, g] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, 0])
    }

    /// The lowest 32 bits.
    fn low(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }
}

/// The state of a wait.
///
/// | | the entry is linked | next step of the owner |
/// |---|---|---|
/// | `New` | no | passes, or queues |
/// | `Open` | yes, in its queue or in a batch | sleeps, or leaves |
/// | `Called` | no | takes the set that it was called for or, if another wait was faster, is the first in the queue again |
/// | `CalledInPlace` | yes, it is the first one | takes what it was called for or, if another wait was faster, sleeps on |
/// | `Won` | no | returns with success |
/// | `Ended` | no | none; or `Won`, if the owner has removed it because it passes |
///
/// `Called`, by a set of an event, and `Won` are the last that a setter stores: after that it does not touch the
/// entry, which may be gone. One that a change of a gate's value has called in place stays until its owner gets the
/// lock. In a stale member, a setter that unlinks it stores `Ended`, and a broadcast `Won`, as the last
/// as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Claim {
    New,
    Open,
    Called,
    CalledInPlace,
    Won,
    Ended,
}

/// How setters serve an open wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Service {
    /// When it is the first one it is called, and another wait may be faster. Only a thread that blocks is called.
    Call,
    /// When it is the first one it gets what it asks for.
    HandOff,
    /// The same, and at a gate nothing overtakes it while it is the first one.
    Keep,
    /// It is released with all others in the queue.
    Broadcast,
}

/// A [`Claim`] that is shared, and the [`Service`] of an open one.
pub(super) struct AtomicClaim(AtomicU8);

/// The place of the service in the byte.
const SERVICE: u32 = 4;

impl AtomicClaim {
    fn new() -> Self {
        Self(AtomicU8::new(Claim::New as u8))
    }

    fn load(&self) -> Claim {
        const CLAIMS: [Claim; 6] = [
            Claim::New,
            Claim::Open,
            Claim::Called,
            Claim::CalledInPlace,
            Claim::Won,
            Claim::Ended,
        ];
        // Acquire: pairs with the release in `signal`, and so with all that the setter wrote.
        let byte = self.0.load(Ordering::Acquire);
        CLAIMS[usize::from(byte & ((1 << SERVICE) - 1))]
    }

    /// Whether it is [`Claim::CalledInPlace`]. Under the lock, while the entry is linked.
    fn is_called(&self) -> bool {
        // The lock orders it after the last store.
        sync::load_settled(&self.0) == Claim::CalledInPlace as u8
    }

    /// The service of an open claim. Under the lock.
    fn service(&self) -> Service {
        const SERVICES: [Service; 4] =
            [Service::Call, Service::HandOff, Service::Keep, Service::Broadcast];
        // The lock orders it after the store of an open claim, and before the next one.
        SERVICES[usize::from(sync::load_settled(&self.0) >> SERVICE)]
    }

    /// Tells the owner. Under the lock. If the entry is unlinked, it may be gone when this returns.
    pub(super) fn signal(&self, claim: Claim) {
        // Release: pairs with the acquire in `load`.
        self.0.store(claim as u8, Ordering::Release);
    }

    /// Makes the entry ready to be signalled. Under the lock.
    fn open(&self, service: Service) {
        // Relaxed: the lock orders it before the next setter's store.
        self.0.store(Claim::Open as u8 | (service as u8) << SERVICE, Ordering::Relaxed);
    }

    /// By the owner of an entry that is not linked, or by a setter that lets a wait for all pass.
    fn end(&self) {
        // Relaxed: only the owner uses it from now on. It learns of the setter by the group's claim.
        self.0.store(Claim::Ended as u8, Ordering::Relaxed);
    }
}

/// How a [stay](Entry::stay) ended.
pub(crate) enum StayResult {
    /// The wait was released.
    Won,
    /// It was called. Whether it is still linked: see [`Claim`].
    Called,
    /// Its deadline has passed. It is linked, and nothing can change that while its queue is locked, as here.
    Expired(Shard),
}

impl Entry {
    /// A wait for `target`.
    ///
    /// # Safety
    ///
    /// Until the wait has ended, the object is alive whenever the entry is used or dropped, and while it is linked,
    /// unless the entry was leaked.
    pub(crate) unsafe fn new(target: Target) -> Self {
        let Target { object, object_type, request } = target;
        Self {
            object,
            object_type,
            links: UnsafeCell::new(Links::UNLINKED),
            number: UnsafeCell::new(Number::new(request.into())),
            claim: AtomicClaim::new(),
            _pinned: PhantomPinned,
        }
    }

    /// By the owner of an entry that is not linked. If a broadcast has released it, the request is another.
    pub(super) fn target(&self) -> Target {
        Target { object: self.object, object_type: self.object_type, request: self.request() }
    }

    /// The type of the object.
    pub(super) fn object_type(&self) -> &'static ObjectType {
        self.object_type
    }

    /// The object, for the owner.
    pub(super) fn object(&self) -> &dyn Object {
        // SAFETY: it is of this type, and alive, as `new` demands.
        unsafe { &*self.object_type.cast(self.object) }
    }

    /// The name of the queue.
    pub(super) fn key(&self) -> usize {
        self.object.addr()
    }

    pub(crate) fn claim(&self) -> Claim {
        self.claim.load()
    }

    /// Whether it was called and left in the queue. Under the lock, while it is linked.
    pub(super) fn is_called(&self) -> bool {
        self.claim.is_called()
    }

    /// How setters serve it. Under the lock, while it is open.
    pub(super) fn service(&self) -> Service {
        self.claim.service()
    }

    /// What is asked of the object, if no broadcast releases this wait or it is not linked yet. Under the lock, or
    /// by the owner while it is not linked.
    pub(crate) fn request(&self) -> u32 {
        self.number().low()
    }

    /// How many broadcasts the shard had seen, if one releases this wait. Under the lock.
    pub(super) fn epoch(&self) -> u64 {
        self.number().get()
    }

    fn number(&self) -> Number {
        // SAFETY: nothing else accesses it, see the callers.
        self.number.with_mut(|number| unsafe { *number })
    }

    /// The entry is being linked. Under the lock.
    pub(super) fn open(&self, service: Service, epoch: u64) {
        if service == Service::Broadcast {
            // SAFETY: the lock is held, so nothing else accesses it.
            self.number.with_mut(|number| unsafe { *number = Number::new(epoch) });
        }
        self.claim.open(service);
    }

    /// The wait has passed by itself. It is not linked.
    pub(super) fn win(&self) {
        self.claim.signal(Claim::Won);
    }

    /// The owner has removed the entry, or gives up what it has got.
    pub(super) fn end_keeping_waker(&self) {
        self.claim.end();
    }

    /// The wait has passed, or was given up. It is not linked.
    pub(crate) fn end(&self) {
        // If this panics, the wait has not ended, and hands on what it has got.
        drop(self.take_waker());
        self.claim.end();
    }

    /// By the owner of an entry that is not linked.
    pub(super) fn take_waker(&self) -> Option<Waker> {
        // SAFETY: the entry is not linked, so only its owner accesses the links.
        self.links.with_mut(|links| unsafe { &mut *links }.waiter.take_waker())
    }

    /// By the owner of an entry that is not linked.
    pub(super) fn set_waiter(&self, waiter: Waiter) {
        // SAFETY: the entry is not linked, so only its owner accesses the links.
        self.links.with_mut(|links| unsafe { &mut *links }.waiter = waiter);
    }

    /// Whether it is a member of a group. Under the lock.
    pub(crate) fn is_member(&self) -> bool {
        // SAFETY: the lock is held, so nothing else changes the links.
        self.links.with_mut(|links| !unsafe { &*links }.waiter.group().is_null())
    }

    /// Sleeps until the wait is released or called, or the deadline passes.
    pub(crate) fn stay(self: Pin<&Self>, deadline: Option<Instant>) -> StayResult {
        let mut claim = self.sleep(deadline);
        if claim == Claim::Open {
            // The deadline has passed. Under the lock, either a setter has been faster or none can be.
            let shard = lock(self.key());
            claim = self.claim();
            if claim == Claim::Open {
                return StayResult::Expired(shard);
            }
        }
        if claim == Claim::Won { StayResult::Won } else { StayResult::Called }
    }

    /// Sleeps until a setter changes the claim, and returns it, or until the deadline passes: then it is
    /// the claim at that moment. A setter may change an open one until the queue is locked.
    fn sleep(self: Pin<&Self>, deadline: Option<Instant>) -> Claim {
        sleep(token(&*self), || self.claim(), |claim| claim == Claim::Open, deadline)
    }
}

/// Sleeps while the claim is open, or until the deadline passes. Returns the claim at that moment.
pub(super) fn sleep<C: Copy>(
    token: usize,
    claim: impl Fn() -> C,
    is_open: impl Fn(C) -> bool,
    deadline: Option<Instant>,
) -> C {
    loop {
        let result = fairness::asleep(|| sync::park(token, || is_open(claim()), deadline));
        let claim = claim();
        if !is_open(claim) || result == ParkResult::TimedOut {
            return claim;
        }
        // Woken for an earlier claim: its setter had not made its wake-up yet when the claim was opened
        // again, or when another entry at this address ended.
    }
}

/// The address of an entry names its sleeping thread for as long as it lives.
fn token(entry: *const Entry) -> usize {
    entry.addr()
}

/// Wakes the thread of an entry. Not by a reference: the entry may be gone.
pub(super) fn wake_thread(entry: *const Entry) -> Wake {
    Wake::Thread(token(entry))
}
