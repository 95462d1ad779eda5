//! Entries without an event or a gate.

use core::ptr;

use super::list::Link;
use super::object::{ObjectType, Target};
use super::table::Found;
use super::{Entry, Front, Object, Removed, Service, Shard, StandIn, Waiting, lock_to_wait};

/// What such entries are for. It has no size, so there is one at every address.
struct Nothing;

impl Object for Nothing {
    fn is_shared(&self) -> bool {
        false
    }

    fn try_pass(&self, _: u32, _: bool) -> bool {
        false
    }

    fn pass_queued(&self, _: &Shard, _: &Entry, _: bool) -> bool {
        false
    }

    unsafe fn pass_or_queue(&self, entry: &Entry) -> bool {
        // SAFETY: as here.
        unsafe { enqueue(entry, Service::HandOff) };
        false
    }

    fn removed(&self, _: Shard, _: Removed) {}

    fn released(&self, _: &Entry, _: bool) {}

    fn hand_on(&self, _: &Entry) {}

    fn watch(&self, _: &StandIn) -> bool {
        false
    }

    fn unwatch(&self, _: &StandIn) {}

    fn passes(&self, _: &StandIn, _: u32, _: bool) -> bool {
        true
    }

    fn take(&self, _: &StandIn, _: u32) {}
}

pub(crate) fn entry(key: usize) -> Entry {
    // SAFETY: see `Nothing`.
    unsafe { Entry::new(Target::new(ptr::without_provenance::<Nothing>(key), 1)) }
}

/// # Safety
///
/// As for [`Queues::enqueue`](super::table::Queues::enqueue).
pub(crate) unsafe fn enqueue(entry: &Entry, service: Service) {
    let mut shard = lock_to_wait(entry.key());
    let is_first = shard.len(entry.key()) == 0;
    // SAFETY: as here.
    unsafe { shard.enqueue(entry, service, is_first) };
}

/// The front of a queue of such entries.
pub(crate) fn front(first: Waiting, second: Option<Waiting>) -> Front {
    Front {
        object_type: ObjectType::of::<Nothing>(),
        first,
        second,
        next: Link::NONE,
        is_called: false,
        found: Found::begin(0),
    }
}
