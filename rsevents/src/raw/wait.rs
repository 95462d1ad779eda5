//! How a wait for an event blocks, and how it is queued.

use core::marker::PhantomData;
use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use std::time::Instant;

use super::byte::{self, QUEUED, UNSET};
use super::{AtomicByte, RawEvent};
use crate::deadline::Limit;
use crate::fairness::Overtaken;
use crate::future::Wait;
use crate::queue::{self, Entry, Object, Removed, Service, Shard, StandIn, Target};
use crate::sync::{self, Ordering};
use crate::wait::{self, Blocking, CallsWaits};

/// The number of polls that do not load the byte after one that has found that another wait has barged.
const IDLE_POLLS: u32 = 8;

/// How the waits for a kind of event succeed.
pub(super) trait Kind: 'static {
    /// Whether one set releases all of them. Then they are never called, and leave the event set.
    const IS_SHARED: bool;

    /// What such a wait leaves of the byte when it succeeds, or `None` if it has to queue.
    fn pass(byte: u8) -> Option<u8>;

    /// What a wait leaves whose deadline has passed before it queued. It succeeds if the event is set.
    fn expire_at_once(byte: u8) -> u8;

    /// What such a wait leaves that fails because of another object, or because the event is found unset.
    fn observe(byte: u8) -> u8 {
        byte
    }

    /// Whether a wait succeeds at once.
    fn try_pass(event: &RawEvent) -> bool;

    /// Whether a wait in the queue succeeds by itself. If not, the event is found unset. `expires`: whether its
    /// deadline has passed. Under the lock.
    fn pass_queued(state: &AtomicByte, expires: bool) -> bool;

    /// Makes a set of one that a wait has taken.
    fn hand_on(event: &RawEvent);
}

/// An event whose waits are of this kind, as their entries know it.
#[repr(transparent)]
struct Of<K> {
    event: RawEvent,
    kind: PhantomData<fn() -> K>,
}

/// A wait that blocks.
struct BlockingWait<'a, K> {
    event: &'a RawEvent,
    /// The byte that the first check saw, or `UNSET` for a manual event, where no wait barges.
    seen: u8,
    kind: PhantomData<K>,
}

impl RawEvent {
    /// A future of a wait.
    pub(super) fn wait_async<K: Kind>(&self) -> Wait<'_> {
        // SAFETY: the future borrows the event.
        unsafe { Wait::new(self.target::<K>()) }
    }

    /// What a wait is for.
    pub(super) fn target<K: Kind>(&self) -> Target {
        Target::new(core::ptr::from_ref(self).cast::<Of<K>>(), 1)
    }

    /// Waits for an event that the first check has found unset. `seen`: see [`BlockingWait`]. Returns whether it
    /// succeeded.
    #[cold]
    pub(super) fn wait_for_set<K: Kind>(&self, seen: u8, limit: Limit) -> bool {
        wait::block(&BlockingWait { event: self, seen, kind: PhantomData::<K> }, limit)
    }

    /// Fails without an access if `byte`, which was seen last, lets no such wait pass. Otherwise tries to pass.
    fn try_pass<K: Kind>(&self, byte: u8) -> bool {
        // Acquire: pairs with the release of the set that is taken.
        K::pass(byte).is_some() && self.state.try_acquire(byte, K::pass).is_ok()
    }

    /// The last check of a wait whose limit has passed before it queued.
    fn expire_at_once<K: Kind>(&self) -> bool {
        // Not by a load, which could miss a set that is ordered before it only by the clock.
        // Acquire: pairs with the release of the set that is taken or seen.
        byte::is_set(self.acquire(UNSET, K::expire_at_once))
    }

    /// Passes or links an entry, in one step. Returns whether it has passed.
    ///
    /// # Safety
    ///
    /// As for [`Object::pass_or_queue`].
    unsafe fn pass_or_queue<K: Kind>(&self, entry: &Entry, service: Service) -> bool {
        let Some((mut shard, hold)) = queue::hold_to_link(entry) else { return true };
        let pass_or_queue = |byte| K::pass(byte).unwrap_or(byte | QUEUED);
        // While waits for a manual event are queued, only steps under the lock change that. (Relaxed: the lock
        // orders it.)
        let state = self.state_in(&shard);
        let is_known = K::IS_SHARED && byte::has_queued(sync::load_relaxed(state));
        // Acquire: pairs with the release of the set that is taken. One step takes a set or turns
        // `QUEUED` on, so no set comes between the check and the enqueue.
        let before = if is_known { QUEUED } else { state.acquire(UNSET, pass_or_queue) };
        if K::pass(before).is_some() {
            hold.pass();
            return true;
        }
        // SAFETY: as here. The shard is that of its event, and the byte tells whether there is a queue.
        unsafe { shard.enqueue(entry, service, !byte::has_queued(before)) };
        false
    }
}

impl<K: Kind> Object for Of<K> {
    fn is_shared(&self) -> bool {
        K::IS_SHARED
    }

    fn try_pass(&self, _: u32, expires: bool) -> bool {
        if expires { self.event.expire_at_once::<K>() } else { K::try_pass(&self.event) }
    }

    /// At the deadline of a wait for several, it takes nothing that was offered to another one (contract 220).
    fn pass_queued(&self, shard: &Shard, entry: &Entry, expires: bool) -> bool {
        K::pass_queued(self.event.state_in(shard), expires && !entry.is_member())
    }

    unsafe fn pass_or_queue(&self, entry: &Entry) -> bool {
        let service = if K::IS_SHARED { Service::Broadcast } else { Service::HandOff };
        // SAFETY: as here.
        unsafe { self.event.pass_or_queue::<K>(entry, service) }
    }

