//! What a change of a gate's value does for the waits in its queue.

use core::cell::Cell;
use core::ptr;

use super::word::{CALLED, Served, Word};
use super::{Gate, Rule};
use crate::fairness;
use crate::queue::{self, Claim, Front, Shard, Wake, Wakes};

impl<R: Rule> Gate<R> {
    /// The value was changed, and waits were queued before. The gate may be gone now, as a wait that passes
    /// may free it. So this has no reference to it, but its address.
    #[cold]
    pub(super) fn changed(key: usize, before: Word, after: Word, is_one: bool) {
        if !R::opens(after.value()) {
            return;
        }
        let was_overtaken = Self::was_overtaken(before);
        let must_hand_off = was_overtaken && Self::count_or_hand_off();
        if was_overtaken && !must_hand_off && is_one {
            return; // That wait takes the one that was added.
        }
        Self::serve(key, queue::lock(key), must_hand_off);
    }

    /// The called wait was overtaken if the value was not enough for any. It is on its way, and checks again before it
    /// sleeps. (If the gate is watched, its word tells that none was called.)
    pub(super) fn was_overtaken(before: Word) -> bool {
        before.has(CALLED) && !R::opens(before.value())
    }

    /// For a change after the called wait was overtaken: whether the next one has to be served instead. If not, counts
    /// it.
    fn count_or_hand_off() -> bool {
        let must_hand_off = fairness::is_check_due() && fairness::check_hand_off();
        if !must_hand_off {
            fairness::offered_anew();
        }
        must_hand_off
    }

    /// [`Gate::add`], where it has found the gate watched. By now it may not be. Returns the word before.
    #[cold]
    pub(super) fn add_watched(&self, n: u64) -> Word {
        let key = self.key();
        let shard = queue::lock(key);
        // Our last access to the gate: if it is not watched any more, a wait that passes may free it.
        let before = self.word_in(&shard).add(n);
        Self::serve_changed(key, shard, before, Word(before.0.wrapping_add(n)));
        before
    }

    /// [`AtomicWord::exchange`](super::AtomicWord::exchange), where it has found the gate watched. By now it may
    /// not be. Returns whether it has succeeded.
    #[cold]
    pub(super) fn exchange_watched(&self, before: Word, after: Word) -> bool {
        let key = self.key();
        let shard = queue::lock(key);
        // Our last access to the gate, as in `add_watched`.
        let is_exchanged = self.word_in(&shard).exchange(before, after).is_ok();
        if is_exchanged {
            Self::serve_changed(key, shard, before, after);
        }
        is_exchanged
    }

    /// The word was changed under the lock. The gate may be gone now, as in [`changed`](Self::changed).
    fn serve_changed(key: usize, shard: Shard, before: Word, after: Word) {
        if R::opens(after.value()) {
            let must_hand_off = Self::was_overtaken(before) && Self::count_or_hand_off();
            Self::serve(key, shard, must_hand_off);
        }
    }

    /// Serves the queue of a gate that is alive, as a helper.
    #[cold]
    pub(super) fn serve_here(&self) {
        self.serve_locked(queue::lock(self.key()));
    }

    /// The same, where its queue is locked.
    pub(super) fn serve_locked(&self, mut shard: Shard) {
        let front = shard.front(self.key()).filter(|front| front.object_type.is::<Self>());
        if front.is_none() {
            // Only a gate that was moved, after a wait for it was leaked, has bits without a queue.
            return self.replace_first(&shard, None);
        }
        Self::help(self.key(), shard);
    }

    /// Serves the queue after a change.
    pub(super) fn serve(key: usize, shard: Shard, must_hand_off: bool) {
        Self::serve_with(key, shard, must_hand_off, Wakes::default());
    }

    /// Serves the queue as a helper: see [`Wakes::of_helper`].
    pub(super) fn help(key: usize, shard: Shard) {
        Self::serve_with(key, shard, false, Wakes::of_helper());
    }

