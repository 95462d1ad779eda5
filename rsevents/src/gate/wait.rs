//! How a wait at a gate passes, blocks, answers and leaves, and how the gate becomes watched.

use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use std::time::Instant;

use super::word::{KEPT, QUEUED, WATCHED, Word};
use super::{Gate, Rule};
use crate::deadline::Limit;
use crate::fairness::Overtaken;
use crate::queue::{self, Entry, Object, Removed, Service, Shard, StandIn, Target, Waiting};
use crate::sync::Ordering;
use crate::wait::{self, Blocking, CallsWaits};

impl<R: Rule> Gate<R> {
    /// What a wait is for.
    pub(crate) fn target(&self, request: u32) -> Target {
        Target::new(self, request)
    }
}

/// A wait at a gate.
struct BlockingWait<'a, R> {
    gate: &'a Gate<R>,
    request: u32,
}

impl<R: Rule> Gate<R> {
    /// Waits. Returns whether it has passed. `limit` is called only if it does not pass at once.
    #[inline]
    pub(super) fn wait_within(&self, request: u32, limit: impl FnOnce() -> Limit) -> bool {
        self.pass(request).is_ok() || self.block(request, limit())
    }

    #[cold]
    fn block(&self, request: u32, limit: Limit) -> bool {
        wait::block(&BlockingWait { gate: self, request }, limit)
    }

    /// Passes if a wait may. If not, the word is the error.
    #[inline]
    pub(super) fn pass(&self, request: u32) -> Result<(), Word> {
        match self.pass_unwatched(request) {
            Err(word) if R::SHARED && word.has(WATCHED) => {
                let word = self.load_watched();
                word.passed::<R>(request).map(drop).ok_or(word)
            }
            result => result,
        }
    }

    /// The same, but nothing passes while the gate is watched.
    #[inline]
    fn pass_unwatched(&self, request: u32) -> Result<(), Word> {
        let pass = |word: Word| word.passed::<R>(request);
        if R::SHARED {
            let word = self.word.load();
            return pass(word).map(drop).ok_or(word);
        }
        self.word.change(pass)
    }

    /// Whether an attempt without queueing passes, a second time if the first one has found `KEPT` or that the gate is
    /// watched.
    #[inline]
    pub(super) fn passed_or_served(&self, attempt: Result<(), Word>, request: u32) -> bool {
        match attempt {
            Ok(()) => true,
            Err(word) => word.has(KEPT | WATCHED) && self.pass_after_serving(word, request),
        }
    }

    /// If the gate was watched, tries under the lock. Where an attempt has found `KEPT` and the value is enough for
    /// this request, a change may not have been served yet: the value is due to the wait in the queue, and this one
    /// would fail although it is still seen. So serves the queue, and tries once more.
    #[cold]
    fn pass_after_serving(&self, mut word: Word, request: u32) -> bool {
        if word.has(WATCHED) {
            match self.pass_under_lock(request) {
                Ok(()) => return true,
                Err(actual) => word = actual,
            }
        }
        if !word.has(KEPT) || word.taken::<R>(request).is_none() {
            return false;
        }
        self.serve_here();
        self.pass_under_lock(request).is_ok()
    }

    fn pass_under_lock(&self, request: u32) -> Result<(), Word> {
        let pass = |word: Word| word.passed::<R>(request);
        self.word_in(&queue::lock(self.key())).pass_or(pass, |word| word)
    }

    /// The last attempt of a wait whose limit has passed before it queued. Fails by a read-modify-write: a
    /// load could miss a change that is ordered before it only by the clock.
    fn expire_at_once(&self, request: u32) -> bool {
        let attempt = self.word.pass_or(|word| word.passed::<R>(request), |word| word);
        self.passed_or_served(attempt, request)
    }

