//! How a wait at a gate passes, and how it blocks.

use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use std::time::Instant;

use super::word::{KEPT, QUEUED, Word};
use super::{Gate, Rule};
use crate::deadline::Limit;
use crate::fairness::Overtaken;
use crate::queue::{self, Ended, Entry, Removed, Shard};
use crate::wait::{self, Blocking};

/// A wait at a gate.
struct Wait<'a, R> {
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
        wait::block(&Wait { gate: self, request }, limit)
    }

    /// Passes if a wait may. If not, the word is the error.
    #[inline]
    pub(super) fn pass(&self, request: u32) -> Result<(), Word> {
        if R::SHARED {
            let word = self.load();
            return word.passed::<R>(request).map(drop).ok_or(word);
        }
        self.change(|word| word.passed::<R>(request))
    }

    /// Whether an attempt without queueing passes, a second time if the first one has found `KEPT`.
    #[inline]
    pub(super) fn passed_or_served(&self, attempt: Result<(), Word>, request: u32) -> bool {
        match attempt {
            Ok(()) => true,
            Err(word) => word.has(KEPT) && self.pass_after_serving(word, request),
        }
    }

    /// A second attempt after one that has found `KEPT`. If the value is enough for this request, a change
    /// may not have been served yet: the value is due to the wait in the queue, and this one would fail
    /// although it is still seen. So serves the queue first.
    #[cold]
    fn pass_after_serving(&self, word: Word, request: u32) -> bool {
        if word.taken::<R>(request).is_none() {
            return false;
        }
        Self::serve(self.key(), queue::lock(self.key()), false);
        self.pass(request).is_ok()
    }

    /// The last attempt of a wait whose limit has passed before it queued. Fails by a read-modify-write: a
    /// load could miss a change that is ordered before it only by the clock.
    fn expire_at_once(&self, request: u32) -> bool {
        let attempt = self.pass_or(|word| word.passed::<R>(request), |word| word);
        self.passed_or_served(attempt, request)
    }

    /// Passes if `pass` allows it, and changes the word by `otherwise` if not, in one step. If it has not
    /// passed, the word after it is the error.
    fn pass_or(
        &self,
        pass: impl Fn(Word) -> Option<Word>,
        otherwise: impl Fn(Word) -> Word,
    ) -> Result<(), Word> {
        let mut before = self.guess();
        loop {
            let passed = pass(before);
            let after = passed.unwrap_or_else(|| otherwise(before));
            match self.exchange(before, after) {
                Ok(()) => return passed.map(drop).ok_or(after),
                Err(actual) => before = actual,
            }
        }
    }

    /// The called wait passes if no other was faster. If one was, it sleeps on, as the first in the queue. Returns
    /// whether it has passed.
    fn answer(&self, place: &mut Place<'_, R>, overtaken: &mut Overtaken) -> bool {
        let mut shard = queue::lock(self.key());
        let request = place.entry.request();
        if self.change(|word| word.taken::<R>(request)).is_err() {
            let is_callable = !overtaken.once_more();
            // One step that passes or ends the call, so that no change falls between.
            let (pass, sleep) =
                (|word: Word| word.taken::<R>(request), |word: Word| word.overtaken(is_callable));
            if self.pass_or(pass, sleep).is_err() {
                // SAFETY: it is linked: a gate leaves a called wait in the queue, and then only its own
                // thread removes it.
                unsafe { shard.uncall(&place.entry, is_callable) };
                return false;
            }
        }
        self.leave(shard, place);
        true
    }

    /// A wait leaves whose deadline has passed. Returns whether it passes.
    ///
    /// If it is kept from being overtaken, the value is enough for it only by a change that has not been served, and so has
    /// not returned. Then either answer is right.
    fn expire(&self, shard: Shard, place: &mut Place<'_, R>) -> bool {
        let request = place.entry.request();
        let has_passed = self.pass_or(|word| word.passed::<R>(request), |word| word).is_ok();
        let removed = self.leave(shard, place);
        has_passed || matches!(removed, Removed::FromBroadcast)
    }

    /// Removes a linked wait, and serves the queue: another wait may be first now, and a change may not have been
    /// served yet. (Otherwise, a wait that may not overtake the first one would fail while the value is still seen.)
    fn leave(&self, mut shard: Shard, place: &mut Place<'_, R>) -> Removed {
        let removed = place.unlink(&mut shard);
        Self::serve(self.key(), shard, false);
        removed
    }
}

