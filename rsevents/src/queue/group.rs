//! The claim of a wait for several objects. Such a wait has an entry for each object: these are the *members* of
//! its group.
//!
//! What follows is about waits for one of several. A wait for all uses the group only to sleep and to be woken: its
//! claim changes under the lock of watched objects, and no [`Hold`] is made for its members (see
//! [`watch`](super::watch)).
//!
//! A member is in the queue of its object as any other entry. But what it waits for may come from any of the
//! objects, and must be taken from one of them only. So each step that lets a member pass, by a setter or by the
//! owner, is made with a [`Hold`]: under the lock of the member's queue, it first takes the group's claim, then
//! changes the object, and then decides whether the group is won, or open again because the object had nothing to
//! give. Nothing is taken that would have to be given back, and no thread locks two queues at once.
//!
//! A thread that finds the group held by another one, which has the lock of another member's queue, must not pass
//! the member over: two sets would be merged although a wait is queued. It unlocks its own queue, waits for that
//! lock, and begins again.

use core::cell::Cell;
use core::task::Waker;
use core::{mem, ptr};
use std::time::Instant;

use super::entry::{Claim, Entry, sleep};
use super::list::{Link, Waiter};
use super::table::{Front, Shard, lock, lock_to_wait};
use super::wake::Wake;
use crate::sync::{AtomicU32, Ordering, UnsafeCell};

/// What the members of a wait for several objects have in common.
pub(crate) struct Group {
    claim: AtomicU32,
    /// A task, or the thread that sleeps with the address of the group. Accessed by the one that holds the group,
    /// and by the owner while no member is linked or after it was won. (Of a wait for all: under the lock of
    /// watched objects, too.)
    waiter: UnsafeCell<Waiter>,
    /// The first member. Changes only while none is linked.
    members: Cell<*const Entry>,
}

/// The state of a group. Of a wait for one of several objects:
///
/// | | | next states |
/// |---|---|---|
/// | `Open` | not released | `Held`; `Closed`, by the owner |
/// | `Held` | it is being decided whether this member lets the wait pass, by a thread that has locked its queue | `Open`, `Won`, by that thread |
/// | `Won` | this member has let the wait pass, and is not linked | none |
/// | `Closed` | not begun, or given up | `Open`, when it begins |
///
/// Members of a group that is won or closed may still be linked. They are *stale*: setters remove them and go on.
///
/// Of a wait for all, under the lock of watched objects:
///
/// | | | next states |
/// |---|---|---|
/// | `Open` | its members are linked, or it is about to link them or has given up | `Passed`, `Won` |
/// | `Passed(batch)` | a setter has let it pass; it is in the list of those that have passed, and its owner was not told yet | `Won` |
/// | `Won(batch)` | it has passed, and its owner knows. `batch` is no place, but tells with which others it has passed | none |
/// | `Closed` | not begun | `Open` |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Held(usize),
    Passed(usize),
    Won(usize),
    Closed,
}

/// The bits of a claim that hold the state. The others hold the place.
const STATE_BITS: u32 = 3;

impl State {
    /// The most members, because of the bits.
    pub(crate) const MOST: usize = 1 << (u32::BITS - STATE_BITS);

    const fn winner(self) -> Option<usize> {
        match self {
            Self::Won(place) => Some(place),
            _ => None,
        }
    }

    fn encode(self) -> u32 {
        let (state, place) = match self {
            Self::Open => (0, 0),
            Self::Held(place) => (1, place),
            Self::Passed(batch) => (2, batch),
            Self::Won(place) => (3, place),
            Self::Closed => (4, 0),
        };
        // Not above `MOST`.
        (place as u32) << STATE_BITS | state
    }

    fn decode(claim: u32) -> Self {
        let place = (claim >> STATE_BITS) as usize;
        match claim & ((1 << STATE_BITS) - 1) {
            0 => Self::Open,
            1 => Self::Held(place),
            2 => Self::Passed(place),
            3 => Self::Won(place),
            _ => Self::Closed,
        }
    }
}