    /// Serves waits, one after another, until the value is not enough for the next, or for any. One at a time under the
    /// lock, so that a thread which is preempted withholds one wake-up.
    fn serve_with(key: usize, mut shard: Shard, mut must_hand_off: bool, mut wakes: Wakes) {
        if R::SHARED {
            if Self::begin_release(key, &mut shard).is_some() {
                return queue::release_all_with(shard, key, wakes);
            }
            drop(queue::serve_all(shard, key, &mut wakes));
            return wakes.finish();
        }
        loop {
            shard = queue::serve_all(shard, key, &mut wakes);
            let has_removed = Cell::new(false);
            match Self::serve_one(key, shard, must_hand_off, &has_removed) {
                Some((shard, wake, may_serve)) => {
                    queue::serve_all_and_wake(shard, key, wake, &mut wakes);
                    if !may_serve {
                        break;
                    }
                    must_hand_off = false;
                }
                // A stale one may have kept the others from passing, also waits for all.
                None if has_removed.get() => {}
                None => break,
            }
            shard = queue::lock(key);
        }
        wakes.finish();
    }

    /// Turns `QUEUED` off if the gate is shared, has a queue and is open. Then the caller has to release the queue.
    fn begin_release(key: usize, shard: &mut Shard) -> Option<()> {
        let front = shard.front(key)?;
        // SAFETY: the shard is locked, and the caller removes the waits only after the reference was used.
        unsafe { Self::of(key, front) }?.word_in(shard).change(Word::opened::<R>).ok()
    }

    /// Serves one wait, if the value is enough for it, and returns how it is woken, and whether others might pass as
    /// well. `has_removed`: whether the first one was stale, and was removed. Then no other is served: waits for all
    /// come before them.
    fn serve_one(
        key: usize,
        shard: Shard,
        must_hand_off: bool,
        has_removed: &Cell<bool>,
    ) -> Option<(Shard, Wake, bool)> {
        let before_removal = |shard: &Shard, front: Front| {
            // SAFETY: the shard is locked, and the first wait is in it until it is removed after this.
            let gate = unsafe { Self::of(key, front) }?;
            has_removed.set(true);
            gate.replace_first(shard, front.second);
            Some(())
        };
        let relock = || (!has_removed.get()).then(|| queue::lock(key));
        let (mut shard, front, hold) = queue::hold_front(shard, relock, key, before_removal)?;
        let (front, hold) = (front?, hold?);
        // SAFETY: the shard is locked, and the first wait is in it until one is signalled below. The
        // reference is not used from then on.
        let gate = unsafe { Self::of(key, front) }?;
        let mut served = None;
        let serve = |word: Word| {
            let (after, step) = word.served::<R>(front, must_hand_off)?;
            // Here, because a rule may panic: nothing has changed yet.
            served = Some((step, after.may_serve::<R>(front.first)));
            Some(after)
        };
        // Our last access to the gate: the wait may free it.
        gate.word_in(&shard).change(serve).ok()?;
        let (step, may_serve) = served?;
        let wake = match step {
            Served::FirstCalled => shard.call_in_place(hold),
            Served::First | Served::Second => shard.signal(front, hold, Claim::Won),
        };
        if must_hand_off && step == Served::Second {
            fairness::handed_off();
        }
        Some((shard, wake, may_serve))
    }

    /// The gate that these waits are for, which keep it alive while their queue is locked and they are in it.
    ///
    /// If a setter's own gate was freed, they may be for another object at its address. Then it either has
    /// another rule, or is served as its own rule says.
    ///
    /// Not by the pointer of the first wait, nor by the setter's own: both may be of an object that was freed or moved,
    /// if the wait was leaked. But one of them is of the gate that is there.
    ///
    /// # Safety
    ///
    /// While the reference is used, the queue is locked, and the first wait is in it. No wait for a gate that was freed
    /// is in it, unless a reference of the caller's own is to the gate at this address.
    unsafe fn of<'a>(key: usize, front: Front) -> Option<&'a Self> {
        // SAFETY: there is a gate with this rule, as here. The setter has exposed its pointer, and each wait its own.
        front.object_type.is::<Self>().then(|| unsafe { &*ptr::with_exposed_provenance(key) })
    }
}
