//! The steps of a wait for one of several objects. What makes them one wait: see [`group`].

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::task::Waker;
use std::time::Instant;

use super::entry::{Claim, Entry};
use super::few::Few;
use super::group::{self, Group, State};
use super::list::{NewWaiter, Waiter};
use super::object::Target;
use super::progress::Progress;
use super::table::lock;
use super::wake::{self, Wakes};

/// A wait for one of several objects. Pinned, from when it is first linked until it is dropped.
pub(crate) struct AnyOf {
    members: Few<Entry>,
    group: Group,
    progress: Cell<Progress>,
    _pinned: PhantomPinned,
}

impl AnyOf {
    /// A wait for nothing yet.
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            members: Few::new(),
            group: Group::new(),
            progress: Cell::new(Progress::New),
            _pinned: PhantomPinned,
        }
    }

    /// What a wait is for that has no members yet.
    ///
    /// # Safety
    ///
    /// As for [`Entry::new`], for all of the objects.
    #[inline]
    pub(crate) unsafe fn fill(&mut self, targets: impl ExactSizeIterator<Item = Target>) {
        assert!(targets.len() <= State::MOST, "too many objects");
        // SAFETY: as here.
        self.members.fill(targets.map(|target| unsafe { Entry::new(target) }));
    }

    /// How far the wait has come, as its future shows it.
    pub(crate) fn state_name(&self) -> &'static str {
        self.progress.get().name(self.group.is_released())
    }

    /// What the member at this place is for.
    pub(crate) fn target(&self, place: usize) -> Target {
        self.members[place].target()
    }

    /// Checks each object in order, each at an instant of its own, and takes the first that lets a wait pass.
    /// `expires`: whether the limit has passed.
    pub(crate) fn try_pass(&self, expires: bool) -> Option<usize> {
        self.members.iter().position(|member| member.try_pass(expires))
    }

    /// See [`Object::seems_watched`](super::Object::seems_watched).
    pub(crate) fn seems_watched(&self) -> bool {
        self.members.iter().any(|member| member.object().seems_watched())
    }

    /// Begins the wait, or checks whether it has passed. Returns by which object. If it has not passed, whatever
    /// releases it wakes `waker` or, if there is none, the thread that sleeps in [`block`](Self::block).
    ///
    /// # Panics
    ///
    /// If it has completed before.
    #[track_caller]
    pub(crate) fn poll(self: Pin<&Self>, waker: Option<&Waker>) -> Option<usize> {
        match self.progress.get() {
            Progress::Ended => super::has_completed(),
            Progress::New => {
                if let Some(place) = self.try_pass(false) {
                    self.progress.set(Progress::Ended);
                    return Some(place);
                }
                self.link(waker);
            }
            Progress::Begun => self.check(waker),
        }
        let place = self.group.winner()?;
        self.complete(place, waker.is_none());
        Some(place)
    }

    /// Queues at each object, and blocks this thread until one of them lets the wait pass, or the deadline passes.
    /// Returns which. The wait is new.
    pub(crate) fn block(self: Pin<&Self>, deadline: Option<Instant>) -> Option<usize> {
        self.link(None);
        let winner = self.group.sleep(deadline).or_else(|| {
            // A gate may let it pass, although the thread that serves it has not come so far.
            self.pass_or_queue(true);
            self.group.close().err()
        });
        match winner {
            Some(place) => {
                self.complete(place, true);
                Some(place)
            }
            None => self.expire(),
        }
    }

    /// Queues at each object in order, until one lets the wait pass or a setter releases it.
    fn link(self: Pin<&Self>, waker: Option<&Waker>) {
        self.group.open(&self.members, waker.cloned());
        self.progress.set(Progress::Begun);
        self.pass_or_queue(false);
    }

    /// Checks for each object, in order, whether it lets the wait pass by now, and queues where it is not queued yet.
    /// `expires`: whether the limit has passed. Returns whether the wait has passed.
    fn pass_or_queue(self: Pin<&Self>, expires: bool) -> bool {
        self.members.iter().any(|member| match member.claim() {
            // Not only in the first poll: a rule or a waker may have panicked there.
            Claim::New => {
                member.set_waiter(Waiter::Other(&self.group));
                // SAFETY: it is this entry's object. The entry is not linked, and it is pinned with this.
                unsafe { member.object().pass_or_queue(member) }
            }
            _ => member.pass_linked(lock(member.key()), expires).is_none(),
        })
    }

    /// Checks whether one of the objects lets the wait pass by now. If none does, stores the waker.
    fn check(self: Pin<&Self>, waker: Option<&Waker>) {
        if self.pass_or_queue(false) {
            return;
        }
        let Some(first) = self.members.first() else { return };
        let mut waiter = NewWaiter::of(waker);
        loop {
            let Some((shard, mut hold)) = group::hold_own(lock(first.key()), first) else { return };
            if hold.with_waiter(|stored| waiter.store(stored)) {
                return; // lets go, unlocks, and then drops the old one
            }
            drop((hold, shard));
            waiter.clone_waker();
        }
    }

    /// The wait has passed by a member, and returns. The others leave their queues.
    fn complete(self: Pin<&Self>, place: usize, blocks: bool) {
        let mut wakes = Wakes::default();
        self.give_up_but(Some(place), &mut wakes);
        // SAFETY: this is the owner, and no member is linked any more.
        wakes.call(|| drop(unsafe { self.group.take_waker() }));
        // If this or the next line panics, the wait is still there to be handed on.
        wakes.finish();
        self.members[place].complete(blocks);
        self.progress.set(Progress::Ended);
    }

    /// The deadline has passed, and the group is closed. It has passed all the same if a broadcast has released a
    /// member.
    fn expire(self: Pin<&Self>) -> Option<usize> {
        let mut wakes = Wakes::default();
        let released = self.give_up_but(None, &mut wakes);
        self.progress.set(Progress::Ended);
        if let Some(place) = released {
            let member = &self.members[place];
            wakes.call(|| member.object().released(member, true));
        }
        wakes.finish();
        released
    }

    /// All members leave their queues, but for the one that has let the wait pass. Returns the first that was
    /// released before.
    fn give_up_but(&self, winner: Option<usize>, wakes: &mut Wakes) -> Option<usize> {
        let mut released = None;
        for (place, member) in self.members.iter().enumerate() {
            if Some(place) != winner {
                wakes.call(|| {
                    if member.give_up() {
                        released.get_or_insert(place);
                    }
                });
            }
        }
        released
    }

    /// The owner gives the wait up. What it has taken is handed on.
    fn leave(&self) {
        if self.progress.get() != Progress::Begun {
            return;
        }
        let mut wakes = Wakes::default();
        let winner = self.group.close().err();
        self.give_up_but(winner, &mut wakes);
        if let Some(place) = winner {
            wakes.call(|| self.members[place].hand_on());
        }
        // SAFETY: as in `complete`.
        wakes.call(|| drop(unsafe { self.group.take_waker() }));
        wakes.finish();
    }
}

/// As that of an [`Entry`].
impl Drop for AnyOf {
    fn drop(&mut self) {
        wake::in_drop(|| self.leave());
    }
}