impl Group {
    pub(super) fn new() -> Self {
        Self {
            claim: AtomicU32::new(State::Closed.encode()),
            waiter: UnsafeCell::new(Waiter::THREAD),
            members: Cell::new(ptr::null()),
        }
    }

    pub(super) fn state(&self) -> State {
        // Acquire: pairs with the release in `store`, and so with all that a setter wrote which has released the wait.
        State::decode(self.claim.load(Ordering::Acquire))
    }

    /// Whether the wait has passed, also if its owner has not seen that yet.
    pub(super) fn is_released(&self) -> bool {
        matches!(self.state(), State::Passed(_) | State::Won(_))
    }

    /// The member that has let the wait pass.
    pub(super) fn winner(&self) -> Option<usize> {
        self.state().winner()
    }

    fn store(&self, state: State) {
        // Release: pairs with the acquire of the owner and of the next one that holds the group.
        self.claim.store(state.encode(), Ordering::Release);
    }

    /// If it is open, makes it held or closed. Otherwise returns what it is.
    fn change_if_open(&self, after: State) -> Result<(), State> {
        let (before, after) = (State::Open.encode(), after.encode());
        // Acquire: pairs with the release of the last one that held it, which may have changed the waker. Also on
        // failure: of the setter that has released it.
        self.claim
            .compare_exchange(before, after, Ordering::Acquire, Ordering::Acquire)
            .map(drop)
            .map_err(State::decode)
    }

    /// Begins to wait. No member is linked.
    pub(super) fn open(&self, members: &[Entry], waker: Option<Waker>) {
        self.members.set(members.as_ptr());
        // SAFETY: no member is linked, and the caller is the owner.
        drop(unsafe { self.with_waiter(|old| mem::replace(old, Waiter::of(waker))) });
        self.store(State::Open);
    }

    /// The owner gives the wait up, unless it was released.
    pub(super) fn close(&self) -> Result<(), usize> {
        loop {
            match self.change_if_open(State::Closed) {
                Ok(()) | Err(State::Closed) => return Ok(()),
                Err(State::Won(place)) => return Err(place),
                Err(State::Open) => {}
                Err(State::Held(place)) => wait_out(self.key(place)),
                Err(State::Passed(_)) => unreachable!("no wait for all is closed"),
            }
        }
    }

    /// Sleeps until the group is won, or until the deadline passes.
    pub(super) fn sleep(&self, deadline: Option<Instant>) -> Option<usize> {
        let is_open = |state| matches!(state, State::Open | State::Held(_) | State::Passed(_));
        sleep(token(self), || self.state(), is_open, deadline).winner()
    }

    /// Calls `f` with what is woken for the group.
    ///
    /// # Safety
    ///
    /// The caller may access it, see [`Group::waiter`], and `f` does so only by the reference.
    pub(super) unsafe fn with_waiter<R>(&self, f: impl FnOnce(&mut Waiter) -> R) -> R {
        // SAFETY: as here.
        self.waiter.with_mut(|waiter| f(unsafe { &mut *waiter }))
    }

    /// What wakes the owner.
    ///
    /// # Safety
    ///
    /// The caller may access the waiter, see [`Group::waiter`].
    pub(super) unsafe fn take_wake(&self) -> Wake {
        // SAFETY: as here.
        let waker = unsafe { self.with_waiter(Waiter::take_waker) };
        waker.map_or_else(|| Wake::Thread(token(self)), Wake::Task)
    }

    /// A wait for all has passed, and its owner is to be told later. Under the lock of watched objects.
    pub(super) fn pass_asleep(&self, batch: usize) {
        self.store(State::Passed(batch));
    }

    /// The owner of a wait for all finds that it has passed. Under the lock of watched objects.
    pub(super) fn pass(&self, batch: usize) {
        self.store(State::Won(batch));
    }

    /// By the owner, when no member is linked any more.
    ///
    /// # Safety
    ///
    /// The caller is the owner, and no member is linked.
    pub(super) unsafe fn take_waker(&self) -> Option<Waker> {
        // SAFETY: as here.
        unsafe { self.with_waiter(Waiter::take_waker) }
    }

