//! The interface between an entry and its event or gate.

use core::any::TypeId;
use core::ptr;

use super::entry::Entry;
use super::table::{Removed, Shard};
use super::watch::StandIn;

/// What the owner of an entry asks of the event or the gate that it waits for. For waits for all, setters of other
/// objects do so, too, under the lock of watched objects.
pub(crate) trait Object: Sync + 'static {
    /// Whether all waits pass or none, whatever they ask for.
    fn is_shared(&self) -> bool;

    /// Whether a wait that is not queued passes at once. Does not block. `expires`: whether its limit has passed.
    fn try_pass(&self, request: u32, expires: bool) -> bool;

    /// Passes or links `entry`, in one step, as a wait that setters do not call. Returns whether it has passed.
    ///
    /// # Safety
    ///
    /// It is an entry for this object, it is not linked, and it stays in place until it is dropped.
    unsafe fn pass_or_queue(&self, entry: &Entry) -> bool;

    /// Whether a wait that is queued, and that no setter has released, passes by itself. Under the queue's lock. If it
    /// does, the owner removes the entry. If not, the object is found not to be set. `expires`: whether its limit has
    /// passed.
    fn pass_queued(&self, shard: &Shard, entry: &Entry, expires: bool) -> bool;

    /// After a wait has not passed: if waits in the queue are due to pass, serves them, unlocks, and returns `None`.
    fn serve_due(&self, shard: Shard) -> Option<Shard> {
        Some(shard)
    }

    /// Whether a wait may have failed because of a change that is due to others, and not served yet. Under the lock
    /// of watched objects.
    fn may_be_due(&self, stand_in: &StandIn) -> bool {
        let _ = stand_in;
        false
    }

    /// The owner has removed an entry. Changes the object accordingly, and lets other waits pass that may now.
    fn removed(&self, shard: Shard, removed: Removed);

    /// `entry` has passed, by a setter or by itself, and its owner returns. `blocks`: whether that is a thread that
    /// waits.
    fn released(&self, entry: &Entry, blocks: bool);

    /// The same, but its owner has no use for what the wait has taken: others get it.
    fn hand_on(&self, entry: &Entry);

    /// Whether it is watched, perhaps no more: tells whether the next [`try_pass`](Self::try_pass) is likely to take
    /// the lock.
    fn seems_watched(&self) -> bool {
        false
    }

    /// Moves the byte or the word of the object to its stand-in, and leaves the mark. Under the lock of its queue,
    /// and that of watched objects. Returns whether it has a queue.
    fn watch(&self, stand_in: &StandIn) -> bool;

    /// Moves it back. As [`watch`](Self::watch).
    fn unwatch(&self, stand_in: &StandIn);

    /// Whether a wait for all may take from the object, which is watched, before the waits in its queue. If not,
    /// and the wait does not block, the object is found not to be set. Under the lock of watched objects, as
    /// `take`.
    fn passes(&self, stand_in: &StandIn, request: u32, blocks: bool) -> bool;

    /// Takes what a wait takes that [passes](Self::passes).
    fn take(&self, stand_in: &StandIn, request: u32);
}

/// What a wait is for: an object, and what is asked of it.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(super) object: *const (),
    pub(super) object_type: &'static ObjectType,
    pub(super) request: u32,
}

impl Target {
    pub(crate) fn new<T: Object>(object: *const T, request: u32) -> Self {
        // Setters at a gate make a pointer of the address.
        let _address = object.expose_provenance();
        Self { object: object.cast(), object_type: ObjectType::of::<T>(), request }
    }

    /// # Safety
    ///
    /// The object is alive for `'a`.
    unsafe fn object<'a>(self) -> &'a dyn Object {
        // SAFETY: it is of this type, and alive, as the caller says.
        unsafe { &*self.object_type.cast(self.object) }
    }

    /// The name of the object's queue.
    pub(crate) fn key(self) -> usize {
        self.object.addr()
    }

    /// Whether the object is of this type.
    pub(crate) fn is<T: Object>(self) -> bool {
        self.object_type.is::<T>()
    }

    /// Whether the same is asked of the same object.
    ///
    /// # Safety
    ///
    /// The objects are alive.
    pub(crate) unsafe fn is_same(self, other: Self) -> bool {
        ptr::eq(self.object, other.object)
            && self.object_type.is_same(other.object_type)
            // SAFETY: as here.
            && (self.request == other.request || unsafe { self.object() }.is_shared())
    }

    /// [`Object::try_pass`].
    ///
    /// # Safety
    ///
    /// The object is alive.
    pub(crate) unsafe fn try_pass(self, expires: bool) -> bool {
        // SAFETY: as here.
        unsafe { self.object() }.try_pass(self.request, expires)
    }
}

/// The type of an object, for those that have only its address.
pub(crate) struct ObjectType {
    id: fn() -> TypeId,
    cast: fn(*const ()) -> *const dyn Object,
}

impl ObjectType {
    pub(super) const fn of<T: Object>() -> &'static Self {
        const { &Self { id: TypeId::of::<T>, cast: |object| object.cast::<T>() } }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        ptr::eq(self, other) || (self.id)() == (other.id)()
    }

    /// Does not access an object.
    pub(crate) fn is<T: Object>(&self) -> bool {
        (self.id)() == TypeId::of::<T>()
    }

    pub(super) fn cast(&self, object: *const ()) -> *const dyn Object {
        (self.cast)(object)
    }
}
