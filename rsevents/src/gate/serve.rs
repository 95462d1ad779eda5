//! What a change of a gate's value does for the waits in its queue.

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
        // The called wait was overtaken if the value was not enough for any. It is on its way, and looks
        // again before it sleeps.
        let was_overtaken = before.has(CALLED) && !R::opens(before.value());
        let must_hand_off = was_overtaken && fairness::must_hand_off();
        if must_hand_off {
            fairness::handed_off();
        } else if was_overtaken {
            fairness::offered_anew();
            if is_one {
                return; // What has come is no more than that wait looks for.
            }
        }
        Self::serve(key, queue::lock(key), must_hand_off);
    }

    /// Serves the queue of a gate that is alive.
    #[cold]
    pub(super) fn serve_here(&self) {
        let mut shard = queue::lock(self.key());
        let front = shard.front(self.key()).filter(|front| front.object_type.is::<Self>());
        if front.is_none() {
            // Only a gate that was moved, after a wait for it was leaked, has bits without a queue.
            // Cannot fail: the closure never returns `None`.
            let _ = self.change(|word| Some(word.led_by(None)));
            return;
        }
        Self::serve(self.key(), shard, false);
    }

    /// Serves waits, one after another, until the value is not enough for the next. One at a time under the lock, so
    /// that a thread which is preempted withholds one wake-up.
    pub(super) fn serve(key: usize, mut shard: Shard, mut must_hand_off: bool) {
        if R::SHARED {
            if Self::begin_release(key, &mut shard).is_some() {
                queue::release_all(shard, key);
            }
            return;
        }
        let mut wakes = Wakes::default();
        while let Some(wake) = Self::serve_one(key, shard, must_hand_off) {
            wakes.wake(wake);
            must_hand_off = false;
            shard = queue::lock(key);
        }
        wakes.finish();
    }

    /// Turns `QUEUED` off if the gate is shared, has a queue and is open. Then the caller has to release the queue.
    fn begin_release(key: usize, shard: &mut Shard) -> Option<()> {
        let front = shard.front(key)?;
        // SAFETY: the shard is locked, and the caller removes the waits only after the reference was used.
        unsafe { Self::of(key, front) }?.change(Word::opened::<R>).ok()
    }

    fn serve_one(key: usize, shard: Shard, must_hand_off: bool) -> Option<Wake> {
        let leads = |front: Front| {
            // SAFETY: the shard is locked, and the first wait is in it until it is removed after this.
            let gate = unsafe { Self::of(key, front) }?;
            gate.change(|word| Some(word.led_by(front.second))).ok()
        };
        let (mut shard, front, hold) = queue::hold_front(shard, key, leads);
        let (front, hold) = (front?, hold?);
        // SAFETY: the shard is locked, and the first wait is in it until one is signalled below. The
        // reference is not used from then on.
        let gate = unsafe { Self::of(key, front) }?;
        let mut served = None;
        let serve = |word: Word| {
            let (after, step) = word.served::<R>(front, must_hand_off)?;
            served = Some(step);
            Some(after)
        };
        // Our last access to the gate: the wait may free it.
        gate.change(serve).ok()?;
        Some(match served? {
            Served::FirstCalled => shard.call_in_place(hold),
            Served::First | Served::Second => shard.signal(key, hold, Claim::Won),
        })
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