    fn removed(&self, shard: Shard, removed: Removed) {
        match removed {
            Removed::FromQueue { was_last, .. } if was_last || !K::IS_SHARED => {
                let state = self.event.state_in(&shard);
                let guess = sync::guess_byte(state, QUEUED | UNSET);
                // Acquires, but need not: a wait that leaves takes no set, and publishes nothing.
                state.acquire(guess, |byte| byte::give_up(byte, was_last));
            }
            _ => {}
        }
        drop(shard);
    }

    fn released(&self, entry: &Entry, blocks: bool) {
        if K::IS_SHARED {
            // SAFETY: only a broadcast releases it. It is not linked any more, and its owner calls this.
            unsafe { queue::wake_others(entry, blocks) };
        }
    }

    fn hand_on(&self, entry: &Entry) {
        self.released(entry, false);
        K::hand_on(&self.event);
    }

    fn seems_watched(&self) -> bool {
        byte::is_watched(sync::load_relaxed(&self.event.state))
    }

    fn watch(&self, stand_in: &StandIn) -> bool {
        // Acquire: pairs with the releases of the sets so far, for those that take them under the lock.
        let byte = self.event.state.swap(byte::WATCHED, Ordering::Acquire);
        stand_in.byte.store(byte, Ordering::Relaxed);
        byte::has_queued(byte)
    }

    fn unwatch(&self, stand_in: &StandIn) {
        let byte = sync::load_relaxed(&stand_in.byte);
        // Relaxed: each set has made its first step on the byte or the mark, and that was a release. This continues its
        // release sequence.
        self.event.state.swap(byte, Ordering::Relaxed);
    }

    fn passes(&self, stand_in: &StandIn, _: u32, blocks: bool) -> bool {
        if blocks {
            K::pass(sync::load_relaxed(&stand_in.byte)).is_some()
        } else {
            byte::is_set(stand_in.byte.acquire(UNSET, K::observe))
        }
    }

    fn take(&self, stand_in: &StandIn, _: u32) {
        // Cannot fail: it passes.
        let _ = stand_in.byte.try_acquire(0, K::pass);
    }
}

impl CallsWaits for RawEvent {
    /// If another wait was faster, it queues again in front.
    fn answer(
        &self,
        entry: Pin<&Entry>,
        deadline: Option<Instant>,
        overtaken: &mut Overtaken,
    ) -> bool {
        // Relaxed: only decides whether to yield.
        overtaken.yield_if_again(deadline, || byte::has_barged(sync::load_relaxed(&self.state)));
        // Acquire, here and below: pairs with the release of the set that is taken.
        if self.state.try_acquire(byte::OFFERED, byte::answer).is_ok() {
            return true;
        }
        let service = if overtaken.once_more() { Service::HandOff } else { Service::Call };
        let mut shard = queue::lock_to_wait(self.key());
        let answer_or_requeue = |byte| byte::answer(byte).unwrap_or(byte::requeue(byte));
        let before = self.state_in(&shard).acquire(byte::BARGED, answer_or_requeue);
        if byte::answer(before).is_some() {
            return true;
        }
        let is_first = !byte::has_queued(before);
        // SAFETY: the setter that called it has unlinked it. It is pinned. The shard is that of its event, and the byte
        // tells whether there is a queue.
        unsafe { shard.enqueue_in_front(&entry, service, is_first) };
        false
    }

    fn leave(&self, mut shard: Shard, entry: Pin<&Entry>) -> bool {
        // SAFETY: it is linked.
        match unsafe { shard.remove(&entry) } {
            Removed::FromQueue { was_last, .. } => self.state_in(&shard).expire(was_last),
            Removed::FromBroadcast => {
                drop(shard);
                entry.complete(true);
                true
            }
        }
    }
}

impl<K: Kind> Blocking for BlockingWait<'_, K> {
    fn expire_at_once(&self) -> bool {
        self.event.expire_at_once::<K>()
    }

    /// Barges if it can, with the byte that the first check has just brought into the cache of this core.
    fn pass_at_once(&self) -> bool {
        self.event.try_pass::<K>(self.seen)
    }

    /// Where a wait cannot barge, the spin ends if others are queued: they came first. Also if the event is
    /// watched: each poll would need the lock.
    fn polls(&self) -> impl FnMut() -> ControlFlow<bool> {
        let BlockingWait { event, seen: mut byte, .. } = *self;
        let mut idle = 0;
        move || {
            // A wait has barged, so its set comes soon, and each load delays that: the setter has to get the
            // cache line back.
            if byte::has_barged(byte) && idle < IDLE_POLLS {
                idle += 1;
                return ControlFlow::Continue(());
            }
            idle = 0;
            // Relaxed: only decides whether to try the exchange, which acquires.
            byte = event.state.load(Ordering::Relaxed);
            if event.try_pass::<K>(byte) {
                ControlFlow::Break(true)
            } else if byte::is_watched(byte) || K::IS_SHARED && byte::has_queued(byte) {
                ControlFlow::Break(false)
            } else {
                ControlFlow::Continue(())
            }
        }
    }

    fn queue(&self, deadline: Option<Instant>) -> bool {
        let event = self.event;
        // SAFETY: `self` borrows the event.
        let entry = pin!(unsafe { Entry::new(event.target::<K>()) });
        let entry = entry.as_ref();
        let service = if K::IS_SHARED { Service::Broadcast } else { Service::Call };
        // SAFETY: it is this event's, it is new, and it is pinned.
        if unsafe { event.pass_or_queue::<K>(&entry, service) } {
            return true;
        }
        wait::stay(event, entry, deadline)
    }
}