    /// Passes or links an entry, in one step. Returns whether it has passed. `blocks`: whether its thread is going to
    /// sleep, so that setters may call it.
    ///
    /// # Safety
    ///
    /// As for [`Object::pass_or_queue`].
    pub(super) unsafe fn pass_or_link(&self, entry: &Entry, blocks: bool) -> bool {
        let request = entry.request();
        let service = match blocks {
            _ if R::SHARED => Service::Broadcast,
            _ if R::keeps(request) => Service::Keep,
            true => Service::Call,
            false => Service::HandOff,
        };
        let Some((mut shard, hold)) = queue::hold_to_link(entry) else { return true };
        // One step passes or turns `QUEUED` on, so no change comes between the check and the enqueue.
        let (pass, queue) =
            (|word: Word| word.passed::<R>(request), |word: Word| word.queued(service));
        let Err(before) = self.word_in(&shard).pass_or(pass, queue) else {
            hold.pass();
            return true;
        };
        // SAFETY: as here. The shard is that of its gate, and the word tells whether there is a queue.
        let is_only = unsafe { shard.enqueue(entry, service, !before.has(QUEUED)) };
        if is_only && before.has(QUEUED) {
            // The bits were for a queue that the gate has left behind: it was moved after a wait for it was leaked.
            self.replace_first(&shard, Some(Waiting { request, service }));
        }
        drop(hold);
        // A change may not have been served yet, as in `pass_after_serving`. There may be enough for this
        // wait, too.
        if before.has(KEPT) && R::opens(before.value()) {
            self.serve_locked(shard);
        }
        false
    }
}

impl<R: Rule> Object for Gate<R> {
    fn is_shared(&self) -> bool {
        R::SHARED
    }

    fn try_pass(&self, request: u32, expires: bool) -> bool {
        if expires { self.expire_at_once(request) } else { self.try_take(request) }
    }

    fn pass_queued(&self, shard: &Shard, entry: &Entry, expires: bool) -> bool {
        let word = self.word_in(shard);
        let request = entry.request();
        let pass = |word: Word| {
            // A change that opens a shared gate may not have released the queue yet. The request does not matter there.
            if R::SHARED {
                R::opens(word.value()).then_some(word)
            } else {
                word.passed::<R>(request)
            }
        };
        if expires {
            // By a read-modify-write, as `expire_at_once`.
            word.pass_or(pass, |word| word).is_ok()
        } else if R::SHARED {
            pass(word.load()).is_some()
        } else {
            word.change(pass).is_ok()
        }
    }

    /// As `pass_after_serving`: the value may be due to the first wait, which nothing overtakes, or to one behind it.
    fn serve_due(&self, shard: Shard) -> Option<Shard> {
        let word = self.word_in(&shard).load();
        if !(word.has(KEPT) && R::opens(word.value())) {
            return Some(shard);
        }
        self.serve_locked(shard);
        None
    }

    fn may_be_due(&self, stand_in: &StandIn) -> bool {
        // Asks no rule, which might panic: the wait is linked.
        stand_in.word.load().has(KEPT)
    }

    unsafe fn pass_or_queue(&self, entry: &Entry) -> bool {
        // SAFETY: as here.
        unsafe { self.pass_or_link(entry, false) }
    }

    /// Serves the queue: another wait may be first now, and a change may not have been served yet. (Otherwise, a
    /// wait that may not overtake the first one would fail while the value is still seen.) If the gate is watched,
    /// also when the queue is empty: `KEPT` may have kept waits for all from passing.
    fn removed(&self, mut shard: Shard, removed: Removed) {
        let Removed::FromQueue { was_first, was_last } = removed else { return };
        if was_first {
            let next = shard.front(self.key()).map(|front| front.first);
            self.replace_first(&shard, next);
        }
        if !was_last || shard.is_watched() {
            Self::help(self.key(), shard);
        }
    }

    fn released(&self, entry: &Entry, blocks: bool) {
        if R::SHARED {
            // SAFETY: only a broadcast releases it. It is not linked any more, and its owner calls this.
            return unsafe { queue::wake_others(entry, blocks) };
        }
        let word = self.word.load();
        // The thread that has let this wait pass may be preempted.
        if word.has(WATCHED) || word.has(QUEUED) && R::opens(word.value()) {
            Self::help(self.key(), queue::lock(self.key()));
        }
    }

    fn hand_on(&self, entry: &Entry) {
        if R::SHARED {
            return self.released(entry, false);
        }
        let request = entry.request();
        let put_back = |value| Some(R::hand_on(value, request) & Self::MAX);
        let _ = self.update(put_back);
    }

