//! The queues of waits: one for each object that is waited for.
//!
//! * [`entry`]: a wait's place in a queue, and how the wait ends.
//! * [`list`]: the entries of a queue, in order.
//! * [`group`]: what the entries of a wait for several objects have in common.
//! * [`object`]: the interface between an entry and its event or gate.
//! * [`table`]: finds the queue of an object by its address.
//! * [`wake`]: how threads and tasks are woken, and what becomes of a waker's panic.
//! * [`broadcast`]: wakes those of a queue that was released as a whole.
//! * [`poll`]: the steps of a future's wait, some of which blocking waits share.
//! * [`any`]: the steps of a wait for one of several objects.
//! * [`all`]: the steps of a wait for all of several objects.
//! * [`progress`]: how far such waits have come.
//! * [`few`]: a list that seldom needs to be allocated.
//! * [`watch`]: how an object is locked for which a wait for all waits, and when setters let such waits pass.
//!
//! A queue knows nothing of the object's byte or word, but that a [`StandIn`] keeps it while the object is watched. All
//! changes of a queue are made under the lock of its shard of the table, and so are the changes of the byte or word that
//! go with them: that lock is *the queue's lock*. Those of waits for all are made under the lock of watched objects.

mod all;
mod any;
pub(crate) mod broadcast;
mod entry;
mod few;
mod group;
mod list;
mod object;
mod poll;
mod progress;
pub(crate) mod table;
mod wake;
mod watch;

pub(crate) use self::all::AllOf;
pub(crate) use self::any::AnyOf;
pub(crate) use self::broadcast::{release_all, release_all_with, wake_others};
pub(crate) use self::entry::{Claim, Entry, Service, StayResult};
pub(crate) use self::few::Few;
pub(crate) use self::group::{hold_front, hold_own, hold_to_link};
pub(crate) use self::object::{Object, Target};
pub(crate) use self::table::{Front, Removed, Shard, Waiting, is_kept, lock, lock_to_wait};
pub(crate) use self::wake::{Wake, Wakes};
pub(crate) use self::watch::{StandIn, offer_to_all, serve_all, serve_all_and_wake};

/// A wait that has returned is used again.
#[cold]
#[track_caller]
fn has_completed() -> ! {
    panic!("this wait has completed before")
}

/// Calls `call` with the number of waits in the queue of an object that `rsevents` waits for, while the
/// queue is locked. For the tests of this project; not covered by semantic versioning.
pub fn inspect(address: usize, call: impl FnOnce(usize)) {
    let mut shard = lock(address);
    call(shard.len(address));
}

/// The same for the waits for all of several objects that have this object among them.
pub fn inspect_all(address: usize, call: impl FnOnce(usize)) {
    let mut queues = table::lock_watched();
    call(queues.len(address));
}

#[cfg(test)]
mod scenarios;
#[cfg(test)]
pub(crate) mod testing;