impl<R: Rule> Blocking for Wait<'_, R> {
    fn expire(&self) -> bool {
        self.gate.expire_at_once(self.request)
    }

    fn polls(&self) -> impl FnMut() -> ControlFlow<bool> {
        || match self.gate.pass(self.request) {
            Ok(()) => ControlFlow::Break(true),
            // Those in the queue came first; if `KEPT` is on, nothing passes before them.
            Err(word) if word.has(if R::SHARED { QUEUED } else { KEPT }) => {
                ControlFlow::Break(false)
            }
            Err(_) => ControlFlow::Continue(()),
        }
    }

    fn queue(&self, deadline: Option<Instant>) -> bool {
        let Wait { gate, request } = *self;
        let is_callable = R::SHARED || !R::keeps(request);
        let entry = pin!(Entry::for_gate(gate.for_entry(), request, is_callable));
        let mut place = Place { gate, entry: entry.as_ref(), is_linked: false };
        {
            let mut shard = queue::lock_to_wait(gate.key());
            // One step passes or turns `QUEUED` on, so no change comes between the check and the enqueue.
            let (pass, queue) =
                (|word: Word| word.passed::<R>(request), |word: Word| word.queued(is_callable));
            let Err(word) = gate.pass_or(pass, queue) else { return true };
            // SAFETY: it is in no queue, it is pinned, and `place` removes it if it is linked when this function
            // ends, also by a panic of the rule.
            unsafe { shard.enqueue(&place.entry) };
            place.is_linked = true;
            // A change may not have been served yet, as in `pass_after_serving`. There may be enough for this
            // wait, too.
            if word.has(KEPT) && R::opens(word.value()) {
                Gate::<R>::serve(gate.key(), shard, false);
            }
        }
        let mut overtaken = Overtaken::NEVER;
        loop {
            match place.entry.stay(deadline) {
                Ended::Won => {
                    place.is_linked = false;
                    break;
                }
                Ended::Called if gate.answer(&mut place, &mut overtaken) => return true,
                Ended::Called => {}
                Ended::Expired(shard) => {
                    if !gate.expire(shard, &mut place) {
                        return false;
                    }
                    break;
                }
            }
        }
        if R::SHARED {
            // SAFETY: the entry is ours, and not linked any more.
            unsafe { queue::wake_others(&place.entry) };
            return true;
        }
        let word = gate.load();
        if word.has(QUEUED) && R::opens(word.value()) {
            // The thread that has let this wait pass may be preempted.
            Gate::<R>::serve(gate.key(), queue::lock(gate.key()), false);
        }
        true
    }
}

/// A wait's place in the queue, which it gives up when it ends.
struct Place<'a, R: Rule> {
    gate: &'a Gate<R>,
    entry: Pin<&'a Entry>,
    is_linked: bool,
}

impl<R: Rule> Place<'_, R> {
    /// Removes the wait. The caller has found under this lock that it is linked: called, expired, or not won.
    fn unlink(&mut self, shard: &mut Shard) -> Removed {
        let key = self.gate.key();
        // SAFETY: it is linked, as the caller says, in this shard.
        let was_first = unsafe { shard.is_first(&self.entry) };
        // SAFETY: as before.
        let removed = unsafe { shard.remove(&self.entry) };
        self.is_linked = false;
        if was_first {
            let next = shard.front(key).map(|front| front.first);
            // Cannot fail: the closure never returns `None`.
            let _ = self.gate.change(|word| Some(word.led_by(next)));
        }
        removed
    }
}

/// Where a function of the rule has panicked.
impl<R: Rule> Drop for Place<'_, R> {
    fn drop(&mut self) {
        if self.is_linked {
            let mut shard = queue::lock(self.gate.key());
            if self.entry.claim() != queue::Claim::Won {
                self.unlink(&mut shard);
            }
        }
    }
}