    /// Tells the owner that the wait has passed, and by what. The group may be gone when this returns.
    ///
    /// # Safety
    ///
    /// It has not been won, and nothing else can release it.
    pub(super) unsafe fn win(group: *const Self, place: usize) {
        // SAFETY: until its claim is stored, the group is alive.
        let Self { claim, .. } = unsafe { &*group };
        // Release: as in `store`.
        claim.store(State::Won(place).encode(), Ordering::Release);
    }

    /// The name of a member's queue, for those that have linked it or have locked the queue of another one.
    fn key(&self, place: usize) -> usize {
        // SAFETY: there is a member at each place that a state has.
        let member = unsafe { self.members.get().add(place) };
        // SAFETY: the members stay in place while one of them is linked, as that of the caller is, or the caller is the
        // owner. References to them are shared.
        unsafe { &*member }.key()
    }
}

fn token(group: *const Group) -> usize {
    group.addr()
}

/// Waits until a thread that holds a group has decided, which it does under the lock of this queue.
pub(super) fn wait_out(key: usize) {
    drop(lock(key));
}

#[cold]
fn unlock_and_wait_out(shard: Shard, key: usize) {
    drop(shard);
    wait_out(key);
}

/// The right to let a wait pass. As long as this exists, its queue is locked and, if the entry is a member of a group,
/// nothing else can release the group. If it is dropped, the group is open again.
#[must_use]
pub(crate) struct Hold {
    pub(super) link: Link,
    /// Null, if it is no member.
    group: *const Group,
}

/// What comes of the attempt to hold a wait.
pub(crate) enum Attempt {
    Held(Hold),
    /// Its group is won or closed.
    Stale,
    /// Its group is held by a thread that has locked another member's queue: that of this key.
    Busy(usize),
}

impl Hold {
    /// Under the lock of the entry's queue. The entry is linked, or the caller is its owner.
    #[inline]
    pub(super) fn attempt(link: Link) -> Attempt {
        let group = link.group();
        if group.is_null() {
            Attempt::Held(Self { link, group })
        } else {
            Self::of_member(link, group)
        }
    }

    #[cold]
    fn of_member(link: Link, pointer: *const Group) -> Attempt {
        // SAFETY: a group is alive while a member is linked, or the caller owns it.
        let group = unsafe { &*pointer };
        let place = link.place_after(group.members.get());
        match group.change_if_open(State::Held(place)) {
            Ok(()) => Attempt::Held(Self { link, group: pointer }),
            Err(State::Held(other)) => Attempt::Busy(group.key(other)),
            Err(_) => Attempt::Stale,
        }
    }

    /// Whether a linked entry is a member whose group is won or closed.
    pub(super) fn is_stale(link: Link) -> bool {
        // SAFETY: a group is alive while a member is linked.
        let group = unsafe { link.group().as_ref() };
        group.is_some_and(|group| matches!(group.state(), State::Won(_) | State::Closed))
    }

    /// Tells the owner of an entry that was unlinked, or stays linked if it is called in place. The entry and the
    /// group may be gone when this returns.
    #[inline]
    pub(super) fn signal(self, claim: Claim) -> Wake {
        let Self { link, group } = self;
        mem::forget(self);
        if group.is_null() { link.signal(claim) } else { Self::signal_group(link, group) }
    }

    #[cold]
    fn signal_group(link: Link, group: *const Group) -> Wake {
        // SAFETY: while it is held, the owner does not end the wait. So it is alive.
        let held = unsafe { &*group };
        // SAFETY: it is held.
        let wake = unsafe { held.take_wake() };
        Self::win(link, group);
        wake
    }

    /// The owner lets the wait pass. The entry is not linked.
    #[inline]
    pub(crate) fn pass(self) {
        let Self { link, group } = self;
        mem::forget(self);
        if !group.is_null() {
            Self::win(link, group);
        }
    }

    fn win(link: Link, group: *const Group) {
        link.set_claim(Claim::Won);
        // SAFETY: until its claim is stored, the group is alive.
        let place = link.place_after(unsafe { &*group }.members.get());
        // SAFETY: it is held, by the caller.
        unsafe { Group::win(group, place) };
    }

