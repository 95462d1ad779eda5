//! The steps of a wait for all of several objects: those of its owner, and those by which a setter lets it pass.
//! Why they are right, and when setters make them: see [`watch`].

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::Waker;
use core::{mem, ptr};
use std::panic;
use std::time::Instant;

use super::entry::{Entry, Service};
use super::few::Few;
use super::group::{Group, State};
use super::list::{Link, NewWaiter, Waiter};
use super::object::Target;
use super::progress::Progress;
use super::table::{Queues, lock, lock_for, lock_shard, lock_watched};
use super::wake::{self, Wake, Wakes};
use super::watch::{self, StandIn};
use crate::sync::MutexGuard;

/// A wait for all of several objects, each of which is there once (but for [`Ready`](crate::future::Ready), which
/// always lets a wait pass, and which no setter sets). Pinned, from when it is first linked until it is dropped.
pub(crate) struct AllOf {
    /// Linked in the queues of watched objects, all or none.
    members: Few<Entry>,
    /// One for each member.
    stand_ins: Few<StandIn>,
    /// Its claim changes under the lock of watched objects. What its states mean is said at [`State`].
    group: Group,
    progress: Cell<Progress>,
    _pinned: PhantomPinned,
}

/// With which others the wait has passed: none. [`State::Won`] and [`State::Passed`] have this, or the number of a
/// batch, instead of a place.
const ALONE: usize = 0;

/// The lock of watched objects.
type Locked = MutexGuard<'static, Queues>;