    fn seems_watched(&self) -> bool {
        self.word.load().has(WATCHED)
    }

    fn watch(&self, stand_in: &StandIn) -> bool {
        // Acquire: pairs with the releases of the changes so far, for those that find the value under the lock.
        let word = self.word.swap(WATCHED, Ordering::Acquire);
        stand_in.word.store(word, Ordering::Relaxed);
        Word(word).has(QUEUED)
    }

    fn unwatch(&self, stand_in: &StandIn) {
        // Release: pairs with the acquire of the waits that pass by a change which was made under the lock.
        self.word.swap(stand_in.word.load().0, Ordering::Release);
    }

    /// A stale wait in the queue keeps nothing from others (contract 218), although `KEPT` is on until it
    /// leaves.
    fn passes(&self, stand_in: &StandIn, request: u32, _: bool) -> bool {
        let word = stand_in.word.load();
        let is_kept = || word.has(KEPT) && queue::is_kept::<Self>(self.key());
        word.taken::<R>(request).is_some() && !is_kept()
    }

    fn take(&self, stand_in: &StandIn, request: u32) {
        // Cannot fail: it passes.
        let _ = stand_in.word.change(|word| word.taken::<R>(request));
    }
}

impl<R: Rule> CallsWaits for Gate<R> {
    /// If another wait was faster, it sleeps on, as the first in the queue.
    fn answer(
        &self,
        entry: Pin<&Entry>,
        deadline: Option<Instant>,
        overtaken: &mut Overtaken,
    ) -> bool {
        overtaken.yield_if_again(deadline, || Self::was_overtaken(self.word.load()));
        let shard = queue::lock(self.key());
        let (mut shard, hold) = queue::hold_own(shard, &entry).expect("it is for this gate alone");
        let request = entry.request();
        if self.word_in(&shard).change(|word| word.taken::<R>(request)).is_err() {
            let service = if overtaken.once_more() { Service::Keep } else { Service::Call };
            // One step that passes or ends the call, so that no change falls between.
            let (pass, sleep) =
                (|word: Word| word.taken::<R>(request), |word: Word| word.overtaken(service));
            if self.word_in(&shard).pass_or(pass, sleep).is_err() {
                // SAFETY: it is linked: a gate leaves a called wait in the queue, and then only its own
                // thread removes it.
                unsafe { shard.uncall(&entry, service) };
                return false;
            }
        }
        entry.leave_and_win(shard, hold);
        true
    }

    fn leave(&self, shard: Shard, entry: Pin<&Entry>) -> bool {
        let Some(mut shard) = entry.pass_linked(shard, true) else {
            entry.complete(true);
            return true;
        };
        // SAFETY: it is linked, as it has not passed.
        let removed = unsafe { shard.remove(&entry) };
        self.removed(shard, removed);
        false
    }
}

impl<R: Rule> Blocking for BlockingWait<'_, R> {
    fn expire_at_once(&self) -> bool {
        self.gate.expire_at_once(self.request)
    }

    fn polls(&self) -> impl FnMut() -> ControlFlow<bool> {
        || match self.gate.pass_unwatched(self.request) {
            Ok(()) => ControlFlow::Break(true),
            // Those in the queue came first; if `KEPT` is on, nothing passes before them. If the gate is watched, each
            // poll would need the lock.
            Err(word) if word.has(WATCHED | if R::SHARED { QUEUED } else { KEPT }) => {
                ControlFlow::Break(false)
            }
            Err(_) => ControlFlow::Continue(()),
        }
    }

    fn queue(&self, deadline: Option<Instant>) -> bool {
        let BlockingWait { gate, request } = *self;
        // SAFETY: `self` borrows the gate.
        let entry = pin!(unsafe { Entry::new(gate.target(request)) });
        let entry = entry.as_ref();
        // SAFETY: it is this gate's, it is new, and it is pinned.
        if unsafe { gate.pass_or_link(&entry, true) } {
            return true;
        }
        wait::stay(gate, entry, deadline)
    }
}