    /// Calls `f` with what is woken for the group of a member.
    pub(super) fn with_waiter<R>(&mut self, f: impl FnOnce(&mut Waiter) -> R) -> R {
        let group = self.group().expect("it is a member");
        // SAFETY: it is held. `f` has no other way to the waiter, as this is borrowed.
        unsafe { group.with_waiter(f) }
    }

    /// The group of a member.
    fn group(&self) -> Option<&Group> {
        // SAFETY: while it is held, the owner does not end the wait. So it is alive.
        unsafe { self.group.as_ref() }
    }
}

impl Drop for Hold {
    #[inline]
    fn drop(&mut self) {
        if let Some(group) = self.group() {
            group.store(State::Open);
        }
    }
}

/// What a setter finds in the queue of `key`, which is locked: the first entries, and a hold on the wait that is served
/// next. There is none if the first one was called, and is alone.
///
/// Removes stale members. Before it removes the first entry, it calls `before_removal`, which adapts the
/// object to the next one. If that returns `None`, the entries are not this object's, and the queue is as if it were
/// empty. Unlocks meanwhile, and locks again by `relock`. Returns `None` if that does.
#[inline]
pub(crate) fn hold_front(
    mut shard: Shard,
    relock: impl Fn() -> Option<Shard>,
    key: usize,
    before_removal: impl Fn(&Shard, Front) -> Option<()>,
) -> Option<(Shard, Option<Front>, Option<Hold>)> {
    loop {
        let Some(front) = shard.front(key) else { return Some((shard, None, None)) };
        let attempt = match front.hold() {
            None => return Some((shard, Some(front), None)),
            Some(Attempt::Held(hold)) => return Some((shard, Some(front), Some(hold))),
            Some(attempt) => attempt,
        };
        if let Err(shard) = pass_over(shard, key, attempt, &before_removal) {
            return Some((shard, None, None));
        }
        shard = relock()?;
    }
}

/// The wait that would be served next is stale, or it has to be waited until that is decided. Unlocks. If no other is to
/// be served, returns the shard, still locked.
#[cold]
fn pass_over(
    mut shard: Shard,
    key: usize,
    attempt: Attempt,
    before_removal: impl Fn(&Shard, Front) -> Option<()>,
) -> Result<(), Shard> {
    if let Attempt::Busy(other) = attempt {
        unlock_and_wait_out(shard, other);
        return Ok(());
    }
    // Not passed by the caller, which would have to store it each time.
    let Some(front) = shard.front(key) else { return Err(shard) };
    if !front.is_called && before_removal(&shard, front).is_none() {
        return Err(shard);
    }
    shard.discard_next(front);
    // They may be many, so others get the lock between.
    if front.is_last() { Err(shard) } else { Ok(()) }
}

/// Locks the queue of an entry in order to link it, and holds it. Returns `None` if its group is won or closed.
#[inline]
pub(crate) fn hold_to_link(entry: &Entry) -> Option<(Shard, Hold)> {
    hold_in(lock_to_wait, lock_to_wait(entry.key()), entry)
}

/// Holds an entry of this thread, which was linked. Returns `None` if its group is won or closed. Its queue is locked
/// before and after, but may have been unlocked meanwhile.
#[inline]
pub(crate) fn hold_own(shard: Shard, entry: &Entry) -> Option<(Shard, Hold)> {
    hold_in(lock, shard, entry)
}

#[inline]
fn hold_in(
    lock: impl Fn(usize) -> Shard,
    mut shard: Shard,
    entry: &Entry,
) -> Option<(Shard, Hold)> {
    loop {
        // SAFETY: the caller is the owner, and has locked the queue.
        let other = match Hold::attempt(unsafe { Link::to(entry) }) {
            Attempt::Held(hold) => return Some((shard, hold)),
            Attempt::Stale => return None,
            Attempt::Busy(other) => other,
        };
        unlock_and_wait_out(shard, other);
        shard = lock(entry.key());
    }
}