impl AllOf {
    /// A wait for nothing yet.
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            members: Few::new(),
            stand_ins: Few::new(),
            group: Group::new(),
            progress: Cell::new(Progress::New),
            _pinned: PhantomPinned,
        }
    }

    /// What a wait is for that has no members yet.
    ///
    /// # Safety
    ///
    /// As for [`Entry::new`], for all of the objects. If this is leaked while it is linked, they must be alive for
    /// ever.
    #[inline]
    pub(crate) unsafe fn fill(&mut self, targets: impl ExactSizeIterator<Item = Target>) {
        self.stand_ins.fill((0..targets.len()).map(|_| StandIn::new()));
        // SAFETY: as here.
        self.members.fill(targets.map(|target| unsafe { Entry::new(target) }));
    }

    /// How far the wait has come, as its future shows it.
    pub(crate) fn state_name(&self) -> &'static str {
        self.progress.get().name(self.group.is_released())
    }

    /// Passes if all objects are set, as seen by a wait that does not block. If not, but changes of them have not been
    /// served yet, serves those and tries once more. The wait is new.
    pub(crate) fn try_pass(self: Pin<&Self>) -> bool {
        self.progress.set(Progress::Ended);
        let attempt = || {
            let mut locked = self.lock_to_link();
            let passes = self.link(&mut locked, false);
            // Asked before it is unlocked: another thread may serve it then, and leave enough for this wait.
            let is_due = !passes && self.is_due(&mut locked);
            self.unlink(&mut locked);
            (passes, is_due)
        };
        let (passes, is_due) = attempt();
        passes
            || is_due && {
                self.serve_due();
                attempt().0
            }
    }

    /// Blocks this thread until the wait succeeds, or the deadline passes. Returns whether it has succeeded. The wait
    /// is new.
    pub(crate) fn block(self: Pin<&Self>, deadline: Option<Instant>) -> bool {
        let passed = self.begin(None) || self.group.sleep(deadline).is_some() || self.expire();
        self.wake_others(2);
        self.progress.set(Progress::Ended);
        passed
    }

    /// Begins the wait, or checks whether it has passed. If not, what lets it pass wakes `waker`.
    ///
    /// # Panics
    ///
    /// If it has completed before.
    #[track_caller]
    pub(crate) fn poll(self: Pin<&Self>, waker: &Waker) -> bool {
        let passed = match self.progress.get() {
            Progress::Ended => super::has_completed(),
            Progress::New => self.begin(Some(waker)),
            Progress::Begun => self.check(waker),
        };
        if passed {
            // If this or the next line panics, the wait is still there to be handed on.
            self.wake_others(1);
            // SAFETY: this is the owner. It has passed, so no member is linked any more.
            drop(unsafe { self.group.take_waker() });
            self.progress.set(Progress::Ended);
        }
        passed
    }

    /// Passes or queues, in one step. Then serves what is due.
    fn begin(self: Pin<&Self>, waker: Option<&Waker>) -> bool {
        self.group.open(&self.members, waker.cloned());
        let mut locked = self.lock_to_link();
        let passes = self.link(&mut locked, true);
        if passes {
            self.leave_and_win(&mut locked);
        }
        self.progress.set(Progress::Begun);
        let is_due = !passes && self.is_due(&mut locked);
        drop(locked);
        passes || (is_due && self.pass_or_lock().is_none())
    }

    /// Whether changes of objects may not have been served yet. Also of one behind the first that is not set: what
    /// is due to other waits there would hide what is left for this one when the last object is set.
    fn is_due(&self, queues: &mut Queues) -> bool {
        self.members.iter().any(|member| Self::may_be_due(queues, member))
    }

    /// Serves those changes. (What is available may be due to other waits. This one must not fail while other threads
    /// still see it.)
    fn serve_due(&self) {
        for member in self.members.iter() {
            drop(member.object().serve_due(lock(member.key())));
        }
    }

    /// Whether the wait, which has begun, has passed or passes now. If not, but changes of its objects have not been
    /// served yet, serves those and checks once more. If it does not pass, it is linked, and the lock is returned.
    fn pass_or_lock(&self) -> Option<Locked> {
        let mut is_served = false;
        loop {
            let mut locked = lock_watched();
            if self.has_passed(&mut locked) || self.pass_linked(&mut locked) {
                return None;
            }
            if is_served || !self.is_due(&mut locked) {
                return Some(locked);
            }
            drop(locked);
            self.serve_due();
            is_served = true;
        }
    }

    /// Stores the waker, unless the wait has passed. Returns whether it has.
    fn check(self: Pin<&Self>, waker: &Waker) -> bool {
        let mut waiter = NewWaiter::of(Some(waker));
        while let Some(locked) = self.pass_or_lock() {
            // SAFETY: the lock of watched objects is held.
            if unsafe { self.group.with_waiter(|stored| waiter.store(stored)) } {
                return false; // unlocks, and then drops the old one
            }
            drop(locked);
            waiter.clone_waker();
        }
        true
    }

    /// The deadline has passed. Returns whether the wait passes all the same.
    fn expire(self: Pin<&Self>) -> bool {
        self.pass_or_lock().is_none_or(|mut locked| {
            self.unlink(&mut locked);
            false
        })
    }

    /// Passes by itself if all objects are set: a thread that serves a gate may not have let this wait pass yet. It
    /// is linked.
    fn pass_linked(&self, queues: &mut Queues) -> bool {
        let passes = self.pass(queues, None, true);
        if passes {
            self.leave_and_win(queues);
        }
        passes
    }

    /// The wait has taken from all objects: all members leave. Until it has ended, it hands that on if a waker panics.
    fn leave_and_win(&self, queues: &mut Queues) {
        self.unlink(queues);
        self.group.pass(ALONE);
    }

    /// See [`Object::may_be_due`](super::Object::may_be_due).
    fn may_be_due(queues: &mut Queues, member: &Entry) -> bool {
        let stand_in = Self::stand_in_for(queues, member.key());
        stand_in.is_some_and(|stand_in| member.object().may_be_due(stand_in))
    }

    fn lock_to_link(&self) -> Locked {
        lock_for(self.members.len().max(1), lock_watched)
    }

    /// Links all members, then passes if it can. Returns whether it has passed. If a rule panics, the members are not
    /// linked.
    fn link(self: Pin<&Self>, queues: &mut Queues, blocks: bool) -> bool {
        for (member, stand_in) in self.members.iter().zip(self.stand_ins.iter()) {
            self.watch(queues, member, stand_in);
        }
        let pass = AssertUnwindSafe(|| self.get_ref().pass(queues, None, blocks));
        panic::catch_unwind(pass).unwrap_or_else(|payload| {
            self.unlink(queues);
            panic::resume_unwind(payload)
        })
    }

    /// Links a member, with a pointer to this in place of a group. If no other wait watches its object, that
    /// becomes watched.
    fn watch(self: Pin<&Self>, queues: &mut Queues, member: &Entry, stand_in: &StandIn) {
        let key = member.key();
        let is_first = queues.find(key).is_empty();
        if is_first {
            let mut shard = lock_shard(key);
            if !member.object().watch(stand_in) {
                shard.discard_leaked(key);
            }
            shard.watched_objects += 1;
        }
        member.set_waiter(Waiter::Other(ptr::from_ref(&*self).cast()));
        // SAFETY: it is not linked, and pinned with this. The queue is empty exactly if the object was not watched.
        unsafe { queues.enqueue(member, Service::HandOff, is_first) };
    }

    /// All members leave. If another wait watches an object, it gets the content of the stand-in. If none does, the
    /// object itself gets it back, and is not watched any more.
    fn unlink(&self, queues: &mut Queues) {
        for (member, stand_in) in self.members.iter().zip(self.stand_ins.iter()) {
            let mut waits = queues.find(member.key()).iter();
            let (first, second) = (waits.next(), waits.next());
            if first.is_some_and(|first| ptr::eq(first.entry(), member)) {
                if let Some(second) = second {
                    Self::stand_in_of(second).copy_from(stand_in);
                } else {
                    let mut shard = lock_shard(member.key());
                    member.object().unwatch(stand_in);
                    shard.watched_objects -= 1;
                }
            }
            // SAFETY: it is linked, in these queues.
            let _ = unsafe { queues.remove(member) };
        }
    }

    /// If all objects are set, takes from them. Returns whether they are. `set`: an object that counts as set, from
    /// which nothing is taken, as its set is just being made.
    fn pass(&self, queues: &mut Queues, set: Option<usize>, blocks: bool) -> bool {
        let passes = self.passes(queues, set, blocks);
        if passes {
            for member in self.members.iter().filter(|member| set != Some(member.key())) {
                if let Some(stand_in) = Self::stand_in_for(queues, member.key()) {
                    member.object().take(stand_in, member.request());
                }
            }
        }
        passes
    }

    /// Whether all objects let the wait pass. If the wait does not block, the first one that does not is found not to
    /// be set.
    fn passes(&self, queues: &mut Queues, set: Option<usize>, blocks: bool) -> bool {
        self.members.iter().filter(|member| set != Some(member.key())).all(|member| {
            let stand_in = Self::stand_in_for(queues, member.key());
            let passes = |stand_in| member.object().passes(stand_in, member.request(), blocks);
            stand_in.is_some_and(passes)
        })
    }

    /// Lets the first wait for an object pass that can. The object counts as set, and nothing is taken from it.
    ///
    /// If a rule panics here, that wait does not pass, and the setter goes on.
    pub(super) fn pass_first(queues: &mut Queues, key: usize) -> Option<Wake> {
        let waits = queues.find(key);
        let all = waits.iter().map(Self::of).find(|&all| {
            // SAFETY: it is linked, and so alive.
            unsafe { &*all }.pass_for_setter(queues, Some(key))
        })?;
        // SAFETY: it is alive until its claim is stored. It is open, and nothing else releases it while its queues
        // are locked.
        Some(unsafe { Self::release(all, ALONE) })
    }

    /// Lets all waits for an object pass that can, in the order in which they began. If there are any, returns the
    /// number of their batch. Then [`next_passed`](Self::next_passed) is to be called for that.
    ///
    /// Panics of rules as in [`pass_first`](Self::pass_first).
    pub(super) fn pass_all(queues: &mut Queues, key: usize) -> Option<usize> {
        let batch = queues.next_batch();
        let mut passed = None;
        let mut next = queues.find(key).first;
        while !next.is_none() {
            // SAFETY: it is linked, and so alive.
            let all = unsafe { &*Self::of(next) };
            // The wait is in this queue once.
            next = next.next();
            if all.pass_for_setter(queues, None) {
                all.group.pass_asleep(batch);
                queues.passed.push_back(all.in_list());
                passed = Some(batch);
            }
        }
        passed
    }

    /// Tells the owner of the next wait of a batch. Returns how it is woken. (Not the next one of any batch: the
    /// wait that was let pass by a set that has returned must not depend on another setter.)
    pub(super) fn next_passed(queues: &mut Queues, batch: usize) -> Option<Wake> {
        let next = queues.passed.iter().find(|&member| {
            // SAFETY: it is in the list, and so alive.
            unsafe { &*Self::of(member) }.group.state() == State::Passed(batch)
        })?;
        queues.passed.remove(next);
        // SAFETY: until now it was in the list, and so it is alive until its claim is stored.
        Some(unsafe { Self::release(Self::of(next), batch) })
    }

    /// Passes if it can, and then all members leave. The owner is told later. `set`: as for [`pass`](Self::pass).
    fn pass_for_setter(&self, queues: &mut Queues, set: Option<usize>) -> bool {
        let passes = AssertUnwindSafe(|| self.pass(queues, set, true));
        let passes = panic::catch_unwind(passes).unwrap_or_else(|payload| {
            mem::forget(payload); // Its destructor must not run under a lock.
            false
        });
        if passes {
            self.unlink(queues);
        }
        passes
    }

    /// Tells the owner of a wait that it has passed, which may free the wait then. Returns how it is woken.
    ///
    /// # Safety
    ///
    /// The lock of watched objects is held. The wait has passed, is in no list, and alive until its claim is stored.
    unsafe fn release(all: *const Self, batch: usize) -> Wake {
        // SAFETY: as here.
        let group = unsafe { &(*all).group };
        // SAFETY: the lock of watched objects is held.
        let wake = unsafe { group.take_wake() };
        // SAFETY: as here. No reference to it is left.
        let group = unsafe { &raw const (*all).group };
        // SAFETY: as here.
        unsafe { Group::win(group, batch) };
        wake
    }

    /// The link by which the wait is in the list of those that have passed: that of its first member, which is not
    /// linked otherwise then. There is one, as a wait without objects passes at once.
    fn in_list(&self) -> Link {
        // SAFETY: it is alive until it leaves that list, and its links are accessed under the lock of watched objects.
        unsafe { Link::to(&self.members[0]) }
    }

    /// Whether the wait has passed. If its owner has not been told yet, it is not told any more.
    fn has_passed(&self, queues: &mut Queues) -> bool {
        if let State::Passed(batch) = self.group.state() {
            queues.passed.remove(self.in_list());
            self.group.pass(batch);
        }
        self.group.winner().is_some()
    }

    /// If others may have passed together with this one, wakes some of them: the setter may be preempted.
    fn wake_others(&self, at_most: usize) {
        if let Some(batch) = self.group.winner().filter(|&batch| batch != ALONE) {
            let mut wakes = Wakes::of_helper();
            watch::wake_passed(batch, at_most, &mut wakes);
            wakes.finish();
        }
    }

    /// What stands in for an object, if it is watched. Not to be used after the first wait for it has left its queue.
    pub(super) fn stand_in_for<'a>(queues: &mut Queues, key: usize) -> Option<&'a StandIn> {
        queues.find(key).iter().next().map(Self::stand_in_of)
    }

    /// The stand-in that belongs to a member.
    fn stand_in_of<'a>(member: Link) -> &'a StandIn {
        // SAFETY: it is linked, and so its wait is alive.
        let all = unsafe { &*Self::of(member) };
        &all.stand_ins[member.place_after(all.members.as_ptr())]
    }

    /// The wait of a member. All entries in the queues of watched objects are members of such waits.
    fn of(member: Link) -> *const Self {
        member.group().cast()
    }

    /// The owner gives the wait up. What it has taken is handed on.
    fn leave(&self) {
        let mut wakes = Wakes::default();
        match self.progress.get() {
            Progress::Ended => return,
            // It has a waker if a rule has panicked when it began.
            Progress::New => {}
            Progress::Begun => self.give_up(&mut wakes),
        }
        // SAFETY: this is the owner, and no member is linked any more.
        wakes.call(|| drop(unsafe { self.group.take_waker() }));
        wakes.finish();
    }

    /// The wait has begun: it leaves its queues or, if it has passed, hands on.
    fn give_up(&self, wakes: &mut Wakes) {
        let mut locked = lock_watched();
        let has_passed = self.has_passed(&mut locked);
        if !has_passed {
            self.unlink(&mut locked);
        }
        drop(locked);
        if has_passed {
            for member in self.members.iter().filter(|member| !member.object().is_shared()) {
                wakes.call(|| member.object().hand_on(member));
            }
            wakes.call(|| self.wake_others(1));
        }
    }
}

/// As that of an [`Entry`].
impl Drop for AllOf {
    fn drop(&mut self) {
        wake::in_drop(|| self.leave());
    }
}
